package bench

import (
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"

	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

const memoryRows = 100_000

// heap is what is in use after a collection.
func heap() float64 {
	runtime.GC()
	runtime.GC() // finalizers and pools of the first
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// Memory compares the heap that a hundred thousand entities take in one unit of
// work with that of the same rows in structs made by hand, strings included.
func (s *Store) Memory(ctx context.Context, _ Settings) ([]Result, error) {
	if err := s.seedBigs(ctx, memoryRows); err != nil {
		return nil, err
	}
	plain, err := s.plainHeap(ctx)
	if err != nil {
		return nil, err
	}
	unit, err := s.unitHeap(ctx)
	if err != nil {
		return nil, err
	}
	return []Result{{What: "100,000 entities in a unit, heap", Database: s.Name, Got: unit / plain, Limit: 3, Unit: "× the structs",
		Detail: fmt.Sprintf("%.1f MB against %.1f MB", unit/1e6, plain/1e6)}}, nil
}

func (s *Store) plainHeap(ctx context.Context) (float64, error) {
	st, err := s.Hand.PrepareContext(ctx, "SELECT id, "+columns+" FROM bench_bigs")
	if err != nil {
		return 0, err
	}
	defer st.Close()
	before := heap()
	us, err := handPointers(ctx, st, make([]*User, 0, memoryRows))
	if err != nil {
		return 0, err
	}
	used := heap() - before
	if len(us) != memoryRows {
		err = fmt.Errorf("%d of %d rows", len(us), memoryRows)
	}
	runtime.KeepAlive(us)
	return used, err
}

func (s *Store) unitHeap(ctx context.Context) (used float64, err error) {
	bigs := repo.NewKeyed(s.DB, Bigs.ID)
	before := heap()
	err = uow.Run(ctx, s.DB, func(ctx context.Context, u *uow.UnitOfWork) error {
		es, err := bigs.Query().All(ctx)
		if err != nil {
			return err
		}
		used = heap() - before
		if len(es) != memoryRows {
			return fmt.Errorf("%d of %d rows", len(es), memoryRows)
		}
		runtime.KeepAlive(es)
		runtime.KeepAlive(u)
		return nil
	})
	return used, err
}

// seedBigs makes the big table n rows long, copies of the users.
func (s *Store) seedBigs(ctx context.Context, n int) error {
	if _, err := s.Hand.ExecContext(ctx, "DELETE FROM bench_bigs"); err != nil {
		return err
	}
	_, err := s.Hand.ExecContext(ctx, fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO bench_bigs (id, %[2]s) SELECT i * %[3]d + id, %[2]s FROM n CROSS JOIN bench_users`, n/Rows-1, columns, Rows))
	return err
}

// Streams measures how far the heap grows while a table is streamed, garbage not
// yet collected included, and before that while twice as many rows are written.
func (s *Store) Streams(ctx context.Context, set Settings) ([]Result, error) {
	filled, err := s.fills(ctx, 2*set.StreamRows)
	if err != nil {
		return nil, err
	}
	if err := s.seedBigs(ctx, set.StreamRows); err != nil {
		return nil, err
	}
	bigs := repo.NewKeyed(s.DB, Bigs.ID)
	free, err := streamHeap(ctx, set.StreamRows, bigs.Untracked().Repository)
	if err != nil {
		return nil, err
	}
	var tracked float64
	err = uow.Run(ctx, s.DB, func(ctx context.Context, _ *uow.UnitOfWork) error {
		tracked, err = streamHeap(ctx, set.StreamRows, bigs.Repository)
		return err
	})
	detail := fmt.Sprintf("%d rows", set.StreamRows)
	return append(filled, []Result{
		{What: "stream without a unit, peak heap above start", Database: s.Name, Got: free, Limit: 20, Unit: "MB", Detail: detail},
		{What: "stream in a unit, tracked, peak heap above start", Database: s.Name, Got: tracked, Limit: 20, Unit: "MB", Detail: detail},
	}...), err
}

func streamHeap(ctx context.Context, want int, r repo.Repository[Big]) (float64, error) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	start := heap()
	peak, n := start, 0
	for e, err := range r.Query().Stream(ctx) {
		if err != nil {
			return 0, err
		}
		if e.ID == 0 {
			return 0, fmt.Errorf("a row without a key")
		}
		if n++; n%1000 == 0 {
			metrics.Read(sample)
			peak = max(peak, float64(sample[0].Value.Uint64()))
		}
	}
	if n != want {
		return 0, fmt.Errorf("streamed %d of %d rows", n, want)
	}
	return (peak - start) / 1e6, nil
}
