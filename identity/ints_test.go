package identity

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// The table does what a map does, whatever keys come and go.
func TestIntegerKeysDoWhatAMapDoes(t *testing.T) {
	keys := rapid.OneOf(
		rapid.Int64Range(-3, 40), // few, so that they meet again
		rapid.SampledFrom([]int64{0, math.MinInt64, math.MaxInt64, -1, 1 << 32, 1 << 62}),
		rapid.Int64())
	rapid.Check(t, func(t *rapid.T) {
		var m Map[int]
		want := map[int64]int{}
		for i := range rapid.IntRange(0, 300).Draw(t, "steps") {
			k := keys.Draw(t, "key")
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0, 1:
				m.PutInt(k, i)
				want[k] = i
			case 2:
				m.Delete(Int(k))
				delete(want, k)
			case 3:
				place, found := m.AtInt(k)
				if v, ok := want[k]; ok != found || *place != v {
					t.Fatalf("AtInt(%d) is %d, %v instead of %d, %v", k, *place, found, v, ok)
				}
				*place, want[k] = i, i
			case 4:
				m.Grow(rapid.IntRange(0, 100).Draw(t, "room"))
			case 5:
				if v, ok := m.GetInt(k); ok != has(want, k) || v != want[k] {
					t.Fatalf("GetInt(%d) is %d, %v instead of %d", k, v, ok, want[k])
				}
			}
			if m.Len() != len(want) {
				t.Fatalf("%d keys instead of %d", m.Len(), len(want))
			}
		}
		for k, v := range want {
			if got, ok := m.Get(Int(k)); !ok || got != v {
				t.Fatalf("key %d has %d, %v instead of %d", k, got, ok, v)
			}
		}
	})
}

func has(m map[int64]int, k int64) bool { _, ok := m[k]; return ok }

// Keys in any regular order are found in few steps.
func TestIntegerKeysAreSpread(t *testing.T) {
	const n = 20_000
	for name, key := range map[string]func(i int64) int64{
		"one by one":   func(i int64) int64 { return i + 1 },
		"by 1,000":     func(i int64) int64 { return i * 1000 },
		"by 2^32":      func(i int64) int64 { return (i + 1) << 32 },
		"downwards":    func(i int64) int64 { return -i },
		"by the ratio": func(i int64) int64 { return (i + 1) * -7046029254386353131 },
		"at random":    func(int64) int64 { return rand.Int64() },
	} {
		var m Map[bool]
		for i := range int64(n) {
			m.PutInt(key(i), true)
		}
		most, run := 0, 0
		for _, s := range m.ints.slots {
			if run++; s.key == 0 {
				run = 0
			}
			most = max(most, run)
		}
		if most > 2000 {
			t.Errorf("keys %s: %d in one line of %d", name, most, len(m.ints.slots))
		}
	}
}
