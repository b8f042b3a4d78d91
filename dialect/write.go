package dialect

import (
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Writer builds the text of a write. The dialects' Writing methods use it; it
// belongs to one goroutine.
type Writer struct {
	d    Dialect
	caps Capabilities
	buf  []byte
	n    int
}

// NewWriter returns an empty Writer for d.
func NewWriter(d Dialect) *Writer {
	return &Writer{d: d, caps: d.Capabilities(), buf: make([]byte, 0, 256)}
}

// String returns what was written.
func (w *Writer) String() string { return string(w.buf) }

// Text writes SQL as it is.
func (w *Writer) Text(s string) *Writer { w.buf = append(w.buf, s...); return w }

// Name writes a quoted identifier.
func (w *Writer) Name(s string) *Writer { w.buf = w.d.AppendQuoted(w.buf, s); return w }

// Table writes a table's quoted name, with its schema.
func (w *Writer) Table(t *schema.TableDef) *Writer {
	if t.Schema != "" {
		w.Name(t.Schema).Text(".")
	}
	return w.Name(t.Name)
}

// Param writes the next placeholder.
func (w *Writer) Param() *Writer {
	w.n++
	w.buf = w.d.AppendPlaceholder(w.buf, w.n)
	return w
}

// Columns writes columns' names with commas between them.
func (w *Writer) Columns(cols []*schema.ColumnDef) *Writer {
	for i, c := range cols {
		if i > 0 {
			w.Text(", ")
		}
		w.Name(c.Name)
	}
	return w
}

// Params writes n placeholders with commas between them.
func (w *Writer) Params(n int) *Writer {
	for i := range n {
		if i > 0 {
			w.Text(", ")
		}
		w.Param()
	}
	return w
}

// Returning writes a RETURNING clause, or nothing where cols is empty.
// qualifier is the table whose names the columns carry, nil for bare names.
func (w *Writer) Returning(cols []*schema.ColumnDef, qualifier *schema.TableDef) *Writer {
	for i, c := range cols {
		w.Text(choose(i == 0, " RETURNING ", ", "))
		mark := len(w.buf)
		if qualifier != nil {
			w.Table(qualifier).Text(".")
		}
		w.Name(c.Name)
		name := slices.Clone(w.buf[mark:])
		w.buf = w.d.AppendReadColumn(w.buf[:mark], c, name)
	}
	return w
}

// Exprs writes assignments of expressions after those of values; first says
// that there were none. qualify gives the expressions' columns their table.
func (w *Writer) Exprs(t *schema.TableDef, exprs []expr.SetClause, first, qualify bool) error {
	for _, e := range exprs {
		if e.Column == nil {
			return fmt.Errorf("dialect: assignment to no column of %s", t.Name)
		}
		if !first {
			w.Text(", ")
		}
		first = false
		w.Name(e.Column.Name).Text(" = ")
		c := newCompiler(w.d)
		c.inline, c.qualify = true, qualify
		if err := c.expr(c.kept(e.Column, e.Value), precLowest); err != nil {
			return compileError(err)
		}
		w.buf = append(w.buf, c.buf...)
	}
	return nil
}

// Matches writes conditions column = placeholder with AND between them. Columns
// that may be NULL are compared as values.
func (w *Writer) Matches(key, match []*schema.ColumnDef) *Writer {
	for i, c := range key {
		if i > 0 {
			w.Text(" AND ")
		}
		w.Name(c.Name).Text(" = ").Param()
	}
	for i, c := range match {
		if i+len(key) > 0 {
			w.Text(" AND ")
		}
		w.Name(c.Name).Text(w.MatchOp(c)).Param()
	}
	return w
}

// MatchOp is the operator, with spaces, that finds a column's old value.
func (w *Writer) MatchOp(c *schema.ColumnDef) string {
	if c.Nullable {
		return " " + w.caps.NotDistinct + " "
	}
	return " = "
}

// WriteInsertOne is Writing.InsertOne as the standard has it.
func WriteInsertOne(d Dialect, t *schema.TableDef, cols, returning []*schema.ColumnDef) string {
	w := NewWriter(d)
	w.Text("INSERT INTO ").Table(t)
	if len(cols) == 0 {
		w.Text(" DEFAULT VALUES")
	} else {
		w.Text(" (").Columns(cols).Text(") VALUES (").Params(len(cols)).Text(")")
	}
	return w.Returning(returning, nil).String()
}

// WriteUpdateOne is Writing.UpdateOne as the standard has it.
func WriteUpdateOne(d Dialect, t *schema.TableDef, set []*schema.ColumnDef, exprs []expr.SetClause, key, match, returning []*schema.ColumnDef) (string, error) {
	if err := checkUpdate(t, set, exprs, key); err != nil {
		return "", err
	}
	w := NewWriter(d)
	w.Text("UPDATE ").Table(t).Text(" SET ")
	for i, c := range set {
		if i > 0 {
			w.Text(", ")
		}
		w.Name(c.Name).Text(" = ").Param()
	}
	if err := w.Exprs(t, exprs, len(set) == 0, false); err != nil {
		return "", err
	}
	w.Text(" WHERE ").Matches(key, match).Returning(returning, nil)
	return w.String(), nil
}

// WriteDeleteOne is Writing.DeleteOne as the standard has it.
func WriteDeleteOne(d Dialect, t *schema.TableDef, key, match []*schema.ColumnDef) string {
	return NewWriter(d).Text("DELETE FROM ").Table(t).Text(" WHERE ").Matches(key, match).String()
}

// CheckBulkUpdate returns an error for an UPDATE that would assign nothing, or
// that would find its rows by nothing.
func CheckBulkUpdate(t *schema.TableDef, set []*schema.ColumnDef, exprs []expr.SetClause, key []*schema.ColumnDef) error {
	return checkUpdate(t, set, exprs, key)
}

func checkUpdate(t *schema.TableDef, set []*schema.ColumnDef, exprs []expr.SetClause, key []*schema.ColumnDef) error {
	if len(set)+len(exprs) == 0 {
		return fmt.Errorf("dialect: update of %s without an assignment", t.Name)
	}
	if len(key) == 0 {
		return fmt.Errorf("dialect: update of %s without a key", t.Name)
	}
	return nil
}

// CheckTable returns an error if a name of the table or of a column cannot be
// written in SQL.
func CheckTable(t *schema.TableDef) error {
	if err := CheckName(t.Name); err != nil {
		return fmt.Errorf("dialect: table: %w", err)
	}
	if t.Schema != "" {
		if err := CheckName(t.Schema); err != nil {
			return fmt.Errorf("dialect: table %s: schema: %w", t.Name, err)
		}
	}
	for _, c := range t.Columns {
		if err := CheckName(c.Name); err != nil {
			return fmt.Errorf("dialect: table %s: column: %w", t.Name, err)
		}
	}
	return nil
}

// LoneIdentity returns the column whose values the database makes, if it alone
// is the table's key.
func LoneIdentity(t *schema.TableDef) *schema.ColumnDef {
	if len(t.PrimaryKey) == 1 && t.PrimaryKey[0].Identity {
		return t.PrimaryKey[0]
	}
	return nil
}
