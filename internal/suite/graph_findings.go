package suite

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

// TestS66_ALoadBetweenRemoveAndAddSparesTheOrphan moves children that their
// parents own while relations are loaded: what may yet find another parent is not
// deleted by that, and is deleted in the end where it does not.
func (s *suite) TestS66_ALoadBetweenRemoveAndAddSparesTheOrphan(t *testing.T) {
	n := s.net(t)
	n.seed(1, 3)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).All(ctx)
		n.must(err)
		cs, err := ps[0].Comments.LoadOnly(ctx)
		n.must(err)
		moved, lost := cs[0], cs[1]
		n.must(ps[0].Comments.Remove(moved, lost))
		moved.Text, ps[1].Title = "moved", "changed"
		n.must(n.comments.Add(ctx, &Comment{Text: "new", PostID: ps[1].ID}))
		eq(n.fix, loaded(n, ctx, &ps[1].Comments), "[a b new]") // which does flush what is not an orphan
		eq(n.fix, refers(&moved.Post), "-")
		eq(n.fix, led(n, ctx, &moved.Post), "-")
		n.must(ps[1].Comments.Add(moved))
		eq(n.fix, loaded(n, ctx, &ps[2].Comments), "[a b]")
		eq(n.fix, n.planned(ctx, tx), fmt.Sprintf("update comments key %d (text, post_id); delete comments key %d: orphan of suite.Post.Comments", moved.ID, lost.ID))
		return nil
	})
	eq(n.fix, n.column("SELECT text FROM comments WHERE post_id = 2 ORDER BY id"), "moved a b new")
	eq(n.fix, n.number("SELECT count(*) FROM comments WHERE post_id = 1"), 0)

	// Where the foreign key takes NULL, too, and by it.
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.twigs.Add(ctx, &Twig{Name: "a", Subs: rel.Of(&Twig{Name: "x"}, &Twig{Name: "y"}, &Twig{Name: "z"})}, &Twig{Name: "b"})
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ts, err := n.twigs.Query().Where(Twigs.Up.IsNull()).OrderBy(Twigs.Name.Asc()).All(ctx)
		n.must(err)
		xs, err := ts[0].Subs.LoadOnly(ctx)
		n.must(err)
		n.must(ts[0].Subs.Remove(xs[0], xs[1]))
		xs[2].UpID = nil
		eq(n.fix, loaded(n, ctx, &ts[1].Subs), "[]")
		n.must(ts[1].Subs.Add(xs[0]))
		xs[2].UpID = &ts[1].ID
		return nil
	})
	eq(n.fix, n.column("SELECT name FROM twigs WHERE up_id = (SELECT id FROM twigs WHERE name = 'b') ORDER BY name"), "x z")
	eq(n.fix, n.number("SELECT count(*) FROM twigs WHERE name = 'y'"), 0)

	// Where the relation keeps what must have a parent.
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.areas.Add(ctx, &Area{Country: "x", Code: 1, Stations: rel.Of(&Station{Name: "s"})}, &Area{Country: "x", Code: 2})
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		as, err := n.areas.Query().OrderBy(Areas.Code.Asc()).All(ctx)
		n.must(err)
		ss, err := as[0].Stations.LoadOnly(ctx)
		n.must(err)
		n.must(as[0].Stations.Remove(ss[0]))
		eq(n.fix, loaded(n, ctx, &as[1].Stations), "[]")
		return as[1].Stations.Add(ss[0])
	})
	eq(n.fix, n.number("SELECT area_code FROM stations"), 2)
}

// TestS66_AnOrphanIsSparedThatStandsInTheWay loads relations while orphans hold
// unique values that others take, and refer to rows that are deleted: then nothing
// is flushed by that, and what is in memory counts.
func (s *suite) TestS66_AnOrphanIsSparedThatStandsInTheWay(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.members.Add(ctx, &Member{Name: "a", Profile: rel.To(&Profile{Bio: "old"})}, &Member{Name: "b"})
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).All(ctx)
		n.must(err)
		old, err := ms[0].Profile.LoadOnly(ctx)
		n.must(err)
		n.must(ms[0].Profile.Set(&Profile{Bio: "new"}))
		eq(n.fix, led(n, ctx, &ms[1].Profile), "-")
		return ms[1].Profile.Set(old)
	})
	eq(n.fix, n.column("SELECT bio FROM profiles ORDER BY member_id"), "new old")

	n.seed(1, 3)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).All(ctx)
		n.must(err)
		cs, err := ps[0].Comments.LoadOnly(ctx)
		n.must(err)
		n.must(ps[0].Comments.Remove(cs[0]))
		n.must(n.posts.Delete(ctx, ps[0]))
		eq(n.fix, loaded(n, ctx, &ps[1].Comments), "[a b]")
		return ps[1].Comments.Add(cs[0])
	})
	eq(n.fix, n.column("SELECT count(*) FROM comments GROUP BY post_id ORDER BY post_id"), "3 2")
}

// TestS66_AQueryDeletesTheOrphan: a query, a Count and a Stream ask the database,
// which is to know first.
func (s *suite) TestS66_AQueryDeletesTheOrphan(t *testing.T) {
	for _, how := range []string{"query", "count", "stream"} {
		n := s.net(t)
		n.seed(1, 2)
		n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).All(ctx)
			n.must(err)
			cs, err := ps[0].Comments.LoadOnly(ctx)
			n.must(err)
			n.must(ps[0].Comments.Remove(cs[0]))
			switch how {
			case "query":
				all, err := n.comments.Query().All(ctx)
				n.must(err)
				eq(n.fix, len(all), 3)
			case "count":
				k, err := ps[1].Comments.Count(ctx)
				n.must(err)
				eq(n.fix, k, 2)
			case "stream":
				for _, err := range ps[1].Comments.Stream(ctx) {
					n.must(err)
				}
			}
			n.is(ps[1].Comments.Add(cs[0]), uow.ErrDeleted)
			return nil
		})
	}
}

// TestD6_ThePlanListsSecondUpdates writes and deletes rows that refer to each
// other: the plan has as many changes as there are.
func (s *suite) TestD6_ThePlanListsSecondUpdates(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		p := &Player{Name: "p"}
		team := &Team{Name: "t", Players: rel.Of(p)}
		n.must(n.teams.Add(ctx, team))
		n.must(team.Lead.Set(p))
		const want = "insert teams; insert players; update teams (lead_id): cycle, refers to a new row of players"
		eq(n.fix, n.planned(ctx, tx), want)
		n.log.Take()
		n.must(tx.Flush(ctx))
		eq(n.fix, len(n.writes()), 3)
		eq(n.fix, n.planned(ctx, tx), "")
		return nil
	})
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		team, err := n.teams.One(ctx)
		n.must(err)
		n.must(team.Lead.Set(&Player{Name: "q", Team: rel.To(team)}))
		eq(n.fix, n.planned(ctx, tx), "insert players; update teams key 1 (lead_id): cycle, refers to a new row of players")
		team.Name = "u"
		eq(n.fix, n.planned(ctx, tx), "insert players; update teams key 1 (name, lead_id): cycle, refers to a new row of players")
		n.log.Take()
		n.must(tx.Flush(ctx))
		eq(n.fix, len(n.writes()), 2)
		return nil
	})
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, b := &Twig{Name: "a"}, &Twig{Name: "b"}
		n.must(n.twigs.Add(ctx, a, b))
		n.must(a.Up.Set(b))
		n.must(b.Up.Set(a))
		eq(n.fix, n.planned(ctx, tx), "insert twigs; insert twigs; update twigs (up_id): cycle, refers to a new row of twigs")
		n.log.Take()
		n.must(tx.Flush(ctx))
		eq(n.fix, len(n.writes()), 3)
		return nil
	})
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		team, err := n.teams.One(ctx)
		n.must(err)
		n.must(n.teams.Delete(ctx, team))
		eq(n.fix, n.planned(ctx, tx), "update teams key 1 (lead_id): cycle, lets go of players before the deletion; "+
			"delete players key 1: cascade of suite.Team.Players; delete players key 2: cascade of suite.Team.Players; delete teams key 1")
		n.log.Take()
		n.must(tx.Flush(ctx))
		eq(n.fix, len(n.writes()), 3)
		return nil
	})
}

// TestS66_AnExchangeOverAOneToOneThatMustBe exchanges one-to-one children whose
// foreign keys cannot be NULL: by the place of a parent without child, or not.
func (s *suite) TestS66_AnExchangeOverAOneToOneThatMustBe(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return n.members.Add(ctx, &Member{Name: "a", Profile: rel.To(&Profile{Bio: "x"})}, &Member{Name: "b", Profile: rel.To(&Profile{Bio: "y"})})
	})
	swap := func(ctx context.Context, _ *uow.UnitOfWork) error {
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).With(Members.Profile).Limit(2).All(ctx)
		n.must(err)
		x, _ := ms[0].Profile.Loaded()
		y, _ := ms[1].Profile.Loaded()
		n.must(ms[0].Profile.Set(y))
		return ms[1].Profile.Set(x)
	}
	err := n.fails(swap)
	e := as[*uow.ExchangeError](n.fix, err)
	eq(n.fix, []string{e.Table, fmt.Sprint(e.Columns)}, []string{"profiles", "[member_id]"})
	n.says(err, "nullable", "a row of members that no row refers to", "exchange what the rows hold")
	eq(n.fix, n.column("SELECT bio FROM profiles ORDER BY member_id"), "x y")
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return n.members.Add(ctx, &Member{Name: "free"}) })
	n.run(swap)
	eq(n.fix, n.column("SELECT bio FROM profiles ORDER BY member_id"), "y x")

	// The remedies: the columns' values, and the foreign key that takes NULL.
	n.sql("DELETE FROM members WHERE name = 'free'")
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ps, err := n.profiles.Query().OrderBy(Profiles.MemberID.Asc()).All(ctx)
		n.must(err)
		ps[0].Bio, ps[1].Bio = ps[1].Bio, ps[0].Bio
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).All(ctx)
		n.must(err)
		n.must(ms[0].Badge.Set(&Badge{Code: "k"}))
		return ms[1].Badge.Set(&Badge{Code: "l"})
	})
	eq(n.fix, n.column("SELECT bio FROM profiles ORDER BY member_id"), "x y")
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).With(Members.Badge).All(ctx)
		n.must(err)
		k, _ := ms[0].Badge.Loaded()
		l, _ := ms[1].Badge.Loaded()
		n.must(ms[0].Badge.Set(l))
		return ms[1].Badge.Set(k)
	})
	eq(n.fix, n.column("SELECT code FROM badges ORDER BY holder_id"), "l k")
}

// TestS63_EntitiesOfAUnitThatHasEnded puts entities that an ended unit has read or
// written into relations of another: they have rows and are not new.
func (s *suite) TestS63_EntitiesOfAUnitThatHasEnded(t *testing.T) {
	n := s.net(t)
	n.seed(1, 1)
	var old *Member
	var post *Post
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) (err error) {
		old, err = n.members.One(ctx)
		n.must(err)
		post, err = n.posts.Query().With(Posts.Author, Posts.Comments).One(ctx)
		return err
	})
	written := &Member{Name: "written"}
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return n.members.Add(ctx, written) })
	aside, err := n.members.Untracked().Query().With(Members.Posts).First(n.ctx)
	n.must(err)
	for name, link := range map[string]block{
		"Set":     func(ctx context.Context, _ *uow.UnitOfWork) error { return n.fresh(ctx).Author.Set(old) },
		"written": func(ctx context.Context, _ *uow.UnitOfWork) error { return n.fresh(ctx).Author.Set(written) },
		"aside":   func(ctx context.Context, _ *uow.UnitOfWork) error { return n.fresh(ctx).Author.Set(aside) },
		"To": func(ctx context.Context, _ *uow.UnitOfWork) error {
			return n.posts.Add(ctx, &Post{Author: rel.To(old)})
		},
		"assigned": func(ctx context.Context, tx *uow.UnitOfWork) error {
			n.fresh(ctx).Author = rel.To(old)
			return tx.Flush(ctx)
		},
		"Add": func(ctx context.Context, _ *uow.UnitOfWork) error {
			m := &Member{Name: "n"}
			n.must(n.members.Add(ctx, m))
			err := m.Posts.Add(&Post{Title: "ok"}, post)
			eq(n.fix, known(&m.Posts), "?[]")
			return err
		},
		"Of": func(ctx context.Context, _ *uow.UnitOfWork) error {
			return n.circles.Add(ctx, &Circle{Name: "c", Members: rel.Of(old)})
		},
		"owner": func(ctx context.Context, _ *uow.UnitOfWork) error {
			return n.profiles.Add(ctx, &Profile{Bio: "b", Member: rel.To(old)})
		},
	} {
		err := n.fails(link)
		var d *rel.DetachedError
		if !errors.As(err, &d) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		n.says(err, "Attach", "Merge", "key "+map[bool]string{true: "2", false: "1"}[name == "written"])
	}
	eq(n.fix, n.number("SELECT count(*) FROM members"), 2)

	// The remedies, and Add, which says that it is a new one.
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		n.must(n.members.Attach(ctx, old))
		w, err := n.members.Merge(ctx, written)
		n.must(err)
		n.must(n.fresh(ctx).Author.Set(old))
		return n.fresh(ctx).Author.Set(w)
	})
	eq(n.fix, n.number("SELECT count(*) FROM posts WHERE title = 'fresh' AND author_id IN (1, 2)"), 2)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return n.members.Delete(ctx, written) })
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error { // it has no row any more
		written.Name = "again"
		return n.fresh(ctx).Author.Set(written)
	})
	eq(n.fix, n.number("SELECT count(*) FROM members WHERE name = 'again'"), 1)
}

// fresh adds a post.
func (n *net) fresh(ctx context.Context) *Post {
	n.Helper()
	p := &Post{Title: "fresh"}
	n.must(n.posts.Add(ctx, p))
	return p
}
