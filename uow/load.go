package uow

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/internal/related"
)

// loader turns the rows of one query into entities. Its row method runs while
// the connection is locked, so it calls no code of the program's.
type loader struct {
	t         *table // nil: untracked
	m         *mapper
	lock      bool     // the rows are locked
	overwrite bool     // give entities that are known the row's values
	end       *PageEnd // nil: at the last row

	n     int         // the entities so far
	out   []field.Ptr // the entities, unless bare is set
	bare  bool
	all   []*state // their states, where list is set
	list  bool
	fresh []*state // read for the first time; those of all while mixed is unset
	mixed bool     // all has others than fresh ones
	again []*state // overwritten

	scratch []byte
	slab    field.Ptr
	used    int
	late    []lateValue
}

// lateValue is a value that only code of the program's can read.
type lateValue struct {
	f   *field.Field
	e   field.Ptr
	st  *state
	val driver.Value
}

// soloRows is the number of rows read before slabs are used: small results keep
// no neighbours alive.
const soloRows = 16

func (l *loader) row(vals []driver.Value) error {
	if l.n == soloRows {
		l.expect()
	}
	if l.t == nil {
		e := l.alloc(l.m.plain)
		if err := l.fill(l.m.plain, e, nil, vals); err != nil {
			return err
		}
		l.push(e)
		return nil
	}
	if l.m.intKey {
		if n, ok := vals[l.m.key[0].Col.Position].(int64); ok {
			place, found := l.t.ids.AtInt(n)
			if found {
				return l.known(*place, vals)
			}
			st, err := l.unknown(vals)
			if err != nil {
				l.t.ids.DeleteInt(n)
				return err
			}
			*place = st
			return nil
		}
	}
	k, scratch, err := l.m.keyOfRow(l.scratch, vals)
	l.scratch = scratch
	if err != nil {
		return err
	}
	if st, ok := l.t.ids.Get(k); ok {
		return l.known(st, vals)
	}
	st, err := l.unknown(vals)
	if err == nil && !k.IsZero() {
		l.t.ids.Put(k, st)
	}
	return err
}

// unknown makes the entity of a row that the unit has not yet.
func (l *loader) unknown(vals []driver.Value) (*state, error) {
	lay := l.m.tracked
	e := l.alloc(lay)
	st := field.As[state](field.Add(e, lay.StateAt))
	st.entity, st.snap, st.in = e, field.Add(e, lay.SnapshotAt), l.t
	st.epoch, st.born, st.status, st.slab = l.t.u.epoch, l.t.u.level, persistent, true
	if err := l.fill(lay, e, st, vals); err != nil {
		return nil, err
	}
	if l.list {
		l.all = append(doubled(l.all), st)
	}
	if !l.list || l.mixed {
		l.fresh = append(doubled(l.fresh), st)
	}
	l.push(e)
	return st, nil
}

// freshOnes are the entities that were read for the first time.
func (l *loader) freshOnes() []*state {
	if l.list && !l.mixed {
		return l.all
	}
	return l.fresh
}

// maxExpected is the number of rows that room is made for at most.
const maxExpected = 1 << 14

// expected is the length of the table's last long result, zero where that says
// nothing.
func (m *mapper) expected() int {
	if n := min(int(m.typical.Load()), maxExpected); n > 2*soloRows {
		return n
	}
	return 0
}

// expect makes room for a result as long as the last long one of the table.
func (l *loader) expect() {
	n := l.m.expected()
	if n == 0 {
		return
	}
	if !l.bare {
		l.out = slices.Grow(l.out, n-len(l.out))
	}
	if l.t == nil {
		return
	}
	if l.list {
		l.all = slices.Grow(l.all, n-len(l.all))
	} else {
		l.fresh = slices.Grow(l.fresh, n-len(l.fresh))
	}
	if l.m.intKey {
		l.t.ids.Grow(n)
	}
}

// push adds an entity to the result.
func (l *loader) push(e field.Ptr) {
	l.n++
	if !l.bare {
		l.out = append(doubled(l.out), e)
	}
}

// doubled makes room in a full slice for as much again, which append leaves off
// early: results are mostly of unknown and great length or very short.
func doubled[E any](s []E) []E {
	if n := len(s); n == cap(s) && n >= soloRows {
		return slices.Grow(s, n)
	}
	return s
}

// known handles a row of an entity that the unit has: S11 and S13 say that its
// values stay unless they are expired or are to be overwritten.
func (l *loader) known(st *state, vals []driver.Value) error {
	switch st.status {
	case deleted:
		return nil
	case isNew: // of a query that flushed nothing
		return fmt.Errorf("a row has the key of an entity that was added and not flushed: %w", &DuplicateError{Entity: l.m.name, Key: st.showKey()})
	}
	l.push(st.entity)
	if l.list {
		if !l.mixed {
			l.fresh, l.mixed = append([]*state(nil), l.all...), true
		}
		l.all = append(doubled(l.all), st)
	}
	if !l.overwrite && !st.expired() {
		return nil
	}
	if l.lock {
		// With autoflush the change would have been flushed before the query.
		if c, err := st.isChanged(); err != nil {
			return err
		} else if c {
			return fmt.Errorf("key %s: %w, which the locking read would overwrite: flush first, or Refresh it", st.showKey(), ErrChanged)
		}
	}
	l.again = append(l.again, st)
	return l.overwriteState(st, vals)
}

// overwriteState gives st the row's values. An expired entity keeps the fields
// that the program changed since.
func (l *loader) overwriteState(st *state, vals []driver.Value) error {
	st.in.u.keepRead(st)
	lay := l.m.tracked
	rec := field.Ptr(nil)
	for i, f := range lay.Fields {
		if !l.overwrite {
			if c, err := f.Changed(st.entity, st.snap); err != nil || c {
				// Only the snapshot follows the row.
				if err := l.snapshotOnly(f, st, vals[i]); err != nil {
					return err
				}
				continue
			}
		}
		if f.Encoded() {
			l.later(f, st.entity, st, vals[i])
			continue
		}
		if err := f.Store(st.entity, rec, vals[i]); err != nil {
			return err
		}
		if err := f.Snapshot(st.entity, st.snap); err != nil {
			return err
		}
	}
	st.epoch = st.in.u.epoch
	for _, r := range st.in.m.relations { // to be loaded again when next asked for
		at := r.at(st.entity)
		if h := related.HeadAt(at); h != nil && !h.Shared && h.At == at {
			h.Epoch = 0
		}
	}
	return nil
}

// snapshotOnly stores a row's value into the snapshot alone.
func (l *loader) snapshotOnly(f *field.Field, st *state, v driver.Value) error {
	tmp := l.m.plain.NewEntity()
	if err := f.Store(tmp, nil, v); err != nil {
		return err
	}
	return f.StoreSnapshot(tmp, st.snap, v)
}

// fill stores a row into a new entity, and into its snapshot where it has one.
func (l *loader) fill(lay *field.Layout, e field.Ptr, st *state, vals []driver.Value) error {
	for i, f := range lay.Fields {
		var err error
		switch {
		case f.Encoded():
			l.later(f, e, st, vals[i])
		case st == nil:
			err = f.Store(e, e, vals[i])
		default:
			err = f.StoreTracked(e, e, st.snap, vals[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// later keeps a value for finish.
func (l *loader) later(f *field.Field, e field.Ptr, st *state, v driver.Value) {
	if b, ok := v.([]byte); ok {
		v = append([]byte{}, b...)
	}
	l.late = append(l.late, lateValue{f, e, st, v})
}

// alloc returns a new entity in a record of its own or of a slab.
func (l *loader) alloc(lay *field.Layout) field.Ptr {
	if l.n < soloRows || lay.SlabSize < 2 {
		return lay.NewRecord()
	}
	if l.slab == nil || l.used == lay.SlabSize {
		l.slab, l.used = lay.NewSlab(), 0
	}
	e := lay.At(l.slab, l.used)
	l.used++
	return e
}

// finish does what row may not: it reads the late values, registers what is new
// and tells AfterLoad.
func (l *loader) finish(ctx context.Context, u *UnitOfWork) error {
	if n := l.n; n > soloRows && int(l.m.typical.Load()) != n {
		l.m.typical.Store(int32(min(n, maxExpected)))
	}
	var failed error
	for _, v := range l.late {
		if err := v.f.Store(v.e, nil, v.val); err != nil && failed == nil {
			failed = err
		}
		if v.st != nil && failed == nil {
			failed = v.f.StoreSnapshot(v.e, v.st.snap, v.val)
		}
	}
	if failed != nil {
		// An entity that was read in part must not be found.
		for _, st := range l.freshOnes() {
			l.t.ids.Delete(l.m.keyOfSnapshotSafe(st.snap))
		}
		return failed
	}
	if l.t != nil {
		l.t.register(l.freshOnes()...)
		if g := l.t.u.gather; g != nil {
			*g = append(*g, l.freshOnes()...)
		}
		if len(l.m.relations) > 0 {
			l.t.u.bind(l.m, l.all)
		}
	}
	if !l.m.hooks.load {
		return nil
	}
	tell := func(e field.Ptr) error {
		h := l.m.plain.Of(e).(AfterLoader)
		if u == nil {
			return h.AfterLoad(ctx)
		}
		return u.hook(func() error { return h.AfterLoad(u.carry(ctx)) })
	}
	if l.t == nil {
		for _, e := range l.out {
			if err := tell(e); err != nil {
				return err
			}
		}
		return nil
	}
	for _, sts := range [2][]*state{l.freshOnes(), l.again} {
		for _, st := range sts {
			if err := tell(st.entity); err != nil {
				return err
			}
		}
	}
	return nil
}

// abandon takes back what a query that failed in the middle put into the
// identity map.
func (l *loader) abandon() {
	for _, st := range l.freshOnes() {
		l.t.ids.Delete(l.m.keyOfSnapshotSafe(st.snap))
	}
}

// keyOfSnapshotSafe is keyOfSnapshot for snapshots that may be incomplete.
func (m *mapper) keyOfSnapshotSafe(s field.Ptr) (k identity.Key) {
	defer func() { _ = recover() }()
	return m.keyOfSnapshot(s)
}

// read runs a query whose columns are the mapper's and returns its entities. u
// has been entered.
func (u *UnitOfWork) read(ctx context.Context, l *loader, sql string, args []driver.NamedValue) error {
	return u.readRows(ctx, l, sql, args, l.take())
}

// readRows is read with a function that passes the rows on to the loader.
func (u *UnitOfWork) readRows(ctx context.Context, l *loader, sql string, args []driver.NamedValue, row func(vals []driver.Value) error) error {
	if err := u.begin(ctx); err != nil {
		return err
	}
	l.list = l.list || len(l.m.relations) > 0
	if _, err := u.conn.Query(ctx, sql, args, row); err != nil {
		l.abandon()
		u.broke(err)
		return err
	}
	return l.finish(ctx, u)
}

// get returns the entity of a key: from the identity map or by one SELECT.
// ok is false where there is no such row.
func (u *UnitOfWork) get(ctx context.Context, m *mapper, k identity.Key, args func() ([]driver.NamedValue, error), lock bool, on *expr.Filters) (field.Ptr, bool, error) {
	if len(m.def.Filters) > 0 {
		return u.getFiltered(ctx, m, k, args, lock, on)
	}
	return u.getRow(ctx, m, k, args, lock)
}

// getRow is get without filters.
func (u *UnitOfWork) getRow(ctx context.Context, m *mapper, k identity.Key, args func() ([]driver.NamedValue, error), lock bool) (field.Ptr, bool, error) {
	t := u.table(m)
	st, known := t.ids.Get(k)
	if known && !lock && (st.status == isNew || !st.expired()) {
		switch st.status {
		case isNew, persistent, deleting:
			return st.entity, true, nil
		case deleted:
			return nil, false, nil
		}
	}
	a, err := args()
	if err != nil {
		return nil, false, err
	}
	l := &loader{t: t, m: m, overwrite: lock}
	text := m.byKey
	if lock {
		text = m.byKeyUp
		if known && (st.status == persistent || st.status == isNew) {
			if err := u.beforeLock(ctx, st); err != nil {
				return nil, false, err
			}
		}
	}
	if err := u.read(ctx, l, text, a); err != nil {
		return nil, false, err
	}
	if len(l.out) == 0 {
		if known && st.status == persistent {
			u.vanish(st) // S4
		}
		moved, err := t.movedTo(k)
		if err != nil || !moved || !u.autoflushes() {
			return nil, false, err
		}
		if err := u.flush(ctx); err != nil {
			return nil, false, opError("autoflush before a get (NoAutoflush turns it off)", "", err)
		}
		return u.getRow(ctx, m, k, args, lock)
	}
	return l.out[0], true, nil
}

// movedTo reports whether an entity's key was changed to k and not yet flushed.
func (t *table) movedTo(k identity.Key) (bool, error) {
	for _, st := range t.states {
		if st.status != persistent {
			continue
		}
		for _, f := range t.m.key {
			c, err := f.Changed(st.entity, st.snap)
			if err != nil {
				return false, err
			}
			if !c {
				continue
			}
			if now, err := t.m.keyOfEntity(st.entity); err != nil || now.String() == k.String() {
				return err == nil, err
			}
			break
		}
	}
	return false, nil
}

// beforeLock flushes a changed entity, or a new one, before a locking read
// overwrites it.
func (u *UnitOfWork) beforeLock(ctx context.Context, st *state) error {
	if st.status != isNew {
		if c, err := st.isChanged(); err != nil || !c {
			return err
		}
	}
	if u.noFlush.Load() > 0 || u.quiet > 0 || u.inFlush() {
		return ErrChanged
	}
	return u.flush(ctx)
}

// vanish removes an entity whose row turned out to be gone. Rollback brings it
// back.
func (u *UnitOfWork) vanish(st *state) {
	st.in.ids.Delete(st.key())
	u.log(undo{st: st, what: undoVanish, status: st.status})
	st.lose()
}
