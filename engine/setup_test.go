package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
)

// lockedSetup is an engine whose connections find the database locked when they
// are set up, as often as times says.
func lockedSetup(t *testing.T, times int) (*Engine, func() int) {
	tried := 0
	f := &fake{fail: func(call, sql string, _ int) error {
		if sql != "SETUP" {
			return nil
		}
		if tried++; tried > times {
			return nil
		}
		return fmt.Errorf("locked: %w", dialect.ErrSerialization)
	}}
	e := newEngine(fakeDialect{}, config{kept: defaultKept, overflow: defaultOverflow, timeout: defaultTimeout}, nil)
	e.owned = true
	e.use(sql.OpenDB(&connector{e: e, inner: f, setup: []string{"SETUP"}}), "fake")
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if opened, closed := f.counts(); opened != closed {
			t.Errorf("%d connections opened, %d closed", opened, closed)
		}
	})
	return e, func() int { f.mu.Lock(); defer f.mu.Unlock(); return tried }
}

// A connection whose set-up finds the database locked waits for the lock.
func TestSetupWaitsForALock(t *testing.T) {
	e, tried := lockedSetup(t, 4)
	if _, err := e.ExecContext(context.Background(), "INSERT"); err != nil {
		t.Fatal(err)
	}
	if n := tried(); n != 5 {
		t.Errorf("the set-up was tried %d times, want 5", n)
	}
}

// It waits no longer than the caller does.
func TestSetupStopsWaitingWithTheContext(t *testing.T) {
	e, tried := lockedSetup(t, 1<<30)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := e.ExecContext(ctx, "INSERT")
	if !errors.Is(err, dialect.ErrSerialization) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a lock that is never given back: %v", err)
	}
	if d := time.Since(start); d > setupPatience/2 {
		t.Errorf("it took %v", d)
	}
	if tried() < 2 {
		t.Error("the set-up was tried once only")
	}
}

// What is no lock is not tried again.
func TestSetupFailsAtOnceOtherwise(t *testing.T) {
	tried := 0
	f := &fake{fail: func(call, sql string, _ int) error {
		if strings.HasPrefix(sql, "SETUP") {
			tried++
			return errors.New("no such pragma")
		}
		return nil
	}}
	e := newEngine(fakeDialect{}, config{kept: defaultKept, overflow: defaultOverflow, timeout: defaultTimeout}, nil)
	e.owned = true
	e.use(sql.OpenDB(&connector{e: e, inner: f, setup: []string{"SETUP"}}), "fake")
	defer e.Close()
	if _, err := e.ExecContext(context.Background(), "INSERT"); err == nil || !strings.Contains(err.Error(), "no such pragma") {
		t.Errorf("err = %v", err)
	}
	if tried != 1 {
		t.Errorf("the set-up was tried %d times", tried)
	}
}
