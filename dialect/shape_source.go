package dialect

import (
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// local reports whether a source is made where a query is built: an alias, a
// subquery, a common table expression.
func local(src *expr.Source) bool { return src.Alias != "" || src.Query != nil }

// source adds a source to the key: a table by its ID, a local one by its number, and
// by what it is the first time.
func (s *shape) source(src *expr.Source) {
	switch {
	case src == nil:
		s.number(0)
		s.tag(tagNone)
		return
	case !local(src):
		s.number(src.ID)
		return
	}
	s.within = s.within || src.Query != nil
	s.number(0) // IDs begin with 1
	s.tag(tagLocal)
	i := slices.Index(s.locals, src)
	if i >= 0 {
		s.number(uint64(i))
		return
	}
	s.number(uint64(len(s.locals)))
	s.locals = append(s.locals, src)
	s.text(src.Alias)
	if src.Query == nil {
		def, _ := src.Def.(*schema.TableDef)
		if def == nil || def.Source == nil {
			s.number(src.ID) // of which nothing else is known
			s.number(0)
			return
		}
		s.number(0)
		s.number(def.Source.ID)
		return
	}
	s.text(src.Schema)
	s.text(src.Name)
	s.tag(flag(src.Query.Common, 1) | flag(src.Query.Recursive, 2))
	if !src.Query.Common {
		return
	}
	i = slices.Index(s.queries, src.Query)
	if i < 0 {
		i = len(s.queries)
		s.queries = append(s.queries, src.Query)
	}
	s.number(uint64(i))
}

// column adds a column to the key: by its ID, or that of a local source by the
// source, its name and its type.
func (s *shape) column(ref *expr.ColumnRef) {
	switch {
	case ref == nil:
		s.number(0)
		s.tag(tagNone)
		return
	case ref.Source == nil || !local(ref.Source):
		s.number(ref.ID)
		return
	}
	s.number(0)
	s.tag(tagLocal)
	s.source(ref.Source)
	s.text(ref.Name)
	def := columnDef(ref)
	switch {
	case def == nil:
		s.tag(tagNone)
	case ref.Source.Query == nil && def.Ref != nil:
		s.tag(1)
		s.number(def.Ref.ID)
	default:
		s.tag(2)
		s.columnType(&def.Type)
	}
}

func (s *shape) columnType(t *schema.Type) {
	if t == nil {
		s.tag(tagNone)
		return
	}
	s.tag(1, byte(t.Kind))
	s.number(uint64(t.Size))
	s.number(uint64(t.Precision))
	s.number(uint64(t.Scale))
	s.text(t.EnumName)
	s.text(t.Custom)
	s.number(uint64(len(t.Values)))
	for _, v := range t.Values {
		s.text(v)
	}
	s.columnType(t.Elem)
}

// derived adds the query behind a source that stands in FROM itself.
func (s *shape) derived(src *expr.Source) error {
	if src == nil || src.Query == nil || src.Query.Common {
		return nil
	}
	return s.query(src.Query)
}

func (s *shape) query(q *expr.Query) error {
	if q.Err != nil {
		return errNoShape // the compiler has the words
	}
	s.number(uint64(len(q.Names)))
	for _, name := range q.Names {
		s.text(name)
	}
	return s.nested(q.Stmt)
}

// nested adds a statement within another.
func (s *shape) nested(stmt expr.Statement) error {
	outer := s.filters
	defer func() { s.filters = outer }()
	switch st := stmt.(type) {
	case *expr.SelectStmt:
		if st == nil {
			return errNoShape
		}
		s.filters = filtersWithin(outer, st.Filters)
		return s.selects(st)
	case *expr.CompoundStmt:
		if st == nil {
			return errNoShape
		}
		s.filters = filtersWithin(outer, nil)
		s.tag(tagCompound, byte(st.Op), flag(st.All, 1))
		s.number(uint64(len(st.Members)))
		for _, m := range st.Members {
			if err := s.nested(m); err != nil {
				return err
			}
		}
		return nil
	case *expr.ValuesStmt:
		if st == nil {
			return errNoShape
		}
		s.tag(tagValues)
		s.number(uint64(len(st.Rows)))
		for _, r := range st.Rows {
			if err := s.nodes(r); err != nil {
				return err
			}
		}
		return nil
	case *expr.UpdateStmt:
		if st == nil {
			return errNoShape
		}
		s.filters = filtersWithin(outer, st.Filters)
		return s.update(st)
	case *expr.DeleteStmt:
		if st == nil {
			return errNoShape
		}
		s.filters = filtersWithin(outer, st.Filters)
		return s.deletes(st)
	case *expr.InsertStmt:
		if st == nil || st.Query == nil {
			return errNoShape
		}
		s.filters = filtersWithin(outer, nil)
		return s.insert(st)
	}
	return errNoShape
}

func (s *shape) subquery(n *expr.SubqueryNode) error {
	if n.Stmt == nil {
		return errNoShape
	}
	s.tag(tagSubquery, byte(n.Kind), flag(n.Not, 1))
	if n.Kind == expr.SubqueryIn {
		if err := s.node(n.X); err != nil {
			return err
		}
	}
	return s.nested(asked(n))
}

// with is whole with what stands in WITH before it, as the text has it.
func (s *shape) with(stmt expr.Statement) error {
	list, recursive := commons(stmt)
	s.reset()
	s.tag(tagWith, flag(recursive, 1))
	s.number(uint64(len(list)))
	for _, src := range list {
		s.filters = filtersOfStatement(stmt)
		s.source(src)
		if err := s.query(src.Query); err != nil {
			return err
		}
	}
	return s.whole(stmt)
}

// reset forgets the statement and keeps the memory.
func (s *shape) reset() {
	clear(s.args)
	clear(s.planned)
	s.planned, s.within, s.aggregates = s.planned[:0], false, false
	clear(s.locals)
	clear(s.queries)
	s.key, s.args, s.locals, s.queries, s.filters = s.key[:0], s.args[:0], s.locals[:0], s.queries[:0], nil
	if s.again.nodes != nil || s.again.off {
		s.again = again{}
	}
}

// filtersOfStatement are what a statement says of the filters of its tables.
func filtersOfStatement(stmt expr.Statement) *expr.Filters {
	switch st := stmt.(type) {
	case *expr.SelectStmt:
		return st.Filters
	case *expr.UpdateStmt:
		return st.Filters
	case *expr.DeleteStmt:
		return st.Filters
	case *expr.InsertStmt:
		if st.Query != nil {
			return st.Query.Filters
		}
	}
	return nil
}
