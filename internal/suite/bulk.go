package suite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestHandWrittenSQLInAUnit(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.items.Add(ctx, &Item{Name: "ann", Count: 1}, &Item{Name: "bob", Count: 2}))
		type row struct {
			Name  string
			Count int
		}
		var rows []row
		f.must(tx.Select(ctx, &rows, "SELECT name, count FROM items ORDER BY id")) // flushes first
		eq(f, rows, []row{{"ann", 1}, {"bob", 2}})
		var items []Item // Dormer's names
		f.must(tx.Select(ctx, &items, "SELECT id, name FROM items ORDER BY id"))
		eq(f, items[1].Name, "bob")
		res, err := tx.Exec(ctx, f.q("UPDATE items SET count = ? WHERE name = ?"), 9, "ann")
		f.must(err)
		n, err := res.RowsAffected()
		f.must(err)
		eq(f, n, 1)
		_, err = tx.NamedExec(ctx, "UPDATE items SET count = :count WHERE name = :name", row{"bob", 7})
		f.must(err)
		_, err = sqlx.NamedExecContext(ctx, tx, "UPDATE items SET score = :s", map[string]any{"s": 2.5})
		f.must(err)
		rows = nil
		f.must(sqlx.SelectContext(ctx, tx, &rows, tx.Rebind("SELECT name, count FROM items WHERE score = ? ORDER BY id"), 2.5))
		eq(f, rows, []row{{"ann", 9}, {"bob", 7}})
		var one int
		f.must(sqlx.GetContext(ctx, tx, &one, "SELECT sum(count) FROM items"))
		eq(f, one, 16)
		f.is(tx.Get(ctx, &one, "SELECT count FROM items WHERE name = 'zoe'"), sql.ErrNoRows)
		_, err = tx.Exec(ctx, f.q("INSERT INTO words (text, meaning) VALUES (?, ?)"), "it's", "'; DROP TABLE items; --")
		f.must(err)
		return nil
	})
	eq(f, f.text("SELECT meaning FROM words"), "'; DROP TABLE items; --")
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		_, err := tx.Exec(ctx, "INSERT INTO words (text, meaning) VALUES ('it''s', '')")
		return err
	})
	violation(f, err, "words") // translated too
	err = f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		_, err := tx.Exec(ctx, "INSERT INTO words (text, meaning) VALUES ('x', NULL)")
		return err
	})
	f.is(err, dialect.ErrNotNull)
	v := as[*dialect.NotNullViolation](f, err)
	eq(f, []any{v.Table, v.Columns}, []any{"words", []string{"meaning"}})
}

func (s *suite) TestRowsLeftOpen(t *testing.T) {
	f := s.start(t)
	f.seed(many(10)...)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		rows, err := tx.QueryContext(ctx, "SELECT id FROM items")
		f.must(err)
		rows.Next()
		f.is(second(f.items.Find(ctx)), uow.ErrRowsOpen)
		f.is(second(tx.Exec(ctx, "SELECT 1")), uow.ErrRowsOpen)
		f.must(f.items.Add(ctx, &Item{Name: "new"}))
		f.is(tx.Flush(ctx), uow.ErrRowsOpen)
		f.must(rows.Close())
		_, err = f.items.Find(ctx)
		return err
	})
	eq(f, f.number("SELECT count(*) FROM items"), 11)
	err := f.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
		rows, err := tx.QueryxContext(ctx, "SELECT id FROM items")
		f.must(err)
		rows.Next()
		return nil
	})
	f.is(err, uow.ErrRowsOpen)
	f.idle()
}

func (s *suite) TestUpdateWhereAndDeleteWhere(t *testing.T) {
	f := s.start(t)
	f.seed("ann", "bob", "cat")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.First(ctx)
		f.must(err)
		e.Count = 50 // flushed before
		n, err := f.items.UpdateWhere(ctx, Items.Count.Ge(2), Items.Name.Set("big"), Items.Email.SetNull(), Items.Count.SetTo(expr.Add(Items.Count, 1)))
		f.must(err)
		eq(f, n, 2)
		eq(f, e.Name, "ann") // refreshed at the next read
		_, err = f.items.Get(ctx, e.ID)
		f.must(err)
		eq(f, []any{e.Name, e.Count}, []any{"big", 51})
		n, err = f.items.DeleteWhere(ctx, Items.Name.Eq("bob"))
		f.must(err)
		eq(f, n, 1)
		n, err = f.items.UpdateWhere(ctx, expr.Every[Item](), Items.Score.Set(1))
		f.must(err)
		eq(f, n, 2)
		for _, err := range []error{
			second(f.items.UpdateWhere(ctx, expr.Expr[Item]{}, Items.Score.Set(1))),
			second(f.items.UpdateWhere(ctx, expr.And[Item](), Items.Score.Set(1))),
			second(f.items.UpdateWhere(ctx, expr.Or[Item](), Items.Score.Set(1))),
			second(f.items.DeleteWhere(ctx, expr.Expr[Item]{})),
			second(f.items.DeleteWhere(ctx, expr.And[Item]())),
		} {
			f.says(err, "Every")
		}
		if err := second(f.items.UpdateWhere(ctx, Items.ID.Eq(1))); err == nil {
			t.Error("an update of nothing")
		}
		if err := second(f.items.UpdateWhere(ctx, Items.ID.Eq(1), expr.Assign[Item]{})); err == nil {
			t.Error("a zero assignment")
		}
		as[*schema.ValueError](f, second(f.items.UpdateWhere(ctx, Items.ID.Eq(1), Items.Name.Set(strings.Repeat("x", 101)))))
		n, err = f.items.DeleteWhere(ctx, expr.Every[Item]())
		f.must(err)
		eq(f, n, 2)
		_, err = f.items.Get(ctx, e.ID)
		f.is(err, repo.ErrNotFound)
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items"), 0)
}

func (s *suite) TestUpdateWhereCountsVersions(t *testing.T) {
	f := s.start(t)
	f.sql("INSERT INTO docs (id, title, body, version) VALUES (1, 'a', '', 1), (2, 'b', '', 5)")
	old := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	e := &Stamped{Name: "a", Changed: old}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(f.stamped.Add(ctx, e))
		d, err := f.docs.Get(ctx, 1)
		f.must(err)
		_, err = f.docs.UpdateWhere(ctx, expr.Every[Doc](), Docs.Body.Set("x"))
		f.must(err)
		_, err = f.stamped.UpdateWhere(ctx, expr.Every[Stamped](), Stampeds.Name.Set("b"))
		f.must(err)
		_, err = f.docs.Get(ctx, 1)
		f.must(err)
		eq(f, d.Version, 2)
		d.Body = "y" // no stale version
		return nil
	})
	eq(f, f.text("SELECT min(version) || ' ' || max(version) FROM docs"), "3 6")
	eq(f, f.text("SELECT loud FROM stamped"), "B")
	got, err := f.stamped.Untracked().First(f.ctx)
	f.must(err)
	if got.Changed.Equal(old) {
		t.Error("OnUpdate was not applied")
	}
}

func (s *suite) TestS80_RollbackRestoresAfterABulkWrite(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob")
	var a, b *Item
	f.fails(func(ctx context.Context, _ *uow.UnitOfWork) (err error) {
		a, err = f.items.Get(ctx, ids[0])
		f.must(err)
		b, err = f.items.Get(ctx, ids[1])
		f.must(err)
		f.must(second(f.items.UpdateWhere(ctx, Items.ID.Eq(ids[0]), Items.Name.Set("x"))))
		f.must(second(f.items.DeleteWhere(ctx, Items.ID.Eq(ids[1]))))
		_, err = f.items.Get(ctx, ids[0])
		f.must(err)
		eq(f, a.Name, "x")
		_, err = f.items.Get(ctx, ids[1])
		f.is(err, repo.ErrNotFound)
		return errUndo
	})
	eq(f, []string{a.Name, b.Name}, []string{"ann", "bob"})
}

func (s *suite) TestInsertAll(t *testing.T) {
	f := s.start(t)
	const n = 2500
	var kept []*Item
	rows := func(yield func(*Item) bool) {
		for i := range n {
			e := &Item{Name: fmt.Sprint("row ", i), Count: i}
			kept = append(kept, e)
			if !yield(e) {
				return
			}
		}
	}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(f.items.Add(ctx, &Item{Name: "pending"}))
		got, err := f.items.InsertAll(ctx, iter.Seq[*Item](rows))
		f.must(err)
		eq(f, got, n)
		eq(f, kept[0].ID, 0)
		kept = nil
		got, err = f.items.InsertAll(ctx, iter.Seq[*Item](rows), repo.Keys())
		f.must(err)
		eq(f, got, n)
		ids := map[int64]bool{}
		for _, e := range kept {
			ids[e.ID] = true
		}
		eq(f, len(ids), n)
		e, err := f.items.Get(ctx, kept[n-1].ID)
		f.must(err)
		if e == kept[n-1] || e.Count != n-1 {
			t.Errorf("%+v", e)
		}
		got, err = f.items.InsertAll(ctx, nil)
		f.must(err)
		eq(f, got, 0)
		// The iterator may use the unit.
		got, err = f.items.InsertAll(ctx, func(yield func(*Item) bool) {
			e, err := f.items.Get(ctx, kept[0].ID)
			f.must(err)
			yield(&Item{Name: "copy of " + e.Name})
		})
		f.must(err)
		eq(f, got, 1)
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM items"), 2*n+2)
	eq(f, f.number("SELECT count(*) FROM items WHERE name = 'copy of row 0'"), 1)

	err := f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		_, err := f.items.InsertAll(ctx, each(&Item{Name: "a"}, nil))
		f.is(err, uow.ErrNilEntity)
		return nil
	})
	f.is(err, uow.ErrRollbackOnly)
	err = f.fails(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return second(f.items.InsertAll(ctx, each(&Item{Email: ptr("x")}, &Item{Email: ptr("x")})))
	})
	violation(f, err, "items")
	func() {
		defer func() { _ = recover() }()
		_ = uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			_, err := f.items.InsertAll(ctx, func(func(*Item) bool) { panic("in the iterator") })
			return err
		})
		t.Error("no panic")
	}()
	f.idle()
	got, err := f.items.Untracked().InsertAll(f.ctx, each(&Item{Name: "own unit"}))
	f.must(err)
	eq(f, got, 1)
	eq(f, f.number("SELECT count(*) FROM items"), 2*n+3)
}

func (s *suite) TestInOfAnyLength(t *testing.T) {
	f := s.start(t)
	ids := f.seed(many(20)...)
	for _, n := range []int{0, 1, 9, 1000, 100_000} {
		vals := make([]int64, n)
		names := make([]string, n)
		for i := range vals {
			vals[i] = int64(i) + ids[0]
			names[i] = fmt.Sprint("item ", i)
		}
		want := int64(min(n, 20))
		for _, c := range []struct {
			cond expr.Expr[Item]
			want int64
		}{
			{Items.ID.In(vals...), want}, {Items.ID.NotIn(vals...), 20 - want}, {Items.Name.In(names...), want},
			{Items.Email.In(names...), 0}, {expr.And(Items.ID.In(vals...), Items.Name.In(names...)), want},
		} {
			got, err := f.items.Count(f.ctx, c.cond)
			f.must(err)
			eq(f, got, c.want)
		}
	}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		n, err := f.items.DeleteWhere(ctx, Items.ID.In())
		f.must(err)
		eq(f, n, 0)
		n, err = f.items.DeleteWhere(ctx, Items.ID.NotIn())
		f.must(err)
		eq(f, n, 20)
		return nil
	})
}

func (s *suite) TestPatternsNullsAndPrecedence(t *testing.T) {
	f := s.start(t)
	names := []string{"100%", "100x", "a_b", "axb", `back\slash`, "it's", "日本語", ""}
	f.seed(names...)
	f.sql("UPDATE items SET email = 'e' WHERE name = 'axb'")
	for _, c := range []struct {
		what string
		cond expr.Expr[Item]
		want string
	}{
		{"like", expr.Like(Items.Name, "1%"), "100%,100x"},
		{"prefix", expr.HasPrefix(Items.Name, "100%"), "100%"},
		{"suffix", expr.HasSuffix(Items.Name, "_b"), "a_b"},
		{"contains", expr.Contains(Items.Name, `\`), `back\slash`},
		{"contains quote", expr.Contains(Items.Name, "'"), "it's"},
		{"contains unicode", expr.Contains(Items.Name, "本"), "日本語"},
		{"case matters", expr.Like(Items.Name, "A%"), ""},
		{"case does not", expr.ILike(Items.Name, "A%"), "a_b,axb"},
		{"not like", expr.And(expr.NotLike(Items.Name, "%_%"), Items.ID.Gt(0)), ""},
		{"null", Items.Email.IsNull(), "100%,100x,a_b,back\\slash,it's,日本語,"},
		{"not null", Items.Email.IsNotNull(), "axb"},
		{"ne leaves NULL out", Items.Email.Ne("x"), "axb"},
		{"or in and", expr.And(expr.Or(Items.Name.Eq("axb"), Items.Name.Eq("a_b")), Items.Email.IsNull()), "a_b"},
		{"and in or", Items.Name.Eq("axb").And(Items.Email.IsNull()).Or(Items.Name.Eq("it's")), "it's"},
		{"not or", expr.Not(expr.Or(Items.Email.IsNull(), Items.Name.Eq(""))), "axb"},
		{"arithmetic", expr.Mul(expr.Add(Items.Count, 1), 2).Eq(4), "100x"},
		{"empty", Items.Name.Eq(""), ""},
		{"injection", Items.Name.Eq("' OR 1=1 --"), "none"},
	} {
		es, err := f.items.Untracked().Where(c.cond).OrderBy(Items.ID.Asc()).All(f.ctx)
		f.must(err)
		var got []string
		for _, e := range es {
			got = append(got, e.Name)
		}
		if c.what == "not like" || c.what == "empty" {
			eq(f, len(got), 1)
			eq(f, got[0], "")
			continue
		}
		if c.want == "none" || c.want == "" {
			eq(f, len(got), 0)
			continue
		}
		eq(f, strings.Join(got, ","), c.want)
	}
}

func (s *suite) TestBuildErrorsSendNothing(t *testing.T) {
	f := s.start(t)
	other := schema.As(Items, "other")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.log.Take()
		for _, err := range []error{
			second(f.items.Find(ctx, other.Name.Eq("x"))),
			second(f.items.Find(ctx, expr.Expr[Item]{})),
			second(f.items.Count(ctx, other.Name.Eq("x"))),
			second(f.items.Query().OrderBy(other.Name.Asc()).All(ctx)),
			second(f.items.UpdateWhere(ctx, other.ID.Eq(1), Items.Name.Set("x"))),
			second(f.items.DeleteWhere(ctx, other.ID.Eq(1))),
			second(f.items.Find(ctx, Items.Data.Eq(nil))),
			second(f.items.Find(ctx, Items.Name.Eq("nul\x00"))),
		} {
			if err == nil {
				t.Error("no error")
			}
		}
		f.quiet("what cannot be built")
		return nil
	})
}
