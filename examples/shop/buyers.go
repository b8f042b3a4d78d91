package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
)

// habit is how a buyer sends a request.
type habit int

const (
	once      habit = iota
	doubtful        // again after the answer, as if it had been lost
	impatient       // twice at the same time
	habits
)

// buyer has a basket and how often, and with what answers, it was sent.
type buyer struct {
	basket Basket
	habit  habit
	told   []answer
}

// answer is what a buyer was told: an order, or that the shop is out of stock.
type answer struct {
	Receipt
	refused bool
}

// newBuyers gives each customer a small random basket, the same ones for the same
// seed. run tells the requests of one run from another's.
func newBuyers(run string, seed uint64, customers []int64, list []*Product) []*buyer {
	buyers := make([]*buyer, len(customers))
	for i, id := range customers {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		b := &buyer{habit: habit(i) % habits}
		b.basket = Basket{Request: fmt.Sprintf("%s-%d", run, i+1), CustomerID: id}
		for _, j := range r.Perm(len(list))[:1+r.IntN(3)] {
			b.basket.Items = append(b.basket.Items, Item{Product: list[j], Pieces: 1 + r.Int64N(2)})
		}
		buyers[i] = b
	}
	return buyers
}

// storm has all buyers buy at once, each in a goroutine of its own, and returns
// when all have their answers. The first failure ends it.
func (s shop) storm(ctx context.Context, buyers []*buyer) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	doors := make(chan struct{})
	var wg sync.WaitGroup
	for _, b := range buyers {
		wg.Go(func() {
			<-doors
			if err := b.buy(ctx, s.orders); err != nil {
				cancel(fmt.Errorf("buy %s: %w", b.basket.Request, err))
			}
		})
	}
	close(doors)
	wg.Wait()
	return context.Cause(ctx)
}

// buy sends the request as is the buyer's habit.
func (b *buyer) buy(ctx context.Context, s OrderService) error {
	times := 1
	if b.habit != once {
		times = 2
	}
	b.told = make([]answer, times)
	errs := make([]error, times)
	send := func(i int) {
		r, err := s.Buy(ctx, b.basket)
		b.told[i].Receipt = r
		if b.told[i].refused = errors.Is(err, ErrOutOfStock); !b.told[i].refused {
			errs[i] = err
		}
	}
	if b.habit == impatient {
		var wg sync.WaitGroup
		wg.Go(func() { send(1) })
		send(0)
		wg.Wait()
		return errors.Join(errs...)
	}
	for i := range times {
		send(i)
	}
	return errors.Join(errs...)
}

// figures are what the buyers were told, added up.
type figures struct{ made, refused, retries, duplicates int }

func count(buyers []*buyer) (n figures) {
	for _, b := range buyers {
		if b.told[0].refused {
			n.refused++
		}
		for _, a := range b.told {
			n.retries += a.Tries - 1
			switch {
			case a.refused:
			case a.Again:
				n.duplicates++
			default:
				n.made++
			}
		}
	}
	return n
}
