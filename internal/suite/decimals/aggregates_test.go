package decimals_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

func TestAggregates(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, four...)
		line := expr.ScaleDecimalTo(Lines.Price, Lines.Many)
		for name, c := range map[string]struct {
			x    expr.Agg[Money, *Money]
			want string
		}{
			"sum":               {expr.SumDecimal(Lines.Price), "10000000010.19"},
			"sum of NULLs":      {expr.SumDecimal(Lines.Rest), "12.99"},
			"sum of products":   {expr.SumDecimal(line), "10000000030.84"},
			"sum below zero":    {expr.SumDecimal(Lines.Small).Filter(Lines.Small.Lt("0")), "-0.05"},
			"sum of none":       {expr.SumDecimal(Lines.Small).Filter(Lines.Small.Gt("99.99")), "NULL"},
			"sum filtered":      {expr.SumDecimal(expr.AddDecimal(Lines.Small, "0.001")).Filter(Lines.Shop.Eq("a")), "1.952"},
			"sum of distinct":   {expr.SumDecimal(expr.RoundDecimal(expr.MulDecimal(Lines.Small, "0.1"), 0)).Distinct(), "10"},
			"mean":              {expr.AvgDecimal(Lines.Price, 4), "2500000002.5475"},
			"mean cut":          {expr.AvgDecimal(Lines.Rate, 1), "250000.2"},
			"mean of a half":    {expr.AvgDecimal(Lines.Small, 0).Filter(Lines.ID.In(2, 3, 1)), "1"},
			"mean below zero":   {expr.AvgDecimal(expr.NegDecimal(Lines.Small), 3).Filter(Lines.Shop.Eq("a")), "-0.975"},
			"mean of NULLs":     {expr.AvgDecimal(Lines.Rest, 2), "4.33"},
			"mean of distinct":  {expr.AvgDecimal(Lines.Whole, 3).Distinct().Filter(Lines.Whole.Lt("100")), "1.333"},
			"mean of values":    {expr.AvgDecimal(expr.NewAgg[Money, Money](expr.AsDecimal(expr.NodeOf(expr.Val(Money("1.25"))))), 1), "1.3"},
			"sum of values":     {expr.SumDecimal(expr.NewAgg[Money, Money](expr.AsDecimal(expr.NodeOf(expr.Val(Money("1.25")))))), "5.00"},
			"mean of none":      {expr.AvgDecimal(Lines.Price, 2).Filter(Lines.Shop.Eq("z")), "NULL"},
			"least":             {expr.Min(Lines.Price), "-0.05"},
			"greatest":          {expr.Max(Lines.Small), "99.99"},
			"least of sums":     {expr.Min(expr.AddDecimalTo(Lines.Small, Lines.Rate)), "-0.0450"},
			"greatest, reduced": {expr.Max(Lines.Price).Filter(Lines.Price.Lt("11")), "10.25"},
		} {
			if got := show(total(t, db, c.x)); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
		if got := total(t, db, expr.SumDecimal(Lines.Size)); got == nil || !got.Equal(size("1000001.494")) {
			t.Error(got)
		}
		if got := total(t, db, expr.SumDecimal(Lines.Price), Lines.ID.Eq(9)); got != nil {
			t.Error(*got)
		}
		type group struct {
			Shop  string
			Sum   *Money
			Mean  *Money
			Least *Money
		}
		sum := expr.SumDecimal(expr.AddDecimalTo(Lines.Price, Lines.Rate))
		groups := repo.Select(func(g *group) repo.Columns {
			return repo.Into(repo.To(&g.Shop, Lines.Shop), repo.To(&g.Sum, sum), repo.To(&g.Mean, expr.AvgDecimal(Lines.Small, 3).Filter(Lines.Small.Ne("0.01"))), repo.To(&g.Least, expr.Min(Lines.Rate)))
		}).From(Lines).GroupBy(Lines.Shop)
		text := func(q repo.Selection[group]) string {
			gs, err := q.All(t.Context(), db)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, g := range gs {
				fmt.Fprintf(&b, "%s %s %s %s|", g.Shop, show(g.Sum), show(g.Mean), show(g.Least))
			}
			return b.String()
		}
		const a, b = "a 8.9705 0.975 -1.2345|", "b 10001000001.9899 99.990 2.0000|"
		if got := text(groups.OrderBy(sum.Desc())); got != b+a {
			t.Error(got)
		}
		if got := text(groups.Having(sum.Gt("8.97049")).OrderBy(expr.AvgDecimal(Lines.Small, 2).Asc())); got != a+b {
			t.Error(got)
		}
		if got := text(groups.Having(sum.Lt("8.97051"))); got != a {
			t.Error(got)
		}
		if got := text(groups.Having(sum.Eq("8.97050")).OrderBy(expr.Max(Lines.Price).Asc())); got != a {
			t.Error(got)
		}
		if got := text(groups.Having(expr.Min(Lines.Small).Lt("0")).OrderBy(Lines.Shop.Asc())); got != a {
			t.Error(got)
		}
		if got := text(groups.Having(expr.AvgDecimal(Lines.Rate, 4).Between("-0.6148", "-0.6147")).OrderBy(Lines.Shop.Asc())); got != a {
			t.Error(got)
		}
		// A decimal that is grouped by, and its sums.
		by := expr.RoundDecimal(expr.MulDecimal(Lines.Small, "0.5"), 0)
		type sized struct {
			Size Money
			N    int64
		}
		rows, err := repo.Select(func(s *sized) repo.Columns { return repo.Into(repo.To(&s.Size, by), repo.To(&s.N, expr.CountAll())) }).
			From(Lines).GroupBy(by).OrderBy(by.Asc()).All(t.Context(), db)
		if err != nil || fmt.Sprint(rows) != "[{0 2} {1 1} {50 1}]" {
			t.Error(rows, err)
		}
	}, Lines)
}

func TestWindows(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, four...)
		w := expr.Window().PartitionBy(Lines.Shop).OrderBy(Lines.ID.Asc())
		byValue := expr.Window().OrderBy(expr.MulDecimalTo(Lines.Small, Lines.Rate).Desc())
		double := expr.ScaleDecimal(Lines.Small, 2)
		for name, c := range map[string]struct {
			x    expr.Windowed[Money, *Money]
			want string
		}{
			"running sum":        {expr.SumDecimal(Lines.Price).Over(w), "10.25 10.20 0.00 9999999999.99"},
			"mean so far":        {expr.AvgDecimal(Lines.Small, 3).Over(w), "-0.050 0.975 0.010 50.000"},
			"sum of the last":    {expr.SumDecimal(double).Over(expr.Window().OrderBy(Lines.ID.Asc()).Rows(expr.Preceding(1), expr.CurrentRow())), "-0.10 3.90 4.02 200.00"},
			"filtered":           {expr.SumDecimal(Lines.Small).Filter(Lines.Small.Gt("0.00")).Over(expr.Window()), "102.00 102.00 102.00 102.00"},
			"greatest so far":    {expr.Max(double).Over(w), "-0.10 4.00 0.02 199.98"},
			"in order of values": {expr.SumDecimal(Lines.Whole).Over(byValue), "1000000006 1000000003 999999999 999999999"},
			"lag":                {expr.Lag(double, 1).Over(w), "NULL -0.10 NULL 0.02"},
			"first":              {expr.FirstValue(Lines.Rate).Over(byValue), "999999.9999 999999.9999 999999.9999 999999.9999"},
		} {
			if got := orNull(read(t, db, c.x)); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
		if got := texts(read(t, db, expr.LagOr(double, 1, "-5").Over(w))); got != "-5.00 -0.10 -5.00 0.02" {
			t.Error(got)
		}
		ranged := expr.SumDecimal(Lines.Price).Over(expr.Window().OrderBy(double.Asc()).Range(expr.Preceding(4), expr.CurrentRow()))
		got, err := tryRead(db, ranged)
		var lacks *dialect.UnsupportedError
		if db.Dialect().Capabilities().DecimalsAreText {
			if !errors.As(err, &lacks) {
				t.Error(err)
			}
		} else if err != nil || orNull(got) != "10.25 -0.05 10.25 9999999999.99" {
			t.Error(orNull(got), err)
		}
	}, Lines)
}

// Sums and means are those of Go, whatever rows there are.
func TestRandomAggregates(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		r := rand.New(rand.NewPCG(7, 7))
		for range 30 {
			list := randomLines(r, r.IntN(12))
			put(t, db, list...)
			for range 5 {
				x, scale := grow(r, r.IntN(4)), r.IntN(7)
				if x.size > 16 || x.size+scale > 16 {
					continue
				}
				sum, n := decimal.Zero, 0
				var least, most *decimal.Decimal
				for i := range list {
					v, ok := x.of(&list[i])
					if !ok {
						continue
					}
					sum, n = sum.Add(v), n+1
					if least == nil || v.Cmp(*least) < 0 {
						least = &v
					}
					if most == nil || v.Cmp(*most) > 0 {
						most = &v
					}
				}
				want := "NULL NULL NULL NULL"
				if n > 0 {
					text := func(d decimal.Decimal) string { return d.StringFixed(int32(x.scale)) }
					want = fmt.Sprint(text(sum), " ", quotient(sum, decimal.NewFromInt(int64(n)), scale).StringFixed(int32(scale)), " ", text(*least), " ", text(*most))
				}
				type all struct{ Sum, Mean, Least, Most *Money }
				rows, err := repo.Select(func(a *all) repo.Columns {
					return repo.Into(repo.To(&a.Sum, expr.SumDecimal(x.x)), repo.To(&a.Mean, expr.AvgDecimal(x.x, scale)), repo.To(&a.Least, expr.Min(x.x)), repo.To(&a.Most, expr.Max(x.x)))
				}).From(Lines).All(t.Context(), db)
				if err != nil {
					t.Fatal(err)
				}
				if got := orNull([]*Money{rows[0].Sum, rows[0].Mean, rows[0].Least, rows[0].Most}); got != want {
					t.Fatalf("%s, want %s", got, want)
				}
			}
		}
	}, Lines)
}

type (
	Sums struct {
		Shop string
		Sum  *Money
		Next Money
	}
	sums struct {
		schema.Table[Sums]
		Shop expr.Column[Sums, string]
		Sum  expr.Nullable[Sums, Money]
		Next expr.Column[Sums, Money]
	}
)

// What a query computes is a decimal to the query around it.
func TestQueriesOfDecimals(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, four...)
		q := repo.Select(func(s *Sums) repo.Columns {
			return repo.Into(repo.To(&s.Shop, Lines.Shop), repo.To(&s.Sum, expr.SumDecimal(Lines.Rate)), repo.To(&s.Next, expr.RoundDecimal(expr.NewValue[Line, Money, Money](expr.NodeOf(expr.Max(Lines.Small))), 3)))
		}).From(Lines).GroupBy(Lines.Shop)
		for _, s := range []*sums{repo.As[sums](q, "s"), repo.CTE[sums](q, "s")} {
			rows, err := repo.Select(func(o *Sums) repo.Columns {
				return repo.Into(repo.To(&o.Shop, s.Shop), repo.To(&o.Sum, expr.AddDecimal(s.Sum, "0.5")), repo.To(&o.Next, expr.ScaleDecimal(s.Next, 3)))
			}).From(s).Where(s.Sum.Lt("1000002"), expr.AddDecimal(s.Sum, "1").Gt("-0.2296")).OrderBy(s.Sum.Desc()).All(t.Context(), db)
			got := ""
			for _, r := range rows {
				got += fmt.Sprintf("%s %s %s|", r.Shop, show(r.Sum), r.Next)
			}
			if want := "b 1000002.4999 299.970|a -0.7295 6.000|"; err != nil || got != want {
				t.Errorf("%s, %v, want %s", got, err, want)
			}
			if v, err := repo.SelectValue(expr.SumDecimal(s.Sum)).From(s).Scalar(t.Context(), db); err != nil || show(v) != "1000000.7704" {
				t.Error(show(v), err)
			}
		}
		mean := repo.SelectValue(expr.AvgDecimal(Lines.Small, 2)).From(Lines)
		if got := found(t, db, Lines.Small.GtTo(repo.SubNull(mean))); fmt.Sprint(got) != "[4]" {
			t.Error(got)
		}
		twice := repo.SelectValue(expr.ScaleDecimal(Lines.Small, 2)).From(Lines)
		if got := found(t, db, repo.In(expr.AddDecimal(Lines.Price, "0.15"), twice)); fmt.Sprint(got) != "[]" {
			t.Error(got)
		}
		if got := found(t, db, repo.In(expr.SubDecimal(Lines.Price, "0.05"), twice)); fmt.Sprint(got) != "[2]" {
			t.Error(got)
		}
		// Texts of different scales are not taken for different decimals.
		wide := repo.SelectValue(expr.MulDecimal(Lines.Small, "1.0")).From(Lines)
		if got := found(t, db, repo.In(expr.AddDecimal(Lines.Price, "2.05"), wide)); fmt.Sprint(got) != "[2]" {
			t.Error(got)
		}
		if vs, err := twice.Union(wide).All(t.Context(), db); err != nil || len(vs) != 8 {
			t.Error(vs, err)
		}
		if vs, err := twice.Union(twice).All(t.Context(), db); err != nil || len(vs) != 4 {
			t.Error(vs, err)
		}
		pair := expr.Tuple2(expr.MulDecimal(Lines.Small, "1.00"), Lines.ID)
		if got := found(t, db, pair.Eq("2", 2)); fmt.Sprint(got) != "[2]" {
			t.Error(got)
		}
	}, Lines)
}
