package suite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// net is the fixture of relations.
type net struct {
	*fix
	members  repo.Keyed[Member, int64]
	posts    repo.Keyed[Post, int64]
	comments repo.Keyed[Comment, int64]
	tags     repo.Keyed[Tag, int64]
	profiles repo.Keyed[Profile, int64]
	circles  repo.Keyed[Circle, int64]
	areas    repo.Keyed2[Area, string, int32]
	stations repo.Keyed[Station, int64]
	badges   repo.Keyed[Badge, int64]
	twigs    repo.Keyed[Twig, int64]
	steps    repo.Keyed[Step, int64]
	teams    repo.Keyed[Team, int64]
	players  repo.Keyed[Player, int64]
	locks    repo.Keyed[Lock, int64]
	keys     repo.Keyed[Key, int64]
	notes    repo.Keyed[Note, int64]
}

func (s *suite) net(t *testing.T) *net {
	t.Helper()
	f := on(t, s.open(t, graphTables...))
	t.Cleanup(func() { f.idle() })
	return &net{
		fix:     f,
		members: repo.NewKeyed(f.db, Members.ID), posts: repo.NewKeyed(f.db, Posts.ID),
		comments: repo.NewKeyed(f.db, Comments.ID), tags: repo.NewKeyed(f.db, Tags.ID),
		profiles: repo.NewKeyed(f.db, Profiles.ID), circles: repo.NewKeyed(f.db, Circles.ID),
		areas: repo.NewKeyed2(f.db, Areas.Country, Areas.Code), stations: repo.NewKeyed(f.db, Stations.ID),
		badges: repo.NewKeyed(f.db, Badges.ID), twigs: repo.NewKeyed(f.db, Twigs.ID),
		steps: repo.NewKeyed(f.db, Steps.ID), teams: repo.NewKeyed(f.db, Teams.ID),
		players: repo.NewKeyed(f.db, Players.ID), notes: repo.NewKeyed(f.db, Notes.ID),
		locks: repo.NewKeyed(f.db, Locks.ID), keys: repo.NewKeyed(f.db, Keys.ID),
	}
}

// known tells what a collection holds, with a ? where there may be more.
func known[T any](m *rel.Many[T]) string {
	ts, ok := m.Loaded()
	if !ok {
		return "?" + fmt.Sprint(ts)
	}
	return fmt.Sprint(ts)
}

// refers tells what a reference leads to: ? where that is not known, - for nothing.
func refers[T any](o *rel.One[T]) string {
	t, ok := o.Loaded()
	switch {
	case !ok:
		return "?"
	case t == nil:
		return "-"
	}
	return fmt.Sprint(t)
}

// loaded loads a collection and tells what it holds.
func loaded[T any](n *net, ctx context.Context, m *rel.Many[T]) string {
	n.Helper()
	ts, err := m.Load(ctx)
	n.must(err)
	return fmt.Sprint(ts)
}

// led loads a reference and tells what it leads to.
func led[T any](n *net, ctx context.Context, o *rel.One[T]) string {
	n.Helper()
	_, err := o.Load(ctx)
	n.must(err)
	return refers(o)
}

// column asks the database for the first column of a query, as text.
func (n *net) column(query string, args ...any) string {
	n.Helper()
	out := []sql.NullString{}
	n.must(n.db.Select(n.ctx, &out, n.q(query), args...))
	s := ""
	for _, v := range out {
		if !v.Valid {
			v.String = "NULL"
		}
		s += v.String + " "
	}
	return strings.TrimSpace(s)
}

// seed writes n members with posts each, two comments a post.
func (n *net) seed(members, posts int) {
	n.Helper()
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		for i := range members {
			m := &Member{Name: fmt.Sprintf("m%d", i)}
			for j := range posts {
				p := &Post{Title: fmt.Sprintf("p%d.%d", i, j), Comments: rel.Of(&Comment{Text: "a"}, &Comment{Text: "b"})}
				if err := m.Posts.Add(p); err != nil {
					return err
				}
			}
			if err := n.members.Add(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
	n.log.Take()
}

// TestLoadIsForAllOfTheQuery walks posts and loads each one's author: one SELECT
// for all of them, and none where the authors are there.
func (s *suite) TestLoadIsForAllOfTheQuery(t *testing.T) {
	n := s.net(t)
	n.seed(5, 4)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).All(ctx)
		if err != nil {
			return err
		}
		if _, ok := ps[0].Author.Loaded(); ok {
			n.Error("the author is loaded before Load")
		}
		n.log.Take()
		for i, p := range ps {
			a, err := p.Author.Load(ctx)
			if err != nil || a == nil || a.Name != fmt.Sprintf("m%d", i/4) {
				n.Fatalf("post %d: %+v, %v", i, a, err)
			}
			if again, ok := p.Author.Loaded(); !ok || again != a {
				n.Fatal("not loaded after Load")
			}
		}
		if got := n.log.Take(); len(got) != 1 {
			n.Errorf("%d statements for the authors: %v", len(got), got)
		}
		for _, p := range ps {
			cs, err := p.Comments.Load(ctx)
			if err != nil || len(cs) != 2 || cs[0].Text != "a" {
				n.Fatalf("comments: %v, %v", cs, err)
			}
			if of, ok := cs[1].Post.Loaded(); !ok || of != p {
				n.Error("the comment does not know its post")
			}
		}
		if got := n.log.Take(); len(got) != 1 {
			n.Errorf("%d statements for the comments: %v", len(got), got)
		}
		return nil
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		if _, err := n.members.Query().All(ctx); err != nil {
			return err
		}
		ps, err := n.posts.Query().All(ctx)
		if err != nil {
			return err
		}
		n.log.Take()
		for _, p := range ps {
			if a, err := p.Author.Load(ctx); err != nil || a == nil {
				n.Fatal(err)
			}
		}
		if got := n.log.Take(); len(got) != 0 {
			n.Errorf("authors that the unit has were read: %v", got)
		}
		return nil
	})
}

// TestEagerLoading reads members with posts with comments.
func (s *suite) TestEagerLoading(t *testing.T) {
	n := s.net(t)
	n.seed(3, 4)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		n.log.Take()
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).With(Members.Posts.With(Posts.Comments), Members.Circles, Members.Profile).All(ctx)
		if err != nil {
			return err
		}
		if got := n.log.Take(); len(got) != 6 { // BEGIN and one each
			n.Errorf("%d statements: %v", len(got), got)
		}
		for _, m := range ms {
			ps, ok := m.Posts.Loaded()
			if !ok || len(ps) != 4 {
				n.Fatalf("posts of %s: %v, %v", m.Name, ps, ok)
			}
			for _, p := range ps {
				if cs, ok := p.Comments.Loaded(); !ok || len(cs) != 2 {
					n.Errorf("comments: %v, %v", cs, ok)
				}
			}
			if cs, ok := m.Circles.Loaded(); !ok || len(cs) != 0 {
				n.Errorf("circles: %v, %v", cs, ok)
			}
			if p, ok := m.Profile.Loaded(); !ok || p != nil {
				n.Errorf("profile: %v, %v", p, ok)
			}
		}
		first, err := n.members.Query().OrderBy(Members.ID.Asc()).With(Members.Posts.Where(Posts.Title.Ne("p0.3")).OrderBy(Posts.ID.Desc()).Limit(2)).All(ctx)
		if err != nil {
			return err
		}
		for i, m := range first {
			ps, ok := m.Posts.Loaded()
			want := []string{fmt.Sprintf("p%d.3", i), fmt.Sprintf("p%d.2", i)}
			if i == 0 {
				want = []string{"p0.2", "p0.1"}
			}
			if !ok || len(ps) != 2 || ps[0].Title != want[0] || ps[1].Title != want[1] || !m.Posts.Partial() {
				n.Errorf("member %d: %v %v %v", i, ps, ok, m.Posts.Partial())
			}
			if err := m.Posts.Add(&Post{}); !errors.Is(err, rel.ErrPartial) {
				n.Errorf("Add to a partial collection: %v", err)
			}
		}
		if ps, err := first[0].Posts.Load(ctx); err != nil || len(ps) != 4 || first[0].Posts.Partial() {
			n.Errorf("Load after a partial one: %d posts, %v", len(ps), err)
		}
		return nil
	})
	us, err := n.members.Untracked().Query().With(Members.Posts).All(n.ctx)
	if err != nil || len(us) != 3 {
		n.Fatal(len(us), err)
	}
	if ps, ok := us[1].Posts.Loaded(); !ok || len(ps) != 4 {
		n.Errorf("untracked: %v %v", ps, ok)
	}
	var detached *rel.DetachedError
	if _, err := us[1].Circles.Load(n.ctx); !errors.As(err, &detached) {
		n.Errorf("Load of an untracked entity's relation: %v", err)
	}
}

// TestManyToMany adds, removes and reads through an association table, and
// through one between a table and itself.
func (s *suite) TestManyToMany(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ann, bob, cid := &Member{Name: "ann"}, &Member{Name: "bob"}, &Member{Name: "cid"}
		chess := &Circle{Name: "chess", Members: rel.Of(ann, bob)}
		ann.Following = rel.Of(bob, cid)
		if err := n.circles.Add(ctx, chess); err != nil {
			return err
		}
		if err := n.members.Add(ctx, cid); err != nil {
			return err
		}
		if fs, ok := bob.Followers.Loaded(); ok || len(fs) != 1 || fs[0] != ann {
			n.Errorf("bob's followers before the flush: %v, %v", fs, ok)
		}
		return nil
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ms, err := n.members.Query().OrderBy(Members.Name.Asc()).With(Members.Circles, Members.Following, Members.Followers).All(ctx)
		if err != nil {
			return err
		}
		ann, bob, cid := ms[0], ms[1], ms[2]
		names := func(m *rel.Many[Member]) (s string) {
			es, ok := m.Loaded()
			if !ok {
				s = "?"
			}
			for _, e := range es {
				s += e.Name[:1]
			}
			return s
		}
		if got := names(&ann.Following) + "|" + names(&ann.Followers) + "|" + names(&bob.Followers) + "|" + names(&cid.Followers) + "|" + names(&cid.Following); got != "bc||a|a|" {
			n.Errorf("got %s", got)
		}
		if cs, _ := ann.Circles.Loaded(); len(cs) != 1 || cs[0].Name != "chess" {
			n.Errorf("ann's circles: %v", cs)
		}
		if err := ann.Following.Remove(bob); err != nil {
			return err
		}
		if err := cid.Following.Add(ann); err != nil {
			return err
		}
		if got := names(&ann.Following) + "|" + names(&bob.Followers) + "|" + names(&ann.Followers); got != "c||c" {
			n.Errorf("in memory: %s", got)
		}
		return nil
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ann, err := n.members.One(ctx, Members.Name.Eq("ann"))
		if err != nil {
			return err
		}
		following, err := ann.Following.Load(ctx)
		if err != nil || len(following) != 1 || following[0].Name != "cid" {
			n.Errorf("ann follows %v, %v", following, err)
		}
		if c, err := ann.Followers.Count(ctx); err != nil || c != 1 {
			n.Errorf("%d followers, %v", c, err)
		}
		return n.members.Delete(ctx, ann)
	})
	var rows int
	if err := n.db.Get(n.ctx, &rows, "SELECT count(*) FROM memberships"); err != nil || rows != 1 {
		n.Errorf("%d memberships, %v", rows, err)
	}
	if err := n.db.Get(n.ctx, &rows, "SELECT count(*) FROM follows"); err != nil || rows != 0 {
		n.Errorf("%d follows, %v", rows, err)
	}
}
