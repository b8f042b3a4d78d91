package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/dormer-orm/dormer/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// onDatabases runs a test on a new SQLite file, and on a new database of the
// server that DORMER_TEST_POSTGRES names, if any.
func onDatabases(t *testing.T, f func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) {
		f(t, "sqlite:///"+filepath.Join(t.TempDir(), "shop.db"))
	})
	server := os.Getenv("DORMER_TEST_POSTGRES")
	if server == "" {
		return
	}
	t.Run("postgres", func(t *testing.T) {
		name := fmt.Sprintf("shop_%d", os.Getpid())
		byHand(t, server, "DROP DATABASE IF EXISTS "+name, "CREATE DATABASE "+name)
		t.Cleanup(func() { byHand(t, server, "DROP DATABASE "+name) })
		host, query, _ := strings.Cut(server, "?")
		f(t, host[:strings.LastIndex(host, "/")+1]+name+"?"+query)
	})
}

// result is what a run did.
type result struct {
	code           int
	stdout, stderr string
}

func run(t *testing.T, args ...string) result {
	t.Helper()
	return runUntil(t.Context(), nil, args...)
}

// runUntil tells seen of each statement.
func runUntil(ctx context.Context, seen func(engine.Statement), args ...string) (r result) {
	var stdout, stderr bytes.Buffer
	p := program{stdout: &stdout, stderr: &stderr, observe: seen}
	r.code = p.run(ctx, args)
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return r
}

// refused wants exit code 1 and one line on standard error that says want.
func refused(t *testing.T, r result, want string) {
	t.Helper()
	if r.code != 1 || r.stdout != "" {
		t.Errorf("exit code %d, output %q", r.code, r.stdout)
	}
	if strings.Count(r.stderr, "\n") != 1 || !strings.HasPrefix(r.stderr, "shop: ") || !strings.Contains(r.stderr, want) {
		t.Errorf("said %q, want one line with %q", r.stderr, want)
	}
}

// summary is what a run has printed.
type summary struct {
	figures
	sold, orders, left int
}

func mustRun(t *testing.T, args ...string) (s summary) {
	t.Helper()
	r := run(t, args...)
	if r.code != 0 || r.stderr != "" {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	i := strings.Index(r.stdout, "200 buyers:")
	if i < 0 {
		t.Fatalf("no summary in\n%s", r.stdout)
	}
	if _, err := fmt.Sscanf(r.stdout[i:], "200 buyers: %d orders made, %d refused (out of stock), %d retries, %d duplicates answered\n"+
		"the books balance: %d pieces sold in %d orders, %d left\n", &s.made, &s.refused, &s.retries, &s.duplicates, &s.sold, &s.orders, &s.left); err != nil {
		t.Fatalf("%v in\n%s", err, r.stdout)
	}
	if lines := strings.Split(r.stdout[:i], "\n"); len(lines) != s.made+3 || strings.Count(r.stdout[:i], "×") < s.made {
		t.Errorf("%d orders were made, listed are\n%s", s.made, r.stdout[:i])
	}
	return s
}

// byHand changes a database.
func byHand(t *testing.T, url string, statements ...string) {
	t.Helper()
	db, err := engine.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// number is what a query for one number gives.
func number(t *testing.T, url, query string) (n int) {
	t.Helper()
	db, err := engine.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Get(t.Context(), &n, query); err != nil {
		t.Fatal(err)
	}
	return n
}

// requestNumbers are the numbers of the requests that made an order, by the run
// that they are of.
func requestNumbers(t *testing.T, url string) map[string][]int {
	t.Helper()
	db, err := engine.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var ids []string
	if err := db.Select(t.Context(), &ids, "SELECT id FROM requests"); err != nil {
		t.Fatal(err)
	}
	byRun := make(map[string][]int)
	for _, id := range ids {
		of, text, _ := strings.Cut(id, "-")
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		byRun[of] = append(byRun[of], n)
	}
	return byRun
}

// TestShop runs the program three times on one database and counts by SQL what it
// says.
func TestShop(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		orders := 0
		seen := make(map[string]bool)
		for i := range 3 {
			s := mustRun(t, "-db", url)
			// With these baskets each product has more takers of single pieces
			// than pieces, so all is sold.
			if s.sold != 10*(i+1) || s.left != 0 {
				t.Errorf("run %d: %d sold, %d left", i+1, s.sold, s.left)
			}
			// A basket holds one to six pieces.
			if orders += s.made; s.orders != orders || s.made < 2 || s.made > 10 || s.made+s.refused != crowd {
				t.Errorf("run %d: %+v after %d orders", i+1, s, orders-s.made)
			}
			duplicates := 0
			for of, numbers := range requestNumbers(t, url) {
				if seen[of] {
					continue
				}
				seen[of] = true
				for _, n := range numbers {
					if habit(n-1)%habits != once {
						duplicates++
					}
				}
			}
			if len(seen) != i+1 || s.duplicates != duplicates {
				t.Errorf("run %d: %d duplicates answered, %d orders were asked for twice", i+1, s.duplicates, duplicates)
			}
			for query, want := range map[string]int{
				"SELECT count(*) FROM orders":                                             orders,
				"SELECT count(DISTINCT order_id) FROM lines":                              orders,
				"SELECT count(*) FROM requests":                                           orders,
				"SELECT sum(pieces) FROM lines":                                           s.sold,
				"SELECT sum(delivered - on_hand) FROM stocks":                             s.sold,
				"SELECT count(*) FROM stocks WHERE on_hand <> 0":                          0,
				"SELECT count(*) FROM customers":                                          crowd,
				"SELECT sum(total) - (SELECT sum(pieces * price) FROM lines) FROM orders": 0,
			} {
				if got := number(t, url, query); got != want {
					t.Errorf("run %d: %s: %d, want %d", i+1, query, got, want)
				}
			}
		}
	})
}

// TestInMemory has one connection for all.
func TestInMemory(t *testing.T) {
	if s := mustRun(t, "-db", "sqlite://:memory:", "-seed", "5"); s.sold != 10 || s.orders != s.made {
		t.Errorf("%+v", s)
	}
}

// TestTwoShops open on one new database at the same time: two crowds, and goods
// for one or two of them.
func TestTwoShops(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		var wg sync.WaitGroup
		results := make([]result, 2)
		for i := range results {
			wg.Go(func() { results[i] = run(t, "-db", url, "-seed", strconv.Itoa(i+1)) })
		}
		wg.Wait()
		for _, r := range results {
			if r.code != 0 {
				t.Error(r.stderr)
			}
		}
		if n := number(t, url, "SELECT sum(delivered) FROM stocks"); n < 10 || n > 20 {
			t.Errorf("%d pieces delivered", n)
		}
		if n := number(t, url, "SELECT sum(delivered - on_hand) - (SELECT sum(pieces) FROM lines) FROM stocks"); n != 0 {
			t.Errorf("%d pieces left the shelf that are in no order", n)
		}
	})
}

// TestBaskets are the same for the same seed, small, and for all habits.
func TestBaskets(t *testing.T) {
	var ids []int64
	for i := range crowd {
		ids = append(ids, int64(i+1))
	}
	list := []*Product{{ID: 1}, {ID: 2}, {ID: 3}, {ID: 4}}
	a, b, c := newBuyers("r", 1, ids, list), newBuyers("r", 1, ids, list), newBuyers("r", 2, ids, list)
	kinds := make(map[habit]int)
	differ := 0
	for i := range a {
		kinds[a[i].habit]++
		products := make(map[int64]bool)
		for _, item := range a[i].basket.Items {
			products[item.Product.ID] = true
			if item.Pieces < 1 || item.Pieces > 2 {
				t.Errorf("%d pieces", item.Pieces)
			}
		}
		if n := len(a[i].basket.Items); n < 1 || n > 3 || len(products) != n {
			t.Errorf("%d lines of %d products", n, len(products))
		}
		if !slices.Equal(a[i].basket.Items, b[i].basket.Items) {
			t.Error("another basket by the same seed")
		}
		if !slices.Equal(a[i].basket.Items, c[i].basket.Items) {
			differ++
		}
	}
	if !maps.Equal(kinds, map[habit]int{once: 67, doubtful: 67, impatient: 66}) || differ < crowd/2 {
		t.Errorf("habits %v, %d baskets differ by seed", kinds, differ)
	}
}

// TestTampered changes the database between two runs: the second must say so.
func TestTampered(t *testing.T) {
	const first = "(SELECT min(id) FROM orders)"
	for name, c := range map[string]struct{ change, want string }{
		"a piece found":   {"UPDATE stocks SET on_hand = on_hand + 1 WHERE product_id = (SELECT min(id) FROM products)", "lamp: 7 delivered and 0 on hand, but 8 in orders"},
		"a piece lost":    {"UPDATE stocks SET delivered = delivered + 1 WHERE product_id = (SELECT min(id) FROM products)", "lamp: 9 delivered and 0 on hand, but 8 in orders"},
		"no lines":        {"DELETE FROM lines WHERE order_id = " + first, "has no lines"},
		"another total":   {"UPDATE orders SET total = total + 1 WHERE id = " + first, "its lines are"},
		"no request":      {"DELETE FROM requests WHERE order_id = " + first, "was made by no request"},
		"a line enlarged": {"UPDATE lines SET pieces = pieces + 1 WHERE order_id = " + first, "its lines are"},
	} {
		t.Run(name, func(t *testing.T) {
			url := "sqlite:///" + filepath.Join(t.TempDir(), "shop.db")
			mustRun(t, "-db", url)
			byHand(t, url, c.change)
			r := run(t, "-db", url)
			refused(t, r, c.want)
			refused(t, r, "the books do not balance: ")
		})
	}
}

// TestWrongDatabase has nothing to do with a shop.
func TestWrongDatabase(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database\n", 100)), 0o666); err != nil {
		t.Fatal(err)
	}
	other := "sqlite:///" + filepath.Join(dir, "other.db")
	byHand(t, other, "CREATE TABLE products (weight INTEGER)")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-nonsense"}, "-nonsense"},
		{[]string{"-seed", "x"}, "seed"},
		{[]string{"lamp"}, `unexpected argument "lamp"`},
		{[]string{"-db", "shop.db"}, "sqlite://"},
		{[]string{"-db", ""}, ""},
		{[]string{"-db", "oracle://host/x"}, `unknown scheme "oracle"`},
		{[]string{"-db", "mysql://u:geheim@host/x"}, "mysql is not supported"},
		{[]string{"-db", "postgres://u:geheim@127.0.0.1:1/x"}, "postgres://u:xxxxx@127.0.0.1:1/x"},
		{[]string{"-db", "sqlite:///" + text}, "file is not a database"},
		{[]string{"-db", "sqlite:///" + dir}, "cannot open the database file"},
		{[]string{"-db", "sqlite:///" + filepath.Join(dir, "nowhere", "shop.db")}, "cannot open the database file"},
		{[]string{"-db", other}, "products"},
	} {
		r := run(t, c.args...)
		refused(t, r, c.want)
		if strings.Contains(r.stderr, "geheim") {
			t.Errorf("%q prints the password: %s", c.args, r.stderr)
		}
	}
	if b, err := os.ReadFile(text); err != nil || string(b) != strings.Repeat("no database\n", 100) {
		t.Errorf("the text file has changed: %v", err)
	}
	if r := run(t, "-h"); r.code != 0 || !strings.Contains(r.stdout, "-seed") {
		t.Errorf("-h: exit code %d, %q", r.code, r.stdout)
	}
}

// TestInterrupted leaves books that the next run finds balanced.
func TestInterrupted(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		for _, at := range []string{"CREATE TABLE", `INTO "customers"`, `INTO "lines"`, `UPDATE "stocks"`, `SELECT count(*) FROM "requests"`} {
			ctx, cancel := context.WithCancel(t.Context())
			var once sync.Once
			hit := false
			r := runUntil(ctx, func(s engine.Statement) {
				if strings.Contains(s.SQL, at) {
					once.Do(func() { hit = true; cancel() })
				}
			}, "-db", url)
			cancel()
			if !hit {
				t.Errorf("no %s was sent", at)
			}
			refused(t, r, "interrupted; what was sold until then is sold")
		}
		if s := mustRun(t, "-db", url); s.left != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestBuyerFails has the database refuse what one buyer sends.
func TestBuyerFails(t *testing.T) {
	url := "sqlite:///" + filepath.Join(t.TempDir(), "shop.db")
	mustRun(t, "-db", url)
	byHand(t, url, "CREATE TRIGGER no BEFORE INSERT ON lines BEGIN SELECT RAISE(ABORT, 'the till\nis stuck'); END")
	before := number(t, url, "SELECT count(*) FROM orders")
	r := run(t, "-db", url)
	refused(t, r, "buy ")
	refused(t, r, "the till; is stuck")
	if n := number(t, url, "SELECT count(*) FROM orders"); n != before {
		t.Errorf("%d orders, before %d", n, before)
	}
}

// TestBalance has books and answers that do not agree.
func TestBalance(t *testing.T) {
	for name, c := range map[string]struct {
		told []answer
		want string
	}{
		"as it is":        {[]answer{{Receipt: Receipt{OrderID: 1}}, {Receipt: Receipt{OrderID: 1, Again: true}}}, ""},
		"another order":   {[]answer{{Receipt: Receipt{OrderID: 1}}, {Receipt: Receipt{OrderID: 2, Again: true}}}, "the buyer told of 2"},
		"made twice":      {[]answer{{Receipt: Receipt{OrderID: 1}}, {Receipt: Receipt{OrderID: 1}}}, "made 2 times"},
		"never made":      {[]answer{{Receipt: Receipt{OrderID: 1, Again: true}}}, "made 0 times"},
		"made and denied": {[]answer{{refused: true}, {refused: true}}, "and the buyer refused"},
		"came in between": {[]answer{{refused: true}, {Receipt: Receipt{OrderID: 1}}}, ""},
	} {
		by := &buyer{basket: Basket{CustomerID: 7, Items: []Item{{Product: &Product{ID: 3}, Pieces: 2}}}, told: c.told}
		check := func(o *Order, want string) {
			t.Helper()
			err := by.agrees(o)
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
		check(soldOrder(7, 3, 2), c.want)
		if c.want == "" {
			check(soldOrder(8, 3, 2), "another customer")
			check(soldOrder(7, 4, 2), "other lines")
			check(soldOrder(7, 3, 1), "other lines")
			check(soldOrder(7), "has 0 lines")
			check(nil, "not in the books")
		}
	}
	if err := (&buyer{told: []answer{{refused: true}}}).agrees(nil); err != nil {
		t.Error(err)
	}
}

// soldOrder is order 1 of a customer, with at most one line.
func soldOrder(customer int64, line ...int64) *Order {
	o := &Order{ID: 1, CustomerID: customer}
	if err := o.Lines.Set(); err != nil {
		panic(err)
	}
	if len(line) == 2 {
		if err := o.Lines.Add(&Line{ProductID: line[0], Pieces: line[1]}); err != nil {
			panic(err)
		}
	}
	return o
}

func TestOneLine(t *testing.T) {
	if s := oneLine(errors.New("a\nb\r\nc")); s != "a; b; c" {
		t.Errorf("%q", s)
	}
}
