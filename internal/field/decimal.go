package field

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// decimalCodec keeps decimals as text with exactly the column's scale, so that
// one number has one form. The Go type is a named string or has Scan and Value.
type decimalCodec struct{ baseCodec }

func (d *decimalCodec) encode(p any) (driver.Value, error) {
	var text string
	if s, ok := d.named(p); ok {
		text = s
		if text == "" {
			text = "0" // the zero value of the type
		}
	} else {
		val, ok := p.(driver.Valuer)
		if !ok {
			return nil, reason(d.c.GoType.String() + " has no Value method")
		}
		v, err := val.Value()
		if err != nil || v == nil {
			return nil, err
		}
		switch v := v.(type) {
		case string:
			text = v
		case []byte:
			text = string(v)
		case int64:
			text = fmt.Sprint(v)
		default:
			return nil, reason(fmt.Sprintf("Value returned %T, want text", v))
		}
	}
	return d.normal(text)
}

func (d *decimalCodec) named(p any) (string, bool) {
	v := reflect.ValueOf(p).Elem()
	if v.Kind() != reflect.String || schema.IsScanner(d.c.GoType) {
		return "", false
	}
	return v.String(), true
}

func (d *decimalCodec) decode(p any, v any) error {
	text, ok := textOf(frozen(thaw(v)))
	if !ok {
		switch v := v.(type) {
		case int64:
			text = fmt.Sprint(v)
		case float64: // a column that was made without Dormer
			text = strconv.FormatFloat(v, 'f', -1, 64)
		case nil:
			if sc, ok := p.(sql.Scanner); ok {
				return sc.Scan(nil)
			}
			return reason("NULL is no decimal")
		default:
			return reason(fmt.Sprintf("%T is no decimal", v))
		}
	}
	text, err := d.normal(text)
	if err != nil {
		return err // else the next flush, of whatever column, would stumble over it
	}
	if sc, ok := p.(sql.Scanner); ok {
		return sc.Scan(text)
	}
	reflect.ValueOf(p).Elem().SetString(text)
	return nil
}

func (d *decimalCodec) same(old, new any) (bool, any) {
	if s, ok := textOf(old); ok {
		if n, err := d.normal(s); err == nil && n == new {
			return true, new
		}
	}
	return sameBy(&d.baseCodec, d, old, new)
}

// settle gives the entity the form that its row has: it may have been written
// with fewer digits.
func (d *decimalCodec) settle(p any) error { return settleBy(d, p) }

// normal writes a decimal with the column's scale. Digits that the column cannot
// keep are an error, zeros apart.
func (d *decimalCodec) normal(s string) (string, error) {
	text, err := expand(s)
	if err != nil {
		return "", err
	}
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, frac, _ := strings.Cut(text, ".")
	whole = strings.TrimLeft(whole, "0")
	scale := d.c.Type.Scale
	if rest := frac[min(scale, len(frac)):]; strings.Trim(rest, "0") != "" {
		return "", reason(fmt.Sprintf("more than %d digits after the point", scale))
	}
	frac = frac[:min(scale, len(frac))] + strings.Repeat("0", max(0, scale-len(frac)))
	if len(whole) > d.c.Type.Precision-scale {
		return "", reason(fmt.Sprintf("more than %d digits before the point", d.c.Type.Precision-scale))
	}
	if whole == "" {
		whole = "0"
	}
	if strings.Trim(whole+frac, "0") == "" {
		sign = ""
	}
	if scale == 0 {
		return sign + whole, nil
	}
	return sign + whole + "." + frac, nil
}

// expand checks that s is a decimal number and writes it without exponent.
func expand(s string) (string, error) {
	const bad = reason("the text is no decimal number")
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		if s[0] == '-' {
			sign = "-"
		}
		s = s[1:]
	}
	mant, exp := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mant = s[:i]
		var err error
		if exp, err = strconv.Atoi(s[i+1:]); err != nil || exp < -1000 || exp > 1000 {
			return "", bad
		}
	}
	whole, frac, _ := strings.Cut(mant, ".")
	if whole+frac == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return "", bad
	}
	for ; exp > 0; exp-- {
		if frac == "" {
			frac = "0"
		}
		whole, frac = whole+frac[:1], frac[1:]
	}
	for ; exp < 0; exp++ {
		if whole == "" {
			whole = "0"
		}
		frac, whole = whole[len(whole)-1:]+frac, whole[:len(whole)-1]
	}
	return sign + whole + "." + frac, nil
}

// DecimalText is a value of a decimal type by itself, with the digits after the point
// that it is written with, and how many there are before and after it. A value
// without one, as of a nil pointer, is "" and no error.
func DecimalText(v any) (text string, whole, scale int, err error) {
	switch x := v.(type) {
	case nil:
		return "", 0, 0, nil
	case driver.Valuer:
		if rv := reflect.ValueOf(x); rv.Kind() == reflect.Pointer && rv.IsNil() {
			return "", 0, 0, nil
		}
		if v, err = x.Value(); err != nil || v == nil {
			return "", 0, 0, err
		}
	}
	switch rv := reflect.ValueOf(v); {
	case rv.Kind() == reflect.Pointer && rv.IsNil():
		return "", 0, 0, nil
	case rv.Kind() == reflect.Pointer:
		return DecimalText(rv.Elem().Interface())
	case rv.Kind() == reflect.String:
		if text = rv.String(); text == "" {
			text = "0" // the zero value of the type
		}
	case rv.CanInt():
		text = strconv.FormatInt(rv.Int(), 10)
	case rv.CanUint():
		text = strconv.FormatUint(rv.Uint(), 10)
	default:
		b, ok := v.([]byte)
		if !ok {
			return "", 0, 0, fmt.Errorf("a value of type %s, which is no text, in place of a decimal", rv.Type())
		}
		text = string(b)
	}
	if text, err = expand(text); err != nil {
		return "", 0, 0, fmt.Errorf("a value in place of a decimal: %w", err)
	}
	digits, negative := strings.CutPrefix(text, "-")
	before, after, _ := strings.Cut(digits, ".")
	before = strings.TrimLeft(before, "0")
	whole, scale = len(before), len(after)
	if text = before; before == "" {
		text = "0"
	}
	if scale > 0 {
		text += "." + after
	}
	if negative && strings.Trim(before+after, "0") != "" {
		text = "-" + text
	}
	return text, whole, scale, nil
}
