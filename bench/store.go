package bench

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	_ "github.com/glebarez/sqlite" // the drivers that are measured
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// PostgresVar names the environment variable that holds PostgreSQL's URL.
const PostgresVar = "DORMER_BENCH_POSTGRES"

// Rows is the number of rows in the table that is read.
const Rows = 10_000

// Store is one database, open twice: as Dormer's engine and as the pool that
// hand-written code uses.
type Store struct {
	Name    string
	DB      *engine.Engine
	Hand    *sql.DB
	Users   repo.Keyed[User, int64]
	Entries repo.Keyed[Entry, int64]

	Writers  repo.Keyed[Writer, int64]
	Articles repo.Keyed[Article, int64]

	writes  atomic.Int64 // statements of Dormer's other than BEGIN and COMMIT
	cleanup func()
}

// OpenSQLite makes a database file in dir and seeds it.
func OpenSQLite(ctx context.Context, dir string) (*Store, error) {
	path := filepath.Join(dir, "bench.db")
	s := &Store{Name: "SQLite"}
	return s, s.open(ctx, "sqlite:///"+path, "sqlite", path)
}

// OpenPostgres makes the tables in the database of PostgresVar and seeds them.
// It returns nil where the variable is not set.
func OpenPostgres(ctx context.Context) (*Store, error) {
	url := os.Getenv(PostgresVar)
	if url == "" {
		return nil, nil
	}
	s := &Store{Name: "PostgreSQL"}
	return s, s.open(ctx, url, "postgres", url)
}

func (s *Store) open(ctx context.Context, url, driver, dsn string) (err error) {
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if s.DB, err = engine.Open(url, engine.Observer(s.observe)); err != nil {
		return err
	}
	if s.Hand, err = sql.Open(driver, dsn); err != nil {
		return err
	}
	if driver == "sqlite" { // as Dormer sets its connections up
		s.Hand.SetMaxOpenConns(1)
		for _, p := range []string{"PRAGMA busy_timeout = 5000", "PRAGMA foreign_keys = ON", "PRAGMA journal_mode = WAL"} {
			if _, err := s.Hand.ExecContext(ctx, p); err != nil {
				return err
			}
		}
	}
	tables := []schema.Handle{Users, Entries, Bigs, Writers, Articles}
	if err := s.DB.DropAll(ctx, tables...); err != nil {
		return err
	}
	if err := s.DB.CreateAll(ctx, tables...); err != nil {
		return err
	}
	s.cleanup = func() { _ = s.DB.DropAll(context.WithoutCancel(ctx), tables...) }
	s.Users = repo.NewKeyed(s.DB, Users.ID)
	s.Entries = repo.NewKeyed(s.DB, Entries.ID)
	s.Writers, s.Articles = repo.NewKeyed(s.DB, Writers.ID), repo.NewKeyed(s.DB, Articles.ID)
	n, err := s.Users.Untracked().InsertAll(ctx, func(yield func(*User) bool) {
		for i := range Rows {
			if u := newUser(i); !yield(&u) {
				return
			}
		}
	})
	if err == nil && n != Rows {
		err = fmt.Errorf("bench: seeded %d of %d rows", n, Rows)
	}
	if err != nil {
		return err
	}
	_, err = s.Hand.ExecContext(ctx, "ANALYZE")
	return err
}

// observe counts the statements that a flush sends.
func (s *Store) observe(_ context.Context, st engine.Statement) {
	switch verb, _, _ := strings.Cut(st.SQL, " "); verb {
	case "BEGIN", "COMMIT", "ROLLBACK":
	default:
		s.writes.Add(1)
	}
}

// Statements counts the statements that f sends in a unit of work, its BEGIN and
// COMMIT aside.
func (s *Store) Statements(ctx context.Context, f func(ctx context.Context, u *uow.UnitOfWork) error) (int64, error) {
	before := s.writes.Load()
	err := uow.Run(ctx, s.DB, f)
	return s.writes.Load() - before, err
}

// Close drops the tables and closes both sides.
func (s *Store) Close() {
	if s.cleanup != nil {
		s.cleanup()
	}
	if s.Hand != nil {
		_ = s.Hand.Close()
	}
	if s.DB != nil {
		_ = s.DB.Close()
	}
}

// clear empties the table that is written.
func (s *Store) clear(ctx context.Context) error {
	_, err := s.Hand.ExecContext(ctx, "DELETE FROM bench_entries")
	return err
}
