package rel

import (
	"bytes"
	"context"
	"encoding/json"
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
	return Many[T]{manyOf(related.Pointers(ts))}
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
func (m *Many[T]) Load(ctx context.Context) ([]*T, error) {
	ps, err := loadMany(ctx, &m.c, reflect.TypeFor[Many[T]](), true)
	return held[T](ps, err)
}

// LoadOnly is Load for this entity alone.
func (m *Many[T]) LoadOnly(ctx context.Context) ([]*T, error) {
	ps, err := loadMany(ctx, &m.c, reflect.TypeFor[Many[T]](), false)
	return held[T](ps, err)
}

// Count counts the related entities: those held where they are loaded, else by
// a SELECT. An entity that no live unit of work manages is a *DetachedError.
func (m *Many[T]) Count(ctx context.Context) (int64, error) {
	return countMany(ctx, &m.c, reflect.TypeFor[Many[T]]())
}

// Stream yields the related entities: those held where they are loaded, else
// row by row in constant memory, without keeping them. An error is the last
// pair.
func (m *Many[T]) Stream(ctx context.Context) iter.Seq2[*T, error] {
	seq := streamMany(ctx, &m.c, reflect.TypeFor[Many[T]]())
	return func(yield func(*T, error) bool) {
		seq(func(p unsafe.Pointer, err error) bool { return yield((*T)(p), err) })
	}
}

// Contains reports whether the collection is known to hold t: because it is
// loaded or t was added, or because t's foreign key says so. It does no I/O, so
// that a member of an association that is not loaded is not known.
func (m *Many[T]) Contains(t *T) bool {
	return manyContains(&m.c, unsafe.Pointer(t))
}

// Add adds entities that the collection does not hold; it need not be loaded.
// Where the entity around is managed, new ones come into its unit of work, and
// the other side of the relation agrees at once. A nil entity is ErrNil; then
// nothing is added.
func (m *Many[T]) Add(ts ...*T) error {
	return addMany(&m.c, related.Pointers(ts))
}

// Remove takes entities out; it need not be loaded. What becomes of them says
// the relation's ownership. One that the collection does not hold is passed
// over.
func (m *Many[T]) Remove(ts ...*T) error {
	return removeMany(&m.c, related.Pointers(ts))
}

// Set makes the collection hold ts and nothing else. Those that it held and that
// are not among ts are removed, known or not.
func (m *Many[T]) Set(ts ...*T) error {
	return setMany(&m.c, related.Pointers(ts))
}

// IsZero reports whether nothing is known; encoding/json's omitzero asks.
func (m Many[T]) IsZero() bool { return nothingKnown(m.c) }

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
	return marshalMany(m.c, func(p unsafe.Pointer, around *related.Path) ([]byte, error) {
		return marshal(reflect.ValueOf((*T)(p)), around)
	})
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
	withinMany(&m.c, path)
}
