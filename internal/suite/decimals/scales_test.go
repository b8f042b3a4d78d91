package decimals_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
)

// odd are lines whose decimals of several scales are near one another.
var odd = []Line{
	{Shop: "a", Price: "10.25", Rate: "10.2501", Rest: ptr(Money("3.00")), Small: "1.50", Big: "10.250000", Whole: "10", Size: decimal.RequireFromString("10.25")},
	{Shop: "a", Price: "-0.05", Rate: "-0.0500", Small: "2.00", Big: "-0.000001", Whole: "-3", Size: decimal.RequireFromString("-0.05")},
	{Shop: "b", Price: "9.00", Rate: "0.0050", Rest: ptr(Money("-0.01")), Small: "0.01", Big: "9", Whole: "9", Size: decimal.RequireFromString("9.001")},
	{Shop: "b", Price: "10000.00", Rate: "123456.7891", Small: "99.99", Big: "10000.000001", Whole: "10000", Size: decimal.RequireFromString("0")},
}

// What is of decimals of several columns has the digits of any of them, and so has a
// value beside it.
func TestValuesBesideSeveralScales(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, odd...)
		first := expr.CoalesceTo(Lines.Rest, Lines.Rate)                                                          // 3.0000 -0.0500 -0.0100 123456.7891
		precise := expr.CoalesceTo(expr.NullIf(Lines.Small, "2.00"), Lines.Price)                                 // 1.50 -0.05 0.01 99.99
		choice := expr.CaseTo(Lines.ID.Eq(1), Lines.Price).WhenTo(Lines.ID.Eq(4), Lines.Rate).ElseTo(Lines.Small) // 10.2500 2.0000 0.0100 123456.7891
		largest := expr.GreatestTo(Lines.Price, Lines.Rate)                                                       // 10.2501 -0.0500 9.0000 123456.7891
		least := expr.LeastTo(Lines.Price, Lines.Rate, expr.Val(Money("7.12345")))                                // 7.12345 -0.05 0.005 7.12345
		unless := expr.NullIfTo(Lines.Price, Lines.Rate)                                                          // 10.25 NULL 9.00 10000.00
		sum := expr.CoalesceTo(Lines.Rest, expr.AddDecimalTo(Lines.Price, Lines.Rate))                            // 3.0000 -0.1000 -0.0100 133456.7891
		for name, c := range map[string]struct {
			where expr.Expr[Line]
			want  string
		}{
			"coalesce eq":             {first.Eq("123456.7891"), "[4]"},
			"coalesce eq of fewer":    {first.Eq("-0.05"), "[2]"},
			"coalesce eq of more":     {first.Eq("3.00001"), "[]"},
			"coalesce ne":             {first.Ne("3.00001"), "[1 2 3 4]"},
			"coalesce gt":             {first.Gt("123456.789"), "[4]"},
			"coalesce lt":             {first.Lt("-0.0499"), "[2]"},
			"coalesce between":        {first.Between("-0.0500001", "2.9999"), "[2 3]"},
			"coalesce in":             {first.In("3", "-0.0500", "9.123456"), "[1 2]"},
			"coalesce not in":         {first.NotIn("3", "-0.0500", "9.123456"), "[3 4]"},
			"coalesce distinct":       {expr.IsDistinctFrom(first, "3.000"), "[2 3 4]"},
			"coalesce to a value":     {first.EqTo(expr.Val(Money("123456.7891"))), "[4]"},
			"coalesce to a column":    {first.EqTo(Lines.Rate), "[2 4]"},
			"precisions of one scale": {precise.Lt("12345.00"), "[1 2 3 4]"},
			"case eq":                 {choice.Eq("123456.7891"), "[4]"},
			"case in":                 {choice.In("123456.7891", "10.25", "0.0101"), "[1 4]"},
			"greatest in":             {largest.In("10.2501", "9"), "[1 3]"},
			"greatest in many":        {largest.In("10.2501", "9", "1", "2", "3", "4", "5", "6", "7", "8", "11", "-0.05"), "[1 2 3]"},
			"greatest not in":         {largest.NotIn("10.2501", "9"), "[2 4]"},
			"greatest in nothing":     {largest.In(), "[]"},
			"greatest eq":             {largest.Eq("10.25"), "[]"},
			"greatest gt":             {largest.Gt("10.25"), "[1 4]"},
			"least eq":                {least.Eq("7.12345"), "[1 4]"},
			"nullif eq":               {unless.Eq("10.2500"), "[1]"},
			"nullif ne":               {unless.Ne("10.2501"), "[1 3 4]"},
			"nullif is null":          {expr.IsNull(unless), "[2]"},
			"a column and a sum":      {sum.Eq("133456.7891"), "[4]"},
			"a column and a sum, in":  {sum.In("133456.7891", "-0.1", "7"), "[2 4]"},
			"greatest of a value":     {expr.Greatest(first, "0.00005").Eq("0.00005"), "[2 3]"},
			"nullif of a value":       {expr.IsNull(expr.NullIf(first, "123456.7891")), "[4]"},
			"within another":          {expr.CoalesceTo(expr.NullIf(first, "3.0000"), Lines.Big).Eq("10.250"), "[1]"},
			"case of a coalesce":      {expr.CaseTo(Lines.ID.Eq(4), first).Else("1.00005").Lt("1.000051"), "[1 2 3]"},
			"a tuple":                 {expr.Tuple2(first, Lines.ID).Eq("123456.7891", 4), "[4]"},
		} {
			for range 2 {
				if got := fmt.Sprint(found(t, db, c.where)); got != c.want {
					t.Errorf("%s: %s, want %s", name, got, c.want)
				}
			}
		}
		for name, c := range map[string]struct {
			x    expr.Yields[Money]
			want string
		}{
			"a sum with a coalesce":  {expr.AddDecimal(first, "0.00001"), "3.00001 -0.04999 -0.00999 123456.78911"},
			"of a computed":          {expr.AddDecimalTo(Lines.Price, largest), "20.5001 -0.1000 18.0000 133456.7891"},
			"coalesce of a coalesce": {expr.Coalesce(expr.CoalesceTo(Lines.Rest, expr.NullIfTo(Lines.Rate, Lines.Price)), "0.123456"), "3.000000 0.123456 -0.010000 123456.789100"},
			"least":                  {least, "7.12345 -0.05000 0.00500 7.12345"},
			"case":                   {expr.CaseTo(Lines.ID.Eq(1), Lines.Price).WhenTo(Lines.ID.Eq(2), Lines.Rate).Else("0.123456"), "10.250000 -0.050000 0.123456 0.123456"},
		} {
			if got := texts(read(t, db, c.x)); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
		for name, c := range map[string]struct {
			x    expr.Agg[Money, *Money]
			v    Money
			want bool
		}{
			"max": {expr.Max(largest), "123456.7891", true}, "min": {expr.Min(first), "-0.05", true}, "max of less": {expr.Max(largest), "123456.789", false},
		} {
			got, err := repo.SelectValue(expr.CountAll()).From(Lines).Having(c.x.Eq(c.v)).All(t.Context(), db)
			if err != nil || (len(got) == 1) != c.want {
				t.Errorf("%s: %v, %v", name, got, err)
			}
			in, err := repo.SelectValue(expr.CountAll()).From(Lines).Having(c.x.In(c.v, "77.123456")).All(t.Context(), db)
			if err != nil || (len(in) == 1) != c.want {
				t.Errorf("%s in: %v, %v", name, in, err)
			}
		}
		q := repo.Sub(repo.SelectValue(first).From(Lines).Where(Lines.ID.Eq(4)))
		if got, err := repo.SelectValue(Lines.ID).From(Lines).Where(q.Value().Eq("123456.7891"), Lines.ID.Eq(1)).All(t.Context(), db); err != nil || len(got) != 1 {
			t.Error(got, err)
		}
	}, Lines)
}

// Plain values of a type that columns declare as one of decimals are decimals, with
// no column beside them.
func TestDecimalsWithoutColumns(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, odd...)
		first := expr.Case(Lines.ID.Eq(1), Money("9")).When(Lines.ID.Eq(2), "10.5").When(Lines.ID.Eq(3), "-1.25").Else("1e1")
		none := expr.Case(Lines.ID.Eq(1), Money("100")).When(Lines.ID.Eq(2), "9.5").End()
		size := expr.Case(Lines.ID.Eq(1), decimal.RequireFromString("9")).When(Lines.ID.Eq(2), decimal.RequireFromString("10.5")).Else(decimal.RequireFromString("0.125"))
		if got := texts(read(t, db, first)); got != "9.00 10.50 -1.25 10.00" {
			t.Error(got)
		}
		if got := texts(read(t, db, size)); got != "9 10.5 0.125 0.125" {
			t.Error(got)
		}
		if got := orNull(read(t, db, none)); got != "100.0 9.5 NULL NULL" {
			t.Error(got)
		}
		null := expr.CaseTo(Lines.ID.Eq(1), expr.Val(Money("7.5")).Value()).WhenTo(Lines.ID.Eq(2), expr.Val(Money("8"))).ElseTo(expr.Val(Money("1")))
		if got := texts(read(t, db, null)); got != "7.5 8.0 1.0 1.0" {
			t.Error(got)
		}
		nothing := expr.CaseTo(Lines.ID.Eq(1), expr.Null[Money]()).WhenTo(Lines.ID.Eq(2), expr.NullIf(expr.Val(Money("8")).Value(), "8.00")).ElseTo(expr.Optional(expr.Val(Money("1.50")).Value()))
		if got := orNull(read(t, db, nothing)); got != "NULL NULL 1.50 1.50" {
			t.Error(got)
		}
		for name, c := range map[string]struct {
			where expr.Expr[Line]
			want  string
		}{
			"eq": {first.Eq("9.0"), "[1]"}, "gt": {first.Gt("9.999"), "[2 4]"}, "lt": {first.Lt("-1.2"), "[3]"}, "in": {first.In("10", "9.00", "1.3"), "[1 4]"},
			"between": {first.Between("9", "10.0"), "[1 4]"}, "a column": {first.GtTo(Lines.Price), "[2]"}, "by a column": {Lines.Rate.LtTo(first), "[2]"},
			"of another": {first.LtTo(expr.Case(Lines.ID.Eq(1), Money("10")).Else("9.75")), "[1 3]"},
			"two values": {expr.And(expr.Case(expr.Every[Line](), Money("10")).Else("0").Gt("9"), Lines.ID.Lt(3)), "[1 2]"},
			"values":     {expr.And(Lines.ID.Eq(1), expr.NewExpr[Line](expr.NodeOf(expr.Val(Money("9.00")).Value().Between("0.00", "10.00"))), expr.NewExpr[Line](expr.NodeOf(expr.Val(Money("9.00")).LtTo(expr.Val(Money("10.00")))))), "[1]"},
			"a struct":   {size.Gt(decimal.RequireFromString("9.5")), "[2]"}, "null": {expr.IsNull(none), "[3 4]"}, "null gt": {none.Gt("20"), "[1]"},
			"coalesce": {expr.Coalesce(none, "0.001").Eq("0.001"), "[3 4]"},
		} {
			if got := fmt.Sprint(found(t, db, c.where)); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
		for name, c := range map[string]struct {
			order expr.Order[Line]
			want  string
		}{
			"order": {first.Asc(), "[3 1 4 2]"}, "descending": {size.Desc(), "[2 1 3 4]"}, "nulls": {none.Asc().NullsFirst(), "[3 4 2 1]"},
		} {
			if got, err := repo.New[Line](db).Query().OrderBy(c.order, Lines.ID.Asc()).Untracked().All(t.Context()); err != nil || fmt.Sprint(keys(got)) != c.want {
				t.Errorf("%s: %v, %v", name, keys(got), err)
			}
		}
		for name, c := range map[string]struct {
			x    expr.Yields[Money]
			want string
		}{
			"a value":  {expr.Val(Money("1.50")), "1.50"},
			"greatest": {expr.GreatestTo(expr.Val(Money("9.75")).Value(), expr.Val(Money("10"))), "10.00"},
			"a sum":    {expr.AddDecimal(expr.Val(Money("9.75")).Value(), "1.125"), "10.875"},
			"round":    {expr.RoundDecimal(expr.Case(Lines.ID.Eq(1), Money("9.75")).Else("1"), 1), "9.8"},
		} {
			if got := total(t, db, c.x, Lines.ID.Eq(1)); string(got) != c.want {
				t.Errorf("%s: %v", name, got)
			}
		}
		if got := total(t, db, expr.Coalesce(expr.Max(first).Value(), "0")); got != "10.50" {
			t.Error(got)
		}
		if got := total(t, db, expr.Coalesce(expr.SumDecimal(first).Value(), "0")); got != "28.25" {
			t.Error(got)
		}
	}, Lines)
}

func keys(ls []*Line) []int64 {
	var out []int64
	for _, l := range ls {
		out = append(out, l.ID)
	}
	return out
}
