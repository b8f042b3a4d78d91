package repo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// Change is an UPDATE or DELETE of rows by condition that may join other tables:
// Repository.Updating and Deleting begin one. It is an immutable value, safe for
// concurrent use. What is wrong with it is an error of Exec and All, before any SQL.
type Change[T any] struct{ c change }

// change is a Change without its type.
type change struct {
	r       *repository
	deletes bool
	set     []expr.SetClause
	joins   []expr.JoinClause
	where   []expr.Node
	err     error
}

// Updating begins an UPDATE that assigns values, among them those of columns of
// tables that it joins:
//
//	n, err := users.Updating(Users.City.SetTo(Addresses.City)).
//		Join(Addresses, expr.On(Addresses.UserID, Users.ID)).Where(Addresses.Current.Eq(true)).Exec(ctx)
//
// A version column is counted up, and columns with OnUpdate take it.
func (r Repository[T]) Updating(set ...expr.Assign[T]) Change[T] {
	return Change[T]{change{r: r.r, set: clauses(set)}}
}

// Deleting begins a DELETE of rows that have a match in the tables that it joins. In
// a table with a soft delete column the rows stay and get the time of deletion.
func (r Repository[T]) Deleting() Change[T] {
	return Change[T]{change{r: r.r, deletes: true}}
}

// Join leaves the rows that have a match in another table; no column of that is
// written. Where a row has several, it is written once, with values of one of them:
// which, the database chooses. A condition that ties no row of h to one that is written
// is an error of Exec, unless it is expr.Every.
func (c Change[T]) Join(h schema.Handle, on expr.Cond) Change[T] {
	c.c.join(h, on)
	return c
}

// Where leaves the rows that meet all conditions, on T's columns and on those of the
// tables joined.
func (c Change[T]) Where(conds ...expr.Cond) Change[T] {
	c.c.filter(conds)
	return c
}

// Exec runs the statement and returns how many rows it wrote. In a unit of work it
// flushes first; entities of the rows are then as UpdateWhere and DeleteWhere say.
func (c Change[T]) Exec(ctx context.Context) (int64, error) { return c.c.exec(ctx) }

// All is Exec that returns the entities of the rows, as UpdateReturning and
// DeleteReturning do.
func (c Change[T]) All(ctx context.Context) ([]*T, error) { return entities[T](c.c.all(ctx)) }

//go:noinline
func (c *change) join(h schema.Handle, on expr.Cond) {
	switch {
	case h == nil || schema.DefOf(h) == nil:
		c.fail("Join of no table: schema.Define makes one")
	case on == nil:
		c.fail("Join without a condition")
	default:
		c.joins = append(slices.Clip(c.joins), expr.JoinClause{Source: schema.SourceOf(h), On: expr.NodeOf(on)})
	}
}

//go:noinline
func (c *change) filter(conds []expr.Cond) {
	c.where = slices.Clip(c.where)
	for _, cond := range conds {
		if cond == nil {
			c.fail("Where of a nil condition")
			return
		}
		c.where = append(c.where, expr.NodeOf(cond))
	}
}

func (c *change) fail(text string) { c.err = errors.Join(c.err, errors.New(text)) }

func (c *change) op() string {
	if c.deletes {
		return "delete"
	}
	return "update"
}

func (c *change) exec(ctx context.Context) (int64, error) {
	s, err := c.stmt(ctx)
	if err != nil {
		return 0, err
	}
	return c.r.writeStmt(ctx, c.op(), s)
}

func (c *change) all(ctx context.Context) ([]field.Ptr, error) {
	s, err := c.stmt(ctx)
	if err != nil {
		return nil, err
	}
	return c.r.returning(ctx, c.op(), s)
}

func (c *change) stmt(ctx context.Context) (expr.Statement, error) {
	s, err := c.build()
	if up, ok := s.(*expr.UpdateStmt); ok && err == nil && !c.deletes {
		if err := c.r.checkTenant(ctx, up); err != nil {
			return nil, c.r.fail("update", err)
		}
	}
	return s, err
}

// build is stmt without what only the context tells.
func (c *change) build() (expr.Statement, error) {
	if err := c.r.ready(); err != nil {
		return nil, err
	}
	if c.err != nil {
		return nil, c.r.fail(c.op(), c.err)
	}
	if len(c.where)+len(c.joins) == 0 {
		return nil, c.r.fail(c.op(), errors.New("no condition: expr.Every says all rows"))
	}
	own := c.r.n.Table().Source
	seen := []*expr.Source{own}
	for _, j := range c.joins {
		for _, s := range seen {
			if s.Label() == j.Source.Label() {
				return nil, c.r.fail(c.op(), fmt.Errorf("Join of %s, which stands there already: give it an alias with schema.As", s.Label()))
			}
		}
		seen = append(seen, j.Source)
	}
	if c.ofNothing() {
		return nil, c.r.fail(c.op(), errors.New("And() or Or() of nothing in an UPDATE or DELETE: write expr.Every to mean all rows"))
	}
	if err := checkTied(own, c.joins, c.where); err != nil {
		return nil, c.r.fail(c.op(), err)
	}
	where := all(c.where)
	if c.deletes {
		if len(c.joins) > 0 {
			where = c.matched()
		}
		s, err := c.r.deletion(where)
		if err == nil {
			err = checkWhole(s)
		}
		return s, c.r.fail("delete", err)
	}
	s, err := c.r.updateStmt(where, c.set)
	if err != nil {
		return nil, c.r.fail("update", err)
	}
	s.Where, s.Joins = where, c.joins
	return s, c.r.fail("update", checkWhole(s))
}

// ofNothing reports whether a condition joins none. The compiler refuses that, but not
// in the query that finds the rows of a change which joins tables.
func (c *change) ofNothing() (found bool) {
	conds := slices.Clone(c.where)
	for _, j := range c.joins {
		conds = append(conds, j.On)
	}
	for _, n := range conds {
		expr.Walk(n, func(n expr.Node) bool {
			l, ok := n.(*expr.LogicNode)
			found = found || ok && len(l.Args) == 0
			return !found
		})
	}
	return found
}

// matched is the condition that a row has a match in the tables joined.
func (c *change) matched() expr.Node {
	q := &expr.SelectStmt{From: c.joins[0].Source, Joins: slices.Clone(c.joins[1:]), Limit: -1, Offset: -1}
	q.Where = all(append([]expr.Node{c.joins[0].On}, c.where...))
	return &expr.SubqueryNode{Kind: expr.SubqueryExists, Stmt: q}
}
