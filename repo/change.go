package repo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Change is an UPDATE or DELETE of rows by condition that may join other tables:
// Repository.Updating and Deleting begin one. It is an immutable value, safe for
// concurrent use. What is wrong with it is an error of Exec and All, before any SQL.
type Change[T any] struct {
	r       Repository[T]
	deletes bool
	set     []expr.Assign[T]
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
	return Change[T]{r: r, set: slices.Clone(set)}
}

// Deleting begins a DELETE of rows that have a match in the tables that it joins. In
// a table with a soft delete column the rows stay and get the time of deletion.
func (r Repository[T]) Deleting() Change[T] { return Change[T]{r: r, deletes: true} }

// Join leaves the rows that have a match in another table; no column of that is
// written. Where a row has several, it is written once, with values of one of them:
// which, the database chooses.
func (c Change[T]) Join(h schema.Handle, on expr.Cond) Change[T] {
	switch {
	case h == nil || schema.DefOf(h) == nil:
		return c.failed(errors.New("Join of no table: schema.Define makes one"))
	case on == nil:
		return c.failed(errors.New("Join without a condition"))
	}
	c.joins = append(slices.Clip(c.joins), expr.JoinClause{Source: schema.SourceOf(h), On: expr.NodeOf(on)})
	return c
}

// Where leaves the rows that meet all conditions, on T's columns and on those of the
// tables joined.
func (c Change[T]) Where(conds ...expr.Cond) Change[T] {
	c.where = slices.Clip(c.where)
	for _, cond := range conds {
		if cond == nil {
			return c.failed(errors.New("Where of a nil condition"))
		}
		c.where = append(c.where, expr.NodeOf(cond))
	}
	return c
}

func (c Change[T]) failed(err error) Change[T] {
	c.err = errors.Join(c.err, err)
	return c
}

func (c Change[T]) op() string {
	if c.deletes {
		return "delete"
	}
	return "update"
}

// Exec runs the statement and returns how many rows it wrote. In a unit of work it
// flushes first; entities of the rows are then as UpdateWhere and DeleteWhere say.
func (c Change[T]) Exec(ctx context.Context) (n int64, err error) {
	s, err := c.stmt(ctx)
	if err != nil {
		return 0, err
	}
	err = c.r.write(ctx, c.op(), c.r.own || c.r.untracked, func(ctx context.Context, u *uow.UnitOfWork) error {
		n, err = c.r.n.Write(ctx, u, s)
		return err
	})
	return n, err
}

// All is Exec that returns the entities of the rows, as UpdateReturning and
// DeleteReturning do.
func (c Change[T]) All(ctx context.Context) ([]*T, error) {
	s, err := c.stmt(ctx)
	if err != nil {
		return nil, err
	}
	return c.r.returning(ctx, c.op(), s)
}

func (c Change[T]) stmt(ctx context.Context) (expr.Statement, error) {
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
	where := all(c.where)
	if c.deletes {
		if len(c.joins) > 0 {
			where = c.matched()
		}
		s, err := c.r.deletion(where)
		return s, c.r.fail("delete", err)
	}
	s, err := c.r.updateStmt(expr.NewExpr[T](where), c.set)
	if err != nil {
		return nil, c.r.fail("update", err)
	}
	s.Where, s.Joins = where, c.joins
	if col := c.r.n.TenantAssigned(ctx, s); col != nil {
		return nil, c.r.fail("update", fmt.Errorf("column %s says whose a row is and is not assigned: Unfiltered says that rows change hands", col.Name))
	}
	return s, nil
}

// deletion is the statement that deletes rows: in a table with a soft delete column
// the UPDATE that gives those that have none the time of deletion.
func (r Repository[T]) deletion(where expr.Node) (expr.Statement, error) {
	t := r.n.Table()
	if t.SoftDelete == nil {
		return &expr.DeleteStmt{Table: t.Source, Where: where, Filters: r.n.Filters()}, checkFilters(r.n.Filters(), t)
	}
	if on := r.n.Filters(); on != nil && on.Only {
		return nil, errors.New("a DELETE of OnlyDeleted: the rows are deleted already; PurgeWhere has them go")
	}
	c := t.SoftDelete
	now := &expr.ParamNode{Value: time.Now().UTC().Truncate(time.Microsecond), Like: c.Ref}
	s, err := r.assigning(expr.NewExpr[T](where), []expr.SetClause{{Column: c.Ref, Value: now}})
	if err != nil {
		return nil, err
	}
	s.Where = where
	if deletedOff(s.Filters) { // those that are deleted keep their time
		s.Where = &expr.NullNode{X: c.Ref}
		if k, ok := where.(*expr.ConstNode); !ok || !k.Every {
			s.Where = &expr.LogicNode{Args: []expr.Node{where, s.Where}}
		}
	}
	return s, nil
}

// matched is the condition that a row has a match in the tables joined.
func (c Change[T]) matched() expr.Node {
	q := &expr.SelectStmt{From: c.joins[0].Source, Joins: slices.Clone(c.joins[1:]), Limit: -1, Offset: -1}
	q.Where = all(append([]expr.Node{c.joins[0].On}, c.where...))
	return &expr.SubqueryNode{Kind: expr.SubqueryExists, Stmt: q}
}
