package decimals_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

type (
	// D is a row with a decimal of the other Go type.
	D struct {
		N int64
		V decimal.Decimal
	}
	dsizes struct {
		schema.Table[D]
		N expr.Column[D, int64]
		V expr.Column[D, decimal.Decimal]
	}
)

// Plain values are decimals wherever they stand for one, whichever digits they have, and
// are found among the values of a query by what they are worth.
func TestPlainDecimalsInQueries(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, odd...) // prices 10.25, -0.05, 9.00, 10000.00; rates 10.2501, -0.0500, 0.0050, 123456.7891
		o := schema.As(Lines, "o")
		val := func(s string) repo.Selection[Money] { return repo.SelectValue(expr.Val(Money(s))).From(o) }
		size := func(s string) repo.Selection[decimal.Decimal] {
			return repo.SelectValue(expr.Val(decimal.RequireFromString(s))).From(o)
		}
		choice := expr.Case(Lines.ID.Gt(1), Money("9")).Else("10.25001")
		inner := expr.Case(o.ID.Gt(1), Money("9")).Else("10.250")
		made := expr.AddDecimal(Lines.Price, "0.000")
		for name, c := range map[string]struct {
			where expr.Cond
			want  string
		}{
			"sub":                      {Lines.Price.EqTo(repo.Sub(val("9").Limit(1))), "[3]"},
			"sub of more digits":       {Lines.Price.LtTo(repo.Sub(val("9.0001").Limit(1))), "[2 3]"},
			"sub of a case":            {Lines.Price.GeTo(repo.Sub(repo.SelectValue(inner).From(o).Where(o.ID.Eq(1)))), "[1 4]"},
			"sub of a size":            {Lines.Size.GeTo(repo.Sub(size("9.0009").Limit(1))), "[1 3]"},
			"optional":                 {Lines.Price.EqTo(expr.Optional(choice)), "[3]"},
			"optional by order":        {Lines.Price.GtTo(expr.Optional(choice)), "[4]"},
			"optional value":           {Lines.Price.LtTo(expr.Optional(expr.Val(Money("9.001")).Value())), "[2 3]"},
			"nullif":                   {Lines.Price.LtTo(expr.NullIf(expr.Val(Money("9.001")).Value(), "9")), "[2 3]"},
			"nullif of an equal":       {Lines.Price.LtTo(expr.NullIf(expr.Val(Money("9.0")).Value(), "9.000")), "[]"},
			"greatest of values":       {Lines.Price.LtTo(expr.Greatest(expr.Val(Money("9")).Value(), "10.25", "-100")), "[2 3]"},
			"least of values":          {Lines.Price.LtTo(expr.Least(expr.Val(Money("10")).Value(), "9.001")), "[2 3]"},
			"greatest of sizes":        {Lines.Size.LtTo(expr.Greatest(expr.Val(decimal.RequireFromString("9")).Value(), decimal.RequireFromString("10.2"))), "[2 3 4]"},
			"in":                       {repo.In(Lines.Price, val("9")), "[3]"},
			"in, of more digits":       {repo.In(Lines.Price, val("10.2500")), "[1]"},
			"in, of other digits":      {repo.In(Lines.Price, val("10.2501")), "[]"},
			"in a case":                {repo.In(Lines.Price, repo.SelectValue(inner).From(o)), "[1 3]"},
			"in a null":                {repo.InNull(Lines.Price, repo.SelectValue(expr.Case(o.ID.Gt(1), Money("9")).End()).From(o)), "[3]"},
			"in a union":               {repo.In(Lines.Price, val("9").Union(val("10.250")).Union(repo.SelectValue(o.Rate).From(o))), "[1 2 3]"},
			"in a size":                {repo.In(Lines.Size, size("9.00100")), "[3]"},
			"in a column":              {repo.In(Lines.Price, repo.SelectValue(o.Rate).From(o)), "[2]"},
			"in what is null":          {repo.InNull(Lines.Rate, repo.SelectValue(expr.AddDecimalTo(o.Rest, expr.Optional(o.Small))).From(o)), "[]"},
			"in a sum":                 {repo.In(Lines.Price, repo.SelectValue(expr.AddDecimal(o.Rate, "-0.0001")).From(o)), "[1]"},
			"in groups":                {repo.InNull(Lines.Price, repo.SelectValue(expr.SumDecimal(o.Rate)).From(o).GroupBy(o.ID)), "[2]"},
			"in what is distinct":      {repo.In(Lines.Price, repo.SelectValue(o.Rate).From(o).Distinct().OrderBy(o.Rate.Asc()).Limit(2)), "[2]"},
			"not in":                   {repo.NotIn(Lines.Price, val("9.000")), "[1 2 4]"},
			"not in a column":          {repo.NotIn(Lines.Price, repo.SelectValue(o.Rate).From(o)), "[1 3 4]"},
			"a sum in a column":        {repo.In(expr.AddDecimal(Lines.Price, "0.0001"), repo.SelectValue(o.Rate).From(o)), "[1]"},
			"tuple":                    {expr.Tuple2(made, Lines.ID).Gt("9", 1), "[1 3 4]"},
			"tuple of one scale":       {expr.Tuple2(made, Lines.ID).Gt("9.000", 3), "[1 4]"},
			"tuple, equal":             {expr.Tuple2(made, Lines.ID).Eq("9", 3), "[3]"},
			"tuple, not equal":         {expr.Tuple2(made, Lines.ID).Ne("9", 3), "[1 2 4]"},
			"tuple, last":              {expr.Tuple3(Lines.Shop, made, Lines.Rate).Le("b", "9", "0.0050"), "[1 2 3]"},
			"tuple of a function":      {expr.Tuple2(expr.CoalesceTo(Lines.Rest, Lines.Rate), Lines.ID).Lt("3.00", 4), "[1 2 3]"},
			"tuple in":                 {expr.Tuple2(made, Lines.ID).In(expr.Tuple2(made, Lines.ID).Of("9", 3), expr.Tuple2(made, Lines.ID).Of("10.25000", 1), expr.Tuple2(made, Lines.ID).Of("-0.05", 1)), "[1 3]"},
			"tuple not in":             {expr.Tuple2(made, Lines.ID).NotIn(expr.Tuple2(made, Lines.ID).Of("9", 3)), "[1 2 4]"},
			"tuple of a size":          {expr.Tuple2(expr.NegDecimal(Lines.Size), Lines.ID).In(expr.Tuple2(expr.NegDecimal(Lines.Size), Lines.ID).Of(decimal.RequireFromString("-10.25"), 1)), "[1]"},
			"distinct from a query":    {expr.IsNotDistinctFromTo(Lines.Price, repo.Sub(val("9.000").Limit(1))), "[3]"},
			"between values of a case": {expr.AllOf(choice.Gt("9.00001"), choice.Lt("10.26")), "[1]"},
		} {
			for range 2 { // the second time the statement's shape is known
				got, err := repo.SelectValue(Lines.ID).From(Lines).Where(c.where).OrderBy(Lines.ID.Asc()).All(t.Context(), db)
				if err != nil || fmt.Sprint(got) != c.want {
					t.Errorf("%s: %v, %v; want %s", name, got, err, c.want)
				}
			}
		}
		// What SQLite cannot compute with is refused.
		put(t, db)
		var lacks *dialect.UnsupportedError
		lite := db.Dialect().Capabilities().DecimalsAreText
		for name, c := range map[string]expr.Expr[Vault]{
			"in":    repo.In(Vaults.Gold, repo.SelectValue(expr.Val(Money("9.001"))).From(o)),
			"tuple": expr.Tuple2(expr.AddDecimal(Vaults.Gold, "1.234"), Vaults.ID).Eq("9", 1),
		} {
			_, err := repo.SelectValue(Vaults.ID).From(Vaults).Where(c).All(t.Context(), db)
			if lite && !errors.As(err, &lacks) || !lite && err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := repo.SelectValue(Vaults.Gold).From(Vaults).Union(repo.SelectValue(expr.Val(Money("1.234"))).From(o)).All(t.Context(), db)
		if lite && !errors.As(err, &lacks) || !lite && err != nil {
			t.Error(err)
		}
	}, Lines, Vaults)
}

// The decimals of a set operation are what they are worth, whichever digits its queries
// give them, and have the digits of the longest.
func TestSetOperationsOfSeveralScales(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, odd...)
		prices, rates := repo.SelectValue(Lines.Price).From(Lines), repo.SelectValue(Lines.Rate).From(Lines)
		val := func(s string) repo.Selection[Money] {
			return repo.SelectValue(expr.Val(Money(s))).From(Lines).Where(Lines.ID.Eq(1))
		}
		for name, c := range map[string]struct {
			q    repo.Selection[Money]
			want string
		}{
			"union":           {prices.Union(rates), "-0.0500 0.0050 9.0000 10.2500 10.2501 10000.0000 123456.7891"},
			"turned":          {rates.Union(prices), "-0.0500 0.0050 9.0000 10.2500 10.2501 10000.0000 123456.7891"},
			"all":             {prices.UnionAll(rates), "-0.0500 -0.0500 0.0050 9.0000 10.2500 10.2501 10000.0000 123456.7891"},
			"intersect":       {prices.Intersect(rates), "-0.0500"},
			"except":          {prices.Except(rates), "9.0000 10.2500 10000.0000"},
			"a value":         {prices.Union(val("9")), "-0.05 9.00 10.25 10000.00"},
			"a value first":   {val("9").Union(prices), "-0.05 9.00 10.25 10000.00"},
			"a longer value":  {prices.Union(val("9.001")), "-0.050 9.000 9.001 10.250 10000.000"},
			"values":          {val("9").Union(val("9.00")).Union(val("9.5")), "9.00 9.50"},
			"a product":       {prices.Intersect(repo.SelectValue(expr.MulDecimal(Lines.Price, "1.000")).From(Lines)), "-0.05000 9.00000 10.25000 10000.00000"},
			"a sum":           {prices.Union(repo.SelectValue(expr.Coalesce(expr.SumDecimal(Lines.Whole).Value(), "0")).From(Lines)), "-0.05 9.00 10.25 10000.00 10016.00"},
			"limited":         {rates.OrderBy(Lines.Rate.Desc()).Limit(1).Union(prices), "-0.0500 9.0000 10.2500 10000.0000 123456.7891"},
			"what is grouped": {prices.Union(repo.SelectValue(expr.Coalesce(expr.Max(Lines.Rate).Value(), "0")).From(Lines).GroupBy(Lines.Shop)), "-0.0500 9.0000 10.2500 10.2501 10000.0000 123456.7891"},
		} {
			got, err := c.q.All(t.Context(), db)
			slices.SortFunc(got, func(a, b Money) int {
				return decimal.RequireFromString(string(a)).Cmp(decimal.RequireFromString(string(b)))
			})
			if err != nil || fmt.Sprint(got) != "["+c.want+"]" {
				t.Errorf("%s: %v, %v; want %s", name, got, err, c.want)
			}
		}
		none := repo.SelectValue(expr.Null[Money]()).From(Lines)
		for name, q := range map[string]repo.Selection[*Money]{"NULL": none.Union(repo.SelectValue(Lines.Rest).From(Lines)), "NULL last": repo.SelectValue(Lines.Rest).From(Lines).Union(none)} {
			if got, err := q.All(t.Context(), db); err != nil || len(got) != 3 { // NULL, 3, -0.01
				t.Error(name, got, err)
			}
		}
		nothing, err := repo.SelectValue(expr.Coalesce(expr.Max(expr.Null[Money]()).Value(), "1.5")).From(Lines).Scalar(t.Context(), db)
		if err != nil || nothing != "1.5" {
			t.Error(nothing, err)
		}
		if got := found(t, db, expr.CoalesceTo(expr.NewValue[Line, Money, *Money](expr.NodeOf(expr.Null[Money]())), Lines.Rest).Gt("2.99")); fmt.Sprint(got) != "[1]" {
			t.Error(got)
		}
		null := repo.SelectValue(expr.Optional(expr.Case(Lines.ID.Gt(1), Money("3")).Else("1.5"))).From(Lines).Union(repo.SelectValue(Lines.Rest).From(Lines))
		if got, err := null.All(t.Context(), db); err != nil || len(got) != 4 { // NULL, 3, 1.5, -0.01
			t.Error(got, err)
		}
		sizes, err := repo.SelectValue(Lines.Size).From(Lines).Union(repo.SelectValue(expr.Val(decimal.RequireFromString("9.0010"))).From(Lines)).All(t.Context(), db)
		if err != nil || len(sizes) != 4 {
			t.Error(sizes, err)
		}
	}, Lines)
}

// A handle of what a query computes takes plain values of any digits, as the computed
// value does.
func TestHandlesOfComputedDecimals(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, odd...)
		sums := func(common bool) *gs {
			q := repo.Select(func(g *G) repo.Columns {
				return repo.Into(repo.To(&g.N, Lines.ID), repo.To(&g.V, expr.Coalesce(expr.SumDecimal(Lines.Price).Value(), "0")))
			}).From(Lines).GroupBy(Lines.ID)
			if common {
				return repo.CTE[gs](q, "q")
			}
			return repo.As[gs](q, "q")
		}
		plain := repo.CTE[gs](pairs(expr.Case(Lines.ID.Eq(1), Money("9")).When(Lines.ID.Eq(2), "10.5").Else("-3.25"), Lines.ID.Gt(0)), "q")
		made := repo.As[gs](pairs(expr.AddDecimal(Lines.Price, "1"), Lines.ID.Gt(0)), "q")
		rows := repo.Rows[gs]("q", G{1, "9"}, G{2, "10.5"}, G{3, "-3.25"})
		union := repo.As[gs](pairs(Lines.Price, Lines.ID.Le(2)).Union(pairs(Lines.Rate, Lines.ID.Gt(2))), "q")
		for name, c := range map[string]struct {
			of    *gs
			where func(q *gs) expr.Cond
			want  string
		}{
			"greatest":         {sums(false), func(q *gs) expr.Cond { return expr.Greatest(q.V, "-1").Eq("-0.05") }, "[2]"},
			"greatest of more": {sums(true), func(q *gs) expr.Cond { return expr.Greatest(q.V, "9.0001").Eq("9.0001") }, "[2 3]"},
			"gt":               {sums(true), func(q *gs) expr.Cond { return q.V.Gt("9.9999") }, "[1 4]"},
			"in":               {sums(false), func(q *gs) expr.Cond { return q.V.In("9.000", "10.25", "7.77777") }, "[1 3]"},
			"between":          {sums(false), func(q *gs) expr.Cond { return q.V.Between("-0.0500", "9.0001") }, "[2 3]"},
			"tuple in":         {sums(false), func(q *gs) expr.Cond { return expr.Tuple2(q.V, q.N).In(expr.Tuple2(q.V, q.N).Of("9.0000", 3)) }, "[3]"},
			"tuple":            {sums(false), func(q *gs) expr.Cond { return expr.Tuple2(q.V, q.N).Ge("9", 3) }, "[1 3 4]"},
			"coalesce":         {sums(false), func(q *gs) expr.Cond { return expr.Coalesce(expr.NullIf(q.V, "9.0000"), "1.2345").Eq("1.2345") }, "[3]"},
			"case literal, gt": {plain, func(q *gs) expr.Cond { return q.V.Gt("9.0001") }, "[2]"},
			"case literal, eq": {plain, func(q *gs) expr.Cond { return q.V.Eq("9.000") }, "[1]"},
			"case literal, lt": {plain, func(q *gs) expr.Cond { return q.V.Lt("9") }, "[3 4]"},
			"case literal, in": {plain, func(q *gs) expr.Cond { return repo.In(q.V, repo.SelectValue(Lines.Price).From(Lines)) }, "[1]"},
			"made, eq":         {made, func(q *gs) expr.Cond { return q.V.Eq("11.2500") }, "[1]"},
			"made, lt":         {made, func(q *gs) expr.Cond { return q.V.Lt("9.9999") }, "[2]"},
			"rows, gt":         {rows, func(q *gs) expr.Cond { return q.V.Gt("9.0001") }, "[2]"},
			"rows, tuple":      {rows, func(q *gs) expr.Cond { return expr.Tuple2(q.V, q.N).In(expr.Tuple2(q.V, q.N).Of("9.00000", 1)) }, "[1]"},
			"rows, tuple gt":   {rows, func(q *gs) expr.Cond { return expr.Tuple2(q.V, q.N).Gt("9.00000", 1) }, "[2]"},
			"union, gt":        {union, func(q *gs) expr.Cond { return q.V.Gt("10.24999") }, "[1 4]"},
			"union, in":        {union, func(q *gs) expr.Cond { return q.V.In("10.25000", "0.005") }, "[1 3]"},
			"case literal, max": {plain, func(q *gs) expr.Cond {
				return q.V.EqTo(expr.Coalesce(repo.SubNull(repo.SelectValue(expr.Max(rows.V)).From(rows)).Value(), "0"))
			}, "[2]"},
			"rows, beside lines": {rows, func(q *gs) expr.Cond { return repo.In(q.V, repo.SelectValue(Lines.Price).From(Lines)) }, "[1]"},
		} {
			for range 2 {
				got, err := repo.SelectValue(c.of.N).From(c.of).Where(c.where(c.of)).OrderBy(c.of.N.Asc()).All(t.Context(), db)
				if err != nil || fmt.Sprint(got) != c.want {
					t.Errorf("%s: %v, %v; want %s", name, got, err, c.want)
				}
			}
		}
		sized := repo.Rows[dsizes]("d", D{1, decimal.RequireFromString("9")}, D{2, decimal.RequireFromString("10.25")}, D{3, decimal.RequireFromString("-3")})
		got, err := repo.SelectValue(sized.N).From(sized).Where(sized.V.Gt(decimal.RequireFromString("-2.9999"))).OrderBy(sized.V.Desc()).All(t.Context(), db)
		if err != nil || fmt.Sprint(got) != "[2 1]" {
			t.Error(got, err)
		}
		most, err := repo.SelectValue(expr.Max(sized.V)).From(sized).Scalar(t.Context(), db)
		if err != nil || most == nil || !most.Equal(decimal.RequireFromString("10.25")) {
			t.Error(most, err)
		}
	}, Lines)
}

// Pages by what is computed of decimals, in groups and of handles of queries, go through
// all rows in the order of the whole.
func TestPagesByDecimalsOfQueries(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, odd...)
		o := schema.As(Lines, "o")
		made := expr.AddDecimal(Lines.Price, "0.5")
		ids := repo.SelectValue(Lines.ID).From(Lines)
		groups := ids.GroupBy(Lines.ID)
		sums := repo.As[gs](repo.Select(func(g *G) repo.Columns {
			return repo.Into(repo.To(&g.N, Lines.ID), repo.To(&g.V, expr.Coalesce(expr.SumDecimal(Lines.Price).Value(), "0")))
		}).From(Lines).GroupBy(Lines.ID), "q")
		cases := repo.CTE[gs](pairs(expr.Case(Lines.ID.Eq(1), Money("9")).When(Lines.ID.Eq(2), "10.5").Else("-3.25"), Lines.ID.Lt(4)), "q")
		union := repo.As[gs](pairs(Lines.Price, Lines.ID.Le(2)).Union(pairs(Lines.Rate, Lines.ID.Gt(2))), "q")
		rows := repo.Rows[gs]("q", G{1, "9"}, G{2, "10.5"}, G{3, "-3.25"})
		of := func(q *gs) repo.Selection[int64] { return repo.SelectValue(q.N).From(q).UniqueBy(q.N) }
		for name, c := range map[string]struct {
			q    repo.Selection[int64]
			by   expr.Ordering
			want string
		}{
			"case":               {ids, expr.CaseTo(Lines.ID.Gt(2), made).Else("9.75").Asc(), "[3 1 2 4]"},
			"greatest":           {ids, expr.Greatest(made, "9.75").Desc(), "[4 1 2 3]"},
			"greatest of more":   {ids, expr.Greatest(made, "9.500001").Desc(), "[4 1 2 3]"},
			"greatest, a size":   {ids, expr.Greatest(Lines.Size, decimal.RequireFromString("0.5")).Desc(), "[1 3 2 4]"},
			"max":                {groups, expr.Max(made).Desc(), "[4 1 3 2]"},
			"max of a size":      {groups, expr.Max(expr.NegDecimal(Lines.Size)).Asc(), "[1 3 4 2]"},
			"sub":                {ids, repo.Sub(repo.SelectValue(expr.AddDecimal(o.Price, "0.125")).From(o).Where(o.ID.EqTo(Lines.ID))).Desc(), "[4 1 3 2]"},
			"handle":             {of(sums), sums.V.Asc(), "[2 3 1 4]"},
			"handle, greatest":   {of(sums), expr.Greatest(sums.V, "9.5").Desc(), "[4 1 2 3]"},
			"handle, coalesce":   {of(sums), expr.Coalesce(expr.NullIf(sums.V, "9"), "10.1234").Desc(), "[4 1 3 2]"},
			"handle of values":   {of(cases), cases.V.Asc(), "[3 1 2]"},
			"handle of a union":  {of(union), union.V.Asc(), "[2 3 1 4]"},
			"handle of rows":     {of(rows), rows.V.Asc(), "[3 1 2]"},
			"rows, beside value": {of(rows), expr.Greatest(rows.V, "9.25").Desc(), "[2 1 3]"},
		} {
			want, err := c.q.OrderBy(c.by).All(t.Context(), db)
			if err != nil || len(want) == 0 {
				t.Errorf("%s: %v, %v", name, want, err)
				continue
			}
			var got []int64
			for after, more := repo.Cursor(""), true; more && len(got) <= len(want); {
				p, err := c.q.OrderBy(c.by).Page(t.Context(), db, 1, after)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					break
				}
				got = append(got, p.Items...)
				after, more = p.Next, p.More
			}
			if fmt.Sprint(got) != c.want {
				t.Errorf("%s: %v, want %s", name, got, c.want)
			}
		}
	}, Lines)
}
