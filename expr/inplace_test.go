package expr

import (
	"math"
	"reflect"
	"runtime"
	"testing"
	"time"
)

// Each value comes back as what it is, whatever its type, and outlives what it was
// made from.
func TestInPlace(t *testing.T) {
	type name string
	made := func() []any {
		text, n, wide := "a text", math.MinInt, int64(math.MaxInt64)
		named, now, none := name("x"), time.Unix(7, 0).UTC(), (*int)(nil)
		return []any{inPlace(&text), inPlace(&n), inPlace(&wide), inPlace(&named), inPlace(&now), inPlace(&none)}
	}
	got := made()
	runtime.GC()
	want := []any{"a text", math.MinInt, int64(math.MaxInt64), name("x"), time.Unix(7, 0).UTC(), (*int)(nil)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%#v instead of %#v", got, want)
	}
}

// A comparison of a column with a value is one piece of memory.
func TestComparisonsAllocateOnce(t *testing.T) {
	ref := NewColumnRef(NewSource("", "t", "", nil), "c", nil)
	text, n := Column[struct{}, string]{ref: ref}, Column[struct{}, int]{ref: ref}
	var got []Expr[struct{}]
	for what, f := range map[string]func() Expr[struct{}]{
		"text":   func() Expr[struct{}] { return text.Eq("a text") },
		"number": func() Expr[struct{}] { return n.Lt(1 << 40) },
	} {
		if allocs := testing.AllocsPerRun(100, func() { got = append(got[:0], f()) }); allocs > 1 {
			t.Errorf("%s: %v allocations", what, allocs)
		}
	}
}
