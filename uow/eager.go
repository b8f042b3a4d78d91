package uow

import (
	"context"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/internal/related"
	"github.com/dormer-orm/dormer/rel"
)

// isPartial reports whether an eager load leaves related rows out.
func isPartial(e *rel.Eager) bool { return e != nil && (len(e.Where) > 0 || e.Limit >= 0) }

// perParent limits a statement to the first rows of each parent.
func perParent(s *expr.SelectStmt, by []*expr.ColumnRef, e *rel.Eager) *expr.SelectStmt {
	if e == nil || e.Limit < 0 {
		return s
	}
	s.PerGroup = &expr.PerGroup{Limit: e.Limit}
	for _, c := range by {
		s.PerGroup.By = append(s.PerGroup.By, c)
	}
	return s
}

// eager loads the relations that a query asks for, for the entities that it
// returned.
func (u *UnitOfWork) eager(ctx context.Context, m *mapper, sts []*state, paths []*rel.Eager, overwrite bool) error {
	for _, e := range paths {
		if e.Err != nil {
			return e.Err
		}
		r := m.relation(e.Relation)
		if r == nil {
			return fmt.Errorf("relation %s is not one of %s", e.Relation.Name, m.name)
		}
		if err := r.joined(); err != nil {
			return err
		}
		to, err := u.target(r)
		if err != nil {
			return err
		}
		again := to == m && (e.Depth < 0 || e.Depth > 1)
		seen := map[*state]bool{}
		for now, depth := sts, 0; len(now) > 0 && (e.Depth < 0 || depth < max(1, e.Depth)); depth++ {
			need := make([]*state, 0, len(now))
			for _, st := range now {
				if again {
					seen[st] = true
				}
				if overwrite || isPartial(e) || !u.current(related.HeadAt(r.at(st.entity))) {
					need = append(need, st)
				}
			}
			found, err := u.loadRelated(ctx, r, need, e, overwrite)
			if err != nil {
				return opError("load", r.name(), err)
			}
			if len(e.With) == 0 && !again {
				break
			}
			if len(need) < len(now) {
				found = u.held(now, r)
			}
			found = distinct(found)
			if err := u.eager(ctx, to, found, e.With, overwrite); err != nil {
				return err
			}
			if !again {
				break
			}
			now = found[:0:0]
			for _, st := range found {
				if !seen[st] {
					now = append(now, st)
				}
			}
		}
	}
	return nil
}

// held lists what loaded containers hold.
func (u *UnitOfWork) held(sts []*state, r *relation) (out []*state) {
	add := func(p field.Ptr) {
		if st := u.find(p); st != nil {
			out = append(out, st)
		}
	}
	for _, st := range sts {
		if at := r.at(st.entity); r.def.Many {
			for _, p := range related.ManyAt(at).Items() {
				add(p)
			}
		} else if c := related.OneAt(at); c.Target != nil {
			add(c.Target)
		}
	}
	return out
}

func distinct(sts []*state) []*state {
	seen := make(map[*state]bool, len(sts))
	out := sts[:0:0]
	for _, st := range sts {
		if !seen[st] {
			seen[st] = true
			out = append(out, st)
		}
	}
	return out
}
