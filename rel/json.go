package rel

import (
	"encoding/json"
	"reflect"
	"slices"
	"unsafe"

	"github.com/dormer-orm/dormer/internal/related"
)

// marshal writes the entity that t points to as JSON, telling the containers in it which entities
// are around them, so that a cycle ends. path ends with the innermost one.
func marshal(t reflect.Value, path *related.Path) ([]byte, error) {
	var around []unsafe.Pointer
	if path != nil {
		around = path.Entities
	}
	p := t.UnsafePointer()
	if slices.Contains(around, p) {
		return []byte("null"), nil
	}
	c := reflect.New(t.Type().Elem())
	c.Elem().Set(t.Elem())
	carry(c.Elem(), &related.Path{Entities: append(slices.Clip(around), p)})
	return json.Marshal(c.Interface())
}

// carry gives the containers of the struct v the path.
func carry(v reflect.Value, path *related.Path) {
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() {
			if c, ok := v.Field(i).Addr().Interface().(interface{ within(*related.Path) }); ok {
				c.within(path)
				continue
			}
			if f.Anonymous {
				carry(v.Field(i), path)
			}
		}
	}
}
