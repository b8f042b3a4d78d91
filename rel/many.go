package rel

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"unsafe"
)

// Many holds the entities that refer to another. The zero Many is not loaded:
// what is added to it and removed from it is known, what else there may be is
// not.
type Many[T any] struct{ s *many[T] }

type many[T any] struct {
	items   []*T
	removed []*T
	loaded  bool
	path    []unsafe.Pointer // entities around it, while it is written as JSON
}

// Of returns a Many that holds exactly the given entities: for one that is new,
// or whose related entities are all known.
func Of[T any](ts ...*T) Many[T] {
	return Many[T]{&many[T]{items: slices.Clone(ts), loaded: true}}
}

// Loaded returns the entities, and whether they are all there are. Before a
// Many is loaded they are those that were added. The slice is the caller's own.
func (m Many[T]) Loaded() (ts []*T, ok bool) {
	if m.s == nil {
		return nil, false
	}
	return slices.Clone(m.s.items), m.s.loaded
}

// Add adds entities; one that is there already is left. It needs no load. A nil
// entity is ErrNil, and nothing is added then.
func (m *Many[T]) Add(ts ...*T) error {
	for i, t := range ts {
		if t == nil {
			return fmt.Errorf("%w (argument %d of Add)", ErrNil, i+1)
		}
	}
	s := m.state()
	for _, t := range ts {
		if !slices.Contains(s.items, t) {
			s.items = append(s.items, t)
		}
		s.removed = slices.DeleteFunc(s.removed, func(r *T) bool { return r == t })
	}
	return nil
}

// Remove removes entities: their foreign keys become NULL with the next flush.
// A nil entity is ErrNil, and nothing is removed then. Removing what a loaded
// Many does not hold does nothing.
func (m *Many[T]) Remove(ts ...*T) error {
	for i, t := range ts {
		if t == nil {
			return fmt.Errorf("%w (argument %d of Remove)", ErrNil, i+1)
		}
	}
	s := m.state()
	for _, t := range ts {
		i := slices.Index(s.items, t)
		if i >= 0 {
			s.items = slices.Delete(s.items, i, i+1)
		}
		if (i >= 0 || !s.loaded) && !slices.Contains(s.removed, t) {
			s.removed = append(s.removed, t)
		}
	}
	return nil
}

// state returns the container's own state. A copy of the container made before
// shares it.
func (m *Many[T]) state() *many[T] {
	if m.s == nil {
		m.s = &many[T]{}
	}
	return m.s
}

// IsZero reports whether nothing is known, for the omitzero option of JSON.
func (m Many[T]) IsZero() bool { return m.s == nil }

// Equal reports whether m and n hold the same entities in the same order and are
// both loaded or both not.
func (m Many[T]) Equal(n Many[T]) bool {
	a, ok := m.Loaded()
	b, ok2 := n.Loaded()
	return ok == ok2 && slices.Equal(a, b)
}

// MarshalJSON writes the entities, or null where they are not loaded. An entity
// that stands around the container already is left out.
func (m Many[T]) MarshalJSON() ([]byte, error) {
	if m.s == nil || !m.s.loaded && len(m.s.items) == 0 {
		return []byte("null"), nil
	}
	b := []byte{'['}
	for _, t := range m.s.items {
		e, err := marshal(t, m.s.path)
		if err != nil {
			return nil, err
		}
		if bytes.Equal(e, []byte("null")) {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(b, e...)
	}
	return append(b, ']'), nil
}

// UnmarshalJSON reads entities; null makes m unknown.
func (m *Many[T]) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		m.s = nil
		return nil
	}
	var ts []*T
	if err := json.Unmarshal(b, &ts); err != nil {
		return err
	}
	m.s = &many[T]{items: slices.DeleteFunc(ts, func(t *T) bool { return t == nil }), loaded: true}
	return nil
}

// DescribeContainer says what the container holds, for package schema.
func (Many[T]) DescribeContainer() (target reflect.Type, many bool) {
	return reflect.TypeFor[T](), true
}

// ManyContainer is a *Many of any entity: what the unit of work works with.
type ManyContainer interface {
	// Entities are the entities held, Removed those that were removed since
	// the last flush.
	Entities() []unsafe.Pointer
	Removed() []unsafe.Pointer
	// Flushed forgets what was removed.
	Flushed()
}

// Entities is for the unit of work, see ManyContainer.
func (m *Many[T]) Entities() []unsafe.Pointer {
	if m.s == nil {
		return nil
	}
	return pointers(m.s.items)
}

// Removed is for the unit of work, see ManyContainer.
func (m *Many[T]) Removed() []unsafe.Pointer {
	if m.s == nil {
		return nil
	}
	return pointers(m.s.removed)
}

// Flushed is for the unit of work, see ManyContainer.
func (m *Many[T]) Flushed() {
	if m.s != nil {
		m.s.removed = nil
	}
}

func pointers[T any](ts []*T) []unsafe.Pointer {
	ps := make([]unsafe.Pointer, len(ts))
	for i, t := range ts {
		ps[i] = unsafe.Pointer(t)
	}
	return ps
}

func (m *Many[T]) within(path []unsafe.Pointer) {
	if m.s != nil {
		m.s = &many[T]{items: m.s.items, loaded: m.s.loaded, path: path}
	}
}
