package dormertest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
)

// Names are dormertest_<unix time>_<random>, so that what is old is told from
// its name.
const prefix = "dormertest_"

// leftAfter is the age after which a database that nobody is connected to was
// left behind, or is a template that a new one can be made for.
const leftAfter = 15 * time.Minute

func newName() string {
	return prefix + strconv.FormatInt(time.Now().Unix(), 10) + "_" + strings.ToLower(rand.Text()[:12])
}

// postgres makes a database on a PostgreSQL server.
func postgres(t testing.TB, s *set) (*engine.Engine, error) {
	ctx := context.Background()
	name := newName()
	tmpl := s.template()
	for attempt := 0; ; attempt++ {
		var from string
		err := tmpl.get(s.buildOnServer)
		if err == nil {
			from = tmpl.name
			err = s.asAdmin(ctx, func(admin *engine.Engine) error { return copyDatabase(ctx, admin, name, from) })
		}
		if err == nil {
			break
		}
		if !isState(err, undefinedDatabase) || from == "" || attempt == 3 {
			return nil, err
		}
		tmpl.lost(from) // another process took it for a leftover
	}
	t.Cleanup(func() {
		if err := s.asAdmin(ctx, func(admin *engine.Engine) error { return drop(ctx, admin, name) }); err != nil {
			t.Errorf("dormertest: drop database %s: %v", name, err)
		}
	})
	db, err := s.open(withPath(s.url, "/"+name))
	if err == nil {
		closing(t, db)
	}
	return db, err
}

// buildOnServer fills a database that tests' own are copied from.
func (s *set) buildOnServer(tmpl *template) error {
	ctx := context.Background()
	name := newName()
	err := s.asAdmin(ctx, func(admin *engine.Engine) error {
		if err := dropLeft(ctx, admin, s.url); err != nil {
			return err
		}
		return copyDatabase(ctx, admin, name, "template1")
	})
	if err != nil {
		return err
	}
	db, err := s.open(withPath(s.url, "/"+name))
	if err != nil {
		return err
	}
	err = s.fill(ctx, db)
	// A database that anyone is connected to cannot be copied.
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = s.asAdmin(ctx, func(admin *engine.Engine) error { return drop(ctx, admin, name) })
		return err
	}
	tmpl.name = name
	return nil
}

// asAdmin runs f on the database of the URL, with a pool that is gone afterwards:
// tests look for goroutines that are left.
func (s *set) asAdmin(ctx context.Context, f func(*engine.Engine) error) error {
	admin, err := engine.Open(s.url)
	if err != nil {
		return err
	}
	err = f(admin)
	if cerr := admin.Close(); err == nil {
		err = cerr
	}
	return err
}

// SQLSTATEs that are to be expected.
const (
	undefinedDatabase = "3D000"
	objectInUse       = "55006"
)

func isState(err error, state string) bool {
	var s interface{ SQLState() string }
	return errors.As(err, &s) && s.SQLState() == state
}

// copyDatabase makes a database from a template. Connections to it that are just
// ending, and the server's own work on it, are waited for.
func copyDatabase(ctx context.Context, admin *engine.Engine, name, from string) error {
	for attempt := 0; ; attempt++ {
		_, err := admin.Exec(ctx, fmt.Sprintf(`CREATE DATABASE %q TEMPLATE %q`, name, from))
		if err == nil || attempt == 20 || !isState(err, objectInUse) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func drop(ctx context.Context, admin *engine.Engine, name string) error {
	_, err := admin.Exec(ctx, fmt.Sprintf(`DROP DATABASE IF EXISTS %q WITH (FORCE)`, name))
	return err
}

// cleaned are the servers whose leftovers this process has looked for.
var cleaned sync.Map

// dropLeft drops what earlier processes have left, once per process and server.
// Another process may be about the same, so that failures mean nothing.
func dropLeft(ctx context.Context, admin *engine.Engine, url string) error {
	if _, done := cleaned.LoadOrStore(url, true); done {
		return nil
	}
	names, err := leftBehind(ctx, admin, time.Now())
	for _, n := range names {
		_, _ = admin.Exec(ctx, fmt.Sprintf(`DROP DATABASE IF EXISTS %q`, n))
	}
	return err
}

// leftBehind lists databases of ours that are old and that nobody is using.
func leftBehind(ctx context.Context, admin *engine.Engine, now time.Time) ([]string, error) {
	var all, left []string
	if err := admin.Select(ctx, &all, `SELECT datname FROM pg_database d WHERE starts_with(datname, $1)
		AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)`, prefix); err != nil {
		return nil, err
	}
	for _, n := range all {
		since, _, _ := strings.Cut(strings.TrimPrefix(n, prefix), "_")
		if sec, err := strconv.ParseInt(since, 10, 64); err == nil && now.Sub(time.Unix(sec, 0)) > leftAfter {
			left = append(left, n)
		}
	}
	return left, nil
}
