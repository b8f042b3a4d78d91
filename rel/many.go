package rel

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"unsafe"

	"github.com/dormer-orm/dormer/internal/related"
)

// Many is a field that holds any number of related entities. The zero Many is
// one that was not loaded; adding to it needs no load. It is one pointer wide and
// has no locks: it belongs to the goroutine that works with its entity. Copies
// share what was known when they were made; changing one that a unit of work
// manages through a copy is ErrCopied.
type Many[T any] struct{ c *related.Many }

// Of returns a Many that holds ts, each once, and nothing else.
func Of[T any](ts ...*T) Many[T] {
	c := &related.Many{Head: related.Head{Loaded: true}}
	for _, t := range ts {
		c.Add(unsafe.Pointer(t))
	}
	return Many[T]{c}
}

// Loaded returns the entities held, in a slice of the caller's own. ok is false
// where there may be more that are not known: it was not loaded, or only in
// part. It does no I/O.
func (m Many[T]) Loaded() (ts []*T, ok bool) {
	if m.c == nil || m.c.Shared {
		return nil, false
	}
	return related.Entities[T](m.c.Items()), m.c.Loaded
}

// Partial reports whether the collection was loaded in part, by a condition or a
// limit. Then Loaded's ok is true, and the collection refuses changes.
func (m Many[T]) Partial() bool { return m.c != nil && m.c.Partial }

// Load returns the related entities. Where they are not known they are read: for
// every entity of the query that last returned this one, in one statement. What
// was added before stays added. An entity that no live unit of work manages is a
// *DetachedError.
func (m *Many[T]) Load(ctx context.Context) ([]*T, error) { return m.load(ctx, true) }

// LoadOnly is Load for this entity alone.
func (m *Many[T]) LoadOnly(ctx context.Context) ([]*T, error) { return m.load(ctx, false) }

func (m *Many[T]) load(ctx context.Context, all bool) ([]*T, error) {
	acts, err := m.actor()
	if err != nil {
		return nil, err
	}
	if acts == nil && (m.c == nil || !m.c.Loaded) {
		return nil, m.detached()
	}
	if acts != nil {
		if err := acts.Load(ctx, unsafe.Pointer(m), all); err != nil {
			return nil, err
		}
	}
	return related.Entities[T](m.c.Items()), nil
}

// actor returns who acts for the container, nil where it is not bound.
func (m *Many[T]) actor() (related.Actor, error) {
	if m.c == nil {
		return nil, nil
	}
	if m.c.At != nil && m.c.At != unsafe.Pointer(m) {
		return nil, ErrCopied
	}
	return m.c.Acts, nil
}

func (m *Many[T]) detached() error {
	return &DetachedError{Relation: reflect.TypeFor[Many[T]]().String()}
}

// Count counts the related entities: those held where they are loaded, else by
// a SELECT. An entity that no live unit of work manages is a *DetachedError.
func (m *Many[T]) Count(ctx context.Context) (int64, error) {
	acts, err := m.actor()
	switch {
	case err != nil:
		return 0, err
	case acts != nil:
		return acts.Count(ctx, unsafe.Pointer(m))
	case m.c == nil || !m.c.Loaded:
		return 0, m.detached()
	}
	return int64(m.c.Len()), nil
}

// Stream yields the related entities: those held where they are loaded, else
// row by row in constant memory, without keeping them. An error is the last
// pair.
func (m *Many[T]) Stream(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		acts, err := m.actor()
		if err == nil && acts == nil && (m.c == nil || !m.c.Loaded) {
			err = m.detached()
		}
		if err != nil {
			yield(nil, err)
			return
		}
		if acts == nil {
			for _, t := range related.Entities[T](m.c.Items()) {
				if !yield(t, nil) {
					return
				}
			}
			return
		}
		for p, err := range acts.Stream(ctx, unsafe.Pointer(m)) {
			if !yield((*T)(p), err) {
				return
			}
		}
	}
}

// Contains reports whether the collection is known to hold t: because it is
// loaded or t was added, or because t's foreign key says so. It does no I/O, so
// that a member of an association that is not loaded is not known.
func (m *Many[T]) Contains(t *T) bool {
	if m.c == nil || t == nil {
		return false
	}
	if !m.c.Shared && m.c.Has(unsafe.Pointer(t)) {
		return true
	}
	acts, err := m.actor()
	return err == nil && acts != nil && acts.Contains(unsafe.Pointer(m), unsafe.Pointer(t))
}

// Add adds entities that the collection does not hold; it need not be loaded.
// Where the entity around is managed, new ones come into its unit of work, and
// the other side of the relation agrees at once. A nil entity is ErrNil; then
// nothing is added.
func (m *Many[T]) Add(ts ...*T) error {
	if err := noNil("Add", ts); err != nil || len(ts) == 0 {
		return err
	}
	acts, err := m.actor()
	switch {
	case err != nil:
		return err
	case acts != nil:
		return acts.Change(unsafe.Pointer(m), related.Pointers(ts), nil)
	}
	c := m.own()
	for _, t := range ts {
		c.Add(unsafe.Pointer(t))
	}
	return nil
}

// Remove takes entities out; it need not be loaded. What becomes of them says
// the relation's ownership. One that the collection does not hold is passed
// over.
func (m *Many[T]) Remove(ts ...*T) error {
	if err := noNil("Remove", ts); err != nil || len(ts) == 0 {
		return err
	}
	acts, err := m.actor()
	switch {
	case err != nil:
		return err
	case acts != nil:
		return acts.Change(unsafe.Pointer(m), nil, related.Pointers(ts))
	}
	c := m.own()
	for _, t := range ts {
		c.Remove(unsafe.Pointer(t))
	}
	return nil
}

// Set makes the collection hold ts and nothing else. Those that it held and that
// are not among ts are removed, known or not.
func (m *Many[T]) Set(ts ...*T) error {
	if err := noNil("Set", ts); err != nil {
		return err
	}
	acts, err := m.actor()
	switch {
	case err != nil:
		return err
	case acts != nil:
		return acts.Replace(unsafe.Pointer(m), related.Pointers(ts))
	}
	*m = Of(ts...)
	return nil
}

func noNil[T any](op string, ts []*T) error {
	if i := slices.Index(ts, nil); i >= 0 {
		return fmt.Errorf("%w (argument %d of %s)", ErrNil, i+1, op)
	}
	return nil
}

// own returns the cell of a container that is not bound, making it at first.
func (m *Many[T]) own() *related.Many {
	if m.c == nil {
		m.c = &related.Many{}
	}
	return m.c
}

// IsZero reports whether nothing is known; encoding/json's omitzero asks.
func (m Many[T]) IsZero() bool { return m.c == nil || !m.c.Loaded && m.c.Len() == 0 }

// Equal reports whether both hold the same entities in the same order, or
// neither is known.
func (m Many[T]) Equal(n Many[T]) bool {
	a, ok := m.Loaded()
	b, ok2 := n.Loaded()
	return ok == ok2 && slices.Equal(a, b)
}

// MarshalJSON writes the entities as an array, or null where they are not known.
// An entity that stands around the collection, through any number of relations,
// is left out.
func (m Many[T]) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	around := m.c.Around()
	b := []byte{'['}
	for _, p := range m.c.Items() {
		e, err := marshal((*T)(p), around)
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

// UnmarshalJSON reads an array of entities; null is one that is not loaded.
func (m *Many[T]) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		*m = Many[T]{}
		return nil
	}
	var ts []*T
	if err := json.Unmarshal(b, &ts); err != nil {
		return err
	}
	*m = Of(slices.DeleteFunc(ts, func(t *T) bool { return t == nil })...)
	return nil
}

// DescribeContainer is for package schema.
func (Many[T]) DescribeContainer() (target reflect.Type, many bool) {
	return reflect.TypeFor[T](), true
}

func (m *Many[T]) within(path *related.Path) {
	if m.c != nil {
		c := *m.c
		c.Path = path
		m.c = &c
	}
}
