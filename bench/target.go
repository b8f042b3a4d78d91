package bench

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
)

// Result is a figure and the target that it has to meet.
type Result struct {
	What     string
	Database string // "" where none is asked
	Got      float64
	Limit    float64 // 0: a figure for information
	Unit     string
	Noisy    bool // it depends on the machine and on what else it does
	Detail   string
}

// Met reports whether the target is met.
func (r Result) Met() bool { return r.Limit == 0 || r.Got <= r.Limit }

func (r Result) String() string {
	return fmt.Sprintf("%s, %s: %.4g %s, at most %.4g", r.What, r.Database, r.Got, r.Unit, r.Limit)
}

// Print writes results as a table.
func Print(w io.Writer, rs []Result) {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "WHAT\tDATABASE\tGOT\tTARGET\tUNIT\t\tDETAIL")
	for _, r := range rs {
		limit, verdict := "", ""
		if r.Limit > 0 {
			limit, verdict = fmt.Sprintf("%.4g", r.Limit), "ok"
			if !r.Met() {
				verdict = "MISSED"
			}
		}
		fmt.Fprintf(tw, "%s\t%s\t%.3g\t%s\t%s\t%s\t%s\n", r.What, r.Database, r.Got, limit, r.Unit, verdict, r.Detail)
	}
	_ = tw.Flush()
}

// Settings say how thorough to be.
type Settings struct {
	Rounds     int
	StreamRows int
	Only       string       // one measure: loads, gets, writes, graphs, memory, inserts, streams; "" for all
	Progress   func(Result) // may be nil
}

type measure struct {
	name string
	take func(context.Context, Settings) ([]Result, error)
}

// All takes every measure that the stores allow.
func All(ctx context.Context, set Settings, stores ...*Store) ([]Result, error) {
	var out []Result
	for _, s := range stores {
		if s == nil {
			continue
		}
		measures := []measure{{"loads", s.Loads}, {"gets", s.Gets}, {"writes", s.Writes}, {"graphs", s.Graphs}, {"memory", s.Memory}, {"statements", s.Compiles}, {"projections", s.Projections}, {"streams", s.Streams}}
		if s.Name == "SQLite" {
			measures = append(measures, measure{"inserts", s.Inserts})
		}
		for _, m := range measures {
			if set.Only != "" && set.Only != m.name {
				continue
			}
			rs, err := m.take(ctx, set)
			if err != nil {
				return out, fmt.Errorf("bench: %s: %w", s.Name, err)
			}
			for _, r := range rs {
				if set.Progress != nil {
					set.Progress(r)
				}
			}
			out = append(out, rs...)
		}
	}
	return out, nil
}
