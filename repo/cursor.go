package repo

import (
	"crypto/sha256"
	"crypto/subtle"
	"database/sql/driver"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// Cursor is where a page ends, for Query.Page and Selection.Page to go on from:
// URL-safe text that a client sends back as it is. The empty one is the start. It
// holds the values that the last row of the page has in the columns of the order,
// readable by whoever takes the trouble: order by nothing that is secret. A cursor is
// good for the tables, the order and the kind of database that it was made for,
// whatever the conditions and the size of the page; it lasts across restarts.
type Cursor string

// ErrCursor says that a cursor was cut, altered, or made for another order, another
// table or another query.
var ErrCursor = errors.New("cursor refused")

// A cursor is base64 of a version, the values one after the other, and a sum of
// these and of what the cursor is for. The sum finds accidents and cursors in the
// wrong place; it is no signature, so that values are checked all the same.
const (
	cursorVersion = 1
	cursorSum     = 12
)

// The marks of the values.
const (
	cursorNull  = 'n'
	cursorInt   = 'i'
	cursorFloat = 'f'
	cursorTrue  = 't'
	cursorFalse = 'F'
	cursorText  = 's'
	cursorBytes = 'b'
	cursorTime  = 'm'
)

var cursorText64 = base64.RawURLEncoding.Strict()

// writeCursor makes the cursor of values for what order says.
func writeCursor(order []byte, vals []driver.Value) (Cursor, error) {
	b := []byte{cursorVersion}
	for _, v := range vals {
		switch v := v.(type) {
		case nil:
			b = append(b, cursorNull)
		case int64:
			b = binary.AppendVarint(append(b, cursorInt), v)
		case float64:
			b = binary.BigEndian.AppendUint64(append(b, cursorFloat), math.Float64bits(v))
		case bool:
			if v {
				b = append(b, cursorTrue)
			} else {
				b = append(b, cursorFalse)
			}
		case string:
			b = append(binary.AppendUvarint(append(b, cursorText), uint64(len(v))), v...)
		case []byte:
			b = append(binary.AppendUvarint(append(b, cursorBytes), uint64(len(v))), v...)
		case time.Time:
			b = binary.AppendVarint(append(b, cursorTime), v.UnixMicro())
		default:
			return "", fmt.Errorf("a value of type %T cannot be kept in a cursor", v)
		}
	}
	return Cursor(cursorText64.EncodeToString(append(b, sumOf(order, b)...))), nil
}

func sumOf(order, payload []byte) []byte {
	h := sha256.New()
	h.Write(binary.AppendUvarint(nil, uint64(len(order))))
	h.Write(order)
	h.Write(payload)
	return h.Sum(nil)[:cursorSum]
}

// readCursor returns the n values of a cursor that writeCursor made for the same
// order; ok is false for every other text.
func readCursor(order []byte, c Cursor, n int) (vals []driver.Value, ok bool) {
	b, err := cursorText64.DecodeString(string(c))
	if err != nil || cursorText64.EncodeToString(b) != string(c) { // line breaks are passed over
		return nil, false
	}
	if len(b) < 1+cursorSum || b[0] != cursorVersion {
		return nil, false
	}
	payload, sum := b[:len(b)-cursorSum], b[len(b)-cursorSum:]
	if subtle.ConstantTimeCompare(sum, sumOf(order, payload)) != 1 {
		return nil, false
	}
	rest := payload[1:]
	for len(rest) > 0 {
		v, tail, ok := cursorValue(rest)
		if !ok || len(vals) == n {
			return nil, false
		}
		vals, rest = append(vals, v), tail
	}
	if len(vals) != n {
		return nil, false
	}
	// Numbers can be written in more than one way.
	again, err := writeCursor(order, vals)
	return vals, err == nil && again == c
}

// cursorValue takes one value off the front of b.
func cursorValue(b []byte) (v driver.Value, rest []byte, ok bool) {
	mark, b := b[0], b[1:]
	switch mark {
	case cursorNull:
		return nil, b, true
	case cursorTrue, cursorFalse:
		return mark == cursorTrue, b, true
	case cursorInt, cursorTime:
		n, size := binary.Varint(b)
		if size <= 0 {
			return nil, nil, false
		}
		if mark == cursorTime {
			return time.UnixMicro(n).UTC(), b[size:], true
		}
		return n, b[size:], true
	case cursorFloat:
		if len(b) < 8 {
			return nil, nil, false
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)), b[8:], true
	case cursorText, cursorBytes:
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return nil, nil, false
		}
		b = b[size:]
		if mark == cursorText {
			return string(b[:n]), b[n:], true
		}
		return append([]byte{}, b[:n]...), b[n:], true
	}
	return nil, nil, false
}
