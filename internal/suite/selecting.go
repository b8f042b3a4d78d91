package suite

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// memberStat is a projection.
type memberStat struct {
	Name  string
	Posts int64
	Last  *string
}

func memberStats() repo.Selection[memberStat] {
	return repo.Select(func(s *memberStat) repo.Columns {
		return repo.Into(repo.To(&s.Name, Members.Name), repo.To(&s.Posts, expr.Count(Posts.ID)), repo.To(&s.Last, expr.Max(Posts.Title)))
	}).From(Members).LeftJoin(Posts, expr.On(Posts.AuthorID, Members.ID)).GroupBy(Members.Name).OrderBy(expr.Count(Posts.ID).Desc(), Members.Name.Asc())
}

func (s *suite) TestProjectionsOverJoins(t *testing.T) {
	n := s.net(t)
	n.seed(2, 2)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		n.must(n.members.Add(ctx, &Member{Name: "idle"}))
		rows, err := memberStats().All(ctx, n.db) // what is pending is written first
		n.must(err)
		eq(n.fix, len(rows), 3)
		eq(n.fix, rows[0].Name, "m0")
		eq(n.fix, rows[0].Posts, int64(2))
		eq(n.fix, *rows[1].Last, "p1.1")
		eq(n.fix, rows[2], memberStat{Name: "idle"})
		rows, err = memberStats().Having(expr.Count(Posts.ID).Gt(1)).Limit(1).Offset(1).All(ctx, tx)
		n.must(err)
		eq(n.fix, len(rows), 1)
		eq(n.fix, rows[0].Name, "m1")
		return nil
	})
	one, err := memberStats().Where(Members.Name.Eq("m1")).One(n.ctx, n.db) // outside a unit
	n.must(err)
	eq(n.fix, one.Posts, int64(2))
	_, err = memberStats().Where(Members.Name.Eq("nobody")).First(n.ctx, n.db)
	n.is(err, repo.ErrNotFound)
	_, err = memberStats().One(n.ctx, n.db)
	n.is(err, repo.ErrMultiple)
	none, err := memberStats().Where(Members.Name.Eq("nobody")).All(n.ctx, n.db)
	n.must(err)
	if none == nil || len(none) != 0 {
		t.Errorf("no rows are %#v", none)
	}
}

func (s *suite) TestProjectionsOfEveryKind(t *testing.T) {
	n := s.net(t)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		m := &Member{Name: "ann"}
		n.must(n.members.Add(ctx, m))
		return n.posts.Add(ctx, &Post{Title: "late", AuthorID: nil, CreatedAt: at})
	})
	type inner struct{ At time.Time }
	type row struct {
		inner
		Title  string
		Author *int64
		Null   sql.Null[int64]
		Upper  string
		Whose  *string
		Known  string
		Nested struct{ Latest *time.Time }
	}
	author := schema.As(Members, "author")
	rows, err := repo.Select(func(r *row) repo.Columns {
		return repo.Into(
			repo.To(&r.At, Posts.CreatedAt), repo.To(&r.Title, Posts.Title), repo.To(&r.Author, Posts.AuthorID), repo.ToNull(&r.Null, Posts.AuthorID),
			repo.To(&r.Upper, expr.Upper(Posts.Title)), repo.To(&r.Whose, expr.Optional(author.Name)), repo.To(&r.Known, expr.Coalesce(expr.Optional(author.Name), "nobody")),
			repo.To(&r.Nested.Latest, expr.Optional(Posts.CreatedAt)))
	}).From(Posts).LeftJoin(author, expr.On(Posts.AuthorID, author.ID)).Where(Posts.Title.Eq("late")).All(n.ctx, n.db)
	n.must(err)
	eq(n.fix, len(rows), 1)
	r := rows[0]
	if !r.At.Equal(at) || r.Title != "late" || r.Author != nil || r.Null.Valid || r.Upper != "LATE" || r.Whose != nil || r.Known != "nobody" || r.Nested.Latest == nil || !r.Nested.Latest.Equal(at) {
		t.Errorf("read %+v", r)
	}
}

func (s *suite) TestProjectionsThatAreWrong(t *testing.T) {
	n := s.net(t)
	type row struct {
		Name  string
		Title string
		N     int64
	}
	type holder struct{ *row }
	var elsewhere string
	name := func(r *row) repo.Columns { return repo.Into(repo.To(&r.Name, Members.Name)) }
	both := func(r *row) repo.Columns {
		return repo.Into(repo.To(&r.Name, Members.Name), repo.To(&r.Title, Posts.Title))
	}
	on := expr.On(Posts.AuthorID, Members.ID)
	for what, c := range map[string]struct {
		q interface {
			All(context.Context, repo.Source) ([]row, error)
		}
		says string
	}{
		"no From":           {repo.Select(name), "From"},
		"not in FROM":       {repo.Select(both).From(Members), "posts is not in FROM"},
		"order not in FROM": {repo.Select(name).From(Members).OrderBy(Posts.Title.Asc()), "posts.title"},
		"outer join":        {repo.Select(both).From(Members).LeftJoin(Posts, on), "expr.Optional"},
		"right join":        {repo.Select(both).From(Posts).RightJoin(Members, on), "posts.title"},
		"full join":         {repo.Select(name).From(Members).FullJoin(Posts, on), "members.name"},
		"bare column": {repo.Select(func(r *row) repo.Columns {
			return repo.Into(repo.To(&r.Name, Members.Name), repo.To(&r.N, expr.CountAll()))
		}).From(Members), "members.name stands beside aggregates"},
		"bare column in order": {repo.Select(func(r *row) repo.Columns { return repo.Into(repo.To(&r.N, expr.CountAll())) }).From(Members).OrderBy(Members.Name.Asc()), "members.name"},
		"product":              {repo.Select(both).From(Members).Join(Posts, expr.AllOf(Posts.Title.Eq("x"))), "CrossJoin"},
		"no condition":         {repo.Select(both).From(Members).Join(Posts, nil), "without a condition"},
		"nobody's table":       {repo.Select(name).From(nil), "From of no table"},
		"two Froms":            {repo.Select(name).From(Members).From(Posts), "twice"},
		"nil Where":            {repo.Select(name).From(Members).Where(nil), "nil condition"},
		"negative limit":       {repo.Select(name).From(Members).Limit(-1), "-1 rows"},
		"elsewhere":            {repo.Select(func(*row) repo.Columns { return repo.Into(repo.To(&elsewhere, Members.Name)) }).From(Members), "no field of the struct"},
		"twice": {repo.Select(func(r *row) repo.Columns {
			return repo.Into(repo.To(&r.Name, Members.Name), repo.To(&r.Name, Members.Name))
		}).From(Members), "Name is filled twice"},
		"nothing":     {repo.Select(func(*row) repo.Columns { return repo.Into() }).From(Members), "suite.row"},
		"no function": {repo.Select[row](nil).From(Members), "no function"},
	} {
		_, err := c.q.All(n.ctx, n.db)
		if err == nil {
			t.Errorf("%s: no error", what)
			continue
		}
		n.says(err, c.says)
	}
	_, err := repo.Select(func(h *holder) repo.Columns { return repo.Into(repo.To(&h.Name, Members.Name)) }).From(Members).All(n.ctx, n.db)
	n.says(err, "embedded pointer")
	_, err = repo.Select(func(i *int) repo.Columns { return repo.Into(repo.To(i, expr.Cast[int](Members.Name))) }).From(Members).All(n.ctx, n.db)
	n.says(err, "no struct")
	_, err = repo.Selection[row]{}.All(n.ctx, n.db)
	n.is(err, repo.ErrZero)
	_, err = repo.Select(name).From(Members).All(n.ctx, nil)
	n.says(err, "nil engine")
	ctx, cancel := context.WithCancel(n.ctx)
	cancel()
	if _, err = repo.Select(name).From(Members).All(ctx, n.db); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
	if _, err := repo.Select(both).From(Members).CrossJoin(Posts).All(n.ctx, n.db); err != nil { // asked for
		t.Error(err)
	}
	// A column is fixed by the key of its table.
	_, err = repo.Select(func(r *row) repo.Columns {
		return repo.Into(repo.To(&r.Name, Members.Name), repo.To(&r.N, expr.Count(Posts.ID)))
	}).From(Members).LeftJoin(Posts, on).GroupBy(Members.ID).All(n.ctx, n.db)
	n.must(err)
}
