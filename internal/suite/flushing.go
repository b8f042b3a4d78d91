package suite

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestChangesAreFoundByValue(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.items.Add(ctx, &Item{
			Name: "ann", Email: ptr("a@x"), Data: []byte{1, 2}, Tags: []string{"a"}, Info: schema.JSON[info]{V: info{"red", []int{1}}},
			At: time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC),
		})
	})
	changes := []struct {
		column string
		change func(*Item)
	}{
		{"email", func(e *Item) { *e.Email = "b@x" }},
		{"email", func(e *Item) { e.Email = nil }},
		{"email", func(e *Item) { e.Email = ptr("") }},
		{"data", func(e *Item) { e.Data[0]++ }},
		{"data", func(e *Item) { e.Data = append(e.Data, 9) }},
		{"tags", func(e *Item) { e.Tags[0] = "b" }},
		{"tags", func(e *Item) { e.Tags = nil }},
		{"info", func(e *Item) { e.Info.V.Sizes[0] = 2 }},
		{"info", func(e *Item) { e.Info.V.Colour = "blue" }},
		{"at", func(e *Item) { e.At = e.At.Add(time.Microsecond) }},
		{"score", func(e *Item) { e.Score = 0.1 }},
		{"count", func(e *Item) { e.Count-- }},
	}
	for _, c := range changes {
		f.log.Take()
		f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			e, err := f.items.First(ctx)
			f.must(err)
			c.change(e)
			p, err := tx.Plan(ctx)
			f.must(err)
			eq(f, fmt.Sprint(p), "update items key 1 ("+c.column+")\n")
			return nil
		})
		w := f.writes()
		if len(w) != 1 || !strings.Contains(w[0], c.column) {
			t.Errorf("%s: %q", c.column, w)
		}
	}
}

func (s *suite) TestS50_EqualValuesSendNothing(t *testing.T) {
	f := s.start(t)
	at := time.Date(2024, 2, 29, 12, 0, 0, 123456789, time.FixedZone("", 3600))
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.items.Add(ctx, &Item{Name: "ann", Email: ptr("a@x"), Data: []byte{1}, Tags: []string{"a"}, At: at, Info: schema.JSON[info]{V: info{"red", []int{1}}}})
	})
	f.log.Take()
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.First(ctx)
		f.must(err)
		f.log.Take()
		e.Name = strings.Clone("ann")
		e.Email = ptr("a@x")
		e.Data = []byte{1}
		e.Tags = slices.Clone(e.Tags)
		e.At = at // in another zone, and finer than the column
		e.Info.V.Sizes = []int{1}
		e.Note = "unmapped"
		e.Count++
		e.Count--
		f.must(tx.Flush(ctx))
		f.quiet("a flush of equal values")
		return nil
	})
	f.quiet("a commit of equal values")
}

func (s *suite) TestFlushedEntityIsClean(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e := &Item{Name: "ann", At: time.Now().In(time.FixedZone("", -7200))}
		f.must(f.items.Add(ctx, e))
		f.must(tx.Flush(ctx))
		eq(f, e.At.Location(), time.UTC)
		eq(f, e.At.Nanosecond()%1000, 0)
		f.log.Take()
		for range 3 {
			f.must(tx.Flush(ctx))
		}
		f.quiet("a flush of what was flushed")
		e.At = e.At.Add(time.Nanosecond) // less than the column keeps
		f.must(tx.Flush(ctx))
		f.quiet("a flush of a change that the column cannot keep")
		return nil
	})
}

func (s *suite) TestNaN(t *testing.T) {
	f := s.start(t)
	nan := &Item{Name: "nan", Score: math.NaN()}
	err := uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Add(ctx, nan) })
	if err != nil { // SQLite would store NULL
		as[*schema.ValueError](f, err)
		return
	}
	f.log.Take()
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		e, err := f.items.First(ctx)
		f.must(err)
		if !math.IsNaN(e.Score) {
			t.Errorf("score %v", e.Score)
		}
		return nil
	})
	eq(f, len(f.writes()), 0) // NaN is equal to itself
}

func (s *suite) TestGroupedFlushCountsStatements(t *testing.T) {
	f := s.start(t)
	server := !f.db.Dialect().Capabilities().InProcess
	// In process a statement costs little, and large ones bind slowly.
	most := func(n int) int {
		if server {
			return 2
		}
		return n
	}
	var es []*Item
	for i, n := range many(1000) {
		es = append(es, &Item{Name: n, Count: i})
	}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.items.Add(ctx, es...) })
	if sent := f.sent(); len(sent) > most(500) {
		t.Errorf("insert of 1,000 sent %d statements", len(sent))
	}
	var names []struct {
		ID    int64
		Name  string
		Count int
	}
	f.must(f.db.Select(f.ctx, &names, "SELECT id, name, count FROM items ORDER BY id"))
	eq(f, len(names), 1000)
	for i, n := range names { // in the order of Add, and each with its own key
		if es[i].ID != n.ID || es[i].Name != n.Name || es[i].Count != n.Count {
			t.Fatalf("row %d is %+v, the entity %d %s", i, n, es[i].ID, es[i].Name)
		}
	}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		all, err := f.items.Find(ctx)
		f.must(err)
		f.log.Take()
		for _, e := range all {
			e.Count *= 2
			e.Score = float64(e.Count)
		}
		f.must(tx.Flush(ctx))
		if sent := f.sent(); len(sent) > most(500) {
			t.Errorf("update of 1,000 sent %d statements", len(sent))
		}
		f.must(tx.Flush(ctx))
		f.quiet("a flush of 1,000 unchanged entities")
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items WHERE score = count AND count % 2 = 0"), 1000)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		all, err := f.items.Find(ctx)
		f.must(err)
		f.log.Take()
		f.must(f.items.Delete(ctx, all...))
		f.must(tx.Flush(ctx))
		if sent := f.sent(); len(sent) > most(500) {
			t.Errorf("delete of 1,000 sent %d statements", len(sent))
		}
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items"), 0)
}

func (s *suite) TestD7_AlternatingChangesAreGroupedGlobally(t *testing.T) {
	f := s.start(t)
	f.seed(many(60)...)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		all, err := f.items.Find(ctx)
		f.must(err)
		f.log.Take()
		for i, e := range all {
			switch i % 3 {
			case 0:
				e.Name = "x"
			case 1:
				e.Score = 1
			case 2:
				e.Name, e.Score = "y", 2
			}
		}
		return tx.Flush(ctx)
	})
	if w := f.writes(); len(w) != 3 {
		t.Errorf("%d statements for three sets of columns: %q", len(w), w)
	}
	eq(f, f.number("SELECT count(*) FROM items WHERE name = 'y' AND score = 2"), 20)
	eq(f, f.number("SELECT count(*) FROM items WHERE name = 'x' AND score = 0"), 20)
}

func (s *suite) TestMoreRowsThanParameters(t *testing.T) {
	f := s.start(t)
	const n = 9000 // times nine columns is more than any limit
	rows := make([]*Item, n)
	for i := range rows {
		rows[i] = &Item{Name: fmt.Sprint(i), Count: i}
	}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.items.Add(ctx, rows...))
		f.must(tx.Flush(ctx))
		for _, e := range rows {
			e.Count++
			e.Name += "!"
			e.Tags = []string{"t"}
		}
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items WHERE name LIKE '%!'"), n)
	eq(f, f.number("SELECT max(count) FROM items"), n)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		all, err := f.items.Find(ctx)
		f.must(err)
		return f.items.Delete(ctx, all...)
	})
	eq(f, f.number("SELECT count(*) FROM items"), 0)
}

func (s *suite) TestGroupedWritesOfOtherKeys(t *testing.T) {
	f := s.start(t)
	var ws []*Word
	var ts []*Token
	var ps []*Pair
	for i := range 50 {
		ws = append(ws, &Word{Text: fmt.Sprintf("w'%d\"\\", i)})
		ts = append(ts, &Token{ID: [16]byte{byte(i), 255}})
		ps = append(ps, &Pair{A: int64(i % 5), B: fmt.Sprint("b,{}\\\"", i)})
	}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.words.Add(ctx, ws...))
		f.must(f.tokens.Add(ctx, ts...))
		f.must(f.pairs.Add(ctx, ps...))
		f.must(tx.Flush(ctx))
		for i := range 50 {
			ws[i].Meaning, ts[i].Label, ps[i].N = fmt.Sprint(i), fmt.Sprint(i), i
		}
		return nil
	})
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		for i := range 50 {
			w, err := f.words.Get(ctx, ws[i].Text)
			f.must(err)
			k, err := f.tokens.Get(ctx, ts[i].ID)
			f.must(err)
			p, err := f.pairs.Get(ctx, ps[i].A, ps[i].B)
			f.must(err)
			eq(f, []any{*w, *k, *p}, []any{*ws[i], *ts[i], *ps[i]})
			f.must(f.words.Delete(ctx, w))
			f.must(f.tokens.Delete(ctx, k))
			f.must(f.pairs.Delete(ctx, p))
		}
		return nil
	})
	eq(f, f.number("SELECT (SELECT count(*) FROM words) + (SELECT count(*) FROM tokens) + (SELECT count(*) FROM pairs)"), 0)
}

func (s *suite) TestS44_ParentsBeforeChildren(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(f.chapters.Add(ctx, &Chapter{ID: 3, BookID: 2}))
		f.must(f.books.Add(ctx, &Book{ID: 2, AuthorID: 1}))
		return f.authors.Add(ctx, &Author{ID: 1, Name: "a"})
	})
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		a, err := f.authors.Get(ctx, 1)
		f.must(err)
		f.must(f.authors.Delete(ctx, a))
		f.must(f.books.Delete(ctx, &Book{ID: 2}))
		return f.chapters.Delete(ctx, &Chapter{ID: 3})
	})
	eq(f, f.number("SELECT count(*) FROM authors"), 0)
}

func (s *suite) TestS78_RowsThatACascadeTook(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(f.authors.Add(ctx, &Author{ID: 1}))
		f.must(f.books.Add(ctx, &Book{ID: 2, AuthorID: 1}))
		return f.chapters.Add(ctx, &Chapter{ID: 3, BookID: 2}, &Chapter{ID: 4, BookID: 2})
	})
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		b, err := f.books.Get(ctx, 2)
		f.must(err)
		return f.books.Delete(ctx, b) // the database takes the chapters
	})
	eq(f, f.number("SELECT count(*) FROM chapters"), 0)
}

func (s *suite) TestS46_UpdatesBeforeInsertsBeforeDeletes(t *testing.T) {
	f := s.start(t)
	f.sql("INSERT INTO docs (id, title, body, version) VALUES (100, 'one', '', 1)")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		d, err := f.docs.Get(ctx, 100)
		f.must(err)
		d.Title = "other"
		f.must(f.docs.Add(ctx, &Doc{Title: "one"})) // takes the value that the update frees
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM docs WHERE title IN ('one', 'other')"), 2)
}

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

func (s *suite) TestS57_AChangedKey(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.words.Add(ctx, &Word{Text: "a", Meaning: "1"}, &Word{Text: "b", Meaning: "2"})
	})
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, err := f.words.Get(ctx, "a")
		f.must(err)
		a.Text = "c"
		f.must(tx.Flush(ctx))
		got, err := f.words.Get(ctx, "c")
		f.must(err)
		if got != a {
			t.Error("not found under its new key")
		}
		if _, err := f.words.Get(ctx, "a"); err == nil {
			t.Error("found under its old key")
		}
		return nil
	})
	eq(f, f.text("SELECT meaning FROM words WHERE text = 'c'"), "1")
	var b *Word
	f.fails(func(ctx context.Context, tx *uow.UnitOfWork) (err error) {
		b, err = f.words.Get(ctx, "b")
		f.must(err)
		b.Text = "d"
		f.must(tx.Flush(ctx))
		return context.Canceled
	})
	eq(f, b.Text, "b")
}

func (s *suite) TestPlanAndClear(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, err := f.items.Get(ctx, ids[0])
		f.must(err)
		a.Name, a.Count = "new", 4
		b, err := f.items.Get(ctx, ids[1])
		f.must(err)
		f.must(f.items.Delete(ctx, b))
		f.must(f.words.Add(ctx, &Word{Text: "w"}))
		f.log.Take()
		p, err := tx.Plan(ctx)
		f.must(err)
		f.quiet("Plan")
		cs := p.Changes()
		eq(f, len(cs), 3)
		for _, c := range cs {
			switch c.Op {
			case uow.Update:
				eq(f, []any{c.Entity, c.Table, c.Key, c.Columns}, []any{a, "items", "1", []string{"name", "count"}})
			case uow.Delete:
				eq(f, []any{c.Entity, c.Table, c.Key}, []any{b, "items", "2"})
			case uow.Insert:
				eq(f, []any{c.Table, c.Key}, []any{"words", `"w"`})
			}
		}
		f.must(tx.Clear())
		p, err = tx.Plan(ctx)
		f.must(err)
		eq(f, len(p.Changes()), 0)
		f.is(f.items.Detach(ctx, a), uow.ErrNotManaged)
		c, err := f.items.Get(ctx, ids[0])
		f.must(err)
		if c == a || c.Name != "ann" {
			t.Errorf("%+v", c)
		}
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items WHERE name IN ('ann', 'bob')"), 2)
	eq(f, f.number("SELECT count(*) FROM words"), 0)
}
