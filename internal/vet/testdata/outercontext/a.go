package outercontext

import (
	"context"
	"log/slog"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"

	"example.org/vetted/model"
)

func named(ctx context.Context, db *engine.Engine, s model.UserService, u *model.User) error {
	return uow.Run(ctx, db, func(in context.Context, tx *uow.UnitOfWork) error {
		if err := s.Add(ctx, u); err != nil { // want `ctx is from outside this Run block, and does not carry its unit of work: use in, the block's own`
			return err
		}
		short, cancel := context.WithTimeout(ctx, time.Second) // want `ctx is from outside`
		defer cancel()
		defer func() { _ = s.Add(ctx, u) }() // want `ctx is from outside`
		err := tx.Savepoint(in, func(in context.Context) error {
			return s.Add(ctx, u) // want `ctx is from outside`
		})
		if err != nil {
			return err
		}
		slog.InfoContext(ctx, "added")
		go work(ctx)
		tx.OnAfterCommit(func(context.Context) { work(ctx) })
		work(uow.Without(ctx))
		work(context.WithoutCancel(ctx))
		return s.Add(short, u)
	})
}

func hidden(ctx context.Context, db *engine.Engine, s model.UserService, u *model.User) error {
	return uow.Run(ctx, db, func(in context.Context, tx *uow.UnitOfWork) error {
		{
			in := 1
			_ = in
			return s.Add(ctx, u) // want `use in, the block's own`
		}
	})
}

func blank(r interface{ Context() context.Context }, db *engine.Engine, s model.UserService, u *model.User) error {
	ctx := r.Context()
	limited, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	err := uow.Run(limited, db, func(_ context.Context, tx *uow.UnitOfWork) error {
		return s.Add(ctx, u) // want `ctx is from outside this Run block, and does not carry its unit of work: give the block's own context the name ctx`
	})
	if err != nil {
		return err
	}
	return uow.Run(limited, db, func(context.Context, *uow.UnitOfWork) error {
		return s.Add(limited, u) // want `give the block's own context the name limited`
	})
}

func nested(ctx context.Context, db *engine.Engine, s model.UserService, u *model.User) error {
	return uow.Run(ctx, db, func(a context.Context, _ *uow.UnitOfWork) error {
		err := uow.Run(a, db, func(b context.Context, _ *uow.UnitOfWork) error {
			work(ctx)          // want `use a, the block's own`
			return s.Add(a, u) // want `a is from outside this Run block, and does not carry its unit of work: use b`
		})
		if err != nil {
			return err
		}
		return uow.Run(ctx, db, func(c context.Context, _ *uow.UnitOfWork) error {
			work(a) // the outer unit is meant
			return s.Add(c, u)
		}, uow.RequiresNew())
	})
}

func renamed(ctx context.Context, db *engine.Engine, s model.UserService, u *model.User) error {
	before := ctx
	err := uow.Run(ctx, db, func(in context.Context, tx *uow.UnitOfWork) error {
		x := ctx
		y := x
		if err := s.Add(y, u); err != nil { // want `y is ctx, and is from outside this Run block, and does not carry its unit of work: use in, the block's own`
			return err
		}
		work(before) // want `before is ctx, and is from outside`
		z := in
		apart := uow.Without(ctx)
		work(apart)
		if u == nil {
			ctx := in
			work(ctx)
		}
		var either = ctx
		if tx != nil {
			either = in
		}
		work(either)
		return s.Add(z, u)
	})
	if err != nil {
		return err
	}
	return uow.Run(ctx, db, func(_ context.Context, tx *uow.UnitOfWork) error {
		x := ctx
		return s.Add(x, u) // want `x is ctx, and is from outside this Run block, and does not carry its unit of work: give the block's own context the name ctx`
	})
}

func right(ctx, second context.Context, db *engine.Engine, s model.UserService, u *model.User) error {
	work(ctx)
	err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		work(second) // not the one that Run was called with
		return s.Add(ctx, u)
	})
	work(ctx)
	return err
}

func parameters(ctx context.Context, db *engine.Engine, s model.UserService, u *model.User) error {
	shop := repo.WithParameter(ctx, "shop", 1)
	err := uow.Run(ctx, db, func(in context.Context, tx *uow.UnitOfWork) error {
		if err := s.Add(shop, u); err != nil { // want `shop is made of ctx, and is from outside this Run block`
			return err
		}
		c2 := repo.WithParameter(ctx, "shop", 2) // want `ctx is from outside this Run block`
		own := repo.WithParameter(in, "shop", 2)
		work(own)
		return s.Add(c2, u)
	})
	if err != nil {
		return err
	}
	err = uow.Run(uow.WithoutFilter(repo.WithParameter(ctx, "shop", 1), "tenant"), db, func(in context.Context, tx *uow.UnitOfWork) error {
		return s.Add(ctx, u) // want `ctx is from outside this Run block`
	})
	if err != nil {
		return err
	}
	return uow.Run(uow.Without(ctx), db, func(in context.Context, tx *uow.UnitOfWork) error {
		work(ctx) // the unit outside is meant
		return s.Add(in, u)
	})
}

func work(context.Context) {}
