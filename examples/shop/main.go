// Command shop has two hundred buyers fight for the last ten items, all at once,
// and then checks its books. It shows how to sell what is scarce without selling
// it twice: stock with optimistic locks, an idempotency table for requests that
// are sent more than once, and units of work that are run again when stale.
//
//	go run ./examples/shop                                    in shop.db; again: ten more items
//	go run ./examples/shop -db sqlite://:memory:              leave nothing behind
//	go run ./examples/shop -db postgres://user:pw@host/name   PostgreSQL
//	go run ./examples/shop -seed 7                            other baskets
//
// Each buyer has a small random basket, which is sold whole or not at all. A
// third of them send their request twice, and another third twice at the same
// time: they get one order. At the end the pieces in orders must be those that
// left the shelf, and what each buyer was told must be what is stored. Where it
// is not, or anything fails, there is one line on standard error and the exit
// code is 1. The shop makes its tables where they are missing, in any database
// that it is given; the books are those of all runs on it.
//
// model.go has the tables, services.go the domain services and how an order is
// made, buyers.go the crowd, books.go the audit.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	_ "github.com/glebarez/sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/engine"
)

// crowd is the number of buyers.
const crowd = 200

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := program{stdout: os.Stdout, stderr: os.Stderr}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// program is one run.
type program struct {
	stdout, stderr io.Writer
	// observe, where set, is told of each statement.
	observe func(engine.Statement)

	statements atomic.Int64
}

// run does all and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	url, seed, err := p.parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		err = p.sell(ctx, url, seed)
	}
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		fmt.Fprintln(p.stderr, "shop: interrupted; what was sold until then is sold")
	default:
		fmt.Fprintln(p.stderr, "shop:", oneLine(err))
	}
	return 1
}

func (p *program) parse(args []string) (url string, seed uint64, err error) {
	set := flag.NewFlagSet("shop", flag.ContinueOnError)
	set.StringVar(&url, "db", "sqlite://shop.db", "the database's `URL`: sqlite://file or postgres://…")
	set.Uint64Var(&seed, "seed", 1, "the `number` that the random baskets come from")
	set.SetOutput(io.Discard)
	err = set.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(p.stdout, "usage: shop [flags]: two hundred buyers of the last ten items")
		set.SetOutput(p.stdout)
		set.PrintDefaults()
	case err != nil:
		err = fmt.Errorf("%w; -h lists the flags", err)
	case set.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q; -h lists the flags", set.Arg(0))
	}
	return url, seed, err
}

// sell is the main job.
func (p *program) sell(ctx context.Context, url string, seed uint64) (err error) {
	start := time.Now()
	db, err := engine.Open(url, engine.Observer(func(_ context.Context, s engine.Statement) {
		p.statements.Add(1)
		if p.observe != nil {
			p.observe(s)
		}
	}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.CreateAll(ctx); err != nil {
		return err
	}
	s := newShop(db)
	customers, list, err := s.open(ctx, crowd)
	if err != nil {
		return err
	}
	buyers := newBuyers(rand.Text()[:8], seed, customers, list)
	if err := s.storm(ctx, buyers); err != nil {
		return err
	}
	b, err := s.read(ctx)
	if err != nil {
		return err
	}
	if err := b.balance(buyers); err != nil {
		return fmt.Errorf("the books do not balance: %w", err)
	}
	if err := b.print(p.stdout, buyers); err != nil {
		return err
	}
	n := count(buyers)
	sold, left := b.pieces()
	fmt.Fprintf(p.stdout, "%d buyers: %d orders made, %d refused (out of stock), %d retries, %d duplicates answered\n",
		len(buyers), n.made, n.refused, n.retries, n.duplicates)
	fmt.Fprintf(p.stdout, "the books balance: %d pieces sold in %d orders, %d left\n", sold, len(b.orders), left)
	_, err = fmt.Fprintf(p.stdout, "%s, %d SQL statements\n", time.Since(start).Round(time.Millisecond), p.statements.Load())
	return err
}

// oneLine is an error's text without line breaks.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
