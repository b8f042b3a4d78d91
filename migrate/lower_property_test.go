package migrate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// lowered is what a database is to have: the catalog by apply, the rows by hand.
type lowered struct {
	cat  *schema.Catalog
	rows map[string][]map[string]string // of a table, by column, as text
	next int
}

var oddNames = []string{"plain", "With Case", `quo"te`, "select", "a.b", "ünï", "it's", "x;--", "%s", "$1", "[b]"}

func (m *lowered) name(t *rapid.T) string {
	m.next++
	return fmt.Sprintf("%s %d", rapid.SampledFrom(oddNames).Draw(t, "name"), m.next)
}

func doubleQuoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

var loweredTypes = []schema.Type{schema.LongText(), schema.Varchar(40), schema.Int(), schema.BigInt()}

func constant(t schema.Type, n int) any {
	if t.Kind == schema.TextKind {
		return fmt.Sprint(n)
	}
	return n
}

// change draws an operation that fits what there is, and makes it here.
func (m *lowered) change(t *rapid.T) []Operation {
	def := rapid.SampledFrom(m.cat.Tables).Draw(t, "table")
	table := nameOf(def)
	var free []*schema.ColumnDef
	for _, c := range def.Columns {
		if !c.Identity {
			free = append(free, c)
		}
	}
	rows := m.rows[def.Name]
	set := func(column, value string, all bool) {
		for _, r := range rows {
			if all || r[column] == "NULL" {
				r[column] = value
			}
		}
	}
	var op Op
	// An operation must not change with the catalog.
	column := func() *schema.ColumnDef { return schema.SpecOf(rapid.SampledFrom(free).Draw(t, "column")).Def() }
	stub := schema.NewTable(def.Name)
	kinds := []string{"add", "create index", "add check", "add unique", "add key", "rename table"}
	if len(free) > 0 {
		kinds = append(kinds, "drop", "rename", "type", "type", "null", "default")
	}
	switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
	case "add":
		name, typ := m.name(t), rapid.SampledFrom(loweredTypes).Draw(t, "type")
		s := schema.Col(name, typ)
		value := "NULL"
		if nullable := rapid.Bool().Draw(t, "nullable"); nullable {
			s.Nullable()
		}
		if rapid.Bool().Draw(t, "default") || !s.Def().Nullable && !rapid.Bool().Draw(t, "filled") {
			s.Default(constant(typ, 7))
			value = "7"
		}
		if p := op.pendingColumn(table, s); value == "NULL" && !s.Def().Nullable || rapid.Bool().Draw(t, "backfill") {
			p.Backfill(constant(typ, 9))
			value = "9"
		}
		for _, r := range rows {
			r[name] = value
		}
	case "drop":
		c := column()
		for _, r := range rows {
			delete(r, c.Name)
		}
		op.Add(DropColumn{Table: table, Name: c.Name, Was: c})
	case "rename":
		c, to := column(), m.name(t)
		for _, r := range rows {
			r[to] = r[c.Name]
			delete(r, c.Name)
		}
		op.Add(RenameColumn{table, c.Name, to})
	case "type":
		c, typ := column(), rapid.SampledFrom(loweredTypes).Draw(t, "type")
		to := *c
		to.Type = typ
		if c.ServerDefault != nil {
			to.ServerDefault = &expr.ParamNode{Value: constant(typ, 8)}
		}
		a := AlterColumn{Table: table, From: c, To: &to}
		if c.Nullable && rapid.Bool().Draw(t, "fill") {
			to.Nullable, a.Backfill = false, &expr.ParamNode{Value: constant(typ, 3)}
			set(c.Name, "3", false)
		}
		op.Add(a)
	case "null":
		c := column()
		to := *c
		a := AlterColumn{Table: table, From: c, To: &to}
		if to.Nullable = !c.Nullable; !to.Nullable {
			a.Backfill = &expr.ParamNode{Value: constant(c.Type, 4)}
			set(c.Name, "4", false)
		}
		op.Add(a)
	case "default":
		c := column()
		to := *c
		to.ServerDefault = &expr.ParamNode{Value: constant(c.Type, m.next)}
		if c.ServerDefault != nil {
			to.ServerDefault = nil
		}
		op.Add(AlterColumn{Table: table, From: c, To: &to})
	case "create index":
		if len(def.Indexes) > 2 {
			x := rapid.SampledFrom(def.Indexes).Draw(t, "index")
			if rapid.Bool().Draw(t, "rename") {
				op.Add(RenameIndex{table, x.Name, m.name(t)})
			} else {
				op.Add(DropIndex{Table: table, Name: x.Name})
			}
			break
		}
		x := schema.IndexOn(m.name(t), "id")
		if len(free) > 0 {
			c := column().Name
			x.Then(c, rapid.Bool().Draw(t, "desc"), expr.NullsDefault)
			if rapid.Bool().Draw(t, "partial") {
				x.Where(schema.SQL(doubleQuoted(c) + " IS NOT NULL"))
			}
		}
		op.Add(CreateIndex{Table: table, Index: x.Def(stub)})
	case "add check":
		if len(def.Checks) > 1 {
			op.Add(DropConstraint{Table: table, Kind: schema.CheckConstraint, Name: rapid.SampledFrom(def.Checks).Draw(t, "check").Name})
			break
		}
		c := "id"
		if len(free) > 0 {
			c = column().Name
		}
		op.Add(AddCheck{table, &schema.CheckDef{Name: m.name(t), Cond: schema.SQL("coalesce(" + doubleQuoted(c) + " IS NULL, TRUE) IN (TRUE, FALSE)")}})
	case "add unique":
		if len(def.Uniques) > 1 {
			u := rapid.SampledFrom(def.Uniques).Draw(t, "unique")
			if rapid.Bool().Draw(t, "rename") {
				op.Add(RenameConstraint{table, u.Name, m.name(t)})
			} else {
				op.Add(DropConstraint{Table: table, Kind: schema.UniqueConstraint, Name: u.Name})
			}
			break
		}
		cols := []string{"id"}
		if len(free) > 0 {
			cols = append(cols, column().Name)
		}
		op.Add(addUnique(table, m.name(t), cols))
	case "add key":
		if len(def.ForeignKeys) > 0 {
			op.Add(DropConstraint{Table: table, Kind: schema.ForeignKeyConstraint, Name: def.ForeignKeys[0].Name})
			break
		}
		to := rapid.SampledFrom(m.cat.Tables).Draw(t, "target")
		op.Add(AddForeignKey{table, schema.Reference(m.name(t), []string{"id"}, to.Name, []string{"id"}).OnDelete(schema.Cascade).Def(stub)})
	case "rename table":
		to := strings.ReplaceAll(m.name(t), ".", "_")
		m.rows[to] = rows
		delete(m.rows, def.Name)
		op.Add(RenameTable{table, to})
	}
	for _, o := range op.Operations() {
		if err := o.apply(m.cat); err != nil {
			t.Fatalf("%s: %v", about(o), err)
		}
	}
	return op.Operations()
}

func (op *Op) pendingColumn(t Table, s *schema.ColumnSpec) *Pending {
	op.Add(AddColumn{Table: t, Column: s.Def()})
	return op.pending()
}

// outline is what a catalog has, without the text of expressions, which PostgreSQL
// prints in its own way.
func outline(t interface{ Fatal(...any) }, db *engine.Engine, c *schema.Catalog) string {
	var lines []string
	for _, x := range c.Tables {
		for _, col := range x.Columns {
			typ, err := db.Dialect().ColumnType(col)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, fmt.Sprintf("%q.%q %s nullable %v default %v", x.Name, col.Name, typ, col.Nullable, col.ServerDefault != nil))
		}
		for _, u := range x.Uniques {
			lines = append(lines, fmt.Sprintf("%q unique %q %q", x.Name, u.Name, columnList(u.Columns)))
		}
		for _, k := range x.Checks {
			lines = append(lines, fmt.Sprintf("%q check %q", x.Name, k.Name))
		}
		for _, k := range x.ForeignKeys {
			lines = append(lines, fmt.Sprintf("%q key %q to %q", x.Name, k.Name, k.RefTable.Name))
		}
		for _, i := range x.Indexes {
			s := fmt.Sprintf("%q index %q %v", x.Name, i.Name, i.Where != nil)
			for _, p := range i.Parts {
				s += fmt.Sprintf(" %q %v", p.Column.Name, p.Desc)
			}
			lines = append(lines, s)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func columnList(cols []*schema.ColumnDef) (names []string) {
	for _, c := range cols {
		names = append(names, c.Name)
	}
	return names
}

// Whatever operations are lowered together, the database has what apply says, and
// no value is lost or changed but by them.
func TestLowerProperty(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			empty := emptied(t, d)
			rapid.Check(t, func(rt *rapid.T) {
				db := empty()
				var op Op
				m := &lowered{rows: map[string][]map[string]string{}}
				for _, n := range []string{"one", "two"} {
					op.CreateTable(n, schema.Col("id", schema.BigInt()).Identity(), schema.Col("val", schema.LongText()).Nullable(), schema.Key("id"))
					for i := range 3 {
						m.rows[n] = append(m.rows[n], map[string]string{"id": fmt.Sprint(i + 1), "val": fmt.Sprint(i * 1000)})
					}
				}
				if err := carry(t, db, op.Operations()...); err != nil {
					rt.Fatal(err)
				}
				for _, n := range []string{"one", "two"} {
					execAll(t, db, "INSERT INTO "+n+" (val) VALUES ('0'), ('1000'), ('2000')")
				}
				for range rapid.IntRange(1, 3).Draw(rt, "batches") {
					m.cat = catalogOf(t, db)
					var ops []Operation
					for range rapid.IntRange(1, 6).Draw(rt, "operations") {
						ops = append(ops, m.change(rt)...)
					}
					if err := carry(t, db, ops...); err != nil {
						rt.Fatalf("%v\n%s", err, opList(ops))
					}
					if want, got := outline(rt, db, m.cat), outline(rt, db, catalogOf(t, db)); got != want {
						rt.Fatalf("the schema differs:\n%s\n%s", differing(want, got), opList(ops))
					}
					m.compare(t, rt, db, ops)
				}
			})
		})
	}
}

func opList(ops []Operation) string {
	var lines []string
	for _, o := range ops {
		lines = append(lines, fmt.Sprintf("%s %+v", about(o), o))
	}
	return strings.Join(lines, "\n")
}

func (m *lowered) compare(t *testing.T, rt *rapid.T, db *engine.Engine, ops []Operation) {
	for name, rows := range m.rows {
		var columns []string
		for c := range rows[0] {
			columns = append(columns, c)
		}
		slices.Sort(columns)
		query, want := "", ""
		for _, c := range columns {
			query += ", CAST(" + doubleQuoted(c) + " AS TEXT)"
		}
		for _, r := range rows {
			var cells []string
			for _, c := range columns {
				cells = append(cells, r[c])
			}
			want += strings.Join(cells, "|") + "\n"
		}
		if got := rowsOf(t, db, "SELECT "+query[2:]+" FROM "+doubleQuoted(name)+" ORDER BY id") + "\n"; got != want {
			rt.Fatalf("rows of %s, %q:\ngot\n%swant\n%s%s", name, columns, got, want, opList(ops))
		}
	}
}
