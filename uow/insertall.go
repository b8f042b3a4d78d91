package uow

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
	"weak"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
)

// insertBatch is the number of entities that InsertAll holds at a time.
const insertBatch = 1000

// InsertAll is Entity.InsertAll.
func (n Untyped) InsertAll(ctx context.Context, u *UnitOfWork, rows iter.Seq[field.Ptr], keys bool) (int64, error) {
	if err := u.enter(); err != nil {
		return 0, opError("insert all", n.m.name, err)
	}
	defer u.leave()
	switch {
	case u.opts.readOnly:
		return 0, opError("insert all", n.m.name, ErrReadOnly)
	case u.flushing:
		return 0, opError("insert all", n.m.name, ErrFlushing)
	case rows == nil:
		return 0, nil
	}
	if err := u.flush(ctx); err != nil {
		return 0, err
	}
	b := &insertion{u: u, m: n.m, on: n.on, keys: keys, level: u.level, in: make(map[field.Ptr]bool)}
	next, stop := iter.Pull(rows)
	defer stop()
	for {
		var e field.Ptr
		var ok bool
		if err := u.outside(func() error { e, ok = next(); return nil }); err != nil {
			return b.total, opError("insert all", n.m.name, err)
		}
		if !ok {
			err := b.write(ctx)
			return b.total, err
		}
		if err := b.add(ctx, e); err != nil {
			return b.total, err
		}
	}
}

// insertion is one InsertAll.
type insertion struct {
	u     *UnitOfWork
	m     *mapper
	on    *expr.Filters
	keys  bool
	level uint32 // of the unit when it began
	total int64
	batch []field.Ptr
	in    map[field.Ptr]bool // the batch
}

// add takes an entity into the batch, which it writes once it is full.
func (b *insertion) add(ctx context.Context, e field.Ptr) error {
	var err error
	switch {
	case e == nil:
		err = ErrNilEntity
	case b.in[e]:
		err = ErrRepeated
	}
	if err != nil {
		b.fail(err)
		return opError("insert all", b.m.name, fmt.Errorf("%w (row %d)", err, b.total+int64(len(b.batch))+1))
	}
	b.in[e] = true
	if b.batch = append(b.batch, e); len(b.batch) < insertBatch {
		return nil
	}
	return b.write(ctx)
}

// write inserts the batch.
func (b *insertion) write(ctx context.Context) error {
	if len(b.batch) == 0 {
		return nil
	}
	if err := b.u.insertUntracked(ctx, b.m, b.batch, b.keys, b.on); err != nil {
		b.fail(err)
		e := &FlushError{Op: "insert", Entity: b.m.name, Table: b.m.def.Name, Rows: len(b.batch)}
		var at *atFault
		if errors.As(err, &at) {
			err = at.err
			e.at(b.m, at.entity, int(b.total)+slices.Index(b.batch, at.entity), int(b.total)+len(b.batch))
		}
		e.Err = b.u.nameConstraint(err)
		return e
	}
	b.total += int64(len(b.batch))
	clear(b.batch)
	clear(b.in)
	b.batch = b.batch[:0]
	return nil
}

// fail makes the transaction one that can only be rolled back, so that nobody
// needs what was written into the entities any more.
func (b *insertion) fail(err error) {
	b.u.failed = err
	for i := len(b.u.filled) - 1; i >= 0 && b.u.filled[i].level >= b.level; i-- {
		b.u.filled[i].restore()
	}
}

// insertUntracked writes a batch of entities that no unit manages. Without keys
// the generated ones are taken out of them again.
func (u *UnitOfWork) insertUntracked(ctx context.Context, m *mapper, es []field.Ptr, keys bool, on *expr.Filters) (err error) {
	if err := u.begin(ctx); err != nil {
		return err
	}
	var groups []*insertGroup
	index := map[string]*insertGroup{}
	members := map[*insertGroup][]field.Ptr{}
	now := time.Now()
	var keyless []field.Ptr
	in, err := m.tenancyOf(ctx, on)
	if err != nil {
		return err
	}
	for _, e := range es {
		if err := in.check(e, true, func() string { return "" }); err != nil {
			return err
		}
		given := in.fill(e)
		g, wrote, err := m.insertShape(e, now, index, &groups)
		wrote = append(wrote, given...)
		u.noteFilled(e, wrote)
		if err != nil {
			return err
		}
		members[g] = append(members[g], e)
		if g.generated {
			keyless = append(keyless, e)
		}
	}
	var taken map[int64]bool
	if u.takesMax(m) {
		taken = m.chosen(nil, es...)
	}
	if err := u.reserveInOrder(ctx, m, groups, keyless, taken); err != nil {
		return err
	}
	for _, g := range groups {
		if err := u.insertRows(ctx, m, g, members[g]); err != nil {
			return err
		}
		if (g.generated || g.reserved) && !keys {
			for _, e := range members[g] {
				m.key[0].SetZero(e)
			}
		}
	}
	return nil
}

// filled is an entity that InsertAll wrote into. It is not held: whoever still
// does finds it, after a rollback, as it was.
type filled struct {
	entity  weak.Pointer[byte]
	level   uint32 // of the unit then
	managed bool   // the unit knew it then, and restores it by itself
	wrote   []restorer
}

// restore takes out what was written, if anybody could see it.
func (x filled) restore() (e field.Ptr) {
	p := x.entity.Value()
	if p == nil {
		return nil
	}
	e = field.PtrOf(p)
	for _, w := range x.wrote {
		w.restore(e)
	}
	return e
}

// noteFilled notes what is written into an entity that is inserted without tracking.
func (u *UnitOfWork) noteFilled(e field.Ptr, wrote []restorer) {
	if len(wrote) == 0 {
		return
	}
	if len(u.filled) == cap(u.filled) && len(u.filled) >= insertBatch {
		u.sweepFilled()
	}
	u.filled = append(u.filled, filled{weak.Make(field.As[byte](e)), u.level, u.find(e) != nil, wrote})
}

// sweepFilled forgets the entities that nobody holds, and makes room for as many
// more as are left, so that sweeping takes time in proportion to what is added.
func (u *UnitOfWork) sweepFilled() {
	var live []filled
	for _, x := range u.filled {
		if x.entity.Value() != nil {
			live = append(live, x)
		}
	}
	u.filled = slices.Grow(live, len(live)+insertBatch)
}

// unfill takes out what was written since that level. An entity that the unit has
// come to manage since is let go, as its row is gone.
func (u *UnitOfWork) unfill(level uint32) {
	i := len(u.filled)
	for ; i > 0 && u.filled[i-1].level >= level; i-- {
		x := u.filled[i-1]
		if x.managed {
			continue
		}
		if e := x.restore(); e != nil {
			if st := u.find(e); st != nil {
				if k := st.key(); st.in.has(k, st) {
					st.in.ids.Delete(k)
				}
				u.forget(st)
			}
		}
	}
	u.filled = slices.Delete(u.filled, i, len(u.filled))
}
