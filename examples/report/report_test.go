package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dormer-orm/dormer/dormertest"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/repo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// onDatabases runs a test on the data of seed 1, on SQLite and on the server that
// DORMER_TEST_POSTGRES names, if any.
func onDatabases(t *testing.T, f func(t *testing.T, b Backend, all []*ledger)) {
	with := func(t *testing.T, db *engine.Engine) {
		all, err := generate(t.Context(), db, 1)
		if err != nil {
			t.Fatal(err)
		}
		f(t, newBackend(db), all)
	}
	t.Run("sqlite", func(t *testing.T) { with(t, dormertest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) {
		server := os.Getenv("DORMER_TEST_POSTGRES")
		if server == "" {
			t.Skip("DORMER_TEST_POSTGRES is not set")
		}
		with(t, dormertest.Open(t, server))
	})
}

// result is what a run did.
type result struct {
	code           int
	stdout, stderr string
}

func run(ctx context.Context, args ...string) result {
	var stdout, stderr bytes.Buffer
	p := program{stdout: &stdout, stderr: &stderr}
	code := p.run(ctx, args)
	return result{code, stdout.String(), stderr.String()}
}

func TestProgram(t *testing.T) {
	file := "sqlite:///" + filepath.Join(t.TempDir(), "report.db")
	first := run(t.Context(), "-db", file)
	if first.code != 0 || first.stderr != "" || !strings.Contains(first.stdout, "the books balance: ") || !strings.Contains(first.stdout, "The north shop") {
		t.Fatalf("%+v", first)
	}
	if r := run(t.Context(), "-db", file); r.code != 1 || !strings.Contains(r.stderr, "-again") || r.stdout != "" {
		t.Errorf("a second run: %+v", r)
	}
	again := run(t.Context(), "-db", file, "-again", "-size", "70")
	if figures, _, _ := strings.Cut(first.stdout, "the books"); again.code != 0 || !strings.HasPrefix(again.stdout, figures) {
		t.Errorf("the same seed, other figures: %+v", again)
	}
	for want, args := range map[string][]string{
		"-nonsense":        {"-nonsense"},
		`argument "x"`:     {"x"},
		"1 to 200 rows":    {"-size", "0"},
		"no tenant":        {"-tenant", "nobody"},
		"unknown scheme":   {"-db", "oracle://x/y"},
		"cannot open":      {"-db", "sqlite:///" + filepath.Join(t.TempDir(), "no", "x.db")},
		"listen tcp: ":     {"-serve", "nowhere:x:y"},
		"mysql is not sup": {"-db", "mysql://u:geheim@host/x"},
	} {
		r := run(t.Context(), args...)
		if r.code != 1 || strings.Count(r.stderr, "\n") != 1 || !strings.HasPrefix(r.stderr, "report: ") || !strings.Contains(r.stderr, want) || strings.Contains(r.stderr, "geheim") {
			t.Errorf("%q: %+v", args, r)
		}
	}
	if r := run(t.Context(), "-h"); r.code != 0 || !strings.Contains(r.stdout, "-serve") {
		t.Errorf("-h: %+v", r)
	}
}

func TestAudit(t *testing.T) {
	onDatabases(t, func(t *testing.T, b Backend, all []*ledger) {
		var out bytes.Buffer
		p := program{stdout: &out, tenant: "west", size: 200}
		if err := p.report(t.Context(), b, all); err != nil {
			t.Fatal(err)
		}
		ctx, _, err := b.Enter(t.Context(), "south")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := all[1].audit(ctx, b, 200); err != nil {
			t.Fatal(err)
		}
		// Whatever is changed behind its back, the audit finds.
		id := all[1].counted()[9].order.ID
		for what, c := range map[string][2]string{
			"revenue by month": {"UPDATE lines SET price = price + 1 WHERE order_id = %d", "UPDATE lines SET price = price - 1 WHERE order_id = %d"},
			"top customers":    {"UPDATE orders SET total = total + 100000000 WHERE id = %d", "UPDATE orders SET total = total - 100000000 WHERE id = %d"},
			"trend":            {"UPDATE daily_totals SET revenue = revenue + 1 WHERE 0 < %d", "UPDATE daily_totals SET revenue = revenue - 1 WHERE 0 < %d"},
			"prices":           {"UPDATE products SET price = price + 1 WHERE 0 < %d", "UPDATE products SET price = price - 1 WHERE 0 < %d"},
		} {
			for i, want := range []string{what, ""} {
				if _, err := b.db.Exec(ctx, fmt.Sprintf(c[i], id)); err != nil {
					t.Fatal(err)
				}
				_, err := all[1].audit(ctx, b, 200)
				if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
					t.Errorf("%s: %v, want %q", c[i], err, want)
				}
			}
		}
	})
}

// Without a tenant nothing is read or written.
func TestWithoutTenant(t *testing.T) {
	onDatabases(t, func(t *testing.T, b Backend, all []*ledger) {
		ctx := t.Context()
		id := all[0].sales[0].order.ID
		list := func(_ any, err error) error { return err }
		for what, err := range map[string]error{
			"revenue": list(b.reports.RevenueByMonth(ctx, 0)), "totals": list(b.reports.RevenueWithTotals(ctx)), "customers": list(b.reports.TopCustomers(ctx, 1)),
			"trend": list(b.reports.Trend(ctx)), "sellers": list(b.reports.BestSellers(ctx, 1)), "cohorts": list(b.reports.Cohorts(ctx)),
			"categories": list(b.reports.CategoryTree(ctx)), "colours": list(b.reports.Colours(ctx, 1)), "medians": list(b.reports.Medians(ctx)),
			"never bought": list(b.reports.NeverBought(ctx)), "never shipped": list(b.reports.NeverShipped(ctx)), "trash": list(b.reports.Discarded(ctx)),
			"loyalty": list(b.reports.Loyalty(ctx, began, began, began)), "list": list(b.orders.List(ctx, OrderFilter{}, "", 5, "")),
			"order": list(b.orders.Show(ctx, id)), "edit": list(b.orders.Edit(ctx, id, OrderEdit{Version: 1})), "remove": b.orders.Remove(ctx, id),
			"tidy": list(b.orders.Tidy(ctx, began)), "begin": list(b.nightly.Begin(ctx, began, began)), "night": list(b.nightly.Run(ctx, began, began.AddDate(1, 0, 0))),
			"raise": list(b.catalogue.Raise(ctx, "lamps", 1)), "reprice": list(b.catalogue.Reprice(ctx, NewPrice{"P-001", 1})), "empty": list(b.orders.Empty(ctx, time.Now())),
		} {
			if !errors.Is(err, repo.ErrFilter) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// Two tenants at once, reading and writing, see their own rows alone.
func TestTenantsAtOnce(t *testing.T) {
	onDatabases(t, func(t *testing.T, b Backend, all []*ledger) {
		c := newClient(t, b)
		var wg sync.WaitGroup
		for w := range 6 {
			l := all[w%2]
			own := map[int64]*sale{}
			for _, s := range l.sales {
				own[s.order.ID] = s
			}
			wg.Go(func() {
				for i := range 6 {
					var p pageView
					code, text := c.send("GET", "/"+l.tenant.Slug+"/orders?size=150&sort=-total", "")
					if err := json.Unmarshal([]byte(text), &p); err != nil || code != 200 || len(p.Orders) != 150 {
						t.Errorf("%d, %v: %.200s", code, err, text)
						return
					}
					for _, o := range p.Orders {
						if s := own[o.ID]; s == nil || s.order.Number != o.Number || s.buyer.Name != o.Customer {
							t.Errorf("%s sees an order that is not its own: %+v", l.tenant.Slug, o)
						}
					}
					mine, foreign := l.sales[10*w+i].order.ID, all[1-w%2].sales[10*w+i].order.ID
					for id, want := range map[int64]int{mine: 200, foreign: 404} {
						body := fmt.Sprintf(`{"version": 1, "note": "%s"}`, l.tenant.Slug)
						if code, text := c.send("PATCH", fmt.Sprintf("/%s/orders/%d", l.tenant.Slug, id), body); code != want {
							t.Errorf("edit of order %d by %s: %d %s", id, l.tenant.Slug, code, text)
						}
					}
				}
			})
		}
		wg.Wait()
		for _, l := range all[:2] {
			ctx, _, err := b.Enter(t.Context(), l.tenant.Slug)
			if err != nil {
				t.Fatal(err)
			}
			n, err := b.orders.Untracked().Count(ctx, Orders.Note.Ne(""))
			own, _ := b.orders.Untracked().Count(ctx, Orders.Note.Eq(l.tenant.Slug))
			if err != nil || n != 18 || own != 18 {
				t.Errorf("%s: %d notes, %d of its own, %v", l.tenant.Slug, n, own, err)
			}
		}
		if list := c.logged(); len(list) > 0 {
			t.Errorf("faults of the program: %v", list)
		}
	})
}

// All edits of one version but the first are refused.
func TestEditsAtOnce(t *testing.T) {
	onDatabases(t, func(t *testing.T, b Backend, all []*ledger) {
		c := newClient(t, b)
		path := fmt.Sprintf("/north/orders/%d", all[0].sales[3].order.ID)
		codes := make([]int, 8)
		var wg sync.WaitGroup
		for i := range codes {
			wg.Go(func() { codes[i], _ = c.send("PATCH", path, fmt.Sprintf(`{"version": 1, "note": "by %d"}`, i)) })
		}
		wg.Wait()
		slices.Sort(codes)
		if want := []int{200, 409, 409, 409, 409, 409, 409, 409}; !slices.Equal(codes, want) {
			t.Errorf("%v; %v", codes, c.logged())
		}
	})
}

// The nightly job follows what has changed, days that have become empty too.
func TestNightly(t *testing.T) {
	onDatabases(t, func(t *testing.T, b Backend, all []*ledger) {
		ctx, _, err := b.Enter(t.Context(), "north")
		if err != nil {
			t.Fatal(err)
		}
		from, to := began, began.AddDate(2, 0, 0)
		night := func(what string) {
			t.Helper()
			if _, err := b.nightly.Run(ctx, from, to); err != nil {
				t.Fatal(err)
			}
			books := &comparison{}
			compare(books, what, all[0].trend())(b.reports.Trend(ctx))
			if books.err != nil {
				t.Error(books.err)
			}
		}
		night("from nothing")
		night("again")
		n, err := b.nightly.Untracked().Count(ctx)
		if err != nil || n < 300 {
			t.Fatalf("%d days, %v", n, err)
		}
		// All orders of one day, their refunds included, go to the trash.
		day := all[0].trend()[100].Day
		for _, s := range all[0].counted() {
			if s.order.PlacedAt.Truncate(24 * time.Hour).Equal(day) {
				if err := b.orders.Remove(ctx, s.order.ID); err != nil {
					t.Fatal(err)
				}
				s.trashed = true
			}
		}
		night("with a day less")
		if n, err := b.nightly.Unfiltered(tenancy).Untracked().Count(t.Context()); err != nil || n != int64(len(all[0].trend())) {
			t.Errorf("%d days of all tenants, %v", n, err)
		}
	})
}

// TestServe asks the program over a socket, and ends it.
func TestServe(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &watched{said: make(chan string, 1)}
	p := program{stdout: out, stderr: out}
	code := make(chan int)
	go func() { code <- p.run(ctx, []string{"-serve", "127.0.0.1:0"}) }()
	var at string
	select {
	case line := <-out.said:
		_, at, _ = strings.Cut(strings.TrimSpace(line), "listening at ")
	case <-time.After(30 * time.Second):
		t.Fatal("it does not listen")
	}
	web := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for path, status := range map[string]int{"/north/reports/totals": 200, "/north/orders?sort=x": 400, "/x/orders": 404} {
		r, err := web.Get(at + path)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != status {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	stop()
	if n := <-code; n != 0 {
		t.Errorf("exit code %d", n)
	}
}

// watched passes on the first line.
type watched struct{ said chan string }

func (w *watched) Write(b []byte) (int, error) {
	select {
	case w.said <- string(b):
	default:
	}
	return len(b), nil
}
