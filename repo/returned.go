package repo

import (
	"context"
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Write is a statement that writes rows, for Returning to read of them: a Change, an
// Upsert, or the Insert that Inserting begins.
type Write interface{ writing() writing }

// writing is a Write without its type.
type writing interface {
	// read runs the statement and has r filled. order says which of the rows are the
	// first, second and so on; nil that they have no order.
	read(ctx context.Context, p *projected, r *uow.Returned) (order []int, err error)
	// within is the statement for a WITH, which returns what p reads.
	within(p *projected) (expr.Statement, error)
}

func (c Change[T]) writing() writing { return &c.c }
func (x Upsert[T]) writing() writing { return &x.x }

// Returning runs a statement that writes rows and reads values of each of them: f
// says which field of S takes which expression over the columns of the table that is
// written, as for Select.
//
//	type raised struct{ ID, Age int64 }
//	rows, err := repo.Returning(ctx, users.Updating(Users.Age.SetTo(expr.Add(Users.Age, 1))).Where(Users.Age.Lt(18)),
//		func(r *raised) repo.Columns { return repo.Into(repo.To(&r.ID, Users.ID), repo.To(&r.Age, Users.Age)) })
//
// Rows that are updated or inserted have the values that they have now, rows that are
// deleted those that they had, or in a table with a soft delete column have now. Those
// of an Upsert are in the order in which they were given, others in none. None is an
// empty slice. Entities of the rows are then as Exec of the statement says.
//
// Columns of other tables, subqueries, related rows and aggregates are errors before
// any SQL, since RETURNING sees the row alone; so are entities, which All returns, and
// but for a DELETE a version that the database makes, perhaps after the statement.
func Returning[S any](ctx context.Context, w Write, f func(*S) Columns) ([]S, error) {
	out := []S{}
	order, err := returned(ctx, w, project(f),
		func(int) { out = append(out, *new(S)) },
		func(i int) field.Ptr { return field.PtrOf(&out[i]) })
	return inOrder(out, order, err)
}

// ReturningValue is Returning of one value a row.
func ReturningValue[R any](ctx context.Context, w Write, x expr.Yields[R]) ([]R, error) {
	out := []R{}
	order, err := returned(ctx, w, SelectValue(x).p,
		func(int) { out = append(out, *new(R)) },
		func(i int) field.Ptr { return field.PtrOf(&out[i]) })
	return inOrder(out, order, err)
}

func returned(ctx context.Context, w Write, p *projected, grow func(n int), at func(i int) field.Ptr) ([]int, error) {
	switch {
	case w == nil:
		return nil, ErrZero
	case p.err != nil:
		return nil, p.err
	}
	return w.writing().read(ctx, p, &uow.Returned{Columns: p.nodes, Grow: grow, At: at})
}

// inOrder puts rows where their places are.
func inOrder[S any](rows []S, order []int, err error) ([]S, error) {
	if err != nil {
		return nil, err
	}
	if order == nil {
		return rows, nil
	}
	out := make([]S, len(order))
	for i, j := range order {
		out[i] = rows[j]
	}
	return out, nil
}

func (c *change) read(ctx context.Context, p *projected, r *uow.Returned) ([]int, error) {
	s, err := c.stmt(ctx)
	if err != nil {
		return nil, err
	}
	_, deletes := s.(*expr.DeleteStmt)
	if err := p.ofRow(c.r.n.Table(), deletes); err != nil {
		return nil, c.r.fail(c.op(), err)
	}
	r.Into = p.projection(c.r.engine())
	return nil, c.r.write(ctx, c.op(), c.r.bulk(), func(ctx context.Context, u *uow.UnitOfWork) error { return c.r.n.WriteInto(ctx, u, s, r) })
}

func (x *upsert) read(ctx context.Context, p *projected, r *uow.Returned) (order []int, err error) {
	on, err := x.conflict()
	if err != nil {
		return nil, err
	}
	if err := p.ofRow(x.r.n.Table(), false); err != nil {
		return nil, x.r.fail("upsert", err)
	}
	r.Into = p.projection(x.r.engine())
	err = x.r.write(ctx, "upsert", x.r.bulk(), func(ctx context.Context, u *uow.UnitOfWork) error {
		order, err = x.r.n.UpsertInto(ctx, u, x.rows, on, r)
		return err
	})
	return order, err
}

// ofRow wants expressions that can be made of a row of a table alone.
func (p *projected) ofRow(t *schema.TableDef, deleted bool) (err error) {
	if len(p.entities) > 0 {
		return errors.New("entities are not read of rows that are written: All returns them")
	}
	for i, n := range p.nodes {
		fail := func(format string, args ...any) bool {
			if err == nil {
				err = fmt.Errorf("field %s: %w", p.defs[i].Field, fmt.Errorf(format, args...))
			}
			return false
		}
		expr.Walk(n, func(n expr.Node) bool {
			switch n := n.(type) {
			case *expr.ColumnRef:
				c, _ := n.Def.(*schema.ColumnDef)
				switch {
				case n.Source != t.Source:
					return fail("%s is read, but of a row that is written there are the columns of %s itself, by the handles that schema.Define made", show(n), t.Name)
				case c != nil && c.MadeVersion && !deleted:
					return fail("the database makes %s, perhaps after the statement: read it by a query", show(n))
				}
			case *expr.SubqueryNode, *expr.RelatedNode:
				return fail("of a row that is written no other rows can be read: ask for them by a query")
			case *expr.AggNode, *expr.WindowNode:
				return fail("an aggregate or window function goes over rows, and a row that is written is read alone")
			}
			return err == nil
		})
	}
	return err
}
