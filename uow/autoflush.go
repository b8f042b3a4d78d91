package uow

import (
	"context"
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// tablesOf lists the tables that a statement reads, in its subqueries too.
func tablesOf(s *expr.SelectStmt) []*schema.TableDef {
	var out []*schema.TableDef
	add := func(src *expr.Source) {
		if src == nil || src.Query != nil {
			return
		}
		if d, ok := src.Def.(*schema.TableDef); ok {
			out = append(out, d)
		}
	}
	related := func(n expr.Node) bool {
		if r, ok := n.(*expr.RelatedNode); ok && r.Join != nil {
			if on, err := r.Join.RelatedOn(); err == nil { // else compiling has failed
				add(on.Target)
				add(on.Through)
			}
		}
		return true
	}
	read := func(s *expr.SelectStmt) {
		add(s.From)
		for _, j := range s.Joins {
			add(j.Source)
			expr.Walk(j.On, related)
		}
		expr.Walk(s.Where, related)
		expr.Walk(s.Having, related)
		for _, o := range s.OrderBy {
			expr.Walk(o.X, related)
		}
		for _, n := range s.Columns {
			if _, plain := n.(*expr.ColumnRef); !plain {
				expr.Walk(n, related)
			}
		}
	}
	if !hasInner(s) {
		read(s)
		return out
	}
	expr.Statements(s, func(s expr.Statement) bool {
		if s, ok := s.(*expr.SelectStmt); ok {
			read(s)
		}
		return true
	})
	return out
}

// hasInner reports whether there may be statements within a statement, which most
// have not.
func hasInner(s *expr.SelectStmt) bool {
	found := s.From != nil && s.From.Query != nil
	look := func(n expr.Node) bool {
		switch n := n.(type) {
		case *expr.SubqueryNode:
			found = true
		case *expr.RelatedNode:
			return n != nil
		}
		return !found
	}
	for _, j := range s.Joins {
		found = found || j.Source != nil && j.Source.Query != nil
		expr.Walk(j.On, look)
	}
	expr.Walk(s.Where, look)
	expr.Walk(s.Having, look)
	for _, o := range s.OrderBy {
		expr.Walk(o.X, look)
	}
	for _, n := range s.Columns {
		if _, plain := n.(*expr.ColumnRef); !plain {
			expr.Walk(n, look)
		}
	}
	for _, n := range s.GroupBy {
		expr.Walk(n, look)
	}
	return found
}

// autoflushes reports whether reads flush what is pending.
func (u *UnitOfWork) autoflushes() bool {
	return u.noFlush.Load() == 0 && u.quiet == 0 && !u.inFlush() && !u.opts.readOnly
}

// autoflush flushes if the tables have pending changes.
func (u *UnitOfWork) autoflush(ctx context.Context, defs []*schema.TableDef) error {
	if !u.autoflushes() {
		return nil
	}
	if err := u.relate(); err != nil {
		return err
	}
	for k := range u.pairs {
		if slices.Contains(defs, k.link.Association) {
			return u.flushBefore(ctx)
		}
	}
	if slices.ContainsFunc(defs, u.reaches) {
		return u.flushBefore(ctx)
	}
	for _, d := range defs {
		if moves, err := u.movesInto(d); err != nil {
			return err
		} else if moves {
			return u.flushBefore(ctx)
		}
	}
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		for _, d := range defs {
			if t.m.def != d {
				continue
			}
			pending, err := u.orphaned(t), error(nil)
			if !pending {
				pending, err = t.pending()
			}
			if err != nil {
				return err
			}
			if pending {
				return u.flushBefore(ctx)
			}
		}
	}
	return nil
}

func (u *UnitOfWork) flushBefore(ctx context.Context) error {
	if err := u.flush(ctx); err != nil {
		return opError("autoflush before a query (NoAutoflush turns it off)", "", err)
	}
	return nil
}

// reaches reports whether something pending may write to the table though the unit
// has none of its rows: a deletion by its cascades or the database's, a collection
// that was set without being known.
func (u *UnitOfWork) reaches(def *schema.TableDef) bool {
	for _, other := range u.tables {
		if other == nil || other.m.def == def {
			continue
		}
		for _, st := range other.fresh {
			if st.status == deleting && u.leadsTo(other.m.def, def, map[*schema.TableDef]bool{}) {
				return true
			}
		}
	}
	return len(u.replaced) > 0
}

// leadsTo reports whether the deletion of rows of from changes rows of to, through
// any number of tables: by cascades of relations, or of the database.
func (u *UnitOfWork) leadsTo(from, to *schema.TableDef, seen map[*schema.TableDef]bool) bool {
	if seen[to] {
		return false
	}
	seen[to] = true
	for _, fk := range to.ForeignKeys {
		if !acts(fk) && !u.follows(fk) {
			continue
		}
		if fk.RefTable == from || fk.RefTable != to && u.leadsTo(from, fk.RefTable, seen) {
			return true
		}
	}
	return false
}

// pending reports whether a flush would write to the table.
func (t *table) pending() (bool, error) {
	if len(t.fresh) > 0 || len(t.u.waiting) > 0 {
		return true, nil
	}
	for _, st := range t.states {
		if st.status != persistent {
			continue
		}
		if c, err := st.isChanged(); c || err != nil {
			return c, err
		}
	}
	return false, nil
}

// follows reports whether a relation does something about the rows of a foreign
// key when those that they refer to are deleted.
func (u *UnitOfWork) follows(fk *schema.ForeignKeyDef) bool {
	for _, r := range fk.Table.Relations {
		if l := rel.LinkOf(r); l != nil && l.Association == nil && l.Child == r && slices.Equal(l.Columns, fk.Columns) && cascades(l) {
			return true
		}
	}
	return false
}
