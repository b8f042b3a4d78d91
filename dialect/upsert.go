package dialect

import (
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Conflict says what an INSERT does about a row that is there already.
type Conflict struct {
	// On are the columns in which the rows conflict: those of the primary key, of a
	// unique constraint or of a unique index. Where is the condition of a partial
	// index, nil for others.
	On    []*schema.ColumnDef
	Where expr.Node
	// Nothing leaves the row that is there as it is.
	Nothing bool
	// Set are columns that take the values that would have been inserted. Exprs are
	// further assignments, in which columns mean the row that is there.
	Set   []*schema.ColumnDef
	Exprs []expr.SetClause
	// Same are columns that must be equal in the row that is there and in the one
	// that would have been inserted; others are left as they are.
	Same []*schema.ColumnDef
}

// Excluded is a column of the row that would have been inserted, for the Exprs of
// a Conflict.
func Excluded(c *schema.ColumnDef) *expr.ColumnRef {
	return expr.NewColumnRef(expr.NewSource("", "excluded", "", c.Table), c.Name, c)
}

// BulkUpsert inserts that many rows, of which those that conflict with a row are
// handled as the Conflict says. Its arguments are those of BulkInsert. A database
// without ON CONFLICT is an *UnsupportedError.
func BulkUpsert(d Dialect, t *schema.TableDef, cols []*schema.ColumnDef, rows int, on Conflict, returning []*schema.ColumnDef) (Bulk, error) {
	w := NewWriter(d)
	switch {
	case !w.caps.OnConflict:
		return Bulk{}, &UnsupportedError{Construct: "ON CONFLICT", Dialect: d.Name()}
	case len(on.On) == 0:
		return Bulk{}, fmt.Errorf("dialect: upsert of %s without the columns of a key", t.Name)
	case len(cols) == 0:
		return Bulk{}, fmt.Errorf("dialect: upsert of %s without columns", t.Name)
	case !on.Nothing && len(on.Set)+len(on.Exprs) == 0:
		return Bulk{}, fmt.Errorf("dialect: upsert of %s without an assignment", t.Name)
	}
	b := d.BulkInsert(t, cols, rows, nil)
	w.Text(b.SQL).Text(" ON CONFLICT (").Columns(on.On).Text(")")
	if on.Where != nil {
		cond, err := Inline(d, on.Where)
		if err != nil {
			return Bulk{}, err
		}
		w.Text(" WHERE ").Text(cond)
	}
	if on.Nothing {
		w.Text(" DO NOTHING")
	} else {
		w.Text(" DO UPDATE SET ")
		for i, c := range on.Set {
			w.Text(choose(i == 0, "", ", ")).Name(c.Name).Text(" = excluded.").Name(c.Name)
		}
		if err := w.Exprs(t, on.Exprs, len(on.Set) == 0, true); err != nil {
			return Bulk{}, err
		}
		for i, c := range on.Same {
			w.Text(choose(i == 0, " WHERE ", " AND ")).Table(t).Text(".").Name(c.Name).Text(w.MatchOp(c)).Text("excluded.").Name(c.Name)
		}
	}
	w.Returning(returning, nil)
	return Bulk{SQL: w.String(), Columnar: b.Columnar}, nil
}
