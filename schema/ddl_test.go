package schema

import (
	"fmt"
	"slices"
	"testing"

	"github.com/dormer-orm/dormer/expr"
)

// linked are tables with a foreign key from each to those named after it; a
// name that ends in ? may be NULL.
func linked(links ...[]string) map[string]*TableDef {
	tables := make(map[string]*TableDef)
	for _, l := range links {
		t := &TableDef{Name: l[0]}
		t.Source = expr.NewSource("", t.Name, "", t)
		id := &ColumnDef{Table: t, Name: "id", PrimaryKey: true}
		t.Columns, t.PrimaryKey = []*ColumnDef{id}, []*ColumnDef{id}
		tables[l[0]] = t
	}
	for _, l := range links {
		t := tables[l[0]]
		for _, to := range l[1:] {
			null := to[len(to)-1] == '?'
			if null {
				to = to[:len(to)-1]
			}
			c := &ColumnDef{Table: t, Name: to + "_id", Nullable: null}
			t.Columns = append(t.Columns, c)
			t.ForeignKeys = append(t.ForeignKeys, &ForeignKeyDef{Name: "fk_" + t.Name + "_" + to, Table: t, Columns: []*ColumnDef{c}, RefTable: tables[to], RefColumns: tables[to].PrimaryKey})
		}
	}
	return tables
}

func describe(plan []DDL) (out []string) {
	for _, op := range plan {
		switch op := op.(type) {
		case CreateTable:
			s := "create " + op.Table.Name
			for _, k := range op.ForeignKeys {
				s += " " + k.Name
			}
			out = append(out, s)
		case DropTable:
			out = append(out, "drop "+op.Table.Name)
		case AddForeignKey:
			out = append(out, "add "+op.Key.Name)
		case DropForeignKey:
			out = append(out, "remove "+op.Key.Name)
		case CreateEnum:
			out = append(out, "enum "+op.Name)
		case DropEnum:
			out = append(out, "no enum "+op.Name)
		case CreateSchema:
			out = append(out, "schema "+op.Name)
		case CreateIndex:
			out = append(out, "index "+op.Index.Name)
		case CommentTable:
			out = append(out, "comment "+op.Table.Name)
		case CommentColumn:
			out = append(out, "comment "+op.Column.Table.Name+"."+op.Column.Name)
		default:
			out = append(out, fmt.Sprintf("%T", op))
		}
	}
	return out
}

func expect(t *testing.T, what string, plan []DDL, want ...string) {
	t.Helper()
	if got := describe(plan); !slices.Equal(got, want) {
		t.Errorf("%s:\n got  %q\n want %q", what, got, want)
	}
}

func TestPlanInForeignKeyOrder(t *testing.T) {
	m := linked([]string{"a", "b", "a?"}, []string{"b", "c", "elsewhere"}, []string{"c"}, []string{"elsewhere"})
	tables := []*TableDef{m["a"], m["b"], m["c"], m["a"]}
	for _, alter := range []bool{true, false} {
		expect(t, "create", PlanCreate(tables, alter), "create c", "create b fk_b_c fk_b_elsewhere", "create a fk_a_b fk_a_a")
		expect(t, "drop", PlanDrop(tables, alter), "drop a", "drop b", "drop c")
	}
	slices.Reverse(tables)
	expect(t, "reversed", PlanCreate(tables, true), "create c", "create b fk_b_c fk_b_elsewhere", "create a fk_a_b fk_a_a")
	expect(t, "nothing", PlanCreate(nil, true))
	expect(t, "nothing", PlanDrop(nil, false))
}

func TestPlanOfACycle(t *testing.T) {
	m := linked([]string{"a", "b"}, []string{"b", "a?"})
	tables := []*TableDef{m["a"], m["b"]}
	expect(t, "create, alter", PlanCreate(tables, true), "create b", "create a fk_a_b", "add fk_b_a")
	expect(t, "create", PlanCreate(tables, false), "create b fk_b_a", "create a fk_a_b")
	expect(t, "drop, alter", PlanDrop(tables, true), "remove fk_b_a", "drop a", "drop b")
	expect(t, "drop", PlanDrop(tables, false), "schema.DeferForeignKeys", "drop a", "drop b")
	if n := len(m["b"].ForeignKeys); n != 1 {
		t.Errorf("the plan changed the definition: %d foreign keys", n)
	}
}

func TestPlanOfAllElse(t *testing.T) {
	m := linked([]string{"a"}, []string{"b"})
	a, b := m["a"], m["b"]
	a.Schema, b.Schema = "s", "s"
	a.Comment, a.Columns[0].Comment = "x", "y"
	a.Indexes = []*IndexDef{{Name: "ix", Table: a}}
	enum := Type{Kind: EnumKind, EnumName: "e", Values: []string{"v"}}
	a.Columns[0].Type = Type{Kind: ArrayKind, Elem: &enum}
	b.Columns[0].Type = enum
	expect(t, "create", PlanCreate([]*TableDef{a, b}, true), "schema s", "enum e", "create a", "index ix", "comment a", "comment a.id", "create b")
	expect(t, "drop", PlanDrop([]*TableDef{a, b}, true), "drop b", "drop a", "no enum e")
}
