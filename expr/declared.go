package expr

import (
	"reflect"
	"sync"
)

// declared are the Go types of columns that might be decimals: true where all are.
var declared sync.Map

// DeclareDecimal notes whether a column of a Go type is one of decimals. A plain value
// of a type that has columns of decimals alone is a decimal, with the digits that it is
// written with, where no column says its form: in a CASE of values, in Val. It is for
// package schema, which says it of each column once it is defined, and is safe for
// concurrent use.
func DeclareDecimal(t reflect.Type, is bool) {
	if is {
		declared.LoadOrStore(t, true)
		return
	}
	declared.Store(t, false)
}

// declaredDecimal reports whether a plain value is a decimal by its type.
func declaredDecimal(v any) bool {
	switch v.(type) {
	case nil, string, bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32, float64, []byte:
		return false
	}
	return DeclaredDecimal(reflect.TypeOf(v))
}

// DeclaredDecimal reports whether a Go type has columns of decimals alone; see
// DeclareDecimal. It is for the packages above.
func DeclaredDecimal(t reflect.Type) bool {
	is, ok := declared.Load(t)
	return ok && is.(bool)
}
