package field

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// arrayCodec keeps slices as PostgreSQL's array literals.
type arrayCodec struct {
	baseCodec
	elem *Field
}

// newElem is a field for one element, at offset 0 of itself.
func newElem(c *schema.ColumnDef) *Field {
	e := &schema.ColumnDef{Table: c.Table, Name: c.Name, Type: *c.Type.Elem, GoType: c.GoType.Elem()}
	e.Nullable = schema.IsScanner(e.GoType) // whose Value may be NULL and whose Scan may take it
	return newField(e, elemWire(&e.Type))
}

// elemWire is the wire form of an element in an array literal, where all is
// text in the end.
func elemWire(t *schema.Type) schema.Wire {
	switch t.Kind {
	case schema.BytesKind:
		return schema.WireBytes
	case schema.TimeKind:
		return schema.WireTimeText
	}
	return schema.WireText
}

func (a *arrayCodec) encode(p any) (driver.Value, error) {
	v := reflect.ValueOf(p).Elem()
	b := []byte{'{'}
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		e, err := a.elem.wireValue(v.Index(i).Addr().UnsafePointer())
		if err != nil {
			return nil, err
		}
		switch e := e.(type) {
		case nil:
			b = append(b, "NULL"...)
		case int64:
			b = strconv.AppendInt(b, e, 10)
		case float64:
			b = strconv.AppendFloat(b, e, 'g', -1, 64)
		case bool:
			b = strconv.AppendBool(b, e)
		case []byte:
			b = append(b, fmt.Sprintf(`"\\x%x"`, e)...)
		case string:
			if a.elem.Col.Type.Kind == schema.TimeKind {
				e += "+00"
			}
			b = appendQuotedElem(b, e)
		default:
			return nil, fmt.Errorf("%T in an array", e)
		}
	}
	return string(append(b, '}')), nil
}

func appendQuotedElem(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

func (a *arrayCodec) decode(p any, v any) error {
	b, ok := bytesOf(v)
	if !ok {
		return reason(fmt.Sprintf("%T is no array", v))
	}
	elems, err := parseArray(string(b))
	if err != nil {
		return err
	}
	s := reflect.ValueOf(p).Elem()
	out := reflect.MakeSlice(s.Type(), len(elems), len(elems))
	for i, e := range elems {
		if e.null {
			if !a.elem.Col.Nullable {
				return reason("NULL in an array of " + a.elem.Col.GoType.String())
			}
			if err := a.elem.Store(out.Index(i).Addr().UnsafePointer(), nil, nil); err != nil {
				return err
			}
			continue
		}
		var val driver.Value = e.text
		if a.elem.Col.Type.Kind == schema.BytesKind {
			val, err = parseHex(e.text)
			if err != nil {
				return err
			}
		}
		if err := a.elem.Store(out.Index(i).Addr().UnsafePointer(), nil, val); err != nil {
			return err
		}
	}
	s.Set(out)
	return nil
}

// settle gives the elements the form that the row has: times in UTC with
// microseconds, an empty slice for nil.
func (a *arrayCodec) settle(p any) error { return settleBy(a, p) }

func (a *arrayCodec) same(old, new any) (bool, any) { return sameBy(&a.baseCodec, a, old, new) }

type arrayElem struct {
	text string
	null bool
}

// parseArray splits a one-dimensional array literal into its elements.
func parseArray(s string) ([]arrayElem, error) {
	const bad = reason("the text is no array literal of one dimension")
	if i := strings.Index(s, "={"); i >= 0 && strings.HasPrefix(s, "[") {
		s = s[i+1:] // bounds, [0:2]={…}
	}
	if len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' {
		return nil, bad
	}
	s = s[1 : len(s)-1]
	var out []arrayElem
	for len(s) > 0 {
		var e arrayElem
		if s[0] == '"' {
			var b strings.Builder
			i := 1
			for ; i < len(s) && s[i] != '"'; i++ {
				if s[i] == '\\' {
					i++
					if i == len(s) {
						return nil, bad
					}
				}
				b.WriteByte(s[i])
			}
			if i >= len(s) {
				return nil, bad
			}
			e.text, s = b.String(), s[i+1:]
		} else {
			i := strings.IndexByte(s, ',')
			if i < 0 {
				i = len(s)
			}
			e.text, s = s[:i], s[i:]
			if strings.ContainsAny(e.text, `{}"\`) || e.text == "" {
				return nil, bad
			}
			e.null = strings.EqualFold(e.text, "NULL")
		}
		out = append(out, e)
		if s == "" {
			break
		}
		if s[0] != ',' || len(s) == 1 {
			return nil, bad
		}
		s = s[1:]
	}
	return out, nil
}

func parseHex(s string) ([]byte, error) {
	s, ok := strings.CutPrefix(s, `\x`)
	if !ok || len(s)%2 != 0 {
		return nil, reason("the text is no bytea")
	}
	b := make([]byte, len(s)/2)
	for i := range b {
		n, err := strconv.ParseUint(s[2*i:2*i+2], 16, 8)
		if err != nil {
			return nil, reason("the text is no bytea")
		}
		b[i] = byte(n)
	}
	return b, nil
}
