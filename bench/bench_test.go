package bench

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// stores are opened once for all tests and benchmarks.
var stores struct {
	once         sync.Once
	dir          string
	sqlite, post *Store
	err          error
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, s := range []*Store{stores.sqlite, stores.post} {
		if s != nil {
			s.Close()
		}
	}
	if stores.dir != "" {
		_ = os.RemoveAll(stores.dir)
	}
	os.Exit(code)
}

// open returns the stores that can be measured here.
func open(tb testing.TB) []*Store {
	stores.once.Do(func() {
		ctx := context.Background()
		if stores.dir, stores.err = os.MkdirTemp("", "dormer-bench"); stores.err != nil {
			return
		}
		if stores.sqlite, stores.err = OpenSQLite(ctx, stores.dir); stores.err == nil {
			stores.post, stores.err = OpenPostgres(ctx)
		}
	})
	if stores.err != nil {
		tb.Fatal(stores.err)
	}
	if stores.post == nil {
		tb.Logf("PostgreSQL is left out: %s is not set", PostgresVar)
		return []*Store{stores.sqlite}
	}
	return []*Store{stores.sqlite, stores.post}
}

// each runs a benchmark on every store.
func each(b *testing.B, f func(b *testing.B, ctx context.Context, s *Store)) {
	for _, s := range open(b) {
		b.Run(s.Name, func(b *testing.B) {
			b.ReportAllocs()
			f(b, b.Context(), s)
		})
	}
}

func BenchmarkLoadHandWritten(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, s *Store) {
		st, err := s.Hand.PrepareContext(ctx, handSelect)
		if err != nil {
			b.Fatal(err)
		}
		defer st.Close()
		for b.Loop() {
			us, err := handLoad(ctx, st)
			if err := checkRows(len(us), err); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkLoadTracked(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, s *Store) {
		for b.Loop() {
			if err := s.loadTracked(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkLoadUntracked(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, s *Store) {
		for b.Loop() {
			if err := s.loadUntracked(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkGetHit(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, s *Store) {
		err := uow.Run(ctx, s.DB, func(ctx context.Context, u *uow.UnitOfWork) error {
			if _, err := s.Users.Query().All(ctx); err != nil {
				return err
			}
			for i := int64(0); b.Loop(); i++ {
				if _, err := s.Users.Get(ctx, i%Rows+1); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkGetMiss(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, s *Store) {
		for b.Loop() {
			err := uow.Run(ctx, s.DB, func(ctx context.Context, _ *uow.UnitOfWork) error {
				for id := int64(1); id <= 100; id++ {
					if _, err := s.Users.Get(ctx, id); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkFlushUnchanged flushes ten thousand entities without a change.
func BenchmarkFlushUnchanged(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, s *Store) {
		err := uow.Run(ctx, s.DB, func(ctx context.Context, u *uow.UnitOfWork) error {
			if _, err := s.Users.Query().All(ctx); err != nil {
				return err
			}
			for b.Loop() {
				if err := u.Flush(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkInsert1000(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, s *Store) {
		for b.Loop() {
			b.StopTimer()
			if err := s.clear(ctx); err != nil {
				b.Fatal(err)
			}
			es := newEntries(1000)
			b.StartTimer()
			if err := s.insert(ctx, es); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkInsert1000HandWritten(b *testing.B) {
	ctx, s := b.Context(), open(b)[0]
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		if err := s.clear(ctx); err != nil {
			b.Fatal(err)
		}
		es := newEntries(1000)
		b.StartTimer()
		if err := handInsert(ctx, s.Hand, es); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpdate1000 loads a thousand entities, changes two columns of each and
// flushes; the flush alone is timed.
func BenchmarkUpdate1000(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, s *Store) {
		if err := s.fill(ctx, 1000); err != nil {
			b.Fatal(err)
		}
		err := uow.Run(ctx, s.DB, func(ctx context.Context, u *uow.UnitOfWork) error {
			es, err := s.Entries.Query().All(ctx)
			if err != nil {
				return err
			}
			for b.Loop() {
				for _, e := range es {
					e.Age = (e.Age + 1) % 100
					e.Score++
				}
				if err := u.Flush(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkStream(b *testing.B) {
	each(b, func(b *testing.B, ctx context.Context, s *Store) {
		if err := s.seedBigs(ctx, Rows); err != nil {
			b.Fatal(err)
		}
		bigs := repo.NewKeyed(s.DB, Bigs.ID).Untracked()
		for b.Loop() {
			n := 0
			for _, err := range bigs.Query().Stream(ctx) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
			if n != Rows {
				b.Fatalf("%d rows", n)
			}
		}
	})
}
