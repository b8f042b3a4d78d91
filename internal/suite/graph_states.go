package suite

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

// detached fails the test unless err is a DetachedError that names the relation.
func (n *net) detached(err error, relation string) {
	n.Helper()
	e := as[*rel.DetachedError](n.fix, err)
	if !strings.Contains(e.Relation, relation) {
		n.Errorf("relation %s, want %s", e.Relation, relation)
	}
	n.says(err, "unit of work", "manages the entity")
}

func (s *suite) TestContainersOfAnEntityThatNobodyManages(t *testing.T) {
	n := s.net(t)
	m, x, y := &Member{Name: "m"}, &Post{Title: "x"}, &Post{Title: "y"}
	eq(n.fix, known(&m.Posts)+refers(&x.Author), "?[]?")
	_, err := m.Posts.Load(n.ctx)
	n.detached(err, "Many[")
	_, err = m.Posts.LoadOnly(n.ctx)
	n.detached(err, "Many[")
	_, err = m.Posts.Count(n.ctx)
	n.detached(err, "Many[")
	_, err = x.Author.Load(n.ctx)
	n.detached(err, "One[")
	for _, err := range m.Posts.Stream(n.ctx) {
		n.detached(err, "Many[")
	}
	n.is(m.Posts.Add(x, nil), rel.ErrNil)
	eq(n.fix, known(&m.Posts), "?[]")
	n.must(m.Posts.Add(x, y, x))
	n.must(m.Posts.Add())
	eq(n.fix, known(&m.Posts), "?[x y]")
	eq(n.fix, m.Posts.Contains(x) && !m.Posts.Contains(nil), true)
	n.must(m.Posts.Remove(x))
	n.must(m.Posts.Remove(x))
	n.is(m.Posts.Remove(nil), rel.ErrNil)
	n.is(m.Posts.Set(x, nil), rel.ErrNil)
	eq(n.fix, known(&m.Posts), "?[y]")
	n.must(m.Posts.Set(y, x, y))
	eq(n.fix, known(&m.Posts), "[y x]")
	c, err := m.Posts.Count(n.ctx)
	n.must(err)
	eq(n.fix, c, 2)
	eq(n.fix, loaded(n, n.ctx, &m.Posts), "[y x]")
	got := 0
	for _, err := range m.Posts.Stream(n.ctx) {
		n.must(err)
		got++
	}
	eq(n.fix, got, 2)
	n.must(x.Author.Set(m))
	eq(n.fix, led(n, n.ctx, &x.Author), "m")
	n.must(x.Author.Set(nil))
	eq(n.fix, led(n, n.ctx, &x.Author), "-")
}

func (s *suite) TestContainersOfANewEntity(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		m, x := &Member{Name: "m"}, &Post{Title: "x"}
		n.must(n.members.Add(ctx, m))
		n.must(m.Posts.Add(x))
		eq(n.fix, known(&m.Posts), "?[x]")
		n.must(tx.NoAutoflush(func() error {
			n.sent()
			c, err := m.Posts.Count(ctx)
			n.must(err)
			eq(n.fix, c, 1)
			eq(n.fix, loaded(n, ctx, &m.Posts), "[x]") // it has no row that others could refer to
			eq(n.fix, led(n, ctx, &x.Author), "m")
			eq(n.fix, led(n, ctx, &m.Profile), "-")
			eq(n.fix, loaded(n, ctx, &m.Circles), "[]")
			n.quiet("loading for what is new")
			return nil
		}))
		n.must(m.Posts.Add(&Post{Title: "y"}))
		eq(n.fix, known(&m.Posts), "[x y]")
		n.must(tx.Flush(ctx))
		eq(n.fix, known(&m.Posts), "[x y]")
		return nil
	})
	eq(n.fix, n.number("SELECT count(*) FROM posts WHERE author_id = 1"), 2)
}

func (s *suite) TestContainersAfterCommit(t *testing.T) {
	n := s.net(t)
	n.seed(1, 2)
	ctx, tx := n.unit()
	m, err := n.members.Query().With(Members.Posts).One(ctx)
	n.must(err)
	p := m.Posts
	_ = p
	n.must(tx.Commit(ctx))
	eq(n.fix, known(&m.Posts), "[p0.0 p0.1]") // readable still
	n.sql("UPDATE posts SET author_id = NULL WHERE id = 1")
	n.sql("INSERT INTO posts (id, title, author_id, created_at) SELECT -9, 'other', author_id, created_at FROM posts WHERE id = 2")
	n.sent()
	eq(n.fix, loaded(n, ctx, &m.Posts), "[other p0.1]") // and read again when asked for
	n.log.Take()
	loaded(n, ctx, &m.Posts)
	n.quiet("the second Load")
	c, err := m.Posts.Count(ctx)
	n.must(err)
	eq(n.fix, c, 2)
	n.must(tx.Commit(ctx))
	n.must(m.Posts.Add(&Post{Title: "late"})) // to what is expired
	eq(n.fix, loaded(n, ctx, &m.Posts), "[other p0.1 late]")
	n.must(tx.Commit(ctx))
	ps, _ := m.Posts.Loaded()
	n.must(m.Posts.Remove(ps[1]))
	n.must(tx.Commit(ctx))
	eq(n.fix, loaded(n, ctx, &m.Posts), "[other late]")
	eq(n.fix, led(n, ctx, &ps[0].Author), "m0")
}

func (s *suite) TestS76_RelationsAfterTheUnitHasEnded(t *testing.T) {
	n := s.net(t)
	n.seed(1, 2)
	var m *Member
	var p *Post
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) (err error) {
		m, err = n.members.Query().With(Members.Posts).One(ctx)
		n.must(err)
		ps, _ := m.Posts.Loaded()
		p = ps[0]
		return nil
	})
	eq(n.fix, loaded(n, n.ctx, &m.Posts), "[p0.0 p0.1]") // what is known can be read
	c, err := m.Posts.Count(n.ctx)
	n.must(err)
	eq(n.fix, c, 2)
	for _, err := range m.Posts.Stream(n.ctx) {
		n.must(err)
	}
	eq(n.fix, led(n, n.ctx, &p.Author), "m0")
	_, err = p.Comments.Load(n.ctx)
	n.detached(err, "Comments")
	n.is(err, uow.ErrEnded)
	_, err = p.Comments.Count(n.ctx)
	n.detached(err, "Comments")
	for _, err := range p.Comments.Stream(n.ctx) {
		n.detached(err, "Comments")
	}
	_, err = m.Profile.Load(n.ctx)
	n.detached(err, "Profile")
	n.detached(m.Posts.Remove(p), "Posts")
	n.detached(p.Comments.Add(&Comment{}), "Comments")
	n.detached(p.Author.Set(nil), "Author")
	eq(n.fix, p.Comments.Contains(&Comment{}), false)
	// Another unit may take the entity over.
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		n.must(n.posts.Attach(ctx, p))
		n.must(p.Comments.Add(&Comment{Text: "c"}))
		eq(n.fix, loaded(n, ctx, &p.Comments), "[a b c]")
		return nil
	})
	eq(n.fix, n.number("SELECT count(*) FROM comments WHERE post_id = 1"), 3)
}

func (s *suite) TestS76_RelationsOfADetachedEntity(t *testing.T) {
	n := s.net(t)
	n.seed(1, 2)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		p, err := n.posts.Query().Where(Posts.ID.Eq(1)).With(Posts.Comments).One(ctx)
		n.must(err)
		n.must(n.posts.Detach(ctx, p))
		eq(n.fix, loaded(n, ctx, &p.Comments), "[a b]")
		_, err = p.Author.Load(ctx)
		n.detached(err, "One[")
		_, err = p.Tags.Load(ctx)
		n.detached(err, "Many[")
		n.must(p.Comments.Add(&Comment{Text: "its own affair"}))
		n.log.Take()
		n.must(tx.Flush(ctx))
		n.quiet("what is detached")
		q, err := n.posts.Get(ctx, 2)
		n.must(err)
		n.must(q.Tags.Add(&Tag{Word: "w"}))
		n.must(tx.Clear())
		_, err = q.Tags.Load(ctx)
		if err == nil {
			t.Error("a relation was loaded after Clear")
		}
		return nil
	})
	eq(n.fix, n.number("SELECT count(*) FROM comments")+n.number("SELECT count(*) FROM tags"), 4)
}

func (s *suite) TestContainersOfCopies(t *testing.T) {
	n := s.net(t)
	n.seed(2, 2)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).All(ctx)
		n.must(err)
		for _, load := range []bool{false, true} {
			if load {
				loaded(n, ctx, &ps[0].Comments)
				led(n, ctx, &ps[0].Author)
			}
			c := *ps[0]
			many, one := ps[0].Comments, ps[0].Author
			if load {
				eq(n.fix, known(&c.Comments)+refers(&c.Author)+known(&many)+refers(&one), "[a b]m0[a b]m0")
			}
			for _, m := range []*rel.Many[Comment]{&c.Comments, &many} {
				_, err := m.Load(ctx)
				n.is(err, rel.ErrCopied)
				_, err = m.Count(ctx)
				n.is(err, rel.ErrCopied)
				n.is(m.Add(&Comment{}), rel.ErrCopied)
				n.is(m.Remove(&Comment{}), rel.ErrCopied)
				n.is(m.Set(), rel.ErrCopied)
				for _, err := range m.Stream(ctx) {
					n.is(err, rel.ErrCopied)
				}
			}
			for _, o := range []*rel.One[Member]{&c.Author, &one} {
				_, err := o.Load(ctx)
				n.is(err, rel.ErrCopied)
				n.is(o.Set(nil), rel.ErrCopied)
			}
		}
		ps[1].Comments = ps[0].Comments // another's
		n.is(tx.Flush(ctx), rel.ErrCopied)
		n.must(tx.Rollback(ctx))
		c := *ps[0]
		c.ID = 0
		n.is(n.posts.Add(ctx, &c), rel.ErrCopied)
		return tx.Rollback(ctx)
	})
	eq(n.fix, n.number("SELECT count(*) FROM posts"), 4)
}

func (s *suite) TestRelationsAsJSON(t *testing.T) {
	n := s.net(t)
	n.seed(1, 1)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		p, err := n.posts.Query().With(Posts.Author, Posts.Comments).One(ctx)
		n.must(err)
		b, err := json.Marshal(p)
		n.must(err)
		var got struct {
			Author struct {
				Name  string
				Posts any
			}
			Comments []struct {
				Text string
				Post any
			}
			Tags any
		}
		n.must(json.Unmarshal(b, &got))
		eq(n.fix, got.Author.Name+got.Comments[1].Text, "m0b")
		if got.Tags != nil {
			t.Errorf("tags are %v", got.Tags)
		}
		var back Post
		n.must(json.Unmarshal(b, &back))
		eq(n.fix, refers(&back.Author)+known(&back.Comments)+known(&back.Tags), "m0[a b]?[]")
		return nil
	})
}

func (s *suite) TestChangesOfRelationsThatAreRefused(t *testing.T) {
	n := s.net(t)
	n.seed(2, 2)
	other, otherTx := n.unit(uow.ReadOnly())
	foreign, err := n.posts.Get(other, 3)
	n.must(err)
	stranger, err := n.members.Get(other, 2)
	n.must(err)
	n.is(foreign.Comments.Add(&Comment{}), uow.ErrReadOnly)
	n.is(foreign.Author.Set(nil), uow.ErrReadOnly)
	n.is(foreign.Comments.Set(), uow.ErrReadOnly)
	eq(n.fix, loaded(n, other, &foreign.Comments), "[a b]")
	n.must(otherTx.Rollback(other)) // gives the database free, keeps the entities
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		m, err := n.members.Get(ctx, 1)
		n.must(err)
		ps, err := m.Posts.Load(ctx)
		n.must(err)
		n.is(m.Posts.Add(foreign), uow.ErrAttached)
		n.is(m.Posts.Add(&Post{Title: "left out"}, foreign), uow.ErrAttached) // nothing is added
		n.is(m.Posts.Set(foreign), uow.ErrAttached)
		n.is(ps[0].Author.Set(stranger), uow.ErrAttached)
		n.is(m.Posts.Add(nil), rel.ErrNil)
		eq(n.fix, known(&m.Posts), "[p0.0 p0.1]")
		eq(n.fix, refers(&ps[0].Author), "m0")
		n.must(n.members.Delete(ctx, m))
		n.is(ps[0].Author.Set(m), uow.ErrDeleted)
		n.is(m.Posts.Add(&Post{}), uow.ErrDeleted)
		n.must(n.members.Add(ctx, m))
		n.must(n.posts.Delete(ctx, ps[1]))
		n.is(m.Posts.Add(ps[1]), uow.ErrDeleted)
		n.must(tx.Flush(ctx))
		n.is(m.Posts.Add(ps[1]), uow.ErrDeleted)
		n.log.Take()
		n.must(tx.Flush(ctx))
		n.quiet("what was refused")
		return nil
	})
	err = n.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		p, err := n.posts.Get(ctx, 1)
		n.must(err)
		p.Author = rel.To(stranger)
		return nil
	})
	n.is(err, uow.ErrAttached)
	eq(n.fix, n.column("SELECT title FROM posts ORDER BY id"), "p0.0 p1.0 p1.1")
}

func (s *suite) TestS63_AnEntityThatWasLetGo(t *testing.T) {
	n := s.net(t)
	err := n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		m, p := &Member{Name: "m"}, &Post{Title: "p"}
		n.must(p.Author.Set(m))
		n.must(n.posts.Add(ctx, p))
		return n.members.Detach(ctx, m)
	})
	n.detached(err, "Author")
	n.says(err, "Post.Author", "Post")
	err = n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		m, c := &Member{Name: "m"}, &Circle{Name: "c"}
		n.must(c.Members.Add(m))
		n.must(n.circles.Add(ctx, c))
		return n.members.Detach(ctx, m)
	})
	n.detached(err, "Circles")
	n.says(err, "suite.Member")
	// Of one that has a row the key is known.
	n.seed(1, 1)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		m, err := n.members.First(ctx)
		n.must(err)
		n.must(n.badges.Add(ctx, &Badge{Code: "k", Holder: rel.To(m)}))
		return n.members.Detach(ctx, m)
	})
	eq(n.fix, n.number("SELECT count(*) FROM badges b JOIN members m ON m.id = b.holder_id"), 1)
}

func (s *suite) TestS62_AddBringsChildrenAlong(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		m := &Member{Name: "m", Profile: rel.To(&Profile{Bio: "b"}), Circles: rel.Of(&Circle{Name: "c"}),
			Posts: rel.Of(&Post{Title: "p", Comments: rel.Of(&Comment{Text: "x"}, &Comment{Text: "y"}), Tags: rel.Of(&Tag{Word: "w"})})}
		n.must(n.members.Add(ctx, m))
		n.must(tx.Flush(ctx))
		ps, _ := m.Posts.Loaded()
		late := &Post{Title: "late", Author: rel.To(&Member{Name: "o"}), Comments: rel.Of(&Comment{Text: "z"})}
		n.must(ps[0].Comments.Add(&Comment{Text: "q"}))
		return n.posts.Add(ctx, late)
	})
	eq(n.fix, n.column("SELECT text FROM comments c JOIN posts p ON p.id = c.post_id ORDER BY text"), "q x y z")
	eq(n.fix, n.number("SELECT count(*) FROM posts p JOIN members m ON m.id = p.author_id"), 2)
	eq(n.fix, n.number("SELECT count(*) FROM profiles")+n.number("SELECT count(*) FROM memberships")+n.number("SELECT count(*) FROM tags"), 3)
	// A child of which one thing is wrong leaves nothing behind.
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		m := &Member{Name: "again"}
		n.must(m.Posts.Add(&Post{ID: 1, Title: "taken"}))
		_, err := n.posts.Get(ctx, 1)
		n.must(err)
		err = n.members.Add(ctx, m)
		as[*uow.DuplicateError](n.fix, err)
		return tx.Rollback(ctx)
	})
	eq(n.fix, n.number("SELECT count(*) FROM members"), 2)
}

func (s *suite) TestRelationsInHooks(t *testing.T) {
	n := s.net(t)
	n.seed(1, 2)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		m, err := n.members.Query().With(Members.Posts).One(ctx)
		n.must(err)
		ps, _ := m.Posts.Loaded()
		before, after := 0, 0
		tx.OnBeforeFlush(func(ctx context.Context, p *uow.Plan) error {
			if before++; before > 1 {
				return nil
			}
			n.must(ps[0].Author.Set(nil))
			n.must(m.Posts.Add(&Post{Title: "by the hook"}))
			return ps[1].Comments.Set()
		})
		tx.OnAfterFlush(func(ctx context.Context) error {
			if after++; after > 1 {
				return nil
			}
			return m.Circles.Add(&Circle{Name: "after"})
		})
		m.Name = "changed"
		return nil
	})
	eq(n.fix, n.column("SELECT title FROM posts WHERE author_id = 1 ORDER BY id"), "p0.1 by the hook")
	eq(n.fix, n.number("SELECT count(*) FROM comments WHERE post_id = 2"), 0)
	eq(n.fix, n.number("SELECT count(*) FROM memberships"), 1)
}

func (s *suite) TestAPlanChangesNothing(t *testing.T) {
	n := s.net(t)
	n.seed(2, 2)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		m, err := n.members.Get(ctx, 1)
		n.must(err)
		ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).With(Posts.Comments).All(ctx)
		n.must(err)
		n.must(n.members.Delete(ctx, m))
		n.planned(ctx, tx)
		n.must(n.members.Add(ctx, m)) // taken back
		eq(n.fix, n.planned(ctx, tx), "")
		fresh := &Comment{Text: "fresh"}
		n.must(ps[0].Comments.Add(fresh))
		n.must(n.posts.Delete(ctx, ps[0]))
		n.planned(ctx, tx)
		n.must(n.posts.Add(ctx, ps[0]))
		eq(n.fix, n.planned(ctx, tx), "insert comments")
		n.must(n.comments.Detach(ctx, fresh))
		n.must(ps[0].Comments.Remove(fresh))
		cs, _ := ps[1].Comments.Loaded()
		n.must(ps[1].Comments.Remove(cs[0]))
		n.says(errors.New(n.planned(ctx, tx)), "orphan")
		n.must(ps[0].Comments.Add(cs[0])) // it has found another owner
		eq(n.fix, n.planned(ctx, tx), "update comments key 3 (post_id)")
		return nil
	})
	eq(n.fix, n.column("SELECT author_id FROM posts ORDER BY id"), "1 1 2 2")
	eq(n.fix, n.column("SELECT post_id FROM comments ORDER BY id"), "1 1 1 2 3 3 4 4")
}
