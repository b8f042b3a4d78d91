package values_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
)

var group = []Item{
	{N: 1, S: "b", O: ptr("x"), F: 1, M: ptr[int64](4), Price: "9.00"}, {N: 2, S: "a", F: 4.5, M: ptr[int64](4), Price: "10.00"}, {N: 2, S: "c", O: ptr(""), F: -2, Price: "2.50", Grade: "bad"},
	{N: 5, S: "größer", O: ptr("x"), F: 0.25, M: ptr[int64](-1), Price: "0.25", Grade: "bad"}, {N: 2, S: "a", O: ptr("y"), F: 3, Price: "1.00"},
}

func TestAggregates(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, group...)
		same(t, "distinct", total(t, db, expr.Count(Items.N).Distinct()), 3)
		same(t, "sum of distinct", total(t, db, expr.Sum(Items.N).Distinct()), ptr[int64](8))
		same(t, "filter", total(t, db, expr.CountAll().Filter(Items.N.Eq(2))), 3)
		same(t, "filter twice", total(t, db, expr.Sum(Items.F).Filter(Items.N.Eq(2)).Filter(Items.S.Eq("a"))), ptr(7.5))
		same(t, "filter of nothing", total(t, db, expr.Max(Items.F).Filter(Items.N.Gt(9))), nil)
		same(t, "distinct and filter", total(t, db, expr.Count(Items.S).Distinct().Filter(Items.N.Le(2))), 3)
		same(t, "texts", total(t, db, expr.StringAgg(Items.S, ", ").OrderBy(Items.S.Asc(), Items.ID.Asc())), ptr("a, a, b, c, größer"))
		same(t, "texts downwards", total(t, db, expr.StringAgg(Items.S, "'").OrderBy(Items.ID.Desc())), ptr("a'größer'c'a'b"))
		same(t, "texts with NULL", total(t, db, expr.StringAgg(Items.O, "-").OrderBy(Items.ID.Asc())), ptr("x--x-y"))
		same(t, "texts, filtered", total(t, db, expr.StringAgg(Items.S, "").OrderBy(Items.ID.Asc()).Filter(Items.N.Eq(2))), ptr("aca"))
		same(t, "enums", total(t, db, expr.StringAgg(Items.Grade, "/").OrderBy(Items.ID.Asc())), ptr(Grade("good/good/bad/bad/good")))
		same(t, "all", total(t, db, expr.BoolAnd(Items.N.Gt(0))), ptr(true))
		same(t, "not all", total(t, db, expr.BoolAnd(Items.N.Gt(1))), ptr(false))
		same(t, "all but NULL", total(t, db, expr.BoolAnd(Items.M.Ne(5))), ptr(true))
		same(t, "one", total(t, db, expr.BoolOr(Items.N.Gt(4))), ptr(true))
		same(t, "none", total(t, db, expr.BoolOr(Items.N.Gt(5))), ptr(false))
		same(t, "of no rows", total(t, db, expr.BoolOr(Items.N.Gt(5)).Filter(Items.N.Gt(9))), nil)

		type row struct {
			N    int64
			All  string
			Low  int64
			Some bool
		}
		rows, err := repo.Select(func(r *row) repo.Columns {
			return repo.Into(repo.To(&r.N, Items.N), repo.To(&r.Low, expr.CountAll().Filter(Items.F.Lt(1))))
		}).From(Items).GroupBy(Items.N).Having(expr.Count(Items.S).Distinct().Gt(0), expr.CountAll().Filter(Items.F.Gt(0)).Ge(1)).OrderBy(expr.Count(Items.ID).Distinct().Desc(), Items.N.Asc()).All(context.Background(), db)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "groups", rows, []row{{N: 2, Low: 1}, {N: 1}, {N: 5, Low: 1}})
	}, Items)
}

func deviation(sample bool, vs ...float64) float64 {
	mean, sum, n := 0.0, 0.0, float64(len(vs))
	for _, v := range vs {
		mean += v / n
	}
	for _, v := range vs {
		sum += (v - mean) * (v - mean)
	}
	if sample {
		n--
	}
	return sum / n
}

func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > 1e-9 {
		t.Errorf("%s: got %s, want %v", what, show(got), want)
	}
}

// Aggregates that SQLite lacks are errors that say so, before any SQL.
func TestAggregatesOfPostgreSQL(t *testing.T) {
	fs := []float64{1, 4.5, -2, 0.25, 3}
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, group...)
		if db.Dialect().Name() == "sqlite" {
			for name, err := range map[string]error{
				"array_agg": failure(db, expr.ArrayAgg(Items.S)), "stddev_samp": failure(db, expr.StdDev(Items.F)), "stddev_pop": failure(db, expr.StdDevPop(Items.F)),
				"var_samp": failure(db, expr.Variance(Items.F)), "var_pop": failure(db, expr.VariancePop(Items.F)), "percentile_cont": failure(db, expr.PercentileCont(0.5, Items.F)),
				"percentile_disc": failure(db, expr.PercentileDisc(0.5, Items.S)), "mode": failure(db, expr.Mode(Items.S)), "GROUPING": failure(db, expr.Grouping(Items.S)),
				"string_agg of DISTINCT": failure(db, expr.StringAgg(Items.S, ",").Distinct()),
			} {
				var u *dialect.UnsupportedError
				if !errors.As(err, &u) || !strings.Contains(err.Error(), name) || u.Dialect != "sqlite" {
					t.Errorf("%s: %v", name, err)
				}
			}
			return
		}
		same(t, "array", total(t, db, expr.ArrayAgg(Items.S).OrderBy(Items.ID.Asc())), &[]string{"b", "a", "c", "größer", "a"})
		same(t, "array of distinct numbers", total(t, db, expr.ArrayAgg(Items.N).Distinct()), &[]int64{1, 2, 5})
		same(t, "array without NULL", total(t, db, expr.ArrayAgg(Items.M).Filter(Items.M.IsNotNull()).OrderBy(Items.ID.Desc())), &[]int64{-1, 4, 4})
		same(t, "array of no rows", total(t, db, expr.ArrayAgg(Items.S).Filter(Items.N.Gt(9))), nil)
		near(t, "stddev", total(t, db, expr.StdDev(Items.F)), math.Sqrt(deviation(true, fs...)))
		near(t, "stddev of all", total(t, db, expr.StdDevPop(Items.F)), math.Sqrt(deviation(false, fs...)))
		near(t, "variance", total(t, db, expr.Variance(Items.F)), deviation(true, fs...))
		near(t, "variance of all", total(t, db, expr.VariancePop(Items.N)), deviation(false, 1, 2, 2, 5, 2))
		same(t, "stddev of one", total(t, db, expr.StdDev(Items.F).Filter(Items.N.Eq(1))), nil)
		near(t, "median", total(t, db, expr.PercentileCont(0.5, Items.F)), 1)
		near(t, "first eighth", total(t, db, expr.PercentileCont(0.125, Items.F)), -2+2.25/2)
		same(t, "median that is a value", total(t, db, expr.PercentileDisc(0.5, Items.S)), ptr("b"))
		same(t, "decimal", total(t, db, expr.PercentileDisc(1, Items.Price)), ptr(Price("10.00")))
		same(t, "mode", total(t, db, expr.Mode(Items.N)), ptr[int64](2))
		same(t, "mode, filtered", total(t, db, expr.Mode(Items.M).Filter(Items.N.Ne(5))), ptr[int64](4))
		same(t, "distinct texts", total(t, db, expr.StringAgg(Items.S, ",").Distinct()), ptr("a,b,c,größer"))
	}, Items)
}

type level struct {
	Grade *Grade
	N     *int64
	Left  int64
	Count int64
}

func levels(group expr.Any) repo.Selection[level] {
	return repo.Select(func(l *level) repo.Columns {
		return repo.Into(repo.To(&l.Grade, expr.Optional(Items.Grade)), repo.To(&l.N, expr.Optional(Items.N)),
			repo.To(&l.Left, expr.Grouping(Items.N)), repo.To(&l.Count, expr.CountAll()))
	}).From(Items).GroupBy(group).OrderBy(Items.Grade.Asc().NullsLast(), Items.N.Asc().NullsLast())
}

func TestGroupings(t *testing.T) {
	ctx := context.Background()
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, group...)
		good, bad := ptr(Grade("good")), ptr(Grade("bad"))
		pairs := []level{{good, ptr[int64](1), 0, 1}, {good, ptr[int64](2), 0, 2}}
		rest := []level{{bad, ptr[int64](2), 0, 1}, {bad, ptr[int64](5), 0, 1}}
		byN := []level{{nil, ptr[int64](1), 0, 1}, {nil, ptr[int64](2), 0, 3}, {nil, ptr[int64](5), 0, 1}}
		all := level{nil, nil, 1, 5}
		for name, c := range map[string]struct {
			by   expr.Any
			want []level
		}{
			"rollup": {expr.Rollup(Items.Grade, Items.N), slices.Concat(pairs, []level{{good, nil, 1, 3}}, rest, []level{{bad, nil, 1, 2}, all})},
			"cube":   {expr.Cube(Items.Grade, Items.N), slices.Concat(pairs, []level{{good, nil, 1, 3}}, rest, []level{{bad, nil, 1, 2}}, byN, []level{all})},
			"sets":   {expr.GroupingSets([]expr.Any{Items.Grade}, []expr.Any{Items.N}, nil), slices.Concat([]level{{good, nil, 1, 3}, {bad, nil, 1, 2}}, byN, []level{all})},
		} {
			got, err := levels(c.by).All(ctx, db)
			if !db.Dialect().Capabilities().GroupingSets {
				if !errors.Is(err, dialect.ErrUnsupported) {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			same(t, name, got, c.want)
		}
	}, Items)

	// What a group leaves out is NULL, which types do not see.
	type plain struct {
		Grade Grade
		N     int64
	}
	into := func(grade expr.Yields[Grade], by ...expr.Any) error {
		_, _, err := repo.Select(func(p *plain) repo.Columns {
			return repo.Into(repo.To(&p.Grade, grade), repo.To(&p.N, expr.CountAll()))
		}).From(Items).GroupBy(by...).SQL(postgresDialect)
		return err
	}
	for name, c := range map[string]struct {
		err error
		bad bool
	}{
		"rolled up":         {into(Items.Grade, expr.Rollup(Items.Grade)), true},
		"in a function":     {into(expr.Lower(Items.Grade), expr.Rollup(Items.Grade)), true},
		"in one set":        {into(Items.Grade, expr.GroupingSets([]expr.Any{Items.Grade}, nil)), true},
		"in each set":       {into(Items.Grade, expr.GroupingSets([]expr.Any{Items.Grade, Items.N}, []expr.Any{Items.Grade})), false},
		"beside":            {into(Items.Grade, Items.Grade, expr.Rollup(Items.N)), false},
		"given a value":     {into(expr.Coalesce(Items.Grade, "bad"), expr.Rollup(Items.Grade)), false},
		"in a condition":    {into(expr.Case(Items.Grade.Eq("good"), Grade("g")).Else("b"), expr.Rollup(Items.Grade)), false},
		"after a condition": {into(expr.CaseTo(Items.Grade.Eq("good"), Items.Grade).ElseTo(Items.Grade), expr.Rollup(Items.Grade)), true},
		"not in the groups": {into(Items.Grade, expr.Rollup(Items.N)), true},
	} {
		if (c.err != nil) != c.bad || c.bad && name != "not in the groups" && !strings.Contains(c.err.Error(), "field Grade holds no NULL, but ROLLUP") {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	if _, _, err := repo.Select(func(p *plain) repo.Columns { return repo.Into(repo.To(&p.N, expr.Count(expr.Rollup(Items.N)))) }).From(Items).SQL(postgresDialect); err == nil || !strings.Contains(err.Error(), "GROUP BY alone") {
		t.Errorf("ROLLUP in a result: %v", err)
	}
}

// An expression with values in it is one expression wherever a grouped query has it:
// among the results, in GROUP BY, in HAVING and in the order.
func TestGroupsOfExpressions(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, group...)
		type row struct {
			First string
			Half  int64
			Count int64
		}
		first := func() expr.Value[Item, string, string] { return expr.Substr(Items.S, 1, 1) }
		half := func() expr.Value[Item, int64, int64] { return expr.Div(Items.N, 2) }
		rows, err := repo.Select(func(r *row) repo.Columns {
			return repo.Into(repo.To(&r.First, first()), repo.To(&r.Half, half()), repo.To(&r.Count, expr.CountAll()))
		}).From(Items).Where(half().Ge(0)).GroupBy(first(), half()).
			Having(expr.AnyOf(first().Ne("c"), expr.CountAll().Gt(7))).OrderBy(expr.Add(half(), 1).Desc(), first().Asc()).All(context.Background(), db)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "rows", rows, []row{{"g", 2, 1}, {"a", 1, 2}, {"b", 0, 1}})

		type spread struct {
			Class *string
			Count int64
		}
		class := func() expr.Value[Item, string, *string] {
			return expr.Case(Items.F.Lt(1), "low").When(Items.F.Lt(4), "middle").End()
		}
		counts, err := repo.Select(func(s *spread) repo.Columns {
			return repo.Into(repo.To(&s.Class, class()), repo.To(&s.Count, expr.Count(Items.ID).Filter(Items.N.Gt(1))))
		}).From(Items).GroupBy(class()).OrderBy(class().Asc().NullsLast()).Limit(5).All(context.Background(), db)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "classes", counts, []spread{{ptr("low"), 2}, {ptr("middle"), 1}, {nil, 1}})
	}, Items)
}
