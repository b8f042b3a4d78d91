package rel

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"unsafe"

	"github.com/dormer-orm/dormer/internal/related"
)

// One is a field that refers to one entity or none. The zero One is one that was
// not loaded. It is one pointer wide and has no locks: it belongs to the
// goroutine that works with its entity. Copies share what was known when they
// were made; changing one that a unit of work manages through a copy is
// ErrCopied.
type One[T any] struct{ c *related.One }

// To returns a One that refers to t; a nil t is one that is known to refer to
// nothing.
func To[T any](t *T) One[T] {
	return One[T]{&related.One{Head: related.Head{Loaded: true}, Target: unsafe.Pointer(t)}}
}

// Loaded returns the entity referred to, nil for none. ok is false where it is
// not known. It does no I/O.
func (o One[T]) Loaded() (t *T, ok bool) {
	if o.c == nil || !o.c.Loaded {
		return nil, false
	}
	return (*T)(o.c.Target), true
}

// Load returns the entity referred to, nil for none. Where it is not known it is
// read: for every entity of the query that last returned this one, in one
// statement, and without any where the unit of work has the targets. An entity
// that no live unit of work manages is a *DetachedError.
func (o *One[T]) Load(ctx context.Context) (*T, error) { return o.load(ctx, true) }

// LoadOnly is Load for this entity alone.
func (o *One[T]) LoadOnly(ctx context.Context) (*T, error) { return o.load(ctx, false) }

func (o *One[T]) load(ctx context.Context, all bool) (*T, error) {
	switch {
	case o.c == nil || o.c.Actor() == nil && !o.c.Loaded:
		return nil, &DetachedError{Relation: reflect.TypeFor[One[T]]().String()}
	case o.c.At != nil && o.c.At != unsafe.Pointer(o):
		return nil, ErrCopied
	case o.c.Actor() != nil:
		if err := o.c.Actor().Load(ctx, unsafe.Pointer(o), all); err != nil {
			return nil, err
		}
	}
	return (*T)(o.c.Target), nil
}

// Set makes it refer to t, nil for nothing. Where the entity is managed, t comes
// into its unit of work as a new entity unless it is there, and the other side
// of the relation agrees at once; the foreign key follows when it is flushed.
func (o *One[T]) Set(t *T) error {
	switch {
	case o.c != nil && o.c.At != nil && o.c.At != unsafe.Pointer(o):
		return ErrCopied
	case o.c != nil && o.c.Actor() != nil:
		return o.c.Actor().Refer(unsafe.Pointer(o), unsafe.Pointer(t))
	}
	*o = To(t)
	return nil
}

// IsZero reports whether nothing is known; encoding/json's omitzero asks.
func (o One[T]) IsZero() bool { return o.c == nil || !o.c.Loaded }

// Equal reports whether both refer to the same entity, or neither is known.
func (o One[T]) Equal(p One[T]) bool {
	t, ok := o.Loaded()
	u, ok2 := p.Loaded()
	return ok == ok2 && t == u
}

// MarshalJSON writes the entity, or null where there is none or it is not known.
// An entity that stands around itself, through any number of relations, is
// written as null.
func (o One[T]) MarshalJSON() ([]byte, error) {
	if o.c == nil || o.c.Target == nil {
		return []byte("null"), nil
	}
	return marshal(reflect.ValueOf((*T)(o.c.Target)), o.c.Around())
}

// UnmarshalJSON reads an entity; null is one that is not known.
func (o *One[T]) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		*o = One[T]{}
		return nil
	}
	t := new(T)
	if err := json.Unmarshal(b, t); err != nil {
		return err
	}
	*o = To(t)
	return nil
}

// DescribeContainer is for package schema.
func (One[T]) DescribeContainer() (target reflect.Type, many bool) {
	return reflect.TypeFor[T](), false
}

func (o *One[T]) within(path *related.Path) {
	if o.c != nil {
		c := *o.c
		c.Within(path)
		o.c = &c
	}
}
