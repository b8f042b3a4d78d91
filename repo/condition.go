package repo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// What follows are the writes by condition of a repository without its type.

func (r *repository) updateWhere(ctx context.Context, cond expr.Node, set []expr.SetClause) (int64, error) {
	if err := r.ready(); err != nil {
		return 0, err
	}
	s, err := r.updateStmt(cond, set)
	if err == nil {
		err = r.checkTenant(ctx, s)
	}
	if err == nil {
		err = checkWhole(s)
	}
	if err != nil {
		return 0, r.fail("update", err)
	}
	return r.writeStmt(ctx, "update", s)
}

// deleteWhere deletes rows, or has them marked as deleted where the table has a
// column for that.
func (r *repository) deleteWhere(ctx context.Context, cond expr.Node) (int64, error) {
	if err := r.ready(); err != nil {
		return 0, err
	}
	s, err := r.deletion(cond)
	if err == nil {
		err = checkWhole(s)
	}
	if err != nil {
		return 0, r.fail("delete", err)
	}
	return r.writeStmt(ctx, "delete", s)
}

// purgeWhere deletes rows, whether they are marked as deleted or not.
func (r *repository) purgeWhere(ctx context.Context, cond expr.Node) (int64, error) {
	if err := r.ready(); err != nil {
		return 0, err
	}
	if on := r.n.Filters(); on == nil || !on.Only {
		r = r.withDeleted()
	}
	if err := checkFilters(r.n.Filters(), r.n.Table()); err != nil {
		return 0, r.fail("purge", err)
	}
	s := &expr.DeleteStmt{Table: r.n.Table().Source, Where: cond, Filters: r.n.Filters()}
	if err := checkWhole(s); err != nil {
		return 0, r.fail("purge", err)
	}
	return r.writeStmt(ctx, "purge", s)
}

// writeStmt runs a statement in the unit of work of ctx, or in one of its own.
func (r *repository) writeStmt(ctx context.Context, op string, s expr.Statement) (n int64, err error) {
	err = r.write(ctx, op, r.bulk(), func(ctx context.Context, u *uow.UnitOfWork) error {
		n, err = r.n.Write(ctx, u, s)
		return err
	})
	return n, err
}

// checkTenant refuses an UPDATE by which rows would change hands.
func (r *repository) checkTenant(ctx context.Context, s *expr.UpdateStmt) error {
	if c := r.n.TenantAssigned(ctx, s); c != nil {
		return fmt.Errorf("column %s says whose a row is and is not assigned: Unfiltered says that rows change hands", c.Name)
	}
	return nil
}

//go:noinline
func clauses[T any](set []expr.Assign[T]) []expr.SetClause {
	cs := make([]expr.SetClause, len(set))
	for i, a := range set {
		cs[i] = a.Clause()
	}
	return cs
}

func (r *repository) updateStmt(cond expr.Node, set []expr.SetClause) (*expr.UpdateStmt, error) {
	if len(set) == 0 {
		return nil, errors.New("nothing is assigned")
	}
	return r.assigning(cond, set)
}

// assigning is an UPDATE that assigns, beside what it is told, what every UPDATE
// of the table does.
func (r *repository) assigning(cond expr.Node, set []expr.SetClause) (*expr.UpdateStmt, error) {
	t := r.n.Table()
	if err := checkFilters(r.n.Filters(), t); err != nil {
		return nil, err
	}
	s := &expr.UpdateStmt{Table: t.Source, Where: cond, Filters: r.n.Filters()}
	assigned := map[*expr.ColumnRef]bool{}
	for _, c := range set {
		if c.Column == nil {
			return nil, errors.New("a zero Assign, or one of a handle that is not bound")
		}
		if c.Column.Source != t.Source {
			return nil, fmt.Errorf("column %s of %s is assigned: use the handles of %s itself", c.Column.Name, c.Column.Source.Label(), t.Name)
		}
		if c.Value != nil && aggregates(c.Value) {
			return nil, fmt.Errorf("column %s is assigned an aggregate, but an UPDATE has no groups: assign repo.Sub of a query that reads it", c.Column.Name)
		}
		if err := r.n.CheckAssign(c); err != nil {
			return nil, err
		}
		s.Set = append(s.Set, c)
		assigned[c.Column] = true
	}
	for _, c := range t.Columns {
		switch {
		case assigned[c.Ref]:
		case c.MadeVersion:
		case c.IsVersion && c.Type.Kind == schema.TimeKind:
			s.Set = append(s.Set, expr.SetClause{Column: c.Ref, Value: nextTime(c.Ref, time.Now())})
		case c.IsVersion:
			one := &expr.ParamNode{Value: int64(1)}
			s.Set = append(s.Set, expr.SetClause{Column: c.Ref, Value: &expr.ArithNode{Op: expr.OpAdd, Left: c.Ref, Right: one}})
		case c.OnUpdate != nil:
			s.Set = append(s.Set, expr.SetClause{Column: c.Ref, Value: c.OnUpdate})
		}
	}
	return s, nil
}

// nextTime is the version after the one that a row has: now, or just after the
// old one where that is not before now. The database's own clock would not do: it
// may tick in milliseconds, or stand still within a transaction.
func nextTime(version *expr.ColumnRef, now time.Time) expr.Node {
	at := &expr.ParamNode{Value: now.UTC().Truncate(time.Microsecond), Like: version}
	after := &expr.CallNode{Name: expr.FuncAddSeconds, Args: []expr.Node{version, &expr.ParamNode{Value: 1e-6}}}
	earlier := &expr.CompareNode{Op: expr.OpLt, Left: version, Right: at}
	return &expr.CaseNode{When: []expr.WhenNode{{Cond: earlier, Then: at}}, Else: after}
}

// deletion is the statement that deletes rows: in a table with a soft delete column
// the UPDATE that gives those that have none the time of deletion.
func (r *repository) deletion(where expr.Node) (expr.Statement, error) {
	t := r.n.Table()
	if t.SoftDelete == nil {
		return &expr.DeleteStmt{Table: t.Source, Where: where, Filters: r.n.Filters()}, checkFilters(r.n.Filters(), t)
	}
	if on := r.n.Filters(); on != nil && on.Only {
		return nil, errors.New("a DELETE of OnlyDeleted: the rows are deleted already; PurgeWhere has them go")
	}
	c := t.SoftDelete
	now := &expr.ParamNode{Value: time.Now().UTC().Truncate(time.Microsecond), Like: c.Ref}
	s, err := r.assigning(where, []expr.SetClause{{Column: c.Ref, Value: now}})
	if err != nil {
		return nil, err
	}
	s.Filters = off(s.Filters)
	s.Filters.Live = true // those that are deleted keep their time
	return s, nil
}
