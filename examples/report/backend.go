package main

import (
	"context"
	"errors"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// retries is how often a unit of work is run again that met another one.
const retries = 10

// Backend is the services on one database, built once and shared by all requests.
type Backend struct {
	db        *engine.Engine
	tenants   repo.Keyed[Tenant, int64]
	orders    OrderService
	customers CustomerService
	catalogue Catalogue
	nightly   Nightly
	reports   Reports
}

func newBackend(db *engine.Engine) Backend {
	return Backend{
		db:        db,
		tenants:   repo.NewKeyed(db, Tenants.ID),
		orders:    OrderService{repo.NewKeyed(db, Orders.ID)},
		customers: CustomerService{repo.NewKeyed(db, Customers.ID)},
		catalogue: Catalogue{repo.NewKeyed(db, Products.ID)},
		nightly:   Nightly{repo.NewKeyed2(db, DailyTotals.TenantID, DailyTotals.Day)},
		reports:   Reports{db},
	}
}

// Enter is ctx for the tenant of a slug: what is done with it sees and writes rows
// of that tenant alone. repo.ErrNotFound says that there is none.
func (b Backend) Enter(ctx context.Context, slug string) (context.Context, *Tenant, error) {
	t, err := b.tenants.Untracked().One(ctx, Tenants.Slug.Eq(slug))
	if err != nil {
		return nil, nil, err
	}
	return repo.WithParameter(ctx, tenancy, t.ID), t, nil
}

// OrderService is what clerks do with orders.
type OrderService struct{ repo.Keyed[Order, int64] }

// ErrBadEdit says that an order cannot be edited like that.
var ErrBadEdit = errors.New("an order's status is open, shipped or cancelled, and its note has at most 500 bytes")

// OrderEdit is a form that somebody has filled in: the version that was shown, and
// what is to change.
type OrderEdit struct {
	Version int64   `json:"version"`
	Status  *Status `json:"status"`
	Note    *string `json:"note"`
}

// Edit changes an order as it was shown. A *uow.StaleError says that somebody else
// has changed it since.
func (s OrderService) Edit(ctx context.Context, id int64, edit OrderEdit) (o *Order, err error) {
	switch {
	case edit.Note != nil && len(*edit.Note) > 500:
		return nil, ErrBadEdit
	case edit.Status != nil && *edit.Status != Open && *edit.Status != Shipped && *edit.Status != Cancelled:
		return nil, ErrBadEdit
	}
	err = uow.Run(ctx, s.Engine(), func(ctx context.Context, _ *uow.UnitOfWork) error {
		if o, err = s.Get(ctx, id); err != nil {
			return err
		}
		if err := s.Expect(ctx, o, edit.Version); err != nil {
			return err
		}
		if edit.Status != nil {
			o.Status = *edit.Status
		}
		if edit.Note != nil {
			o.Note = *edit.Note
		}
		return nil
	})
	return o, err
}

// Show is an order with its customer, who may be in the trash, its lines and
// refunds.
func (s OrderService) Show(ctx context.Context, id int64) (*Order, error) {
	return s.Untracked().WithDeleted().Where(Orders.ID.Eq(id), Orders.DeletedAt.IsNull()).
		With(Orders.Customer, Orders.Lines.With(Lines.Product).OrderBy(Lines.ProductID.Asc()), Orders.Refunds).One(ctx)
}

// Remove puts an order in the trash.
func (s OrderService) Remove(ctx context.Context, id int64) error {
	return remove(ctx, s.Keyed, id)
}

// Restore takes an order out of the trash.
func (s OrderService) Restore(ctx context.Context, id int64) error {
	return restore(ctx, s.Keyed, id)
}

// Purge has an order in the trash go for good; lines and refunds go with it.
func (s OrderService) Purge(ctx context.Context, id int64) error {
	return purge(ctx, s.Keyed, id)
}

// Tidy puts the cancelled orders from before a time in the trash, in one statement.
func (s OrderService) Tidy(ctx context.Context, before time.Time) (int64, error) {
	return s.Untracked().DeleteWhere(ctx, expr.And(Orders.Status.Eq(Cancelled), Orders.PlacedAt.Lt(before)))
}

// CustomerService is what clerks do with customers.
type CustomerService struct{ repo.Keyed[Customer, int64] }

// Remove puts a customer in the trash. The orders stay.
func (s CustomerService) Remove(ctx context.Context, id int64) error {
	return remove(ctx, s.Keyed, id)
}

// Restore takes a customer out of the trash: a *dialect.UniqueViolation says that
// another one has the address meanwhile.
func (s CustomerService) Restore(ctx context.Context, id int64) error {
	return restore(ctx, s.Keyed, id)
}

// Purge has a customer in the trash go for good: a *dialect.ForeignKeyViolation
// says that there are orders. It is a statement on the row alone: a unit of work
// would look after the orders, which a customer's end does not concern.
func (s CustomerService) Purge(ctx context.Context, id int64) error {
	n, err := s.Untracked().OnlyDeleted().PurgeWhere(ctx, Customers.ID.Eq(id))
	if err == nil && n == 0 {
		err = repo.ErrNotFound
	}
	return err
}
