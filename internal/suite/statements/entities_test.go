package statements_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

type authorBook struct {
	Author *Author
	Mentor *Author
	Title  *string
}

var mentors = schema.As(Authors, "mentors")

// withMentors reads authors, their mentors and the titles of their books.
func withMentors() repo.Selection[authorBook] {
	return repo.Select(func(r *authorBook) repo.Columns {
		return repo.Into(repo.ToEntity(&r.Author, Authors), repo.To(&r.Title, expr.Optional(Books.Title)), repo.ToEntity(&r.Mentor, mentors))
	}).From(Authors).LeftJoin(mentors, expr.On(Authors.MentorID, mentors.ID)).LeftJoin(Books, expr.On(Books.AuthorID, Authors.ID)).
		OrderBy(Authors.ID.Asc(), Books.ID.Asc())
}

func (r authorBook) String() string {
	mentor, title := "-", "-"
	if r.Mentor != nil {
		mentor = r.Mentor.Name
	}
	if r.Title != nil {
		title = *r.Title
	}
	return r.Author.Name + "/" + mentor + "/" + title
}

const allOfThem = "Ann/-/A1 Ann/-/A2 Bob/Ann/B1 Cy/Bob/C1 Cy/Bob/C2 Cy/Bob/C3 Di/Cy/- "

// Entities stand beside values: in a unit one pointer a row, which is tracked.
func TestEntitiesBesideValues(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		ctx := t.Context()
		rows, err := withMentors().All(ctx, db)
		if err != nil || show(rows) != allOfThem {
			t.Fatalf("%s, %v", show(rows), err)
		}
		if rows[0].Author == rows[1].Author {
			t.Error("without a unit each row has an entity of its own")
		}
		err = uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			rows, err := withMentors().All(ctx, db)
			if err != nil || show(rows) != allOfThem {
				t.Fatalf("%s, %v", show(rows), err)
			}
			ann, err := repo.NewKeyed(db, Authors.ID).Get(ctx, 1)
			if err != nil || rows[0].Author != ann || rows[1].Author != ann || rows[2].Mentor != ann {
				t.Errorf("%p, %v: %+v", ann, err, rows)
			}
			ann.Name = "Anna" // tracked, and flushed by the next query
			again, err := withMentors().First(ctx, db)
			if err != nil || again.Author != ann || again.Author.Name != "Anna" {
				t.Errorf("%v, %v", again, err)
			}
			names, err := repo.SelectValue(Authors.Name).From(Authors).Where(Authors.ID.Eq(1)).All(ctx, tx)
			if err != nil || len(names) != 1 || names[0] != "Anna" {
				t.Errorf("%v, %v", names, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		type counted struct {
			Author *Author
			Books  int64
		}
		groups, err := repo.Select(func(c *counted) repo.Columns {
			return repo.Into(repo.ToEntity(&c.Author, Authors), repo.To(&c.Books, expr.Count(Books.ID)))
		}).From(Authors).LeftJoin(Books, expr.On(Books.AuthorID, Authors.ID)).GroupBy(Authors.ID).OrderBy(Authors.ID.Asc()).All(ctx, db)
		out := ""
		for _, g := range groups {
			out += fmt.Sprint(g.Author.Name, g.Books, " ")
		}
		if err != nil || out != "Anna2 Bob1 Cy3 Di0 " {
			t.Errorf("%s, %v", out, err)
		}
		type nested struct {
			Book *Book
			ID   int64
		}
		type nestedHandles struct {
			schema.Table[nested]
			ID expr.Column[nested, int64]
		}
		q := repo.Select(func(n *nested) repo.Columns {
			return repo.Into(repo.ToEntity(&n.Book, Books), repo.To(&n.ID, Books.ID))
		}).From(Books)
		h := repo.As[nestedHandles](q, "n")
		for what, err := range map[string]error{
			"As":    errOf(repo.SelectValue(h.ID).From(h).All(ctx, db)),
			"Union": errOf(q.Union(q).All(ctx, db)),
		} {
			if err == nil || !strings.Contains(err.Error(), "no entities") {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// Streams yield what All returns, and let the unit be used between the rows.
func TestStreamsOfValues(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		ctx := t.Context()
		read := func(ctx context.Context, src repo.Source, each func(i int) error) (string, error) {
			out, i := "", 0
			for r, err := range withMentors().Stream(ctx, src) {
				if err != nil {
					return out, err
				}
				out += fmt.Sprint(r, " ")
				if err := each(i); err != nil {
					return out, err
				}
				i++
			}
			return out, nil
		}
		nothing := func(int) error { return nil }
		if out, err := read(ctx, db, nothing); err != nil || out != allOfThem {
			t.Errorf("%s, %v", out, err)
		}
		stop := errors.New("stop")
		if out, err := read(ctx, db, func(int) error { return stop }); !errors.Is(err, stop) || out != "Ann/-/A1 " {
			t.Errorf("%s, %v", out, err)
		}
		if n := db.DB().Stats().InUse; n != 0 {
			t.Errorf("%d connections are in use", n)
		}
		err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			books := repo.NewKeyed(db, Books.ID)
			out, err := read(ctx, db, func(i int) error {
				if err := books.Add(ctx, &Book{ID: int64(100 + i), AuthorID: 4, Title: fmt.Sprint("D", i), Out: day}); err != nil {
					return err
				}
				return tx.Flush(ctx)
			})
			if err != nil || out != allOfThem {
				t.Errorf("%s, %v", out, err)
			}
			if _, err := read(ctx, db, func(int) error { return stop }); !errors.Is(err, stop) {
				t.Errorf("%v", err)
			}
			n, err := books.Count(ctx)
			if err != nil || n != 13 {
				t.Errorf("%d books, %v", n, err)
			}
			return tx.Savepoint(ctx, func(ctx context.Context) error {
				_, err := read(ctx, tx, nothing)
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := read(gone, db, nothing); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		for _, err := range (repo.Selection[int]{}).Stream(ctx, db) {
			if !errors.Is(err, repo.ErrZero) {
				t.Errorf("zero: %v", err)
			}
		}
	})
}

// A long stream is read in batches.
func TestLongStreams(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		ctx := t.Context()
		numbers := repo.Recursive[chain]("numbers", repo.Select(func(l *chainLink) repo.Columns {
			return repo.Into(repo.To(&l.ID, expr.Val(int64(1))), repo.To(&l.Name, expr.Val("n")), repo.To(&l.Depth, expr.Val(int64(1))))
		}), func(found *chain) repo.Selection[chainLink] {
			return repo.Select(func(l *chainLink) repo.Columns {
				return repo.Into(repo.To(&l.ID, expr.Add(found.ID, 1)), repo.To(&l.Name, found.Name), repo.To(&l.Depth, found.Depth))
			}).From(found).Where(found.ID.Lt(1000))
		})
		q := repo.SelectValue(numbers.ID).From(numbers).OrderBy(numbers.ID.Asc())
		read := func(src repo.Source) {
			want := int64(1)
			for n, err := range q.Stream(ctx, src) {
				if err != nil || n != want {
					t.Fatalf("%d, %v instead of %d", n, err, want)
				}
				want++
			}
			if want != 1001 {
				t.Errorf("the stream ended before %d", want)
			}
		}
		read(db)
		if err := uow.Run(ctx, db, func(_ context.Context, tx *uow.UnitOfWork) error { read(tx); return nil }); err != nil {
			t.Fatal(err)
		}
	})
}

// A lock outside a unit of work ends with the query, with or without relations.
func TestLocksWithRelationsOutsideAUnit(t *testing.T) {
	town(t, func(t *testing.T, db *engine.Engine) {
		people := repo.New[Person](db).Untracked()
		for name, q := range map[string]repo.Query[Person]{
			"alone":          people.Query().ForUpdate(),
			"with relations": people.Query().ForUpdate().With(People.Notes),
			"shared":         people.Query().ForShare().With(People.Notes),
		} {
			got, err := q.OrderBy(People.ID.Asc()).All(t.Context())
			if err != nil || len(got) == 0 {
				t.Errorf("%s: %d, %v", name, len(got), err)
				continue
			}
			if notes, ok := got[0].Notes.Loaded(); ok != (name != "alone") || ok && len(notes) == 0 {
				t.Errorf("%s: notes %v, %v", name, notes, ok)
			}
		}
	})
}
