package dialect

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

func (s *shape) statement(stmt expr.Statement) error {
	if err := s.whole(stmt); err != nil || len(s.queries) == 0 {
		return err
	}
	return s.with(stmt)
}

// whole adds a statement without what stands in WITH.
func (s *shape) whole(stmt expr.Statement) error {
	switch st := stmt.(type) {
	case *expr.SelectStmt:
		if st != nil {
			s.filters = st.Filters
			return s.selects(st)
		}
	case *expr.UpdateStmt:
		if st != nil {
			s.filters = st.Filters
			return s.update(st)
		}
	case *expr.DeleteStmt:
		if st != nil {
			s.filters = st.Filters
			return s.deletes(st)
		}
	case *expr.InsertStmt:
		if st != nil {
			s.filters = nil
			return s.insert(st)
		}
	}
	return errNoShape
}

func (s *shape) selects(st *expr.SelectStmt) error {
	if a := repeated(s.numbered, st); len(a.nodes) > 0 || len(s.again.nodes) > 0 {
		was := s.again
		s.again = a
		err := s.selectsAgain(st)
		s.again = was
		return err
	}
	return s.selectsAgain(st)
}

// selectsAgain is selects where what is written again is known.
func (s *shape) selectsAgain(st *expr.SelectStmt) error {
	g := st.PerGroup
	s.tag(tagSelect, flag(st.Distinct, 1)|flag(st.Limit >= 0, 2)|flag(st.Offset >= 0, 4)|flag(g != nil, 8)|flag(st.Packed, 16), byte(st.Lock)|byte(st.Wait)<<2)
	s.number(uint64(len(st.LockOf)))
	for _, src := range st.LockOf {
		s.source(src)
	}
	if err := s.nodes(st.DistinctOn); err != nil {
		return err
	}
	if err := s.columns(st.Columns); err != nil {
		return err
	}
	if g != nil {
		// The window stands among the columns.
		if g.Limit < 0 {
			return errNoShape
		}
		if err := s.nodes(g.By); err != nil {
			return err
		}
		if err := s.order(st.OrderBy); err != nil {
			return err
		}
	}
	s.source(st.From)
	if err := s.derived(st.From); err != nil {
		return err
	}
	s.number(uint64(len(st.Joins)))
	first := derivedForJoin(st.Joins, -1)
	if first {
		if err := s.filter(st.From, true); err != nil {
			return err
		}
	}
	for i, j := range st.Joins {
		s.tag(byte(j.Kind) | flag(j.Lateral, 16))
		s.source(j.Source)
		if err := s.derived(j.Source); err != nil {
			return err
		}
		before := derivedForJoin(st.Joins, i)
		if before {
			if err := s.filter(j.Source, false); err != nil {
				return err
			}
		}
		if err := s.optional(j.On); err != nil {
			return err
		}
		if !before {
			if err := s.filter(j.Source, false); err != nil {
				return err
			}
		}
	}
	if err := s.optional(st.Where); err != nil {
		return err
	}
	if !first {
		if err := s.filter(st.From, true); err != nil {
			return err
		}
	}
	if err := s.nodes(st.GroupBy); err != nil {
		return err
	}
	if err := s.optional(st.Having); err != nil {
		return err
	}
	if g != nil {
		s.args = append(s.args, g.Limit)
		return nil
	}
	if err := s.order(st.OrderBy); err != nil {
		return err
	}
	if st.Limit >= 0 {
		s.args = append(s.args, st.Limit)
	}
	if st.Offset >= 0 {
		s.args = append(s.args, st.Offset)
	}
	return nil
}

// columns is nodes, but for a list of a table's columns that is the same each time.
func (s *shape) columns(ns []expr.Node) error {
	if len(ns) < 4 || len(s.again.nodes) > 0 {
		return s.nodes(ns)
	}
	if l := s.last.of; len(l) == len(ns) && &l[0] == &ns[0] {
		s.key = append(s.key, s.last.key...)
		return nil
	}
	mark := len(s.key)
	if err := s.nodes(ns); err != nil {
		return err
	}
	for _, n := range ns {
		if c, ok := n.(*expr.ColumnRef); !ok || c.Source == nil || local(c.Source) {
			return nil
		}
	}
	s.last.of, s.last.key = ns, append(s.last.key[:0], s.key[mark:]...)
	return nil
}

func (s *shape) order(terms []expr.OrderTerm) error {
	s.number(uint64(len(terms)))
	for _, o := range terms {
		s.tag(flag(o.Desc, 1) | byte(o.Nulls)<<1)
		if ref, ok := o.X.(*expr.ColumnRef); ok && ref != nil && len(s.again.nodes) == 0 {
			s.tag(tagColumn)
			s.column(ref)
			continue
		}
		if err := s.node(o.X); err != nil {
			return err
		}
	}
	return nil
}

func (s *shape) update(st *expr.UpdateStmt) error {
	s.tag(tagUpdate)
	s.source(st.Table)
	s.number(uint64(len(st.Joins)))
	s.number(uint64(len(st.Set)))
	for _, set := range st.Set {
		if set.Column == nil {
			return errNoShape
		}
		s.column(set.Column)
	}
	if len(st.Joins) > 0 && s.rewrites {
		return s.updateFrom(st)
	}
	for _, set := range st.Set {
		if err := s.node(set.Value); err != nil {
			return err
		}
	}
	if len(st.Joins) > 0 {
		return s.updateJoined(st)
	}
	if err := s.optional(st.Where); err != nil {
		return err
	}
	if err := s.filter(st.Table, true); err != nil {
		return err
	}
	return s.nodes(st.Returning)
}

// updateFrom adds what an UPDATE that joins tables assigns as the query that it comes
// from.
func (s *shape) updateFrom(st *expr.UpdateStmt) error {
	def, _ := st.Table.Def.(*schema.TableDef)
	if def == nil || len(def.PrimaryKey) == 0 {
		return errNoShape
	}
	values := make([]expr.Node, 0, len(st.Set))
	for _, set := range st.Set {
		values = append(values, set.Value)
	}
	if err := s.nested(newValuesOf(st, def, values)); err != nil {
		return err
	}
	return s.nodes(st.Returning)
}

// updateJoined adds the tables that an UPDATE joins and the rest of it.
func (s *shape) updateJoined(st *expr.UpdateStmt) error {
	for _, j := range st.Joins {
		if j.Kind != expr.InnerJoin || j.Lateral || j.On == nil {
			return errNoShape
		}
		s.source(j.Source)
		if err := s.derived(j.Source); err != nil {
			return err
		}
	}
	for _, j := range st.Joins {
		if err := s.node(j.On); err != nil {
			return err
		}
	}
	if err := s.optional(st.Where); err != nil {
		return err
	}
	if err := s.filter(st.Table, true); err != nil {
		return err
	}
	for _, j := range st.Joins {
		if err := s.filter(j.Source, false); err != nil {
			return err
		}
	}
	return s.nodes(st.Returning)
}

func (s *shape) deletes(st *expr.DeleteStmt) error {
	s.tag(tagDelete)
	s.source(st.Table)
	if err := s.optional(st.Where); err != nil {
		return err
	}
	if err := s.filter(st.Table, true); err != nil {
		return err
	}
	return s.nodes(st.Returning)
}

func (s *shape) insert(st *expr.InsertStmt) error {
	s.tag(tagInsert)
	s.source(st.Table)
	s.number(uint64(len(st.Columns)))
	for _, c := range st.Columns {
		s.column(c)
	}
	if err := s.nested(st.Query); err != nil {
		return err
	}
	return s.nodes(st.Returning)
}
