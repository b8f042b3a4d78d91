package dialect

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

var (
	timeType   = reflect.TypeFor[time.Time]()
	valuerType = reflect.TypeFor[driver.Valuer]()
)

var errRagged = errors.New("the rows of a list have not a value for each column")

var errNullInList = errors.New("NULL in the list of an IN: a comparison with NULL is never true; use IsNull")

// binder collects arguments in their stored form. The compiler and the shape
// walker share it, so that a cached text and a fresh one get the same arguments.
type binder struct {
	d    Dialect
	args []any
	// planned are the lists that the shape of the statement has planned already.
	planned []plannedList
}

// plannedList is what PlanInts said of the whole numbers of an IN.
type plannedList struct {
	n     *expr.InNode
	form  uint8
	count int
	arg   any
}

// planInts is PlanInts, once for a statement.
func (b *binder) planInts(n *expr.InNode, def *schema.ColumnDef) (form uint8, count int, arg any) {
	if p := b.planOf(n); p != nil {
		return p.form, p.count, p.arg
	}
	return b.d.PlanInts(n.Ints, def)
}

// planOf is the plan of a list, nil where there is none yet.
func (b *binder) planOf(n *expr.InNode) *plannedList {
	for i := range b.planned {
		if b.planned[i].n == n {
			return &b.planned[i]
		}
	}
	return nil
}

// encode gives v the stored form of the column that it is like. The error names
// the column.
func (b *binder) encode(v any, like *expr.ColumnRef) (any, error) {
	return field.Encode(b.d.Wire, columnDef(like), v)
}

// encodeParam is encode of a plain value, which may be a decimal with the digits that
// it is written with.
func (b *binder) encodeParam(n *expr.ParamNode) (any, error) {
	if !n.Decimal || n.Like != nil {
		return b.encode(n.Value, n.Like)
	}
	text, _, _, err := field.DecimalText(n.Value)
	if text == "" {
		return nil, err
	}
	return text, err
}

// rawArg encodes an argument of hand-written SQL. A slice would be a JSON text
// where the database has no arrays, which "IN (?)" never finds.
func (b *binder) rawArg(v any) (any, error) {
	t := reflect.TypeOf(v)
	for t != nil && t.Kind() == reflect.Pointer && !t.Implements(valuerType) {
		t = t.Elem()
	}
	if t != nil && !t.Implements(valuerType) {
		if typ, ok := schema.TypeOf(t); ok && typ.Kind == schema.ArrayKind && b.d.Wire(&typ) != schema.WireArray {
			return nil, &UnsupportedError{
				Construct: fmt.Sprintf("an argument of expr.Raw of type %s (write a ? for each value, or a column's In)", t), Dialect: b.d.Name(),
			}
		}
	}
	return b.encode(v, nil)
}

// list encodes the values of an IN and decides how they travel.
func (b *binder) list(n *expr.InNode) (List, error) {
	def := columnDef(n.Like)
	if whole(n, def) {
		form, count, arg := b.planInts(n, def)
		l := List{Form: form, Count: count}
		l.Args = plannedInts(l.Args, n, count, arg)
		return l, nil
	}
	values, err := b.values(listed(n), n.Like)
	if err != nil {
		return List{}, err
	}
	return b.d.PlanList(values, def)
}

// whole reports whether the values of an IN are all whole numbers, and so is the
// stored form of its column.
func whole(n *expr.InNode, def *schema.ColumnDef) bool {
	return len(n.Values) == 0 && (def == nil || def.Type.Kind != schema.DecimalKind)
}

// plannedInts adds the arguments of whole numbers as PlanInts said.
func plannedInts(args []any, n *expr.InNode, count int, arg any) []any {
	if count == 0 {
		return append(args, arg)
	}
	for _, v := range n.Ints {
		args = append(args, v)
	}
	return args
}

// listed are the values of an IN.
func listed(n *expr.InNode) []any {
	values := slices.Clip(n.Values)
	for _, i := range n.Ints {
		values = append(values, i)
	}
	return values
}

// rowList is list for rows of values.
func (b *binder) rowList(n *expr.RowInNode) (List, error) {
	lists := make([][]driver.Value, len(n.Columns))
	cols := make([]*schema.ColumnDef, len(n.Columns))
	for i, c := range n.Columns {
		if len(n.Values) != len(n.Columns) || len(n.Values[i]) != len(n.Values[0]) {
			return List{}, errRagged
		}
		if cols[i] = columnDef(c); cols[i] == nil {
			return List{}, errNilNode
		}
		var err error
		if lists[i], err = b.values(n.Values[i], c); err != nil {
			return List{}, err
		}
	}
	return b.d.PlanRows(lists, cols)
}

func (b *binder) values(vs []any, like *expr.ColumnRef) ([]driver.Value, error) {
	values := make([]driver.Value, len(vs))
	for i, v := range vs {
		e, err := b.encode(v, like)
		if err != nil {
			return nil, err
		}
		if e == nil {
			return nil, errNullInList
		}
		values[i] = e
	}
	return values, nil
}

// plainKind is valueKind of a value that was encoded to e, in no column's form: a UUID
// is a text to drivers, and has a type in databases.
func plainKind(v, e any) schema.Kind {
	k := valueKind(e)
	if k != schema.TextKind && k != schema.BytesKind {
		return k
	}
	switch v.(type) {
	case string, []byte:
		return k
	}
	if t := reflect.TypeOf(v); t.Kind() == reflect.Array {
		if typ, ok := schema.TypeOf(t); ok && typ.Kind == schema.UUIDKind {
			return typ.Kind
		}
	}
	return k
}

// valueKind tells driver values apart where a parameter's type is not known from
// a column: it decides the type that the parameter is cast to.
func valueKind(v any) schema.Kind {
	switch v.(type) {
	case int64:
		return schema.Int64Kind
	case float64:
		return schema.Float64Kind
	case bool:
		return schema.BoolKind
	case string:
		return schema.TextKind
	case []byte:
		return schema.BytesKind
	case time.Time:
		return schema.TimeKind
	}
	return schema.InvalidKind
}
