package paging_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

func seedJobs(t *testing.T, db *engine.Engine, n int) repo.Keyed[Job, int64] {
	t.Helper()
	jobs := repo.NewKeyed(db, Jobs.ID)
	must(t, uow.Run(context.Background(), db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		for i := range n {
			if err := jobs.Add(ctx, &Job{ID: int64(i + 1)}); err != nil {
				return err
			}
		}
		return nil
	}))
	return jobs
}

// TestWorkersTakeEachJobOnce: several workers take jobs from one table at once,
// each with a transaction a job, and no job is done twice.
func TestWorkersTakeEachJobOnce(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		const workers, n = 5, 60
		jobs := seedJobs(t, db, n)
		var mu sync.Mutex
		done := map[int64]int{}
		taken := map[int64]int{} // by worker
		var wg sync.WaitGroup
		for w := range int64(workers) {
			wg.Go(func() {
				for {
					var took *Job
					err := uow.Run(context.Background(), db, func(ctx context.Context, _ *uow.UnitOfWork) error {
						took = nil
						found, err := jobs.Where(Jobs.Done.Eq(false)).OrderBy(Jobs.ID.Asc()).Limit(1).ForUpdate(repo.SkipLocked()).All(ctx)
						if err != nil || len(found) == 0 {
							return err
						}
						took = found[0]
						took.Done, took.By = true, w+1
						return nil
					}, uow.Retry(50))
					if err != nil {
						t.Errorf("worker %d: %v", w, err)
						return
					}
					if took == nil {
						return
					}
					mu.Lock()
					done[took.ID]++
					taken[w]++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(done) != n {
			t.Errorf("%d of %d jobs were done", len(done), n)
		}
		for id, times := range done {
			if times != 1 {
				t.Errorf("job %d was done %d times", id, times)
			}
		}
		left, err := jobs.Untracked().Count(context.Background(), Jobs.Done.Eq(false))
		if err != nil || left != 0 {
			t.Errorf("%d jobs are left, %v", left, err)
		}
	})
}

// TestLocksOfOthers: what a second unit does about rows that a first one holds.
func TestLocksOfOthers(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		// One that waits would wait for ever.
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		jobs := seedJobs(t, db, 3)
		if !db.Dialect().Capabilities().RowLocks { // options change nothing where no locks are taken
			must(t, uow.Run(ctx, db, func(ctx context.Context, _ *uow.UnitOfWork) error {
				for _, o := range []repo.LockOption{repo.SkipLocked(), repo.NoWait(), repo.Of(Jobs)} {
					if all, err := jobs.Query().ForUpdate(o).All(ctx); err != nil || len(all) != 3 {
						t.Errorf("%d rows, %v", len(all), err)
					}
				}
				return nil
			}))
			return
		}
		must(t, uow.Run(ctx, db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			_, err := jobs.Where(Jobs.ID.Eq(1)).ForShare(repo.Of(Jobs)).One(ctx)
			must(t, err)
			return uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
				all, err := jobs.Query().OrderBy(Jobs.ID.Asc()).ForUpdate(repo.SkipLocked(), repo.Of(Jobs)).All(ctx)
				if err != nil || len(all) != 2 || all[0].ID != 2 {
					t.Errorf("what is free is %d rows, %v", len(all), err)
				}
				page, err := jobs.Query().ForUpdate(repo.SkipLocked()).Page(ctx, 1, "")
				if err != nil || len(page.Items) != 1 || page.Items[0].ID != 2 || !page.More {
					t.Errorf("the first page of what is free: %+v, %v", page, err)
				}
				err = tx.Savepoint(ctx, func(ctx context.Context) error {
					_, err := jobs.Query().ForUpdate(repo.NoWait()).All(ctx)
					return err
				})
				var timeout *dialect.LockTimeout
				if !errors.As(err, &timeout) || !errors.Is(err, dialect.ErrLockTimeout) {
					t.Errorf("NoWait: %v", err)
				}
				// A lock that others share is had at once.
				if n, err := jobs.Where(Jobs.ID.Eq(1)).ForShare(repo.NoWait()).All(ctx); err != nil || len(n) != 1 {
					t.Errorf("ForShare: %d rows, %v", len(n), err)
				}
				return nil
			}, uow.RequiresNew())
		}))
	})
}

// TestLocksAsSQL: the text of each lock, and what is wrong with one, on every
// database alike.
func TestLocksAsSQL(t *testing.T) {
	db := openJobs(t)
	q := repo.New[Job](db).Query()
	for end, q := range map[string]repo.Query[Job]{
		" FOR UPDATE":                       q.ForUpdate(),
		" FOR SHARE":                        q.ForShare(),
		" FOR UPDATE SKIP LOCKED":           q.ForUpdate(repo.SkipLocked()),
		" FOR SHARE NOWAIT":                 q.ForShare(repo.NoWait(), nil),
		` FOR UPDATE OF "jobs"`:             q.ForUpdate(repo.Of(Jobs)),
		` FOR UPDATE OF "jobs" SKIP LOCKED`: q.ForUpdate(repo.SkipLocked(), repo.Of(Jobs, Jobs)),
		` FOR SHARE OF "jobs"`:              q.ForUpdate(repo.NoWait()).ForShare(repo.Of(Jobs)),
	} {
		text, _, err := q.SQL(postgres.New())
		if err != nil || !strings.HasSuffix(text, `FROM "jobs"`+end) {
			t.Errorf("%s, %v, want it to end in %q", text, err, end)
		}
		if text, _, err = q.SQL(sqlite.New()); err != nil || !strings.HasSuffix(text, `FROM "jobs"`) {
			t.Errorf("%s, %v", text, err)
		}
	}
	boss := schema.As(Jobs, "boss")
	for want, q := range map[string]repo.Query[Job]{
		"exclude each other":       q.ForUpdate(repo.NoWait(), repo.SkipLocked()),
		"Of no table":              q.ForUpdate(repo.Of()),
		"not made by":              q.ForUpdate(repo.Of(nil)),
		"things, which the query":  q.ForUpdate(repo.Of(Things)),
		"Of boss, which the query": q.ForShare(repo.Of(boss)),
	} {
		for _, d := range []dialect.Dialect{postgres.New(), sqlite.New()} {
			if _, _, err := q.SQL(d); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", d.Name(), err, want)
			}
		}
	}
}

// What returns no rows locks none, and says so.
func TestCountsTakeNoLocks(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		jobs, ctx := seedJobs(t, db, 2), context.Background()
		for what, q := range map[string]repo.Query[Job]{"update": jobs.Query().ForUpdate(), "share": jobs.Query().Untracked().ForShare(repo.NoWait())} {
			if n, err := q.Count(ctx); err == nil || n != 0 || !strings.Contains(err.Error(), "row lock") {
				t.Errorf("count for %s: %d, %v", what, n, err)
			}
			if is, err := q.Exists(ctx); err == nil || is || !strings.Contains(err.Error(), "row lock") {
				t.Errorf("exists for %s: %v, %v", what, is, err)
			}
		}
		if _, err := (repo.Query[Job]{}).ForUpdate().Count(ctx); !errors.Is(err, repo.ErrZero) {
			t.Errorf("of the zero query: %v", err)
		}
		if n, err := jobs.Query().Count(ctx); err != nil || n != 2 {
			t.Errorf("without a lock: %d, %v", n, err)
		}
	})
}
