package suite

import (
	"context"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

// What the property test of graphs has found, a test each.

func (s *suite) TestS71_AGraphLinkedOnBothSidesAgrees(t *testing.T) {
	for _, literal := range []bool{true, false} {
		n := s.net(t)
		n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			m, p := &Member{Name: "m"}, &Post{Title: "p"}
			n.must(p.Author.Set(m))
			want := "?[p]"
			if n.must(m.Posts.Add(p)); literal {
				m.Posts, want = rel.Of(p), "[p]"
			}
			n.must(n.posts.Add(ctx, p)) // the member comes by the post, and its collection after
			eq(n.fix, known(&m.Posts), want)
			n.must(tx.Flush(ctx))
			eq(n.fix, known(&m.Posts), want)
			return nil
		})
	}
}

func (s *suite) TestS71_OutAndInOfAnAssociationThatIsNotLoaded(t *testing.T) {
	n := s.net(t)
	a, b := &Member{Name: "a"}, &Member{Name: "b"}
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.members.Add(ctx, b, &Member{Name: "c", Following: rel.Of(a)})
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a, err := n.members.Get(ctx, a.ID)
		n.must(err)
		b, err := n.members.Get(ctx, b.ID)
		n.must(err)
		c, err := n.members.One(ctx, Members.Name.Eq("c"))
		n.must(err)
		n.must(c.Following.Remove(b)) // who is not in it
		n.must(c.Following.Add(b))
		n.must(c.Following.Add(a)) // who is
		n.must(c.Following.Remove(a))
		return nil
	})
	eq(n.fix, n.column("SELECT m.name FROM follows f JOIN members m ON m.id = f.following_id"), "b")
}

func (s *suite) TestAnAssociationIsStreamedInAUnit(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a := &Member{Name: "a"}
		return n.circles.Add(ctx, &Circle{Name: "c", Members: rel.Of(a, &Member{Name: "b", Following: rel.Of(a)})}, &Circle{Name: "d", Members: rel.Of(a)})
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		c, err := n.circles.One(ctx, Circles.Name.Eq("c"))
		n.must(err)
		names := ""
		for m, err := range c.Members.Stream(ctx) {
			n.must(err)
			names += m.Name
		}
		eq(n.fix, names, "ab")
		b, err := n.members.One(ctx, Members.Name.Eq("b"))
		n.must(err)
		for m, err := range b.Following.Stream(ctx) {
			n.must(err)
			names += m.Name
		}
		eq(n.fix, names, "aba")
		return nil
	})
}

func (s *suite) TestS29_AForeignKeyWrittenAfterTheInsertIsTakenBack(t *testing.T) {
	n := s.net(t)
	a, p := &Member{Name: "a"}, &Post{Title: "p"}
	stop := errors.New("stop")
	n.is(n.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		n.must(n.members.Add(ctx, a))
		n.must(n.posts.Add(ctx, p))
		n.must(tx.Flush(ctx))
		n.must(a.Posts.Add(p))
		n.must(tx.Flush(ctx))
		eq(n.fix, *p.AuthorID, a.ID)
		return stop
	}), stop)
	if p.AuthorID != nil {
		t.Errorf("the post still refers to key %d", *p.AuthorID)
	}
}

func (s *suite) TestS71_AReferenceReadAndChangedIsTakenBackWithoutAFlush(t *testing.T) {
	n := s.net(t)
	n.seed(1, 1)
	ctx, tx := n.unit()
	p, err := n.posts.Get(ctx, 1)
	n.must(err)
	eq(n.fix, led(n, ctx, &p.Author), "m0")
	n.must(p.Author.Set(&Member{Name: "new"}))
	n.must(tx.Rollback(ctx))
	eq(n.fix, led(n, ctx, &p.Author), "m0")
	n.must(tx.Commit(ctx))
	eq(n.fix, n.number("SELECT count(*) FROM members"), 1)
}

func (s *suite) TestS69_ATagMovedToAPostThatIsDeletedThen(t *testing.T) {
	for _, asked := range []bool{false, true} { // a query between, which has foreign keys follow references
		n := s.net(t)
		n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			return n.posts.Add(ctx, &Post{Title: "p", Tags: rel.Of(&Tag{Word: "a"})}, &Post{Title: "q"})
		})
		n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			q, err := n.posts.Get(ctx, 2)
			n.must(err)
			a, err := n.tags.Get(ctx, 1)
			n.must(err)
			b := &Tag{Word: "b"}
			n.must(q.Tags.Add(a, b))
			if asked {
				_, err := n.members.Find(ctx)
				n.must(err)
			}
			n.must(n.posts.Delete(ctx, q))
			n.must(tx.Flush(ctx))
			n.is(n.tags.Delete(ctx, a), uow.ErrDeleted)
			n.is(n.tags.Delete(ctx, b), uow.ErrDeleted)
			return nil
		})
		eq(n.fix, n.column("SELECT title FROM posts")+" "+n.column("SELECT word FROM tags"), "p ")
	}
}

func (s *suite) TestS70_AReferenceBeatsItsForeignKeyAfterAQuery(t *testing.T) {
	n := s.net(t)
	n.seed(3, 1)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		p, err := n.posts.Get(ctx, 1)
		n.must(err)
		q, err := n.posts.Get(ctx, 2)
		n.must(err)
		b, err := n.members.Get(ctx, 2)
		n.must(err)
		n.must(p.Author.Set(b))
		n.must(q.Author.Set(nil))
		_, err = n.members.Find(ctx) // the foreign keys follow, and nothing is written
		n.must(err)
		p.AuthorID, q.AuthorID = ptr(int64(3)), ptr(int64(3))
		return nil
	})
	eq(n.fix, n.column("SELECT author_id FROM posts ORDER BY id"), "2 NULL 3")
}

func (s *suite) TestD3_AnEmptyReferenceInThePlaceOfOneThatIsOwned(t *testing.T) {
	for _, loads := range []bool{false, true} {
		n := s.net(t)
		n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			return n.members.Add(ctx, &Member{Name: "m", Profile: rel.To(&Profile{Bio: "b"})})
		})
		n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			m, err := n.members.Get(ctx, 1)
			n.must(err)
			if loads {
				eq(n.fix, led(n, ctx, &m.Profile), "b")
			}
			m.Profile = rel.To[Profile](nil)
			return nil
		})
		eq(n.fix, n.number("SELECT count(*) FROM profiles"), 0)
	}
}

func (s *suite) TestS66_WhatADetachedEntityStoodForIsReplaced(t *testing.T) {
	for what, replace := range map[string]func(m *Member) error{
		"set":      func(m *Member) error { return m.Profile.Set(&Profile{Bio: "new"}) },
		"refer":    nil,
		"assigned": func(m *Member) error { m.Profile = rel.To(&Profile{Bio: "new"}); return nil },
	} {
		n := s.net(t)
		n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			return n.members.Add(ctx, &Member{Name: "m", Profile: rel.To(&Profile{Bio: "old"}), Circles: rel.Of(&Circle{Name: "old"})})
		})
		n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			m, err := n.members.Get(ctx, 1)
			n.must(err)
			p, err := m.Profile.Load(ctx)
			n.must(err)
			n.must(n.profiles.Detach(ctx, p))
			cs, err := m.Circles.Load(ctx)
			n.must(err)
			n.must(n.circles.Detach(ctx, cs...))
			n.must(m.Circles.Set(&Circle{Name: "new"}))
			if what == "refer" {
				p := &Profile{Bio: "new"}
				n.must(n.profiles.Add(ctx, p))
				return p.Member.Set(m)
			}
			return replace(m)
		})
		eq(n.fix, n.column("SELECT bio FROM profiles"), "new")
		eq(n.fix, n.column("SELECT c.name FROM memberships m JOIN circles c ON c.id = m.circle_id"), "new")
	}
}

func (s *suite) TestS29_AReferenceReadAndChangedTwiceIsTakenBack(t *testing.T) {
	n := s.net(t)
	n.seed(2, 1)
	ctx, tx := n.unit()
	p, err := n.posts.Get(ctx, 1)
	n.must(err)
	eq(n.fix, led(n, ctx, &p.Author), "m0")
	n.must(p.Author.Set(&Member{Name: "new"}))
	n.must(tx.Savepoint(ctx, func(context.Context) error { return nil })) // writes it
	n.must(p.Author.Set(nil))
	n.must(tx.Rollback(ctx))
	if m, ok := p.Author.Loaded(); ok && m.Name == "new" {
		t.Error("after the rollback the post refers to a member that never was")
	}
	eq(n.fix, led(n, ctx, &p.Author), "m0")
}
