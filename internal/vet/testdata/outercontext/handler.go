package outercontext

import (
	"context"
	"net/http"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/uow"

	"example.org/vetted/model"
)

type server struct {
	ctx   context.Context
	db    *engine.Engine
	users model.UserService
}

func (s *server) create(w http.ResponseWriter, r *http.Request) {
	u := &model.User{Name: r.FormValue("name")}
	err := uow.Run(r.Context(), s.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		if _, err := s.users.Find(r.Context(), model.Users.ID.Eq(1)); err != nil { // want `r.Context\(\) is from outside this Run block, and does not carry its unit of work: use ctx, the block's own`
			return err
		}
		go work(r.Context())
		work(uow.Without(r.Context()))
		work(s.ctx) // not the one that Run was called with
		reqCtx := r.Context()
		return s.users.Add(reqCtx, u) // want `reqCtx is r.Context\(\), and is from outside this Run block`
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
	work(r.Context())
}

func (s *server) timed(_ http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	_ = uow.Run(ctx, s.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		return s.users.Add(r.Context(), nil) // want `r.Context\(\) is from outside this Run block`
	})
	_ = uow.Run(r.Context(), s.db, func(context.Context, *uow.UnitOfWork) error {
		return s.users.Add(r.Context(), nil) // want `r.Context\(\) is from outside this Run block, and does not carry its unit of work: give the block's own context a name, and use it`
	})
	outer := r.Context()
	_ = uow.Run(outer, s.db, func(_ context.Context, _ *uow.UnitOfWork) error {
		work(outer)                          // want `give the block's own context the name outer`
		return s.users.Add(r.Context(), nil) // want `give the block's own context a name`
	})
}

// The ways in which requests come to carry the unit.
func (s *server) carried(_ http.ResponseWriter, r, other *http.Request, g *gin) {
	_ = uow.Run(r.Context(), s.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		r = r.WithContext(ctx)
		work(other.Context())
		return s.users.Add(r.Context(), nil)
	})
	_ = uow.Run(other.Context(), s.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		*other = *other.WithContext(ctx)
		return s.users.Add(other.Context(), nil)
	})
	_ = uow.Run(g.Request.Context(), s.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		r := other.WithContext(ctx)
		work(r.Context())
		g.Request = g.Request.WithContext(ctx)
		return s.users.Add(g.Request.Context(), nil)
	})
	_ = uow.Run(g.Context(), s.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		g.SetContext(ctx)
		return s.users.Add(g.Context(), nil)
	})
	_ = uow.Run(g.Request.Context(), s.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		return s.users.Add(g.Request.Context(), nil) // want `g.Request.Context\(\) is from outside`
	})
	_ = uow.Run(g.next(), s.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		return s.users.Add(g.next(), nil) // whatever that is
	})
}

type gin struct {
	Request *http.Request
	ctx     context.Context
}

func (g *gin) Context() context.Context       { return g.ctx }
func (g *gin) SetContext(ctx context.Context) { g.ctx = ctx }
func (g *gin) next() context.Context          { return context.Background() }

// all works outside of any block with the field, and in one with both.
func (s *server) all(ctx context.Context, other *server) error {
	work(s.ctx)
	err := uow.Run(s.ctx, s.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		work(other.ctx)
		return s.users.Add(s.ctx, nil) // want `s.ctx is from outside this Run block, and does not carry its unit of work: use ctx, the block's own`
	})
	if err != nil {
		return err
	}
	err = uow.Run(ctx, s.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		work(s.ctx)
		return s.users.Add(ctx, nil)
	})
	if err != nil {
		return err
	}
	err = uow.Run(s.ctx, s.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		s.ctx = ctx
		return s.users.Add(s.ctx, nil)
	})
	if err != nil {
		return err
	}
	err = uow.Run(s.ctx, s.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		s.enter(ctx)
		return s.users.Add(s.ctx, nil)
	})
	if err != nil {
		return err
	}
	return uow.Run(s.ctx, s.db, s.transfer)
}

func (s *server) enter(ctx context.Context) { s.ctx = ctx }

func (s *server) transfer(ctx context.Context, _ *uow.UnitOfWork) error {
	work(ctx)
	return s.users.Add(s.ctx, nil) // want `s.ctx is from outside this Run block, and does not carry its unit of work: use ctx`
}

// notABlock has the shape of one.
func (s *server) notABlock(ctx context.Context, _ *uow.UnitOfWork) error {
	return s.users.Add(s.ctx, nil)
}

func held(ctx context.Context, db *engine.Engine, s model.UserService, u *model.User) error {
	f := func(in context.Context, _ *uow.UnitOfWork) error {
		work(in)
		return s.Add(ctx, u) // want `ctx is from outside this Run block, and does not carry its unit of work: use in, the block's own`
	}
	if err := uow.Run(ctx, db, f); err != nil {
		return err
	}
	var late func(context.Context, *uow.UnitOfWork) error
	late = func(in context.Context, _ *uow.UnitOfWork) error {
		return s.Add(ctx, u) // want `ctx is from outside this Run block`
	}
	if err := uow.Run(ctx, db, late, uow.Retry(2)); err != nil {
		return err
	}
	never := func(in context.Context, _ *uow.UnitOfWork) error {
		return s.Add(ctx, u)
	}
	if err := never(ctx, nil); err != nil {
		return err
	}
	either := func(in context.Context, _ *uow.UnitOfWork) error {
		return s.Add(ctx, u)
	}
	if u == nil {
		either = never
	}
	if err := uow.Run(ctx, db, either); err != nil {
		return err
	}
	inner := ctx
	err := uow.Run(ctx, db, func(in context.Context, _ *uow.UnitOfWork) error {
		inner = in
		nested := func(own context.Context, _ *uow.UnitOfWork) error {
			work(own)
			work(in)             // want `in is from outside this Run block, and does not carry its unit of work: use own`
			return s.Add(ctx, u) // want `ctx is from outside this Run block`
		}
		apart := func(own context.Context, _ *uow.UnitOfWork) error {
			work(in) // the outer unit is meant
			return s.Add(own, u)
		}
		if err := uow.Run(in, db, apart, uow.RequiresNew()); err != nil {
			return err
		}
		work(inner)
		return uow.Run(in, db, nested)
	})
	if err != nil {
		return err
	}
	return uow.Run(ctx, db, func(in context.Context, _ *uow.UnitOfWork) error {
		ctx = in
		return s.Add(ctx, u)
	})
}
