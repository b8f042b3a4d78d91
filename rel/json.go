package rel

import (
	"encoding/json"
	"reflect"
	"slices"
	"unsafe"

	"github.com/dormer-orm/dormer/internal/related"
)

// marshal writes an entity as JSON, telling the containers in it which entities
// are around them, so that a cycle ends. path ends with the innermost one.
func marshal[T any](t *T, path *related.Path) ([]byte, error) {
	var around []unsafe.Pointer
	if path != nil {
		around = path.Entities
	}
	p := unsafe.Pointer(t)
	if slices.Contains(around, p) {
		return []byte("null"), nil
	}
	c := *t
	carry(reflect.ValueOf(&c).Elem(), &related.Path{Entities: append(slices.Clip(around), p)})
	return json.Marshal(&c)
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
