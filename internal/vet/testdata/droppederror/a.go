package droppederror

import (
	"context"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/uow"

	"example.org/vetted/model"
)

func write(ctx context.Context, db *engine.Engine, s model.UserService, u *model.User, p *model.Post) error {
	u.Posts.Add(p)            // want `the error of rel.Many.Add is dropped: the relation may be what it was before; handle it, or write _ = if it is meant to be dropped`
	u.Posts.Remove(p)         // want `the error of rel.Many.Remove is dropped`
	u.Posts.Set()             // want `the error of rel.Many.Set is dropped`
	s.Add(ctx, u)             // want `the error of repo.Repository.Add is dropped: nothing may have been done`
	s.InsertAll(ctx, nil)     // want `the error of repo.Repository.InsertAll is dropped`
	for ; ; p.Author.Set(u) { // want `the error of rel.One.Set is dropped`
		break
	}
	_ = u.Posts.Add(p)
	if err := u.Posts.Add(p); err != nil {
		return err
	}
	u.Posts.Contains(p)
	return u.Posts.Add(p)
}

func end(ctx context.Context, db *engine.Engine, tx *uow.UnitOfWork) (int, error) {
	defer tx.Rollback(ctx)
	defer tx.Close()
	defer tx.Commit(ctx)                                // want `the error of uow.UnitOfWork.Commit is dropped: the changes may not be in the database`
	tx.Flush(ctx)                                       // want `the error of uow.UnitOfWork.Flush is dropped`
	go uow.Run(ctx, db, nil)                            // want `the error of uow.Run is dropped: what the block did may have been rolled back`
	tx.Savepoint(ctx, func(ctx context.Context) error { // want `the error of uow.UnitOfWork.Savepoint is dropped`
		tx.Flush(ctx) // want `the error of uow.UnitOfWork.Flush is dropped`
		return nil
	})
	return 0, tx.Commit(ctx)
}

type set struct{}

func (set) Add(...any) error { return nil }

func others(s set) { s.Add(1) }
