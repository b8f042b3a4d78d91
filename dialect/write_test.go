package dialect_test

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

func columns(t *schema.TableDef, names ...string) []*schema.ColumnDef {
	cols := make([]*schema.ColumnDef, len(names))
	for i, n := range names {
		if cols[i] = t.Column(n); cols[i] == nil {
			panic("no column " + n)
		}
	}
	return cols
}

// every is the columns of people that are written.
var every = []string{"id", "name", "email", "age", "small", "score", "ratio", "active", "data", "token", "meta", "tags", "balance", "status", "boss_id", "team_id", "created", "changed", "version"}

// values are a person's, different for each i, by column.
func values(i int) []any {
	email := any(fmt.Sprintf("m%d@x", i))
	if i%3 == 0 {
		email = nil
	}
	return []any{int64(100 + i), fmt.Sprintf("n%d \"q\" \\ {,} é", i), email, int32(i), int16(-i), float64(i) + 0.1, float32(0.1), i%2 == 0, []byte{byte(i), 0, 0xff, '\\'},
		[16]byte{byte(i)}, schema.JSON[map[string]int]{V: map[string]int{`"\`: i}}, []string{"a", `"\{},`, ""}, Price(fmt.Sprintf("%d.50", i)), Status("it's"), nil, nil, noon, noon, int64(1)}
}

func encode(t testing.TB, d dialect.Dialect, cols []*schema.ColumnDef, vals []any) []any {
	t.Helper()
	out := make([]any, len(cols))
	for i, c := range cols {
		v, err := field.Encode(d.Wire, c, vals[i])
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		out[i] = v
	}
	return out
}

// bulkArgs lays out rows as the statement takes them.
func bulkArgs(d dialect.Dialect, b dialect.Bulk, rows [][]any) []any {
	var args []any
	if !b.Columnar {
		for _, r := range rows {
			args = append(args, r...)
		}
		return args
	}
	elems := d.(dialect.ArrayElements)
	for c := range rows[0] {
		text := []byte{'{'}
		for i, r := range rows {
			if i > 0 {
				text = append(text, ',')
			}
			text = elems.AppendArrayElem(text, driver.Value(r[c]))
		}
		args = append(args, string(append(text, '}')))
	}
	return args
}

func fill(t testing.TB, d dialect.Dialect, db *sql.DB) {
	t.Helper()
	if db == nil {
		return
	}
	def := schema.DefOf(People)
	cols := columns(def, every...)
	var rows [][]any
	for i := range 4 {
		rows = append(rows, encode(t, d, cols, values(i)))
	}
	b := d.BulkInsert(def, cols, len(rows), nil)
	run(t, db, b.SQL, bulkArgs(d, b, rows)...)
}

func dump(t testing.TB, db *sql.DB, q string, args ...any) string {
	t.Helper()
	rows, err := db.Query(q, args...)
	if err != nil {
		t.Fatalf("%s\n%v", q, err)
	}
	defer rows.Close()
	cols, _ := rows.Columns()
	var b strings.Builder
	for rows.Next() {
		vals := make([]any, len(cols))
		for i := range vals {
			vals[i] = new(any)
		}
		if err := rows.Scan(vals...); err != nil {
			t.Fatal(err)
		}
		for _, v := range vals {
			fmt.Fprintf(&b, "%v|", *v.(*any))
		}
		b.WriteByte('\n')
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s\n%v", q, err)
	}
	return b.String()
}

func TestWriteTexts(t *testing.T) {
	p, s := schema.DefOf(People), schema.DefOf(Seats)
	id, ver := columns(p, "id"), columns(p, "version")
	pair, note := columns(s, "row", "col"), columns(s, "note")
	onUpdate := []expr.SetClause{{Column: People.Changed.Ref(), Value: expr.NodeOf(expr.Now())}, {Column: People.Age.Ref(), Value: expr.NodeOf(expr.Add(People.Age, -1))}}
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) {
			db := opened(t, d)
			var b strings.Builder
			put := func(name, text string, err error) {
				t.Helper()
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				fmt.Fprintf(&b, "-- %s\n%s\n\n", name, text)
				if db != nil {
					st, err := db.Prepare(text)
					if err != nil {
						t.Fatalf("%s: %s\n%v", name, text, err)
					}
					st.Close()
				}
			}
			bulk := func(name string, k dialect.Bulk, err error) { t.Helper(); put(name, k.SQL, err) }
			put("insert", d.InsertOne(p, columns(p, "name", "email", "tags"), columns(p, "id", "created")), nil)
			put("insert of defaults", d.InsertOne(s, nil, columns(s, "row")), nil)
			text, err := d.UpdateOne(p, columns(p, "name", "tags"), onUpdate, id, ver, columns(p, "changed"))
			put("update", text, err)
			text, err = d.UpdateOne(p, nil, onUpdate, id, nil, nil)
			put("update by expressions", text, err)
			text, err = d.UpdateOne(s, note, nil, pair, note, nil)
			put("update, matching what may be NULL", text, err)
			put("delete", d.DeleteOne(p, id, ver), nil)
			put("delete by two", d.DeleteOne(s, pair, note), nil)
			bulk("bulk insert", d.BulkInsert(p, columns(p, every...), 2, columns(p, "id", "name")), nil)
			bulk("bulk link", d.BulkLink(s, append(pair, note...), 2), nil)
			k, err := d.BulkUpdate(p, columns(p, "name", "tags", "status"), onUpdate, id, ver, 2, columns(p, "id", "changed"))
			bulk("bulk update", k, err)
			k, err = d.BulkUpdate(s, columns(s, "person_id"), nil, pair, note, 3, nil)
			bulk("bulk update, matching what may be NULL", k, err)
			k, err = d.BulkUpdate(p, nil, onUpdate, id, nil, 2, nil)
			bulk("bulk update by expressions", k, err)
			bulk("bulk delete", d.BulkDelete(p, id, nil, 3), nil)
			bulk("bulk delete, matching", d.BulkDelete(p, id, ver, 2), nil)
			bulk("bulk delete by two", d.BulkDelete(s, pair, nil, 2), nil)
			bulk("bulk delete, matching what may be NULL", d.BulkDelete(s, pair, note, 2), nil)
			upsert := func(name string, t *schema.TableDef, cols []*schema.ColumnDef, on dialect.Conflict, returning ...*schema.ColumnDef) {
				k, err := dialect.BulkUpsert(d, t, cols, 2, on, returning)
				bulk(name, k, err)
			}
			upsert("upsert", p, columns(p, "id", "name", "tags"), dialect.Conflict{On: id, Set: columns(p, "name", "tags"), Exprs: onUpdate}, columns(p, "id", "changed")...)
			upsert("upsert that does nothing", s, append(pair, note...), dialect.Conflict{On: pair, Nothing: true})
			upsert("upsert of rows with an equal column", s, append(pair, note...), dialect.Conflict{On: pair, Set: note, Same: note})
			if _, err := dialect.BulkUpsert(d, s, pair, 1, dialect.Conflict{On: pair}, nil); err == nil {
				t.Error("an upsert that assigns nothing was made")
			}
			if _, err := dialect.BulkUpsert(d, s, pair, 1, dialect.Conflict{Nothing: true}, nil); err == nil {
				t.Error("an upsert without a key was made")
			}
			text, ok := d.ReserveKeys(p)
			if !ok {
				t.Fatal("no keys can be reserved")
			}
			put("reserve keys", text, nil)
			if _, ok := d.ReserveKeys(s); ok {
				t.Error("keys of a table without an identity are reserved")
			}
			if _, err := d.UpdateOne(p, nil, nil, id, nil, nil); err == nil {
				t.Error("an UPDATE that assigns nothing was made")
			}
			if _, err := d.BulkUpdate(p, ver, nil, nil, nil, 2, nil); err == nil {
				t.Error("an UPDATE without a key was made")
			}
			for _, n := range []int{0, 1, 5, 10, 100, 2000, 40000} {
				if m := d.MaxBulkRows(n); m < 1 || n <= 32766 && !d.BulkInsert(p, id, 1, nil).Columnar && m*n > 32766 {
					t.Errorf("MaxBulkRows(%d) = %d", n, m)
				}
			}
			golden(t, "writes."+d.Name()+".golden", b.String())
		})
	}
}

// What is written in bulk is what is written one by one, for every kind.
func TestWritesAreEqual(t *testing.T) {
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) {
			db := opened(t, d)
			if db == nil {
				t.Skip("DORMER_TEST_POSTGRES is not set")
			}
			def := schema.DefOf(People)
			cols := columns(def, every...)
			key, set, ver := columns(def, "id"), columns(def, every[1:18]...), columns(def, "version")
			all := "SELECT * FROM people ORDER BY id"
			for i := range 4 {
				run(t, db, d.InsertOne(def, cols, nil), encode(t, d, cols, values(i))...)
			}
			single := dump(t, db, all)
			run(t, db, "DELETE FROM people")
			fill(t, d, db)
			if got := dump(t, db, all); got != single {
				t.Errorf("inserted in bulk:\n%sone by one:\n%s", got, single)
			}

			changed := func(i int) []any {
				v := values(i + 7)
				v[0] = int64(100 + i)
				return encode(t, d, cols, v)
			}
			var rows [][]any
			for i := range 4 {
				v := changed(i)
				text, err := d.UpdateOne(def, set, nil, key, ver, nil)
				if err != nil {
					t.Fatal(err)
				}
				args := append(append([]any{}, v[1:18]...), v[0], v[18])
				run(t, db, text, args...)
				rows = append(rows, append([]any{v[0], v[18]}, v[1:18]...))
			}
			single = dump(t, db, all)
			run(t, db, "DELETE FROM people")
			fill(t, d, db)
			b, err := d.BulkUpdate(def, set, nil, key, ver, len(rows), nil)
			if err != nil {
				t.Fatal(err)
			}
			rows[2][1] = int64(99) // a version that does not match
			res, err := db.Exec(b.SQL, bulkArgs(d, b, rows)...)
			if err != nil {
				t.Fatalf("%s\n%v", b.SQL, err)
			}
			if n, _ := res.RowsAffected(); n != 3 {
				t.Errorf("updated %d rows, want 3", n)
			}
			rows[2][1] = int64(1)
			run(t, db, b.SQL, bulkArgs(d, b, rows)...)
			if got := dump(t, db, all); got != single {
				t.Errorf("updated in bulk:\n%sone by one:\n%s", got, single)
			}

			del := d.BulkDelete(def, key, ver, 2)
			res, err = db.Exec(del.SQL, bulkArgs(d, del, [][]any{{int64(100), int64(1)}, {int64(101), int64(5)}})...)
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := res.RowsAffected(); n != 1 {
				t.Errorf("deleted %d rows, want 1", n)
			}
			del = d.BulkDelete(def, key, nil, 2)
			run(t, db, del.SQL, bulkArgs(d, del, [][]any{{int64(101)}, {int64(103)}})...)
			if got := dump(t, db, "SELECT id FROM people"); got != "102|\n" {
				t.Errorf("left after the deletes: %s", got)
			}
		})
	}
}

// A NULL is found by a value that may be NULL, and rows are found by two keys.
func TestBulkWithNulls(t *testing.T) {
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) {
			db := opened(t, d)
			if db == nil {
				t.Skip("DORMER_TEST_POSTGRES is not set")
			}
			def := schema.DefOf(Seats)
			key, note := columns(def, "row", "col"), columns(def, "note")
			ins := d.BulkInsert(def, append(key, note...), 3, nil)
			run(t, db, ins.SQL, bulkArgs(d, ins, [][]any{{int64(1), int64(1), nil}, {int64(1), int64(2), "a"}, {int64(2), int64(1), "NULL"}})...)
			up, err := d.BulkUpdate(def, note, nil, key, note, 3, key)
			if err != nil {
				t.Fatal(err)
			}
			got := dump(t, db, up.SQL, bulkArgs(d, up, [][]any{{int64(1), int64(1), nil, "x"}, {int64(1), int64(2), nil, "y"}, {int64(2), int64(1), "NULL", nil}})...)
			if strings.Count(got, "\n") != 2 || !strings.Contains(got, "1|1|") || !strings.Contains(got, "2|1|") {
				t.Errorf("updated %s", got)
			}
			del := d.BulkDelete(def, key, note, 2)
			run(t, db, del.SQL, bulkArgs(d, del, [][]any{{int64(2), int64(1), nil}, {int64(1), int64(2), nil}})...)
			if got := dump(t, db, "SELECT row, col, note FROM seats ORDER BY 1, 2"); got != "1|1|x|\n1|2|a|\n" {
				t.Errorf("left: %s", got)
			}
		})
	}
}

// A row that is there already is passed over, twice in one statement too; one
// that breaks another constraint is not.
func TestBulkLink(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		def := schema.DefOf(Seats)
		cols := columns(def, "row", "col", "note")
		link := func(want int64, rows ...[]any) {
			t.Helper()
			b := d.BulkLink(def, cols, len(rows))
			res, err := db.Exec(b.SQL, bulkArgs(d, b, rows)...)
			if err != nil {
				t.Fatalf("%s\n%v", b.SQL, err)
			}
			if n, _ := res.RowsAffected(); n != want {
				t.Errorf("%d rows were inserted, want %d", n, want)
			}
		}
		link(2, []any{int64(1), int64(1), "a"}, []any{int64(1), int64(2), nil})
		link(1, []any{int64(1), int64(1), "b"}, []any{int64(2), int64(1), "c"}, []any{int64(2), int64(1), "d"})
		link(0, []any{int64(1), int64(2), "e"})
		all := "SELECT row, col, note FROM seats ORDER BY 1, 2"
		if got := dump(t, db, all); got != "1|1|a|\n1|2|<nil>|\n2|1|c|\n" {
			t.Errorf("linked %s", got)
		}
		bad := d.BulkLink(def, columns(def, "row", "col", "person_id"), 1)
		if _, err := db.Exec(bad.SQL, bulkArgs(d, bad, [][]any{{int64(9), int64(9), int64(404)}})...); err == nil {
			t.Error("a link to nobody was inserted")
		}
		key := columns(def, "row", "col")
		del := d.BulkDelete(def, key, nil, 2)
		run(t, db, del.SQL, bulkArgs(d, del, [][]any{{int64(1), int64(1)}, {int64(2), int64(1)}})...)
		if got := dump(t, db, all); got != "1|2|<nil>|\n" {
			t.Errorf("left %s", got)
		}
	})
}

func TestReservedKeys(t *testing.T) {
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) {
			db := opened(t, d)
			if db == nil {
				t.Skip("DORMER_TEST_POSTGRES is not set")
			}
			def := schema.DefOf(Teams)
			q, _ := d.ReserveKeys(def)
			ins := d.InsertOne(def, columns(def, "title"), columns(def, "id"))
			switch d.Capabilities().KeyReservation {
			case dialect.KeysBySequence:
				if got := dump(t, db, q, 3); got != "1|\n2|\n3|\n" {
					t.Error(got)
				}
				if got := dump(t, db, ins, "x"); got != "4|\n" {
					t.Error(got)
				}
			case dialect.KeysByMax:
				if got := dump(t, db, q); got != "0|\n" {
					t.Error(got)
				}
				dump(t, db, ins, "x")
				if got := dump(t, db, q); got != "1|\n" {
					t.Error(got)
				}
			}
		})
	}
}

// An UPDATE from VALUES must find its rows by the index.
func TestBulkUpdateUsesTheKey(t *testing.T) {
	d := dialects[0]
	db := opened(t, d)
	p, s := schema.DefOf(People), schema.DefOf(Seats)
	a, _ := d.BulkUpdate(p, columns(p, "name"), nil, columns(p, "id"), nil, 2, nil)
	b, _ := d.BulkUpdate(s, columns(s, "note"), nil, columns(s, "row", "col"), nil, 2, nil)
	c := d.BulkDelete(s, columns(s, "row", "col"), nil, 2)
	for text, n := range map[string]int{a.SQL: 4, b.SQL: 6, c.SQL: 4} {
		plan := dump(t, db, "EXPLAIN QUERY PLAN "+text, make([]any, n)...)
		if !strings.Contains(plan, "SEARCH") || strings.Contains(plan, "SCAN people") || strings.Contains(plan, "SCAN seats") {
			t.Errorf("%s\n%s", text, plan)
		}
	}
}
