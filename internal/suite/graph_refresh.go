package suite

import (
	"context"
	"testing"

	"github.com/dormer-orm/dormer/uow"
)

// Refresh takes a reference back that is not written yet, whether or not a query
// has had its foreign key follow, and both sides agree.
func (s *suite) TestS75_RefreshDropsAReference(t *testing.T) {
	for _, queried := range []bool{false, true} {
		for _, loaded := range []bool{false, true} {
			n := s.net(t)
			n.seed(2, 1)
			n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
				p, err := n.posts.One(ctx, Posts.Title.Eq("p0.0"))
				n.must(err)
				a, err := n.members.One(ctx, Members.Name.Eq("m0"))
				n.must(err)
				b, err := n.members.One(ctx, Members.Name.Eq("m1"))
				n.must(err)
				if loaded {
					for _, m := range []*Member{a, b} {
						_, err := m.Posts.LoadOnly(ctx)
						n.must(err)
					}
				}
				n.must(p.Author.Set(b))
				if queried {
					_, err := n.circles.Query().All(ctx)
					n.must(err)
				}
				n.must(n.posts.Refresh(ctx, p))
				eq(n.fix, *p.AuthorID, a.ID)
				plan, err := tx.Plan(ctx)
				n.must(err)
				eq(n.fix, len(plan.Changes()), 0)
				author, err := p.Author.Load(ctx)
				n.must(err)
				eq(n.fix, author, a)
				if loaded {
					eq(n.fix, known(&a.Posts), "[p0.0]")
					eq(n.fix, known(&b.Posts), "[p1.0]")
				}
				return nil
			})
			eq(n.fix, n.column("SELECT author_id FROM posts ORDER BY id"), "1 2")
		}
	}
}
