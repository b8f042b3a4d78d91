package statements_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Stat is what is known of an author's books.
type Stat struct {
	AuthorID int64
	Books    int64
	Dearest  *float64
}

type stats struct {
	schema.Table[Stat]
	AuthorID expr.Column[Stat, int64]
	Books    expr.Column[Stat, int64]
	Dearest  expr.Nullable[Stat, float64]
}

// perAuthor groups the books by author.
func perAuthor() repo.Selection[Stat] {
	return repo.Select(func(s *Stat) repo.Columns {
		return repo.Into(repo.To(&s.AuthorID, Books.AuthorID), repo.To(&s.Books, expr.Count(Books.ID)), repo.To(&s.Dearest, expr.Max(Books.Price)))
	}).From(Books).GroupBy(Books.AuthorID)
}

type line struct {
	Name    string
	Books   int64
	Dearest *float64
}

func lines(s *stats) repo.Selection[line] {
	return repo.Select(func(l *line) repo.Columns {
		return repo.Into(repo.To(&l.Name, Authors.Name), repo.To(&l.Books, s.Books), repo.To(&l.Dearest, s.Dearest))
	}).From(Authors).Join(s, expr.On(s.AuthorID, Authors.ID)).OrderBy(Authors.Name.Asc())
}

func show[S any](rows []S) string {
	out := ""
	for _, r := range rows {
		out += strings.ReplaceAll(fmt.Sprintf("%+v ", r), "+", "")
	}
	return out
}

func (l line) String() string {
	if l.Dearest == nil {
		return fmt.Sprintf("%s:%d:-", l.Name, l.Books)
	}
	return fmt.Sprintf("%s:%d:%g", l.Name, l.Books, *l.Dearest)
}

// A query is read from and joined like a table, as a subquery and as a common table
// expression, which may be read twice.
func TestQueriesAreReadLikeTables(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		ctx := t.Context()
		for _, s := range []*stats{repo.As[stats](perAuthor(), "per_author"), repo.CTE[stats](perAuthor(), "per_author")} {
			got, err := lines(s).All(ctx, db)
			if want := "Ann:2:20 Bob:1:30 Cy:3:60 "; err != nil || show(got) != want {
				t.Errorf("%s, %v instead of %s", show(got), err, want)
			}
			got, err = lines(s).Where(s.Books.Gt(1), s.Dearest.Lt(50)).All(ctx, db)
			if want := "Ann:2:20 "; err != nil || show(got) != want {
				t.Errorf("%s, %v instead of %s", show(got), err, want)
			}
			best := schema.As(s, "best")
			got, err = lines(s).LeftJoin(best, expr.AllOf(expr.On(best.Books, s.Books), best.AuthorID.Ne(1), best.AuthorID.NeTo(s.AuthorID))).
				Where(expr.IsNull(best.Dearest)).All(ctx, db)
			if want := "Ann:2:20 Bob:1:30 Cy:3:60 "; err != nil || show(got) != want {
				t.Errorf("twice: %s, %v instead of %s", show(got), err, want)
			}
		}
		// A query of a query of a query.
		s := repo.As[stats](perAuthor(), "s")
		outer := repo.As[stats](repo.Select(func(o *Stat) repo.Columns {
			return repo.Into(repo.To(&o.AuthorID, s.AuthorID), repo.To(&o.Books, expr.Add(s.Books, 100)), repo.To(&o.Dearest, s.Dearest))
		}).From(s).Where(s.Books.Ge(2)).OrderBy(s.Books.Desc()).Limit(1), "s")
		got, err := lines(outer).All(ctx, db)
		if want := "Cy:103:60 "; err != nil || show(got) != want {
			t.Errorf("nested: %s, %v instead of %s", show(got), err, want)
		}
		sum, err := repo.SelectValue(expr.Sum(s.Books)).From(s).One(ctx, db)
		if err != nil || sum == nil || *sum != 6 {
			t.Errorf("sum over a query: %v, %v", sum, err)
		}
	})
}

type chainLink struct {
	ID    int64
	Name  string
	Depth int64
}

type chain struct {
	schema.Table[chainLink]
	ID    expr.Column[chainLink, int64]
	Name  expr.Column[chainLink, string]
	Depth expr.Column[chainLink, int64]
}

func pupils(from int64, make func(string, repo.Selection[chainLink], func(*chain) repo.Selection[chainLink]) *chain) *chain {
	first := repo.Select(func(l *chainLink) repo.Columns {
		return repo.Into(repo.To(&l.ID, Authors.ID), repo.To(&l.Name, Authors.Name), repo.To(&l.Depth, expr.Val(int64(0))))
	}).From(Authors).Where(Authors.ID.Eq(from))
	return make("pupils", first, func(found *chain) repo.Selection[chainLink] {
		return repo.Select(func(l *chainLink) repo.Columns { // in another order than the first
			return repo.Into(repo.To(&l.Depth, expr.Add(found.Depth, 1)), repo.To(&l.ID, Authors.ID), repo.To(&l.Name, Authors.Name))
		}).From(Authors).Join(found, expr.On(Authors.MentorID, found.ID)).Where(found.Depth.Lt(10))
	})
}

func TestRecursion(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		ctx := t.Context()
		c := pupils(2, repo.Recursive[chain])
		read := func(c *chain) string {
			got, err := repo.Select(func(l *chainLink) repo.Columns {
				return repo.Into(repo.To(&l.ID, c.ID), repo.To(&l.Name, c.Name), repo.To(&l.Depth, c.Depth))
			}).From(c).OrderBy(c.Depth.Asc()).All(ctx, db)
			if err != nil {
				t.Fatal(err)
			}
			return show(got)
		}
		if got, want := read(c), "{ID:2 Name:Bob Depth:0} {ID:3 Name:Cy Depth:1} {ID:4 Name:Di Depth:2} "; got != want {
			t.Errorf("%s instead of %s", got, want)
		}
		n, err := repo.SelectValue(expr.CountAll()).From(c).One(ctx, db)
		if err != nil || n != 3 {
			t.Errorf("%d, %v", n, err)
		}
		// In a circle, rows that were found are left out.
		if _, err := repo.New[Author](db, repo.OwnUnit()).UpdateWhere(ctx, Authors.ID.Eq(1), Authors.MentorID.Set(4)); err != nil {
			t.Fatal(err)
		}
		ring := repo.RecursiveDistinct[chain]("ring", repo.Select(func(l *chainLink) repo.Columns {
			return repo.Into(repo.To(&l.ID, Authors.ID), repo.To(&l.Name, Authors.Name))
		}).From(Authors).Where(Authors.ID.Eq(3)), func(found *chain) repo.Selection[chainLink] {
			return repo.Select(func(l *chainLink) repo.Columns {
				return repo.Into(repo.To(&l.ID, Authors.ID), repo.To(&l.Name, Authors.Name))
			}).From(Authors).Join(found, expr.On(Authors.MentorID, found.ID))
		})
		if _, err := repo.SelectValue(ring.Depth).From(ring).All(ctx, db); err == nil || !strings.Contains(err.Error(), "Depth") {
			t.Errorf("a handle of a field that is not filled: %v", err)
		}
		type small struct {
			schema.Table[chainLink]
			ID   expr.Column[chainLink, int64]
			Name expr.Column[chainLink, string]
		}
		all := repo.RecursiveDistinct[small]("ring", repo.Select(func(l *chainLink) repo.Columns {
			return repo.Into(repo.To(&l.ID, Authors.ID), repo.To(&l.Name, Authors.Name))
		}).From(Authors).Where(Authors.ID.Eq(3)), func(found *small) repo.Selection[chainLink] {
			return repo.Select(func(l *chainLink) repo.Columns {
				return repo.Into(repo.To(&l.ID, Authors.ID), repo.To(&l.Name, Authors.Name))
			}).From(Authors).Join(found, expr.On(Authors.MentorID, found.ID))
		})
		ids, err := repo.SelectValue(all.ID).From(all).OrderBy(all.ID.Asc()).All(ctx, db)
		if err != nil || !slices.Equal(ids, []int64{1, 2, 3, 4}) {
			t.Errorf("a circle: %v, %v", ids, err)
		}
	})
}

func TestSetOperations(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		ctx := t.Context()
		titles := func(conds ...expr.Cond) repo.Selection[string] {
			return repo.SelectValue(Books.Title).From(Books).Where(conds...)
		}
		cheap, mid := titles(Books.Price.Le(30)), titles(Books.Price.Between(20, 40))
		for name, c := range map[string]struct {
			q    repo.Selection[string]
			want string
		}{
			"union":              {cheap.Union(mid), "A1 A2 B1 C1 "},
			"union all":          {cheap.UnionAll(mid), "A1 A2 A2 B1 B1 C1 "},
			"intersect":          {cheap.Intersect(mid), "A2 B1 "},
			"except":             {cheap.Except(mid), "A1 "},
			"three":              {cheap.Union(mid).Except(titles(Books.Title.Eq("B1"))), "A1 A2 C1 "},
			"right of three":     {cheap.Except(mid.Except(cheap)), "A1 A2 B1 "},
			"members with limit": {cheap.OrderBy(Books.Price.Desc()).Limit(1).Union(titles().OrderBy(Books.Price.Desc()).Limit(2)), "B1 C2 C3 "},
			"limit of all":       {cheap.Union(mid).OrderBy(Books.Title.Asc()).Limit(2).Offset(1), "A2 B1 "},
			"of itself":          {cheap.UnionAll(cheap).Intersect(cheap), "A1 A2 B1 "},
		} {
			got, err := c.q.OrderBy(Books.Title.Asc()).All(ctx, db)
			if out := strings.Join(got, " ") + " "; err != nil || out != c.want {
				t.Errorf("%s: %s, %v instead of %s", name, out, err, c.want)
			}
		}
		got, err := cheap.ExceptAll(mid).All(ctx, db)
		var lacks *dialect.UnsupportedError
		switch {
		case db.Dialect().Name() == "sqlite" && (!errors.As(err, &lacks) || !strings.Contains(err.Error(), "EXCEPT ALL")):
			t.Errorf("EXCEPT ALL on SQLite: %v, %v", got, err)
		case db.Dialect().Name() == "postgres" && (err != nil || len(got) != 1):
			t.Errorf("EXCEPT ALL: %v, %v", got, err)
		}
		desc, err := cheap.Union(mid).OrderBy(Books.Title.Desc()).First(ctx, db)
		if err != nil || desc != "C1" {
			t.Errorf("%s, %v", desc, err)
		}
		for what, q := range map[string]repo.Selection[string]{
			"Where": cheap.Union(mid).Where(Books.Price.Gt(1)), "GroupBy": cheap.Union(mid).GroupBy(Books.Price),
			"Join": cheap.Union(mid).Join(Authors, expr.On(Authors.ID, Books.AuthorID)), "From": cheap.Union(mid).From(Authors),
		} {
			if _, err := q.All(ctx, db); err == nil || !strings.Contains(err.Error(), what+" after a set operation") {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := cheap.Union(mid).OrderBy(Books.Price.Asc()).All(ctx, db); err == nil || !strings.Contains(err.Error(), "that the first query reads") {
			t.Errorf("an order by what is not read: %v", err)
		}
		other := repo.Select(func(s *Stat) repo.Columns { return repo.Into(repo.To(&s.AuthorID, Books.AuthorID)) }).From(Books)
		if _, err := perAuthor().Union(other).All(ctx, db); err == nil || !strings.Contains(err.Error(), "3 and 1 fields") {
			t.Errorf("other fields: %v", err)
		}
	})
}

func TestSubqueriesInConditions(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		ctx := t.Context()
		booksOf := repo.SelectValue(Books.ID).From(Books).Where(expr.On(Books.AuthorID, Authors.ID))
		mentor := schema.As(Authors, "mentor")
		for name, c := range map[string]struct {
			cond expr.Expr[Author]
			want string
		}{
			"exists":         {repo.Exists[Author](booksOf), "Ann Bob Cy "},
			"not exists":     {repo.NotExists[Author](booksOf), "Di "},
			"negated":        {expr.Not(repo.Exists[Author](booksOf)), "Di "},
			"both":           {expr.And(repo.Exists[Author](booksOf), expr.Or(Authors.Name.Eq("Cy"), repo.NotExists[Author](booksOf.Where(Books.Price.Gt(10))))), "Cy "},
			"in":             {repo.In(Authors.ID, repo.SelectValue(Books.AuthorID).From(Books).Where(Books.Price.Gt(25))), "Bob Cy "},
			"not in":         {repo.NotIn(Authors.ID, repo.SelectValue(Books.AuthorID).From(Books)), "Di "},
			"in, with NULLs": {repo.InNull(Authors.ID, repo.SelectValue(mentor.MentorID).From(mentor)), "Ann Bob Cy "},
			"a nullable in":  {repo.In(Authors.MentorID, repo.SelectValue(Books.AuthorID).From(Books)), "Bob Cy Di "},
			"value":          {Authors.ID.EqTo(repo.Sub(repo.SelectValue(Books.AuthorID).From(Books).OrderBy(Books.Price.Desc()).Limit(1))), "Cy "},
			"no value":       {Authors.ID.EqTo(repo.Sub(repo.SelectValue(Books.AuthorID).From(Books).Where(Books.ID.Eq(99)))), ""},
			"its own table": {repo.Exists[Author](repo.SelectValue(mentor.ID).From(mentor).Where(expr.On(mentor.ID, Authors.MentorID), mentor.City.IsNull())),
				"Cy "},
			// Inside, Authors is the subquery's own: all mentors are somebody's.
			"the same handles": {repo.In(Authors.ID, repo.SelectValue(Authors.ID).From(Authors).Where(Authors.Name.Eq("Bob"))), "Bob "},
			"a union":          {repo.In(Authors.ID, repo.SelectValue(Authors.ID).From(Authors).Where(Authors.ID.Eq(1)).Union(repo.SelectValue(Authors.ID).From(Authors).Where(Authors.ID.Eq(4)))), "Ann Di "},
			"two levels":       {repo.Exists[Author](booksOf.Where(Books.PriceIsTop())), "Cy "},
		} {
			if got := names(t, db, c.cond); got != c.want {
				t.Errorf("%s: %s instead of %s", name, got, c.want)
			}
		}
		// In UPDATE and DELETE, too.
		own := repo.New[Author](db, repo.OwnUnit())
		n, err := own.UpdateWhere(ctx, repo.NotExists[Author](booksOf), Authors.City.Set("nowhere"))
		if err != nil || n != 1 {
			t.Errorf("UPDATE: %d, %v", n, err)
		}
		n, err = repo.New[Book](db, repo.OwnUnit()).DeleteWhere(ctx, repo.In(Books.AuthorID, repo.SelectValue(Authors.ID).From(Authors).Where(Authors.Name.Eq("Cy"))))
		if err != nil || n != 3 {
			t.Errorf("DELETE: %d, %v", n, err)
		}
		n, err = own.DeleteWhere(ctx, expr.And(repo.NotExists[Author](booksOf), Authors.City.Eq("nowhere")))
		if err != nil || n != 1 {
			t.Errorf("DELETE: %d, %v", n, err)
		}
	})
}

// PriceIsTop is the condition that no book is dearer, by a subquery in a subquery.
func (b *books) PriceIsTop() expr.Expr[Book] {
	other := schema.As(Books, "other")
	return repo.NotExists[Book](repo.SelectValue(other.ID).From(other).Where(other.Price.GtTo(b.Price)))
}

type priced struct {
	Title string
	Over  *float64
	Sold  *int64
}

func TestSubqueriesAsValues(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		other := schema.As(Books, "other")
		average := repo.SelectValue(expr.Avg(other.Price)).From(other).Where(expr.On(other.AuthorID, Books.AuthorID))
		got, err := repo.Select(func(r *priced) repo.Columns {
			return repo.Into(repo.To(&r.Title, Books.Title), repo.To(&r.Over, repo.SubNull(average)), repo.To(&r.Sold, repo.SubNull(repo.SelectValue(other.Sold).From(other).Where(expr.On(other.ID, Books.ID)))))
		}).From(Books).Where(Books.Price.GtTo(repo.SubNull(average))).OrderBy(repo.SubNull(average).Desc(), Books.Title.Asc()).All(t.Context(), db)
		if err != nil || len(got) != 2 || got[0].Title != "C3" || *got[0].Over != 50 || *got[0].Sold != 1 || got[1].Title != "A2" || *got[1].Over != 15 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

type wish struct {
	Name string
	Most float64
	Note *string
	Day  time.Time
}

type wishes struct {
	schema.Table[wish]
	Name expr.Column[wish, string]
	Most expr.Column[wish, float64]
	Note expr.Nullable[wish, string]
	Day  expr.Column[wish, time.Time]
}

// A program's rows are joined like a table's.
func TestRowsOfTheProgram(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		ctx := t.Context()
		w := repo.Rows[wishes]("wishes", wish{Name: "Ann", Most: 15, Day: day}, wish{Name: "Cy", Most: 45, Note: p(`"'; --`), Day: day})
		type found struct {
			Title string
			Note  *string
			Day   time.Time
		}
		q := repo.Select(func(f *found) repo.Columns {
			return repo.Into(repo.To(&f.Title, Books.Title), repo.To(&f.Note, w.Note), repo.To(&f.Day, w.Day))
		}).From(Books).Join(Authors, expr.On(Authors.ID, Books.AuthorID)).
			Join(w, expr.AllOf(expr.On(w.Name, Authors.Name), Books.Price.LtTo(w.Most), expr.On(w.Day, Books.Out))).OrderBy(Books.Title.Asc())
		got, err := q.All(ctx, db)
		if err != nil || len(got) != 2 || got[0].Title != "A1" || got[0].Note != nil || got[1].Title != "C1" || *got[1].Note != `"'; --` || !got[1].Day.Equal(day) {
			t.Errorf("%+v, %v", got, err)
		}
		none := repo.Rows[wishes]("wishes", []wish{}...)
		if _, err := repo.SelectValue(none.Name).From(none).All(ctx, db); err == nil || !strings.Contains(err.Error(), "no rows") {
			t.Errorf("no rows: %v", err)
		}
	})
}

func TestScalar(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		ctx := t.Context()
		n, err := repo.SelectValue(expr.CountAll()).From(Books).Scalar(ctx, db)
		if err != nil || n != 6 {
			t.Errorf("%d, %v", n, err)
		}
		if _, err := repo.SelectValue(Books.Title).From(Books).Scalar(ctx, db); !errors.Is(err, repo.ErrMultiple) {
			t.Errorf("several rows: %v", err)
		}
		if _, err := repo.SelectValue(Books.Title).From(Books).Where(Books.ID.Eq(99)).Scalar(ctx, db); !errors.Is(err, repo.ErrNotFound) {
			t.Errorf("no row: %v", err)
		}
		if _, err := perAuthor().Scalar(ctx, db); err == nil || !strings.Contains(err.Error(), "3 values") {
			t.Errorf("several values: %v", err)
		}
	})
}

func TestLateral(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		top := repo.As[stats](repo.Select(func(s *Stat) repo.Columns {
			return repo.Into(repo.To(&s.AuthorID, Books.AuthorID), repo.To(&s.Books, Books.ID), repo.To(&s.Dearest, expr.Optional(Books.Price)))
		}).From(Books).Where(expr.On(Books.AuthorID, Authors.ID)).OrderBy(Books.Price.Desc()).Limit(1), "top")
		q := repo.Select(func(l *line) repo.Columns {
			return repo.Into(repo.To(&l.Name, Authors.Name), repo.To(&l.Books, expr.Coalesce(expr.Optional(top.Books), 0)), repo.To(&l.Dearest, top.Dearest))
		}).From(Authors).LeftJoinLateral(top, nil).OrderBy(Authors.ID.Asc())
		got, err := q.All(t.Context(), db)
		if db.Dialect().Name() == "sqlite" {
			var lacks *dialect.UnsupportedError
			if !errors.As(err, &lacks) || lacks.Construct != "LATERAL" {
				t.Errorf("%v, %v", got, err)
			}
			return
		}
		if want := "Ann:2:20 Bob:3:30 Cy:6:60 Di:0:- "; err != nil || show(got) != want {
			t.Errorf("%s, %v instead of %s", show(got), err, want)
		}
	})
}

// What cannot be is an error before the database sees it.
func TestFaultsOfStatements(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		ctx := t.Context()
		s := repo.As[stats](perAuthor(), "s")
		broken := repo.As[stats](perAuthor().Where(Authors.Name.Eq("x")), "s")
		type wrong struct {
			schema.Table[Stat]
			Books expr.Column[Stat, string]
			Other expr.Column[Stat, string]
		}
		bad := repo.As[wrong](perAuthor(), "s")
		for name, c := range map[string]struct {
			err  error
			want []string
		}{
			"not in FROM":       {errOf(repo.SelectValue(s.Books).From(Authors).All(ctx, db)), []string{"s.books", "not in FROM"}},
			"inner not in FROM": {errOf(repo.SelectValue(broken.Books).From(broken).All(ctx, db)), []string{"authors.name", "not in FROM"}},
			"handles":           {errOf(repo.SelectValue(bad.Books).From(bad).All(ctx, db)), []string{"Books", "Other"}},
			"cartesian":         {errOf(repo.SelectValue(s.Books).From(s).Join(Authors, Authors.ID.Eq(1)).All(ctx, db)), []string{"every row"}},
			"outer join":        {errOf(repo.SelectValue(s.Books).From(Authors).LeftJoin(s, expr.On(s.AuthorID, Authors.ID)).All(ctx, db)), []string{"Optional"}},
			"a name twice":      {errOf(repo.SelectValue(s.Books).From(s).Join(broken2(), expr.On(s.Books, s.AuthorID)).All(ctx, db)), []string{"tie"}},
			"no name": {errOf(func() ([]int64, error) {
				e := repo.As[stats](perAuthor(), "")
				return repo.SelectValue(e.Books).From(e).All(ctx, db)
			}()), []string{"name"}},
			"correlated in FROM": {errOf(func() ([]int64, error) {
				in := repo.As[stats](perAuthor().Where(expr.On(Books.AuthorID, Authors.ID)), "s")
				return repo.SelectValue(in.Books).From(Authors).Join(in, expr.On(in.AuthorID, Authors.ID)).All(ctx, db)
			}()), []string{"authors.id", "JoinLateral"}},
			"exists of a query that fails": {errOf(repo.New[Author](db).Untracked().Find(ctx, repo.Exists[Author](perAuthor().Limit(-1)))), []string{"Limit"}},
			"zero":                         {errOf(repo.New[Author](db).Untracked().Find(ctx, repo.Exists[Author](repo.Selection[int]{}))), []string{"zero"}},
		} {
			if c.err == nil {
				t.Errorf("%s: no error", name)
				continue
			}
			for _, w := range c.want {
				if !strings.Contains(strings.ToLower(c.err.Error()), strings.ToLower(w)) {
					t.Errorf("%s: %v does not say %q", name, c.err, w)
				}
			}
		}
	})
}

func broken2() *stats { return repo.As[stats](perAuthor(), "t") }

func errOf[S any](_ []S, err error) error { return err }

// A query flushes what its subqueries read.
func TestSubqueriesFlush(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		err := uow.Run(t.Context(), db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			b, err := repo.NewKeyed(db, Books.ID).Get(ctx, 1)
			if err != nil {
				return err
			}
			for i, read := range []func() (int64, error){
				func() (int64, error) {
					return repo.New[Author](db).Count(ctx, repo.Exists[Author](repo.SelectValue(Books.ID).From(Books).Where(Books.Title.Eq("new 0"))))
				},
				func() (int64, error) {
					s := repo.CTE[stats](perAuthor().Where(Books.Title.Eq("new 1")), "s")
					return repo.SelectValue(expr.CountAll()).From(s).One(ctx, db)
				},
				func() (int64, error) {
					n, err := repo.SelectValue(expr.CountAll()).From(Authors).Where(repo.In(Authors.ID, repo.SelectValue(Books.AuthorID).From(Books).Where(Books.Title.Eq("new 2")).
						Union(repo.SelectValue(Books.AuthorID).From(Books).Where(Books.Title.Eq("none"))))).One(ctx, db)
					return n, err
				},
			} {
				b.Title = fmt.Sprint("new ", i)
				if n, err := read(); err != nil || n == 0 {
					t.Errorf("read %d: %d, %v", i, n, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
