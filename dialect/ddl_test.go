package dialect_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

func TestDDL(t *testing.T) {
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) {
			alter := d.Capabilities().AlterForeignKeys
			var b strings.Builder
			for _, op := range schema.PlanCreate(meta.Tables(), alter) {
				for _, s := range rendered(t, d, op) {
					b.WriteString(s + ";\n\n")
				}
			}
			db := opened(t, d) // runs all of it
			b.WriteString("-- drop\n\n")
			if db != nil && d.Name() == "sqlite" {
				run(t, db, "BEGIN")
			}
			fill(t, d, db)
			for _, op := range schema.PlanDrop(meta.Tables(), alter) {
				for _, s := range rendered(t, d, op) {
					b.WriteString(s + ";\n\n")
					if db != nil {
						run(t, db, s)
					}
				}
			}
			if db != nil && d.Name() == "sqlite" {
				run(t, db, "COMMIT")
			}
			golden(t, "ddl."+d.Name()+".golden", b.String())
			if db == nil {
				return
			}
			for _, table := range meta.Tables() {
				q, args := d.TableExists(table.Schema, table.Name)
				var there bool
				if err := db.QueryRow(q, args...).Scan(&there); err != nil || there {
					t.Errorf("%s after the drop: %v, %v", table.Name, there, err)
				}
			}
		})
	}
}

func TestExists(t *testing.T) {
	for _, d := range dialects {
		db := opened(t, d)
		if db == nil {
			continue
		}
		ask := func(q string, args []any) (there bool) {
			t.Helper()
			if q == "" {
				return true
			}
			if err := db.QueryRow(q, args...).Scan(&there); err != nil {
				t.Fatal(err)
			}
			return there
		}
		if !ask(d.TableExists("", "people")) || !ask(d.TableExists("", `select "x"`)) || ask(d.TableExists("", "nobody")) {
			t.Errorf("%s: TableExists is wrong", d.Name())
		}
		if d.Capabilities().NativeEnums && (!ask(d.EnumExists("people_status")) || ask(d.EnumExists("x"))) {
			t.Errorf("%s: EnumExists is wrong", d.Name())
		}
		if d.Capabilities().Schemas && (!ask(d.SchemaExists("public")) || ask(d.SchemaExists("x"))) {
			t.Errorf("%s: SchemaExists is wrong", d.Name())
		}
		if d.Capabilities().AlterForeignKeys {
			name := schema.DefOf(Teams).ForeignKeys[0].Name
			if !ask(d.ForeignKeyExists("", "teams", name)) || ask(d.ForeignKeyExists("", "teams", "x")) {
				t.Errorf("%s: ForeignKeyExists is wrong", d.Name())
			}
		}
	}
}

// table is a minimal definition that Define would not let through.
func table(name string, cols ...*schema.ColumnDef) *schema.TableDef {
	t := &schema.TableDef{Name: name, Columns: cols}
	for _, c := range cols {
		c.Table = t
	}
	return t
}

func TestDDLErrors(t *testing.T) {
	text := schema.Type{Kind: schema.TextKind}
	id := &schema.ColumnDef{Name: "id", Identity: true, Type: schema.Type{Kind: schema.Int64Kind}}
	for name, c := range map[string]struct {
		d    dialect.Dialect
		op   schema.DDL
		want string
	}{
		"NUL in table":       {sqlite.New(), schema.CreateTable{Table: table("a\x00b", &schema.ColumnDef{Name: "x", Type: text})}, "NUL"},
		"NUL in column":      {postgres.New(), schema.CreateTable{Table: table("a", &schema.ColumnDef{Name: "x\x00", Type: text})}, "NUL"},
		"empty column":       {postgres.New(), schema.CreateTable{Table: table("a", &schema.ColumnDef{Type: text})}, "empty name"},
		"no type":            {sqlite.New(), schema.CreateTable{Table: table("a", &schema.ColumnDef{Name: "x"})}, "has no type"},
		"no type, postgres":  {postgres.New(), schema.CreateTable{Table: table("a", &schema.ColumnDef{Name: "x"})}, "has no type"},
		"identity, no key":   {sqlite.New(), schema.CreateTable{Table: table("a", id)}, "not supported by sqlite"},
		"alter":              {sqlite.New(), schema.AddForeignKey{Key: &schema.ForeignKeyDef{Name: "fk", Table: table("a")}}, "not supported by sqlite"},
		"alter, drop":        {sqlite.New(), schema.DropForeignKey{Key: &schema.ForeignKeyDef{Name: "fk", Table: table("a")}}, "not supported by sqlite"},
		"foreign key":        {postgres.New(), schema.AddForeignKey{Key: &schema.ForeignKeyDef{Name: "fk", Table: table("a")}}, "pair up"},
		"index method":       {sqlite.New(), schema.CreateIndex{Index: &schema.IndexDef{Name: "i", Table: table("a"), Method: "gin", Parts: []schema.IndexPart{{Column: id}}}}, "gin is not supported"},
		"index method, name": {postgres.New(), schema.CreateIndex{Index: &schema.IndexDef{Name: "i", Table: table("a"), Method: "x; DROP", Parts: []schema.IndexPart{{Column: id}}}}, "only letters"},
		"index of nothing":   {postgres.New(), schema.CreateIndex{Index: &schema.IndexDef{Name: "i", Table: table("a")}}, "no columns"},
		"index nulls":        {sqlite.New(), schema.CreateIndex{Index: &schema.IndexDef{Name: "i", Table: table("a"), Parts: []schema.IndexPart{{Column: id, Nulls: expr.NullsLast}}}}, "NULLS"},
		"virtual column":     {postgres.New(), schema.CreateTable{Table: table("a", &schema.ColumnDef{Name: "x", Type: text, Computed: &expr.ParamNode{Value: 1}})}, "not stored"},
		"NUL in comment":     {postgres.New(), schema.CommentTable{Table: &schema.TableDef{Name: "a", Comment: "\x00"}}, "NUL"},
		"NUL in enum":        {postgres.New(), schema.CreateEnum{Name: "e", Values: []string{"\x00"}}, "NUL"},
	} {
		list, err := dialect.RenderDDL(c.d, c.op)
		if err == nil || list != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, %v; want an error with %q", name, list, err, c.want)
		}
	}
	_, err := dialect.RenderDDL(sqlite.New(), schema.AddForeignKey{Key: &schema.ForeignKeyDef{Name: "fk", Table: table("a")}})
	var u *dialect.UnsupportedError
	if !errors.As(err, &u) || u.Dialect != "sqlite" || !errors.Is(err, dialect.ErrUnsupported) {
		t.Errorf("%v is no UnsupportedError", err)
	}
}

// A text that stands in DDL reads back as it was, whatever is in it.
func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"", "it's", `a\b`, `\'; DROP TABLE x; --`, "é\u2028%_", "\r\n\t", "''", `E'\''`, "$1 ? ??"} {
		f.Add(s)
	}
	lite := opened(f, sqlite.New())
	pg := opened(f, postgres.New())
	f.Fuzz(func(t *testing.T, s string) {
		for _, d := range dialects {
			db := lite
			if d.Name() == "postgres" {
				db = pg
			}
			b, err := d.AppendLiteral(nil, s)
			if strings.IndexByte(s, 0) >= 0 {
				if err == nil {
					t.Fatalf("%s: a NUL was let through", d.Name())
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if db == nil || strings.ToValidUTF8(s, "") != s {
				continue // PostgreSQL takes valid UTF-8 only
			}
			var got string
			if err := db.QueryRow("SELECT " + string(b)).Scan(&got); err != nil || got != s {
				t.Fatalf("%s: %q came back as %q, %v (%s)", d.Name(), s, got, err, b)
			}
		}
	})
}

// A name that is quoted is one name, whatever is in it.
func FuzzQuoted(f *testing.F) {
	for _, s := range []string{"a", `a"b`, `"`, `a"; DROP TABLE people; --`, "é%_?$1", "a b", "select", `\"`} {
		f.Add(s)
	}
	lite := opened(f, sqlite.New())
	pg := opened(f, postgres.New())
	f.Fuzz(func(t *testing.T, s string) {
		if dialect.CheckName(s) != nil {
			if s != "" && strings.IndexByte(s, 0) < 0 {
				t.Fatalf("%q was refused", s)
			}
			return
		}
		for _, d := range dialects {
			db := lite
			if d.Name() == "postgres" {
				db = pg
			}
			if db == nil || strings.ToValidUTF8(s, "") != s || len(s) > 63 {
				continue
			}
			rows, err := db.Query("SELECT 1 AS " + string(d.AppendQuoted(nil, s)))
			if err != nil {
				t.Fatalf("%s: %q: %v", d.Name(), s, err)
			}
			cols, err := rows.Columns()
			rows.Close()
			if err != nil || len(cols) != 1 || cols[0] != s {
				t.Fatalf("%s: %q came back as %q, %v", d.Name(), s, cols, err)
			}
		}
	})
}
