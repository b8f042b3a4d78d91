package field

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of a document: what PostgreSQL's numeric and SQLite's JSON functions
// take, and how far an exponent may write a number out.
const (
	maxDepth    = 1000
	maxWhole    = 131072
	maxFraction = 16383
	maxExpanded = 1000
)

// canonicalDocument returns a valid JSON text in the form in which PostgreSQL's
// jsonb keeps and writes it, which is the form for every database: of equal keys
// the last stays, keys stand in the order of length and then bytes, numbers are
// written out, strings have no escape that they need not have. A text that is in
// that form is returned as it is.
func canonicalDocument(text []byte) ([]byte, error) {
	d := document{in: text, out: make([]byte, 0, len(text)+len(text)/8)}
	if err := d.value(0); err != nil {
		return nil, err
	}
	if d.space(); d.at != len(d.in) {
		return nil, errNoDocument
	}
	if bytes.Equal(d.out, text) {
		return text, nil
	}
	return d.out, nil
}

const errNoDocument = reason("no JSON document")

// document is a text on its way into canonical form.
type document struct {
	in  []byte
	at  int
	out []byte
}

// member is where an object's member stands in the output.
type member struct {
	key      string
	from, to int
}

func (d *document) space() {
	for d.at < len(d.in) && (d.in[d.at] == ' ' || d.in[d.at] == '\t' || d.in[d.at] == '\n' || d.in[d.at] == '\r') {
		d.at++
	}
}

// next skips space and returns the byte that follows it, 0 at the end.
func (d *document) next() byte {
	d.space()
	if d.at < len(d.in) {
		return d.in[d.at]
	}
	return 0
}

func (d *document) value(depth int) error {
	if depth > maxDepth {
		return reason(fmt.Sprintf("JSON nested deeper than %d", maxDepth))
	}
	switch c := d.next(); {
	case c == '{':
		return d.object(depth)
	case c == '[':
		return d.array(depth)
	case c == '"':
		_, err := d.text()
		return err
	case c == '-' || c >= '0' && c <= '9':
		return d.number()
	}
	for _, word := range []string{"null", "true", "false"} {
		if bytes.HasPrefix(d.in[d.at:], []byte(word)) {
			d.at += len(word)
			d.out = append(d.out, word...)
			return nil
		}
	}
	return errNoDocument
}

func (d *document) array(depth int) error {
	d.at++
	d.out = append(d.out, '[')
	if d.next() == ']' {
		d.at++
		d.out = append(d.out, ']')
		return nil
	}
	for {
		if err := d.value(depth + 1); err != nil {
			return err
		}
		switch d.next() {
		case ',':
			d.at++
			d.out = append(d.out, ", "...)
		case ']':
			d.at++
			d.out = append(d.out, ']')
			return nil
		default:
			return errNoDocument
		}
	}
}

func (d *document) object(depth int) error {
	d.at++
	d.out = append(d.out, '{')
	if d.next() == '}' {
		d.at++
		d.out = append(d.out, '}')
		return nil
	}
	start := len(d.out)
	var members []member
	sorted := true
	for {
		if d.next() != '"' {
			return errNoDocument
		}
		m := member{from: len(d.out)}
		var err error
		if m.key, err = d.text(); err != nil {
			return err
		}
		if d.next() != ':' {
			return errNoDocument
		}
		d.at++
		d.out = append(d.out, ": "...)
		if err := d.value(depth + 1); err != nil {
			return err
		}
		m.to = len(d.out)
		sorted = sorted && (members == nil || compareKeys(members[len(members)-1].key, m.key) < 0)
		members = append(members, m)
		switch d.next() {
		case ',':
			d.at++
			d.out = append(d.out, ", "...)
			continue
		case '}':
			d.at++
			if !sorted {
				d.arrange(start, members)
			}
			d.out = append(d.out, '}')
			return nil
		}
		return errNoDocument
	}
}

// arrange writes the members again, in order and each key once.
func (d *document) arrange(start int, members []member) {
	slices.SortStableFunc(members, func(a, b member) int { return compareKeys(a.key, b.key) })
	again := make([]byte, 0, len(d.out)-start)
	for i, m := range members {
		if i+1 < len(members) && members[i+1].key == m.key {
			continue
		}
		if len(again) > 0 {
			again = append(again, ", "...)
		}
		again = append(again, d.out[m.from:m.to]...)
	}
	d.out = append(d.out[:start], again...)
}

func compareKeys(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return bytes.Compare([]byte(a), []byte(b))
}

// text reads a string, writes it with as few escapes as it needs, and returns
// what it says.
func (d *document) text() (string, error) {
	d.at++
	plain := d.at // what was not yet written
	from := len(d.out)
	d.out = append(d.out, '"')
	escaped := false
	for d.at < len(d.in) {
		switch c := d.in[d.at]; {
		case c == '"':
			d.out = append(d.out, d.in[plain:d.at]...)
			d.at++
			said := d.out[from+1:]
			if !utf8.Valid(said) {
				return "", errNoUTF8
			}
			s := string(said)
			if escaped {
				d.out = appendQuotedJSON(d.out[:from], s)
			} else {
				d.out = append(d.out, '"')
			}
			return s, nil
		case c < ' ':
			return "", errNoDocument
		case c != '\\':
			d.at++
			continue
		}
		d.out = append(d.out, d.in[plain:d.at]...)
		r, err := d.escape()
		if err != nil {
			return "", err
		}
		d.out = utf8.AppendRune(d.out, r)
		plain, escaped = d.at, true
	}
	return "", errNoDocument
}

const (
	errNoUTF8    = reason("text in it is not valid UTF-8; use []byte")
	errNUL       = reason("JSON with NUL in a string, which databases do not keep")
	errSurrogate = reason(`JSON with half a surrogate pair (\ud800 to \udfff by itself) in a string, which is no character`)
)

// escape reads an escape.
func (d *document) escape() (rune, error) {
	if d.at+1 >= len(d.in) {
		return 0, errNoDocument
	}
	c := d.in[d.at+1]
	d.at += 2
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, err := d.hex()
		if err != nil {
			return 0, err
		}
		if r == 0 {
			return 0, errNUL
		}
		if !utf16.IsSurrogate(r) {
			return r, nil
		}
		if !bytes.HasPrefix(d.in[d.at:], []byte(`\u`)) {
			return 0, errSurrogate
		}
		d.at += 2
		low, err := d.hex()
		if err != nil {
			return 0, err
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return 0, errSurrogate
		}
		return r, nil
	}
	return 0, errNoDocument
}

func (d *document) hex() (rune, error) {
	if d.at+4 > len(d.in) {
		return 0, errNoDocument
	}
	n, err := strconv.ParseUint(string(d.in[d.at:d.at+4]), 16, 16)
	if err != nil {
		return 0, errNoDocument
	}
	d.at += 4
	return rune(n), nil
}

// appendQuotedJSON escapes what jsonb escapes.
func appendQuotedJSON(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= ' ':
			b = append(b, c)
		default:
			if j := bytes.IndexByte([]byte("\b\f\n\r\t"), c); j >= 0 {
				b = append(b, '\\', "bfnrt"[j])
			} else {
				b = fmt.Appendf(b, `\u%04x`, c)
			}
		}
	}
	return append(b, '"')
}

// number writes a number as numeric does: without an exponent, with as many
// digits after the point as were given for it, and no negative zero.
func (d *document) number() error {
	from := d.at
	digits := func() []byte {
		start := d.at
		for d.at < len(d.in) && d.in[d.at] >= '0' && d.in[d.at] <= '9' {
			d.at++
		}
		return d.in[start:d.at]
	}
	negative := d.in[d.at] == '-'
	if negative {
		d.at++
	}
	whole := digits()
	if len(whole) == 0 || len(whole) > 1 && whole[0] == '0' {
		return errNoDocument
	}
	var fraction []byte
	if d.at < len(d.in) && d.in[d.at] == '.' {
		d.at++
		if fraction = digits(); len(fraction) == 0 {
			return errNoDocument
		}
	}
	zero := len(bytes.Trim(whole, "0"))+len(bytes.Trim(fraction, "0")) == 0
	if len(whole) > maxWhole || len(fraction) > maxFraction {
		return errLongNumber
	}
	if d.at == len(d.in) || d.in[d.at] != 'e' && d.in[d.at] != 'E' {
		if negative && zero {
			from++
		}
		d.out = append(d.out, d.in[from:d.at]...)
		return nil
	}
	d.at++
	minus := false
	if d.at < len(d.in) && (d.in[d.at] == '+' || d.in[d.at] == '-') {
		minus = d.in[d.at] == '-'
		d.at++
	}
	power := bytes.TrimLeft(digits(), "0")
	if c := d.in[d.at-1]; c < '0' || c > '9' {
		return errNoDocument
	}
	if len(power) > 4 {
		return errLongNumber
	}
	exponent, _ := strconv.Atoi("0" + string(power))
	if minus {
		exponent = -exponent
	}

	// The number is all its digits, the decimal point after the first point of them.
	all := append(bytes.Clone(whole), fraction...)
	point := len(whole) + exponent
	scale := max(0, len(fraction)-exponent)
	if scale > maxExpanded || !zero && point > maxExpanded {
		return errLongNumber
	}
	if zero {
		all, point = nil, 0
	}
	if negative && !zero {
		d.out = append(d.out, '-')
	}
	digit := func(i int) byte {
		if i < 0 || i >= len(all) {
			return '0'
		}
		return all[i]
	}
	start := len(d.out)
	for i := range max(0, point) {
		if c := digit(i); c != '0' || len(d.out) > start {
			d.out = append(d.out, c)
		}
	}
	if len(d.out) == start {
		d.out = append(d.out, '0')
	}
	if scale > 0 {
		d.out = append(d.out, '.')
		for i := range scale {
			d.out = append(d.out, digit(point+i))
		}
	}
	return nil
}

var errLongNumber = reason(fmt.Sprintf("JSON with a number of too many digits: at most %d before the point and %d after it, or %d written out from an exponent", maxWhole, maxFraction, maxExpanded))
