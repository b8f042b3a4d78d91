package suite

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

// planned lists what a flush would write, a change each.
func (n *net) planned(ctx context.Context, tx *uow.UnitOfWork) string {
	n.Helper()
	p, err := tx.Plan(ctx)
	n.must(err)
	return strings.ReplaceAll(strings.TrimSpace(p.String()), "\n", "; ")
}

func (s *suite) TestS64_DeletingAParentEmptiesTheChildrensKeys(t *testing.T) {
	for _, load := range []bool{false, true} {
		n := s.net(t)
		n.seed(2, 3)
		n.sql("DELETE FROM comments")
		var ps []*Post
		n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			m, err := n.members.Get(ctx, 1)
			n.must(err)
			if load {
				ps, err = m.Posts.Load(ctx)
				n.must(err)
			}
			n.must(n.members.Delete(ctx, m))
			plan := n.planned(ctx, tx)
			n.log.Take()
			n.must(tx.Flush(ctx))
			eq(n.fix, len(n.writes()), 2) // one UPDATE, one DELETE
			for _, want := range []string{"update posts key 1 (author_id): cascade of", "update posts key 3 (author_id)", "delete members key 1"} {
				if !strings.Contains(plan, want) {
					t.Errorf("the plan does not say %q: %s", want, plan)
				}
			}
			if load {
				eq(n.fix, known(&m.Posts), "[p0.0 p0.1 p0.2]") // in memory it stays
				for _, p := range ps {
					eq(n.fix, refers(&p.Author), "-")
					if p.AuthorID != nil {
						t.Error("the foreign key is still set")
					}
				}
			}
			return nil
		})
		eq(n.fix, n.column("SELECT author_id FROM posts ORDER BY id"), "NULL NULL NULL 2 2 2")
	}
}

func (s *suite) TestS64_AParentIsNotDeletedFromChildrenThatMustHaveIt(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.areas.Add(ctx, &Area{Country: "de", Code: 1, Name: "a", Stations: rel.Of(&Station{Name: "s"})})
	})
	err := n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a, err := n.areas.Get(ctx, "de", 1)
		n.must(err)
		return n.areas.Delete(ctx, a)
	})
	n.says(err, "Stations", "area_country", "cannot be NULL", "Own", "Passive")
	eq(n.fix, n.number("SELECT count(*) FROM stations"), 1)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error { // together they go
		a, err := n.areas.Query().With(Areas.Stations).One(ctx)
		n.must(err)
		sts, _ := a.Stations.Loaded()
		n.must(n.areas.Delete(ctx, a))
		return n.stations.Delete(ctx, sts...)
	})
	eq(n.fix, n.number("SELECT count(*) FROM areas"), 0)
}

func (s *suite) TestS64_CompositeKeysAreEmptied(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.areas.Add(ctx, &Area{Country: "de", Code: 1, Name: "top", Parts: rel.Of(
			&Area{Country: "de", Code: 2, Name: "l"}, &Area{Country: "de", Code: 3, Name: "r"})})
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		top, err := n.areas.Get(ctx, "de", 1)
		n.must(err)
		l, err := n.areas.Get(ctx, "de", 2)
		n.must(err)
		eq(n.fix, top.Parts.Contains(l), true)
		return n.areas.Delete(ctx, top)
	})
	eq(n.fix, n.column("SELECT up_code FROM areas"), "NULL NULL")
	eq(n.fix, n.column("SELECT up_name FROM areas"), "NULL NULL")
}

func (s *suite) TestS65_OwnedChildrenAreDeleted(t *testing.T) {
	for _, load := range []bool{false, true} {
		n := s.net(t)
		n.seed(1, 2)
		n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).All(ctx)
			n.must(err)
			if load {
				loaded(n, ctx, &ps[0].Comments)
			}
			n.must(n.posts.Delete(ctx, ps...))
			n.log.Take()
			n.must(tx.Flush(ctx))
			sent := n.sent()
			eq(n.fix, len(sent), 3) // the children are read, for both, and two DELETEs
			eq(n.fix, strings.HasPrefix(sent[1], "DELETE FROM") && strings.Contains(sent[1], "comments"), true)
			return nil
		})
		eq(n.fix, n.number("SELECT count(*) FROM comments"), 0)
		eq(n.fix, n.number("SELECT count(*) FROM members"), 1)
	}
}

func (s *suite) TestS65_AMemberRemovedBeforeIsNotReached(t *testing.T) {
	n := s.net(t)
	n.seed(1, 2)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).All(ctx)
		n.must(err)
		cs, err := ps[0].Comments.Load(ctx)
		n.must(err)
		n.must(ps[1].Comments.Add(cs[0])) // it moves away from what is deleted
		return n.posts.Delete(ctx, ps[0])
	})
	eq(n.fix, n.column("SELECT post_id FROM comments ORDER BY id"), "2 2 2")
}

func (s *suite) TestS65_AChildThatIsNotYetFlushed(t *testing.T) {
	n := s.net(t)
	n.seed(1, 1)
	c := &Comment{Text: "new"}
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		p, err := n.posts.Get(ctx, 1)
		n.must(err)
		n.must(p.Comments.Add(c))
		return n.posts.Delete(ctx, p)
	})
	eq(n.fix, n.number("SELECT count(*) FROM comments"), 0)
	eq(n.fix, c.ID, 0)
	// By its field alone it belongs to the post, too.
	n.seed(1, 1)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		p, err := n.posts.Get(ctx, n.number("SELECT max(id) FROM posts"))
		n.must(err)
		cs, err := p.Comments.Load(ctx)
		n.must(err)
		n.must(n.comments.Delete(ctx, cs[0])) // parent and child in one flush
		return n.posts.Delete(ctx, p)
	})
	eq(n.fix, n.number("SELECT count(*) FROM comments"), 0)
}

func (s *suite) TestS65_D6_ATreeGoesAndThePlanSaysWhy(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.twigs.Add(ctx, &Twig{Name: "root", Subs: rel.Of(
			&Twig{Name: "a", Subs: rel.Of(&Twig{Name: "aa"}, &Twig{Name: "ab"})}, &Twig{Name: "b"})})
	})
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		root, err := n.twigs.One(ctx, Twigs.Name.Eq("root"))
		n.must(err)
		n.must(n.twigs.Delete(ctx, root))
		p, err := tx.Plan(ctx)
		n.must(err)
		eq(n.fix, len(p.Changes()), 5)
		for _, c := range p.Changes() {
			eq(n.fix, c.Op, uow.Delete)
			want := "cascade of suite.Twig.Subs"
			if c.Entity == any(root) {
				want = ""
			}
			eq(n.fix, c.Cause, want)
		}
		return nil
	})
	eq(n.fix, n.number("SELECT count(*) FROM twigs"), 0)
}

func (s *suite) TestD6_ThePlanListsOrphans(t *testing.T) {
	n := s.net(t)
	n.seed(1, 1)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		p, err := n.posts.Query().With(Posts.Comments).One(ctx)
		n.must(err)
		cs, _ := p.Comments.Loaded()
		n.must(p.Comments.Remove(cs[0]))
		eq(n.fix, n.planned(ctx, tx), "delete comments key 1: orphan of suite.Post.Comments")
		n.log.Take()
		n.must(tx.Flush(ctx))
		eq(n.fix, len(n.sent()), 1)
		return nil
	})
	eq(n.fix, n.column("SELECT id FROM comments"), "2")
}

func (s *suite) TestS66_RemovedChildrenAreDeleted(t *testing.T) {
	n := s.net(t)
	n.seed(1, 2)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).All(ctx)
		n.must(err)
		cs, err := ps[0].Comments.Load(ctx)
		n.must(err)
		n.must(ps[0].Comments.Remove(cs[1]))
		eq(n.fix, known(&ps[0].Comments), "[a]")
		eq(n.fix, refers(&cs[1].Post), "-")
		n.must(tx.Flush(ctx))
		eq(n.fix, n.comments.Detach(ctx, cs[0]), nil)
		fresh := &Comment{Text: "fresh"}
		n.must(ps[1].Comments.Set(fresh)) // replaced without having been loaded
		n.must(tx.Flush(ctx))
		eq(n.fix, known(&ps[1].Comments), "[fresh]")
		gone := &Comment{Text: "gone"}
		n.must(ps[1].Comments.Add(gone))
		n.must(ps[1].Comments.Remove(gone)) // a new one leaves the unit at once
		n.is(n.comments.Detach(ctx, gone), uow.ErrNotManaged)
		n.log.Take()
		n.must(tx.Flush(ctx))
		n.quiet("a child that came and went")
		return nil
	})
	eq(n.fix, n.column("SELECT text FROM comments ORDER BY id"), "a fresh")
}

func (s *suite) TestS66_ReplacingByAssignment(t *testing.T) {
	n := s.net(t)
	n.seed(2, 2)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		p, err := n.posts.Get(ctx, 1)
		n.must(err)
		old, err := n.comments.Get(ctx, 2)
		n.must(err)
		p.Comments = rel.Of(old, &Comment{Text: "new"})
		n.must(tx.Flush(ctx))
		eq(n.fix, known(&p.Comments), "[b new]")
		eq(n.fix, refers(&old.Post), "p0.0")
		m, err := n.members.Get(ctx, 1)
		n.must(err)
		m.Posts = rel.Of[Post]()
		n.must(tx.Flush(ctx))
		m2, err := n.members.Get(ctx, 2)
		n.must(err)
		m2.Posts = rel.Many[Post]{} // the zero value says nothing
		n.log.Take()
		n.must(tx.Flush(ctx))
		n.quiet("a container that says nothing")
		eq(n.fix, loaded(n, ctx, &m2.Posts), "[p1.0 p1.1]")
		return nil
	})
	eq(n.fix, n.column("SELECT text FROM comments WHERE post_id = 1 ORDER BY id"), "b new")
	eq(n.fix, n.column("SELECT author_id FROM posts ORDER BY id"), "NULL NULL 2 2")
}

func (s *suite) TestS66_AOneToOneIsDisplaced(t *testing.T) {
	n := s.net(t)
	ann := &Member{Name: "ann", Profile: rel.To(&Profile{Bio: "old"}), Badge: rel.To(&Badge{Code: "k"})}
	bob := &Member{Name: "bob"}
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return n.members.Add(ctx, ann, bob) })
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ann, err := n.members.Get(ctx, ann.ID)
		n.must(err)
		n.must(ann.Profile.Set(&Profile{Bio: "new"})) // not loaded: the old one goes all the same
		n.must(tx.Flush(ctx))
		eq(n.fix, refers(&ann.Profile), "new")
		bob, err := n.members.Get(ctx, bob.ID)
		n.must(err)
		k, err := ann.Badge.Load(ctx)
		n.must(err)
		n.must(bob.Badge.Set(k)) // it moves
		eq(n.fix, refers(&ann.Badge), "-")
		eq(n.fix, refers(&k.Holder), "bob")
		return nil
	})
	eq(n.fix, n.column("SELECT bio FROM profiles"), "new")
	eq(n.fix, n.column("SELECT holder_id FROM badges"), fmt.Sprint(bob.ID))
}

func (s *suite) TestS67_AChildThatNeverHadAParentIsInserted(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		n.must(n.twigs.Add(ctx, &Twig{Name: "lone"}, &Twig{Name: "said", Up: rel.To[Twig](nil)}))
		return n.badges.Add(ctx, &Badge{Code: "k"})
	})
	eq(n.fix, n.column("SELECT name FROM twigs ORDER BY id"), "lone said")
	// The database decides about one that must have a parent.
	err := n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return n.comments.Add(ctx, &Comment{Text: "c"}) })
	n.is(err, dialect.ErrForeignKey)
	err = n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.comments.Add(ctx, &Comment{Text: "c", Post: rel.To[Post](nil)})
	})
	n.says(err, "Comment.Post", "post_id", "cannot be NULL")
}

func (s *suite) TestS68_TwoOwnersOfOneChildAreAnError(t *testing.T) {
	n := s.net(t)
	c := &Comment{Text: "c"}
	a, b := &Post{Title: "a", Comments: rel.Of(c)}, &Post{Title: "b", Comments: rel.Of(c)}
	err := n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { return n.posts.Add(ctx, a, b) })
	n.says(err, "Post.Comments", "Comment", "another")
	err = n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		c := &Comment{Text: "c", Post: rel.To(&Post{Title: "a"})}
		return n.posts.Add(ctx, &Post{Title: "b", Comments: rel.Of(c)})
	})
	n.says(err, "Post.Comments", "Comment", "another")
	p := &Profile{Bio: "p"}
	err = n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.members.Add(ctx, &Member{Name: "x", Profile: rel.To(p)}, &Member{Name: "y", Profile: rel.To(p)})
	})
	n.says(err, "Member.Profile", "Profile", "another")
	eq(n.fix, n.number("SELECT count(*) FROM posts")+n.number("SELECT count(*) FROM members"), 0)
	// What says the same twice does no harm, and a child may move.
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		p := &Post{Title: "same"}
		c := &Comment{Text: "c", Post: rel.To(p)}
		p.Comments = rel.Of(c)
		n.must(n.posts.Add(ctx, p))
		other := &Post{Title: "other"}
		n.must(n.posts.Add(ctx, other))
		return other.Comments.Add(c)
	})
	eq(n.fix, n.text("SELECT title FROM posts p JOIN comments c ON c.post_id = p.id"), "other")
}

func (s *suite) TestS69_PassiveLeavesChildrenToTheDatabase(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.posts.Add(ctx, &Post{Title: "p", Tags: rel.Of(&Tag{Word: "a"}, &Tag{Word: "b"})})
	})
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		p, err := n.posts.Get(ctx, 1)
		n.must(err)
		a, err := n.tags.Get(ctx, 1)
		n.must(err)
		n.must(n.posts.Delete(ctx, p))
		n.log.Take()
		n.must(tx.Flush(ctx))
		for _, q := range n.sent() {
			if strings.Contains(q, "tags") {
				t.Errorf("the tags were touched: %s", q)
			}
		}
		n.is(n.tags.Delete(ctx, a), uow.ErrDeleted) // the unit knows that its row is gone
		return nil
	})
	eq(n.fix, n.number("SELECT count(*) FROM tags"), 0)
}

func (s *suite) TestS69_ATagTakenFromItsPost(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.posts.Add(ctx, &Post{Title: "p", Tags: rel.Of(&Tag{Word: "a"}, &Tag{Word: "b"})})
	})
	err := n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		p, err := n.posts.Query().With(Posts.Tags).One(ctx)
		n.must(err)
		ts, _ := p.Tags.Loaded()
		return p.Tags.Remove(ts[0])
	})
	n.says(err, "Tag.Post", "post_id", "cannot be NULL")
	eq(n.fix, n.number("SELECT count(*) FROM tags"), 2)
}

func (s *suite) TestD3_EmptyingAReferenceDeletesTheChild(t *testing.T) {
	for what, empty := range map[string]func(ctx context.Context, n *net, c *Twig) error{
		"Set of one that is not loaded": func(_ context.Context, _ *net, c *Twig) error { return c.Up.Set(nil) },
		"Set of one that is loaded": func(ctx context.Context, n *net, c *Twig) error {
			led(n, ctx, &c.Up)
			return c.Up.Set(nil)
		},
		"assignment":     func(_ context.Context, _ *net, c *Twig) error { c.Up = rel.To[Twig](nil); return nil },
		"the field":      func(_ context.Context, _ *net, c *Twig) error { c.UpID = nil; return nil },
		"field and load": func(ctx context.Context, n *net, c *Twig) error { led(n, ctx, &c.Up); c.UpID = nil; return nil },
		"Remove, not loaded": func(ctx context.Context, n *net, c *Twig) error {
			root, err := n.twigs.Get(ctx, 1)
			n.must(err)
			return root.Subs.Remove(c)
		},
	} {
		t.Run(what, func(t *testing.T) {
			n := s.net(t)
			n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
				return n.twigs.Add(ctx, &Twig{Name: "root", Subs: rel.Of(&Twig{Name: "sub", Subs: rel.Of(&Twig{Name: "leaf"})})})
			})
			n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
				c, err := n.twigs.One(ctx, Twigs.Name.Eq("sub"))
				n.must(err)
				n.must(empty(ctx, n, c))
				n.says(fmt.Errorf("%s", n.planned(ctx, tx)), "orphan of suite.Twig.Subs", "cascade of suite.Twig.Subs")
				return nil
			})
			eq(n.fix, n.column("SELECT name FROM twigs"), "root")
		})
	}
	n := s.net(t)
	n.seed(1, 1)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error { // a foreign key that cannot be NULL
		c, err := n.comments.Get(ctx, 1)
		n.must(err)
		return c.Post.Set(nil)
	})
	eq(n.fix, n.column("SELECT id FROM comments"), "2")
}

func (s *suite) TestD4_MovingAChildDoesNotDeleteIt(t *testing.T) {
	for what, move := range map[string]func(ctx context.Context, n *net, from, to *Post, c *Comment) error{
		"Remove and Add": func(_ context.Context, _ *net, from, to *Post, c *Comment) error {
			if err := from.Comments.Remove(c); err != nil {
				return err
			}
			return to.Comments.Add(c)
		},
		"Add and Remove": func(_ context.Context, n *net, from, to *Post, c *Comment) error {
			n.must(to.Comments.Add(c))
			return from.Comments.Remove(c)
		},
		"Add":        func(_ context.Context, _ *net, _, to *Post, c *Comment) error { return to.Comments.Add(c) },
		"Set":        func(_ context.Context, _ *net, _, to *Post, c *Comment) error { return c.Post.Set(to) },
		"assignment": func(_ context.Context, _ *net, _, to *Post, c *Comment) error { c.Post = rel.To(to); return nil },
		"the field":  func(_ context.Context, _ *net, _, to *Post, c *Comment) error { c.PostID = to.ID; return nil },
		"out and in": func(_ context.Context, n *net, from, to *Post, c *Comment) error {
			n.must(c.Post.Set(nil))
			return c.Post.Set(to)
		},
		"Remove, Load, Add": func(ctx context.Context, n *net, from, to *Post, c *Comment) error {
			n.must(from.Comments.Remove(c))
			n.must(to.Comments.Add(c))
			loaded(n, ctx, &to.Comments)
			return nil
		},
		"and the old owner goes": func(ctx context.Context, n *net, from, to *Post, c *Comment) error {
			n.must(to.Comments.Add(c))
			return n.posts.Delete(ctx, from)
		},
		"to a new owner": func(ctx context.Context, n *net, from, to *Post, c *Comment) error {
			n.must(n.posts.Delete(ctx, to))
			return n.posts.Add(ctx, &Post{Title: "third", Comments: rel.Of(c)})
		},
	} {
		for _, load := range []bool{false, true} {
			t.Run(fmt.Sprint(what, " ", load), func(t *testing.T) {
				n := s.net(t)
				n.seed(1, 2)
				n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
					ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).All(ctx)
					n.must(err)
					if load {
						loaded(n, ctx, &ps[0].Comments)
					}
					c, err := n.comments.Get(ctx, 1)
					n.must(err)
					return move(ctx, n, ps[0], ps[1], c)
				})
				eq(n.fix, n.number("SELECT count(*) FROM comments c JOIN posts p ON p.id = c.post_id AND c.id = 1 AND p.id > 1"), 1)
			})
		}
	}
}
