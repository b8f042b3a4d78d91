package suite

import (
	"context"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/watch"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

var garden = schema.NewMetadata()

// Stem has a key that changes. Boughs lose it with its row, shoots and buds have
// it in their keys.
type Stem struct{ Name, Note string }

type stems struct {
	schema.Table[Stem]
	Name expr.Column[Stem, string]
	Note expr.Column[Stem, string]
}

var Stems = schema.Define("stems", func(t *stems) { schema.Text(t.Name).PrimaryKey() }, schema.In(garden))

type Bough struct {
	ID   int64
	Stem *string
	Note string
}

type boughs struct {
	schema.Table[Bough]
	ID   expr.Column[Bough, int64]
	Stem expr.Nullable[Bough, string]
	Note expr.Column[Bough, string]
}

var Boughs = schema.Define("boughs", func(t *boughs) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Stem).References(Stems.Name).OnKeyUpdate(schema.Cascade).OnDelete(schema.SetNull)
}, schema.In(garden))

type Shoot struct {
	Stem    string
	Note    string
	Version int64
}

type shoots struct {
	schema.Table[Shoot]
	Stem    expr.Column[Shoot, string]
	Note    expr.Column[Shoot, string]
	Version expr.Column[Shoot, int64]
}

var Shoots = schema.Define("shoots", func(t *shoots) {
	schema.Text(t.Stem).PrimaryKey().References(Stems.Name).OnKeyUpdate(schema.Cascade).OnDelete(schema.Cascade)
	schema.Column(t.Version).Version()
}, schema.In(garden))

type Bud struct {
	Shoot string
	N     int64
	Loud  string
	Note  string
}

type buds struct {
	schema.Table[Bud]
	Shoot expr.Column[Bud, string]
	N     expr.Column[Bud, int64]
	Loud  expr.Column[Bud, string]
	Note  expr.Column[Bud, string]
}

var Buds = schema.Define("buds", func(t *buds) {
	schema.PrimaryKey(t.Shoot, t.N)
	schema.Text(t.Shoot).References(Shoots.Stem).OnKeyUpdate(schema.Cascade).OnDelete(schema.Cascade)
	schema.Text(t.Loud).Computed(expr.Upper(t.Shoot))
}, schema.In(garden))

// Graft lets go of the stem whose key changes.
type Graft struct {
	ID   int64
	Stem *string
}

type grafts struct {
	schema.Table[Graft]
	ID   expr.Column[Graft, int64]
	Stem expr.Nullable[Graft, string]
}

var Grafts = schema.Define("grafts", func(t *grafts) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Stem).References(Stems.Name).OnKeyUpdate(schema.SetNull).OnDelete(schema.SetNull)
}, schema.In(garden))

type gardenFix struct {
	*fix
	stems  repo.Keyed[Stem, string]
	boughs repo.Keyed[Bough, int64]
	shoots repo.Keyed[Shoot, string]
	buds   repo.Keyed2[Bud, string, int64]
	grafts repo.Keyed[Graft, int64]
}

// garden is a database with stems a and b, and one of each of the others on a.
func (s *suite) garden(t *testing.T) *gardenFix {
	t.Helper()
	db := s.open(t, Stems, Boughs, Shoots, Buds, Grafts)
	f := &gardenFix{fix: &fix{T: t, db: db, log: watch.Of(db), ctx: t.Context()}}
	t.Cleanup(func() { f.idle() })
	f.stems, f.boughs = repo.NewKeyed(db, Stems.Name), repo.NewKeyed(db, Boughs.ID)
	f.shoots, f.buds, f.grafts = repo.NewKeyed(db, Shoots.Stem), repo.NewKeyed2(db, Buds.Shoot, Buds.N), repo.NewKeyed(db, Grafts.ID)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(f.stems.Add(ctx, &Stem{Name: "a"}, &Stem{Name: "b"}))
		f.must(f.boughs.Add(ctx, &Bough{Stem: ptr("a")}))
		f.must(f.shoots.Add(ctx, &Shoot{Stem: "a"}))
		f.must(f.buds.Add(ctx, &Bud{Shoot: "a", N: 1}))
		return f.grafts.Add(ctx, &Graft{Stem: ptr("a")})
	})
	return f
}

// all loads the stem a and what is on it.
func (f *gardenFix) all(ctx context.Context) (a *Stem, br *Bough, tw *Shoot, bud *Bud, gr *Graft) {
	f.Helper()
	a, err := f.stems.Get(ctx, "a")
	f.must(err)
	br, err = f.boughs.Get(ctx, 1)
	f.must(err)
	tw, err = f.shoots.Get(ctx, "a")
	f.must(err)
	bud, err = f.buds.Get(ctx, "a", 1)
	f.must(err)
	gr, err = f.grafts.Get(ctx, 1)
	f.must(err)
	return a, br, tw, bud, gr
}

func (s *suite) TestS59_LoadedChildrenFollowAChangedKey(t *testing.T) {
	f := s.garden(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, br, tw, bud, gr := f.all(ctx)
		f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
			a.Name = "c"
			f.must(tx.Flush(ctx))
			eq(f.fix, []any{*br.Stem, tw.Stem, bud.Shoot, gr.Stem == nil}, []any{"c", "c", "c", true})
			f.log.Take()
			f.must(tx.Flush(ctx))
			f.quiet("a flush afterwards")
			got, err := f.shoots.Get(ctx, "c")
			f.must(err)
			eq(f.fix, got == tw, true)
			other, err := f.buds.Get(ctx, "c", 1)
			f.must(err)
			eq(f.fix, other == bud, true)
			eq(f.fix, bud.Loud, "C")
			f.is(second(f.shoots.Get(ctx, "a")), repo.ErrNotFound)
			tw.Note, bud.Note, br.Note = "n", "n", "n" // by their new keys
			f.must(tx.Flush(ctx))
			eq(f.fix, tw.Version, 2)
			return errUndo
		}), errUndo)
		eq(f.fix, []string{a.Name, *br.Stem, tw.Stem, bud.Shoot, *gr.Stem}, []string{"a", "a", "a", "a", "a"})
		got, err := f.shoots.Get(ctx, "a")
		f.must(err)
		eq(f.fix, got == tw, true)
		other, err := f.buds.Get(ctx, "a", 1)
		f.must(err)
		eq(f.fix, other == bud, true)
		eq(f.fix, []any{bud.Loud, tw.Version}, []any{"A", int64(1)})
		a.Name, tw.Note = "d", "d"
		return nil
	})
	eq(f.fix, f.text("SELECT br.stem || t.stem || t.note || b.shoot FROM boughs br, shoots t, buds b"), "dddd")
}

func (s *suite) TestS59_AnAssignmentAfterAChangedKeyCounts(t *testing.T) {
	for what, change := range map[string]func(f *gardenFix, ctx context.Context, a *Stem) error{
		"the parent is renamed": func(_ *gardenFix, _ context.Context, a *Stem) error { a.Name = "c"; return nil },
		"the parent is deleted": func(f *gardenFix, ctx context.Context, a *Stem) error { return f.stems.Delete(ctx, a) },
		"the parent is deleted by SQL": func(f *gardenFix, ctx context.Context, _ *Stem) error {
			return second(f.stems.DeleteWhere(ctx, Stems.Name.Eq("a")))
		},
	} {
		f := s.garden(t)
		f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			a, br, _, _, _ := f.all(ctx)
			f.must(change(f, ctx, a))
			f.must(tx.Flush(ctx))
			f.must(f.stems.Add(ctx, &Stem{Name: "a", Note: "new"}))
			br.Stem = ptr("a")
			return nil
		})
		if got := f.text("SELECT stem FROM boughs"); got != "a" {
			t.Errorf("%s: the assignment is lost, the row says %s", what, got)
		}
	}
	f := s.garden(t) // what follows is found by the deletion of its new parent
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, br, tw, bud, _ := f.all(ctx)
		a.Name = "c"
		f.must(tx.Flush(ctx))
		f.must(f.stems.Delete(ctx, a))
		f.must(tx.Flush(ctx))
		eq(f.fix, br.Stem == nil, true)
		f.is(f.shoots.Refresh(ctx, tw), uow.ErrDeleted)
		f.is(f.buds.Refresh(ctx, bud), uow.ErrDeleted)
		return nil
	})
}

func (s *suite) TestS59_KeysThatAreExchangedTakeTheirChildrenAlong(t *testing.T) {
	f := s.garden(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(f.boughs.Add(ctx, &Bough{Stem: ptr("b")}))
		return f.shoots.Add(ctx, &Shoot{Stem: "b"})
	})
	exchange := func(ctx context.Context, tx *uow.UnitOfWork) (shoots []*Shoot, boughs []*Bough) {
		a, _, onA, _, _ := f.all(ctx)
		b, err := f.stems.Get(ctx, "b")
		f.must(err)
		onB, err := f.shoots.Get(ctx, "b")
		f.must(err)
		boughs, err = f.boughs.Query().OrderBy(Boughs.ID.Asc()).All(ctx)
		f.must(err)
		a.Name, b.Name = "b", "a"
		f.must(tx.Flush(ctx))
		return []*Shoot{onA, onB}, boughs
	}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		var ts []*Shoot
		f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
			var bs []*Bough
			ts, bs = exchange(ctx, tx)
			eq(f.fix, []string{ts[0].Stem, ts[1].Stem, *bs[0].Stem, *bs[1].Stem}, []string{"b", "a", "b", "a"})
			got, err := f.shoots.Get(ctx, "b")
			f.must(err)
			eq(f.fix, got == ts[0], true)
			ts[0].Note, ts[1].Note = "was on a", "was on b"
			f.must(tx.Flush(ctx))
			return errUndo
		}), errUndo)
		got, err := f.shoots.Get(ctx, "a")
		f.must(err)
		eq(f.fix, got == ts[0], true)
		ts, _ = exchange(ctx, tx)
		ts[0].Note = "was on a"
		return nil
	})
	eq(f.fix, f.text("SELECT note FROM shoots WHERE stem = 'b'"), "was on a")
}

func (s *suite) TestS41_AKeyChangeIsFlushedBeforeAQueryOfWhatFollowsIt(t *testing.T) {
	f := s.garden(t)
	for what, count := range map[string]func(ctx context.Context) (int64, error){
		"a child":      func(ctx context.Context) (int64, error) { return f.boughs.Count(ctx, Boughs.Stem.Eq("c")) },
		"a grandchild": func(ctx context.Context) (int64, error) { return f.buds.Count(ctx, Buds.Shoot.Eq("c")) },
		"SET NULL":     func(ctx context.Context) (int64, error) { return f.grafts.Count(ctx, Grafts.Stem.IsNull()) },
	} {
		f.is(f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
			a, err := f.stems.Get(ctx, "a")
			f.must(err)
			a.Note = "no key"
			f.log.Take()
			n, err := count(ctx)
			f.must(err)
			eq(f.fix, []any{n, len(f.writes())}, []any{int64(0), 0})
			a.Name = "c"
			n, err = count(ctx)
			f.must(err)
			if n != 1 {
				t.Errorf("%s: %d rows", what, n)
			}
			return errUndo
		}), errUndo)
	}
}

func (s *suite) TestS77_AVersionThatTheProgramSetsCountsForNothing(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		var all []*Dated
		for range 3 {
			all = append(all, &Dated{})
		}
		f.must(f.dateds.Add(ctx, all...))
		f.must(tx.Flush(ctx))
		far := time.Now().Add(time.Hour)
		for i, d := range all { // one, then a group
			d.Title, d.Changed = "x", far
			if i != 1 {
				f.must(tx.Flush(ctx))
			}
		}
		for _, d := range all {
			eq(f, d.Changed.Before(far), true)
		}
		seen := all[0].Changed
		all[0].Changed = far
		f.log.Take()
		f.must(tx.Flush(ctx))
		f.quiet("a version set alone")
		eq(f, all[0].Changed, seen)
		return nil
	})
	f.addDocs("a")
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		d, err := f.docs.First(ctx)
		f.must(err)
		d.Version = 9
		p, err := tx.Plan(ctx)
		f.must(err)
		eq(f, len(p.Changes()), 0)
		eq(f, d.Version, 9) // a plan changes nothing
		d.Version = 2       // as somebody else's UPDATE makes it
		f.must(tx.NoAutoflush(func() error { return second(tx.Exec(ctx, "UPDATE docs SET version = 2")) }))
		d.Body = "mine"
		return nil
	})
	as[*uow.StaleError](f, err)
	eq(f, f.number("SELECT version FROM docs"), 1)
	f.is(f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		d, err := f.docs.First(ctx)
		f.must(err)
		d.Version = 9
		return nil
	}, uow.ReadOnly()), uow.ErrReadOnly)
}

func (s *suite) TestALockingReadInAReadOnlyUnit(t *testing.T) {
	f := s.start(t)
	id := f.seed("a")[0]
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.log.Take()
		q := f.items.Where(Items.ID.Eq(id))
		for what, err := range map[string]error{
			"ForUpdate": second(q.ForUpdate().All(ctx)), "ForShare": second(q.ForShare().One(ctx)), "First": second(q.ForUpdate().First(ctx)),
			"untracked": second(q.ForUpdate().Untracked().All(ctx)),
			"Stream": func() (err error) {
				for _, err = range q.ForUpdate().Stream(ctx) {
				}
				return err
			}(),
		} {
			f.is(err, uow.ErrReadOnly)
			f.says(err, "locked")
			_ = what
		}
		f.quiet("a locking read")
		return second(q.All(ctx))
	}, uow.ReadOnly())
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		return second(f.items.Where(Items.ID.Eq(id)).ForUpdate().All(ctx))
	})
}
