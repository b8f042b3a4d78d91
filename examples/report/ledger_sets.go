package main

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

func (l *ledger) cohorts() (out []Retention) {
	number := func(s *sale) int64 { return int64(s.order.PlacedAt.Year()*12) + int64(s.order.PlacedAt.Month()) }
	months := map[int64]map[int64]bool{}
	for _, s := range l.counted() {
		if months[s.buyer.ID] == nil {
			months[s.buyer.ID] = map[int64]bool{}
		}
		months[s.buyer.ID][number(s)] = true
	}
	counts := map[Retention]int64{}
	for _, active := range months {
		first := slices.Min(slices.Collect(maps.Keys(active)))
		for m := range active {
			counts[Retention{First: first, Later: m - first}]++
		}
	}
	for r, n := range counts {
		r.Customers = n
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Retention) int { return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Later, b.Later)) })
	return out
}

func (l *ledger) tree() (out []Branch) {
	brought := map[int64]int64{}
	l.perLine(func(_ *sale, line *Line, p *Product) {
		for c := l.category(p.CategoryID); ; c = l.category(*c.ParentID) {
			if brought[c.ID] += line.Pieces * line.Price; c.ParentID == nil {
				return
			}
		}
	})
	for _, c := range l.categories {
		b := Branch{Path: c.Name, Revenue: brought[c.ID]}
		for up := c; up.ParentID != nil; b.Depth++ {
			up = l.category(*up.ParentID)
			b.Path = up.Name + "/" + b.Path
		}
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b Branch) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

func (l *ledger) colours(below int64) (out []Colour) {
	groups := map[string]*Colour{}
	l.perLine(func(_ *sale, line *Line, p *Product) {
		if p.Attributes.V.Grams >= below {
			return
		}
		c := at(groups, p.Attributes.V.Colour)
		c.Colour = p.Attributes.V.Colour
		c.Revenue += line.Pieces * line.Price
		if p.Attributes.V.Fair {
			c.Fair += line.Pieces * line.Price
		}
	})
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		out = append(out, *groups[name])
	}
	return out
}

// medians leaves out what deleted customers have bought.
func (l *ledger) medians() (out []Spread) {
	totals := map[string][]int64{}
	for _, s := range l.counted() {
		if !l.trashed[s.buyer.ID] {
			totals[s.buyer.Country] = append(totals[s.buyer.Country], s.order.Total)
		}
	}
	for _, country := range slices.Sorted(maps.Keys(totals)) {
		list := slices.Sorted(slices.Values(totals[country]))
		n := len(list)
		out = append(out, Spread{country, int64(n), float64(list[(n-1)/2]+list[n/2]) / 2})
	}
	return out
}

// customersWho are those not deleted whose orders fulfil a condition.
func (l *ledger) customersWho(fits func([]*sale) bool) (out []string) {
	by := map[int64][]*sale{}
	for _, s := range l.kept() {
		by[s.buyer.ID] = append(by[s.buyer.ID], s)
	}
	for _, c := range l.customers {
		if !l.trashed[c.ID] && fits(by[c.ID]) {
			out = append(out, c.Name)
		}
	}
	return out
}

func (l *ledger) loyalty(middle time.Time) (out Loyalty) {
	in := func(list []*sale, first bool) bool {
		return slices.ContainsFunc(list, func(s *sale) bool {
			return s.order.Status != Cancelled && s.order.PlacedAt.Before(middle) == first
		})
	}
	out.Kept = l.customersWho(func(s []*sale) bool { return in(s, true) && in(s, false) })
	out.Lost = l.customersWho(func(s []*sale) bool { return in(s, true) && !in(s, false) })
	out.Won = l.customersWho(func(s []*sale) bool { return !in(s, true) && in(s, false) })
	return out
}

func (l *ledger) discarded() (out []Discarded) {
	months := map[time.Time]*Discarded{}
	for _, s := range l.sales {
		if s.trashed {
			d := at(months, monthOf(s.order.PlacedAt))
			d.Month = monthOf(s.order.PlacedAt)
			d.Orders++
			d.Total += s.order.Total
		}
	}
	for _, m := range slices.SortedFunc(maps.Keys(months), time.Time.Compare) {
		out = append(out, *months[m])
	}
	return out
}

func (l *ledger) prices() (out []NewPrice) {
	for _, p := range l.products {
		out = append(out, NewPrice{p.SKU, p.Price})
	}
	return out
}

// numbers are those of the orders not in the trash, in an order and then by key.
func (l *ledger) numbers(order func(a, b *sale) int) (out []string) {
	list := l.kept()
	slices.SortFunc(list, func(a, b *sale) int { return cmp.Or(order(a, b), cmp.Compare(a.order.ID, b.order.ID)) })
	for _, s := range list {
		out = append(out, s.order.Number)
	}
	return out
}
