package suite

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestS54_DefaultsByEveryWritePath(t *testing.T) {
	f := s.start(t)
	make := func() []*Defaulted {
		made := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		return []*Defaulted{
			{},
			{Status: ptr(""), Level: 1, Kept: 1, Code: "c", Made: made, Rank: ptr(int64(0)), Flag: some(false), Plain: 4},
			{Kept: 0},
		}
	}
	check := func(es []*Defaulted) {
		t.Helper()
		for _, e := range es {
			want := Defaulted{ID: e.ID, Status: ptr("new"), Level: 3, Kept: 0, Code: "made", Made: e.Made, Rank: ptr(int64(5)), Flag: some(true)}
			if e.Plain == 4 {
				want = Defaulted{ID: e.ID, Status: ptr(""), Level: 1, Kept: 1, Code: "c", Made: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Rank: ptr(int64(0)), Flag: some(false), Plain: 4}
			} else if d := time.Since(e.Made); d < -time.Hour || d > time.Hour {
				t.Errorf("made %v", e.Made)
			}
			eq(f, *e, want)
		}
	}
	read := func() (es []*Defaulted) {
		es, err := f.defaulted.Untracked().Query().OrderBy(Defaulteds.ID.Asc()).All(f.ctx)
		f.must(err)
		return es
	}
	clear := func() { f.sql("DELETE FROM defaulted") }

	es := make()
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { // one by one
		for _, e := range es {
			f.must(f.defaulted.Add(ctx, e))
			f.must(tx.Flush(ctx))
		}
		check(es)
		f.log.Take()
		f.must(tx.Flush(ctx))
		f.quiet("a flush after defaults were read back")
		return nil
	})
	check(read())
	clear()

	es = make()
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.defaulted.Add(ctx, es...) }) // grouped
	check(es)
	check(read())
	clear()

	es = make()
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		n, err := f.defaulted.InsertAll(ctx, each(es...))
		eq(f, n, 3)
		return err
	})
	check(read())
	clear()

	es = make()
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		n, err := f.defaulted.Upsert(each(es...)).Update().Exec(ctx)
		eq(f, n, 3)
		return err
	})
	check(read())

	// A row that is there keeps what a new one would have by default, and so does it
	// where another INSERT makes such a row.
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		es := read()
		for i, e := range make() {
			e.ID, e.Plain = es[2-i].ID, e.Plain+1
			*es[2-i] = *e
		}
		got, err := f.defaulted.Upsert(each(es...)).Update().All(ctx)
		f.must(err)
		eq(f, []any{got[0].Level, got[1].Level, got[2].Level, got[2].Code, got[2].Plain}, []any{3, 1, 3, "made", 1})
		return nil
	})
	clear()
	es = make()
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.defaulted.Add(ctx, es...) })

	// UPDATE never applies a default.
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		e, err := f.defaulted.First(ctx)
		f.must(err)
		e.Status, e.Level, e.Code, e.Rank, e.Flag.Valid = nil, 0, "", nil, false
		return nil
	})
	e := read()[0]
	eq(f, []any{e.Status == nil, e.Level, e.Code, e.Rank == nil, e.Flag.Valid}, []any{true, 0, "", true, false})
}

func (s *suite) TestComputedAndOnUpdateAreReadBack(t *testing.T) {
	f := s.start(t)
	var es []*Stamped
	for i := range 20 {
		es = append(es, &Stamped{Name: fmt.Sprint("name", i), Loud: "never written"})
	}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.stamped.Add(ctx, es...))
		one := &Stamped{Name: "alone"}
		f.must(tx.Flush(ctx))
		f.must(f.stamped.Add(ctx, one))
		f.must(tx.Flush(ctx))
		eq(f, one.Loud, "ALONE")
		for i, e := range es {
			eq(f, e.Loud, fmt.Sprint("NAME", i))
			if e.Changed.IsZero() {
				t.Fatal("Changed was not read back")
			}
			e.Changed = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		one.Changed = es[0].Changed
		f.must(tx.Flush(ctx)) // the program's own value
		eq(f, es[0].Changed, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
		one.Name = "single"
		f.must(tx.Flush(ctx))
		eq(f, one.Loud, "SINGLE")
		if one.Changed.Year() == 2020 {
			t.Error("OnUpdate was not applied by a single update")
		}
		for _, e := range es {
			e.Name += "!"
		}
		f.must(tx.Flush(ctx))
		for i, e := range es {
			eq(f, e.Loud, fmt.Sprintf("NAME%d!", i))
			if e.Changed.Year() == 2020 {
				t.Error("OnUpdate was not applied by a grouped update")
			}
		}
		f.log.Take()
		f.must(tx.Flush(ctx))
		f.quiet("a flush of what was read back")
		return nil
	})
}

func (s *suite) TestS53_KeysAreMatchedByProof(t *testing.T) {
	f := s.start(t)
	// Equal rows but for their key, with columns read back, so that nothing but
	// the key tells them apart.
	var es []*Defaulted
	for range 300 {
		es = append(es, &Defaulted{})
	}
	for i, e := range es {
		e.Plain = i
	}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.defaulted.Add(ctx, es...) })
	for i, e := range es {
		eq(f, f.number("SELECT plain FROM defaulted WHERE id = ?", e.ID), int64(i))
		if i == 20 {
			break
		}
	}
	eq(f, f.number("SELECT count(DISTINCT id) FROM defaulted"), 300)
}

func (s *suite) TestS77_Versions(t *testing.T) {
	f := s.start(t)
	d, e := &Doc{Title: "a", Version: 99}, &Doc{Title: "b"}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.docs.Add(ctx, d, e))
		f.must(tx.Flush(ctx))
		eq(f, []int64{d.Version, e.Version}, []int64{1, 1})
		d.Body = "x"
		f.must(tx.Flush(ctx))
		eq(f, []int64{d.Version, e.Version}, []int64{2, 1})
		d.Body = "x" // no net change
		f.must(tx.Flush(ctx))
		d.Body, e.Body = "y", "y" // grouped
		f.must(tx.Flush(ctx))
		eq(f, []int64{d.Version, e.Version}, []int64{3, 2})
		d.Version, d.Body = 99, "z" // what the program sets counts for nothing
		f.must(tx.Flush(ctx))
		eq(f, []int64{d.Version, e.Version}, []int64{4, 2})
		d.Version, e.Version, d.Body, e.Body = 99, 1, "u", "u"
		f.must(tx.Flush(ctx))
		eq(f, []int64{d.Version, e.Version}, []int64{5, 3})
		f.log.Take()
		d.Version = 99
		f.must(tx.Flush(ctx))
		f.quiet("a version set alone")
		eq(f, d.Version, 5)
		return nil
	})
	eq(f, f.number("SELECT version FROM docs WHERE id = ?", d.ID), 5)
}

func (s *suite) TestS77_StaleErrorsNameTheEntities(t *testing.T) {
	f := s.start(t)
	var ids []int64
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		for i := range 10 {
			d := &Doc{Title: fmt.Sprint(i), Body: "old"}
			f.must(f.docs.Add(ctx, d))
			f.must(tx.Flush(ctx))
			ids = append(ids, d.ID)
		}
		return nil
	})
	key := func(i int) string { return fmt.Sprint(ids[i]) }
	// Another writer, between reading and writing.
	for _, c := range []struct {
		name   string
		theirs string
		mine   func(ctx context.Context, all []*Doc) error
		op     string
		keys   []string
	}{
		{"single update", "UPDATE docs SET version = version + 1 WHERE id = " + key(3), func(_ context.Context, all []*Doc) error { all[3].Body = "new"; return nil }, "update", []string{key(3)}},
		{"single update of a gone row", "DELETE FROM docs WHERE id = " + key(3), func(_ context.Context, all []*Doc) error { all[3].Body = "new"; return nil }, "update", []string{key(3)}},
		{"grouped update", "UPDATE docs SET version = version + 1 WHERE id IN (" + key(3) + "," + key(7) + ")", func(_ context.Context, all []*Doc) error {
			for _, d := range all {
				d.Body = "new"
			}
			return nil
		}, "update", []string{key(3), key(7)}},
		{"grouped update of a gone row", "DELETE FROM docs WHERE id = " + key(5), func(_ context.Context, all []*Doc) error {
			for _, d := range all {
				d.Body = "new"
			}
			return nil
		}, "update", []string{key(5)}},
		{"single delete", "UPDATE docs SET version = version + 1 WHERE id = " + key(3), func(ctx context.Context, all []*Doc) error { return f.docs.Delete(ctx, all[3]) }, "delete", []string{key(3)}},
		{"grouped delete", "UPDATE docs SET version = version + 1 WHERE id IN (" + key(2) + "," + key(4) + ")", func(ctx context.Context, all []*Doc) error { return f.docs.Delete(ctx, all...) }, "delete", []string{key(2), key(4)}},
	} {
		before := f.text("SELECT count(*) || ' ' || sum(version) FROM docs WHERE body = 'old'")
		var all []*Doc
		err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) (err error) {
			all, err = f.docs.Query().OrderBy(Docs.ID.Asc()).All(ctx)
			f.must(err)
			_, err = tx.Exec(ctx, c.theirs)
			f.must(err)
			return c.mine(ctx, all)
		})
		e := as[*uow.StaleError](f, err)
		if e.Entity != "suite.Doc" || e.Op != c.op || !slices.Equal(e.Keys, c.keys) {
			t.Errorf("%s: %+v, want keys %v", c.name, e, c.keys)
		}
		f.says(err, "suite.Doc", c.keys[0])
		for _, d := range all {
			if d.Body != "old" || d.Version != 1 {
				t.Errorf("%s: not restored: %+v", c.name, d)
			}
		}
		eq(f, f.text("SELECT count(*) || ' ' || sum(version) FROM docs WHERE body = 'old'"), before)
	}
}

func (s *suite) TestVersionByTime(t *testing.T) {
	f := s.start(t)
	d := &Dated{Title: "a"}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.dateds.Add(ctx, d, &Dated{Title: "b"}))
		f.must(tx.Flush(ctx))
		last := d.Changed
		for i := range 5 { // faster than the clock ticks
			d.Title = fmt.Sprint(i)
			f.must(tx.Flush(ctx))
			if !d.Changed.After(last) {
				t.Fatalf("version %v after %v", d.Changed, last)
			}
			last = d.Changed
		}
		return nil
	})
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		d, err := f.dateds.Get(ctx, d.ID)
		f.must(err)
		_, err = tx.Exec(ctx, f.q("UPDATE dated SET changed = ? WHERE id = ?"), "2001-02-03 04:05:06.000007", d.ID)
		f.must(err)
		d.Title = "mine"
		return tx.Flush(ctx)
	})
	as[*uow.StaleError](f, err)
}
