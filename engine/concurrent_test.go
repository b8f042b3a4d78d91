package engine_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
)

// TestManyGoroutines has more goroutines than connections write, read and fail
// at once.
func TestManyGoroutines(t *testing.T) {
	var s seen
	e := file(t, engine.PoolSize(2), engine.PoolOverflow(2), engine.Observer(s.observe))
	const workers, rounds = 12, 10
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for r := range rounds {
				id := w*rounds + r
				ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
				c, err := e.Acquire(ctx, "worker")
				if err != nil {
					t.Error(err)
					cancel()
					return
				}
				if err := c.Begin(ctx, engine.TxOptions{}); err != nil {
					t.Error(err)
				}
				if _, err := c.Exec(ctx, "INSERT INTO t (id) VALUES (?)", engine.Args(id)); err != nil {
					t.Error(err)
				}
				switch r % 3 {
				case 0:
					if err := c.Commit(ctx); err != nil {
						t.Error(err)
					}
				case 1:
					cancel() // Release rolls back
				case 2:
					if err := c.Rollback(ctx); err != nil {
						t.Error(err)
					}
				}
				cancel()
				c.Release()
				var n int
				if err := e.Get(context.Background(), &n, "SELECT count(*) FROM t"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := count(t, e); n != workers*4 {
		t.Errorf("%d rows, want %d", n, workers*4)
	}
	if st := e.DB().Stats(); st.InUse != 0 || st.OpenConnections > 2 {
		t.Errorf("%d in use, %d open", st.InUse, st.OpenConnections)
	}
}
