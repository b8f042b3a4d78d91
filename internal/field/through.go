package field

import (
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/dormer-orm/dormer/schema"
)

var (
	numberType        = reflect.TypeFor[json.Number]()
	marshalerType     = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
	documentPackage   = reflect.TypeFor[schema.JSON[int]]().PkgPath()
)

// isDocument reports whether t is schema.JSON[V].
func isDocument(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.PkgPath() == documentPackage && strings.HasPrefix(t.Name(), "JSON[") && t.NumField() == 1
}

// isRaw reports whether a column's values are documents as the program wrote them.
func isRaw(t reflect.Type) bool {
	return t == rawJSONType || isDocument(t) && t.Field(0).Type == rawJSONType
}

// settleThrough gives those parts of a value that pass through a document as
// something else the form that they have when they are read: what stands in an
// interface, raw messages, json.Number, times, and negative zeros. The rest is
// left where it is, so that pointers into it stay good. v is settable, and can be
// encoded.
func settleThrough(v reflect.Value) error {
	t := v.Type()
	switch {
	case t == rawJSONType:
		return settleRaw(v)
	case t == numberType:
		n := v.String()
		if n == "" {
			n = "0" // as encoding/json writes it
		}
		b, err := canonicalDocument([]byte(n))
		if err == nil && string(b) != v.String() {
			v.SetString(string(b))
		}
		return err
	case t == timeType:
		at := v.Interface().(time.Time)
		b, err := at.MarshalJSON()
		if err != nil {
			return err
		}
		var read time.Time
		if err := read.UnmarshalJSON(b); err != nil {
			return err
		}
		if read != at {
			v.Set(reflect.ValueOf(read))
		}
		return nil
	case isDocument(t):
		return settleThrough(v.Field(0))
	case t.Implements(marshalerType), reflect.PointerTo(t).Implements(marshalerType),
		t.Implements(textMarshalerType), reflect.PointerTo(t).Implements(textMarshalerType):
		if t.Kind() != reflect.Pointer { // or what it points to has a say
			return nil
		}
	}
	switch t.Kind() {
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); f == 0 && math.Signbit(f) {
			v.SetFloat(0)
		}
	case reflect.Interface:
		return settleInterface(v)
	case reflect.Pointer:
		if !v.IsNil() {
			return settleThrough(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		if isPlain(t.Elem().Kind()) {
			return nil
		}
		for i := range v.Len() {
			if err := settleThrough(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		if isPlain(t.Elem().Kind()) {
			return nil
		}
		for _, k := range v.MapKeys() { // a map's elements cannot be set in place
			e := reflect.New(t.Elem()).Elem()
			e.Set(v.MapIndex(k))
			if err := settleThrough(e); err != nil {
				return err
			}
			v.SetMapIndex(k, e)
		}
	case reflect.Struct:
		return settleFields(v)
	}
	return nil
}

// isPlain reports whether values of that kind come back as they are.
func isPlain(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Uint64 || k == reflect.String
}

func settleFields(v reflect.Value) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() && (!f.Anonymous || f.Type.Kind() != reflect.Struct) {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" && options == "" {
			continue
		}
		part := v.Field(i)
		if strings.Contains(options, "omit") && isOmitted(part, options) {
			continue
		}
		if part.CanSet() || f.Anonymous {
			if err := settleThrough(part); err != nil {
				return err
			}
		}
	}
	return nil
}

func isOmitted(v reflect.Value, options string) bool {
	for _, o := range strings.Split(options, ",") {
		switch {
		case o == "omitzero" && v.IsZero():
			return true
		case o == "omitempty" && (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0:
			return true
		case o == "omitempty" && v.Kind() != reflect.Struct && v.IsZero():
			return true
		}
	}
	return false
}

// settleRaw stores a raw message in the form of the database.
func settleRaw(v reflect.Value) error {
	text := v.Bytes()
	if text == nil {
		text = []byte("null")
	}
	b, err := canonicalDocument(text)
	if err == nil && (v.IsNil() || string(b) != string(v.Bytes())) {
		v.SetBytes(b)
	}
	return err
}

// settleInterface stores into an interface what encoding/json reads into one.
func settleInterface(v reflect.Value) error {
	if v.IsNil() || v.NumMethod() > 0 || isDecoded(v.Interface()) {
		return nil
	}
	b, err := json.Marshal(v.Interface())
	if err != nil {
		return err
	}
	if b, err = canonicalDocument(b); err != nil {
		return err
	}
	var read any
	if err := json.Unmarshal(b, &read); err != nil {
		return err
	}
	if read == nil {
		v.SetZero()
		return nil
	}
	v.Set(reflect.ValueOf(read))
	return nil
}

// isDecoded reports whether x is what encoding/json reads into an interface.
func isDecoded(x any) bool {
	switch x := x.(type) {
	case nil, bool, string:
		return true
	case float64:
		return x != 0 || !math.Signbit(x)
	case []any:
		for _, e := range x {
			if !isDecoded(e) {
				return false
			}
		}
		return x != nil
	case map[string]any:
		for _, e := range x {
			if !isDecoded(e) {
				return false
			}
		}
		return x != nil
	}
	return false
}
