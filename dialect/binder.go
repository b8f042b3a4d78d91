package dialect

import (
	"database/sql/driver"
	"errors"
	"reflect"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

var timeType = reflect.TypeFor[time.Time]()

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
