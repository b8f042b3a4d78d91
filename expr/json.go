package expr

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// JSONValue is a Go type as which a part of a JSON column can be read.
type JSONValue interface {
	~string | ~int64 | ~float64 | ~bool
}

// JSON is what stands at a path of a JSON column: of a string, int64, float64 or
// bool, which the caller names. A part of the path is a string, the key of an
// object, or an int, the place in an array, where -1 is its last. Without a path it
// is the whole document. It is NULL where nothing is there, and where something of
// another kind is, null included; an int64 is read of whole numbers that fit.
//
//	expr.JSON[string](Events.Data, "user", "emails", 0).Eq("ann@example.com")
//
// The path is written into the statement, quoted, so that an index over it can be
// used. A column that is not JSON, and a part of another type, are errors when the
// statement is built.
func JSON[W JSONValue, T any](x ColumnIn[T], path ...any) Value[T, W, *W] {
	kinds := map[reflect.Kind]JSONKind{reflect.String: JSONText, reflect.Int64: JSONInt, reflect.Float64: JSONFloat, reflect.Bool: JSONBool}
	return Value[T, W, *W]{jsonAt(x, kinds[reflect.TypeFor[W]().Kind()], path)}
}

// JSONExists is true where something stands at a path of a JSON column, null too;
// see JSON.
func JSONExists[T any](x ColumnIn[T], path ...any) Expr[T] {
	return Expr[T]{jsonAt(x, JSONPresent, path)}
}

func jsonAt[T any](x ColumnIn[T], kind JSONKind, path []any) Node {
	if _, ok := nodeOf(x).(*ColumnRef); !ok {
		return nodeOf(x) // the error that the handle is
	}
	for _, p := range path {
		switch p := p.(type) {
		case int:
		case string:
			if strings.IndexByte(p, 0) >= 0 {
				return &ErrorNode{fmt.Errorf("expr: JSON path of a key with a NUL")}
			}
		default:
			return &ErrorNode{fmt.Errorf("expr: JSON path with a %T: a part is a string or an int", p)}
		}
	}
	return &JSONNode{X: x.Ref(), Path: slices.Clone(path), Kind: kind}
}
