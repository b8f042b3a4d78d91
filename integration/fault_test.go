package integration_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dormertest"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/integration/containers"
	"github.com/dormer-orm/dormer/internal/suite"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// rows counts the items, on connections that work.
func rows(t *testing.T, db *engine.Engine) (n int) {
	t.Helper()
	if err := db.Get(t.Context(), &n, "SELECT count(*) FROM items"); err != nil {
		t.Fatal(err)
	}
	return n
}

// The server goes away in the middle of units of work: typed errors, entities
// restored, connections given back, and a pool that works once it is there again.
func TestTheServerGoesAway(t *testing.T) {
	url := containers.Postgres(t)
	db := dormertest.Open(t, url, suite.Items)
	items := repo.NewKeyed(db, suite.Items.ID)
	if err := uow.Run(t.Context(), db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		return items.Add(ctx, &suite.Item{ID: 100, Name: "ann"})
	}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		away func() (back func())
	}{
		"killed":    {func() func() { return containers.Kill(t, url) }},
		"restarted": {func() func() { containers.Restart(t, url); return func() {} }},
		"terminated": {func() func() {
			admin, err := engine.Open(url)
			if err != nil {
				t.Fatal(err)
			}
			defer admin.Close()
			if _, err := admin.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname LIKE 'dormertest%'"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(50 * time.Millisecond)
			return func() {}
		}},
	} {
		for _, at := range []string{"reading", "flushing", "committing", "streaming", "hand-written SQL"} {
			var old *suite.Item
			fresh := &suite.Item{Name: "fresh"}
			back := func() {}
			attempts := 0
			err := uow.Run(t.Context(), db, func(ctx context.Context, tx *uow.UnitOfWork) (err error) {
				attempts++
				if old, err = items.Get(ctx, 100); err != nil {
					return err
				}
				old.Name = "changed"
				if err := items.Add(ctx, fresh); err != nil {
					return err
				}
				if at != "flushing" {
					if err := tx.Flush(ctx); err != nil {
						return err
					}
				}
				back = c.away()
				switch at {
				case "reading":
					_, err := items.Find(ctx)
					return err
				case "streaming":
					for _, err := range items.Query().Stream(ctx) {
						if err != nil {
							return err
						}
					}
				case "hand-written SQL":
					_, err := tx.Exec(ctx, "UPDATE items SET count = 1")
					return err
				}
				return nil
			}, uow.Retry(3))
			var unknown *uow.CommitUnknownError
			switch {
			case !errors.Is(err, dialect.ErrConnectionLost):
				t.Errorf("%s while %s: %v", name, at, err)
			case at == "committing" && !errors.As(err, &unknown):
				t.Errorf("%s while %s: %v is no CommitUnknownError", name, at, err)
			case attempts != 1:
				t.Errorf("%s while %s: tried %d times", name, at, attempts)
			}
			if old.Name != "ann" || fresh.ID != 0 {
				t.Errorf("%s while %s: not restored: %q, key %d", name, at, old.Name, fresh.ID)
			}
			if n := db.DB().Stats().InUse; n != 0 {
				t.Errorf("%s while %s: %d connections in use", name, at, n)
			}
			back()
			if n := rows(t, db); n != 1 {
				t.Errorf("%s while %s: %d rows", name, at, n)
			}
			if err := uow.Run(t.Context(), db, func(ctx context.Context, _ *uow.UnitOfWork) error {
				_, err := items.Get(ctx, 100)
				return err
			}); err != nil {
				t.Errorf("%s while %s: afterwards: %v", name, at, err)
			}
		}
	}
}

// A server that does not answer is left when the context ends.
func TestTheServerHangs(t *testing.T) {
	url := containers.Postgres(t)
	db := dormertest.Open(t, url, suite.Items)
	items := repo.NewKeyed(db, suite.Items.ID)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	resume := func() {}
	start := time.Now()
	err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		if _, err := items.Find(ctx); err != nil {
			return err
		}
		resume = containers.Pause(t, url)
		go func() { time.Sleep(3 * time.Second); resume() }()
		_, err := items.Find(ctx)
		return err
	})
	resume()
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("it took %v", d)
	}
	if n := db.DB().Stats().InUse; n != 0 {
		t.Errorf("%d connections in use", n)
	}
	if n := rows(t, db); n != 0 {
		t.Errorf("%d rows", n)
	}
}

// Databases of tests are dropped, and leftovers of killed processes too.
func TestDatabasesAreDropped(t *testing.T) {
	url := containers.Postgres(t)
	admin, err := engine.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	list := func() map[string]bool {
		var names []string
		if err := admin.Select(t.Context(), &names, "SELECT datname FROM pg_database"); err != nil {
			t.Fatal(err)
		}
		m := map[string]bool{}
		for _, n := range names {
			m[n] = true
		}
		return m
	}
	dormertest.Open(t, url, suite.Words) // makes the template
	before := list()
	var own string
	t.Run("inner", func(t *testing.T) {
		db := dormertest.Open(t, url, suite.Words)
		if err := db.Get(t.Context(), &own, "SELECT current_database()"); err != nil {
			t.Fatal(err)
		}
		if !list()[own] {
			t.Errorf("database %q is not there", own)
		}
	})
	after := list()
	if before[own] || after[own] || len(after) != len(before) {
		t.Errorf("%q is left among %v", own, after)
	}
	// A template that is gone is made again.
	for n := range after {
		if len(n) > 10 && n[:11] == "dormertest_" {
			_, _ = admin.Exec(t.Context(), `DROP DATABASE "`+n+`"`)
		}
	}
	db := dormertest.Open(t, url, suite.Words)
	if _, err := db.Exec(t.Context(), "SELECT 1 FROM words"); err != nil {
		t.Error(err)
	}
}
