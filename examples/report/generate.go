package main

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// How much there is of each tenant.
const (
	customersOf = 120
	productsOf  = 40
	ordersOf    = 700
)

var (
	slugs  = []string{"north", "south", "west"}
	began  = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)
	shelf  = []string{"home", "kitchen", "pans", "knives", "living", "lamps", "garden", "tools", "seeds"}
	within = []int{-1, 0, 1, 1, 0, 4, -1, 6, 6} // the shelf that each is in
)

// ledger is what was made for a tenant, as the program has it: the audit adds it
// up in Go.
type ledger struct {
	tenant     *Tenant
	categories []*Category
	products   []*Product
	customers  []*Customer
	sales      []*sale
	trashed    map[int64]bool // customers that were deleted, by key
}

// sale is an order with what belongs to it.
type sale struct {
	order  *Order
	lines  []*Line
	refund *Refund // or nil
	buyer  *Customer
	// trashed says that the order was deleted.
	trashed bool
}

// generate fills a database: the same rows for the same seed.
func generate(ctx context.Context, db *engine.Engine, seed uint64) (all []*ledger, err error) {
	err = uow.Run(ctx, db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		for _, slug := range slugs {
			all = append(all, &ledger{tenant: &Tenant{Slug: slug, Name: "The " + slug + " shop"}, trashed: map[int64]bool{}})
		}
		tenants := func(yield func(*Tenant) bool) {
			for _, l := range all {
				if !yield(l.tenant) {
					return
				}
			}
		}
		if _, err := repo.New[Tenant](db).InsertAll(ctx, tenants, repo.Keys()); err != nil {
			return err
		}
		for i, l := range all {
			// What a request's middleware does: from here on rows are the tenant's.
			ctx := repo.WithParameter(ctx, tenancy, l.tenant.ID)
			if err := l.fill(ctx, db, rand.New(rand.NewPCG(seed, uint64(i)))); err != nil {
				return fmt.Errorf("generate %s: %w", l.tenant.Slug, err)
			}
		}
		return nil
	})
	return all, err
}

// fill makes a tenant's rows, parents first, and stores them. No row says whose it
// is: the tenant's filter fills that in.
func (l *ledger) fill(ctx context.Context, db *engine.Engine, r *rand.Rand) error {
	for i, name := range shelf {
		c := &Category{Name: name}
		if within[i] >= 0 {
			c.ParentID = &l.categories[within[i]].ID
		}
		if err := insert(ctx, db, one(c)); err != nil {
			return err
		}
		l.categories = append(l.categories, c)
	}
	for i := range productsOf {
		l.products = append(l.products, newProduct(r, i, l.categories))
	}
	for i := range customersOf {
		l.customers = append(l.customers, &Customer{Name: fmt.Sprintf("Customer %03d", i+1), Email: fmt.Sprintf("c%d@example.com", i+1),
			Country: []string{"AT", "DE", "FR", "PL"}[r.IntN(4)]})
	}
	if err := insert(ctx, db, slices.Values(l.products)); err != nil {
		return err
	}
	if err := insert(ctx, db, slices.Values(l.customers)); err != nil {
		return err
	}
	for i := range ordersOf {
		l.sales = append(l.sales, l.sell(r, i))
	}
	if err := insert(ctx, db, each(l.sales, func(s *sale) []*Order { return []*Order{s.order} })); err != nil {
		return err
	}
	// Only now the orders have keys, which the rest refers to.
	if err := insert(ctx, db, each(l.sales, (*sale).linesOf)); err != nil {
		return err
	}
	return insert(ctx, db, each(l.sales, (*sale).refundsOf))
}

// insert stores what an iterator makes, in grouped statements.
func insert[T any](ctx context.Context, db *engine.Engine, rows iter.Seq[*T]) error {
	_, err := repo.New[T](db).InsertAll(ctx, rows, repo.Keys())
	return err
}

func one[T any](v T) iter.Seq[T] { return func(yield func(T) bool) { yield(v) } }

// each goes through parts of all sales.
func each[T any](sales []*sale, parts func(*sale) []T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, s := range sales {
			for _, p := range parts(s) {
				if !yield(p) {
					return
				}
			}
		}
	}
}

func newProduct(r *rand.Rand, i int, list []*Category) *Product {
	leaf := list[[]int{2, 3, 5, 7, 8}[r.IntN(5)]]
	a := Attributes{Colour: []string{"red", "green", "blue"}[r.IntN(3)], Grams: 50 * (1 + r.Int64N(40)), Fair: r.IntN(3) == 0, Tags: []string{"new"}}
	return &Product{CategoryID: leaf.ID, SKU: fmt.Sprintf("P-%03d", i+1), Name: fmt.Sprintf("%s no. %d", leaf.Name, i+1),
		Price: 100 + r.Int64N(20000), Attributes: schema.JSON[Attributes]{V: a}}
}

// sell makes an order of one to four products in 2025. A tenth of the customers
// never buys, and the rest of them not alike.
func (l *ledger) sell(r *rand.Rand, i int) *sale {
	buyer := l.customers[min(r.IntN(customersOf), r.IntN(customersOf))*9/10]
	o := &Order{CustomerID: buyer.ID, Number: fmt.Sprintf("%05d", i+1), Status: Shipped, PlacedAt: began.Add(time.Duration(r.IntN(365*24*60)) * time.Minute)}
	switch r.IntN(10) {
	case 0:
		o.Status = Cancelled
	case 1, 2:
		o.Status = Open
	}
	s := &sale{order: o, buyer: buyer}
	for _, j := range r.Perm(productsOf)[:1+r.IntN(4)] {
		line := &Line{ProductID: l.products[j].ID, Pieces: 1 + r.Int64N(3), Price: l.products[j].Price}
		s.lines = append(s.lines, line)
		o.Total += line.Pieces * line.Price
	}
	if o.Status == Shipped && r.IntN(12) == 0 {
		s.refund = &Refund{Amount: o.Total / 2, RefundedAt: o.PlacedAt.AddDate(0, 0, 3)}
	}
	return s
}

func (s *sale) linesOf() []*Line {
	for _, line := range s.lines {
		line.OrderID = s.order.ID
	}
	return s.lines
}

func (s *sale) refundsOf() []*Refund {
	if s.refund == nil {
		return nil
	}
	s.refund.OrderID = s.order.ID
	return []*Refund{s.refund}
}
