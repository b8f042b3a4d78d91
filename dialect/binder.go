package dialect

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

var (
	timeType   = reflect.TypeFor[time.Time]()
	valuerType = reflect.TypeFor[driver.Valuer]()
)

var errNullInList = errors.New("NULL in the list of an IN: a comparison with NULL is never true; use IsNull")

// binder collects arguments in their stored form. The compiler and the shape
// walker share it, so that a cached text and a fresh one get the same arguments.
type binder struct {
	d    Dialect
	args []any
}

// encode gives v the stored form of the column that it is like. The error names
// the column.
func (b *binder) encode(v any, like *expr.ColumnRef) (any, error) {
	return field.Encode(b.d.Wire, columnDef(like), v)
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
	values := make([]driver.Value, len(n.Values))
	for i, v := range n.Values {
		e, err := b.encode(v, n.Like)
		if err != nil {
			return List{}, err
		}
		if e == nil {
			return List{}, errNullInList
		}
		values[i] = e
	}
	return b.d.PlanList(values, columnDef(n.Like))
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
