package uow

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/internal/related"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// autoflushRelated flushes if loading the relation would read pending changes.
func (u *UnitOfWork) autoflushRelated(ctx context.Context, r *relation) error {
	if err := r.joined(); err != nil {
		return err
	}
	defs := []*schema.TableDef{r.targetDef()}
	if r.associates() {
		defs = append(defs, r.link.Association)
	}
	return u.autoflush(ctx, defs)
}

// loadRelated loads a relation of entities of its table and returns what it led
// to. e chooses among the related rows; nil stands for all of them.
func (u *UnitOfWork) loadRelated(ctx context.Context, r *relation, sts []*state, e *rel.Eager, overwrite bool) ([]*state, error) {
	if err := r.joined(); err != nil {
		return nil, err
	}
	if len(sts) == 0 {
		return nil, nil
	}
	if r.holds() {
		return u.loadOnes(ctx, r, sts, e, overwrite)
	}
	return u.loadMany(ctx, r, sts, e, overwrite)
}

// loadOnes loads a to-one relation by its foreign key: from the identity map, and
// the rest in one statement.
func (u *UnitOfWork) loadOnes(ctx context.Context, r *relation, sts []*state, e *rel.Eager, overwrite bool) ([]*state, error) {
	m, err := u.target(r)
	if err != nil {
		return nil, err
	}
	t := u.table(m)
	near, far := r.near, r.far(m)
	byKey := m.isKey(far)
	on := filtersIn(ctx, u.reading)
	keys := make([]identity.Key, len(sts))
	var asked identity.Map[bool]
	var ask []field.Ptr
	found := make([]*state, len(sts))
	for i, st := range sts {
		if target, pending := u.refs[linkKey{st, r}]; pending {
			found[i] = target
			continue
		}
		k, known, err := keyOfFields(near, st.entity)
		if err != nil {
			return nil, err
		}
		if !known {
			continue
		}
		keys[i] = k
		if byKey && !overwrite && !isPartial(e) {
			if target, ok := t.ids.Get(k); ok && (target.status != persistent || !target.expired()) {
				yes, ask := true, false
				if len(m.def.Filters) > 0 {
					if yes, ask, err = m.passes(target.entity, target.status == isNew, on); err != nil {
						return nil, err
					}
				}
				if !ask {
					if target.status != deleted && yes {
						found[i] = target
					}
					keys[i] = identity.Key{}
					continue
				}
			}
		}
		if seen, _ := asked.Get(k); !seen {
			asked.Put(k, true)
			ask = append(ask, st.entity)
		}
	}
	var got identity.Map[*state]
	err = withKeys(ask, func(es []field.Ptr) error {
		s := relatedSelect(m, inKeys(refsOf(far), near, es), e)
		if e == nil || e.Limit < 0 {
			s.OrderBy = nil // each is looked for by its key
		}
		all, err := u.selectRelated(ctx, m, s, overwrite, func(*state, []driver.Value) error { return nil })
		for _, st := range all {
			k, known, kerr := keyOfFields(far, st.entity)
			if kerr != nil || !known {
				return errors.Join(err, kerr)
			}
			got.Put(k, st)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []*state
	cells := chunkOnes(len(sts))
	for i, st := range sts {
		target := found[i]
		if !keys[i].IsZero() {
			target, _ = got.Get(keys[i])
		}
		c := u.loadedOne(st, r, &cells)
		c.Target = nil
		c.Partial = isPartial(e)
		if target != nil {
			c.Target = target.entity
			out = append(out, target)
		}
	}
	return out, nil
}

// relatedSelect selects entities of m that meet a condition, in the order that e
// says and else that of their keys.
func relatedSelect(m *mapper, where expr.Node, e *rel.Eager) *expr.SelectStmt {
	s := &expr.SelectStmt{Columns: m.columns, From: m.def.Source, Limit: -1, Offset: -1, Where: where}
	if e != nil {
		if len(e.Where) > 0 {
			s.Where = &expr.LogicNode{Args: append([]expr.Node{where}, e.Where...)}
		}
		s.OrderBy = append(s.OrderBy, e.Order...)
	}
	for _, f := range m.key {
		s.OrderBy = append(s.OrderBy, expr.OrderTerm{X: f.Col.Ref})
	}
	return s
}

// loadMany loads a relation whose foreign keys, or association rows, point to the
// entities.
func (u *UnitOfWork) loadMany(ctx context.Context, r *relation, sts []*state, e *rel.Eager, overwrite bool) ([]*state, error) {
	all, owners, err := u.selectMembers(ctx, r, sts, e, overwrite)
	if err != nil {
		return nil, err
	}
	back, err := u.back(r)
	if err != nil {
		return nil, err
	}
	counts := make([]int, len(sts)+1)
	strays := false
	for i, child := range all {
		if !u.belongs(child, back, sts[owners[i]]) {
			owners[i] = int32(len(sts)) // nobody's
			strays = true
		}
		counts[owners[i]]++
	}
	items := make([]unsafe.Pointer, len(all))
	lists := make([][]unsafe.Pointer, len(sts))
	at := 0
	for i := range sts {
		lists[i] = items[at : at : at+counts[i]]
		at += counts[i]
	}
	cells := chunkOnes(0)
	if !r.associates() {
		cells = chunkOnes(len(all))
	}
	out := slices.Clip(all)
	if strays {
		out = make([]*state, 0, len(all))
	}
	for i, child := range all {
		o := owners[i]
		if int(o) == len(sts) {
			continue
		}
		lists[o] = append(lists[o], child.entity)
		if strays {
			out = append(out, child)
		}
		if r.associates() {
			continue
		}
		if h := related.HeadAt(back.at(child.entity)); h == nil || h.Shared || !h.Loaded || h.Epoch != u.epoch {
			u.loadedOne(child, back, &cells).Target = sts[o].entity
		}
	}
	manies := make([]related.Many, len(sts))
	m, err := u.target(r)
	if err != nil {
		return nil, err
	}
	sorts := sortsMembers(r, m, e)
	for i, st := range sts {
		if sorts {
			sortByKey(m, lists[i])
		}
		if !r.def.Many {
			if len(lists[i]) > 1 {
				return nil, fmt.Errorf("%s key %s: %d rows refer to it, but the relation is to one", st.in.m.name, st.showKey(), len(lists[i]))
			}
			c := u.loadedOne(st, r, &cells)
			c.Target, c.Partial = nil, isPartial(e)
			if len(lists[i]) == 1 {
				c.Target = lists[i][0]
			}
			continue
		}
		u.fill(st, r, back, lists[i], &manies[i], isPartial(e))
	}
	return out, nil
}

// sortsMembers reports whether the members of each parent are put in order here:
// the database sends them as it finds them then, and need not have found the last
// to send the first. It is so for keys whose order is the same everywhere.
func sortsMembers(r *relation, m *mapper, e *rel.Eager) bool {
	return !r.associates() && (e == nil || len(e.Order) == 0 && e.Limit < 0) &&
		!slices.ContainsFunc(m.key, func(f *field.Field) bool { return !f.IsInteger() })
}

// sortByKey puts entities in the order of their keys, which they mostly have.
func sortByKey(m *mapper, es []unsafe.Pointer) {
	compare := func(a, b unsafe.Pointer) int {
		for _, f := range m.key {
			if c := f.Compare(a, b); c != 0 {
				return c
			}
		}
		return 0
	}
	if !slices.IsSortedFunc(es, compare) {
		slices.SortStableFunc(es, compare)
	}
}

// belongs reports whether a row that the database has among a parent's is among
// them in memory, too.
func (u *UnitOfWork) belongs(child *state, back *relation, parent *state) bool {
	if child.status == deleted || child.status == deleting {
		return false
	}
	if back.associates() {
		k := pairKey{link: back.link, child: child, parent: parent}
		if back.link.Child != back.def {
			k.child, k.parent = parent, child
		}
		p := u.pairs[k]
		return p == nil || !p.remove
	}
	if of, moved := u.movedTo(child, back); moved {
		return of == parent
	}
	return true
}

// movedTo reports whether a child refers to something else in memory than its row
// does, and to what.
func (u *UnitOfWork) movedTo(child *state, back *relation) (of *state, moved bool) {
	if of, pending := u.refs[linkKey{child, back}]; pending {
		return of, true
	}
	if child.status == persistent {
		for _, f := range back.near {
			if c, err := f.Changed(child.entity, child.snap); err == nil && c {
				moved = true
			}
		}
	}
	if !moved && child.status != isNew {
		return nil, false
	}
	of, known, err := u.reference(child, back)
	return of, err == nil && known
}

// fill makes items the content of a to-many container, and keeps what was added
// to it without a flush.
func (u *UnitOfWork) fill(st *state, r, back *relation, items []unsafe.Pointer, c *related.Many, partial bool) {
	at := r.at(st.entity)
	var added []unsafe.Pointer
	if old := related.ManyAt(at); old != nil && !old.Shared {
		added = old.Items()
		c = old
	} else {
		c.At, c.Acts = at, u.acting(st, r)
		related.PutMany(at, c)
	}
	c.Put(items)
	for _, p := range added {
		if u.adds(p, back, st) {
			c.Add(p)
		}
	}
	c.Loaded, c.Partial, c.Epoch, c.Mark = true, partial, u.epoch, u.level
}

// adds reports whether the entity at p was put into a parent's collection and is
// not yet written.
func (u *UnitOfWork) adds(p unsafe.Pointer, back *relation, parent *state) bool {
	child := u.find(p)
	if child == nil || goes(child) {
		return false
	}
	if back.associates() {
		k := pairKey{link: back.link, child: child, parent: parent}
		if back.link.Child != back.def {
			k.child, k.parent = parent, child
		}
		add := u.pairs[k]
		return add != nil && !add.remove
	}
	of, moved := u.movedTo(child, back)
	return moved && of == parent
}

// selectMembers reads the rows that belong to entities, with the index of the
// entity for each.
func (u *UnitOfWork) selectMembers(ctx context.Context, r *relation, sts []*state, e *rel.Eager, overwrite bool) (all []*state, owners []int32, err error) {
	m, err := u.target(r)
	if err != nil {
		return nil, nil, err
	}
	near := r.near
	var index identity.Map[int]
	var es []field.Ptr
	for i, st := range sts {
		if st.status == isNew {
			continue // it has no row to refer to
		}
		k, known, err := keyOfFields(near, st.entity)
		if err != nil {
			return nil, nil, err
		}
		if known {
			index.Put(k, i)
			es = append(es, st.entity)
		}
	}
	n := len(m.columns)
	var keyOf func(vals []driver.Value) (identity.Key, error)
	statement := func(es []field.Ptr) *expr.SelectStmt {
		far := r.far(m)
		s := relatedSelect(m, inKeys(refsOf(far), near, es), e)
		if sortsMembers(r, m, e) {
			s.OrderBy = nil
		}
		return perParent(s, refsOf(far), e)
	}
	if r.associates() {
		j, jerr := rel.JoinOf(r.def)
		if jerr != nil {
			return nil, nil, jerr
		}
		keyOf = func(vals []driver.Value) (identity.Key, error) { return keyOfValues(near, vals[n:]) }
		statement = func(es []field.Ptr) *expr.SelectStmt { return throughSelect(m, j, near, es, e) }
	} else {
		far := r.far(m)
		at := make([]driver.Value, len(far))
		keyOf = func(vals []driver.Value) (identity.Key, error) {
			for i, f := range far {
				at[i] = vals[f.Col.Position]
			}
			return keyOfValues(far, at)
		}
	}
	lone := n // where a lone integer lies that says whose the row is
	if !r.associates() {
		lone = r.far(m)[0].Col.Position
	}
	if len(near) > 1 || !near[0].IsInteger() {
		lone = -1
	}
	var last int64 // rows of one owner mostly come together
	lastAt := -1
	err = withKeys(es, func(es []field.Ptr) error {
		var err error
		all, err = u.selectRelated(ctx, m, statement(es), overwrite, func(_ *state, vals []driver.Value) error {
			if len(owners) == soloRows {
				owners = slices.Grow(owners, max(0, m.expected()-soloRows))
			}
			if lone >= 0 {
				if k, ok := vals[lone].(int64); ok {
					if lastAt < 0 || k != last {
						i, ok := index.GetInt(k)
						if !ok {
							return notAskedFor(m)
						}
						last, lastAt = k, i
					}
					owners = append(owners, int32(lastAt))
					return nil
				}
			}
			k, err := keyOf(vals)
			if err != nil {
				return err
			}
			i, ok := index.Get(k)
			if !ok {
				return notAskedFor(m)
			}
			owners = append(owners, int32(i))
			return nil
		})
		return err
	})
	return all, owners, err
}

func notAskedFor(m *mapper) error {
	return fmt.Errorf("the database returned a row of %s that was not asked for", m.def.Name)
}

// throughSelect selects the targets of association rows, each row followed by
// the key of the entity that it belongs to.
func throughSelect(m *mapper, j *rel.Join, near []*field.Field, es []field.Ptr, e *rel.Eager) *expr.SelectStmt {
	cols := make([]*expr.ColumnRef, len(j.On))
	for i, p := range j.On {
		cols[i] = p[1].Ref
	}
	on := &expr.LogicNode{}
	for _, p := range j.Far {
		on.Args = append(on.Args, &expr.CompareNode{Op: expr.OpEq, Left: p[0].Ref, Right: p[1].Ref})
	}
	s := relatedSelect(m, inKeys(cols, near, es), e)
	s.Columns = append([]expr.Node(nil), m.columns...)
	for _, c := range cols {
		s.Columns = append(s.Columns, c)
	}
	s.Joins = []expr.JoinClause{{Kind: expr.InnerJoin, Source: j.Through.Source, On: on}}
	return perParent(s, cols, e)
}

// keyOfValues makes a key of driver values of fields.
func keyOfValues(fs []*field.Field, vals []driver.Value) (identity.Key, error) {
	if len(fs) == 1 {
		return fs[0].KeyOfValue(vals[0])
	}
	var b []byte
	var err error
	for i, f := range fs {
		if b, err = f.AppendKeyValue(b, vals[i]); err != nil {
			return identity.Key{}, err
		}
	}
	return identity.Encoded(b), nil
}

// streamStatement is memberStatement without a join, since pages are read by key.
func (u *UnitOfWork) streamStatement(r *relation, st *state, m *mapper) (*expr.SelectStmt, error) {
	if !r.associates() {
		return u.memberStatement(r, st)
	}
	j, err := rel.JoinOf(r.def)
	if err != nil {
		return nil, err
	}
	near := make([]*expr.ColumnRef, len(j.On))
	for i, p := range j.On {
		near[i] = p[1].Ref
	}
	mine := inKeys(near, r.near, []field.Ptr{st.entity})
	return relatedSelect(m, &expr.RelatedNode{From: m.def.Source, Join: r.beyond.to(j), Where: mine}, nil), nil
}

// throughJoin leads from the target of a relation to the association's rows alone:
// whose they are these say, whatever filters hold for the rows of the owners. It is
// made once, since compiled statements are kept by its ID.
type throughJoin struct {
	once sync.Once
	on   expr.RelatedColumns
}

func (t *throughJoin) to(j *rel.Join) *throughJoin {
	t.once.Do(func() {
		t.on = expr.RelatedColumns{ID: expr.NewID(), Target: j.Through.Source}
		for _, p := range j.Far {
			t.on.On = append(t.on.On, [2]*expr.ColumnRef{p[1].Ref, p[0].Ref})
		}
	})
	return t
}

// RelatedOn implements expr.RelatedJoin.
func (t *throughJoin) RelatedOn() (expr.RelatedColumns, error) { return t.on, nil }
