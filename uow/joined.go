package uow

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"
	"unsafe"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/internal/related"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// joinedSource is the occurrence of a relation's target in statements that join
// it. It is made once, since compiled statements are kept by their sources.
type joinedSource struct {
	once   sync.Once
	source *expr.Source
	cols   []expr.Node
	on     expr.Node
}

// joinedTo returns the occurrence for a relation with a foreign key on either
// side.
func (r *relation) joinedTo(target *mapper) *joinedSource {
	j := &r.joint
	j.once.Do(func() {
		d := target.def
		j.source = expr.NewSource(d.Schema, d.Name, fmt.Sprintf("dormer_%d", r.index+1), d)
		for _, c := range d.Columns {
			j.cols = append(j.cols, expr.NewColumnRef(j.source, c.Name, c))
		}
		on := &expr.LogicNode{}
		far := r.far(target)
		for i, f := range r.near {
			on.Args = append(on.Args, &expr.CompareNode{Op: expr.OpEq, Left: f.Col.Ref, Right: j.cols[far[i].Col.Position]})
		}
		j.on = on
	})
	return j
}

// joinLoad loads one relation from the columns that a joined table adds to the
// rows of a query.
type joinLoad struct {
	e    *rel.Eager
	r    *relation
	l    *loader
	at   int // the first of the target's columns
	of   []*state
	what []*state // nil: none
}

// joins takes the relations out of paths that are to be read by the query itself,
// and adds their tables to it.
func (u *UnitOfWork) joins(m *mapper, s *expr.SelectStmt, paths []*rel.Eager, overwrite bool) (out []*joinLoad, rest []*rel.Eager, err error) {
	many := false
	for _, e := range paths {
		r := m.relation(e.Relation)
		plain := e.Err == nil && e.Strategy == rel.Joined && len(e.Where) == 0 && len(e.Order) == 0 && e.Limit < 0 && (e.Depth == 0 || e.Depth == 1)
		if !plain || r == nil || r.link == nil || r.associates() || s.Distinct || s.Lock != expr.NoLock ||
			r.def.Many && (many || s.Limit >= 0 || s.Offset >= 0) {
			rest = append(rest, e)
			continue
		}
		target, err := u.target(r)
		if err != nil {
			return nil, nil, err
		}
		many = many || r.def.Many
		j := r.joinedTo(target)
		out = append(out, &joinLoad{e: e, r: r, at: len(s.Columns), l: &loader{t: u.table(target), m: target, overwrite: overwrite, list: true}})
		s.Columns = append(s.Columns[:len(s.Columns):len(s.Columns)], j.cols...)
		s.Joins = append(s.Joins[:len(s.Joins):len(s.Joins)], expr.JoinClause{Kind: expr.LeftJoin, Source: j.source, On: j.on})
	}
	if many { // the rows of one entity in a fixed order
		for _, f := range m.key {
			s.OrderBy = append(s.OrderBy[:len(s.OrderBy):len(s.OrderBy)], expr.OrderTerm{X: f.Col.Ref})
		}
		for _, j := range out {
			if !j.r.def.Many {
				continue
			}
			for _, f := range j.l.m.key {
				s.OrderBy = append(s.OrderBy, expr.OrderTerm{X: j.r.joint.cols[f.Col.Position]})
			}
		}
	}
	return out, rest, nil
}

// readJoined runs a query with joined relations.
func (u *UnitOfWork) readJoined(ctx context.Context, l *loader, sql string, args []driver.NamedValue, joins []*joinLoad) error {
	if err := u.begin(ctx); err != nil {
		return err
	}
	l.list = true
	n := len(l.m.columns)
	seen := map[*state]bool{}
	_, err := u.conn.Query(ctx, sql, args, func(vals []driver.Value) error {
		if l.end != nil && !l.end.take(vals) {
			return nil
		}
		before, out := len(l.all), len(l.out)
		if err := l.row(vals[:n]); err != nil || len(l.all) == before {
			return err
		}
		st := l.all[before]
		again := seen[st]
		if again { // another row of the joined table
			l.all, l.out, l.n = l.all[:before], l.out[:out], l.n-1
		}
		seen[st] = true
		for _, j := range joins {
			if again && !j.r.def.Many {
				continue
			}
			target, err := j.row(vals[j.at : j.at+len(j.l.m.columns)])
			if err != nil {
				return err
			}
			j.of, j.what = append(j.of, st), append(j.what, target)
		}
		return nil
	})
	if err != nil {
		l.abandon()
		for _, j := range joins {
			j.l.abandon()
		}
		u.broke(err)
		return err
	}
	err = l.finish(ctx, u)
	for _, j := range joins {
		if ferr := j.l.finish(ctx, u); ferr != nil && err == nil {
			err = ferr
		}
	}
	return err
}

// row reads the target's part of a row, nil where the join found none (S15).
func (j *joinLoad) row(vals []driver.Value) (*state, error) {
	for _, f := range j.l.m.key {
		if vals[f.Col.Position] == nil {
			return nil, nil
		}
	}
	before := len(j.l.all)
	if err := j.l.row(vals); err != nil || len(j.l.all) == before {
		return nil, err
	}
	return j.l.all[before], nil
}

// settle puts what was read into the containers, and loads what the path goes on
// to.
func (j *joinLoad) settle(ctx context.Context, u *UnitOfWork, overwrite bool) error {
	if overwrite || len(j.of) > 0 {
		if err := j.fill(u, overwrite); err != nil {
			return err
		}
	}
	if len(j.e.With) == 0 {
		return nil
	}
	var found []*state
	for _, st := range j.what {
		if st != nil {
			found = append(found, st)
		}
	}
	return u.eager(ctx, j.l.m, distinct(found), j.e.With, overwrite)
}

func (j *joinLoad) fill(u *UnitOfWork, overwrite bool) error {
	r := j.r
	back, err := u.back(r)
	if err != nil {
		return err
	}
	cells := chunkOnes(len(j.of))
	if !r.def.Many {
		for i, st := range j.of {
			if !overwrite && u.current(related.HeadAt(r.at(st.entity))) {
				continue
			}
			if _, pending := u.refs[linkKey{st, r}]; pending {
				continue
			}
			c := u.loadedOne(st, r, &cells)
			c.Target, c.Partial = nil, false
			if t := j.what[i]; t != nil && !goes(t) {
				c.Target = t.entity
			}
		}
		return nil
	}
	items := map[*state][]unsafe.Pointer{}
	var order []*state
	for i, st := range j.of {
		if _, seen := items[st]; !seen {
			order = append(order, st)
			items[st] = nil
		}
		child := j.what[i]
		if child == nil || !u.belongs(child, back, st) {
			continue
		}
		items[st] = append(items[st], child.entity)
		if h := related.HeadAt(back.at(child.entity)); h == nil || h.Shared || !h.Loaded || h.Epoch != u.epoch {
			u.loadedOne(child, back, &cells).Target = st.entity
		}
	}
	for _, st := range order {
		if overwrite || !u.current(related.HeadAt(r.at(st.entity))) {
			u.fill(st, r, back, items[st], &related.Many{}, false)
		}
	}
	return nil
}

// tablesOfPaths adds the tables that loading relations reads.
func (u *UnitOfWork) tablesOfPaths(m *mapper, paths []*rel.Eager, defs []*schema.TableDef) []*schema.TableDef {
	for _, e := range paths {
		r := m.relation(e.Relation)
		if r == nil || r.link == nil {
			continue // an error, of which loading tells
		}
		to, err := u.target(r)
		if err != nil {
			continue
		}
		defs = append(defs, to.def)
		if r.associates() {
			defs = append(defs, r.link.Association)
		}
		defs = u.tablesOfPaths(to, e.With, defs)
	}
	return defs
}

// queryWith runs a query and loads relations of what it returns.
func (u *UnitOfWork) queryWith(ctx context.Context, l *loader, s *expr.SelectStmt, with []*rel.Eager) ([]field.Ptr, error) {
	for _, e := range with {
		if e.Err != nil {
			return nil, e.Err
		}
	}
	overwrite := l.overwrite && !l.lock
	joined := *s
	joins, rest, err := u.joins(l.m, &joined, with, overwrite)
	if err != nil {
		return nil, err
	}
	c, err := u.compile(ctx, &joined)
	if err != nil {
		return nil, err
	}
	if err := u.autoflush(ctx, u.tablesOfPaths(l.m, with, tablesOf(&joined))); err != nil {
		return nil, err
	}
	defer u.readAs(s.Filters)()
	if len(joins) == 0 {
		err = u.read(ctx, l, c.SQL, named(c.Args))
	} else {
		err = u.readJoined(ctx, l, c.SQL, named(c.Args), joins)
	}
	if err != nil {
		return nil, err
	}
	for _, j := range joins {
		if err := j.settle(ctx, u, overwrite); err != nil {
			return nil, err
		}
	}
	if len(rest) == 0 {
		return l.out, nil
	}
	return l.out, u.eager(ctx, l.m, l.all, rest, overwrite)
}
