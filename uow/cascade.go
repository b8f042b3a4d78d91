package uow

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"sort"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// childLinks are the links whose children refer to a table, where something is
// to be done about them.
func (u *UnitOfWork) childLinks(def *schema.TableDef) (out []*rel.Link) {
	for _, t := range def.Metadata.Tables() {
		for _, r := range t.Relations {
			l := rel.LinkOf(r)
			if l != nil && l.Association == nil && l.Child == r && len(l.Targets) > 0 && l.Targets[0].Table == def && cascades(l) {
				out = append(out, l)
			}
		}
	}
	return out
}

// cascades reports whether something is done about children whose parent is
// deleted, and not left to the database.
func cascades(l *rel.Link) bool {
	switch {
	case l.Ownership == rel.Own:
		return true
	case l.Ownership == rel.Passive:
		return false
	}
	return l.Parent != nil || emptiable(l)
}

// emptiable reports whether the foreign key of a relation without another side is
// to be made NULL when its target is deleted: if it can be, and the database is
// not told to do something else.
func emptiable(l *rel.Link) bool {
	for _, c := range l.Columns {
		if !c.Nullable {
			return false
		}
	}
	for _, fk := range l.Child.Table.ForeignKeys {
		if slices.Equal(fk.Columns, l.Columns) && acts(fk) {
			return false
		}
	}
	return true
}

// cascades is that of the relation's link.
func (r *relation) cascades() bool { return cascades(r.link) }

// cascade finds what goes with the entities that are deleted: children whose
// foreign keys say that they are theirs, loaded or not, and children without the
// parent that owned them.
func (u *UnitOfWork) cascade(ctx context.Context) error {
	if u.causes != nil {
		u.uncascade()
		if err := u.relate(); err != nil {
			return err
		}
	}
	if err := u.emptied(ctx); err != nil {
		return err
	}
	u.orphans()
	done := map[*state]uint8{}
	for {
		byTable := map[*table][]*state{}
		var order []*table
		for _, t := range u.tables {
			if t == nil {
				continue
			}
			for _, st := range t.fresh {
				if st.status == deleting && done[st] != doneAs(u.softly(st)) {
					done[st] = doneAs(u.softly(st))
					if byTable[t] == nil {
						order = append(order, t)
					}
					byTable[t] = append(byTable[t], st)
				}
			}
		}
		if len(order) == 0 {
			return nil
		}
		for _, t := range order {
			hard, soft := u.split(byTable[t])
			for _, l := range u.childLinks(t.m.def) {
				if err := u.cascadeTo(ctx, l, t, hard, true); err != nil {
					return err
				}
				if l.Ownership != rel.Own {
					continue // no row goes
				}
				if err := u.cascadeTo(ctx, l, t, soft, false); err != nil {
					return err
				}
			}
		}
		if err := u.relate(); err != nil {
			return err
		}
	}
}

// orphans marks children whose foreign key was emptied and whose parent owned
// them.
func (u *UnitOfWork) orphans() {
	for key, target := range u.refs {
		if target == nil && key.st.status == persistent && key.r.orphans() && !u.spared[key.st] {
			u.mark(key.st, "orphan of "+key.r.ownerName())
		}
	}
	u.emptiedFields(func(st *state, r *relation) {
		if !u.spared[st] {
			u.mark(st, "orphan of "+r.ownerName())
		}
	})
}

// orphans reports whether a child of the relation that is taken from its parent is
// deleted since it can have none.
func (r *relation) orphans() bool {
	return r.link.Ownership == rel.Own && r.holds() && !anyNullable(r.near)
}

// orphaned reports whether a flush will delete children of a table that were taken
// from their parents.
func (u *UnitOfWork) orphaned(t *table) bool {
	for key, target := range u.refs {
		if target == nil && key.st.in == t && key.st.status == persistent && key.r.orphans() {
			return true
		}
	}
	return false
}

// doneAs says how a cascade went on from an entity: that of one which turns out to
// be purged is found again.
func doneAs(soft bool) uint8 {
	if soft {
		return 1
	}
	return 2
}

// cascadeTo does to the children of deleted entities what the link says. hard: the
// parents' rows go, so that none may refer to them, those of deleted children
// neither.
func (u *UnitOfWork) cascadeTo(ctx context.Context, l *rel.Link, t *table, parents []*state, hard bool) error {
	if len(parents) == 0 {
		return nil
	}
	on := allFilters
	if hard {
		on = noFilters
	}
	m, err := u.ms.of(u.db, l.Child.Table)
	if err != nil {
		return err
	}
	r := m.relation(l.Child)
	is := map[*state]bool{}
	var es []field.Ptr
	for _, st := range parents {
		is[st] = true
		if _, known, err := keyOfFields(r.far(t.m), st.entity); err != nil {
			return opError("cascade of", r.ownerName(), err)
		} else if known {
			es = append(es, st.entity)
		}
	}
	var children []*state
	near := r.near
	err = withKeys(es, func(es []field.Ptr) error {
		s := &expr.SelectStmt{Columns: m.columns, From: m.def.Source, Limit: -1, Offset: -1, Where: inKeys(refsOf(near), r.far(t.m), es), Filters: on}
		for _, f := range m.key {
			s.OrderBy = append(s.OrderBy, expr.OrderTerm{X: f.Col.Ref})
		}
		sts, err := u.selectRelated(ctx, m, s, false, func(*state, []driver.Value) error { return nil })
		children = append(children, sts...)
		return err
	})
	if err != nil {
		return opError("cascade of", r.ownerName(), err)
	}
	for key, target := range u.refs {
		if key.r == r && is[target] {
			children = append(children, key.st)
		}
	}
	more, err := u.movedUnder(m, near, t.m, r.far(t.m), parents)
	if err != nil {
		return opError("cascade of", r.ownerName(), err)
	}
	for _, c := range append(children, more...) {
		marked := hard && c.status == deleting && u.softly(c)
		if c.status != persistent && c.status != isNew && !marked || !hard && c.buried() {
			continue
		}
		of, known, err := u.reference(c, r)
		if err != nil {
			return err
		}
		if !known || !is[of] {
			continue
		}
		switch {
		case l.Ownership == rel.Own && c.status == isNew:
			delete(u.refs, linkKey{c, r})
			c.in.unlist(c)
			u.letGo(c)
			u.step(cascaded{c, dropped, r, of}, "cascade of "+r.ownerName())
		case l.Ownership == rel.Own && marked:
			u.purge(c)
			u.step(cascaded{c, hardened, r, of}, "cascade of "+r.ownerName())
		case l.Ownership == rel.Own:
			u.mark(c, "cascade of "+r.ownerName())
			if hard {
				u.purge(c)
			}
		default:
			if !anyNullable(near) {
				return &FlushError{Op: "delete", Entity: t.m.name, Table: t.m.def.Name, Keys: []string{of.showKey()}, Rows: 1, Err: fmt.Errorf(
					"relation %s keeps its entities, but column %s of %s cannot be NULL: delete them first, or say Own() or Passive() where rel.Via joins it", r.ownerName(), near[0].Col.Name, m.def.Name)}
			}
			if err := u.refer(c, r, nil, false); err != nil {
				return err
			}
			u.step(cascaded{c, emptied, r, of}, "cascade of "+r.ownerName())
		}
	}
	return nil
}

// movedUnder finds the managed children whose foreign keys, as they are in memory,
// refer to one of the parents: the database may not know yet.
func (u *UnitOfWork) movedUnder(m *mapper, near []*field.Field, pm *mapper, far []*field.Field, parents []*state) (out []*state, err error) {
	var of identity.Map[bool]
	for _, st := range parents {
		k, known, err := keyOfFields(far, st.entity)
		if err != nil {
			return nil, err
		}
		if known {
			of.Put(k, true)
		}
	}
	for _, c := range u.table(m).states {
		if c.status != persistent && c.status != isNew {
			continue
		}
		k, known, err := keyOfFields(near, c.entity)
		if err != nil {
			return nil, err
		}
		if !known {
			continue
		}
		if is, _ := of.Get(k); is {
			out = append(out, c)
		}
	}
	return out, nil
}

func anyNullable(fs []*field.Field) bool {
	for _, f := range fs {
		if f.Col.Nullable {
			return true
		}
	}
	return false
}

// emptied finds the members of collections that were set without being known:
// those that are not in them now are removed.
func (u *UnitOfWork) emptied(ctx context.Context) error {
	if len(u.replaced) == 0 {
		return nil
	}
	byRelation := map[*relation][]*state{}
	var order []*relation
	for key := range u.replaced {
		if key.st.status != persistent {
			continue
		}
		if byRelation[key.r] == nil {
			order = append(order, key.r)
		}
		byRelation[key.r] = append(byRelation[key.r], key.st)
	}
	u.replaced = nil
	sort.Slice(order, func(i, j int) bool {
		if order[i].m != order[j].m {
			return order[i].m.index < order[j].m.index
		}
		return order[i].index < order[j].index
	})
	for _, r := range order {
		if err := u.removeOthers(ctx, byRelation[r], r); err != nil {
			return opError("relation", r.name(), err)
		}
	}
	return u.relate()
}

// removeOthers removes what the database has in a relation of entities and their
// containers have not.
func (u *UnitOfWork) removeOthers(ctx context.Context, sts []*state, r *relation) error {
	all, owners, err := u.selectMembers(ctx, r, sts, nil, false)
	if err != nil {
		return err
	}
	back, err := u.back(r)
	if err != nil {
		return err
	}
	for i, other := range all {
		st := sts[owners[i]]
		if u.members(st, r)(other) || goes(other) {
			continue
		}
		if r.associates() {
			k := pairKey{link: r.link, child: st, parent: other}
			if r.link.Child != r.def {
				k.child, k.parent = other, st
			}
			if u.pairs == nil {
				u.pairs = map[pairKey]*pair{}
			}
			if u.pairs[k] == nil {
				u.pairs[k] = &pair{remove: true, sure: true, seq: len(u.pairs)}
				u.unlistFrom(other, back, st)
			}
			continue
		}
		of, known, err := u.reference(other, back)
		if err != nil {
			return err
		}
		if known && of == st {
			if err := u.refer(other, back, nil, false); err != nil {
				return err
			}
			u.because(other, "taken out of "+r.name())
		}
	}
	return nil
}

// bereave tells loaded entities that the database's own cascades have taken their
// rows, or emptied their foreign keys, with those of entities that were deleted.
func (u *UnitOfWork) bereave(m *mapper, sts []*state) error {
	for _, t := range u.tables {
		if t == nil || len(t.states) == 0 {
			continue
		}
		for _, fk := range t.m.def.ForeignKeys {
			if fk.RefTable != m.def || fk.OnDelete == schema.NoAction || fk.OnDelete == schema.Restrict {
				continue
			}
			var lost identity.Map[bool]
			for _, st := range sts {
				k, known, err := keyOfFields(m.fieldsOf(fk.RefColumns), st.entity)
				if err != nil {
					return err
				}
				if known {
					lost.Put(k, true)
				}
			}
			near := t.m.fieldsOf(fk.Columns)
			var went []*state
			for _, st := range t.states {
				if st.status != persistent {
					continue
				}
				k, known, err := keyOfFields(near, st.entity)
				if err != nil {
					return err
				}
				if !known {
					continue
				}
				if ok, _ := lost.Get(k); !ok {
					continue
				}
				if fk.OnDelete != schema.Cascade {
					if err := u.bereft(st, fk); err != nil {
						return err
					}
					continue
				}
				u.vanish(st)
				went = append(went, st)
			}
			if len(went) > 0 {
				if err := u.bereave(t.m, went); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
