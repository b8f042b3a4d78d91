package field

import (
	"fmt"
	"reflect"

	"github.com/dormer-orm/dormer/schema"
)

// Layout is how a table's entities are held in memory for one dialect: the
// fields, the snapshot's type, and the record that holds entity, snapshot, the
// unit of work's state and the cells of nullable pointers in one piece. It is
// built once and then immutable and safe for concurrent use.
type Layout struct {
	Table  *schema.TableDef
	Fields []*Field
	// Deferred are the fields whose values only code of the program's can read,
	// Scan and UnmarshalJSON for instance: it must not run while a connection
	// is locked.
	Deferred []*Field
	// Entity, Snapshot and Record are the types; the record begins with the
	// entity.
	Entity, Snapshot, Record reflect.Type
	// SnapshotAt and StateAt are where snapshot and state lie in the record.
	SnapshotAt, StateAt uintptr
	// Slab is the type of an array of SlabSize records; SlabSize is 1 where one
	// record fills a slab.
	Slab     reflect.Type
	SlabSize int
	stride   uintptr
	watched  []watch // all but computed ones
	// glance covers those of watched that are not intricate.
	glance    glance
	intricate []watch
}

// maxSlab is the size in bytes that a slab does not exceed, unless one record
// does: a slab lives as long as one of its entities. With the collector's header of
// eight bytes it is a size of which seven share a span, while one of 8 KB has a span
// of its own, to be fetched and given back each time.
const maxSlab = 6912 - 8

// New builds the layout of a table. wire says in which form columns travel,
// state is the type of the state kept beside each entity; without one, the
// records hold neither state nor snapshot.
func New(t *schema.TableDef, wire func(*schema.Type) schema.Wire, state reflect.Type) *Layout {
	l := &Layout{Table: t, Entity: t.Entity}
	var snap, cells []reflect.StructField
	for i, c := range t.Columns {
		f := newField(c, wire(&c.Type))
		l.Fields = append(l.Fields, f)
		if f.Encoded() {
			l.Deferred = append(l.Deferred, f)
		}
		snap = append(snap, reflect.StructField{Name: fmt.Sprintf("V%d", i), Type: f.snapType()})
		if c.Null == schema.NullPointer {
			cells = append(cells, reflect.StructField{Name: fmt.Sprintf("C%d", i), Type: c.GoType})
		}
	}
	for i, f := range l.Fields { // the marks last, so that they pack
		if f.null != schema.NotNull {
			snap = append(snap, reflect.StructField{Name: fmt.Sprintf("S%d", i), Type: reflect.TypeFor[bool]()})
		}
	}
	l.Snapshot = reflect.StructOf(snap)
	record := []reflect.StructField{{Name: "Entity", Type: l.Entity}}
	if state != nil {
		record = append(record, reflect.StructField{Name: "Snapshot", Type: l.Snapshot}, reflect.StructField{Name: "State", Type: state})
	}
	l.Record = reflect.StructOf(append(record, cells...))
	if state != nil {
		l.SnapshotAt = l.Record.Field(1).Offset
		l.StateAt = l.Record.Field(2).Offset
	}
	for i, f := range l.Fields {
		f.snap = l.Snapshot.Field(i).Offset
		if f.null != schema.NotNull {
			sf, _ := l.Snapshot.FieldByName(fmt.Sprintf("S%d", i))
			f.set = sf.Offset
		}
		if cf, ok := l.Record.FieldByName(fmt.Sprintf("C%d", i)); ok {
			f.cell = cf.Offset
		}
	}
	for _, f := range l.Fields {
		if f.Col.Computed == nil {
			w := watch{op: f.op, null: f.null, off: f.off, valid: f.valid, snap: f.snap, set: f.set, f: f}
			l.watched = append(l.watched, w)
			if !l.glance.add(f) {
				l.intricate = append(l.intricate, w)
			}
		}
	}
	l.stride = l.Record.Size()
	l.SlabSize = max(1, int(maxSlab/max(1, l.stride)))
	l.Slab = reflect.ArrayOf(l.SlabSize, l.Record)
	return l
}

// NewRecord allocates one record and returns the pointer to its entity.
func (l *Layout) NewRecord() Ptr { return reflect.New(l.Record).UnsafePointer() }

// NewSlab allocates a slab and returns the pointer to its first entity; the
// entity of record i lies i strides further.
func (l *Layout) NewSlab() Ptr { return reflect.New(l.Slab).UnsafePointer() }

// At returns the entity of record i in a slab.
func (l *Layout) At(slab Ptr, i int) Ptr { return Add(slab, uintptr(i)*l.stride) }

// NewEntity allocates an entity alone.
func (l *Layout) NewEntity() Ptr { return reflect.New(l.Entity).UnsafePointer() }

// NewSnapshot allocates a snapshot alone, for entities that the program made.
func (l *Layout) NewSnapshot() Ptr { return reflect.New(l.Snapshot).UnsafePointer() }

// Of returns the entity at p as a pointer of its own type.
func (l *Layout) Of(p Ptr) any { return reflect.NewAt(l.Entity, p).Interface() }

// CloneSnapshot returns a copy of a snapshot. What snapshots hold is never
// changed in place, so that a shallow copy is enough.
func (l *Layout) CloneSnapshot(s Ptr) Ptr {
	c := reflect.New(l.Snapshot)
	c.Elem().Set(reflect.NewAt(l.Snapshot, s).Elem())
	return c.UnsafePointer()
}

// NewSnapshots allocates n snapshots in pieces and passes each to f.
func (l *Layout) NewSnapshots(n int, f func(i int, s Ptr)) {
	size := l.Snapshot.Size()
	per := max(1, int(maxSlab/max(1, size)))
	for i := 0; i < n; i += per {
		k := min(per, n-i)
		piece := reflect.New(reflect.ArrayOf(k, l.Snapshot)).UnsafePointer()
		for j := range k {
			f(i+j, Add(piece, uintptr(j)*size))
		}
	}
}
