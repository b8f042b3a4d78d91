package identity

import (
	"fmt"
	"testing"
	"time"
)

type userID int32

func TestKeysOfOneRowAreOneKey(t *testing.T) {
	uuid := [16]byte{1, 2, 3}
	type named [16]byte
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_900, time.UTC)
	groups := [][][]any{
		{{int64(5)}, {int32(5)}, {int8(5)}, {uint64(5)}, {5}, {userID(5)}},
		{{"ann"}, {namedText("ann")}},
		{{uuid}, {named(uuid)}},
		{{5, "x"}, {int8(5), namedText("x")}},
		{{at, 1}, {at.In(time.FixedZone("", 3600)), 1}, {at.Truncate(time.Microsecond), 1}},
		{{true, 1}}, {{false, 1}}, {{1.5, 1}, {float32(1.5), 1}},
		{{"a", "bc"}}, {{"ab", "c"}}, {{"5"}}, {{[]byte("ann"), 1}}, {{"ann", 1}},
	}
	var m Map[int]
	for i, g := range groups {
		for _, parts := range g {
			k, ok := Of(parts...)
			if !ok {
				t.Fatalf("Of(%v) refused", parts)
			}
			if old, ok := m.Get(k); ok && old != i {
				t.Errorf("%v has the key of group %d", parts, old)
			}
			m.Put(k, i)
		}
	}
	if m.Len() != len(groups) {
		t.Errorf("%d keys for %d rows", m.Len(), len(groups))
	}
}

type namedText string

func TestKeysThatAreNone(t *testing.T) {
	for _, parts := range [][]any{{}, {nil}, {5, nil}, {uint64(1) << 63}, {struct{}{}}, {[]int{1}}, {[]byte(nil)}} {
		if k, ok := Of(parts...); ok {
			t.Errorf("Of(%v) = %s, want none", parts, k)
		}
	}
}

func TestDeleteAndClear(t *testing.T) {
	var m Map[string]
	b := AppendText(AppendInt(nil, 5), "x")
	for _, k := range []Key{Int(1), Text("a"), UUID([16]byte{9}), Encoded(b)} {
		m.Put(k, k.String())
		if got, ok := m.Get(k); !ok || got != k.String() {
			t.Errorf("%s: got %q, %v", k, got, ok)
		}
		m.Delete(k)
		if _, ok := m.Get(k); ok {
			t.Errorf("%s is there after Delete", k)
		}
	}
	m.Put(Key{}, "none")
	if m.Len() != 0 {
		t.Error("the zero key was kept")
	}
	m.Put(Encoded(b), "kept")
	b[1] = 99
	if _, ok := m.Get(Encoded(AppendText(AppendInt(nil, 5), "x"))); !ok {
		t.Error("the map kept the caller's bytes")
	}
	m.Clear()
	if m.Len() != 0 {
		t.Error("Clear left keys")
	}
}

func TestGrowKeepsWhatIsThere(t *testing.T) {
	var m Map[int]
	m.Grow(100)
	for i := range 30 {
		m.Put(Int(int64(i)), i)
	}
	m.Grow(10) // it has more
	m.Grow(1000)
	for i := range 30 {
		if got, ok := m.GetInt(int64(i)); !ok || got != i {
			t.Fatalf("%d: %d, %v", i, got, ok)
		}
	}
	if m.Len() != 30 {
		t.Errorf("%d keys", m.Len())
	}
}

func TestHitsAllocateNothing(t *testing.T) {
	var m Map[int]
	scratch := make([]byte, 0, 64)
	m.Put(Encoded(AppendText(AppendInt(scratch, 5), "x")), 1)
	m.Put(Int(1<<40), 2)
	n := testing.AllocsPerRun(100, func() {
		b := AppendText(AppendInt(scratch, 5), "x")
		if _, ok := m.Get(Encoded(b)); !ok {
			t.Fatal("miss")
		}
		if _, ok := m.Get(Int(1 << 40)); !ok {
			t.Fatal("miss")
		}
	})
	if n != 0 {
		t.Errorf("%v allocations on a hit", n)
	}
}

func Example() {
	type user struct{ name string }
	var m Map[*user]
	m.Put(Int(5), &user{"Ann"})
	key, _ := Of(int32(5))
	u, ok := m.Get(key)
	fmt.Println(u.name, ok)
	composite, _ := Of(5, "x")
	fmt.Println(composite)
	// Output:
	// Ann true
	// 5/"x"
}
