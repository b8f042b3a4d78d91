package suite

import (
	"context"
	"fmt"
	"testing"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

// mesh is a small graph of every kind of relation, and its description.
type mesh struct {
	a, b *Member
	p, q *Post
	c, d *Comment
	k    *Badge
	o    *Circle
}

// String tells what all containers and foreign keys hold.
func (g *mesh) String() string {
	s := known(&g.a.Posts) + known(&g.b.Posts) + known(&g.a.Circles) + known(&g.b.Circles) + known(&g.o.Members) +
		refers(&g.a.Badge) + refers(&g.b.Badge) + refers(&g.k.Holder) + refers(&g.p.Author) + refers(&g.q.Author) +
		known(&g.p.Comments) + known(&g.q.Comments) + refers(&g.c.Post) + refers(&g.d.Post)
	for _, f := range []*int64{g.p.AuthorID, g.q.AuthorID, g.k.HolderID} {
		if f == nil {
			s += " nil"
		} else {
			s += fmt.Sprint(" ", *f)
		}
	}
	return s + fmt.Sprint(" ", g.c.PostID, g.d.PostID)
}

// meshed stores a mesh and loads it.
func (n *net) meshed(ctx context.Context) *mesh {
	n.Helper()
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a := &Member{Name: "a", Badge: rel.To(&Badge{Code: "k"}), Circles: rel.Of(&Circle{Name: "o"})}
		n.must(n.members.Add(ctx, a, &Member{Name: "b"}))
		return n.posts.Add(ctx, &Post{Title: "p", Author: rel.To(a), Comments: rel.Of(&Comment{Text: "c"}, &Comment{Text: "d"})}, &Post{Title: "q", Author: rel.To(a)})
	})
	return n.reload(ctx)
}

func (n *net) reload(ctx context.Context) *mesh {
	n.Helper()
	ms, err := n.members.Query().OrderBy(Members.Name.Asc()).With(Members.Posts, Members.Circles.With(Circles.Members), Members.Badge).All(ctx)
	n.must(err)
	ps, err := n.posts.Query().OrderBy(Posts.Title.Asc()).With(Posts.Author, Posts.Comments.With(Comments.Post)).All(ctx)
	n.must(err)
	cs, err := n.comments.Query().OrderBy(Comments.Text.Asc()).With(Comments.Post).All(ctx)
	n.must(err)
	k, err := n.badges.Query().With(Badges.Holder).One(ctx)
	n.must(err)
	o, err := n.circles.Query().With(Circles.Members).One(ctx)
	n.must(err)
	return &mesh{ms[0], ms[1], ps[0], ps[1], cs[0], cs[1], k, o}
}

// meshChanges are changes of relations of every kind.
var meshChanges = map[string]func(ctx context.Context, n *net, g *mesh) error{
	"add new":      func(_ context.Context, _ *net, g *mesh) error { return g.b.Posts.Add(&Post{Title: "new"}) },
	"move":         func(_ context.Context, _ *net, g *mesh) error { return g.b.Posts.Add(g.p) },
	"remove":       func(_ context.Context, _ *net, g *mesh) error { return g.a.Posts.Remove(g.p, g.q) },
	"set many":     func(_ context.Context, _ *net, g *mesh) error { return g.a.Posts.Set(g.q, &Post{Title: "new"}) },
	"assign many":  func(_ context.Context, _ *net, g *mesh) error { g.b.Posts = rel.Of(g.q); return nil },
	"zero many":    func(_ context.Context, _ *net, g *mesh) error { g.a.Posts = rel.Many[Post]{}; return nil },
	"set one":      func(_ context.Context, _ *net, g *mesh) error { return g.p.Author.Set(g.b) },
	"set nil":      func(_ context.Context, _ *net, g *mesh) error { return g.p.Author.Set(nil) },
	"assign one":   func(_ context.Context, _ *net, g *mesh) error { g.q.Author = rel.To(&Member{Name: "x"}); return nil },
	"orphan":       func(_ context.Context, _ *net, g *mesh) error { return g.p.Comments.Remove(g.c) },
	"orphan by it": func(_ context.Context, _ *net, g *mesh) error { return g.d.Post.Set(nil) },
	"replace":      func(_ context.Context, _ *net, g *mesh) error { return g.p.Comments.Set(&Comment{Text: "new"}) },
	"re-own":       func(_ context.Context, _ *net, g *mesh) error { return g.q.Comments.Add(g.c, g.d) },
	"displace":     func(_ context.Context, _ *net, g *mesh) error { return g.b.Badge.Set(g.k) },
	"displace new": func(_ context.Context, _ *net, g *mesh) error { return g.a.Badge.Set(&Badge{Code: "l"}) },
	"join":         func(_ context.Context, _ *net, g *mesh) error { return g.b.Circles.Add(g.o, &Circle{Name: "new"}) },
	"leave":        func(_ context.Context, _ *net, g *mesh) error { return g.o.Members.Remove(g.a) },
	"regroup":      func(_ context.Context, _ *net, g *mesh) error { return g.o.Members.Set(g.b) },
	"delete parent": func(ctx context.Context, n *net, g *mesh) error {
		n.must(g.b.Posts.Add(g.q))
		return n.posts.Delete(ctx, g.p)
	},
	"delete target": func(ctx context.Context, n *net, g *mesh) error { return n.members.Delete(ctx, g.a) },
	"delete circle": func(ctx context.Context, n *net, g *mesh) error { return n.circles.Delete(ctx, g.o) },
}

func (s *suite) TestS29_RollbackRestoresRelations(t *testing.T) {
	for what, change := range meshChanges {
		for _, flush := range []bool{false, true} {
			t.Run(fmt.Sprint(what, " ", flush), func(t *testing.T) {
				n := s.net(t)
				ctx, tx := n.unit()
				g := n.meshed(ctx)
				want := g.String()
				n.must(tx.Commit(ctx))
				eq(n.fix, n.reload(ctx).String(), want)
				n.must(change(ctx, n, g))
				if flush {
					n.must(tx.Flush(ctx))
				}
				n.must(tx.Rollback(ctx))
				eq(n.fix, n.planned(ctx, tx), "")
				if again := n.reload(ctx); *again != *g || again.String() != want {
					t.Errorf("got  %v\nwant %s", again, want)
				}
				n.sent()
				n.must(tx.Flush(ctx))
				n.quiet("a flush after the rollback")
				// The same works as the first time.
				n.must(change(ctx, n, g))
				n.must(tx.Commit(ctx))
			})
		}
	}
}

func (s *suite) TestS35_SavepointRollbackRestoresRelations(t *testing.T) {
	for what, change := range meshChanges {
		for _, flush := range []bool{false, true} {
			t.Run(fmt.Sprint(what, " ", flush), func(t *testing.T) {
				n := s.net(t)
				ctx, tx := n.unit()
				g := n.meshed(ctx)
				n.must(g.a.Posts.Add(&Post{Title: "y"})) // of before: it survives
				n.must(g.b.Circles.Add(g.o))
				n.must(tx.Flush(ctx))
				want := g.String()
				n.is(tx.Savepoint(ctx, func(ctx context.Context) error {
					n.must(change(ctx, n, g))
					if flush {
						n.must(tx.Flush(ctx))
					}
					return errNotThis
				}), errNotThis)
				eq(n.fix, n.planned(ctx, tx), "")
				ps, err := n.posts.Find(ctx)
				n.must(err)
				eq(n.fix, len(ps), 3)
				g2 := n.reload(ctx)
				eq(n.fix, g2.String(), want)
				n.must(change(ctx, n, g))
				n.must(tx.Commit(ctx))
			})
		}
	}
}

// TestGraphsBuiltOutside adds the same graph again after a rollback, and by Retry.
func (s *suite) TestD8_GraphsBuiltOutsideAreAddedAgain(t *testing.T) {
	n := s.net(t)
	a, b := &Member{Name: "a"}, &Member{Name: "b"}
	p := &Post{Title: "p", Author: rel.To(a), Comments: rel.Of(&Comment{Text: "x"}, &Comment{Text: "y"})}
	n.must(b.Posts.Add(&Post{Title: "q"}))
	a.Circles = rel.Of(&Circle{Name: "c", Members: rel.Of(b)})
	a.Badge = rel.To(&Badge{Code: "k"})
	a.Following = rel.Of(a, b)
	tree := &Twig{Name: "r", Subs: rel.Of(&Twig{Name: "s", Subs: rel.Of(&Twig{Name: "t"})})}
	describe := func() string {
		cs, _ := a.Circles.Loaded()
		k, _ := a.Badge.Loaded()
		subs, _ := tree.Subs.Loaded()
		return known(&b.Posts) + refers(&p.Author) + known(&p.Comments) + known(&a.Circles) + known(&cs[0].Members) + known(&a.Following) +
			refers(&a.Badge) + known(&tree.Subs) + known(&subs[0].Subs) + fmt.Sprint(a.ID, b.ID, p.ID, p.AuthorID, k.ID, k.HolderID, cs[0].ID, tree.ID, subs[0].UpID)
	}
	before := describe()
	attempts := 0
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		if attempts > 0 {
			eq(n.fix, describe(), before)
		}
		n.must(n.posts.Add(ctx, p))
		n.must(n.members.Add(ctx, b))
		n.must(n.twigs.Add(ctx, tree))
		if attempts != 1 {
			n.must(tx.Flush(ctx))
		}
		if attempts++; attempts < 4 {
			return errNotThis
		}
		return nil
	}, uow.Retry(5), uow.RetryIf(func(error) bool { return true }))
	eq(n.fix, attempts, 4)
	eq(n.fix, n.column("SELECT count(*) FROM members")+n.column("SELECT count(*) FROM posts")+n.column("SELECT count(*) FROM comments")+
		n.column("SELECT count(*) FROM memberships")+n.column("SELECT count(*) FROM follows")+n.column("SELECT count(*) FROM badges WHERE holder_id IS NOT NULL")+
		n.column("SELECT count(*) FROM twigs WHERE up_id IS NOT NULL"), "2222212")
}

func (s *suite) TestS77_ARelationAloneDoesNotCountTheVersion(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		g := n.meshed(ctx)
		n.must(g.b.Posts.Add(g.p))
		n.must(g.b.Circles.Add(g.o))
		n.must(g.b.Badge.Set(g.k))
		n.must(tx.Flush(ctx))
		eq(n.fix, []int64{g.a.Version, g.b.Version}, []int64{1, 1})
		n.must(n.members.Expect(ctx, g.a, 1))
		g.a.Name = "changed"
		n.must(tx.Flush(ctx))
		as[*uow.StaleError](n.fix, n.members.Expect(ctx, g.a, 1))
		return nil
	})
	eq(n.fix, n.column("SELECT version FROM members ORDER BY id"), "2 1")
}
