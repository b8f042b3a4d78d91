package suite

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestS71_BothSidesAgreeWithoutSQL(t *testing.T) {
	n := s.net(t)
	n.seed(2, 2)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).With(Members.Posts).All(ctx)
		n.must(err)
		a, b := ms[0], ms[1]
		ps, _ := a.Posts.Loaded()
		n.sent()
		n.must(ps[0].Author.Set(b))
		eq(n.fix, known(&a.Posts)+known(&b.Posts), "[p0.1][p1.0 p1.1 p0.0]")
		n.must(a.Posts.Add(ps[0]))
		eq(n.fix, refers(&ps[0].Author), "m0")
		eq(n.fix, known(&a.Posts)+known(&b.Posts), "[p0.1 p0.0][p1.0 p1.1]")
		n.must(a.Posts.Remove(ps[1]))
		eq(n.fix, refers(&ps[1].Author), "-")
		n.must(b.Posts.Set(ps[1], ps[0]))
		eq(n.fix, known(&a.Posts)+known(&b.Posts), "[][p0.1 p0.0]")
		eq(n.fix, refers(&ps[1].Author)+refers(&ps[0].Author), "m1m1")
		n.must(ps[0].Author.Set(nil))
		eq(n.fix, known(&b.Posts), "[p0.1]")
		fresh := &Post{Title: "fresh", Author: rel.To(a)}
		n.must(n.posts.Add(ctx, fresh))
		eq(n.fix, known(&a.Posts), "[fresh]")
		n.quiet("changes of relations")
		n.must(tx.Flush(ctx))
		eq(n.fix, *fresh.AuthorID, a.ID)
		return nil
	})
	eq(n.fix, n.column("SELECT author_id FROM posts ORDER BY id"), "NULL 2 NULL NULL 1")
}

func (s *suite) TestS71_AddingToWhatIsNotLoaded(t *testing.T) {
	for _, auto := range []bool{true, false} {
		n := s.net(t)
		n.seed(2, 2)
		n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			work := func() error {
				a, err := n.members.Get(ctx, 1)
				n.must(err)
				b, err := n.members.Get(ctx, 2)
				n.must(err)
				mine, err := n.posts.Get(ctx, 1)
				n.must(err)
				n.sent()
				x := &Post{Title: "x"}
				n.must(a.Posts.Add(x))
				n.must(a.Posts.Add(x, mine)) // one of them is there twice, the other already a's
				eq(n.fix, known(&a.Posts), "?[x p0.0]")
				eq(n.fix, a.Posts.Contains(x) && a.Posts.Contains(mine), true)
				n.must(b.Posts.Add(mine))
				eq(n.fix, known(&a.Posts)+known(&b.Posts), "?[x]?[p0.0]")
				n.quiet("adding")
				// Merged with what the database has: each once.
				got := loaded(n, ctx, &a.Posts)
				if auto {
					eq(n.fix, got, "[p0.1 x]")
				} else {
					eq(n.fix, len(n.writes()), 0)
					eq(n.fix, got, "[p0.1 x]")
					eq(n.fix, loaded(n, ctx, &b.Posts), "[p1.0 p1.1 p0.0]")
				}
				eq(n.fix, refers(&x.Author), "m0")
				c, err := b.Posts.Count(ctx)
				n.must(err)
				eq(n.fix, c, 3)
				return nil
			}
			if auto {
				return work()
			}
			return tx.NoAutoflush(work)
		})
		eq(n.fix, n.column("SELECT author_id FROM posts ORDER BY id"), "2 1 2 2 1")
	}
}

func (s *suite) TestS71_RemovingFromWhatIsNotLoaded(t *testing.T) {
	n := s.net(t)
	n.seed(2, 2)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, err := n.members.Get(ctx, 1)
		n.must(err)
		p, err := n.posts.Get(ctx, 1)
		n.must(err)
		other, err := n.posts.Get(ctx, 3)
		n.must(err)
		n.sent()
		n.must(a.Posts.Remove(p, other)) // the other one is not a's: nothing is removed
		eq(n.fix, refers(&p.Author), "-")
		eq(n.fix, a.Posts.Contains(p), false)
		n.quiet("removing")
		return tx.NoAutoflush(func() error {
			eq(n.fix, loaded(n, ctx, &a.Posts), "[p0.1]")
			return nil
		})
	})
	eq(n.fix, n.column("SELECT author_id FROM posts ORDER BY id"), "NULL 1 2 2")
}

func (s *suite) TestS71_OneToOne(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, b := &Member{Name: "a"}, &Member{Name: "b"}
		k, l := &Badge{Code: "k"}, &Badge{Code: "l"}
		n.must(n.members.Add(ctx, a, b))
		n.must(n.badges.Add(ctx, k, l))
		n.must(a.Badge.Set(k))
		n.must(l.Holder.Set(b))
		eq(n.fix, refers(&k.Holder)+refers(&b.Badge), "al")
		n.must(tx.Flush(ctx))
		n.must(b.Badge.Set(k)) // both are displaced
		eq(n.fix, refers(&a.Badge)+refers(&b.Badge)+refers(&k.Holder)+refers(&l.Holder), "-kb-")
		n.must(tx.Flush(ctx))
		n.must(l.Holder.Set(b)) // from the other side
		eq(n.fix, refers(&b.Badge)+refers(&k.Holder)+refers(&l.Holder), "l-b")
		n.must(tx.Flush(ctx))
		n.must(k.Holder.Set(a))
		n.must(tx.Flush(ctx))
		n.must(k.Holder.Set(b)) // they change places
		n.must(l.Holder.Set(a))
		eq(n.fix, refers(&a.Badge)+refers(&b.Badge)+refers(&k.Holder)+refers(&l.Holder), "lkba")
		return tx.Flush(ctx)
	})
	eq(n.fix, n.column("SELECT m.name FROM badges b JOIN members m ON m.id = b.holder_id ORDER BY b.code"), "b a")
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error { // without knowing what is there
		a, err := n.members.One(ctx, Members.Name.Eq("a"))
		n.must(err)
		b, err := n.members.One(ctx, Members.Name.Eq("b"))
		n.must(err)
		n.must(a.Badge.Set(&Badge{Code: "m"}))
		n.must(b.Badge.Set(nil))
		return nil
	})
	eq(n.fix, n.column("SELECT holder_id FROM badges ORDER BY code"), "NULL NULL 1")
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error { // from the side of the key, for all at once
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).All(ctx)
		n.must(err)
		n.must(n.badges.Add(ctx, &Badge{Code: "n", Holder: rel.To(ms[0])}, &Badge{Code: "o", Holder: rel.To(ms[1])}))
		n.sent()
		n.must(tx.Flush(ctx))
		reads := 0
		for _, q := range n.sent() {
			if strings.HasPrefix(q, "SELECT") && strings.Contains(q, "holder_id") {
				reads++
			}
		}
		eq(n.fix, reads, 1)
		return nil
	})
	eq(n.fix, n.column("SELECT holder_id FROM badges ORDER BY code"), "NULL NULL NULL 1 2")
}

func (s *suite) TestS71_SelfReferences(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, b, c := &Twig{Name: "a"}, &Twig{Name: "b"}, &Twig{Name: "c"}
		n.must(n.twigs.Add(ctx, a, b, c))
		n.must(a.Subs.Add(b))
		n.must(c.Up.Set(b))
		eq(n.fix, refers(&b.Up)+known(&b.Subs)+known(&a.Subs), "a?[c]?[b]")
		n.must(a.Subs.Add(c))
		eq(n.fix, refers(&c.Up)+known(&b.Subs)+known(&a.Subs), "a?[]?[b c]")
		n.must(tx.Flush(ctx))
		x, y, z := &Step{Name: "x"}, &Step{Name: "y"}, &Step{Name: "z"}
		n.must(n.steps.Add(ctx, z, y, x))
		n.must(x.Next.Set(y))
		n.must(z.Prev.Set(y))
		eq(n.fix, refers(&y.Prev)+refers(&y.Next), "xz")
		n.must(tx.Flush(ctx))
		n.must(x.Next.Set(z)) // y falls out
		eq(n.fix, refers(&y.Prev)+refers(&y.Next)+refers(&z.Prev), "--x")
		n.must(tx.Flush(ctx))
		n.must(x.Next.Set(y)) // and in again
		n.must(y.Next.Set(z))
		return nil
	})
	eq(n.fix, n.column("SELECT s.name FROM steps s LEFT JOIN steps p ON p.id = s.prev_id ORDER BY COALESCE(p.name, ''), s.name"),
		n.column("SELECT name FROM steps WHERE name = 'x' OR name = 'y' OR name = 'z' ORDER BY name"))
	eq(n.fix, n.text("SELECT p.name FROM steps s JOIN steps p ON p.id = s.prev_id WHERE s.name = 'z'"), "y")
	eq(n.fix, n.number("SELECT count(*) FROM twigs s JOIN twigs u ON u.id = s.up_id AND u.name = 'a'"), 2)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error { // its own parent
		a, err := n.steps.One(ctx, Steps.Name.Eq("x"))
		n.must(err)
		n.must(a.Prev.Set(a))
		eq(n.fix, refers(&a.Next)+refers(&a.Prev), "xx")
		return nil
	})
	eq(n.fix, n.number("SELECT count(*) FROM steps WHERE prev_id = id"), 1)
}

func (s *suite) TestS71_ManyToManyBothSides(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a, b := &Member{Name: "a"}, &Member{Name: "b"}
		c := &Circle{Name: "c", Members: rel.Of(a, b)}
		a.Following = rel.Of(b, a)
		return n.circles.Add(ctx, c)
	})
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, err := n.members.One(ctx, Members.Name.Eq("a"))
		n.must(err)
		b, err := n.members.One(ctx, Members.Name.Eq("b"))
		n.must(err)
		c, err := n.circles.One(ctx)
		n.must(err)
		eq(n.fix, loaded(n, ctx, &c.Members), "[a b]")
		eq(n.fix, loaded(n, ctx, &a.Following)+loaded(n, ctx, &b.Followers)+loaded(n, ctx, &a.Followers), "[a b][a][a]")
		n.sent()
		n.must(c.Members.Remove(a))
		eq(n.fix, a.Circles.Contains(c), false)
		n.must(a.Circles.Add(c)) // nothing has changed
		eq(n.fix, known(&c.Members), "[b a]")
		n.must(tx.Flush(ctx))
		n.quiet("out and in again")
		n.must(a.Following.Remove(a))
		eq(n.fix, known(&a.Following)+known(&a.Followers), "[b][]")
		n.must(b.Followers.Set())
		eq(n.fix, known(&a.Following), "[]")
		n.must(b.Circles.Set(&Circle{Name: "d"})) // not loaded: it leaves c all the same
		n.must(tx.Flush(ctx))
		eq(n.fix, known(&c.Members), "[a]")
		return nil
	})
	eq(n.fix, n.number("SELECT count(*) FROM follows"), 0)
	eq(n.fix, n.column("SELECT m.name FROM memberships j JOIN members m ON m.id = j.member_id JOIN circles c ON c.id = j.circle_id ORDER BY c.name"), "a b")
}

func (s *suite) TestS56_AssociationRows(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, b := &Member{Name: "a"}, &Member{Name: "b"}
		c, d := &Circle{Name: "c"}, &Circle{Name: "d"}
		n.must(c.Members.Add(a, b))
		n.must(d.Members.Add(a, b))
		n.must(n.circles.Add(ctx, c, d))
		n.says(fmt.Errorf("%s", n.planned(ctx, tx)), "insert memberships")
		n.log.Take()
		n.must(tx.Flush(ctx))
		w := n.writes()
		eq(n.fix, len(w), 3) // grouped, and after both sides
		eq(n.fix, strings.Contains(w[2], "memberships"), true)
		n.must(n.circles.Delete(ctx, c))
		n.must(d.Members.Remove(b))
		n.must(tx.Flush(ctx))
		w = n.writes()
		eq(n.fix, strings.Contains(w[0], "memberships"), true) // before the side goes
		return nil
	})
	eq(n.fix, n.column("SELECT m.name FROM memberships j JOIN members m ON m.id = j.member_id"), "a")
}

func (s *suite) TestS56_ARowThatIsGoneIsStale(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.circles.Add(ctx, &Circle{Name: "c", Members: rel.Of(&Member{Name: "a"}, &Member{Name: "b"})})
	})
	ctx, tx := n.unit()
	c, err := n.circles.Query().With(Circles.Members).One(ctx)
	n.must(err)
	ms, _ := c.Members.Loaded()
	_, err = tx.Exec(ctx, "DELETE FROM memberships")
	n.must(err)
	n.must(c.Members.Remove(ms[0]))
	e := as[*uow.StaleError](n.fix, tx.Flush(ctx))
	n.says(e, "memberships", "1–1")
	n.must(tx.Rollback(ctx))
	eq(n.fix, loaded(n, ctx, &c.Members), "[a b]")
	n.must(tx.Commit(ctx))
	eq(n.fix, n.number("SELECT count(*) FROM memberships"), 2)
}

func (s *suite) TestS56_AddingToAnAssociationIsIdempotent(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.circles.Add(ctx, &Circle{Name: "c", Members: rel.Of(&Member{Name: "a"}, &Member{Name: "b"})})
	})
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		c, err := n.circles.One(ctx)
		n.must(err)
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).All(ctx)
		n.must(err)
		x := &Member{Name: "x"}
		n.must(c.Members.Add(ms[0], x)) // not loaded; one of them is there
		n.must(tx.Flush(ctx))
		eq(n.fix, loaded(n, ctx, &c.Members), "[a b x]")
		n.must(c.Members.Add(ms[1]))
		n.log.Take()
		n.must(tx.Flush(ctx))
		n.quiet("what is there")
		return nil
	})
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		c, err := n.circles.One(ctx)
		n.must(err)
		b, err := n.members.One(ctx, Members.Name.Eq("b"))
		n.must(err)
		n.must(c.Members.Remove(b))
		n.must(tx.Flush(ctx))
		n.must(c.Members.Remove(b)) // not there, and the collection is not known: no error
		n.must(tx.Flush(ctx))
		eq(n.fix, loaded(n, ctx, &c.Members), "[a x]")
		return n.members.Delete(ctx, b)
	})
	eq(n.fix, n.number("SELECT count(*) FROM memberships"), 2)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error { // either side may go
		a, err := n.members.One(ctx, Members.Name.Eq("a"))
		n.must(err)
		return n.members.Delete(ctx, a)
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		c, err := n.circles.Query().With(Circles.Members).One(ctx)
		n.must(err)
		return n.circles.Delete(ctx, c)
	})
	eq(n.fix, n.column("SELECT name FROM members"), "x")
	eq(n.fix, n.number("SELECT count(*) FROM memberships"), 0)
}

func (s *suite) TestDeletedMembersLeaveWhatWasLoaded(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.circles.Add(ctx, &Circle{Name: "c", Members: rel.Of(&Member{Name: "a"}, &Member{Name: "b"})})
	})
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		c, err := n.circles.Query().With(Circles.Members).One(ctx)
		n.must(err)
		ms, _ := c.Members.Loaded()
		n.must(n.members.Delete(ctx, ms[0]))
		n.must(tx.Flush(ctx))
		n.is(c.Members.Add(ms[0]), uow.ErrDeleted)
		n.must(c.Members.Remove(ms[0]))
		n.must(tx.Flush(ctx))
		n.must(c.Members.Set(ms[1]))
		return nil
	})
	eq(n.fix, n.number("SELECT count(*) FROM memberships"), 1)
}

func (s *suite) TestS70_ReferenceAndFieldTogether(t *testing.T) {
	n := s.net(t)
	n.seed(3, 1)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		p, err := n.posts.Query().Where(Posts.ID.Eq(1)).With(Posts.Author).One(ctx)
		n.must(err)
		b, err := n.members.Get(ctx, 2)
		n.must(err)
		p.AuthorID = ptr(int64(3))
		eq(n.fix, refers(&p.Author), "m0") // the field does not move the reference
		n.must(p.Author.Set(b))
		n.must(tx.Flush(ctx))
		eq(n.fix, *p.AuthorID, 2)
		p.AuthorID = ptr(int64(3)) // no net change of the reference
		n.must(tx.Flush(ctx))
		eq(n.fix, *p.AuthorID, 3)
		eq(n.fix, refers(&p.Author), "m1")
		n.must(tx.Commit(ctx))
		eq(n.fix, led(n, ctx, &p.Author), "m2") // until it expires
		return nil
	})
	eq(n.fix, n.text("SELECT author_id FROM posts WHERE id = 1"), "3")
}
