package repo

import (
	"database/sql/driver"
	"math"
	"strings"
	"testing"
	"time"
)

// FuzzCursor: any text is refused, or is just what writing its values gives; also
// where the sum at its end is right.
func FuzzCursor(f *testing.F) {
	order := []byte("an order")
	for _, vals := range [][]driver.Value{
		nil, {nil}, {int64(-1), "x", nil}, {math.Inf(-1), true, false}, {[]byte{0, 1, 255}, ""},
		{time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC), int64(math.MinInt64)},
	} {
		c, err := writeCursor(order, vals)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(c), len(vals))
	}
	f.Add("AX", 0)
	f.Add("====", 1)
	f.Fuzz(func(t *testing.T, text string, n int) {
		check := func(c Cursor) {
			vals, ok := readCursor(order, c, n)
			if !ok {
				return
			}
			if len(vals) != n {
				t.Fatalf("%q has %d values, %d were asked for", c, len(vals), n)
			}
			if again, err := writeCursor(order, vals); err != nil || again != c {
				t.Fatalf("%q was taken for %v, whose cursor is %q, %v", c, vals, again, err)
			}
			if _, ok := readCursor([]byte("another"), c, n); ok {
				t.Fatalf("%q was taken for another order", c)
			}
		}
		check(Cursor(text))
		payload := append([]byte{cursorVersion}, text...)
		check(Cursor(cursorText64.EncodeToString(append(payload, sumOf(order, payload)...))))
	})
}

// TestCursorThatWasAltered changes each character of a cursor to others, and cuts
// it everywhere.
func TestCursorThatWasAltered(t *testing.T) {
	order := []byte("an order")
	made, err := writeCursor(order, []driver.Value{int64(7), "name", nil, 1.5})
	if err != nil {
		t.Fatal(err)
	}
	if vals, ok := readCursor(order, made, 4); !ok || vals[1] != "name" {
		t.Fatalf("%v, %v", vals, ok)
	}
	const letters = "ABab01-_+/= \n"
	for i := range made {
		for _, l := range letters {
			altered := made[:i] + Cursor(l) + made[i+1:]
			if altered == made {
				continue
			}
			if _, ok := readCursor(order, altered, 4); ok {
				t.Errorf("%q was taken for %q", altered, made)
			}
			if _, ok := readCursor(order, made[:i]+Cursor(l)+made[i:], 4); ok {
				t.Errorf("%q with %q inserted at %d was taken", made, l, i)
			}
		}
		if _, ok := readCursor(order, made[:i], 4); ok {
			t.Errorf("%q, cut to %d, was taken", made, i)
		}
	}
	for _, n := range []int{0, 3, 5} {
		if _, ok := readCursor(order, made, n); ok {
			t.Errorf("taken for %d values", n)
		}
	}
	if strings.ContainsAny(string(made), "+/= ") {
		t.Errorf("%q is not safe in a URL", made)
	}
}
