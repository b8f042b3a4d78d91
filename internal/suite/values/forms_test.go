package values_test

import (
	"fmt"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

type (
	Mood string
	Text string

	// Card has columns whose Go type does not tell what the database keeps: two enums
	// of one Go type, a UUID, and a decimal of a Go type that texts have, too.
	Card struct {
		ID    int64
		Mood  Mood
		Other *Mood
		Key   [16]byte
		Also  *[16]byte
		Cost  Text
		Note  Text
	}
	cards struct {
		schema.Table[Card]
		ID    expr.Column[Card, int64]
		Mood  expr.Column[Card, Mood]
		Other expr.Nullable[Card, Mood]
		Key   expr.Column[Card, [16]byte]
		Also  expr.Nullable[Card, [16]byte]
		Cost  expr.Column[Card, Text]
		Note  expr.Column[Card, Text]
	}
)

var Cards = schema.Define("cards", func(t *cards) {
	schema.Column(t.ID).PrimaryKey()
	schema.Enum(t.Mood, "glad", "sad").Default("glad")
	schema.Enum(t.Other, "glad", "sad")
	schema.Decimal(t.Cost, 8, 2)
}, schema.In(meta))

// Face is what queries read of a card.
type (
	Face struct {
		Mood Mood
		Cost Text
	}
	faces struct {
		schema.Table[Face]
		Mood expr.Column[Face, Mood]
		Cost expr.Column[Face, Text]
	}
)

// cardRow is a row of the program's.
type (
	cardRow struct {
		ID    int64
		Mood  Mood
		Other *Mood
		Key   [16]byte
	}
	cardRows struct {
		schema.Table[cardRow]
		ID    expr.Column[cardRow, int64]
		Mood  expr.Column[cardRow, Mood]
		Other expr.Nullable[cardRow, Mood]
		Key   expr.Column[cardRow, [16]byte]
	}
)

var one, two = [16]byte{1}, [16]byte{2}

func putCards(t *testing.T, db *engine.Engine) {
	t.Helper()
	own := repo.New[Card](db, repo.OwnUnit())
	if _, err := own.DeleteWhere(t.Context(), expr.Every[Card]()); err != nil {
		t.Fatal(err)
	}
	if err := own.Add(t.Context(),
		&Card{ID: 1, Mood: "glad", Key: one, Cost: "2.50"},
		&Card{ID: 2, Mood: "sad", Other: ptr(Mood("glad")), Key: two, Also: &one, Cost: "10.00"},
		&Card{ID: 3, Mood: "glad", Other: ptr(Mood("sad")), Key: two, Cost: "-1.00"}); err != nil {
		t.Fatal(err)
	}
}

// Plain values that stand for a column take its form, through whatever they go: a
// CASE, a subquery, Optional, a window.
func TestValuesInTheFormOfColumns(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		putCards(t, db)
		w := expr.Window().OrderBy(Cards.ID.Asc())
		has := func(what, want string, v any, err error) {
			t.Helper()
			if got := fmt.Sprint(v); err != nil || got != want {
				t.Errorf("%s: %s, %v; want %s", what, got, err, want)
			}
		}
		moods := func(what string, x expr.Yields[Mood], want string) {
			t.Helper()
			got, err := repo.SelectValue(x).From(Cards).OrderBy(Cards.ID.Asc()).All(t.Context(), db)
			has(what, want, got, err)
		}
		moods("lag", expr.Coalesce(expr.Lag(Cards.Mood, 1).Over(w).Value(), "sad"), "[sad glad sad]")
		moods("first", expr.Coalesce(expr.FirstValue(Cards.Mood).Over(w).Value(), "sad"), "[glad glad glad]")
		moods("max over", expr.Coalesce(expr.Max(Cards.Other).Over(w.Rows(expr.CurrentRow(), expr.CurrentRow())).Value(), "sad"), "[sad glad sad]")
		keys, err := repo.SelectValue(expr.Coalesce(expr.Lag(Cards.Key, 1).Over(w).Value(), [16]byte{9})).From(Cards).OrderBy(Cards.ID.Asc()).All(t.Context(), db)
		has("lag of a key", fmt.Sprint([][16]byte{{9}, one, two}), keys, err)
		costs, err := repo.SelectValue(expr.Coalesce(expr.Lag(Cards.Cost, 1).Over(w).Value(), "7")).From(Cards).OrderBy(Cards.ID.Asc()).All(t.Context(), db)
		has("lag of a cost", "[7.00 2.50 10.00]", costs, err)

		found := func(what string, want string, conds ...expr.Cond) {
			t.Helper()
			got, err := repo.SelectValue(Cards.ID).From(Cards).Where(conds...).OrderBy(Cards.ID.Asc()).All(t.Context(), db)
			has(what, want, got, err)
		}
		m := schema.As(Cards, "m")
		mood := expr.Case(Cards.ID.Gt(0), Mood("glad")).Else("sad")
		key := expr.Case(Cards.ID.Gt(0), two).Else(one)
		cost := expr.Case(Cards.ID.Gt(0), Text("2.5")).Else("3")
		found("a case", "[1 3]", Cards.Mood.EqTo(mood))
		found("optional", "[1 3]", Cards.Mood.EqTo(expr.Optional(mood)))
		found("optional, the other way", "[1 3]", expr.Optional(mood).EqTo(Cards.Mood))
		found("coalesce", "[1 3]", Cards.Mood.EqTo(expr.Coalesce(expr.NullIf(mood, "sad"), "sad")))
		found("greatest", "[2]", Cards.Mood.EqTo(expr.Greatest(mood, "sad")))
		found("a value in a query", "[1 3]", Cards.Mood.EqTo(repo.Sub(repo.SelectValue(expr.Val(Mood("glad"))).From(m).Where(m.ID.Eq(1)))))
		found("a case in a query", "[1 3]", Cards.Mood.EqTo(repo.Sub(repo.SelectValue(expr.Case(m.ID.Gt(0), Mood("glad")).Else("sad")).From(m).Where(m.ID.Eq(1)))))
		found("among values", "[1 3]", repo.In(Cards.Mood, repo.SelectValue(expr.Case(m.ID.Gt(0), Mood("glad")).Else("sad")).From(m)))
		found("among optional values", "[1 3]", repo.InNull(Cards.Mood, repo.SelectValue(expr.Case(m.ID.Gt(0), Mood("glad")).End()).From(m)))
		found("among grouped values", "[1 3]", repo.In(Cards.Mood, repo.SelectValue(expr.Case(m.ID.Gt(0), Mood("glad")).Else("sad")).From(m).GroupBy(expr.Case(m.ID.Gt(0), Mood("glad")).Else("sad"))))
		found("among none", "[2]", repo.NotIn(Cards.Mood, repo.SelectValue(expr.Val(Mood("glad"))).From(m)))
		found("among a union", "[1 3]", repo.In(Cards.Mood, repo.SelectValue(expr.Val(Mood("glad"))).From(m).Union(repo.SelectValue(expr.Val(Mood("glad"))).From(m))))
		found("a key", "[2 3]", Cards.Key.EqTo(expr.Optional(key)))
		found("a key in a query", "[2 3]", Cards.Key.EqTo(repo.Sub(repo.SelectValue(expr.Val(two)).From(m).Where(m.ID.Eq(1)))))
		found("a key among values", "[2 3]", repo.In(Cards.Key, repo.SelectValue(expr.Val(two)).From(m)))
		found("a key among a union", "[2 3]", repo.In(Cards.Key, repo.SelectValue(expr.Val(two)).From(m).Union(repo.SelectValue(expr.Val(two)).From(m))))
		found("a cost", "[1]", Cards.Cost.EqTo(expr.Optional(cost)))
		found("a cost in a query", "[1]", Cards.Cost.EqTo(repo.Sub(repo.SelectValue(expr.Val(Text("2.5"))).From(m).Where(m.ID.Eq(1)))))
		found("a cost by order", "[2]", Cards.Cost.GtTo(repo.Sub(repo.SelectValue(expr.Val(Text("9"))).From(m).Where(m.ID.Eq(1)))))
		found("a cost among values", "[1]", repo.In(Cards.Cost, repo.SelectValue(expr.Val(Text("2.5"))).From(m)))

		all, err := repo.SelectValue(expr.Optional(expr.Val(Mood("sad")).Value())).From(Cards).Union(repo.SelectValue(Cards.Other).From(Cards).Where(Cards.ID.Gt(1))).All(t.Context(), db)
		has("a union", "2", len(all), err)
		null := expr.NewValue[Card, Mood, *Mood](expr.NodeOf(expr.Null[Mood]()))
		got, err := repo.SelectValue(expr.CoalesceTo(null, Cards.Other)).From(Cards).Where(Cards.ID.Eq(1)).All(t.Context(), db)
		has("coalesce of NULL", "[<nil>]", got, err)
		moods("a case first", expr.CoalesceTo(expr.NullIf(mood, "glad"), Cards.Mood), "[glad sad glad]")
		moods("a greatest, a case first", expr.GreatestTo(mood, Cards.Mood), "[glad sad glad]")
		found("a case among a column", "[1 2 3]", repo.In(mood, repo.SelectValue(m.Mood).From(m)))
		found("a case among a nullable column", "[1 2 3]", repo.InNull(mood, repo.SelectValue(m.Other).From(m)))
		found("among another enum", "[1 2 3]", repo.InNull(Cards.Mood, repo.SelectValue(m.Other).From(m)))
		u := repo.As[faces](repo.Select(func(f *Face) repo.Columns {
			return repo.Into(repo.To(&f.Mood, expr.Val(Mood("sad"))), repo.To(&f.Cost, expr.Val(Text("9"))))
		}).From(m).Where(m.ID.Eq(1)).UnionAll(repo.Select(func(f *Face) repo.Columns {
			return repo.Into(repo.To(&f.Mood, Cards.Mood), repo.To(&f.Cost, Cards.Cost))
		}).From(Cards)), "u")
		faced, err := repo.SelectValue(expr.Coalesce(expr.NullIf(u.Mood, "glad"), "sad")).From(u).Where(u.Cost.Gt("8.5")).OrderBy(u.Cost.Asc()).All(t.Context(), db)
		has("a handle of a union", "[sad sad]", faced, err)
		sums, err := repo.SelectValue(expr.AddDecimal(Cards.Cost, "0.5")).From(Cards).Union(repo.SelectValue(expr.Val(Text("3"))).From(Cards)).All(t.Context(), db)
		has("sums and a value", "3", len(sums), err)
		counts, err := repo.SelectValue(expr.CountAll()).From(u).GroupBy(u.Cost).OrderBy(u.Cost.Asc()).All(t.Context(), db)
		has("a union of costs", "[1 1 1 1]", counts, err)

		own := repo.New[Card](db, repo.OwnUnit())
		for what, set := range map[string]expr.Assign[Card]{
			"set a case": Cards.Mood.SetTo(mood), "set an optional case": Cards.Other.SetTo(expr.Optional(mood)), "set of a query": Cards.Other.SetTo(repo.Sub(repo.SelectValue(expr.Val(Mood("glad"))).From(m).Where(m.ID.Eq(1)))),
			"set a key": Cards.Also.SetTo(expr.Optional(key)), "set a key of a query": Cards.Also.SetTo(repo.Sub(repo.SelectValue(expr.Val(two)).From(m).Where(m.ID.Eq(1)))),
			"set another enum": Cards.Other.SetTo(expr.Optional(Cards.Mood)),
		} {
			_, err := own.UpdateWhere(t.Context(), Cards.ID.Eq(1), set)
			has(what, "", "", err)
		}
		x, err := own.Untracked().One(t.Context(), Cards.ID.Eq(1))
		if err != nil || x.Mood != "glad" || x.Other == nil || *x.Other != "glad" || x.Also == nil || *x.Also != two {
			t.Errorf("%+v, %v", x, err)
		}
		_, err = repo.InsertFrom(t.Context(), own, repo.Select(func(k *Card) repo.Columns {
			return repo.Into(repo.To(&k.ID, expr.Add(Cards.ID, 10)), repo.To(&k.Mood, Cards.Mood), repo.To(&k.Other, expr.Optional(mood)), repo.To(&k.Key, expr.Coalesce(expr.Optional(key), one)), repo.To(&k.Cost, Cards.Cost), repo.To(&k.Note, Cards.Note))
		}).From(Cards).Where(Cards.ID.Eq(1)))
		has("insert from", "", "", err)
	}, Cards)
}

// Rows of the program's know no enum: what they give to a column of one takes its type.
func TestRowsIntoEnums(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		putCards(t, db)
		rows := repo.Rows[cardRows]("r", cardRow{ID: 1, Mood: "sad", Key: two}, cardRow{ID: 2, Mood: "glad", Other: ptr(Mood("sad")), Key: one})
		own := repo.New[Card](db, repo.OwnUnit())
		state := func(what, want string) {
			t.Helper()
			ms, err := own.Untracked().Query().OrderBy(Cards.ID.Asc()).All(t.Context())
			got := ""
			for _, m := range ms {
				got += fmt.Sprint(m.ID, m.Mood, " ", m.Other != nil, m.Key[0], " ")
			}
			if err != nil || got != want {
				t.Errorf("%s: %s, %v; want %s", what, got, err, want)
			}
		}
		if _, err := own.Updating(Cards.Mood.SetTo(rows.Mood), Cards.Other.SetTo(rows.Other), Cards.Key.SetTo(rows.Key)).Join(rows, expr.On(rows.ID, Cards.ID)).Exec(t.Context()); err != nil {
			t.Error(err)
		}
		state("update", "1sad false 2 2glad true 1 3glad true 2 ")
		if _, err := own.UpdateWhere(t.Context(), Cards.ID.Eq(3), Cards.Mood.SetTo(expr.Coalesce(repo.Sub(repo.SelectValue(rows.Mood).From(rows).Where(rows.ID.Eq(1))).Value(), "glad"))); err != nil {
			t.Error(err)
		}
		state("update by a query", "1sad false 2 2glad true 1 3sad true 2 ")
		if _, err := repo.InsertFrom(t.Context(), own, repo.Select(func(k *Card) repo.Columns {
			return repo.Into(repo.To(&k.ID, expr.Add(rows.ID, 10)), repo.To(&k.Mood, rows.Mood), repo.To(&k.Other, expr.CoalesceTo(rows.Other, expr.Optional(rows.Mood))), repo.To(&k.Key, rows.Key), repo.To(&k.Cost, expr.Val(Text("1"))), repo.To(&k.Note, expr.Val(Text(""))))
		}).From(rows)); err != nil {
			t.Error(err)
		}
		state("insert", "1sad false 2 2glad true 1 3sad true 2 11sad true 2 12glad true 1 ")
		of, in := repo.SelectValue(rows.Mood).From(rows), repo.SelectValue(Cards.Mood).From(Cards)
		for what, q := range map[string]repo.Selection[Mood]{"rows first": of.Union(in), "columns first": in.Union(of), "three": of.Union(of).Union(in), "of two enums": in.Union(repo.SelectValue(expr.Coalesce(Cards.Other, "sad")).From(Cards)), "of one": in.Except(of)} {
			got, err := q.All(t.Context(), db)
			if want := map[bool]int{true: 0, false: 2}[what == "of one"]; err != nil || len(got) != want {
				t.Errorf("%s: %v, %v", what, got, err)
			}
		}
		got, err := repo.SelectValue(expr.CoalesceTo(rows.Other, Cards.Mood)).From(Cards).Join(rows, expr.On(rows.ID, Cards.ID)).OrderBy(Cards.ID.Asc()).All(t.Context(), db)
		if err != nil || fmt.Sprint(got) != "[sad sad]" {
			t.Errorf("coalesce: %v, %v", got, err)
		}
		got, err = repo.SelectValue(expr.CaseTo(Cards.ID.Eq(1), rows.Mood).ElseTo(Cards.Mood)).From(Cards).Join(rows, expr.On(rows.ID, Cards.ID)).OrderBy(Cards.ID.Asc()).All(t.Context(), db)
		if err != nil || fmt.Sprint(got) != "[sad glad]" {
			t.Errorf("case: %v, %v", got, err)
		}
		if n, err := repo.SelectValue(Cards.ID).From(Cards).Where(Cards.Other.EqTo(expr.Optional(Cards.Mood))).OrderBy(Cards.ID.Asc()).All(t.Context(), db); err != nil || fmt.Sprint(n) != "[3 11]" {
			t.Errorf("two enums: %v, %v", n, err)
		}
	}, Cards)
}

// Pages go by computed values of a type that the driver has no kind for.
func TestPagesByComputedEnums(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		putCards(t, db)
		m := schema.As(Cards, "m")
		for what, x := range map[string]struct {
			by   expr.Ordering
			want string
		}{
			"case":        {expr.CaseTo(Cards.ID.Gt(2), Cards.Mood).Else("sad").Asc(), "[3 1 2]"},
			"case of two": {expr.CaseTo(Cards.ID.Gt(2), Cards.Mood).When(Cards.ID.Gt(1), "glad").Else("sad").Desc(), "[1 2 3]"},
			"key":         {expr.CaseTo(Cards.ID.Gt(2), Cards.Key).Else(one).Desc(), "[3 1 2]"},
			"query":       {repo.Sub(repo.SelectValue(m.Mood).From(m).Where(m.ID.EqTo(Cards.ID))).Desc(), "[2 1 3]"},
			"query, key":  {repo.Sub(repo.SelectValue(m.Key).From(m).Where(m.ID.EqTo(Cards.ID))).Desc(), "[2 3 1]"},
			"a constant":  {expr.Case(Cards.ID.Gt(2), two).Else(one).Asc(), "[1 2 3]"},
			"plain keys":  {expr.Case(Cards.ID.Gt(2), two).Else(one).Desc(), "[3 1 2]"},
		} {
			var got []int64
			var after repo.Cursor
			for range 5 {
				p, err := repo.SelectValue(Cards.ID).From(Cards).OrderBy(x.by).Page(t.Context(), db, 1, after)
				if err != nil {
					t.Errorf("%s: %v", what, err)
					break
				}
				got = append(got, p.Items...)
				if after = p.Next; !p.More {
					break
				}
			}
			if fmt.Sprint(got) != x.want {
				t.Errorf("%s: %v, want %s", what, got, x.want)
			}
		}
	}, Cards)
}
