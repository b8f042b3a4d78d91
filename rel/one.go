package rel

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"unsafe"
)

// ErrNil: a relation was given a nil entity.
var ErrNil = errors.New("rel: the entity is nil")

// One holds the one entity that another refers to, or none. The zero One is not
// loaded: it knows nothing, and leaves the foreign key as it is.
type One[T any] struct{ s *one[T] }

type one[T any] struct {
	target *T
	path   []unsafe.Pointer // entities around it, while it is written as JSON
}

// To returns a One that refers to t. A nil t refers to nothing, which makes the
// foreign key NULL.
func To[T any](t *T) One[T] { return One[T]{&one[T]{target: t}} }

// Loaded returns the entity referred to, nil where there is none. ok is false
// where it is not known.
func (o One[T]) Loaded() (t *T, ok bool) {
	if o.s == nil {
		return nil, false
	}
	return o.s.target, true
}

// Set makes o refer to t, or to nothing where t is nil. The foreign key follows
// with the next flush.
func (o *One[T]) Set(t *T) error {
	o.s = &one[T]{target: t}
	return nil
}

// IsZero reports whether o is not loaded, for the omitzero option of JSON.
func (o One[T]) IsZero() bool { return o.s == nil }

// Equal reports whether o and p know the same: the same entity, none, or nothing.
func (o One[T]) Equal(p One[T]) bool {
	t, ok := o.Loaded()
	u, ok2 := p.Loaded()
	return ok == ok2 && t == u
}

// MarshalJSON writes the entity, or null where there is none, where it is not
// known, and where it stands around the container already.
func (o One[T]) MarshalJSON() ([]byte, error) {
	if o.s == nil || o.s.target == nil {
		return []byte("null"), nil
	}
	return marshal(o.s.target, o.s.path)
}

// UnmarshalJSON reads an entity; null makes o unknown.
func (o *One[T]) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		o.s = nil
		return nil
	}
	t := new(T)
	if err := json.Unmarshal(b, t); err != nil {
		return err
	}
	o.s = &one[T]{target: t}
	return nil
}

// DescribeContainer says what the container holds, for package schema.
func (One[T]) DescribeContainer() (target reflect.Type, many bool) {
	return reflect.TypeFor[T](), false
}

// OneContainer is a *One of any entity: what the unit of work works with.
type OneContainer interface {
	// Entity is the entity referred to, nil for none; known is false where the
	// container is not loaded.
	Entity() (p unsafe.Pointer, known bool)
	// Refer makes the container refer to the entity at p, or to none.
	Refer(p unsafe.Pointer)
}

// Entity is for the unit of work, see OneContainer.
func (o *One[T]) Entity() (p unsafe.Pointer, known bool) {
	if o.s == nil {
		return nil, false
	}
	return unsafe.Pointer(o.s.target), true
}

// Refer is for the unit of work, see OneContainer.
func (o *One[T]) Refer(p unsafe.Pointer) { o.s = &one[T]{target: (*T)(p)} }

func (o *One[T]) within(path []unsafe.Pointer) {
	if o.s != nil {
		o.s = &one[T]{target: o.s.target, path: path}
	}
}
