// Command ratios prints the table of Dormer's speed and memory targets with the
// figures reached here. It ends with status 1 if one is missed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/dormer-orm/dormer/bench"
)

func main() {
	rounds := flag.Int("rounds", bench.Rounds, "rounds that a ratio is the median of")
	rows := flag.Int("stream", 1_000_000, "rows to stream, a multiple of 10,000")
	only := flag.String("only", "", "one measure: loads, gets, writes, graphs, memory, inserts or streams")
	flag.Parse()
	// One that can end, as a server's request has.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	missed, err := run(ctx, bench.Settings{
		Rounds: *rounds, StreamRows: *rows, Only: *only,
		Progress: func(r bench.Result) { fmt.Fprintf(os.Stderr, "%s, %s: %.3g %s\n", r.What, r.Database, r.Got, r.Unit) },
	})
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "ratios:", err)
		defer os.Exit(2)
	case missed:
		defer os.Exit(1)
	}
}

func run(ctx context.Context, set bench.Settings) (missed bool, err error) {
	dir, err := os.MkdirTemp("", "dormer-bench")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	lite, err := bench.OpenSQLite(ctx, dir)
	if err != nil {
		return false, err
	}
	defer lite.Close()
	pg, err := bench.OpenPostgres(ctx)
	if err != nil {
		return false, err
	}
	if pg != nil {
		defer pg.Close()
	} else {
		fmt.Printf("PostgreSQL is left out: %s is not set.\n", bench.PostgresVar)
	}
	rs, err := bench.All(ctx, set, lite, pg)
	bench.Print(os.Stdout, rs)
	for _, r := range rs {
		missed = missed || !r.Met()
	}
	return missed, err
}
