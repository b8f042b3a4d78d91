package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/uow"
)

// counter is an open shop with a few customers, and its goods by name.
type counter struct {
	shop
	customers []int64
	goods     map[string]*Product
}

// openCounter opens a shop. watch is told of each of its statements once the
// doors are open.
func openCounter(t *testing.T, url string, watch func(sql string)) counter {
	t.Helper()
	open := false
	db, err := engine.Open(url, engine.Observer(func(_ context.Context, s engine.Statement) {
		if open && watch != nil {
			watch(s.SQL)
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.CreateAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := counter{shop: newShop(db), goods: make(map[string]*Product)}
	ids, list, err := c.open(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		c.goods[p.Name] = p
	}
	c.customers = ids
	open = true
	return c
}

// basket is pieces of one product.
func (c counter) basket(request, product string, pieces int64) Basket {
	return Basket{Request: request, CustomerID: c.customers[0], Items: []Item{{Product: c.goods[product], Pieces: pieces}}}
}

// onHand is what is left of a product.
func (c counter) onHand(t *testing.T, product string) int64 {
	t.Helper()
	st, err := c.stock.Untracked().Get(t.Context(), c.goods[product].ID)
	if err != nil {
		t.Fatal(err)
	}
	return st.OnHand
}

// balanced checks the books.
func (c counter) balanced(t *testing.T, orders int) {
	t.Helper()
	b, err := c.read(t.Context())
	if err == nil {
		err = b.balance(nil)
	}
	if err != nil || len(b.orders) != orders {
		t.Errorf("%d orders, want %d: %v", len(b.orders), orders, err)
	}
}

// TestSentAgain sends one request many times, at first all at once.
func TestSentAgain(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		c := openCounter(t, url, nil)
		b := c.basket("r1", "lamp", 1)
		b.Items = append(b.Items, Item{c.goods["mug"], 2})
		receipts := make([]Receipt, 20)
		errs := make([]error, len(receipts))
		var wg sync.WaitGroup
		for i := range receipts {
			wg.Go(func() { receipts[i], errs[i] = c.orders.Buy(t.Context(), b) })
		}
		wg.Wait()
		made := 0
		for i, r := range receipts {
			if errs[i] != nil || r.OrderID == 0 || r.OrderID != receipts[0].OrderID {
				t.Errorf("%+v: %v", r, errs[i])
			}
			if !r.Again {
				made++
			}
		}
		if made != 1 || c.onHand(t, "lamp") != 3 || c.onHand(t, "mug") != 1 {
			t.Errorf("%d orders made, %d lamps and %d mugs left", made, c.onHand(t, "lamp"), c.onHand(t, "mug"))
		}
		c.balanced(t, 1)

		// Also when it could not be sold any more.
		if _, err := c.orders.Buy(t.Context(), c.basket("r2", "lamp", 3)); err != nil {
			t.Fatal(err)
		}
		r, err := c.orders.Buy(t.Context(), b)
		if err != nil || !r.Again || r.OrderID != receipts[0].OrderID || r.Tries != 1 {
			t.Errorf("%+v: %v", r, err)
		}
		c.balanced(t, 2)
	})
}

// between runs f once, between the looking and the writing of whoever buys next.
func between(f *func()) func(sql string) {
	return func(sql string) {
		if *f != nil && strings.HasPrefix(sql, "SELECT") && strings.Contains(sql, `"requests"`) {
			g := *f
			*f = nil
			g()
		}
	}
}

// TestRivalComesFirst has another shop sell between the looking and the writing.
func TestRivalComesFirst(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		var f func()
		c, rival := openCounter(t, url, between(&f)), openCounter(t, url, nil)
		sell := func(b Basket) func() {
			return func() {
				if _, err := rival.orders.Buy(t.Context(), b); err != nil {
					t.Error(err)
				}
			}
		}

		// Enough is left: stale, and run again.
		f = sell(rival.basket("a", "lamp", 1))
		r, err := c.orders.Buy(t.Context(), c.basket("b", "lamp", 2))
		if err != nil || r.Tries != 2 || r.Again || r.OrderID == 0 {
			t.Errorf("%+v: %v", r, err)
		}
		if n := c.onHand(t, "lamp"); n != 1 {
			t.Errorf("%d lamps", n)
		}

		// Not enough is left: refused, without a trace.
		f = sell(rival.basket("c", "chair", 1))
		both := c.basket("d", "lamp", 1)
		both.Items = append(both.Items, Item{c.goods["chair"], 2})
		if r, err = c.orders.Buy(t.Context(), both); !errors.Is(err, ErrOutOfStock) || r.Tries != 2 || r.OrderID != 0 {
			t.Errorf("%+v: %v", r, err)
		}
		if n := c.onHand(t, "lamp"); n != 1 {
			t.Errorf("%d lamps after a basket that was refused", n)
		}
		c.balanced(t, 3)

		// The same request for other goods: no row is stale, the request is taken.
		f = sell(rival.basket("e", "clock", 1))
		if r, err = c.orders.Buy(t.Context(), c.basket("e", "mug", 1)); err != nil || !r.Again || r.Tries != 1 {
			t.Errorf("%+v: %v", r, err)
		}
		first, err := c.orders.Untracked().One(t.Context(), Orders.Request.Is(Requests.ID.Eq("e")))
		if err != nil || first.ID != r.OrderID || c.onHand(t, "mug") != 3 || c.onHand(t, "clock") != 0 {
			t.Errorf("told of order %d, %d mugs and %d clocks left: %v", r.OrderID, c.onHand(t, "mug"), c.onHand(t, "clock"), err)
		}
		c.balanced(t, 4)

		// The same request for the same goods, which are gone then.
		f = sell(rival.basket("g", "mug", 3))
		if r, err = c.orders.Buy(t.Context(), c.basket("g", "mug", 3)); err != nil || !r.Again {
			t.Errorf("%+v: %v", r, err)
		}
		if f != nil {
			t.Error("the rival never sold")
		}
		c.balanced(t, 5)
	})
}

// TestStaleShelf takes from a shelf that was looked at before another took.
func TestStaleShelf(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		c := openCounter(t, url, nil)
		b := c.basket("", "lamp", 3)
		early, err := c.stock.Look(t.Context(), b)
		if err != nil || !early.Has(b) {
			t.Fatal(err)
		}
		late, err := c.stock.Look(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		take := func(s Shelf) error {
			return uow.Run(t.Context(), c.db, func(ctx context.Context, _ *uow.UnitOfWork) error { return c.stock.Take(ctx, s, b) })
		}
		if err := take(early); err != nil {
			t.Fatal(err)
		}
		var stale *uow.StaleError
		if err := take(late); !errors.As(err, &stale) {
			t.Errorf("took from a shelf as it had been: %v", err)
		}
		if n := c.onHand(t, "lamp"); n != 1 {
			t.Errorf("%d lamps", n)
		}
	})
}

// TestOutOfStock asks for more than there is, and for what is not sold here.
func TestOutOfStock(t *testing.T) {
	wrote := false
	c := openCounter(t, "sqlite://:memory:", func(sql string) {
		wrote = wrote || !strings.HasPrefix(sql, "SELECT")
	})
	for _, b := range []Basket{
		c.basket("a", "clock", 2),
		{Request: "b", CustomerID: c.customers[0], Items: []Item{{Product: &Product{ID: 99}, Pieces: 1}}},
	} {
		if r, err := c.orders.Buy(t.Context(), b); !errors.Is(err, ErrOutOfStock) || r.Tries != 1 {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if wrote {
		t.Error("a buyer who looks in vain began a transaction")
	}
	c.balanced(t, 0)
}
