package migrate

import (
	"testing"

	"github.com/dormer-orm/dormer/schema"
)

// A default comes back as it was, also of a column whose type changes between two
// that SQLite spells alike, of which one writes constants in a form of its own.
func TestDefaultsComeBackAsTheyWere(t *testing.T) {
	for _, d := range databases(t) {
		for name, c := range map[string][2]*schema.ColumnSpec{
			"text to decimal":                       {schema.Col("x", schema.LongText()).Default("1"), schema.Col("x", schema.Numeric(9, 2))},
			"text to decimal with another default":  {schema.Col("x", schema.LongText()).Default("1"), schema.Col("x", schema.Numeric(9, 2)).Default("1.5")},
			"text to decimal with the same default": {schema.Col("x", schema.LongText()).Default("1"), schema.Col("x", schema.Numeric(9, 2)).Default("1")},
			"decimal to text":                       {schema.Col("x", schema.Numeric(9, 2)).Default("1"), schema.Col("x", schema.LongText())},
			"decimal to another":                    {schema.Col("x", schema.Numeric(9, 2)).Default("1.5"), schema.Col("x", schema.Numeric(9, 3)).Default("2")},
		} {
			t.Run(d.name+"/"+name, func(t *testing.T) {
				db := d.open(t)
				of := func(c *schema.ColumnSpec) []*schema.TableDef {
					return []*schema.TableDef{schema.NewTable("t", schema.Col("id", schema.BigInt()), c, schema.Key("id"))}
				}
				alter(t, db, differences(t, db, of(c[0])).Operations)
				diff := differences(t, db, of(c[1]))
				back, _ := diff.Reverse()
				alter(t, db, diff.Operations)
				noDifference(t, db, of(c[1]))
				alter(t, db, back)
				noDifference(t, db, of(c[0]))
			})
		}
	}
}
