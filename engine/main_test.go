package engine_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	_ "github.com/glebarez/go-sqlite"
	_ "github.com/lib/pq"
	"go.uber.org/goleak"

	"github.com/dormer-orm/dormer/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// seen collects what an observer is told.
type seen struct {
	mu   sync.Mutex
	list []engine.Statement
}

func (s *seen) observe(_ context.Context, st engine.Statement) {
	s.mu.Lock()
	s.list = append(s.list, st)
	s.mu.Unlock()
}

// take returns the statements seen since the last call.
func (s *seen) take() []engine.Statement {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.list
	s.list = nil
	return list
}

func (s *seen) texts() []string {
	var out []string
	for _, st := range s.take() {
		out = append(out, st.SQL)
	}
	return out
}

func open(t *testing.T, url string, opts ...engine.Option) *engine.Engine {
	t.Helper()
	e, err := engine.Open(url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// file opens a database in a file of its own, with a table t(id, name).
func file(t *testing.T, opts ...engine.Option) *engine.Engine {
	t.Helper()
	e := open(t, "sqlite:///"+filepath.Join(t.TempDir(), "test.db"), opts...)
	mustExec(t, e, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
	return e
}

func mustExec(t *testing.T, e *engine.Engine, sql string, args ...any) {
	t.Helper()
	if _, err := e.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func acquire(t *testing.T, e *engine.Engine) *engine.Conn {
	t.Helper()
	c, err := e.Acquire(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Release)
	return c
}

func count(t *testing.T, e *engine.Engine) int {
	t.Helper()
	var n int
	if err := e.Get(t.Context(), &n, "SELECT count(*) FROM t"); err != nil {
		t.Fatal(err)
	}
	return n
}
