package identity

import (
	"math/bits"
	"math/rand/v2"
)

// ints is a hash table of integer keys, for the path where each row of a result
// is looked up and put in: one step does both, and a table made for a known number
// of rows is a third larger than they, in one piece. It is open, probes in line,
// and closes the gap when a key is deleted, so that it has no tombstones.
type ints[E any] struct {
	slots []intSlot[E]
	used  int // of slots
	// zero is the value of the key 0, which marks a slot that is free.
	zero    E
	hasZero bool
}

type intSlot[E any] struct {
	key int64
	val E
}

// minSlots is the size of the first table.
const minSlots = 8

// seed keeps programs from choosing keys that fall on one place.
var seed = rand.Uint64()

// home is the slot where a key belongs, of n.
func home(key int64, n int) int {
	hi, lo := bits.Mul64(uint64(key)^seed, 0x9e3779b97f4a7c15)
	at, _ := bits.Mul64(hi^lo, uint64(n))
	return int(at)
}

// room is the number of slots for n keys: a quarter is free.
func room(n int) int { return max(minSlots, n+n/3+1) }

func (t *ints[E]) len() int {
	if t.hasZero {
		return t.used + 1
	}
	return t.used
}

func (t *ints[E]) get(key int64) (e E, ok bool) {
	if key == 0 {
		return t.zero, t.hasZero
	}
	if len(t.slots) == 0 {
		return e, false
	}
	for i := home(key, len(t.slots)); ; {
		s := &t.slots[i]
		switch s.key {
		case key:
			return s.val, true
		case 0:
			return e, false
		}
		if i++; i == len(t.slots) {
			i = 0
		}
	}
}

// at returns the place of a key's value, which is made where there is none. It is
// good until the table changes.
func (t *ints[E]) at(key int64) (place *E, found bool) {
	if key == 0 {
		found, t.hasZero = t.hasZero, true
		return &t.zero, found
	}
	if room(t.used+1) > len(t.slots) {
		t.grow(2 * (t.used + 1))
	}
	for i := home(key, len(t.slots)); ; {
		s := &t.slots[i]
		switch s.key {
		case key:
			return &s.val, true
		case 0:
			s.key = key
			t.used++
			return &s.val, false
		}
		if i++; i == len(t.slots) {
			i = 0
		}
	}
}

// grow makes room for n keys.
func (t *ints[E]) grow(n int) {
	if room(n) <= len(t.slots) {
		return
	}
	old := t.slots
	t.slots = make([]intSlot[E], room(n))
	for _, s := range old {
		if s.key == 0 {
			continue
		}
		i := home(s.key, len(t.slots))
		for t.slots[i].key != 0 {
			if i++; i == len(t.slots) {
				i = 0
			}
		}
		t.slots[i] = s
	}
}

func (t *ints[E]) delete(key int64) {
	var none E
	if key == 0 {
		t.zero, t.hasZero = none, false
		return
	}
	n := len(t.slots)
	if n == 0 {
		return
	}
	i := home(key, n)
	for t.slots[i].key != key {
		if t.slots[i].key == 0 {
			return
		}
		if i++; i == n {
			i = 0
		}
	}
	t.used--
	// What follows moves up, unless it would come before the place where it belongs.
	for j := i; ; {
		if j++; j == n {
			j = 0
		}
		if t.slots[j].key == 0 {
			break
		}
		h := home(t.slots[j].key, n)
		if (j > i && (h <= i || h > j)) || (j < i && h <= i && h > j) {
			t.slots[i] = t.slots[j]
			i = j
		}
	}
	t.slots[i] = intSlot[E]{}
}
