package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// retries is how often a block is run again. Each time somebody else must have
// sold or delivered something, of which there is little.
const retries = 30

// ErrOutOfStock says that a basket cannot be sold whole.
var ErrOutOfStock = errors.New("out of stock")

// Basket is what a customer wants to buy: pieces by product, under the request's
// id.
type Basket struct {
	Request    string
	CustomerID int64
	Items      []Item
}

// Item is a number of pieces of a product, at the price that the customer saw.
type Item struct {
	Product *Product
	Pieces  int64
}

// StockService is what the shop does with its stock.
type StockService struct{ repo.Keyed[Stock, int64] }

// Shelf is stock by product, as it was when somebody looked.
type Shelf map[int64]*Stock

// Look reads the stock of a basket's products without tracking.
func (s StockService) Look(ctx context.Context, b Basket) (Shelf, error) {
	ids := make([]int64, len(b.Items))
	for i, item := range b.Items {
		ids[i] = item.Product.ID
	}
	rows, err := s.Untracked().Find(ctx, Stocks.ProductID.In(ids...))
	if err != nil {
		return nil, err
	}
	shelf := make(Shelf, len(rows))
	for _, st := range rows {
		shelf[st.ProductID] = st
	}
	return shelf, nil
}

// Has reports whether everything in the basket is there.
func (s Shelf) Has(b Basket) bool {
	for _, item := range b.Items {
		if st := s[item.Product.ID]; st == nil || st.OnHand < item.Pieces {
			return false
		}
	}
	return true
}

// Take takes a basket's pieces off a shelf that was looked at before. Attach makes
// the rows managed with the versions that were seen, so the flush is a
// *uow.StaleError if a row has changed since.
func (s StockService) Take(ctx context.Context, shelf Shelf, b Basket) error {
	for _, item := range b.Items {
		st := shelf[item.Product.ID]
		if err := s.Attach(ctx, st); err != nil {
			return err
		}
		st.OnHand -= item.Pieces
	}
	return nil
}

// OrderService is what the shop does with orders.
type OrderService struct {
	repo.Keyed[Order, int64]
	stock    StockService
	requests repo.Keyed[Request, string]
}

// Receipt is what a buyer is told.
type Receipt struct {
	OrderID int64
	// Again says that the order is that of an earlier request with this id.
	Again bool
	// Tries is how often the block was run.
	Tries int
}

// Buy sells a basket, once for each request id: whoever sends a request again is
// told of the order that it made the first time. ErrOutOfStock says that
// something was missing; then nothing is stored.
func (s OrderService) Buy(ctx context.Context, b Basket) (r Receipt, err error) {
	tries := 0
	err = uow.Run(ctx, s.Engine(), func(ctx context.Context, tx *uow.UnitOfWork) (err error) {
		tries++
		r, err = s.try(ctx, tx, b)
		return err
	}, uow.Retry(retries), uow.RetryStale())
	if taken(err, schema.DefOf(Requests)) { // the same request, sent at the same time, came first
		r.OrderID, r.Again, err = s.made(ctx, b)
	}
	r.Tries = tries
	return r, err
}

// try is one attempt. It looks before it begins a transaction: on SQLite one that
// reads in order to write holds the only write lock, and most buyers of the last
// items look in vain.
func (s OrderService) try(ctx context.Context, tx *uow.UnitOfWork, b Basket) (Receipt, error) {
	before := uow.Without(ctx)
	shelf, err := s.stock.Look(before, b)
	if err != nil {
		return Receipt{}, err
	}
	// After the shelf: who finds it empty because this very request has emptied
	// it will find the request, too.
	if id, again, err := s.made(before, b); err != nil || again {
		return Receipt{OrderID: id, Again: again}, err
	}
	if !shelf.Has(b) {
		return Receipt{}, ErrOutOfStock
	}
	o := &Order{CustomerID: b.CustomerID}
	for _, item := range b.Items {
		line := &Line{ProductID: item.Product.ID, Pieces: item.Pieces, Price: item.Product.Price}
		if err := o.Lines.Add(line); err != nil {
			return Receipt{}, err
		}
		o.Total += line.Pieces * line.Price
	}
	if err := s.stock.Take(ctx, shelf, b); err != nil {
		return Receipt{}, err
	}
	// The order and its lines come along.
	if err := s.requests.Add(ctx, &Request{ID: b.Request, Order: rel.To(o)}); err != nil {
		return Receipt{}, err
	}
	err = tx.Flush(ctx) // gives the order its key
	return Receipt{OrderID: o.ID}, err
}

// made is the order that a basket's request has made, if it has.
func (s OrderService) made(ctx context.Context, b Basket) (id int64, ok bool, err error) {
	o, err := s.Untracked().One(ctx, Orders.Request.Is(Requests.ID.Eq(b.Request)))
	switch {
	case errors.Is(err, repo.ErrNotFound):
		return 0, false, nil
	case err != nil:
		return 0, false, err
	}
	return o.ID, true, nil
}

// taken reports whether a row of the table is there already.
func taken(err error, t *schema.TableDef) bool {
	var unique *dialect.UniqueViolation
	return errors.As(err, &unique) && unique.Table == t.Name
}

// shop is the services on one database. Services are built once at start-up and
// shared.
type shop struct {
	db        *engine.Engine
	customers repo.Keyed[Customer, int64]
	products  repo.Keyed[Product, int64]
	stock     StockService
	orders    OrderService
}

func newShop(db *engine.Engine) shop {
	stock := StockService{repo.NewKeyed(db, Stocks.ProductID)}
	return shop{
		db:        db,
		customers: repo.NewKeyed(db, Customers.ID),
		products:  repo.NewKeyed(db, Products.ID),
		stock:     stock,
		orders:    OrderService{repo.NewKeyed(db, Orders.ID), stock, repo.NewKeyed(db, Requests.ID)},
	}
}

// goods are what the shop sells, and how many pieces of each are there when the
// doors open: ten in all.
var goods = []struct {
	name          string
	price, pieces int64
}{{"lamp", 4900, 4}, {"mug", 750, 3}, {"chair", 12900, 2}, {"clock", 25000, 1}}

// open makes sure that the shop has n customers and its goods, and fills the
// shelf up. It returns the customers' keys and the products.
func (s shop) open(ctx context.Context, n int) (ids []int64, goodsOn []*Product, err error) {
	err = uow.Run(ctx, s.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		if ids, err = s.register(ctx, tx, n); err != nil {
			return err
		}
		goodsOn, err = s.deliver(ctx, tx)
		return err
	}, uow.Retry(retries), uow.RetryStale(), uow.RetryIf(func(err error) bool {
		return errors.Is(err, dialect.ErrUnique) // another shop opened on this database at the same time
	}))
	return ids, goodsOn, err
}

func (s shop) register(ctx context.Context, tx *uow.UnitOfWork, n int) ([]int64, error) {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("customer %d", i+1)
	}
	found, err := s.customers.Find(ctx, Customers.Name.In(names...))
	if err != nil {
		return nil, err
	}
	byName := make(map[string]*Customer, n)
	for _, c := range found {
		byName[c.Name] = c
	}
	for _, name := range names {
		if byName[name] != nil {
			continue
		}
		byName[name] = &Customer{Name: name}
		if err := s.customers.Add(ctx, byName[name]); err != nil {
			return nil, err
		}
	}
	if err := tx.Flush(ctx); err != nil { // gives new customers their keys
		return nil, err
	}
	ids := make([]int64, n)
	for i, name := range names {
		ids[i] = byName[name].ID
	}
	return ids, nil
}

func (s shop) deliver(ctx context.Context, tx *uow.UnitOfWork) ([]*Product, error) {
	found, err := s.products.Query().With(Products.Stock).All(ctx)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]*Product, len(found))
	for _, p := range found {
		byName[p.Name] = p
	}
	list := make([]*Product, len(goods))
	for i, g := range goods {
		p := byName[g.name]
		if p == nil {
			p = &Product{Name: g.name, Stock: rel.To(&Stock{})} // the stock comes along
			if err := s.products.Add(ctx, p); err != nil {
				return nil, err
			}
		}
		p.Price = g.price
		st, _ := p.Stock.Loaded()
		if st == nil {
			return nil, fmt.Errorf("the product %s has no stock", g.name)
		}
		if missing := g.pieces - st.OnHand; missing > 0 {
			st.OnHand, st.Delivered = st.OnHand+missing, st.Delivered+missing
		}
		list[i] = p
	}
	return list, tx.Flush(ctx)
}
