package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/dormer-orm/dormer/uow"
)

// books are all orders and all products with what belongs to them.
type books struct {
	orders   []*Order
	products []*Product
	requests int64
}

// read reads the books in one snapshot, and a statement for each relation,
// however many orders there are.
func (s shop) read(ctx context.Context) (b books, err error) {
	err = uow.Run(ctx, s.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		b.orders, err = s.orders.Query().
			With(Orders.Customer, Orders.Request, Orders.Lines.With(Lines.Product).OrderBy(Lines.ProductID.Asc())).
			OrderBy(Orders.ID.Asc()).All(ctx)
		if err != nil {
			return err
		}
		b.products, err = s.products.Query().With(Products.Stock).OrderBy(Products.ID.Asc()).All(ctx)
		if err != nil {
			return err
		}
		b.requests, err = s.orders.requests.Count(ctx)
		return err
	}, uow.ReadOnly(), uow.Isolation(sql.LevelRepeatableRead), uow.Retry(retries))
	return b, err
}

// balance checks the books, and what the buyers were told against them.
func (b books) balance(buyers []*buyer) error {
	sold := make(map[int64]int64) // pieces by product
	byRequest := make(map[string]*Order)
	for _, o := range b.orders {
		list, _ := o.Lines.Loaded()
		if len(list) == 0 {
			return fmt.Errorf("order %d has no lines", o.ID)
		}
		var total int64
		for _, l := range list {
			sold[l.ProductID] += l.Pieces
			total += l.Pieces * l.Price
		}
		if total != o.Total {
			return fmt.Errorf("order %d is %s, its lines are %s", o.ID, money(o.Total), money(total))
		}
		r, _ := o.Request.Loaded()
		if r == nil {
			return fmt.Errorf("order %d was made by no request", o.ID)
		}
		byRequest[r.ID] = o
	}
	if int64(len(b.orders)) != b.requests {
		return fmt.Errorf("there are %d orders and %d requests that made one", len(b.orders), b.requests)
	}
	for _, p := range b.products {
		st, _ := p.Stock.Loaded()
		switch {
		case st == nil:
			return fmt.Errorf("%s has no stock", p.Name)
		case st.OnHand < 0:
			return fmt.Errorf("%s: %d on hand", p.Name, st.OnHand)
		case st.Delivered-st.OnHand != sold[p.ID]:
			return fmt.Errorf("%s: %d delivered and %d on hand, but %d in orders", p.Name, st.Delivered, st.OnHand, sold[p.ID])
		}
	}
	for _, by := range buyers {
		if err := by.agrees(byRequest[by.basket.Request]); err != nil {
			return fmt.Errorf("request %s: %w", by.basket.Request, err)
		}
	}
	return nil
}

// agrees checks all that a buyer was told against the order that the books have
// for the request, nil for none.
func (b *buyer) agrees(o *Order) error {
	first, refused := 0, 0
	for _, a := range b.told {
		switch {
		case o == nil && !a.refused:
			return fmt.Errorf("order %d is not in the books", a.OrderID)
		case o != nil && a.refused: // goods may have come between two sendings
			refused++
		case o != nil && a.OrderID != o.ID:
			return fmt.Errorf("order %d was made, and the buyer told of %d", o.ID, a.OrderID)
		case !a.refused && !a.Again:
			first++
		}
	}
	if o == nil {
		return nil
	}
	if refused == len(b.told) {
		return fmt.Errorf("order %d was made, and the buyer refused", o.ID)
	}
	list, _ := o.Lines.Loaded()
	wanted := make(map[int64]int64)
	for _, item := range b.basket.Items {
		wanted[item.Product.ID] = item.Pieces
	}
	switch {
	case first != 1:
		return fmt.Errorf("the order %d was reported as made %d times", o.ID, first)
	case o.CustomerID != b.basket.CustomerID:
		return fmt.Errorf("order %d went to another customer", o.ID)
	case len(list) != len(wanted):
		return fmt.Errorf("order %d has %d lines, the basket %d", o.ID, len(list), len(wanted))
	}
	for _, l := range list {
		if wanted[l.ProductID] != l.Pieces {
			return fmt.Errorf("order %d has other lines than the basket", o.ID)
		}
	}
	return nil
}

// pieces are how many were sold and how many are left.
func (b books) pieces() (sold, left int64) {
	for _, p := range b.products {
		if st, _ := p.Stock.Loaded(); st != nil {
			sold, left = sold+st.Delivered-st.OnHand, left+st.OnHand
		}
	}
	return sold, left
}

// print lists the orders that the buyers' requests have made.
func (b books) print(w io.Writer, buyers []*buyer) error {
	ours := make(map[string]bool, len(buyers))
	for _, by := range buyers {
		ours[by.basket.Request] = true
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "order\tcustomer\ttotal\tlines")
	for _, o := range b.orders {
		if r, _ := o.Request.Loaded(); r == nil || !ours[r.ID] {
			continue
		}
		var what []string
		list, _ := o.Lines.Loaded()
		for _, l := range list {
			p, _ := l.Product.Loaded()
			what = append(what, fmt.Sprintf("%d × %s", l.Pieces, p.Name))
		}
		c, _ := o.Customer.Loaded()
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\n", o.ID, c.Name, money(o.Total), strings.Join(what, ", "))
	}
	fmt.Fprintln(t)
	return t.Flush()
}

func money(cents int64) string {
	return fmt.Sprintf("%d.%02d", cents/100, cents%100)
}
