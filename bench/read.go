package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/uow"
)

// loadTracked reads all users in a unit of work, its begin and end included.
func (s *Store) loadTracked(ctx context.Context) error {
	return uow.Run(ctx, s.DB, func(ctx context.Context, _ *uow.UnitOfWork) error {
		us, err := s.Users.Query().All(ctx)
		return checkRows(len(us), err)
	})
}

func (s *Store) loadUntracked(ctx context.Context) error {
	us, err := s.Users.Untracked().Query().All(ctx)
	return checkRows(len(us), err)
}

func checkRows(n int, err error) error {
	if err == nil && n != Rows {
		err = fmt.Errorf("%d of %d rows", n, Rows)
	}
	return err
}

// Loads compares reading ten thousand rows.
func (s *Store) Loads(ctx context.Context, set Settings) ([]Result, error) {
	st, err := s.Hand.PrepareContext(ctx, handSelect)
	if err != nil {
		return nil, err
	}
	defer st.Close()
	base := side{run: func() error {
		us, err := handLoad(ctx, st)
		return checkRows(len(us), err)
	}}
	var out []Result
	for _, c := range []struct {
		what  string
		limit float64
		run   func(context.Context) error
	}{{"load 10,000 rows, tracked", 1.0, s.loadTracked}, {"load 10,000 rows, untracked", 0.85, s.loadUntracked}} {
		r, err := compare(set.Rounds, 5, base, side{run: func() error { return c.run(ctx) }})
		if err != nil {
			return nil, err
		}
		out = append(out, Result{What: c.what, Database: s.Name, Got: r.Ratio, Limit: c.limit, Unit: "× hand-written", Noisy: true, Detail: r.detail()})
	}
	return out, nil
}

func (c Comparison) detail() string { return fmt.Sprintf("%v against %v", c.Ours, c.Base) }

// Gets measures Get of what the unit of work has, and of what it has not.
func (s *Store) Gets(ctx context.Context, set Settings) ([]Result, error) {
	hit, err := s.getHit(ctx, set)
	if err != nil {
		return nil, err
	}
	misses, err := s.getMisses(ctx, set)
	if err != nil {
		return nil, err
	}
	clean, err := s.cleanEntities(ctx, set)
	return append(append(hit, misses), clean...), err
}

// getHit tells the time of the best round: it is absolute, and what else the
// machine does only adds to it.
func (s *Store) getHit(ctx context.Context, set Settings) ([]Result, error) {
	var out []Result
	err := uow.Run(ctx, s.DB, func(ctx context.Context, _ *uow.UnitOfWork) error {
		if _, err := s.Users.Query().All(ctx); err != nil {
			return err
		}
		before := s.writes.Load()
		var failed error
		get := func(id int64) {
			if u, err := s.Users.Get(ctx, id); err != nil || u.ID != id {
				failed = errors.Join(err, fmt.Errorf("get %d", id))
			}
		}
		id := int64(0)
		allocs := testing.AllocsPerRun(1000, func() { id = id%Rows + 1; get(id) })
		var times []float64
		for range set.Rounds {
			const n = 200_000
			start := time.Now()
			for i := range int64(n) {
				get(i%Rows + 1)
			}
			times = append(times, float64(time.Since(start))/n)
		}
		out = append(out,
			Result{What: "Get of a loaded entity", Database: s.Name, Got: slices.Min(times), Limit: 150, Unit: "ns", Noisy: true},
			Result{What: "Get of a loaded entity, allocations", Database: s.Name, Got: allocs, Limit: none, Unit: "allocations"},
			Result{What: "Get of a loaded entity, SQL", Database: s.Name, Got: float64(s.writes.Load() - before), Limit: none, Unit: "statements"})
		return failed
	})
	return out, err
}

// none is the limit of what must be 0.
const none = 1e-9

// getMisses compares a thousand Gets of rows that a unit has not, in one that
// holds ten thousand others of the same table and in an empty one.
func (s *Store) getMisses(ctx context.Context, set Settings) (Result, error) {
	const misses = 1000
	if err := s.fill(ctx, Rows+misses); err != nil {
		return Result{}, err
	}
	var ids []int64
	err := uow.Run(ctx, s.DB, func(ctx context.Context, _ *uow.UnitOfWork) error {
		es, err := s.Entries.Query().OrderBy(Entries.ID.Desc()).Limit(misses).All(ctx)
		for _, e := range es {
			ids = append(ids, e.ID)
		}
		return err
	})
	if err != nil {
		return Result{}, err
	}
	in := func(held int) (side, func()) {
		var u *uow.UnitOfWork
		shut := func() {
			if u != nil {
				_ = u.Close()
			}
		}
		return side{
			before: func() error {
				shut()
				u = uow.New(s.DB, uow.ReadOnly())
				es, err := s.Entries.Query().OrderBy(Entries.ID.Asc()).Limit(held).All(uow.With(ctx, u))
				if err == nil && len(es) != held {
					err = fmt.Errorf("%d of %d entities", len(es), held)
				}
				runtime.GC() // what loading left behind is not what is measured
				return err
			},
			run: func() error {
				ctx := uow.With(ctx, u)
				for _, id := range ids {
					if _, err := s.Entries.Get(ctx, id); err != nil {
						return err
					}
				}
				return nil
			},
		}, shut
	}
	base, shutBase := in(0)
	ours, shutOurs := in(Rows)
	defer shutBase()
	defer shutOurs()
	c, err := compare(set.Rounds, 3, base, ours)
	return Result{What: "1,000 Get misses among 10,000 entities", Database: s.Name, Got: c.Ratio, Limit: 1.1, Unit: "× an empty unit", Noisy: true, Detail: c.detail()}, err
}

// cleanEntities tells what a flush costs for each entity that has not changed, in
// the best round.
func (s *Store) cleanEntities(ctx context.Context, set Settings) ([]Result, error) {
	var out []Result
	n, err := s.Statements(ctx, func(ctx context.Context, u *uow.UnitOfWork) error {
		if _, err := s.Users.Query().All(ctx); err != nil {
			return err
		}
		var failed error
		flush := func() {
			if err := u.Flush(ctx); err != nil {
				failed = err
			}
		}
		allocs := testing.AllocsPerRun(10, flush)
		var times []float64
		for range set.Rounds {
			const n = 20
			start := time.Now()
			for range n {
				flush()
			}
			times = append(times, float64(time.Since(start))/n/Rows)
		}
		out = append(out,
			Result{What: "flush, each unchanged entity", Database: s.Name, Got: slices.Min(times), Limit: 40, Unit: "ns", Noisy: true},
			Result{What: "flush of 10,000 unchanged, allocations", Database: s.Name, Got: allocs, Limit: 10, Unit: "allocations"})
		return failed
	})
	out = append(out, Result{What: "flush of 10,000 unchanged, SQL", Database: s.Name, Got: float64(n - 1), Limit: none, Unit: "statements"})
	return out, err
}
