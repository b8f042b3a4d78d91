package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dormer-orm/dormer/repo"
)

// report does with each tenant what happens in a day, checks the books after it,
// and prints the figures of one.
func (p *program) report(ctx context.Context, b Backend, all []*ledger) error {
	start := time.Now()
	if _, err := b.reports.RevenueByMonth(ctx, 0); !errors.Is(err, repo.ErrFilter) {
		return fmt.Errorf("a report without a tenant: %w", cmp.Or(err, errors.New("it came"))) // whose rows would it be of?
	}
	checked := 0
	for _, l := range all {
		ctx, _, err := b.Enter(ctx, l.tenant.Slug)
		if err != nil {
			return err
		}
		if err := l.live(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", l.tenant.Slug, err)
		}
		n, err := l.audit(ctx, b, p.size)
		if err != nil {
			return fmt.Errorf("the books of %s do not balance: %w", l.tenant.Slug, err)
		}
		checked += n
	}
	i := slices.IndexFunc(all, func(l *ledger) bool { return l.tenant.Slug == p.tenant })
	if i < 0 {
		return fmt.Errorf("there is no tenant %q", p.tenant)
	}
	ctx, t, err := b.Enter(ctx, p.tenant)
	if err != nil {
		return err
	}
	if err := p.print(ctx, b, t); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "the books balance: %d figures of %d tenants; %s, %d SQL statements\n",
		checked, len(all), time.Since(start).Round(time.Millisecond), p.statements.Load())
	return err
}

// live is what happens to a tenant's rows, in the database and in the ledger.
func (l *ledger) live(ctx context.Context, b Backend) error {
	if _, err := b.nightly.Begin(ctx, began, began.AddDate(2, 0, 0)); err != nil {
		return err
	}
	spring := began.AddDate(0, 3, 0)
	if _, err := b.orders.Tidy(ctx, spring); err != nil {
		return err
	}
	for i, s := range l.sales {
		s.trashed = s.order.Status == Cancelled && s.order.PlacedAt.Before(spring)
		if s.trashed || i%40 != 0 {
			continue
		}
		if err := b.orders.Remove(ctx, s.order.ID); err != nil {
			return err
		}
		if s.trashed = i%80 == 0; s.trashed {
			continue
		}
		if err := b.orders.Restore(ctx, s.order.ID); err != nil {
			return err
		}
	}
	for _, c := range l.customers[:2] {
		if err := b.customers.Remove(ctx, c.ID); err != nil {
			return err
		}
		l.trashed[c.ID] = true
	}
	// The night comes, and finds other figures for days that it had done.
	if _, err := b.nightly.Run(ctx, began, began.AddDate(2, 0, 0)); err != nil {
		return err
	}
	return l.newPrices(ctx, b.catalogue)
}

// newPrices raises what is in one category, and takes a price list.
func (l *ledger) newPrices(ctx context.Context, s Catalogue) error {
	if _, err := s.Raise(ctx, "lamps", 10); err != nil {
		return err
	}
	for _, p := range l.products {
		if l.category(p.CategoryID).Name == "lamps" {
			p.Price = p.Price * 110 / 100
		}
	}
	list := []NewPrice{{SKU: "P-001", Price: 4711}, {SKU: "P-002", Price: l.products[1].Price}, {SKU: "nobody's", Price: 1}}
	l.products[0].Price = 4711
	n, err := s.Reprice(ctx, list...)
	if err == nil && n != 1 {
		err = fmt.Errorf("the price list has changed %d prices instead of one", n)
	}
	return err
}

// print shows a few of a tenant's figures.
func (p *program) print(ctx context.Context, b Backend, t *Tenant) error {
	levels, err := b.reports.RevenueWithTotals(ctx)
	if err != nil {
		return err
	}
	branches, err := b.reports.CategoryTree(ctx)
	if err != nil {
		return err
	}
	ranks, err := b.reports.TopCustomers(ctx, 5)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s\n\nmonth\trevenue\t\n", t.Name)
	for _, l := range levels {
		switch {
		case l.Month == nil:
			fmt.Fprintf(w, "all\t%s\t\n", money(l.Revenue))
		case l.Category == nil:
			fmt.Fprintf(w, "%s\t%s\t\n", l.Month.Format("2006-01"), money(l.Revenue))
		}
	}
	fmt.Fprint(w, "\nplace\tcustomer\tspent\tof all\t\n")
	for _, r := range ranks {
		fmt.Fprintf(w, "%d\t%s\t%s\t%d.%d%%\t\n", r.Place, r.Name, money(r.Spent), r.PerMil/10, r.PerMil%10)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout)
	for _, c := range branches {
		name := c.Path[strings.LastIndex(c.Path, "/")+1:]
		fmt.Fprintf(p.stdout, "%-20s%12s\n", strings.Repeat("  ", int(c.Depth))+name, money(c.Revenue))
	}
	_, err = fmt.Fprintln(p.stdout)
	return err
}

func money(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }
