package rel

import (
	"encoding/json"
	"reflect"
	"slices"
	"unsafe"
)

// marshal writes an entity whose containers know the entities around them, so
// that a cycle ends: a copy of the entity is given containers with the path.
func marshal[T any](t *T, path []unsafe.Pointer) ([]byte, error) {
	p := unsafe.Pointer(t)
	if slices.Contains(path, p) {
		return []byte("null"), nil
	}
	c := *t
	carry(reflect.ValueOf(&c).Elem(), append(slices.Clip(path), p))
	return json.Marshal(&c)
}

// carry gives the containers among a struct's fields the path.
func carry(v reflect.Value, path []unsafe.Pointer) {
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() {
			if c, ok := v.Field(i).Addr().Interface().(interface{ within([]unsafe.Pointer) }); ok {
				c.within(path)
				continue
			}
			if f.Anonymous {
				carry(v.Field(i), path)
			}
		}
	}
}
