package migrate

import (
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
)

// Types that SQLite spells alike are told apart by the revisions that made them, and
// what a column holds becomes a value of the new one or stops the upgrade.
func TestTypesOfOneSpelling(t *testing.T) {
	price := func(typ schema.Type) *schema.ColumnSpec { return schema.Col("price", typ) }
	for _, d := range databases(t) {
		for name, c := range map[string]struct {
			from, to   *schema.ColumnSpec
			good, want string // a value that becomes another
			bad        string // a value that becomes none
			loses      bool
		}{
			"narrower decimal":       {from: price(schema.Numeric(9, 2)), to: price(schema.Numeric(4, 2)), good: "12.50", want: "12.50", bad: "100.00"},
			"decimal of other scale": {from: price(schema.Numeric(9, 2)).Default("1"), to: price(schema.Numeric(9, 3)).Default("1"), good: "12.50", want: "12.500"},
			"text to decimal":        {from: price(schema.LongText()).Default("1"), to: price(schema.Numeric(9, 2)).Default("2"), good: "7.5", want: "7.50", bad: "seven", loses: true},
			"text to document":       {from: price(schema.LongText()).Default("{}"), to: price(schema.Document()).Default(schema.SQL("'{}'")), good: `{"a": 1}`, want: `{"a": 1}`, bad: "{"},
			"text to uuid":           {from: price(schema.LongText()), to: price(schema.UUID()), good: "0190B6D0-0000-7000-8000-000000000001", want: "0190b6d0-0000-7000-8000-000000000001", bad: "x"},
			"decimal to text":        {from: price(schema.Numeric(9, 2)).Default("1.5"), to: price(schema.LongText()).Default("1.5"), good: "7.50", want: "7.50"},
		} {
			t.Run(d.name+"/"+name, func(t *testing.T) {
				model := func(c *schema.ColumnSpec) []*schema.TableDef {
					return []*schema.TableDef{schema.NewTable("goods", schema.Col("id", schema.BigInt()), c, schema.Key("id"))}
				}
				known := func(set Set) DiffOption {
					g, err := set.graph()
					if err != nil {
						t.Fatal(err)
					}
					o, err := g.history()
					if err != nil {
						t.Fatal(err)
					}
					return o
				}
				begin := func(value string) (db *engine.Engine, set Set) {
					db = d.open(t)
					first := differences(t, db, model(c.from))
					set.Add(Revision{ID: "a", Upgrade: func(op *Op) { op.Add(first.Operations...) }})
					if err := Upgrade(t.Context(), db, set, "head"); err != nil {
						t.Fatal(err)
					}
					execAll(t, db, "INSERT INTO goods (id, price) VALUES (1, '"+value+"')")
					noDifference(t, db, model(c.from), known(set))
					diff := differences(t, db, model(c.to), known(set))
					if len(diff.Operations) != 1 || (diff.Operations[0].Loses() != "") != c.loses {
						t.Fatalf("%s", diff)
					}
					back, _ := diff.Reverse()
					set.Add(Revision{ID: "b", Parents: []string{"a"}, Upgrade: func(op *Op) { op.Add(diff.Operations...) }, Downgrade: func(op *Op) { op.Add(back...) }})
					return db, set
				}
				db, set := begin(c.good)
				if err := Upgrade(t.Context(), db, set, "head", AllowDataLoss()); err != nil {
					t.Fatal(err)
				}
				if got := rowsOf(t, db, "SELECT price FROM goods"); got != c.want {
					t.Errorf("%s has become %s", c.good, got)
				}
				noDifference(t, db, model(c.to), known(set))
				if err := Downgrade(t.Context(), db, set, "a"); err != nil {
					t.Fatal(err)
				}
				noDifference(t, db, model(c.from))
				if c.bad == "" {
					return
				}
				db, set = begin(c.bad)
				err := Upgrade(t.Context(), db, set, "head", AllowDataLoss())
				if err == nil || d.name == "sqlite" && !strings.Contains(err.Error(), "column goods.price: a value cannot be converted") {
					t.Errorf("error is %v", err)
				}
				if got := rowsOf(t, db, "SELECT price FROM goods"); got != c.bad {
					t.Errorf("the row has %s", got)
				}
			})
		}
	}
}
