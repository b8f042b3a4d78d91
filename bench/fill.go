package bench

import (
	"context"
	"fmt"
	"iter"
	"runtime/metrics"

	"github.com/dormer-orm/dormer/repo"
)

// fills measures how far the heap grows while rows with chosen keys are inserted from
// an iterator, and while the same rows are upserted, garbage not yet collected
// included. The table is empty afterwards.
func (s *Store) fills(ctx context.Context, rows int) ([]Result, error) {
	bigs := repo.NewKeyed(s.DB, Bigs.ID).Untracked()
	clear := func() error {
		_, err := s.Hand.ExecContext(ctx, "DELETE FROM bench_bigs")
		return err
	}
	if err := clear(); err != nil {
		return nil, err
	}
	var out []Result
	for _, way := range []struct {
		what  string
		write func(iter.Seq[*Big]) (int64, error)
	}{
		{"InsertAll, peak heap above start", func(rows iter.Seq[*Big]) (int64, error) { return bigs.InsertAll(ctx, rows) }},
		{"upsert, peak heap above start", func(rows iter.Seq[*Big]) (int64, error) { return bigs.Upsert(rows).Update().Exec(ctx) }},
	} {
		start := heap()
		peak := start
		n, err := way.write(bigRows(rows, func(used float64) { peak = max(peak, used) }))
		if err == nil && n != int64(rows) {
			err = fmt.Errorf("%d of %d rows were written", n, rows)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, Result{What: way.what, Database: s.Name, Got: (peak - start) / 1e6, Limit: 50, Unit: "MB", Detail: fmt.Sprintf("%d rows", rows)})
	}
	return out, clear()
}

// bigRows makes rows with keys, and tells the heap in use every thousand.
func bigRows(n int, used func(float64)) iter.Seq[*Big] {
	return func(yield func(*Big) bool) {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for i := range n {
			if i%1000 == 0 {
				metrics.Read(sample)
				used(float64(sample[0].Value.Uint64()))
			}
			b := Big(newUser(i))
			b.ID = int64(i) + 1
			if !yield(&b) {
				return
			}
		}
	}
}
