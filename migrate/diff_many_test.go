package migrate

import (
	"fmt"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// manyTables is a model of n tables of 20 columns, each with a key, defaults, a
// CHECK, a computed column, a foreign key and two indexes, one of them over an
// expression: nothing of which a database prints as it was written.
func manyTables(n int) []*schema.TableDef {
	var out []*schema.TableDef
	for i := range n {
		name := fmt.Sprintf("t%03d", i)
		parts := []schema.TablePart{
			schema.Col("id", schema.BigInt()).Identity(),
			schema.Col("parent", schema.BigInt()).Nullable(),
			schema.Col("amount", schema.Numeric(12, 2)).Default("0.00"),
			schema.Col("title", schema.Varchar(100)).Default("none"),
			schema.Col("made", schema.Timestamp()).Default(schema.SQL("CURRENT_TIMESTAMP")),
			schema.Col("twice", schema.Numeric(14, 2)).Nullable().Computed(schema.SQL("amount*2"), true),
			schema.Col("doc", schema.Document()).Nullable(),
			schema.Col("key", schema.UUID()).Nullable(),
		}
		for j := len(parts); j < 20; j++ {
			parts = append(parts, schema.Col(fmt.Sprintf("c%02d", j), schema.Int()).Nullable())
		}
		parts = append(parts, schema.Key("id"), schema.UniqueKey("uq_"+name, "key"),
			schema.CheckThat("ck_"+name, schema.SQL("c10>0 AND title<>'x'")),
			schema.IndexOn("ix_"+name, "title", "made"),
			schema.IndexOn("ix_"+name+"_lower").ThenBy(schema.SQL("lower(title)"), false, expr.NullsDefault),
			schema.Reference("fk_"+name, []string{"parent"}, fmt.Sprintf("t%03d", max(i-1, 0)), []string{"id"}))
		out = append(out, schema.NewTable(name, parts...))
	}
	return out
}

func TestAutogenerateOfManyTablesIsQuick(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes 500 tables")
	}
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			db := d.open(t)
			tables := manyTables(500)
			alter(t, db, differences(t, db, tables).Operations)
			tables[250].Columns[12].Nullable = false
			quick(t, 3*time.Second, func() {
				if diff := differences(t, db, tables); len(diff.Operations) != 1 {
					t.Fatalf("found\n%s", diff)
				}
			})
		})
	}
}
