package suite

import (
	"context"
	"errors"
	"testing"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

// TestS65_CascadesReachWhatMovedInMemory deletes parents to which children were
// moved, by relation and by field, of which the database does not know yet.
func (s *suite) TestS65_CascadesReachWhatMovedInMemory(t *testing.T) {
	n := s.net(t)
	n.seed(3, 1)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).All(ctx)
		n.must(err)
		cs, err := ps[0].Comments.Load(ctx)
		n.must(err)
		n.must(cs[0].Post.Set(ps[1]))
		_, err = tx.Plan(ctx) // writes nothing and changes nothing
		n.must(err)
		cs[1].PostID = ps[1].ID
		n.must(ps[1].Comments.Add(&Comment{Text: "new"}))
		n.must(n.posts.Delete(ctx, ps[1]))
		return nil
	})
	eq(n.fix, n.number("SELECT count(*) FROM comments"), 2) // those of the third post
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).All(ctx)
		n.must(err)
		ps, err := ms[0].Posts.Load(ctx)
		n.must(err)
		ps[0].AuthorID = &ms[1].ID
		return n.members.Delete(ctx, ms[1])
	})
	eq(n.fix, n.number("SELECT count(*) FROM posts WHERE author_id IS NULL"), 1)
}

// TestSetOfTheUnknownTellsTheOtherSides sets collections that are not loaded where
// members are: each of them agrees at once.
func (s *suite) TestSetOfTheUnknownTellsTheOtherSides(t *testing.T) {
	n := s.net(t)
	n.seed(2, 2)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).All(ctx)
		n.must(err)
		ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).With(Posts.Author).All(ctx)
		n.must(err)
		circle := &Circle{Name: "c", Members: rel.Of(ms[0])}
		n.must(n.circles.Add(ctx, circle))
		fresh := &Post{Title: "fresh"}
		n.must(ms[0].Posts.Set(fresh, fresh))
		if a, ok := ps[0].Author.Loaded(); !ok || a != nil {
			t.Errorf("the post that was removed has the author %v, %v", a, ok)
		}
		if in, ok := ms[0].Posts.Loaded(); !ok || len(in) != 1 || in[0] != fresh {
			t.Errorf("the collection holds %v", in)
		}
		n.must(ms[0].Circles.Set())
		if in, _ := circle.Members.Loaded(); len(in) != 0 {
			t.Errorf("the circle holds %v", in)
		}
		return nil
	})
	eq(n.fix, n.number("SELECT count(*) FROM posts WHERE author_id = 1"), 1)
	eq(n.fix, n.number("SELECT count(*) FROM posts WHERE author_id IS NULL"), 2)
	eq(n.fix, n.number("SELECT count(*) FROM memberships"), 0)
}

// TestRelationsMisused puts nil, keys that are taken and detached entities into
// relations, and changes a read-only unit's by assignment.
func (s *suite) TestRelationsMisused(t *testing.T) {
	n := s.net(t)
	n.seed(1, 1)
	n.is(n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.members.Add(ctx, &Member{Name: "x", Posts: rel.Of[Post](nil)})
	}), rel.ErrNil)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		p, err := n.posts.One(ctx)
		n.must(err)
		m, err := n.members.One(ctx)
		n.must(err)
		var dup *uow.DuplicateError
		if err := m.Posts.Add(&Post{Title: "ok"}, &Post{ID: p.ID}); !errors.As(err, &dup) {
			t.Errorf("a key that is taken: %v", err)
		}
		if in, _ := m.Posts.Loaded(); len(in) != 0 {
			t.Errorf("half of an Add that failed stays: %v", in)
		}
		return nil
	})
	eq(n.fix, n.number("SELECT count(*) FROM posts"), 1)
	err := n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		m, err := n.members.One(ctx)
		n.must(err)
		late := &Post{Title: "late"}
		n.must(m.Posts.Add(late))
		return n.posts.Detach(ctx, late)
	})
	var d *rel.DetachedError
	if !errors.As(err, &d) || d.Relation != "Posts" {
		t.Errorf("a member that was detached: %v", err)
	}
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		m, err := n.members.One(ctx)
		n.must(err)
		late := &Post{Title: "late"}
		n.must(m.Posts.Add(late))
		n.must(n.posts.Detach(ctx, late))
		return m.Posts.Remove(late) // and it is well again
	})
	err = n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		p, err := n.posts.One(ctx)
		n.must(err)
		p.Author = rel.To[Member](nil)
		return nil
	}, uow.ReadOnly())
	n.is(err, uow.ErrReadOnly)
	n.says(err, "Author", "Post")
	eq(n.fix, n.number("SELECT count(*) FROM posts WHERE author_id = 1"), 1)
}

// TestKeepWithoutAnotherSide deletes what a nullable reference leads to that has
// no other side.
func (s *suite) TestKeepWithoutAnotherSide(t *testing.T) {
	n := s.net(t)
	writers := []*Team{{Name: "a"}}
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		p := &Player{Name: "p"}
		n.must(writers[0].Players.Add(p))
		n.must(n.teams.Add(ctx, writers[0]))
		return writers[0].Lead.Set(p)
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		p, err := n.players.One(ctx)
		n.must(err)
		return n.players.Delete(ctx, p)
	})
	eq(n.fix, n.number("SELECT count(*) FROM teams WHERE lead_id IS NULL"), 1)
}

// TestLongChains adds and deletes a chain: its time grows with its length.
func (s *suite) TestLongChains(t *testing.T) {
	n := s.net(t)
	const length = 3000
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		var first, last *Area
		for i := range length {
			a := &Area{Country: "x", Code: int32(i + 1)}
			if last == nil {
				first = a
			} else {
				n.must(a.Up.Set(last))
			}
			last = a
		}
		_ = first
		return n.areas.Add(ctx, last)
	})
	eq(n.fix, n.number("SELECT count(*) FROM areas"), length)
	eq(n.fix, n.number("SELECT count(*) FROM areas WHERE up_code = code - 1"), length-1)
}

// TestEagerLoadingSeesPendingChanges moves a post and queries members with posts:
// with autoflush the change is written first, without it memory counts.
func (s *suite) TestEagerLoadingSeesPendingChanges(t *testing.T) {
	n := s.net(t)
	n.seed(2, 1)
	for _, quietly := range []bool{false, true} {
		n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			ms, err := n.members.Query().OrderBy(Members.ID.Asc()).All(ctx)
			n.must(err)
			p, err := n.posts.Query().OrderBy(Posts.ID.Asc()).First(ctx)
			n.must(err)
			n.must(p.Author.Set(nil))
			n.must(ms[1].Posts.Add(p))
			read := func() error {
				_, err := n.members.Query().With(Members.Posts).All(ctx)
				return err
			}
			if quietly {
				_, err = tx.Plan(ctx)
				n.must(err)
				n.must(tx.NoAutoflush(read))
			} else {
				n.must(read())
			}
			a, _ := ms[0].Posts.Loaded()
			b, _ := ms[1].Posts.Loaded()
			if len(a) != 0 || len(b) != 2 {
				t.Errorf("without autoflush %v: %d and %d posts, want 0 and 2", quietly, len(a), len(b))
			}
			return p.Author.Set(ms[0]) // back for the next round
		})
	}
}
