// Command report is the back end of an admin's pages: reports, lists, a trash and
// edits over orders of several tenants, who do not see each other. It makes its own
// data, prints one tenant's figures and checks all of them against what it adds up
// in Go.
//
//	go run ./examples/report                                    in memory
//	go run ./examples/report -tenant south -seed 7              other figures
//	go run ./examples/report -db sqlite://report.db -serve :8080
//	go run ./examples/report -db postgres://user:pw@host/name -again
//
// With -serve it answers requests instead, with the data that the database has:
//
//	curl 'localhost:8080/north/orders?status=open&sort=-total&size=5'
//	curl 'localhost:8080/north/reports/categories'
//	curl -X PATCH localhost:8080/north/orders/1 -d '{"version": 1, "note": "called"}'
//
// The database must be empty of tenants, unless it is served as it is (-serve) or
// its tables are made anew (-again). Where a figure differs, or anything fails, there
// is one line on standard error and the exit code is 1.
//
// model.go and model_orders.go have the tables, generate.go the data; revenue.go,
// ranking.go, trees.go and segments.go the reports, list.go the list of orders, backend.go and
// trash.go what clerks do, nightly.go the jobs; http.go, request.go and view.go the requests;
// steps.go and audit.go the run and what must be true of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
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

	url, tenant, serve string
	seed               uint64
	size               int
	again              bool
	statements         atomic.Int64
}

// run does all and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	err := p.parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		err = p.work(ctx)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(p.stderr, "report:", oneLine(err))
	return 1
}

func (p *program) parse(args []string) error {
	set := flag.NewFlagSet("report", flag.ContinueOnError)
	set.StringVar(&p.url, "db", "sqlite://:memory:", "the database's `URL`: sqlite://file or postgres://…")
	set.StringVar(&p.tenant, "tenant", slugs[0], "the `tenant` whose figures are printed: "+strings.Join(slugs, ", "))
	set.StringVar(&p.serve, "serve", "", "answer requests at an `address` such as :8080")
	set.Uint64Var(&p.seed, "seed", 1, "the `number` that the data comes from")
	set.IntVar(&p.size, "size", 50, "the `rows` of a page")
	set.BoolVar(&p.again, "again", false, "drop the program's tables first")
	set.SetOutput(io.Discard)
	err := set.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(p.stdout, "usage: report [flags]: the back end of an admin's pages")
		set.SetOutput(p.stdout)
		set.PrintDefaults()
	case err != nil:
		err = fmt.Errorf("%w; -h lists the flags", err)
	case set.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q; -h lists the flags", set.Arg(0))
	case p.size < 1 || p.size > maxPage:
		err = fmt.Errorf("-size: a page has 1 to %d rows", maxPage)
	}
	return err
}

// work opens the database, fills it, and serves or reports.
func (p *program) work(ctx context.Context) (err error) {
	db, err := engine.Open(p.url, engine.Observer(func(context.Context, engine.Statement) { p.statements.Add(1) }))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if p.again {
		if err := db.DropAll(ctx); err != nil {
			return err
		}
	}
	if err := db.CreateAll(ctx); err != nil {
		return err
	}
	b := newBackend(db)
	there, err := b.tenants.Exists(ctx)
	switch {
	case err != nil:
		return err
	case there && p.serve == "":
		return errors.New("the database has tenants already: give an empty one, or -again to make the tables anew")
	case there:
		return p.answer(ctx, b)
	}
	all, err := generate(ctx, db, p.seed)
	if err != nil {
		return err
	}
	if p.serve != "" {
		return p.answer(ctx, b)
	}
	return p.report(ctx, b, all)
}

// answer serves requests until ctx ends, and those that have begun to their end.
func (p *program) answer(ctx context.Context, b Backend) error {
	s := server{Backend: b, size: p.size, log: func(err error) { fmt.Fprintln(p.stderr, "report:", oneLine(err)) }}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.serve)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "listening at http://%s\n", l.Addr())
	web := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		ended <- web.Shutdown(patient)
	})
	err = web.Serve(l)
	if !stop() { // Shutdown has begun: wait for it
		return <-ended
	}
	return err
}

// oneLine is an error's text without line breaks.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
