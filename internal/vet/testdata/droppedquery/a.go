package droppedquery

import (
	"context"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"

	"example.org/vetted/model"
)

type row struct{ Name string }

type finder struct{ q repo.Query[model.User] }

func queries(ctx context.Context, s model.UserService, f *finder, q repo.Query[model.User]) ([]*model.User, error) {
	q.Where(model.Users.Age.Ge(18))              // want `the result of Where is dropped: a repo.Query is immutable, and Where returns a new one; assign it, q = q.…`
	(q.OrderBy(model.Users.Name.Asc()).Limit(3)) // want `the result of Limit is dropped`
	s.Where(model.Users.Age.Ge(18))              // want `the result of Where is dropped: a repo.Query is immutable, and Where returns a new one; use that, or remove the call`
	f.q.Limit(1)                                 // want `the result of Limit is dropped: a repo.Query`
	s.Untracked()                                // want `the result of Untracked is dropped: a repo.Keyed`
	defer q.Limit(1)                             // want `the result of Limit is dropped`
	go q.Limit(1)                                // want `the result of Limit is dropped`
	model.Users.Posts.Limit(3).OrderBy()         // want `the result of OrderBy is dropped: a rel.EagerPath`
	model.Users.Posts.Any()                      // want `the result of Any is dropped: an expr.Expr`
	sel := repo.Select(func(r *row) repo.Columns { return repo.Into(repo.To(&r.Name, model.Users.Name)) })
	if sel.Distinct(); len(ctx.Err().Error()) > 3 { // want `the result of Distinct is dropped: a repo.Selection`
		return nil, nil
	}

	_ = q.Where(model.Users.Age.Ge(18))
	q = q.Where(model.Users.Age.Ge(18))
	q.All(ctx)
	use(q.Limit(1))
	return q.Limit(2).All(ctx)
}

func use(repo.Query[model.User]) {}

func conditions(cond expr.Expr[model.User]) expr.Expr[model.User] {
	order := model.Users.Name.Desc()
	order.NullsLast()                  // want `the result of NullsLast is dropped: an expr.Order`
	cond.And(model.Users.Name.Eq("x")) // want `the result of And is dropped: an expr.Expr`
	expr.Or(cond, cond)                // want `the result of Or is dropped: an expr.Expr`
	model.Users.Name.Eq("x")           // want `the result of Eq is dropped`
	cond.IsZero()
	return cond.Or(model.Users.Name.Eq("x"))
}

// other has the same method names.
type other struct{}

func (o other) Where(...any) other { return o }

func contexts(ctx context.Context, s model.UserService, q repo.Selection[model.User]) error {
	repo.WithParameter(ctx, "shop", 7)                  // want `the result of WithParameter is dropped: a context.Context is immutable, and WithParameter returns a new one; assign it, ctx = repo.WithParameter\(ctx, …\)`
	uow.WithoutFilter(ctx, "shop")                      // want `the result of WithoutFilter is dropped`
	repo.WithParameter(context.Background(), "shop", 7) // want `the result of WithParameter is dropped: a context.Context is immutable, and WithParameter returns a new one; use that, or remove the call`
	repo.Inserting(s.Repository, q)                     // want `the result of Inserting is dropped: a repo.Insert is immutable, and Inserting returns a new one; use that, or remove the call`
	ctx = repo.WithParameter(ctx, "shop", 7)
	_, err := repo.InsertFrom(ctx, s.Repository, q)
	return err
}

func others(o other, p repo.Source) {
	o.Where()
	repo.New[model.User](p) // may panic: that is what it is called for
}
