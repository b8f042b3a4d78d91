package dialect_test

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

// secret stands in every value that violates something: it must not be in a
// message.
const secret = "hush-hush"

func TestViolations(t *testing.T) {
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) {
			db := opened(t, d)
			if db == nil {
				t.Skip("DORMER_TEST_POSTGRES is not set")
			}
			fill(t, d, db)
			run(t, db, "INSERT INTO seats (row, col, person_id, note) VALUES (7, 8, 100, 'x')")
			run(t, db, `UPDATE people SET email = '`+secret+`' WHERE id = 101`)
			def := schema.DefOf(People)
			cols := columns(def, every...)
			person := func(id int64, change func(vals []any)) (string, []any) {
				vals := values(int(id))
				vals[0] = id
				change(vals)
				return d.InsertOne(def, cols, nil), encode(t, d, cols, vals)
			}
			for _, c := range []struct {
				name       string
				exec       func() (string, []any)
				kind       error
				constraint string // "" is not looked at
				table      string
				columns    []string
			}{
				{"unique", func() (string, []any) { return person(500, func(v []any) { v[2] = secret }) }, dialect.ErrUnique, "uq_people_email", "people", []string{"email"}},
				{"primary key", func() (string, []any) { return person(100, func(v []any) { v[1], v[2] = secret, nil }) }, dialect.ErrUnique, "people_pkey", "people", []string{"id"}},
				{"composite key", func() (string, []any) {
					return "INSERT INTO seats (row, col, note) VALUES (7, 8, '" + secret + "')", nil
				}, dialect.ErrUnique, "seats_pkey", "seats", []string{"row", "col"}},
				{"two columns", func() (string, []any) {
					return "INSERT INTO seats (row, col, person_id, note) VALUES (7, 9, 100, 'x')", nil
				}, dialect.ErrUnique, "uq_seats_person_id_note", "seats", []string{"person_id", "note"}},
				{"unique index on an expression", func() (string, []any) {
					set := func(name string) func([]any) {
						return func(v []any) { v[1], v[2], v[3], v[13] = name, nil, int32(1), Status("new") }
					}
					q, args := person(501, set(secret))
					run(t, db, q, args...)
					return person(502, set(strings.ToUpper(secret)))
				}, dialect.ErrUnique, "ux_lower", "people", nil},
				{"not null", func() (string, []any) { return "UPDATE people SET name = NULL WHERE id = 100", nil }, dialect.ErrNotNull, "", "people", []string{"name"}},
				{"check", func() (string, []any) { return "UPDATE people SET age = -7, active = TRUE WHERE id = 100", nil }, dialect.ErrCheck, "ck_age", "people", nil},
				{"foreign key", func() (string, []any) { return "UPDATE seats SET person_id = 4711", nil }, dialect.ErrForeignKey, "", "", nil},
				{"table missing", func() (string, []any) { return "SELECT '" + secret + "' FROM nowhere", nil }, dialect.ErrUndefinedTable, "", "nowhere", nil},
			} {
				q, args := c.exec()
				_, err := db.Exec(q, args...)
				if err == nil {
					t.Errorf("%s: no error", c.name)
					continue
				}
				got := d.Translate(fmt.Errorf("engine: %w", err))
				if !errors.Is(got, c.kind) || !errors.Is(got, err) {
					t.Errorf("%s: %v (%T) is not %v, or lost the driver's error %v", c.name, got, got, c.kind, err)
					continue
				}
				if strings.Contains(got.Error(), secret) {
					t.Errorf("%s: the message tells a value: %v", c.name, got)
				}
				dialect.Complete(got, meta.Tables())
				v := violation(got)
				if c.constraint != "" && v.Constraint != c.constraint || v.Table != c.table && c.table != "" || c.columns != nil && !slices.Equal(v.Columns, c.columns) {
					t.Errorf("%s: %+v, want %s, %s, %v", c.name, v, c.constraint, c.table, c.columns)
				}
				if d.Translate(got) != got {
					t.Errorf("%s: translated twice", c.name)
				}
			}
		})
	}
}

// violation is what a typed error says, as far as it does.
func violation(err error) dialect.Violation {
	var u *dialect.UniqueViolation
	var f *dialect.ForeignKeyViolation
	var n *dialect.NotNullViolation
	var c *dialect.CheckViolation
	var m *dialect.UndefinedTable
	switch {
	case errors.As(err, &u):
		return u.Violation
	case errors.As(err, &f):
		return f.Violation
	case errors.As(err, &n):
		return n.Violation
	case errors.As(err, &c):
		return c.Violation
	case errors.As(err, &m):
		return dialect.Violation{Table: m.Table}
	}
	return dialect.Violation{}
}

func TestForeignKeyDetail(t *testing.T) {
	d := dialects[1]
	db := opened(t, d)
	if db == nil {
		t.Skip("DORMER_TEST_POSTGRES is not set")
	}
	fill(t, d, db)
	_, err := db.Exec("INSERT INTO seats (row, col, person_id) VALUES (1, 1, 4711)")
	v := violation(d.Translate(err))
	if v.Table != "seats" || v.Constraint != "fk_seats_person_id" || !slices.Equal(v.Columns, []string{"person_id"}) {
		t.Errorf("child: %+v", v)
	}
	run(t, db, "INSERT INTO teams (title, lead_id) VALUES ('x', 100)")
	_, err = db.Exec("DELETE FROM people WHERE id = 100")
	v = violation(d.Translate(err))
	if v.Table != "teams" || v.Constraint != "fk_teams_lead_id" || v.Columns != nil {
		t.Errorf("parent: %+v", v)
	}
	for q, kind := range map[string]error{
		"INSERT INTO people (name) VALUES (repeat('x', 101))":               dialect.ErrValue,
		"SELECT 70000::smallint":                                            dialect.ErrValue,
		"SELECT 'x'::uuid":                                                  dialect.ErrValue,
		"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$":              dialect.ErrSerialization,
		"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40P01'; END $$":              dialect.ErrDeadlock,
		"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '55P03'; END $$":              dialect.ErrLockTimeout,
		"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '57014'; END $$":              dialect.ErrCanceled,
		"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '08006'; END $$":              dialect.ErrConnectionLost,
		"DO $$ BEGIN SET TRANSACTION READ ONLY; DELETE FROM people; END $$": dialect.ErrReadOnly,
	} {
		if _, err := db.Exec(q); !errors.Is(d.Translate(err), kind) {
			t.Errorf("%s: %v", q, err)
		}
	}
}

// pgError and liteError are driver errors as pgx and mattn have them.
type (
	pgError struct{ Code, Message, Detail, TableName, ColumnName, ConstraintName string }
	errNo   int
	liteErr struct {
		Code         errNo
		ExtendedCode errNo
		text         string
	}
)

func (e *pgError) Error() string    { return e.Message }
func (e *pgError) SQLState() string { return e.Code }
func (e liteErr) Error() string     { return e.text }

func TestTranslateOfOtherDrivers(t *testing.T) {
	lite, pg := dialects[0], dialects[1]
	for _, c := range []struct {
		d    dialect.Dialect
		err  error
		kind error
		want dialect.Violation
	}{
		{pg, &pgError{Code: "23505", TableName: "t", ConstraintName: "u", Detail: `Key (a, "b ""c""")=(x, (y)) already exists.`}, dialect.ErrUnique, dialect.Violation{Constraint: "u", Table: "t", Columns: []string{"a", `b "c"`}}},
		{pg, &pgError{Code: "23505", Detail: "Key (lower(a))=(x) already exists."}, dialect.ErrUnique, dialect.Violation{}},
		{pg, &pgError{Code: "23505", Detail: "Key (a"}, dialect.ErrUnique, dialect.Violation{}},
		{pg, &pgError{Code: "23502", TableName: "t", ColumnName: "c"}, dialect.ErrNotNull, dialect.Violation{Table: "t", Columns: []string{"c"}}},
		{pg, &pgError{Code: "23514", TableName: "t", ConstraintName: "c"}, dialect.ErrCheck, dialect.Violation{Table: "t", Constraint: "c"}},
		{pg, &pgError{Code: "57P01"}, dialect.ErrConnectionLost, dialect.Violation{}},
		{pg, &pgError{Code: "42P01", Message: `relation "s.t" does not exist`}, dialect.ErrUndefinedTable, dialect.Violation{Table: "t"}},
		{lite, liteErr{Code: 19, ExtendedCode: 2067, text: "UNIQUE constraint failed: t.a, t.b"}, dialect.ErrUnique, dialect.Violation{Table: "t", Columns: []string{"a", "b"}}},
		{lite, liteErr{Code: 19, text: "UNIQUE constraint failed: index 'ix'"}, dialect.ErrUnique, dialect.Violation{Constraint: "ix"}},
		{lite, liteErr{Code: 19, ExtendedCode: 275, text: "CHECK constraint failed: ck"}, dialect.ErrCheck, dialect.Violation{Constraint: "ck"}},
		{lite, liteErr{Code: 19, ExtendedCode: 787, text: "FOREIGN KEY constraint failed"}, dialect.ErrForeignKey, dialect.Violation{}},
		{lite, liteErr{Code: 5, ExtendedCode: 517}, dialect.ErrSerialization, dialect.Violation{}},
		{lite, liteErr{Code: 6}, dialect.ErrSerialization, dialect.Violation{}},
		{lite, liteErr{Code: 8}, dialect.ErrReadOnly, dialect.Violation{}},
		{lite, liteErr{Code: 9}, dialect.ErrCanceled, dialect.Violation{}},
		{lite, liteErr{Code: 18}, dialect.ErrValue, dialect.Violation{}},
	} {
		got := c.d.Translate(c.err)
		v := violation(got)
		v.Err = nil
		if !errors.Is(got, c.kind) || fmt.Sprint(v) != fmt.Sprint(c.want) {
			t.Errorf("%v: %v, %+v; want %v, %+v", c.err, got, v, c.kind, c.want)
		}
	}
	for _, d := range dialects {
		for _, err := range []error{driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, sql.ErrConnDone, net.ErrClosed, &net.OpError{Op: "read", Err: errors.New("x")}} {
			if !errors.Is(d.Translate(fmt.Errorf("x: %w", err)), dialect.ErrConnectionLost) {
				t.Errorf("%s: %v is no lost connection", d.Name(), err)
			}
		}
		for _, err := range []error{nil, errors.New("x"), sql.ErrNoRows, &pgError{Code: "42601"}} {
			if got := d.Translate(err); got != err {
				t.Errorf("%s: %v became %v", d.Name(), err, got)
			}
		}
	}
}
