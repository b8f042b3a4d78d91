package postgres

import (
	"database/sql/driver"
	"strconv"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// How a list travels: as one array, or, where its values are arrays themselves,
// which an array cannot hold apart, as an array of their literals.
const (
	listArray uint8 = iota + 1
	listLiterals
)

// PlanList passes any list as one array literal.
func (Dialect) PlanList(values []driver.Value, c *schema.ColumnDef) (dialect.List, error) {
	l := dialect.List{Form: listArray}
	if c != nil && c.Type.Kind == schema.ArrayKind {
		l.Form = listLiterals
	}
	b := make([]byte, 0, 8*len(values)+2)
	b = append(b, '{')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendArrayElem(b, v)
	}
	l.Args = []any{string(append(b, '}'))}
	return l, nil
}

// PlanInts is PlanList for whole numbers.
func (Dialect) PlanInts(values []int64, _ *schema.ColumnDef) (form uint8, count int, arg any) {
	return listArray, 0, dialect.IntList('{', values, '}')
}

// AppendIn writes x = ANY(array), or x <> ALL(array).
func (d Dialect) AppendIn(c *dialect.Compiler, n *expr.InNode, l dialect.List) error {
	var t *schema.Type
	if n.Like != nil {
		if def, ok := n.Like.Def.(*schema.ColumnDef); ok {
			t = &def.Type
		}
	}
	if err := c.TypedOperand(n.X); err != nil {
		return err
	}
	if l.Form == listLiterals {
		if n.Not {
			c.Text(" NOT")
		}
		c.Text(" IN (SELECT CAST(v AS " + d.CastType(t) + ") FROM unnest(")
		if err := c.Placeholder(l.Args[0]); err != nil {
			return err
		}
		c.Text("::text[]) AS v)")
		return nil
	}
	if n.Not {
		c.Text(" <> ALL(")
	} else {
		c.Text(" = ANY(")
	}
	if err := c.Placeholder(l.Args[0]); err != nil {
		return err
	}
	if t != nil && t.Custom == "" {
		if name := d.CastType(t); name != "" {
			c.Text("::" + name + "[]")
		}
	}
	c.Text(")")
	return nil
}

// PlanRows passes the rows as one array for each column.
func (d Dialect) PlanRows(values [][]driver.Value, cols []*schema.ColumnDef) (dialect.List, error) {
	l := dialect.List{Form: listArray}
	for i, vs := range values {
		one, err := d.PlanList(vs, cols[i])
		if err != nil {
			return dialect.List{}, err
		}
		l.Args = append(l.Args, one.Args...)
	}
	return l, nil
}

// AppendRowIn writes SELECT v0, … FROM unnest(array, …) AS v(v0, …).
func (d Dialect) AppendRowIn(c *dialect.Compiler, n *expr.RowInNode, l dialect.List) error {
	comma := func(i int) string {
		if i == 0 {
			return ""
		}
		return ", "
	}
	c.Text("SELECT ")
	elems := make([]string, len(n.Columns))
	for i, x := range n.Columns {
		elem, cast := d.travels(x.Def.(*schema.ColumnDef))
		elems[i] = elem
		c.Text(comma(i) + "v" + strconv.Itoa(i) + cast)
	}
	c.Text(" FROM unnest(")
	for i, a := range l.Args {
		c.Text(comma(i))
		if err := c.Placeholder(a); err != nil {
			return err
		}
		c.Text("::" + elems[i] + "[]")
	}
	c.Text(") AS v(")
	for i := range n.Columns {
		c.Text(comma(i) + "v" + strconv.Itoa(i))
	}
	c.Text(")")
	return nil
}
