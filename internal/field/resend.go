package field

import (
	"database/sql/driver"
	"errors"

	"github.com/dormer-orm/dormer/schema"
)

// errResendNull is for a program's error only: callers look for NULL first.
var errResendNull = errors.New("field: NULL has no form to be sent back in")

// Resend returns v, a value other than NULL that a driver returned for column c,
// in the form in which it is sent back to be compared with the column. An error
// says that it is no value of the column's. It may call Scan and Value of the
// program's types.
func Resend(wire func(*schema.Type) schema.Wire, c *schema.ColumnDef, v driver.Value) (driver.Value, error) {
	if v == nil {
		return nil, errResendNull
	}
	d := *c
	d.Null, d.Nullable, d.Offset = schema.NotNull, true, 0
	if d.Table == nil {
		d.Table = expression
	}
	f := newField(&d, wire(&c.Type))
	p := newValue(c.GoType)
	if err := f.Store(p, nil, v); err != nil {
		return nil, err
	}
	return f.wireValueLoose(p)
}
