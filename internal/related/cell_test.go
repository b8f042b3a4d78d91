package related

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	"unsafe"
)

// A cell holds what a slice would, in the same order, whatever is done to it.
func TestManyIsAnOrderedSet(t *testing.T) {
	entities := make([]int64, 300)
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		var m Many
		var want []unsafe.Pointer
		for range 400 {
			p := unsafe.Pointer(&entities[r.IntN(max(1, len(entities)*(round+1)/200))])
			at := slices.Index(want, p)
			if m.Has(p) != (at >= 0) {
				t.Fatalf("Has is %v, want %v", m.Has(p), at >= 0)
			}
			copied := m // as a journal and JSON make them
			held := slices.Clone(copied.Items())
			switch r.IntN(5) {
			case 0, 1, 2:
				if m.Add(p) != (at < 0) {
					t.Fatal("Add")
				}
				if at < 0 {
					want = append(want, p)
				}
			case 3:
				if m.Remove(p) != (at >= 0) {
					t.Fatal("Remove")
				}
				if at >= 0 {
					want = slices.Delete(want, at, at+1)
				}
			default:
				if !slices.Equal(m.Items(), held) {
					t.Fatal("reading changes it")
				}
			}
			if !slices.Equal(m.Items(), want) || m.Len() != len(want) {
				t.Fatalf("it holds %d items, want %d", m.Len(), len(want))
			}
		}
	}
}

// To take all items out one by one takes no time that grows with their square:
// that would be a minute here.
func TestManyIsTakenApartInProportion(t *testing.T) {
	const length = 300_000
	entities := make([]int64, length)
	for name, at := range map[string]func(i int) int{
		"from the front":    func(i int) int { return i },
		"from the back":     func(i int) int { return length - 1 - i },
		"here and there":    func(i int) int { return i * 7919 % length },
		"from the middle":   func(i int) int { return (length/2 + i) % length },
		"both ends in turn": func(i int) int { return (i%2)*(length-1-i/2) + (1-i%2)*(i/2) },
	} {
		var m Many
		for i := range entities {
			m.Add(unsafe.Pointer(&entities[i]))
		}
		start := time.Now()
		for i := range entities {
			if !m.Remove(unsafe.Pointer(&entities[at(i)])) {
				t.Fatalf("%s: item %d is not there", name, at(i))
			}
		}
		if took := time.Since(start); took > 5*time.Second || m.Len() != 0 {
			t.Errorf("%s: it took %v, and %d are left", name, took, m.Len())
		}
	}
}
