package repo

import (
	"bytes"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// keyset is the order of a query's pages: one that tells all rows apart.
type keyset struct {
	d     dialect.Dialect
	terms []orderedBy
	order []expr.OrderTerm
	// columns are the entity's and, after them, expressions of the order; take
	// says where among them the values of the terms are.
	columns []expr.Node
	take    []int
	// identity is what a cursor of this order is for.
	identity []byte
}

// orderedBy is one term of the order.
type orderedBy struct {
	x                expr.Node
	desc, nullsFirst bool
	nullable         bool
	// def reads the values, and like has them sent in the column's stored form;
	// nil where only the driver knows what they are.
	def  *schema.ColumnDef
	like *expr.ColumnRef
}

// keyset makes the order of a statement's pages.
func (q *query) keyset(s *expr.SelectStmt) (*keyset, error) {
	d, t := q.r.n.Engine().Dialect(), q.r.n.Table()
	o := &keyset{d: d, columns: s.Columns, order: slices.Clone(s.OrderBy)}
	own := func(x expr.Node) *schema.ColumnDef {
		if ref, ok := x.(*expr.ColumnRef); ok && ref.Source == s.From {
			return dialect.ColumnOf(ref)
		}
		return nil
	}
	var cols []*schema.ColumnDef
	for _, term := range s.OrderBy {
		if c := own(term.X); c != nil {
			cols = append(cols, c)
		}
	}
	if !tellsApart(d, t, cols) {
		for _, c := range t.PrimaryKey {
			if !slices.Contains(cols, c) {
				o.order = append(o.order, expr.OrderTerm{X: c.Ref})
			}
			if !exact(d, c) { // numbers that the database holds to be equal, as text
				o.order = append(o.order, expr.OrderTerm{X: &expr.CastNode{X: c.Ref, To: ""}})
			}
		}
	}
	o.identity = framed(framed([]byte{cursorVersion}, d.Name()), t.QualifiedName())
	for i, term := range o.order {
		if moving(term.X) {
			return nil, fmt.Errorf("order term %d: %w", i+1, errMoving)
		}
		if constant(term.X) { // which no row comes after
			continue
		}
		by := orderedBy{x: term.X, desc: term.Desc, nullsFirst: nullsFirst(d, term), nullable: true}
		if c := own(term.X); c != nil {
			by.def, by.like, by.nullable = c, c.Ref, c.Nullable
			o.take = append(o.take, c.Position)
		} else {
			by.def, by.like = readBy(term.X)
			o.take = append(o.take, len(o.columns))
			o.columns = append(slices.Clip(o.columns), term.X)
		}
		o.terms = append(o.terms, by)
		if err := o.identify(&by, s); err != nil {
			return nil, fmt.Errorf("order term %d: %w", i+1, err)
		}
	}
	return o, nil
}

// tellsApart reports whether no two rows are equal in the columns.
func tellsApart(d dialect.Dialect, t *schema.TableDef, cols []*schema.ColumnDef) bool {
	among := func(unique []*schema.ColumnDef) bool {
		for _, c := range unique {
			if c == nil || !slices.Contains(cols, c) || !exact(d, c) || c.Nullable && !c.PrimaryKey {
				return false
			}
		}
		return len(unique) > 0
	}
	if among(t.PrimaryKey) {
		return true
	}
	if t.SoftDelete != nil { // deleted rows may repeat what is unique among the others
		return false
	}
	if slices.ContainsFunc(t.Uniques, func(u *schema.UniqueDef) bool { return among(u.Columns) }) {
		return true
	}
	return slices.ContainsFunc(t.Indexes, func(x *schema.IndexDef) bool {
		if !x.Unique || x.Where != nil {
			return false
		}
		var parts []*schema.ColumnDef
		for _, p := range x.Parts {
			parts = append(parts, p.Column) // nil for an expression
		}
		return among(parts)
	})
}

// exact reports whether two values of the column that differ are different to the
// database's order, too.
func exact(d dialect.Dialect, c *schema.ColumnDef) bool {
	before, _ := d.Ordered(&c.Type)
	return before == ""
}

// keptAsText reports whether the column's values are arrays or documents, and text to
// the database, which does not put them in order.
func keptAsText(d dialect.Dialect, c *schema.ColumnDef) bool {
	k := c.Type.Kind
	return d.Capabilities().DocumentsAreText && (k == schema.ArrayKind || k == schema.JSONKind)
}

// readBy is the column whose values an expression has, and its reference; where
// the expression only says its type, a column of that type.
func readBy(x expr.Node) (*schema.ColumnDef, *expr.ColumnRef) {
	if t, ok := madeDecimal(x); ok {
		return &schema.ColumnDef{Name: "decimal", Type: t, GoType: reflect.TypeFor[decimalText]()}, nil
	}
	if def := originOf(x); def != nil {
		return def, def.Ref
	}
	if def := dialect.ColumnOf(x); def != nil { // of a related row
		return def, def.Ref
	}
	if c, ok := x.(*expr.CastNode); ok && c.To != nil {
		t := reflect.TypeOf(c.To)
		if typ, ok := schema.TypeOf(t); ok {
			return &schema.ColumnDef{Name: t.String(), Type: typ, GoType: t}, nil
		}
	}
	return nil, nil
}

// decimalText is what a decimal is read into that no column keeps.
type decimalText string

// madeDecimal is the type of a decimal that no column keeps as it is.
func madeDecimal(x expr.Node) (t schema.Type, ok bool) {
	if dialect.ColumnOf(x) != nil {
		return t, false
	}
	return dialect.DecimalType(x)
}

// identify adds a term to what cursors are for: columns by their names, other
// expressions by their text and arguments.
func (o *keyset) identify(by *orderedBy, s *expr.SelectStmt) error {
	b := append(o.identity, 0)
	if by.desc {
		b[len(b)-1] |= 1
	}
	if by.nullsFirst {
		b[len(b)-1] |= 2
	}
	if ref, ok := by.x.(*expr.ColumnRef); ok && ref.Source == s.From {
		o.identity = framed(append(b, 'c'), ref.Name)
		return nil
	}
	alone := *s
	alone.Columns, alone.Where, alone.OrderBy, alone.Limit, alone.Lock = []expr.Node{by.x}, nil, nil, -1, expr.NoLock
	alone.Filters = &expr.Filters{All: true} // whose rows they are does not matter
	c, err := dialect.Compile(o.d, &alone)
	if err != nil {
		return err
	}
	b = framed(append(b, 'x'), c.SQL)
	for _, a := range c.Args {
		b = framed(b, fmt.Sprintf("%T %v", a, a))
	}
	o.identity = b
	return nil
}

func framed(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// values gives the values of a row the form in which they are sent back.
func (o *keyset) values(row []driver.Value) ([]driver.Value, error) {
	out := make([]driver.Value, len(row))
	for i, v := range row {
		if v == nil {
			continue
		}
		var err error
		if out[i], err = o.value(&o.terms[i], v); err != nil {
			return nil, fmt.Errorf("order term %d: %w", i+1, err)
		}
	}
	return out, nil
}

var errUnknownForm = errors.New("the driver gives the values of this expression in a form that cannot be sent back: order by expr.Cast of it, which gives them a type")

// value is the form in which a value other than NULL is sent back.
func (o *keyset) value(t *orderedBy, v driver.Value) (driver.Value, error) {
	if t.def != nil {
		return field.Resend(o.d.Wire, t.def, v)
	}
	switch v := v.(type) {
	case int64, float64, bool, string, time.Time:
		return v, nil
	case []byte:
		// A server that gives parameters their types has numbers of other kinds,
		// and UUIDs, which drivers give as text in bytes; other bytes may be of any
		// type.
		if !o.d.Capabilities().TypedParams {
			return v, nil
		}
		if _, err := strconv.ParseFloat(string(v), 64); err == nil || isUUID(v) {
			return string(v), nil
		}
	}
	return nil, errUnknownForm
}

// isUUID reports whether a driver's value is the text of a UUID.
func isUUID(b []byte) bool {
	for i, x := range b {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (x == '-') || !dash && (x < '0' || x > '9' && x < 'a' || x > 'f') {
			return false
		}
	}
	return len(b) == 36
}

// sameValue reports whether two values for a driver are one.
func sameValue(a, b driver.Value) bool {
	switch a := a.(type) {
	case []byte:
		c, ok := b.([]byte)
		return ok && bytes.Equal(a, c)
	case time.Time:
		c, ok := b.(time.Time)
		return ok && a.Equal(c)
	case float64:
		c, ok := b.(float64)
		return ok && (a == c || math.IsNaN(a) && math.IsNaN(c))
	}
	if _, ok := b.([]byte); ok {
		return false
	}
	return a == b
}

// after is the condition that a row comes after the one with these values. It
// compares by the operators that the order goes by and never by =, which tells
// apart what an order may hold to be equal. Its first part bounds the first term,
// so that an index serves.
func (o *keyset) after(vals []driver.Value) expr.Node {
	var rest expr.Node // the row comes after by the terms behind this one
	for i := len(o.terms) - 1; i >= 0; i-- {
		rest = o.terms[i].after(vals[i], rest)
	}
	if rest == nil {
		return &expr.ConstNode{}
	}
	return rest
}

// after is the condition that a row comes after value v, or has it and fulfils
// rest, which is nil where none does.
func (t *orderedBy) after(v driver.Value, rest expr.Node) expr.Node {
	null := &expr.NullNode{X: t.x}
	if v == nil {
		if !t.nullsFirst { // nothing comes after
			if rest == nil {
				return &expr.ConstNode{}
			}
			return and(null, rest)
		}
		return or(&expr.NullNode{X: t.x, Not: true}, rest)
	}
	strict, loose := expr.OpGt, expr.OpGe
	if t.desc {
		strict, loose = expr.OpLt, expr.OpLe
	}
	value := &expr.ParamNode{Value: v, Like: t.like}
	_, value.Decimal = madeDecimal(t.x)
	beyond := expr.Node(&expr.CompareNode{Op: strict, Left: t.x, Right: value})
	reached := expr.Node(&expr.CompareNode{Op: loose, Left: t.x, Right: value})
	if t.nullable && !t.nullsFirst {
		beyond, reached = or(beyond, null), or(reached, null)
	}
	if rest == nil {
		return beyond
	}
	return and(reached, or(beyond, rest))
}

func and(a, b expr.Node) expr.Node { return &expr.LogicNode{Args: []expr.Node{a, b}} }

// or is a or b; b may be nil, which is false.
func or(a, b expr.Node) expr.Node {
	if b == nil {
		return a
	}
	return &expr.LogicNode{Or: true, Args: []expr.Node{a, b}}
}
