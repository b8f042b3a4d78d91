package engine_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/engine"
)

func numbers(t *testing.T) (*engine.Engine, *seen) {
	s := new(seen)
	e := file(t, engine.Observer(s.observe))
	mustExec(t, e, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 1000) INSERT INTO t SELECT i, i FROM n")
	s.take()
	return e, s
}

func TestCursor(t *testing.T) {
	e, s := numbers(t)
	cur, err := e.OpenCursor(t.Context(), "stream", "SELECT id FROM t ORDER BY id", nil)
	must(t, err)
	sum, batches := int64(0), 0
	for more := true; more; batches++ {
		more, err = cur.Fetch(t.Context(), 256, func(v []driver.Value) error { sum += v[0].(int64); return nil })
		must(t, err)
	}
	if sum != 500500 || batches != 4 {
		t.Errorf("sum %d in %d batches", sum, batches)
	}
	must(t, cur.Close())
	if more, err := cur.Fetch(t.Context(), 1, nil); more || err != nil {
		t.Errorf("Fetch after the end: %v, %v", more, err)
	}
	if got := s.take(); len(got) != 1 || got[0].Rows != 1000 {
		t.Errorf("observed %+v", got)
	}
	if n := e.DB().Stats().InUse; n != 0 {
		t.Errorf("%d connections in use", n)
	}
}

func TestCursorClosedEarly(t *testing.T) {
	e, s := numbers(t)
	c := acquire(t, e)
	cur, err := c.Cursor(t.Context(), "SELECT id FROM t", nil)
	must(t, err)
	if _, err := cur.Fetch(t.Context(), 10, func([]driver.Value) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(t.Context(), "SELECT 1", nil); !errors.Is(err, engine.ErrRowsOpen) {
		t.Errorf("Exec under an open cursor: %v", err)
	}
	must(t, cur.Close())
	must(t, cur.Close())
	if got := s.take(); len(got) != 1 || got[0].Rows != 10 {
		t.Errorf("observed %+v", got)
	}
	if got := names(t, c, "SELECT count(*) FROM t"); got[0] != int64(1000) {
		t.Errorf("count %v", got)
	}
}

func TestCursorErrors(t *testing.T) {
	e, _ := numbers(t)
	if _, err := e.OpenCursor(t.Context(), "stream", "nonsense", nil); err == nil {
		t.Fatal("nonsense opened")
	}
	cur, err := e.OpenCursor(t.Context(), "stream", "SELECT id FROM t", nil)
	must(t, err)
	stop := errors.New("stop")
	if _, err := cur.Fetch(t.Context(), 5, func([]driver.Value) error { return stop }); err != stop {
		t.Errorf("Fetch: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cur, err = e.OpenCursor(ctx, "stream", "SELECT id FROM t", nil)
	must(t, err)
	cancel()
	if _, err := cur.Fetch(ctx, 5, func([]driver.Value) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Fetch: %v", err)
	}
	if err := cur.Close(); !errors.Is(err, context.Canceled) {
		t.Errorf("Close: %v", err)
	}
	if n := e.DB().Stats().InUse; n != 0 {
		t.Errorf("%d connections in use", n)
	}
	cur, err = e.OpenCursor(t.Context(), "stream", "SELECT id FROM t", nil)
	must(t, err)
	var p *engine.PanicError
	if _, err := cur.Fetch(t.Context(), 5, func([]driver.Value) error { panic("ouch") }); !errors.As(err, &p) {
		t.Errorf("Fetch: %v", err)
	}
	if n := e.DB().Stats().InUse; n != 0 {
		t.Errorf("%d connections in use", n)
	}
}
