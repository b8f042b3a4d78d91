package main

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"
)

// What follows adds up in Go, in the plainest way, what the reports do in SQL.

// kept are the orders that are not in the trash.
func (l *ledger) kept() []*sale {
	return slices.Collect(func(yield func(*sale) bool) {
		for _, s := range l.sales {
			if !s.trashed && !yield(s) {
				return
			}
		}
	})
}

// counted are those of them that are revenue.
func (l *ledger) counted() []*sale {
	return slices.DeleteFunc(l.kept(), func(s *sale) bool { return s.order.Status == Cancelled })
}

func (l *ledger) category(id int64) *Category {
	return l.categories[slices.IndexFunc(l.categories, func(c *Category) bool { return c.ID == id })]
}

func (l *ledger) product(id int64) *Product {
	return l.products[slices.IndexFunc(l.products, func(p *Product) bool { return p.ID == id })]
}

// perLine calls f for each line that is revenue.
func (l *ledger) perLine(f func(s *sale, line *Line, p *Product)) {
	for _, s := range l.counted() {
		for _, line := range s.lines {
			f(s, line, l.product(line.ProductID))
		}
	}
}

func monthOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// at is the value of a key, made where there is none yet.
func at[K comparable, V any](m map[K]*V, k K) *V {
	if m[k] == nil {
		m[k] = new(V)
	}
	return m[k]
}

func (l *ledger) revenueByMonth(least int64) (out []MonthRevenue) {
	type key struct {
		month    time.Time
		category string
	}
	groups, orders := map[key]*MonthRevenue{}, map[key]map[int64]bool{}
	l.perLine(func(s *sale, line *Line, p *Product) {
		k := key{monthOf(s.order.PlacedAt), l.category(p.CategoryID).Name}
		g := at(groups, k)
		g.Month, g.Category = k.month, k.category
		g.Pieces += line.Pieces
		g.Revenue += line.Pieces * line.Price
		if orders[k] == nil {
			orders[k] = map[int64]bool{}
		}
		orders[k][s.order.ID] = true
		g.Orders = int64(len(orders[k]))
	})
	for _, g := range groups {
		if g.Revenue >= least {
			out = append(out, *g)
		}
	}
	slices.SortFunc(out, func(a, b MonthRevenue) int {
		return cmp.Or(a.Month.Compare(b.Month), cmp.Compare(b.Revenue, a.Revenue), cmp.Compare(a.Category, b.Category))
	})
	return out
}

func (l *ledger) revenueWithTotals() (out []Level) {
	all := Level{}
	months := map[time.Time]*Level{}
	for _, m := range l.revenueByMonth(0) {
		t := at(months, m.Month)
		t.Month = &m.Month
		t.Revenue += m.Revenue
		all.Revenue += m.Revenue
		out = append(out, Level{&m.Month, &m.Category, m.Revenue})
	}
	for _, t := range months {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Level) int { return cmp.Or(a.Month.Compare(*b.Month), nullsLast(a.Category, b.Category)) })
	return append(out, all)
}

func nullsLast(a, b *string) int {
	switch {
	case a == nil || b == nil:
		return cmp.Compare(btoi(a == nil), btoi(b == nil))
	default:
		return cmp.Compare(*a, *b)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (l *ledger) topCustomers(n int) (out []CustomerRank) {
	spent := map[int64]int64{}
	all := int64(0)
	for _, s := range l.counted() {
		spent[s.buyer.ID] += s.order.Total
		all += s.order.Total
	}
	buyers := slices.DeleteFunc(slices.Clone(l.customers), func(c *Customer) bool { return spent[c.ID] == 0 })
	slices.SortFunc(buyers, func(a, b *Customer) int {
		return cmp.Or(cmp.Compare(spent[b.ID], spent[a.ID]), cmp.Compare(a.ID, b.ID))
	})
	running := int64(0)
	for i, c := range buyers[:min(n, len(buyers))] {
		running += spent[c.ID]
		r := CustomerRank{Name: c.Name, Deleted: l.trashed[c.ID], Place: int64(i) + 1, Spent: spent[c.ID], Running: running, PerMil: spent[c.ID] * 1000 / all}
		if i > 0 && out[i-1].Spent == r.Spent {
			r.Place = out[i-1].Place
		}
		out = append(out, r)
	}
	return out
}

func (l *ledger) trend() (out []DayTrend) {
	days := map[time.Time]int64{}
	for _, s := range l.counted() {
		days[s.order.PlacedAt.Truncate(24*time.Hour)] += s.order.Total
		if s.refund != nil {
			days[s.refund.RefundedAt.Truncate(24*time.Hour)] += 0
		}
	}
	for i, day := range slices.SortedFunc(maps.Keys(days), time.Time.Compare) {
		d := DayTrend{Day: day, Revenue: days[day]}
		out = append(out, d)
		week := out[max(0, i-6):]
		sum := int64(0)
		for _, w := range week {
			sum += w.Revenue
		}
		out[i].Week = math.Round(float64(sum)/float64(len(week))*100) / 100
		if i > 0 {
			out[i].Change = new(d.Revenue - out[i-1].Revenue)
		}
	}
	return out
}

func (l *ledger) bestSellers(n int) (out []Seller) {
	pieces := map[int64]int64{}
	l.perLine(func(_ *sale, line *Line, p *Product) { pieces[p.ID] += line.Pieces })
	list := slices.DeleteFunc(slices.Clone(l.products), func(p *Product) bool { return pieces[p.ID] == 0 })
	slices.SortFunc(list, func(a, b *Product) int {
		return cmp.Or(cmp.Compare(l.category(a.CategoryID).Name, l.category(b.CategoryID).Name), cmp.Compare(pieces[b.ID], pieces[a.ID]), cmp.Compare(a.ID, b.ID))
	})
	places := map[int64]int{}
	for _, p := range list {
		if places[p.CategoryID]++; places[p.CategoryID] <= n {
			out = append(out, Seller{l.category(p.CategoryID).Name, p.Name, pieces[p.ID]})
		}
	}
	return out
}
