package droppederror

import (
	"context"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
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

func bulk(ctx context.Context, s model.UserService, cond expr.Expr[model.User], set expr.Assign[model.User], q repo.Selection[model.User], x repo.Insert) {
	s.Purge(ctx)                                              // want `the error of repo.Repository.Purge is dropped: nothing may have been done`
	s.Restore(ctx)                                            // want `the error of repo.Repository.Restore is dropped`
	s.PurgeWhere(ctx, cond)                                   // want `the error of repo.Repository.PurgeWhere is dropped`
	s.UpdateReturning(ctx, cond, set)                         // want `the error of repo.Repository.UpdateReturning is dropped`
	s.DeleteReturning(ctx, cond)                              // want `the error of repo.Repository.DeleteReturning is dropped`
	s.Upsert(nil).DoNothing().Exec(ctx)                       // want `the error of repo.Upsert.Exec is dropped`
	s.Upsert(nil).All(ctx)                                    // want `the error of repo.Upsert.All is dropped`
	s.Updating(set).Where(cond).Exec(ctx)                     // want `the error of repo.Change.Exec is dropped`
	go s.Deleting().All(ctx)                                  // want `the error of repo.Change.All is dropped`
	x.Exec(ctx)                                               // want `the error of repo.Insert.Exec is dropped`
	repo.InsertFrom[model.User](ctx, nil, q)                  // want `the error of repo.InsertFrom is dropped`
	repo.ReturningValue(ctx, s.Updating(set), model.Users.ID) // want `the error of repo.ReturningValue is dropped`
	repo.Returning[model.User](ctx, s.Updating(set), nil)     // want `the error of repo.Returning is dropped`
	s.Find(ctx)
	s.Query().All(ctx)
	_, _ = s.PurgeWhere(ctx, cond)
}

type set struct{}

func (set) Add(...any) error { return nil }

func others(s set) { s.Add(1) }
