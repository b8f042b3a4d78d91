// Command stdlib keeps an index of Go's standard library in a database: its
// packages, their files with sizes and line counts, and who imports whom. It is
// a whole program on Dormer: models with relations, packages that own files and
// import each other, domain services that embed repositories, and a unit of work
// that writes only what has changed.
//
//	go run ./examples/stdlib                                    index into stdlib.db, then report
//	go run ./examples/stdlib                                    again: 0 inserted, 0 updated, 0 deleted
//	go run ./examples/stdlib -db sqlite://:memory:              leave nothing behind
//	go run ./examples/stdlib -db postgres://user:pw@host/name   PostgreSQL, in an empty database
//	go run ./examples/stdlib -echo                              each SQL statement on standard error
//	go run ./examples/stdlib -stream                            read all files by iterator, too
//	go run ./examples/stdlib -why net/http                      how the package furthest up comes to import it, and what it imports
//	go run ./examples/stdlib -why unsafe -from net/http         how net/http comes to import unsafe
//	go list -json std >std.json; … -json std.json               without the go command
//
// Each run is a sync: it asks go list what there is, reads every file, loads what
// is stored, and writes the difference, in one transaction. Without a difference
// it sends no write and takes no lock for one.
//
// Whatever goes wrong, a signal included, ends in one line on standard error and
// exit code 1. Up to the end of the sync that leaves the database as it was before;
// what fails after it, as the report does on a full disk, leaves the sync done. A
// second signal ends the program at once.
//
// model.go has the tables, services.go the domain services, sync.go the unit of
// work, report.go and why.go what is printed, database.go what keeps other
// programs' databases safe, golist.go and read.go the input.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	_ "github.com/glebarez/sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/uow"
)

func main() {
	ctx, stop := untilSignal()
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
	phases     []phase
	progress   *progress
	synced     bool
}

// phase is a part of the run, how long it took and how many statements it sent.
type phase struct {
	name       string
	took       time.Duration
	statements int64
}

// flags are the command line.
type flags struct {
	db, json     string
	echo, stream bool
	why, from    string
}

// run does all and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	f, err := p.parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		err = p.index(ctx, f)
	}
	p.progress.clear()
	var unknown *uow.CommitUnknownError
	switch {
	case err == nil:
		return 0
	case ctx.Err() == nil || errors.As(err, &unknown):
		fmt.Fprintln(p.stderr, "stdlib:", oneLine(err))
	case p.synced:
		fmt.Fprintln(p.stderr, "stdlib: interrupted after the sync was done")
	default:
		fmt.Fprintln(p.stderr, "stdlib: interrupted; the database is as it was")
	}
	return 1
}

func (p *program) parse(args []string) (f flags, err error) {
	set := flag.NewFlagSet("stdlib", flag.ContinueOnError)
	set.StringVar(&f.db, "db", "sqlite://stdlib.db", "the database's `URL`: sqlite://file or postgres://…")
	set.StringVar(&f.json, "json", "", "a `file` with the output of go list -json std, in place of the go command")
	set.BoolVar(&f.echo, "echo", false, "write each SQL statement to standard error")
	set.BoolVar(&f.stream, "stream", false, "read all files by iterator at the end")
	set.StringVar(&f.why, "why", "", "a `package`: print the shortest import path to it, and the tree of what it imports")
	set.StringVar(&f.from, "from", "", "the `package` from which -why looks for the path; otherwise the one furthest away")
	set.SetOutput(io.Discard)
	err = set.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(p.stdout, "usage: stdlib [flags]: indexes Go's standard library in a database")
		set.SetOutput(p.stdout)
		set.PrintDefaults()
	case err != nil:
		err = fmt.Errorf("%w; -h lists the flags", err)
	case set.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q; -h lists the flags", set.Arg(0))
	case f.from != "" && f.why == "":
		err = errors.New("-from needs -why, the package to look for; -h lists the flags")
	}
	return f, err
}

// index is the main job.
func (p *program) index(ctx context.Context, f flags) (err error) {
	if !f.echo { // or the two would write over each other
		p.progress = newProgress(p.stderr)
	}
	var db *database
	if err := p.phase("open", func() error {
		db, err = openDatabase(ctx, f.db, engine.Observer(p.observer(f.echo)))
		return err
	}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close(!p.synced)) }()

	var list []*listing
	if err := p.phase("list", func() error {
		each := func(done int) { p.progress.count("listing packages", done, 0) }
		if f.json != "" {
			list, err = listFile(ctx, f.json, each)
		} else {
			list, err = goList(ctx, each)
		}
		return err
	}); err != nil {
		return err
	}
	var lib *library
	if err := p.phase("read", func() error {
		lib, err = readLibrary(ctx, list, func(done, of int) { p.progress.count("reading file", done, of) })
		return err
	}); err != nil {
		return err
	}
	if err := errors.Join(lib.check("-why", f.why), lib.check("-from", f.from)); err != nil {
		return err
	}
	s := newServices(db.Engine)
	var n counts
	if err := p.phase("sync", func() error {
		if err := db.makeFile(); err != nil {
			return err
		}
		n, err = s.sync(ctx, lib, db.empty, func(what string) { p.progress.say("syncing: %s", what) })
		return inTheWay("sync with "+db.String(), err, err)
	}); err != nil {
		return err
	}
	p.synced = true
	p.progress.clear()
	fmt.Fprintf(p.stdout, "%d inserted, %d updated, %d deleted\n", n.inserted, n.updated, n.deleted)

	if err := p.phase("report", func() error { return s.report(ctx, p.stdout) }); err != nil {
		return err
	}
	if f.why != "" {
		if err := p.phase("why", func() error { return p.explain(ctx, s, f.why, f.from) }); err != nil {
			return err
		}
	}
	if f.stream {
		if err := p.phase("stream", func() error { return s.stream(ctx, p.stdout) }); err != nil {
			return err
		}
	}
	return p.summary()
}

// phase times a part of the run and counts its statements.
func (p *program) phase(name string, f func() error) error {
	start, before := time.Now(), p.statements.Load()
	err := f()
	p.phases = append(p.phases, phase{name, time.Since(start), p.statements.Load() - before})
	return err
}

// observer counts statements and, if asked, echoes them.
func (p *program) observer(echo bool) func(context.Context, engine.Statement) {
	var mu sync.Mutex
	return func(_ context.Context, s engine.Statement) {
		p.statements.Add(1)
		if echo {
			mu.Lock()
			fmt.Fprintf(p.stderr, "%s -- %d arguments, %d rows, %s\n", strings.Join(strings.Fields(s.SQL), " "), s.Args, s.Rows, s.Duration.Round(time.Microsecond))
			mu.Unlock()
		}
		if p.observe != nil {
			p.observe(s)
		}
	}
}
