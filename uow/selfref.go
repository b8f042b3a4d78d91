package uow

import (
	"github.com/dormer-orm/dormer/internal/field"
)

// selfReferences finds the rows of a table that refer, by fields that the
// program set, to rows of the same table that the flush inserts.
type selfReferences struct {
	fks  [][]*field.Field
	news []map[string]*state // by the values that a foreign key refers to
}

// selfReferencesOf returns nil where the table has no foreign key to itself or
// no new row has a key that others could know.
func (tw *tableWork) selfReferencesOf() *selfReferences {
	m := tw.t.m
	s := &selfReferences{}
	any := false
	for _, fk := range m.def.ForeignKeys {
		if fk.RefTable != m.def {
			continue
		}
		refs := m.fieldsOf(fk.RefColumns)
		news := map[string]*state{}
		for _, st := range tw.inserts {
			if k, ok := tw.t.pendingKeys[st]; !ok || k.IsZero() {
				continue
			}
			if v, ok := uniqueValue(nil, refs, st.entity); ok {
				news[string(v)] = st
				any = true
			}
		}
		s.fks, s.news = append(s.fks, m.fieldsOf(fk.Columns)), append(s.news, news)
	}
	if !any {
		return nil
	}
	return s
}

// targets calls f for each new row that st refers to.
func (s *selfReferences) targets(st *state, f func(target *state)) {
	for i, fk := range s.fks {
		if v, ok := uniqueValue(nil, fk, st.entity); ok {
			if t := s.news[i][string(v)]; t != nil && t != st {
				f(t)
			}
		}
	}
}

// order puts new rows into layers, each after those that it refers to. What
// refers to each other in a circle comes last, together: one statement may do.
func (s *selfReferences) order(sts []*state) [][]*state {
	out, circles := layered(sts, s.targets, func(*state) bool { return false })
	if len(circles) > 0 {
		out = append(out, circles)
	}
	return out
}
