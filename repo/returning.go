package repo

import (
	"context"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/uow"
)

// UpdateReturning is UpdateWhere that returns the entities of the rows that it wrote,
// in no order, with all values that their rows have now. The unit of work manages
// them: an entity that it had already is the one returned. Where there is no unit,
// with OwnUnit, and with Untracked nobody does. None is an empty slice.
func (r Repository[T]) UpdateReturning(ctx context.Context, cond expr.Expr[T], set ...expr.Assign[T]) ([]*T, error) {
	return entities[T](r.r.updateReturning(ctx, expr.NodeOf(cond), clauses(set)))
}

// DeleteReturning is DeleteWhere that returns entities of the rows that it deleted, in
// no order: new ones, which nobody manages, with the values that the rows had. None
// is an empty slice. In a table with a soft delete column the rows stay and get the
// time of deletion, and their entities are those of UpdateReturning.
func (r Repository[T]) DeleteReturning(ctx context.Context, cond expr.Expr[T]) ([]*T, error) {
	return entities[T](r.r.deleteReturning(ctx, expr.NodeOf(cond)))
}

// returning runs a statement in the unit of work of ctx, or in one of its own.
func (r *repository) returning(ctx context.Context, op string, s expr.Statement) (es []field.Ptr, err error) {
	_, none := r.current(ctx)
	untracked := r.untracked || none != nil
	err = r.write(ctx, op, r.bulk(), func(ctx context.Context, u *uow.UnitOfWork) error {
		es, err = r.n.WriteReturning(ctx, u, s, untracked)
		return err
	})
	if err != nil {
		return nil, err
	}
	return es, nil
}

func (r *repository) updateReturning(ctx context.Context, cond expr.Node, set []expr.SetClause) ([]field.Ptr, error) {
	return (&change{r: r, set: set, where: []expr.Node{cond}}).all(ctx)
}

func (r *repository) deleteReturning(ctx context.Context, cond expr.Node) ([]field.Ptr, error) {
	return (&change{r: r, deletes: true, where: []expr.Node{cond}}).all(ctx)
}
