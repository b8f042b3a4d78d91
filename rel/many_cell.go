package rel

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"unsafe"

	"github.com/dormer-orm/dormer/internal/related"
)

// What follows is what the methods of Many do, without its type: they are compiled
// anew for every entity, and this once. A Many is one pointer wide, so that the
// address of its cell is its own. typ is the Many's type, for messages.

func manyOf(ps []unsafe.Pointer) *related.Many {
	c := &related.Many{Head: related.Head{Loaded: true}}
	for _, p := range ps {
		c.Add(p)
	}
	return c
}

//go:noinline
func nothingKnown(c *related.Many) bool { return c == nil || !c.Loaded && c.Len() == 0 }

// held gives pointers to entities their type.
func held[T any](ps []unsafe.Pointer, err error) ([]*T, error) {
	if err != nil {
		return nil, err
	}
	return related.Entities[T](ps), nil
}

func loadMany(ctx context.Context, at **related.Many, typ reflect.Type, all bool) ([]unsafe.Pointer, error) {
	acts, err := actorOf(at)
	if err != nil {
		return nil, err
	}
	if acts == nil && (*at == nil || !(*at).Loaded) {
		return nil, &DetachedError{Relation: typ.String()}
	}
	if acts != nil {
		if err := acts.Load(ctx, unsafe.Pointer(at), all); err != nil {
			return nil, err
		}
	}
	return (*at).Items(), nil
}

// actorOf returns who acts for the container, nil where it is not bound.
func actorOf(at **related.Many) (related.Actor, error) {
	c := *at
	if c == nil {
		return nil, nil
	}
	if c.At != nil && c.At != unsafe.Pointer(at) {
		return nil, ErrCopied
	}
	return c.Actor(), nil
}

func countMany(ctx context.Context, at **related.Many, typ reflect.Type) (int64, error) {
	acts, err := actorOf(at)
	switch {
	case err != nil:
		return 0, err
	case acts != nil:
		return acts.Count(ctx, unsafe.Pointer(at))
	case *at == nil || !(*at).Loaded:
		return 0, &DetachedError{Relation: typ.String()}
	}
	return int64((*at).Len()), nil
}

func streamMany(ctx context.Context, at **related.Many, typ reflect.Type) iter.Seq2[unsafe.Pointer, error] {
	return func(yield func(unsafe.Pointer, error) bool) {
		acts, err := actorOf(at)
		if err == nil && acts == nil && (*at == nil || !(*at).Loaded) {
			err = &DetachedError{Relation: typ.String()}
		}
		if err != nil {
			yield(nil, err)
			return
		}
		if acts == nil {
			for _, p := range slices.Clone((*at).Items()) {
				if !yield(p, nil) {
					return
				}
			}
			return
		}
		acts.Stream(ctx, unsafe.Pointer(at))(yield)
	}
}

func manyContains(at **related.Many, p unsafe.Pointer) bool {
	if *at == nil || p == nil {
		return false
	}
	if !(*at).Shared && (*at).Has(p) {
		return true
	}
	acts, err := actorOf(at)
	return err == nil && acts != nil && acts.Contains(unsafe.Pointer(at), p)
}

func addMany(at **related.Many, ps []unsafe.Pointer) error {
	if err := noNil("Add", ps); err != nil || len(ps) == 0 {
		return err
	}
	acts, err := actorOf(at)
	switch {
	case err != nil:
		return err
	case acts != nil:
		return acts.Change(unsafe.Pointer(at), ps, nil)
	}
	c := own(at)
	for _, p := range ps {
		c.Add(p)
	}
	return nil
}

func removeMany(at **related.Many, ps []unsafe.Pointer) error {
	if err := noNil("Remove", ps); err != nil || len(ps) == 0 {
		return err
	}
	acts, err := actorOf(at)
	switch {
	case err != nil:
		return err
	case acts != nil:
		return acts.Change(unsafe.Pointer(at), nil, ps)
	}
	c := own(at)
	for _, p := range ps {
		c.Remove(p)
	}
	return nil
}

func setMany(at **related.Many, ps []unsafe.Pointer) error {
	if err := noNil("Set", ps); err != nil {
		return err
	}
	acts, err := actorOf(at)
	switch {
	case err != nil:
		return err
	case acts != nil:
		return acts.Replace(unsafe.Pointer(at), ps)
	}
	*at = manyOf(ps)
	return nil
}

func noNil(op string, ps []unsafe.Pointer) error {
	if i := slices.Index(ps, nil); i >= 0 {
		return fmt.Errorf("%w (argument %d of %s)", ErrNil, i+1, op)
	}
	return nil
}

// own returns the cell of a container that is not bound, making it at first.
func own(at **related.Many) *related.Many {
	if *at == nil {
		*at = &related.Many{}
	}
	return *at
}

// marshalMany writes the entities of a container that one marshals each.
func marshalMany(c *related.Many, one func(p unsafe.Pointer, around *related.Path) ([]byte, error)) ([]byte, error) {
	around := c.Around()
	b := []byte{'['}
	for _, p := range c.Items() {
		e, err := one(p, around)
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

func withinMany(at **related.Many, path *related.Path) {
	if *at != nil {
		c := **at
		c.Within(path)
		*at = &c
	}
}
