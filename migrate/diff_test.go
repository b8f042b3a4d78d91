package migrate

import (
	"slices"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// revised is the set of one revision that makes the changes, and takes them back.
func revised(up, down []Operation) (set Set) {
	set.Add(Revision{ID: "r", Upgrade: func(op *Op) { op.Add(up...) }, Downgrade: func(op *Op) { op.Add(down...) }})
	return set
}

// alter applies operations to a database, as a revision does.
func alter(t testing.TB, db *engine.Engine, ops []Operation) {
	t.Helper()
	set := revised(ops, nil)
	if err := Stamp(t.Context(), db, set, []string{"base"}, Purge()); err != nil {
		t.Fatal(err)
	}
	if err := Upgrade(t.Context(), db, set, "head", AllowDataLoss()); err != nil {
		text, _ := printOps(ops)
		t.Fatalf("%v\n%s", err, text)
	}
}

// differences compares a database with tables and fails on notes.
func differences(t testing.TB, db *engine.Engine, tables []*schema.TableDef, opts ...DiffOption) *Difference {
	t.Helper()
	d, err := diffTables(t.Context(), db, tables, opts...)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range d.Notes {
		t.Errorf("note: %s", n)
	}
	return d
}

// noDifference fails where there is any.
func noDifference(t testing.TB, db *engine.Engine, tables []*schema.TableDef, opts ...DiffOption) {
	t.Helper()
	if d := differences(t, db, tables, opts...); !d.Empty() {
		t.Errorf("there is still a difference:\n%s", d)
	}
}

// everyColumn is a table with a column of each type and a default of each sort.
func everyColumn(d dialect.Dialect) *schema.TableDef {
	parts := []schema.TablePart{
		schema.Col("id", schema.BigInt()).Identity(),
		schema.Col("b", schema.Bool()).Default(true),
		schema.Col("b2", schema.Bool()).Nullable(),
		schema.Col("i16", schema.SmallInt()).Default(-3),
		schema.Col("i32", schema.Int()).Default(5),
		schema.Col("i64", schema.BigInt()).Default(int64(1) << 40),
		schema.Col("f32", schema.Real()).Default(float32(0.25)),
		schema.Col("f64", schema.Double()).Default(-2.5),
		schema.Col("s", schema.Varchar(50)).Default("it's \"quoted\" \\ x"),
		schema.Col("txt", schema.LongText()).Default(""),
		schema.Col("byt", schema.Bytes()).Nullable(),
		schema.Col("at", schema.Timestamp()).Default(schema.SQL("CURRENT_TIMESTAMP")),
		schema.Col("uid", schema.UUID()).Nullable(),
		schema.Col("doc", schema.Document()).Default(schema.SQL("'{}'")),
		schema.Col("price", schema.Numeric(12, 2)).Default("9.90"),
		schema.Col("free", schema.Numeric(0, 0)).Nullable(),
		schema.Col("list", schema.ArrayOf(schema.Varchar(10))).Nullable(),
		schema.Col("Mixed Case", schema.Int()).Nullable(),
		schema.Col("mood", schema.EnumType("mood", "sad", "it's ok")).Default("sad"),
		schema.Col("guarded", schema.EnumType("", "a", "b")).Default("a"),
		schema.Col("twice", schema.Int()).Nullable().Computed(schema.SQL("i32*2"), true),
		schema.Col("order", schema.CustomType("char(3)")).Default("abc"),
		schema.Key("id"),
		schema.UniqueKey("uq_every", "s", "i32"),
		schema.CheckThat("ck_every", schema.SQL("i32>0 AND s<>'x' OR b2 IN (true,false)")),
		schema.IndexOn("ix_every", "i64").Then("txt", true, expr.NullsDefault),
		schema.IndexOn("ix_every_part").ThenBy(schema.SQL("lower(txt)"), false, expr.NullsDefault).Unique().Where(schema.SQL("i32>10")),
	}
	if d.Capabilities().IndexMethods {
		parts = append(parts, schema.IndexOn("ix_every_gin", "doc").Method("gin"),
			schema.IndexOn("ix_every_nulls").Then("i16", true, expr.NullsLast).Then("i32", false, expr.NullsLast).Include("f64"))
	}
	if d.Capabilities().Comments {
		parts = append(parts, schema.TableComment("it's a table"), schema.Col("noted", schema.Int()).Nullable().Comment("it's a column").Collate(""),
			schema.Col("collated", schema.LongText()).Collate("C"))
	}
	return schema.NewTable("every", parts...)
}

// shop is a model with foreign keys of all sorts, a cycle among them.
func shop(d dialect.Dialect) []*schema.TableDef {
	return []*schema.TableDef{
		everyColumn(d),
		schema.NewTable("orders",
			schema.Col("id", schema.Int()).Identity(), schema.Col("customer", schema.BigInt()), schema.Col("parent", schema.Int()).Nullable(),
			schema.Key("id"),
			schema.Reference("fk_orders_customer", []string{"customer"}, "customers", []string{"id"}).OnDelete(schema.Cascade).OnUpdate(schema.Restrict),
			schema.Reference("fk_orders_parent", []string{"parent"}, "orders", []string{"id"}).OnDelete(schema.SetNull).Deferrable()),
		schema.NewTable("customers",
			schema.Col("id", schema.BigInt()), schema.Col("code", schema.Varchar(8)), schema.Col("last_order", schema.Int()).Nullable(),
			schema.Key("id"), schema.UniqueKey("uq_customers_code", "code", "id"),
			schema.Reference("fk_customers_last", []string{"last_order"}, "orders", []string{"id"})),
		schema.NewTable("lines",
			schema.Col("a", schema.Int()), schema.Col("b", schema.Varchar(8)), schema.Col("c", schema.BigInt()),
			schema.Key("b", "a"),
			schema.Reference("fk_lines", []string{"b", "c"}, "customers", []string{"code", "id"}).OnDelete(schema.SetDefault)),
	}
}

func TestFromNothingToTheModelAndBack(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			model := shop(db.Dialect())
			diff := differences(t, db, model)
			if again := differences(t, db, model); again.String() != diff.String() {
				t.Errorf("once:\n%s\nand then:\n%s", diff, again)
			}
			alter(t, db, diff.Operations)
			noDifference(t, db, model)
			noDifference(t, db, model, DropUnknown())
			back, lost := diff.Reverse()
			if len(lost) > 0 {
				t.Errorf("no way back from %v", lost)
			}
			alter(t, db, back)
			cat, err := Inspect(t.Context(), db, dialect.InspectOptions{})
			if cat != nil {
				cat.Tables = slices.DeleteFunc(cat.Tables, func(t *schema.TableDef) bool { return ownTable(t.Name) })
			}
			if err != nil || len(cat.Tables)+len(cat.Enums) > 0 {
				t.Errorf("%d tables and %d enums are left, %v", len(cat.Tables), len(cat.Enums), err)
			}
		})
	}
}

// tryExec runs a statement that may fail.
func tryExec(t testing.TB, db *engine.Engine, sql string) error {
	_, err := db.Exec(t.Context(), sql)
	return err
}
