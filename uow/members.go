package uow

import (
	"context"
	"database/sql/driver"
	"slices"
	"unsafe"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/internal/related"
	"github.com/dormer-orm/dormer/rel"
)

// ones are cells of to-one containers, made many at a time.
type ones struct {
	free []related.One
	left int
}

// maxOnes is the number of cells in one piece of memory, which lives as long as
// one of them: 3,200 bytes with what the runtime adds, a size that it has.
const maxOnes = 79

func chunkOnes(n int) ones { return ones{left: n} }

func (o *ones) next() *related.One {
	if len(o.free) == 0 {
		n := max(1, min(o.left, maxOnes))
		o.free = make([]related.One, n)
	}
	o.left--
	c := &o.free[0]
	o.free = o.free[1:]
	return c
}

// loadedOne returns the cell of a to-one container that has been read.
func (u *UnitOfWork) loadedOne(st *state, r *relation, cells *ones) *related.One {
	at := r.at(st.entity)
	c := related.OneAt(at)
	if c == nil || c.Shared {
		acts := u.acting(st, r)
		c = cells.next()
		c.At, c.Acts = at, acts
		related.PutOne(at, c)
	}
	c.Loaded, c.Epoch, c.Mark = true, u.epoch, u.level
	return c
}

// members returns a function that tells whether a container holds an entity.
func (u *UnitOfWork) members(st *state, r *relation) func(*state) bool {
	at := r.at(st.entity)
	if !r.def.Many {
		c := related.OneAt(at)
		return func(x *state) bool { return c != nil && c.Target == x.entity }
	}
	c := related.ManyAt(at)
	return func(x *state) bool { return c != nil && !c.Shared && c.Has(x.entity) }
}

// holdsOnly reports whether a to-many container is known to hold the items, in
// their order, and nothing else, and their own side agrees.
func (u *UnitOfWork) holdsOnly(st *state, r *relation, items []unsafe.Pointer) bool {
	c := related.ManyAt(r.at(st.entity))
	if !u.current(&c.Head) {
		return false
	}
	whole := related.Many{}
	for _, p := range items {
		whole.Add(p)
	}
	if !slices.Equal(c.Items(), whole.Items()) {
		return false
	}
	for _, p := range whole.Items() {
		if !u.memberOf(st, r, p) {
			return false
		}
	}
	return true
}

// memberOf reports whether the entity at p is managed and, where it has the foreign
// key, refers to st.
func (u *UnitOfWork) memberOf(st *state, r *relation, p unsafe.Pointer) bool {
	x := u.find(p)
	if x == nil || x.status != persistent && x.status != isNew {
		return false
	}
	if r.associates() {
		return true
	}
	back, err := u.back(r)
	if err != nil {
		return false
	}
	of, known, err := u.reference(x, back)
	return err == nil && known && of == st
}

// refersTo reports whether a to-one container is known to refer to the entity at p,
// nil for none, and the foreign key agrees.
func (u *UnitOfWork) refersTo(st *state, r *relation, p unsafe.Pointer) bool {
	c := related.OneAt(r.at(st.entity))
	if !u.current(&c.Head) || c.Target != p {
		return false
	}
	if !r.holds() {
		return p == nil || u.memberOf(st, r, p)
	}
	of, known, err := u.reference(st, r)
	if err != nil || !known {
		return false
	}
	return p == nil && of == nil || p != nil && of != nil && of.entity == p && (of.status == persistent || of.status == isNew)
}

// countRelated counts the rows that belong to an entity.
func (u *UnitOfWork) countRelated(ctx context.Context, r *relation, st *state) (n int64, err error) {
	if st.status == isNew {
		return int64(related.ManyAt(r.at(st.entity)).Len()), nil
	}
	s, err := u.memberStatement(r, st)
	if err != nil {
		return 0, err
	}
	s.Columns, s.OrderBy = []expr.Node{&expr.AggNode{Name: "count"}}, nil
	c, err := u.compile(ctx, s)
	if err != nil {
		return 0, err
	}
	if err := u.begin(ctx); err != nil {
		return 0, err
	}
	_, err = u.conn.Query(ctx, c.SQL, named(c.Args), func(vals []driver.Value) error {
		n, _ = vals[0].(int64)
		return nil
	})
	if err != nil {
		u.broke(err)
	}
	return n, err
}

// memberStatement selects the rows that belong to one entity.
func (u *UnitOfWork) memberStatement(r *relation, st *state) (*expr.SelectStmt, error) {
	m, err := u.target(r)
	if err != nil {
		return nil, err
	}
	es := []field.Ptr{st.entity}
	if !r.associates() {
		return relatedSelect(m, inKeys(refsOf(r.far(m)), r.near, es), nil), nil
	}
	j, err := rel.JoinOf(r.def)
	if err != nil {
		return nil, err
	}
	s := throughSelect(m, j, r.near, es, nil)
	s.Columns = m.columns
	return s, nil
}

// openStream opens a stream of the rows that belong to the entity around at.
func (co *cohort) openStream(ctx context.Context, at unsafe.Pointer) (source, error) {
	u, st, err := co.enter(at)
	if err != nil {
		return nil, err
	}
	defer u.leave()
	fail := func(err error) error { return opError("stream", co.r.name(), err) }
	if err := u.autoflushRelated(ctx, co.r); err != nil {
		return nil, fail(err)
	}
	m, err := u.target(co.r)
	if err != nil {
		return nil, fail(err)
	}
	s, err := u.streamStatement(co.r, st, m)
	if err != nil {
		return nil, fail(err)
	}
	if !u.db.Dialect().Capabilities().ServerCursors && m.ordersKeys() {
		s.OrderBy = nil // pages come in the order of the key, and the keys need not be held
	}
	src, err := u.openPages(ctx, m, s, true)
	if err != nil {
		return nil, fail(err)
	}
	return src, nil
}
