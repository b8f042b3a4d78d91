package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
)

func TestPoolTimeoutNamesHolders(t *testing.T) {
	e := file(t, engine.PoolSize(1), engine.PoolOverflow(1), engine.PoolTimeout(30*time.Millisecond))
	a, err := e.Acquire(t.Context(), "unit of work")
	must(t, err)
	defer a.Release()
	_, err = a.Exec(t.Context(), "SELECT 'what it did'", nil)
	must(t, err)
	rows, err := e.QueryxContext(t.Context(), "SELECT 'rows left open'")
	must(t, err)
	defer rows.Close()

	_, err = e.Acquire(t.Context(), "late")
	var p *engine.PoolTimeoutError
	if !errors.As(err, &p) || p.Kept != 1 || p.Overflow != 1 || len(p.Holders) != 2 {
		t.Fatalf("Acquire: %v", err)
	}
	for _, want := range []string{"all 2 (1 kept, 1 overflow)", "unit of work for ", "what it did", "hand-written SQL for ", "rows left open", "PoolTimeout"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("message lacks %q: %v", want, err)
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		t.Error("the pool's own timeout looks like the caller's")
	}

	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err = e.Acquire(ctx, "late")
	if !errors.As(err, &p) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Acquire: %v", err)
	}
	var n int
	if err := e.Get(t.Context(), &n, "SELECT 1"); !errors.As(err, &p) {
		t.Errorf("Get: %v", err)
	}

	got := make(chan error)
	go func() {
		c, err := e.Acquire(context.Background(), "next")
		if err == nil {
			c.Release()
		}
		got <- err
	}()
	a.Release()
	must(t, <-got)
}

func TestPoolKeepsAndOverflows(t *testing.T) {
	e := file(t, engine.PoolSize(2), engine.PoolOverflow(2))
	var held []*engine.Conn
	for range 4 {
		held = append(held, acquire(t, e))
	}
	if n := e.DB().Stats().OpenConnections; n != 4 {
		t.Errorf("%d open", n)
	}
	for _, c := range held {
		c.Release()
	}
	if n := e.DB().Stats().OpenConnections; n != 2 {
		t.Errorf("%d kept open, want 2", n)
	}
	if got := open(t, "sqlite://x.db").DB().Stats().MaxOpenConnections; got != 15 {
		t.Errorf("%d by default, want 15", got)
	}
}
