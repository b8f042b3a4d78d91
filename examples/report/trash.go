package main

import (
	"context"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// remove puts a row in the trash. Only one that is not there is found.
func remove[T any](ctx context.Context, rows repo.Keyed[T, int64], id int64) error {
	return uow.Run(ctx, rows.Engine(), func(ctx context.Context, _ *uow.UnitOfWork) error {
		e, err := rows.Get(ctx, id)
		if err != nil {
			return err
		}
		return rows.Delete(ctx, e)
	})
}

// restore takes a row out of the trash. Only one that is there is found.
func restore[T any](ctx context.Context, rows repo.Keyed[T, int64], id int64) error {
	return uow.Run(ctx, rows.Engine(), func(ctx context.Context, _ *uow.UnitOfWork) error {
		e, err := rows.OnlyDeleted().Get(ctx, id)
		if err != nil {
			return err
		}
		return rows.Restore(ctx, e)
	})
}

// purge deletes a row in the trash.
func purge[T any](ctx context.Context, rows repo.Keyed[T, int64], id int64) error {
	return uow.Run(ctx, rows.Engine(), func(ctx context.Context, _ *uow.UnitOfWork) error {
		e, err := rows.OnlyDeleted().Get(ctx, id)
		if err != nil {
			return err
		}
		return rows.Purge(ctx, e)
	})
}

// Trash is a page of deleted orders, those deleted last first.
func (s OrderService) Trash(ctx context.Context, size int, after repo.Cursor) (repo.Page[Order], error) {
	return s.Untracked().OnlyDeleted().Query().OrderBy(Orders.DeletedAt.Desc(), Orders.ID.Desc()).Page(ctx, size, after)
}

// Empty has all orders go that were put in the trash before a time.
func (s OrderService) Empty(ctx context.Context, before time.Time) (int64, error) {
	return s.Untracked().OnlyDeleted().PurgeWhere(ctx, Orders.DeletedAt.Lt(before))
}

// Discarded is what the orders in the trash would have brought, by month.
type Discarded struct {
	Month  time.Time `json:"month"`
	Orders int64     `json:"orders"`
	Total  int64     `json:"total"`
}

// Discarded is a report of what no other one sees.
func (s Reports) Discarded(ctx context.Context) ([]Discarded, error) {
	return repo.Select(func(d *Discarded) repo.Columns {
		return repo.Into(repo.To(&d.Month, month), repo.To(&d.Orders, expr.CountAll()), repo.To(&d.Total, total(Orders.Total)))
	}).From(Orders).WithDeleted().Where(Orders.DeletedAt.IsNotNull()).
		GroupBy(month).OrderBy(month.Asc()).All(ctx, s.db)
}
