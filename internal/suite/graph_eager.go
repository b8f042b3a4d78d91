package suite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestS12_S14_EagerLoadingLeavesWhatIsLoaded(t *testing.T) {
	n := s.net(t)
	n.seed(2, 2)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).With(Members.Posts).All(ctx)
		n.must(err)
		ps, _ := ms[0].Posts.Loaded()
		_, err = tx.Exec(ctx, "UPDATE posts SET title = 'changed' WHERE id = 1")
		n.must(err)
		_, err = tx.Exec(ctx, "UPDATE posts SET author_id = 2 WHERE id = 2")
		n.must(err)
		n.sent()
		_, err = n.members.Query().With(Members.Posts).All(ctx)
		n.must(err)
		eq(n.fix, len(n.sent()), 1) // the members alone
		eq(n.fix, known(&ms[0].Posts), "[p0.0 p0.1]")
		_, err = n.members.Query().Reload().All(ctx) // related ones only if they are loaded with it
		n.must(err)
		eq(n.fix, known(&ms[0].Posts), "[p0.0 p0.1]")
		_, err = n.members.Query().Reload().With(Members.Posts).All(ctx)
		n.must(err)
		eq(n.fix, known(&ms[0].Posts)+known(&ms[1].Posts), "[changed][p0.1 p1.0 p1.1]")
		eq(n.fix, refers(&ps[1].Author), "m1")
		return nil
	})
}

func (s *suite) TestS15_NullKeysLeadToNothing(t *testing.T) {
	n := s.net(t)
	n.seed(1, 2)
	n.sql("UPDATE posts SET author_id = NULL WHERE id = 1")
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		n.must(n.areas.Add(ctx, &Area{Country: "de", Code: 1, Name: "half", UpName: ptr("de")})) // NULL in part
		return n.notes.Add(ctx, &Note{Text: "dangling", MemberID: ptr(int64(99))}, &Note{Text: "null"}, &Note{Text: "good", MemberID: ptr(int64(1))}, &Note{Text: "same", MemberID: ptr(int64(1))})
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).With(Posts.Author).All(ctx)
		n.must(err)
		eq(n.fix, refers(&ps[0].Author)+refers(&ps[1].Author), "-m0")
		a, err := n.areas.One(ctx)
		n.must(err)
		n.sent()
		eq(n.fix, led(n, ctx, &a.Up), "-")
		n.quiet("a key that is NULL in part")
		return nil
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ns, err := n.notes.Query().OrderBy(Notes.ID.Asc()).All(ctx)
		n.must(err)
		n.sent()
		eq(n.fix, led(n, ctx, &ns[0].Member)+led(n, ctx, &ns[1].Member)+led(n, ctx, &ns[2].Member)+led(n, ctx, &ns[3].Member), "--m0m0")
		eq(n.fix, len(n.sent()), 1)
		c, err := n.notes.Count(ctx, Notes.Member.Is(Members.Name.Eq("m0")))
		n.must(err)
		eq(n.fix, c, 2)
		c, err = n.notes.Count(ctx, Notes.Member.IsNull())
		n.must(err)
		eq(n.fix, c, 1)
		return nil
	})
}

func (s *suite) TestLoadOnlyIsForOne(t *testing.T) {
	n := s.net(t)
	n.seed(3, 2)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).All(ctx)
		n.must(err)
		_, err = ms[1].Posts.LoadOnly(ctx)
		n.must(err)
		eq(n.fix, known(&ms[0].Posts)+known(&ms[1].Posts), "?[][p1.0 p1.1]")
		ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).All(ctx)
		n.must(err)
		_, err = ps[0].Author.LoadOnly(ctx)
		n.must(err)
		eq(n.fix, refers(&ps[0].Author)+refers(&ps[1].Author)+refers(&ps[2].Author), "m0?m1")
		got := ""
		for p, err := range ms[2].Posts.Stream(ctx) {
			n.must(err)
			got += p.Title + " "
		}
		eq(n.fix, got+known(&ms[2].Posts), "p2.0 p2.1 ?[]")
		return nil
	})
}

func (s *suite) TestTenThousandOwnersInOneStatement(t *testing.T) {
	n := s.net(t)
	const many = 10000
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		m := &Member{Name: "m"}
		ps := make([]*Post, many)
		for i := range ps {
			ps[i] = &Post{Title: fmt.Sprint(i), Tags: rel.Of(&Tag{Word: fmt.Sprint("t", i)})}
		}
		n.must(m.Posts.Add(ps...))
		return n.members.Add(ctx, m)
	})
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ps, err := n.posts.Query().OrderBy(Posts.ID.Asc()).All(ctx)
		n.must(err)
		n.sent()
		for i, p := range ps {
			ts, err := p.Tags.Load(ctx)
			n.must(err)
			if len(ts) != 1 || ts[0].Word != fmt.Sprint("t", i) {
				t.Fatalf("tags of %d: %v", i, ts)
			}
			if m, err := p.Author.Load(ctx); err != nil || m == nil {
				t.Fatal(m, err)
			}
		}
		eq(n.fix, len(n.sent()), 2)
		m, _ := ps[0].Author.Loaded()
		c, err := m.Posts.Count(ctx)
		n.must(err)
		eq(n.fix, c, many)
		all, err := m.Posts.Load(ctx)
		n.must(err)
		eq(n.fix, len(all), many)
		n.must(m.Posts.Remove(all[:many/2]...))
		n.sent()
		n.must(tx.Flush(ctx))
		return nil
	})
	eq(n.fix, n.number("SELECT count(*) FROM posts WHERE author_id IS NULL"), many/2)
}

func (s *suite) TestDepthOfTrees(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		root := &Twig{Name: "0"}
		at := root
		for i := 1; i <= 1000; i++ {
			next := &Twig{Name: fmt.Sprint(i)}
			n.must(at.Subs.Add(next))
			at = next
		}
		return n.twigs.Add(ctx, root)
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		root, err := n.twigs.Query().Where(Twigs.Name.Eq("0")).With(Twigs.Subs.Depth(2)).One(ctx)
		n.must(err)
		deep := func() (depth int) {
			for at := root; ; depth++ {
				subs, ok := at.Subs.Loaded()
				if !ok || len(subs) == 0 {
					return depth
				}
				at = subs[0]
			}
		}
		eq(n.fix, deep(), 2)
		_, err = n.twigs.Query().Where(Twigs.Name.Eq("0")).With(Twigs.Subs.Depth(-1)).One(ctx)
		n.must(err)
		eq(n.fix, deep(), 1000)
		return n.twigs.Delete(ctx, root)
	})
	eq(n.fix, n.number("SELECT count(*) FROM twigs"), 0)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error { // a cycle ends
		a, b := &Twig{Name: "a"}, &Twig{Name: "b"}
		n.must(a.Up.Set(b))
		n.must(b.Up.Set(a))
		return n.twigs.Add(ctx, a)
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a, err := n.twigs.Query().Where(Twigs.Name.Eq("a")).With(Twigs.Subs.Depth(-1), Twigs.Up.Depth(-1)).One(ctx)
		n.must(err)
		eq(n.fix, known(&a.Subs)+refers(&a.Up), "[b]b")
		return n.twigs.Delete(ctx, a)
	})
	eq(n.fix, n.number("SELECT count(*) FROM twigs"), 0)
}

func (s *suite) TestS47_S49_CyclesOfReferences(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ts := &Team{Name: "t", Players: rel.Of(&Player{Name: "x"}, &Player{Name: "y"})}
		ps, _ := ts.Players.Loaded()
		ts.Lead = rel.To(ps[1])
		n.must(n.teams.Add(ctx, ts))
		n.must(tx.Flush(ctx))
		eq(n.fix, *ts.LeadID, ps[1].ID)
		return nil
	})
	eq(n.fix, n.text("SELECT p.name FROM teams t JOIN players p ON p.id = t.lead_id AND p.team_id = t.id"), "y")
}

func (s *suite) TestS48_AnImpossibleCycleIsFoundBeforeSQL(t *testing.T) {
	n := s.net(t)
	n.sent()
	err := n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		l, k := &Lock{}, &Key{}
		l.Key, k.Lock = rel.To(k), rel.To(l)
		return n.locks.Add(ctx, l)
	})
	e := as[*uow.CycleError](n.fix, err)
	eq(n.fix, len(e.Entities) > 1, true)
	n.quiet("an impossible cycle")
}

func (s *suite) TestCompositeKeys(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		top := &Area{Country: "de", Code: 1, Name: "top", Stations: rel.Of(&Station{Name: "s"})}
		n.must(top.Parts.Add(&Area{Country: "de", Code: 2, Name: "part", Stations: rel.Of(&Station{Name: "u"}, &Station{Name: "v"})}))
		return n.areas.Add(ctx, top, &Area{Country: "se", Code: 1, Name: "other"})
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		as, err := n.areas.Query().OrderBy(Areas.Name.Asc()).With(Areas.Up, Areas.Parts, Areas.Stations).All(ctx)
		n.must(err)
		got := ""
		for _, a := range as {
			got += fmt.Sprint(a, refers(&a.Up), known(&a.Parts), known(&a.Stations), " ")
		}
		eq(n.fix, got, "other-[][] parttop[][u v] top-[part][s] ")
		sts, err := n.stations.Query().OrderBy(Stations.ID.Asc()).All(ctx)
		n.must(err)
		n.sent()
		eq(n.fix, led(n, ctx, &sts[0].Area), "top")
		n.quiet("areas that are there")
		n.must(as[0].Stations.Add(sts[0]))
		return as[1].Up.Set(as[0])
	})
	eq(n.fix, n.column("SELECT area_country FROM stations ORDER BY name"), "se de de")
	eq(n.fix, n.text("SELECT up_name FROM areas WHERE code = 2"), "se")
	c, err := n.areas.Untracked().Count(n.ctx, Areas.Stations.Count().Ge(2))
	n.must(err)
	eq(n.fix, c, 1)
}

func (s *suite) TestStreamsAndUntrackedWithRelations(t *testing.T) {
	n := s.net(t)
	n.seed(300, 1)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		i := 0
		n.sent()
		for m, err := range n.members.Query().OrderBy(Members.ID.Asc()).With(Members.Posts.With(Posts.Comments)).Stream(ctx) {
			n.must(err)
			ps, ok := m.Posts.Loaded()
			if !ok || len(ps) != 1 || ps[0].Title != fmt.Sprintf("p%d.0", i) || known(&ps[0].Comments) != "[a b]" {
				t.Fatalf("member %d: %v, %v", i, ps, ok)
			}
			i++
		}
		eq(n.fix, i, 300)
		got := 0
		for _, q := range n.sent() {
			if strings.Contains(q, "posts") || strings.Contains(q, "comments") {
				got++
			}
		}
		eq(n.fix, got, 4) // two a batch
		return nil
	})
	us, err := n.members.Untracked().Query().OrderBy(Members.ID.Asc()).Limit(2).With(Members.Posts.Where(Posts.Title.Eq("p1.0"))).All(n.ctx)
	n.must(err)
	eq(n.fix, known(&us[0].Posts)+known(&us[1].Posts), "[][p1.0]")
}

func (s *suite) TestConditionsOnRelations(t *testing.T) {
	n := s.net(t)
	n.seed(3, 3)
	n.sql("UPDATE posts SET author_id = 2 WHERE author_id = 3")
	for want, q := range map[string]func() ([]*Member, error){
		"[m0 m1]": func() ([]*Member, error) {
			return n.members.Untracked().Where(Members.Posts.Any()).OrderBy(Members.ID.Asc()).All(n.ctx)
		},
		"[m2]": func() ([]*Member, error) { return n.members.Untracked().Find(n.ctx, Members.Posts.None()) },
		"[m1]": func() ([]*Member, error) { return n.members.Untracked().Find(n.ctx, Members.Posts.Count().Eq(6)) },
		"[m0]": func() ([]*Member, error) {
			return n.members.Untracked().Find(n.ctx, Members.Posts.Any(Posts.Comments.Any(Comments.Text.Eq("a")), Posts.Title.Eq("p0.1")))
		},
	} {
		ms, err := q()
		n.must(err)
		eq(n.fix, fmt.Sprint(ms), want)
	}
	ps, err := n.posts.Untracked().Query().OrderBy(Posts.Author.By(Members.Name.Desc()), Posts.ID.Asc()).Limit(1).All(n.ctx)
	n.must(err)
	eq(n.fix, fmt.Sprint(ps), "[p1.0]")
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error { // pending changes of the other table are seen
		m, err := n.members.Get(ctx, 3)
		n.must(err)
		n.must(m.Posts.Add(&Post{Title: "new"}))
		c, err := n.members.Count(ctx, Members.Posts.None())
		n.must(err)
		eq(n.fix, c, 0)
		return nil
	})
}

// The pains of peers, see docs: bun 2, ent 5 and Ecto; Bob 1, 6 and 7; ent 4 and 6; Jet 6.

func (s *suite) TestPeerPain_LimitIsPerParent(t *testing.T) {
	n := s.net(t)
	n.seed(3, 4)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).With(Members.Posts.OrderBy(Posts.ID.Desc()).Limit(2)).All(ctx)
		n.must(err)
		for i, m := range ms {
			eq(n.fix, known(&m.Posts), fmt.Sprintf("[p%d.3 p%d.2]", i, i))
		}
		return nil
	})
}

func (s *suite) TestPeerPain_NullableKeysInNestedLoaders(t *testing.T) {
	n := s.net(t)
	n.seed(1, 2)
	n.sql("UPDATE posts SET author_id = NULL")
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		cs, err := n.comments.Query().With(Comments.Post.With(Posts.Author.With(Members.Badge, Members.Circles))).All(ctx)
		n.must(err)
		eq(n.fix, len(cs), 4)
		p, _ := cs[0].Post.Loaded()
		eq(n.fix, refers(&p.Author), "-")
		return nil
	})
}

func (s *suite) TestPeerPain_ParentsAndKeysAreAskedForOnce(t *testing.T) {
	n := s.net(t)
	n.seed(1, 20)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		n.log.Take()
		ps, err := n.posts.Query().With(Posts.Author).All(ctx)
		n.must(err)
		args := n.log.Take()
		if last := args[len(args)-1]; last.Rows != 1 || strings.Count(last.SQL, "?") > 1 {
			t.Errorf("the author was asked for %d times: %s", last.Rows, last.SQL)
		}
		m, _ := ps[0].Author.Loaded()
		for _, p := range ps {
			if a, _ := p.Author.Loaded(); a != m {
				t.Error("there are two of the author")
			}
		}
		ms, err := n.members.Query().Where(Members.Posts.Any()).With(Members.Posts).All(ctx)
		n.must(err)
		eq(n.fix, len(ms), 1)
		held, _ := ms[0].Posts.Loaded()
		eq(n.fix, len(held), 20)
		return nil
	})
}

func (s *suite) TestPeerPain_CountingDoesNotLoad(t *testing.T) {
	n := s.net(t)
	n.seed(1, 3)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		m, err := n.members.First(ctx)
		n.must(err)
		n.sent()
		c, err := m.Posts.Count(ctx)
		n.must(err)
		eq(n.fix, c, 3)
		eq(n.fix, known(&m.Posts), "?[]")
		q := n.sent()
		if len(q) != 1 || !strings.Contains(strings.ToLower(q[0]), "count(") {
			t.Errorf("sent %v", q)
		}
		return nil
	})
}

func (s *suite) TestPeerPain_ChildrensChangesAreNotDropped(t *testing.T) {
	n := s.net(t)
	n.seed(1, 2)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		m, err := n.members.Query().With(Members.Posts).One(ctx)
		n.must(err)
		ps, _ := m.Posts.Loaded()
		m.Name, ps[0].Title, ps[1].Title = "", "", "edited"
		return nil
	})
	eq(n.fix, n.column("SELECT title FROM posts ORDER BY id"), "edited")
	err := n.fails(func(ctx context.Context, _ *uow.UnitOfWork) error { // errors of nested loaders are not lost
		_, err := n.members.Query().With(Members.Posts.With(Posts.Comments.Limit(-1))).All(ctx)
		return err
	})
	n.says(err, "negative")
	var none *uow.CycleError
	eq(n.fix, errors.As(err, &none), false)
}
