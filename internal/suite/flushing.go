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
