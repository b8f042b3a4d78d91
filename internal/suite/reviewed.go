package suite

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestALockingReadNeverOverwritesAChange(t *testing.T) {
	f := s.start(t)
	id := f.seed("ann")[0]
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.Get(ctx, id)
		f.must(err)
		e.Count = 51
		err = tx.NoAutoflush(func() error {
			_, err := f.items.Where(Items.ID.Eq(id)).ForUpdate().One(ctx)
			return err
		})
		f.is(err, uow.ErrChanged)
		eq(f, e.Count, 51)
		return nil
	})
	eq(f, f.number("SELECT count FROM items"), 51)
}

func (s *suite) TestSeveralStatementsInOneTextAreRefused(t *testing.T) {
	f := s.start(t)
	const two = "UPDATE items SET count = 1; UPDATE items SET count = 2"
	_, err := f.db.Exec(f.ctx, two)
	f.is(err, engine.ErrSeveralStatements)
	var n []int64
	f.is(f.db.Select(f.ctx, &n, "SELECT 1; SELECT 2"), engine.ErrSeveralStatements)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		_, err := tx.Exec(ctx, two)
		f.is(err, engine.ErrSeveralStatements)
		f.says(err, "uow: exec", "UPDATE items")
		_, err = tx.Exec(ctx, "UPDATE items SET name = 'a;b'; -- the end")
		return err
	})
}

func (s *suite) TestASwallowedFailureIsRollbackOnlyOnEveryDatabase(t *testing.T) {
	f := s.start(t)
	f.addDocs("a", "b")
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		_, err := f.docs.UpdateWhere(ctx, Docs.ID.Gt(0), Docs.Title.Set("same"))
		f.is(err, dialect.ErrUnique)
		return nil
	})
	f.is(err, uow.ErrRollbackOnly)
	err = f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		_, err := tx.Exec(ctx, "UPDATE docs SET title = 'same'")
		f.is(err, dialect.ErrUnique)
		return nil
	})
	f.is(err, uow.ErrRollbackOnly)
	// A division by zero is NULL on SQLite, an overflow of abs is an error in a later row.
	later := "SELECT 1/(3-g) FROM generate_series(1,3) g"
	if f.db.Dialect().Capabilities().SingleWriter {
		later = "SELECT abs(column1) FROM (VALUES (1),(2),(-9223372036854775807-1))"
	}
	read := func(rows interface {
		Next() bool
		Err() error
		Close() error
	}) error {
		for rows.Next() {
		}
		return errors.Join(rows.Err(), rows.Close())
	}
	for what, fail := range map[string]func(ctx context.Context, tx *uow.UnitOfWork) error{
		"a row": func(ctx context.Context, tx *uow.UnitOfWork) error {
			return tx.QueryRowxContext(ctx, "SELECT * FROM nowhere").Scan(new(int))
		},
		"a row never scanned": func(ctx context.Context, tx *uow.UnitOfWork) error {
			return tx.QueryRowxContext(ctx, "SELECT * FROM nowhere").Err()
		},
		"Get": func(ctx context.Context, tx *uow.UnitOfWork) error {
			return tx.Get(ctx, new(int), "SELECT * FROM nowhere")
		},
		"Select": func(ctx context.Context, tx *uow.UnitOfWork) error { return tx.Select(ctx, new([]int64), later) },
		"sqlx's rows": func(ctx context.Context, tx *uow.UnitOfWork) error {
			rows, err := tx.QueryxContext(ctx, later)
			if err != nil {
				return err
			}
			return read(rows)
		},
		"rows": func(ctx context.Context, tx *uow.UnitOfWork) error {
			rows, err := tx.QueryContext(ctx, later)
			if err != nil {
				return err
			}
			return read(rows)
		},
	} {
		var cause error
		err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
			f.must(f.docs.Add(ctx, &Doc{Title: what}))
			f.must(tx.Flush(ctx))
			cause = fail(ctx, tx)
			return nil
		})
		if cause == nil || !errors.Is(err, uow.ErrRollbackOnly) {
			t.Errorf("%s: %v, swallowed: %v", what, cause, err)
		}
		if strings.Contains(what, "a row") {
			f.is(cause, dialect.ErrUndefinedTable)
			f.is(err, dialect.ErrUndefinedTable)
		}
		f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
				f.must(f.docs.Add(ctx, &Doc{Title: "in"}))
				f.must(tx.Flush(ctx))
				_ = fail(ctx, tx)
				return nil
			}), uow.ErrRollbackOnly)
			return second(f.docs.Find(ctx))
		})
	}
	eq(f, f.number("SELECT count(*) FROM docs"), 2)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { // a savepoint is for going on
		err := tx.Savepoint(ctx, func(ctx context.Context) error {
			_, err := tx.Exec(ctx, "UPDATE docs SET title = 'same'")
			return err
		})
		f.is(err, dialect.ErrUnique)
		return nil
	})
}

func (s *suite) TestGeneratedKeysFollowTheOrderOfAdd(t *testing.T) {
	f := s.start(t)
	var ds []*Defaulted
	for i := range 6 {
		d := &Defaulted{}
		if i%2 == 1 {
			status, rank := "set", int64(3)
			d.Status, d.Rank, d.Code = &status, &rank, "c"
		}
		ds = append(ds, d)
	}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.defaulted.Add(ctx, ds...) })
	var keys []int64
	for _, d := range ds {
		keys = append(keys, d.ID)
	}
	eq(f, slices.IsSorted(keys), true)
	eq(f, keys[0] != 0, true)
}

func (s *suite) TestAComputedFieldCannotBeSet(t *testing.T) {
	f := s.start(t)
	e := &Stamped{Name: "ann"}
	no := errors.New("no")
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.stamped.Add(ctx, e))
		f.must(tx.Flush(ctx))
		return no
	})
	f.is(err, no)
	eq(f, *e, Stamped{Name: "ann"}) // what the database computed is taken back
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.stamped.Add(ctx, e) })
	err = f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		e, err := f.stamped.Get(ctx, e.ID)
		f.must(err)
		e.Loud = "set"
		return nil
	})
	as[*schema.ValueError](f, err)
	f.says(err, "computes")
}

func (s *suite) TestTextThatIsNotUTF8(t *testing.T) {
	f := s.start(t)
	for name, e := range map[string]*Item{
		"array": {Name: "x", Tags: []string{"\xff"}},
		"json":  {Name: "x", Info: schema.JSON[info]{V: info{Colour: "\xff"}}},
	} {
		err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Add(ctx, e) })
		if v := as[*schema.ValueError](f, err); v.Table != "items" {
			t.Errorf("%s: %v", name, err)
		}
	}
	real := &Item{Name: "\ufffd", Tags: []string{"\ufffd", `\ufffd`}, Info: schema.JSON[info]{V: info{Colour: "\ufffd"}}}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Add(ctx, real) })
	got, err := f.items.Untracked().Get(f.ctx, real.ID)
	f.must(err)
	eq(f, got.Tags, real.Tags)
	eq(f, got.Info, real.Info)
}

func (s *suite) TestForeignKeyViolationNamesTheTable(t *testing.T) {
	f := s.start(t)
	err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.books.Add(ctx, &Book{Title: "x", AuthorID: 99}, &Book{Title: "y", AuthorID: 98})
	})
	v := as[*dialect.ForeignKeyViolation](f, err)
	eq(f, v.Table, "books")
	eq(f, v.Columns, []string{"author_id"})
	eq(f, v.Constraint, "fk_books_author_id")
}

func (s *suite) TestCompositeKeysAllocateNothingOnAHit(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.pairs.Add(ctx, &Pair{A: 1 << 40, B: "b"}))
		f.must(tx.Flush(ctx))
		n := testing.AllocsPerRun(100, func() {
			if _, err := f.pairs.Get(ctx, 1<<40, "b"); err != nil {
				t.Fatal(err)
			}
		})
		eq(f, n, 0)
		return nil
	})
}

func (s *suite) TestRunOfNothingAndOfAUnitThatIsClosed(t *testing.T) {
	f := s.start(t)
	if err := uow.Run(f.ctx, f.db, nil); err == nil {
		t.Error("Run of a nil function succeeded")
	}
	err := uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.items.Add(ctx, &Item{Name: "lost"}))
		return tx.Close()
	})
	f.is(err, uow.ErrEnded)
	eq(f, f.number("SELECT count(*) FROM items"), 0)
}
