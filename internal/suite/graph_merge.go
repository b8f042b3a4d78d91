package suite

import (
	"context"
	"testing"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

// TestS73_MergeFollowsRelations merges a graph that came from outside: known keys
// become their rows, others new ones, and collections what the graph says.
func (s *suite) TestS73_MergeFollowsRelations(t *testing.T) {
	n := s.net(t)
	n.seed(1, 2)
	var post, other Post
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).All(ctx)
		if err == nil {
			post, other = Post{ID: ps[0].ID, Title: "merged", AuthorID: ps[0].AuthorID}, Post{ID: ps[1].ID, Title: ps[1].Title}
		}
		return err
	})
	in := &Member{ID: *post.AuthorID, Name: "renamed", Posts: rel.Of(&post, &Post{Title: "fresh"})}
	post.Author = rel.To(in)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		out, err := n.members.Merge(ctx, in)
		if err != nil {
			return err
		}
		ps, ok := out.Posts.Loaded()
		if out == in || !ok || len(ps) != 2 || ps[0] == &post || ps[0].Title != "merged" || ps[1].Title != "fresh" {
			n.Errorf("merged: %v %v", ps, ok)
		}
		if a, ok := ps[0].Author.Loaded(); !ok || a != out {
			n.Errorf("the author of the merged post: %v %v", a, ok)
		}
		return nil
	})
	if a, _ := post.Author.Loaded(); a != in {
		n.Error("Merge changed what it was given")
	}
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		m, err := n.members.Query().With(Members.Posts).One(ctx)
		if err != nil {
			return err
		}
		ps, _ := m.Posts.Loaded()
		if m.Name != "renamed" || len(ps) != 2 || ps[0].Title != "merged" || ps[1].Title != "fresh" {
			n.Errorf("after the flush: %s %v", m.Name, ps)
		}
		p, err := n.posts.Get(ctx, other.ID)
		if err != nil || p.AuthorID != nil {
			n.Errorf("the post that the graph left out: %+v, %v", p, err)
		}
		return nil
	})
}

// TestEagerLoadingByJoin asks for joins on both sides.
func (s *suite) TestEagerLoadingByJoin(t *testing.T) {
	n := s.net(t)
	n.seed(3, 2)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.members.Add(ctx, &Member{Name: "lonely"})
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		n.sent()
		ms, err := n.members.Query().OrderBy(Members.Name.Desc()).With(Members.Posts.Join().With(Posts.Comments)).All(ctx)
		if err != nil {
			return err
		}
		if got := n.sent(); len(got) != 2 {
			n.Errorf("%d statements: %s", len(got), got)
		}
		eq(n.fix, len(ms), 4)
		for i, want := range []string{"m2", "m1", "m0", "lonely"} {
			ps, ok := ms[i].Posts.Loaded()
			if ms[i].Name != want || !ok || len(ps) != 2 && want != "lonely" || len(ps) != 0 && want == "lonely" {
				n.Errorf("%d: %s has %v, %v", i, ms[i].Name, ps, ok)
			}
			for _, p := range ps {
				if cs, ok := p.Comments.Loaded(); !ok || len(cs) != 2 {
					n.Errorf("comments: %v %v", cs, ok)
				}
				if a, ok := p.Author.Loaded(); !ok || a != ms[i] {
					n.Errorf("author: %v %v", a, ok)
				}
			}
		}
		return nil
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		if err := n.posts.Add(ctx, &Post{Title: "orphan"}); err != nil {
			return err
		}
		n.sent()
		ps, err := n.posts.Query().OrderBy(Posts.Title.Asc()).Limit(3).With(Posts.Author.Join()).All(ctx)
		if err != nil {
			return err
		}
		if got := n.sent(); len(got) != 2 { // the flush and the query
			n.Errorf("%d statements: %s", len(got), got)
		}
		eq(n.fix, len(ps), 3)
		if a, ok := ps[0].Author.Loaded(); !ok || a != nil {
			n.Errorf("the orphan's author: %v %v", a, ok)
		}
		a, ok := ps[1].Author.Loaded()
		if b, _ := ps[2].Author.Loaded(); !ok || a == nil || a.Name != "m0" || a != b {
			n.Errorf("authors: %v %v %v", a, b, ok)
		}
		limited, err := n.members.Query().OrderBy(Members.ID.Asc()).Limit(2).With(Members.Posts.Join()).All(ctx)
		if err != nil {
			return err
		}
		for _, m := range limited { // a join would have cut the rows
			if ps, ok := m.Posts.Loaded(); !ok || len(ps) != 2 {
				n.Errorf("under LIMIT: %v %v", ps, ok)
			}
		}
		return nil
	})
}

// TestStreamsWithRelationsAreConstant streams posts with their comments: what a
// batch brought leaves the unit with it, the comments too.
func (s *suite) TestStreamsWithRelationsAreConstant(t *testing.T) {
	n := s.net(t)
	n.seed(20, 30)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		seen := 0
		for p, err := range n.posts.Query().With(Posts.Comments, Posts.Author).Stream(ctx) {
			if err != nil {
				return err
			}
			seen++
			if cs, ok := p.Comments.Loaded(); !ok || len(cs) != 2 {
				n.Fatalf("comments: %v, %v", cs, ok)
			}
			if a, err := p.Author.Load(ctx); err != nil || a == nil {
				n.Fatalf("author: %v, %v", a, err)
			}
			if seen%100 == 0 {
				p.Title = "changed"
			}
		}
		eq(n.fix, seen, 600)
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		n.sent()
		if _, err := n.comments.Get(ctx, 1); err != nil {
			return err
		}
		eq(n.fix, len(n.sent()), 1) // the unit has let go of it
		return nil
	})
	changed, err := n.posts.Untracked().Count(n.ctx, Posts.Title.Eq("changed"))
	n.must(err)
	eq(n.fix, changed, int64(6))
}
