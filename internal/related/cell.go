// Package related holds what the containers of package rel point to: cells, and
// the interface of whoever acts for them. Packages rel and uow share it; it is
// the one place that reads containers as memory.
package related

import (
	"context"
	"iter"
	"slices"
	"unsafe"
)

// Actor acts for bound containers: a unit of work's. at is the container's own
// address, by which the entity around it is known.
type Actor interface {
	// Load makes sure that the container's content is known, with all those of
	// the entities that were read together, or alone.
	Load(ctx context.Context, at unsafe.Pointer, all bool) error
	// Count counts the related rows.
	Count(ctx context.Context, at unsafe.Pointer) (int64, error)
	// Stream yields the related entities.
	Stream(ctx context.Context, at unsafe.Pointer) iter.Seq2[unsafe.Pointer, error]
	// Change adds to a to-many container and removes from it.
	Change(at unsafe.Pointer, add, remove []unsafe.Pointer) error
	// Replace makes items the content of a to-many container.
	Replace(at unsafe.Pointer, items []unsafe.Pointer) error
	// Refer makes a to-one container refer to an entity, or to none.
	Refer(at, target unsafe.Pointer) error
	// Owner is the entity around.
	Owner(at unsafe.Pointer) unsafe.Pointer
	// Contains reports whether a to-many container is known to hold an entity.
	Contains(at, target unsafe.Pointer) bool
}

// Head is what cells of both kinds begin with.
type Head struct {
	// At is the container that the cell belongs to, nil where it is not bound.
	At unsafe.Pointer
	// Acts is who acts for it, nil where it is not bound.
	Acts *Acting
	// Epoch is when the content was read, Mark when it was last kept for a
	// rollback: numbers of the unit's.
	Epoch, Mark uint32
	// Shared cells are those of containers of which nothing is known but who
	// acts for them.
	Shared bool
	// Loaded says that the content is known, Partial that it is only a part.
	Loaded, Partial bool
}

// Acting is what the containers of many entities have in common: one pointer in each
// of their cells. A Head's method Actor reads it.
type Acting struct {
	By Actor // nil where nobody does
	// Path are the entities around, while JSON is written.
	Path *Path
}

// Actor is who acts for the container, nil where it is not bound.
func (h *Head) Actor() Actor {
	if h.Acts == nil {
		return nil
	}
	return h.Acts.By
}

// Path is a list of entities, innermost last.
type Path struct{ Entities []unsafe.Pointer }

// Around are the entities around what the cell holds: while JSON is written, those
// that it has gone through, and at its outermost the owner, where that is known.
func (h *Head) Around() *Path {
	switch {
	case h.Acts == nil:
		return nil
	case h.Acts.Path == nil && h.At != nil && h.Acts.By != nil:
		return &Path{Entities: []unsafe.Pointer{h.Acts.By.Owner(h.At)}}
	}
	return h.Acts.Path
}

// Within says which entities are around what the cell, a copy, holds.
func (h *Head) Within(p *Path) { h.Acts = &Acting{By: h.Actor(), Path: p} }

// One is the cell of a to-one container.
type One struct {
	Head
	Target unsafe.Pointer // nil for none
}

// Many is the cell of a to-many container: entities in their order, each once.
// Where it is not loaded, they are those that were added.
type Many struct {
	Head
	items []unsafe.Pointer       // hole where one was taken out
	holes int                    // only where there is an index
	index map[unsafe.Pointer]int // the places of items, once they are many
}

// hole stands where an item was taken out of a long list.
var hole = unsafe.Pointer(new(byte))

// HeadAt returns the head of the cell of the container at p, nil for an empty
// one.
func HeadAt(p unsafe.Pointer) *Head { return *(**Head)(p) }

// OneAt returns the cell of the to-one container at p.
func OneAt(p unsafe.Pointer) *One { return *(**One)(p) }

// ManyAt returns the cell of the to-many container at p.
func ManyAt(p unsafe.Pointer) *Many { return *(**Many)(p) }

// PutOne points the container at p to a cell.
func PutOne(p unsafe.Pointer, c *One) { *(**One)(p) = c }

// PutMany points the container at p to a cell.
func PutMany(p unsafe.Pointer, c *Many) { *(**Many)(p) = c }

// Address is what a field at the given offset says of where its struct lies. It
// is for looking up only: nothing need lie there.
func Address(at unsafe.Pointer, offset uintptr) uintptr { return uintptr(at) - offset }

// indexFrom is the number of items from which an index is kept.
const indexFrom = 48

// Items are the entities, in a slice that may be the cell's: it is good until the
// cell changes. The cell is not changed by being read.
func (m *Many) Items() []unsafe.Pointer {
	if m.holes == 0 {
		return m.items
	}
	whole := make([]unsafe.Pointer, 0, m.Len())
	for _, p := range m.items {
		if p != hole {
			whole = append(whole, p)
		}
	}
	return whole
}

// Len is the number of items.
func (m *Many) Len() int { return len(m.items) - m.holes }

// Has reports whether p is among the items.
func (m *Many) Has(p unsafe.Pointer) bool {
	if m.index == nil {
		if len(m.items) < indexFrom {
			return slices.Contains(m.items, p)
		}
		m.index = make(map[unsafe.Pointer]int, 2*len(m.items))
		for i, p := range m.items {
			m.index[p] = i
		}
	}
	_, ok := m.index[p]
	return ok
}

// Add appends p unless it is there.
func (m *Many) Add(p unsafe.Pointer) bool {
	if m.Has(p) {
		return false
	}
	if m.index != nil {
		m.index[p] = len(m.items)
	}
	m.items = append(m.items, p)
	return true
}

// Remove takes p out. In a long list that leaves a hole, so that to take out all
// items one by one takes time in proportion to their number.
func (m *Many) Remove(p unsafe.Pointer) bool {
	switch {
	case !m.Has(p):
		return false
	case m.index == nil:
		i := slices.Index(m.items, p)
		m.items = slices.Delete(m.items, i, i+1)
		return true
	}
	m.items[m.index[p]] = hole
	delete(m.index, p)
	if m.holes++; m.holes > len(m.items)/2 {
		m.Put(m.Items())
	}
	return true
}

// Put makes items the content. They are the cell's from now on.
func (m *Many) Put(items []unsafe.Pointer) { m.items, m.holes, m.index = items, 0, nil }

// Pointers returns ts as addresses.
func Pointers[T any](ts []*T) []unsafe.Pointer {
	ps := make([]unsafe.Pointer, len(ts))
	for i, t := range ts {
		ps[i] = unsafe.Pointer(t)
	}
	return ps
}

// Entities returns addresses of T as pointers, in a slice of its own.
func Entities[T any](ps []unsafe.Pointer) []*T {
	ts := make([]*T, len(ps))
	for i, p := range ps {
		ts[i] = (*T)(p)
	}
	return ts
}
