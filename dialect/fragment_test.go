package dialect

import (
	"reflect"
	"slices"
	"testing"
)

// A compiler that is kept holds nothing of its statement, whatever that was: each
// field is as it was, or an empty list.
func TestReleasedCompilersAreEmpty(t *testing.T) {
	kept := []string{"d", "caps", "known"}
	var c Compiler
	v := reflect.ValueOf(&c).Elem()
	setAll(v)
	if !c.release() {
		t.Fatal("a small compiler is not kept")
	}
	var check func(v reflect.Value)
	check = func(v reflect.Value) {
		for i := range v.NumField() {
			name, f := v.Type().Field(i).Name, v.Field(i)
			switch {
			case name == "binder":
				check(f)
			case slices.Contains(kept, name), f.Kind() == reflect.Slice && f.Len() == 0:
			case f.Kind() == reflect.Struct && name == "again":
				if c.again.nodes != nil || c.again.texts != nil || c.again.off {
					t.Errorf("again is kept: %v", c.again)
				}
			case !f.IsZero():
				t.Errorf("%s is kept", name)
			}
		}
	}
	check(v)
}

// setAll gives all fields of a struct values other than zero.
func setAll(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Field(i)
		f = reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem()
		switch f.Kind() {
		case reflect.Struct:
			setAll(f)
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Int, reflect.Int64:
			f.SetInt(3)
		case reflect.Uint8, reflect.Uint64:
			f.SetUint(3)
		case reflect.String:
			f.SetString("x")
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 2, 2))
		}
	}
}
