package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/uow"
)

// odd are texts that a list must keep apart.
var odd = []string{"x", `a"b`, `a\b`, "{c,d}", "ä'ö", "", "NULL", "0", " "}

// TestRelationsByCompositeKeysAreOneStatement loads relations of 10,000 parents
// whose keys have two columns.
func (s *suite) TestRelationsByCompositeKeysAreOneStatement(t *testing.T) {
	n := s.net(t)
	const parents = 10_000
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		_, err := n.areas.InsertAll(ctx, func(yield func(*Area) bool) {
			for i := range parents {
				a := &Area{Country: odd[i%len(odd)], Code: int32(i + 1), Name: fmt.Sprint(i)}
				if i >= len(odd) {
					a.UpName, a.UpCode = ptr(odd[i%len(odd)]), ptr(int32(i%len(odd)+1))
				}
				if !yield(a) {
					return
				}
			}
		})
		n.must(err)
		_, err = n.stations.InsertAll(ctx, func(yield func(*Station) bool) {
			for i := range parents {
				if !yield(&Station{Name: fmt.Sprint(i), AreaCountry: odd[i%len(odd)], AreaCode: int32(i + 1)}) {
					return
				}
			}
		})
		return err
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		as, err := n.areas.Query().OrderBy(Areas.Code.Asc()).All(ctx)
		n.must(err)
		n.log.Take()
		_, err = as[0].Stations.Load(ctx)
		n.must(err)
		eq(n.fix, len(n.sent()), 1)
		for i, a := range as {
			if ss, ok := a.Stations.Loaded(); !ok || len(ss) != 1 || ss[0].Name != fmt.Sprint(i) {
				n.Fatalf("stations of area %d: %v, %v", i, ss, ok)
			}
		}
		parts, err := as[0].Parts.Load(ctx)
		n.must(err)
		eq(n.fix, len(n.sent()), 1)
		eq(n.fix, len(parts), parents/len(odd))
		return nil
	})
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		ss, err := n.stations.Query().OrderBy(Stations.ID.Asc()).All(ctx)
		n.must(err)
		n.log.Take()
		_, err = ss[0].Area.Load(ctx)
		n.must(err)
		eq(n.fix, len(n.sent()), 1)
		for i, st := range ss {
			if a, ok := st.Area.Loaded(); !ok || a.Name != fmt.Sprint(i) {
				n.Fatalf("area of station %d: %v, %v", i, a, ok)
			}
		}
		return nil
	})
}

// TestLongCollectionsAreTakenApart removes the members of long collections one by
// one, in several orders: that takes time in proportion, and keeps the order.
func (s *suite) TestLongCollectionsAreTakenApart(t *testing.T) {
	n := s.net(t)
	const length = 10_000
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		p := &Post{Title: "long"}
		for i := range length {
			n.must(p.Comments.Add(&Comment{Text: fmt.Sprint(i)}))
		}
		return n.posts.Add(ctx, p)
	})
	start := time.Now()
	n.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		p, err := n.posts.One(ctx)
		n.must(err)
		cs, err := p.Comments.Load(ctx)
		n.must(err)
		for i, c := range cs { // every third one stays
			if i%3 != 0 {
				n.must(p.Comments.Remove(c))
			}
		}
		left, _ := p.Comments.Loaded()
		eq(n.fix, len(left), (length+2)/3)
		for i, c := range left {
			if c != cs[3*i] {
				n.Fatalf("member %d is %v, want %v", i, c, cs[3*i])
			}
		}
		n.must(p.Comments.Add(cs[1]))
		for i := len(left) - 1; i > 0; i-- {
			n.must(p.Comments.Remove(left[i]))
		}
		eq(n.fix, known(&p.Comments), "[0 1]")
		n.must(tx.Flush(ctx))
		return errNotThis
	})
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	eq(n.fix, n.number("SELECT count(*) FROM comments"), length)
}

// TestALoadThatIsCutOff cancels loads at every point at which they look, and kills
// the connection of one where the database can do so.
func (s *suite) TestALoadThatIsCutOff(t *testing.T) {
	n := s.net(t)
	n.seed(3, 40)
	cuts := 0
	for at := 1; ; at++ {
		done := false
		ctx, tx := n.unit()
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).All(ctx)
		n.must(err)
		ms[0].Name = "changed"
		n.must(ms[0].Posts.Add(&Post{Title: "added"}))
		_, err = ms[0].Posts.Load(&cutOff{Context: ctx, left: at})
		if err == nil {
			done = true
		} else {
			cuts++
			n.is(err, context.Canceled)
			for _, m := range ms {
				if _, ok := m.Posts.Loaded(); ok {
					n.Fatalf("cut off at %d: posts of %s are loaded", at, m)
				}
			}
			if _, err := ms[0].Posts.Load(ctx); err != nil {
				n.is(err, uow.ErrRollbackOnly)
				n.must(tx.Rollback(ctx))
				eq(n.fix, ms[0].Name, "m0")
				_, err := ms[0].Posts.Load(ctx)
				n.must(err)
			}
			ps, ok := ms[0].Posts.Loaded()
			if !ok || len(ps) < 40 || len(ps) > 41 {
				n.Fatalf("cut off at %d: %d posts, %v", at, len(ps), ok)
			}
		}
		n.must(tx.Rollback(ctx))
		n.must(tx.Close())
		n.idle()
		if done {
			break
		}
	}
	if cuts < 2 {
		t.Errorf("only %d loads were cut off", cuts)
	}
	if !n.db.Dialect().Capabilities().ServerCursors {
		return // the database is in the process
	}
	for _, point := range []string{"before", "during"} {
		ctx, tx := n.unit()
		ms, err := n.members.Query().OrderBy(Members.ID.Asc()).All(ctx)
		n.must(err)
		ms[0].Name = "changed"
		var pid int
		n.must(tx.Get(ctx, &pid, "SELECT pg_backend_pid()"))
		kill := func() { n.sql("SELECT pg_terminate_backend(?)", pid) }
		killed := make(chan bool)
		if point == "before" {
			kill()
			close(killed)
		} else { // the Load waits for a lock, and is killed while it does
			other, lock := n.unit(uow.RequiresNew())
			_, err := lock.Exec(other, "LOCK TABLE posts IN ACCESS EXCLUSIVE MODE")
			n.must(err)
			go func() {
				defer close(killed)
				for n.number("SELECT count(*) FROM pg_stat_activity WHERE pid = ? AND wait_event_type = 'Lock'", pid) == 0 {
					time.Sleep(5 * time.Millisecond)
				}
				kill()
				_ = lock.Rollback(other)
			}()
		}
		_, err = ms[0].Posts.Load(ctx)
		<-killed
		n.is(err, dialect.ErrConnectionLost)
		n.says(err, "suite.Member.Posts")
		if _, ok := ms[0].Posts.Loaded(); ok {
			n.Errorf("killed %s: the posts are loaded", point)
		}
		_, err = ms[0].Posts.Load(ctx)
		n.is(err, uow.ErrRollbackOnly)
		n.must(tx.Rollback(ctx))
		eq(n.fix, ms[0].Name, "m0")
		ps, err := ms[1].Posts.Load(ctx)
		n.must(err)
		eq(n.fix, len(ps), 40)
		n.must(tx.Close())
		n.idle()
	}
}

// cutOff is a context that is cancelled when it has been asked some times.
type cutOff struct {
	context.Context
	left int
}

func (c *cutOff) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return c.Context.Err()
}

// TestAMillionMembersAreCountedAndStreamed counts and streams a collection that
// nobody would load.
func (s *suite) TestAMillionMembersAreCountedAndStreamed(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("a million rows take seconds")
	}
	n := s.net(t)
	n.seed(1, 2)
	length := 1_000_000
	if n.db.Dialect().Capabilities().ServerCursors {
		length = 100_000 // the rows are the server's, and it is slower to make them
	}
	n.sql("DELETE FROM comments")
	n.sql("INSERT INTO comments (text, post_id) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?) SELECT 'c', 1 FROM c", length)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		p, err := n.posts.Query().OrderBy(Posts.ID.Asc()).First(ctx)
		n.must(err)
		n.log.Take()
		k, err := p.Comments.Count(ctx)
		n.must(err)
		eq(n.fix, k, int64(length))
		if q := n.sent(); len(q) != 1 || !strings.Contains(q[0], "count(*)") {
			t.Errorf("Count sent %v", q)
		}
		most, start := uint64(0), heap()
		rows, last := 0, int64(0)
		for c, err := range p.Comments.Stream(ctx) {
			n.must(err)
			if c.ID <= last {
				n.Fatalf("key %d comes after %d", c.ID, last)
			}
			last = c.ID
			if rows%100_000 == 500 {
				most = max(most, heap())
				n.log.Take()
			}
			rows++
		}
		eq(n.fix, rows, length)
		if most > start+20<<20 {
			t.Errorf("the heap grew from %d to %d MB", start>>20, most>>20)
		}
		eq(n.fix, known(&p.Comments), "?[]")
		return nil
	}, uow.ReadOnly())
}

// heap is what is reachable.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestSettingWhatIsHeldChangesNothing sets relations to what they hold already.
func (s *suite) TestSettingWhatIsHeldChangesNothing(t *testing.T) {
	n := s.net(t)
	n.seed(2, 2)
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		m, err := n.members.Get(ctx, 1)
		n.must(err)
		return m.Circles.Set(&Circle{Name: "c"}, &Circle{Name: "d"})
	})
	for _, opts := range [][]uow.Option{nil, {uow.ReadOnly()}} {
		n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			ms, err := n.members.Query().OrderBy(Members.ID.Asc()).With(Members.Posts, Members.Circles, Members.Profile).All(ctx)
			n.must(err)
			p, err := n.posts.Query().OrderBy(Posts.ID.Asc()).With(Posts.Author, Posts.Comments).First(ctx)
			n.must(err)
			n.log.Take()
			ps, _ := ms[0].Posts.Loaded()
			n.must(ms[0].Posts.Set(ps[0], ps[1], ps[0]))
			cs, _ := ms[0].Circles.Loaded()
			n.must(ms[0].Circles.Set(cs...))
			n.must(ms[1].Circles.Set())
			n.must(ms[0].Profile.Set(nil))
			n.must(p.Author.Set(ms[0]))
			text, _ := p.Comments.Loaded()
			n.must(p.Comments.Set(text...))
			eq(n.fix, n.planned(ctx, tx), "")
			n.must(tx.Flush(ctx))
			n.quiet("setting what is held")
			if len(opts) > 0 {
				n.is(ms[0].Posts.Set(ps[0]), uow.ErrReadOnly)
				n.is(p.Author.Set(ms[1]), uow.ErrReadOnly)
				return nil
			}
			p.AuthorID = ptr(ms[1].ID) // what the field says is another thing
			n.must(ms[0].Posts.Set(ps...))
			eq(n.fix, n.planned(ctx, tx), "")
			p.AuthorID = ptr(ms[1].ID)
			n.must(p.Author.Set(ms[0]))
			eq(n.fix, n.planned(ctx, tx), "")
			return nil
		}, opts...)
	}
}

// TestJSONOfTheOutermostEntity: it is not written inside itself where a unit of
// work knows, or has known, it.
func (s *suite) TestJSONOfTheOutermostEntity(t *testing.T) {
	n := s.net(t)
	n.seed(1, 1)
	var m *Member
	told := func() string {
		b, err := json.Marshal(m)
		n.must(err)
		return string(b)
	}
	check := func() {
		n.Helper()
		if got := told(); strings.Count(got, `"m0"`) != 1 || !strings.Contains(got, `"Author":null`) || strings.Count(got, `"p0.0"`) != 1 {
			n.Errorf("the member is told as %s", got)
		}
		b, err := json.Marshal(struct{ Of []Member }{[]Member{*m}})
		n.must(err)
		if strings.Count(string(b), `"m0"`) != 1 {
			n.Errorf("a copy of the member is told as %s", b)
		}
	}
	n.run(func(ctx context.Context, _ *uow.UnitOfWork) (err error) {
		m, err = n.members.Query().With(Members.Posts.With(Posts.Author, Posts.Comments.With(Comments.Post))).One(ctx)
		n.must(err)
		check()
		return nil
	})
	check() // its unit has ended
	p, _ := m.Posts.Loaded()
	b, err := json.Marshal(p[0])
	n.must(err)
	if got := string(b); strings.Count(got, `"p0.0"`) != 1 || !strings.Contains(got, `"Posts":[]`) || strings.Count(got, `"Post":null`) != 2 {
		n.Errorf("the post is told as %s", got)
	}
}
