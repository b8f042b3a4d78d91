package trees_test

// tape are the choices of a generator. It ends, and from there on the first choice
// is taken, which is always a leaf: so a tape makes a tree of about its size, a
// shorter one a smaller tree, and one that differs in a byte a tree that differs
// little.
type tape struct {
	bytes []byte
	at    int
	round bool // begin again instead of ending: for values, which need no end
}

// n chooses one of k.
func (t *tape) n(k int) int {
	if k <= 1 {
		return 0
	}
	if t.round && len(t.bytes) > 0 {
		t.at %= len(t.bytes)
	}
	if t.at >= len(t.bytes) {
		return 0
	}
	b := t.bytes[t.at]
	t.at++
	return int(b) % k
}

func (t *tape) flag() bool { return t.n(2) == 1 }

// rarely is true once in k times.
func (t *tape) rarely(k int) bool { return t.n(k) == k-1 }

func pick[V any](t *tape, of []V) V { return of[t.n(len(of))] }
