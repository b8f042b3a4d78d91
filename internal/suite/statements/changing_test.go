package statements_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Archived is a book that is no longer sold.
type Archived struct {
	ID    int64
	Title string
	Price float64
	Note  string
}

type archives struct {
	schema.Table[Archived]
	ID    expr.Column[Archived, int64]
	Title expr.Column[Archived, string]
	Price expr.Column[Archived, float64]
	Note  expr.Column[Archived, string]
}

var Archives = schema.Define("archives", func(t *archives) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Note).Default("none").ZeroIsDefault()
}, schema.In(meta))

// Memo is a tenant's and has a version; it is deleted softly.
type Memo struct {
	ID      int64
	Tenant  int64
	Text    string
	Gone    *time.Time
	Version int
}

type memos struct {
	schema.Table[Memo]
	ID      expr.Column[Memo, int64]
	Tenant  expr.Column[Memo, int64]
	Text    expr.Column[Memo, string]
	Gone    expr.Nullable[Memo, time.Time]
	Version expr.Column[Memo, int]
}

var Memos = schema.Define("memos", func(t *memos) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.Version).Version()
	schema.SoftDelete[Memo](t.Gone)
	schema.Tenant[Memo](t.Tenant, "tenant")
}, schema.In(meta))

// moved is what is read of a book that is written.
type moved struct {
	ID    int64
	Title string
	Price float64
	Sold  *int64
}

type movedBooks struct {
	schema.Table[moved]
	ID    expr.Column[moved, int64]
	Title expr.Column[moved, string]
	Price expr.Column[moved, float64]
	Sold  expr.Nullable[moved, int64]
}

func asMoved(m *moved) repo.Columns {
	return repo.Into(repo.To(&m.ID, Books.ID), repo.To(&m.Title, expr.Concat(Books.Title, "!")), repo.To(&m.Price, Books.Price), repo.To(&m.Sold, Books.Sold))
}

// archive reads what is to be archived of handles.
func archive(of *movedBooks) repo.Selection[Archived] {
	return repo.Select(func(a *Archived) repo.Columns {
		return repo.Into(repo.To(&a.ID, of.ID), repo.To(&a.Title, of.Title), repo.To(&a.Price, of.Price))
	}).From(of)
}

var errUndo = errors.New("undo")

// writing calls f in a unit of work that is rolled back, where a WITH may write; elsewhere it
// checks that the dialect says so.
func writing(t *testing.T, f func(t *testing.T, ctx context.Context, tx *uow.UnitOfWork, db *engine.Engine) error) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		fill(t, db)
		err := uow.Run(t.Context(), db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			if err := f(t, ctx, tx, db); err != nil {
				return err
			}
			return errUndo
		})
		var lacks *dialect.UnsupportedError
		switch {
		case db.Dialect().Name() == "sqlite":
			if !errors.As(err, &lacks) || lacks.Construct != "a common table expression that writes" || lacks.Dialect != "sqlite" {
				t.Errorf("got %v", err)
			}
		case !errors.Is(err, errUndo):
			t.Fatal(err)
		}
	}, Authors, Books, Archives, Memos)
}

func eq[V comparable](t *testing.T, got, want V) {
	t.Helper()
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// titles are those of the books that are there.
func titles(t *testing.T, ctx context.Context, tx *uow.UnitOfWork) string {
	t.Helper()
	all, err := repo.SelectValue(Books.Title).From(Books).OrderBy(Books.ID.Asc()).All(ctx, tx)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// TestArchiveAndDelete: rows move to another table in one statement, and entities of
// theirs are gone.
func TestArchiveAndDelete(t *testing.T) {
	writing(t, func(t *testing.T, ctx context.Context, tx *uow.UnitOfWork, db *engine.Engine) error {
		bs, as := repo.NewKeyed(db, Books.ID), repo.NewKeyed(db, Archives.ID)
		first, err := bs.Get(ctx, 1)
		if err != nil {
			return err
		}
		kept, err := bs.Get(ctx, 6)
		if err != nil {
			return err
		}
		first.Price = 31 // flushed before: it stays
		gone := repo.Changing[movedBooks]("gone", bs.Deleting().Where(Books.Price.Lt(30)), asMoved)
		n, err := repo.InsertFrom(ctx, as, archive(gone).Where(gone.ID.Gt(0)))
		if err != nil {
			return err
		}
		eq(t, n, 1)
		eq(t, titles(t, ctx, tx), "A1 B1 C1 C2 C3")
		a, err := as.Get(ctx, 2)
		if err != nil {
			return err
		}
		eq(t, fmt.Sprint(*a), "{2 A2! 20 none}")
		second, err := bs.Get(ctx, 3)
		if err != nil {
			return err
		}
		// All of them go, whichever are read.
		gone = repo.Changing[movedBooks]("gone", bs.Deleting().Where(Books.AuthorID.In(1, 2)), asMoved)
		ids, err := repo.ReturningValue(ctx, repo.Inserting(as, archive(gone).Where(gone.Price.Gt(30))), Archives.ID)
		if err != nil {
			return err
		}
		eq(t, fmt.Sprint(ids), "[1]")
		for _, e := range []*Book{first, second} {
			if _, err := bs.Get(ctx, e.ID); !errors.Is(err, repo.ErrNotFound) {
				t.Errorf("%d: %v", e.ID, err)
			}
		}
		again, err := bs.Get(ctx, 6)
		eq(t, again == kept, true)
		return err
	})
}

// TestSelectionsThatWrite: what a statement writes is read, joined and grouped, and
// entities are read again.
func TestSelectionsThatWrite(t *testing.T) {
	writing(t, func(t *testing.T, ctx context.Context, tx *uow.UnitOfWork, db *engine.Engine) error {
		bs := repo.NewKeyed(db, Books.ID)
		held, err := bs.Get(ctx, 4)
		if err != nil {
			return err
		}
		dearer := repo.Changing[movedBooks]("dearer", bs.Updating(Books.Price.SetTo(expr.Mul(Books.Price, 2))).Where(Books.Price.Ge(40)), asMoved)
		type sum struct {
			Name string
			N    int64
			Top  *float64
		}
		sums, err := repo.Select(func(s *sum) repo.Columns {
			return repo.Into(repo.To(&s.Name, Authors.Name), repo.To(&s.N, expr.Count(dearer.ID)), repo.To(&s.Top, expr.Max(dearer.Price)))
		}).From(dearer).Join(Books, expr.On(Books.ID, dearer.ID)).Join(Authors, expr.On(Authors.ID, Books.AuthorID)).GroupBy(Authors.Name).All(ctx, tx)
		if err != nil {
			return err
		}
		eq(t, len(sums) == 1 && sums[0].Name == "Cy" && sums[0].N == 3 && *sums[0].Top == 120, true)
		again, err := bs.Get(ctx, 4)
		if err != nil {
			return err
		}
		eq(t, again == held && held.Price == 80, true)
		held.Price = 1 // not stale
		// Entities beside values are as they were before the statement, and then read again.
		type both struct {
			Book  *Book
			Price float64
		}
		cheap := repo.Changing[movedBooks]("cheap", bs.Updating(Books.Price.Set(5)).Join(Authors, expr.On(Authors.ID, Books.AuthorID)).Where(Authors.Name.Eq("Bob")), asMoved)
		row, err := repo.Select(func(b *both) repo.Columns {
			return repo.Into(repo.ToEntity(&b.Book, Books), repo.To(&b.Price, cheap.Price))
		}).From(cheap).Join(Books, expr.On(Books.ID, cheap.ID)).One(ctx, tx)
		if err != nil {
			return err
		}
		eq(t, row.Price, 5)
		book, err := bs.Get(ctx, row.Book.ID)
		if err != nil {
			return err
		}
		eq(t, book == row.Book && book.Price == 5, true)
		// First reads one row, and all are written; an alias reads them twice.
		twin := schema.As(dearer, "twin")
		dear, err := repo.SelectValue(dearer.Price).From(dearer).Join(twin, expr.On(twin.ID, dearer.ID)).OrderBy(twin.ID.Asc()).First(ctx, tx)
		if err != nil {
			return err
		}
		eq(t, dear, 200)
		n, err := bs.Where(Books.Price.Ge(200)).Count(ctx)
		if err != nil {
			return err
		}
		eq(t, n, 2)
		// What is inserted, and a common table expression within the one that writes.
		known := repo.CTE[ids](repo.Select(func(v *id) repo.Columns { return repo.Into(repo.To(&v.ID, Books.ID)) }).From(Books).Where(Books.Title.Eq("A2")), "known")
		copied := repo.Changing[movedBooks]("copied", bs.Deleting().Join(known, expr.On(known.ID, Books.ID)), asMoved)
		made := repo.Changing[archivedRows]("made", repo.Inserting(repo.New[Archived](db), archive(copied)), func(a *archivedRow) repo.Columns {
			return repo.Into(repo.To(&a.ID, Archives.ID), repo.To(&a.Note, Archives.Note))
		})
		notes, err := repo.SelectValue(expr.Concat(made.Note, "?")).From(made).All(ctx, tx)
		if err != nil {
			return err
		}
		eq(t, strings.Join(notes, " "), "none?")
		eq(t, titles(t, ctx, tx), "A1 B1 C1 C2 C3")
		return nil
	})
}

type (
	id  struct{ ID int64 }
	ids struct {
		schema.Table[id]
		ID expr.Column[id, int64]
	}
	archivedRow struct {
		ID   int64
		Note string
	}
	archivedRows struct {
		schema.Table[archivedRow]
		ID   expr.Column[archivedRow, int64]
		Note expr.Column[archivedRow, string]
	}
)

// TestWritesWithinAreNoReads: what reads alone does not run them.
func TestWritesWithinAreNoReads(t *testing.T) {
	writing(t, func(t *testing.T, ctx context.Context, tx *uow.UnitOfWork, db *engine.Engine) error {
		bs := repo.NewKeyed(db, Books.ID)
		gone := repo.Changing[movedBooks]("gone", bs.Deleting().Where(expr.Every[Book]()), asMoved)
		q := repo.SelectValue(gone.ID).From(gone)
		if db.Dialect().Name() == "sqlite" {
			_, err := q.All(ctx, tx)
			return err
		}
		in := repo.In(Books.ID, q)
		refused := map[string]func() error{
			"stream": func() error {
				for _, err := range q.Stream(ctx, tx) {
					return err
				}
				return nil
			},
			"stream of entities": func() error {
				for _, err := range bs.Where(in).Stream(ctx) {
					return err
				}
				return nil
			},
			"page":      func() error { _, err := q.UniqueBy(gone.ID).Page(ctx, tx, 1, ""); return err },
			"entities":  func() error { _, err := bs.Where(in).All(ctx); return err },
			"untracked": func() error { _, err := bs.Untracked().Where(in).All(ctx); return err },
			"count":     func() error { _, err := bs.Where(in).Count(ctx); return err },
			"exists":    func() error { _, err := bs.Where(in).Exists(ctx); return err },
			"update":    func() error { _, err := bs.UpdateWhere(ctx, in, Books.Price.Set(1)); return err },
			"update, join": func() error {
				_, err := bs.Updating(Books.Price.Set(1)).Join(gone, expr.On(gone.ID, Books.ID)).Exec(ctx)
				return err
			},
			"delete": func() error { _, err := bs.DeleteReturning(ctx, in); return err },
		}
		for name, f := range refused {
			if err := f(); err == nil || !strings.Contains(err.Error(), "repo.Changing") {
				t.Errorf("%s: %v", name, err)
			}
		}
		eq(t, titles(t, ctx, tx), "A1 A2 B1 C1 C2 C3")
		if _, err := q.All(context.Background(), db); !errors.Is(err, uow.ErrNoUnit) {
			t.Errorf("without a unit: %v", err)
		}
		quiet := uow.New(db, uow.ReadOnly())
		if _, err := q.All(ctx, quiet); !errors.Is(err, uow.ErrReadOnly) {
			t.Errorf("read-only: %v", err)
		}
		if err := quiet.Close(); err != nil {
			t.Error(err)
		}
		plan, err := tx.Explain(ctx, q)
		if err != nil || !strings.Contains(plan, "Delete") {
			t.Errorf("%s, %v", plan, err)
		}
		eq(t, titles(t, ctx, tx), "A1 A2 B1 C1 C2 C3")
		return nil
	})
}

// TestWritesWithinOfTenantsAndDeletedRows: rows of others are not written, versions
// count, and what is deleted softly stays.
func TestWritesWithinOfTenantsAndDeletedRows(t *testing.T) {
	type text struct{ Text string }
	type texts struct {
		schema.Table[text]
		Text expr.Column[text, string]
	}
	of := func(v *text) repo.Columns { return repo.Into(repo.To(&v.Text, Memos.Text)) }
	writing(t, func(t *testing.T, ctx context.Context, tx *uow.UnitOfWork, db *engine.Engine) error {
		ms := repo.New[Memo](db)
		mine, yours := repo.WithParameter(ctx, "tenant", int64(1)), repo.WithParameter(ctx, "tenant", int64(2))
		one := &Memo{ID: 1, Text: "a"}
		if err := ms.Add(mine, one, &Memo{ID: 2, Text: "b"}); err != nil {
			return err
		}
		if err := tx.Flush(mine); err != nil {
			return err
		}
		if err := ms.Add(yours, &Memo{ID: 3, Text: "c"}); err != nil {
			return err
		}
		if err := tx.Flush(yours); err != nil {
			return err
		}
		up := repo.Changing[texts]("up", ms.Updating(Memos.Text.SetTo(expr.Concat(Memos.Text, "x"))).Where(expr.Every[Memo]()), of)
		read := repo.SelectValue(up.Text).From(up).OrderBy(up.Text.Asc())
		got, err := read.All(mine, tx)
		if err != nil {
			return err
		}
		eq(t, strings.Join(got, " "), "ax bx")
		if _, err := read.All(ctx, tx); !errors.Is(err, repo.ErrFilter) {
			t.Errorf("without a tenant: %v", err)
		}
		again, err := ms.Get(mine, 1)
		if err != nil {
			return err
		}
		eq(t, again == one && one.Text == "ax" && one.Version == 2, true)
		gone := repo.Changing[texts]("gone", ms.Deleting().Where(Memos.ID.Lt(3)), of)
		n, err := repo.InsertFrom(mine, repo.New[Archived](db), repo.Select(func(a *Archived) repo.Columns {
			return repo.Into(repo.To(&a.ID, expr.Length(gone.Text)), repo.To(&a.Title, gone.Text), repo.To(&a.Price, expr.Val(1.0)))
		}).From(gone).Where(gone.Text.Eq("ax")))
		if err != nil {
			return err
		}
		eq(t, n, 1)
		if _, err := ms.Get(mine, 2); !errors.Is(err, repo.ErrNotFound) {
			t.Errorf("deleted: %v", err)
		}
		all, err := ms.Unfiltered().Query().Count(ctx)
		if err != nil {
			return err
		}
		eq(t, all, 3)
		hands := repo.Changing[texts]("hands", ms.Updating(Memos.Tenant.Set(2)).Where(expr.Every[Memo]()), of)
		if _, err := repo.SelectValue(hands.Text).From(hands).All(mine, tx); err == nil || !strings.Contains(err.Error(), "change hands") {
			t.Errorf("got %v", err)
		}
		return nil
	})
}

// TestWhatMayNotWriteWithin is an error of the statement that reads it, before any SQL.
func TestWhatMayNotWriteWithin(t *testing.T) {
	writing(t, func(t *testing.T, ctx context.Context, tx *uow.UnitOfWork, db *engine.Engine) error {
		bs := repo.New[Book](db)
		type text struct{ Text string }
		type texts struct {
			schema.Table[text]
			Text expr.Column[text, string]
		}
		of := func(x expr.Yields[string]) func(*text) repo.Columns {
			return func(v *text) repo.Columns { return repo.Into(repo.To(&v.Text, x)) }
		}
		from := func(h *texts) error { _, err := repo.SelectValue(h.Text).From(h).All(ctx, tx); return err }
		every := bs.Deleting().Where(expr.Every[Book]())
		for want, err := range map[string]error{
			"authors.name is read":       from(repo.Changing[texts]("w", every, of(Authors.Name))),
			"zero repository":            from(repo.Changing[texts]("w", nil, of(Books.Title))),
			"zero repository or":         from(repo.Changing[texts]("w", repo.Change[Book]{}, of(Books.Title))),
			"no condition":               from(repo.Changing[texts]("w", bs.Deleting(), of(Books.Title))),
			"rows of the program":        from(repo.Changing[texts]("w", bs.Upsert(nil).Update(), of(Books.Title))),
			"known only as":              from(repo.Changing[texts]("w", repo.Inserting(repo.New[Memo](db), repo.Select(func(m *Memo) repo.Columns { return repo.Into(repo.To(&m.ID, Books.ID)) }).From(Books)), of(Memos.Text))),
			"called books, as a table":   from(repo.Changing[texts]("books", every, of(Books.Title))),
			"no function says what goes": from(repo.Changing[texts]("w", every, (func(*text) repo.Columns)(nil))),
		} {
			if db.Dialect().Name() == "sqlite" && err != nil && strings.Contains(err.Error(), "a common table expression that writes") {
				continue
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
		eq(t, titles(t, ctx, tx), "A1 A2 B1 C1 C2 C3")
		counted := repo.Changing[ids]("w", every, func(v *id) repo.Columns { return repo.Into(repo.To(&v.ID, expr.Count(Books.ID))) })
		if _, err := repo.SelectValue(counted.ID).From(counted).All(ctx, tx); err == nil || !strings.Contains(err.Error(), "goes over rows") {
			t.Errorf("got %v", err)
		}
		return from(repo.Changing[texts]("w", every, of(Books.Title)))
	})
}
