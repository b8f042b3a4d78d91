package decimals_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
)

func size(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// four are lines with fractions below zero, zero, NULL and halves.
var four = []Line{
	{Shop: "a", Price: "10.25", Rate: "0.0050", Rest: ptr(Money("3.00")), Small: "-0.05", Big: "100000.000001", Whole: "7", Size: size("1.5"), Many: 3},
	{Shop: "a", Price: "-0.05", Rate: "-1.2345", Small: "2.00", Big: "-0.000001", Whole: "-3", Size: size("-0.005"), Many: -2},
	{Shop: "b", Price: "0", Rate: "2", Rest: ptr(Money("-0.01")), Small: "0.01", Big: "0", Whole: "0", Size: size("0"), Many: 0},
	{Shop: "b", Price: "9999999999.99", Rate: "999999.9999", Rest: ptr(Money("10")), Small: "99.99", Big: "999999999999.999999", Whole: "999999999", Size: size("999999.999"), Many: 1},
}

// texts shows values as they came.
func texts[V any](vs []V) string {
	var b strings.Builder
	for _, v := range vs {
		fmt.Fprintf(&b, "%v ", v)
	}
	return strings.TrimSpace(b.String())
}

func orNull(vs []*Money) string {
	var b strings.Builder
	for _, v := range vs {
		b.WriteString(show(v) + " ")
	}
	return strings.TrimSpace(b.String())
}

func TestArithmetic(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, four...)
		sum := expr.AddDecimalTo(Lines.Price, Lines.Rate)
		for name, c := range map[string]struct {
			x    expr.Yields[Money]
			want string
		}{
			"add":                   {expr.AddDecimal(Lines.Price, "0.05"), "10.30 0.00 0.05 10000000000.04"},
			"add of fewer digits":   {expr.AddDecimal(Lines.Price, "-1"), "9.25 -1.05 -1.00 9999999998.99"},
			"add of more digits":    {expr.AddDecimal(Lines.Price, "0.005"), "10.255 -0.045 0.005 9999999999.995"},
			"add to":                {sum, "10.2550 -1.2845 2.0000 10000999999.9899"},
			"add to a value":        {expr.AddDecimalTo(Lines.Small, expr.Val(Money(".5"))), "0.45 2.50 0.51 100.49"},
			"with an exponent":      {expr.AddDecimal(Lines.Small, "1e-3"), "-0.049 2.001 0.011 99.991"},
			"of the zero value":     {expr.AddDecimal(Lines.Small, ""), "-0.05 2.00 0.01 99.99"},
			"sub":                   {expr.SubDecimal(Lines.Price, "10.25"), "0.00 -10.30 -10.25 9999999989.74"},
			"sub to":                {expr.SubDecimalTo(Lines.Small, sum), "-10.3050 3.2845 -1.9900 -10000999899.9999"},
			"mul":                   {expr.MulDecimal(Lines.Price, "1.075"), "11.01875 -0.05375 0.00000 10749999999.98925"},
			"mul to":                {expr.MulDecimalTo(Lines.Small, Lines.Rate), "-0.000250 -2.469000 0.020000 99989999.990001"},
			"scale":                 {expr.ScaleDecimal(Lines.Price, -7), "-71.75 0.35 0.00 -69999999999.93"},
			"scale to":              {expr.ScaleDecimalTo(Lines.Price, Lines.Many), "30.75 0.10 0.00 9999999999.99"},
			"scale to an operation": {expr.ScaleDecimalTo(Lines.Small, expr.Add(Lines.Many, 1)), "-0.20 -2.00 0.01 199.98"},
			"div":                   {expr.DivDecimal(Lines.Price, "3", 4), "3.4167 -0.0167 0.0000 3333333333.3300"},
			"div to halves":         {expr.DivDecimal(Lines.Whole, "2", 0), "4 -2 0 500000000"},
			"div to many digits":    {expr.DivDecimal(Lines.Small, "-7", 15), "0.007142857142857 -0.285714285714286 -0.001428571428571 -14.284285714285714"},
			"div by fewer digits":   {expr.DivDecimal(Lines.Rate, "8", 1), "0.0 -0.2 0.3 125000.0"},
			"neg":                   {expr.NegDecimal(Lines.Small), "0.05 -2.00 -0.01 -99.99"},
			"abs":                   {expr.AbsDecimal(expr.NegDecimal(Lines.Small)), "0.05 2.00 0.01 99.99"},
			"round":                 {expr.RoundDecimal(Lines.Small, 1), "-0.1 2.0 0.0 100.0"},
			"round to none":         {expr.RoundDecimal(Lines.Rate, 0), "0 -1 2 1000000"},
			"round to more":         {expr.RoundDecimal(Lines.Small, 5), "-0.05000 2.00000 0.01000 99.99000"},
			"greatest":              {expr.Greatest(Lines.Price, "9.90", "-3"), "10.25 9.90 9.90 9999999999.99"},
			"greatest of scales":    {expr.GreatestTo(Lines.Price, Lines.Rate, Lines.Small), "10.2500 2.0000 2.0000 9999999999.9900"},
			"least":                 {expr.LeastTo(Lines.Price, Lines.Small), "-0.05 -0.05 0.00 99.99"},
			"least of sums":         {expr.Least(expr.AddDecimal(Lines.Price, "1"), "10.001"), "10.001 0.950 1.000 10.001"},
			"coalesce":              {expr.Coalesce(Lines.Rest, "10.00"), "3.00 10.00 -0.01 10.00"},
			"coalesce of scales":    {expr.CoalesceTo(Lines.Rest, Lines.Rate), "3.0000 -1.2345 -0.0100 10.0000"},
			"case":                  {expr.Case(Lines.ID.Eq(1), Money("1.5")).WhenTo(Lines.ID.Eq(2), expr.NegDecimal(Lines.Small)).ElseTo(Lines.Rate), "1.5000 -2.0000 2.0000 999999.9999"},
		} {
			if got := texts(read(t, db, c.x)); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
		for name, c := range map[string]struct {
			x    expr.Yields[*Money]
			want string
		}{
			"add to NULL":   {expr.AddDecimalTo(Lines.Rest, expr.Optional(Lines.Price)), "13.25 NULL -0.01 10000000009.99"},
			"nullable mul":  {expr.ScaleDecimalTo(Lines.Rest, Lines.Many), "9.00 NULL 0.00 10.00"},
			"div by NullIf": {expr.DivDecimalTo(expr.Optional(Lines.Small), expr.NullIf(Lines.Price, "0"), 3), "-0.005 -40.000 NULL 0.000"},
			"NullIf of a sum, of one scale and another": {expr.NullIf(expr.AddDecimal(Lines.Small, "0.05"), "0"), "NULL 2.05 0.06 100.04"},
			"round of NULL": {expr.RoundDecimal(Lines.Rest, 0), "3 NULL 0 10"},
			"abs of NULL":   {expr.AbsDecimal(Lines.Rest), "3.00 NULL 0.01 10.00"},
			"least of NULL": {expr.Least(Lines.Rest, "5"), "3.00 NULL -0.01 5.00"},
		} {
			if got := orNull(read(t, db, c.x)); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
		// Any type that scans and has a value.
		if got := texts(read(t, db, expr.MulDecimal(expr.AddDecimal(Lines.Size, size("0.25")), size("1.10")))); got != "1.925 0.2695 0.275 1100000.2739" {
			t.Error(got)
		}
		if got := read(t, db, expr.Cast[int64](expr.MulDecimal(Lines.Small, "1.5"))); fmt.Sprint(got) != "[0 3 0 149]" {
			t.Error(got)
		}
		if got := read(t, db, expr.Cast[float64](expr.NegDecimal(Lines.Small))); fmt.Sprint(got) != "[0.05 -2 -0.01 -99.99]" {
			t.Error(got)
		}
	}, Lines)
}

func TestComparisons(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, four...)
		double := expr.ScaleDecimal(Lines.Small, 2) // -0.10 4.00 0.02 199.98
		for name, c := range map[string]struct {
			where expr.Expr[Line]
			want  string
		}{
			"eq":                         {double.Eq("4"), "[2]"},
			"eq of other digits":         {double.Eq("4.000"), "[2]"},
			"eq of digits that it lacks": {double.Eq("4.001"), "[]"},
			"ne":                         {double.Ne("4.0"), "[1 3 4]"},
			"lt":                         {double.Lt("0.0199999"), "[1]"},
			"le":                         {double.Le("0.02"), "[1 3]"},
			"gt":                         {double.Gt("-0.1"), "[2 3 4]"},
			"ge":                         {double.Ge("-0.1"), "[1 2 3 4]"},
			"between":                    {double.Between("-0.1", "4"), "[1 2 3]"},
			"between sums":               {expr.AddDecimal(Lines.Small, "0.001").Between("-0.05", "0.011"), "[1 3]"},
			"in":                         {double.In("4", "0.020", "7"), "[2 3]"},
			"not in":                     {double.NotIn("4", "0.020", "7"), "[1 4]"},
			"in nothing":                 {double.In(), "[]"},
			"columns of two scales":      {Lines.Rate.GtTo(Lines.Price), "[3]"},
			"eq of two scales":           {Lines.Rate.NeTo(Lines.Price), "[1 2 3 4]"},
			"eq of a whole":              {Lines.Whole.EqTo(Lines.Price), "[3]"},
			"a column and a sum":         {Lines.Price.LtTo(expr.AddDecimalTo(Lines.Small, Lines.Rate)), "[2 3]"},
			"distinct":                   {expr.IsDistinctFrom(expr.AddDecimal(Lines.Rest, "0.001"), "3.001"), "[2 3 4]"},
			"not distinct":               {expr.IsNotDistinctFromTo(expr.Optional(Lines.Whole), Lines.Rest), "[]"},
		} {
			if got := fmt.Sprint(found(t, db, c.where)); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
		for name, c := range map[string]struct {
			order expr.Order[Line]
			want  string
		}{
			"a product":   {expr.MulDecimalTo(Lines.Small, Lines.Rate).Asc(), "2 1 3 4"},
			"descending":  {expr.SubDecimal(Lines.Price, "3").Desc(), "4 1 3 2"},
			"nulls first": {expr.NegDecimal(Lines.Rest).Asc().NullsFirst(), "2 4 1 3"},
			"greatest":    {expr.GreatestTo(Lines.Rate, Lines.Small).Asc(), "1 2 3 4"},
		} {
			ls, err := repo.New[Line](db).Query().OrderBy(c.order).Untracked().All(t.Context())
			if err != nil {
				t.Fatal(name, err)
			}
			var got []string
			for _, l := range ls {
				got = append(got, fmt.Sprint(l.ID))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s: %v, want %s", name, got, c.want)
			}
		}
	}, Lines)
}

// What 64 bits do not hold is an error on SQLite, and exact on PostgreSQL. Never is it
// a floating-point number.
func TestTooManyDigits(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, four[3])
		lite := db.Dialect().Capabilities().DecimalsAreText
		for name, c := range map[string]struct {
			x    expr.Yields[Money]
			want string
		}{
			"product":            {expr.MulDecimalTo(Lines.Big, Lines.Price), "9999999999989999990000.00000001"},
			"scaled":             {expr.ScaleDecimal(Lines.Big, 100), "99999999999999.999900"},
			"brought to a scale": {expr.AddDecimal(Lines.Big, "0.00000001"), "999999999999.99999901"},
			"rounded to more":    {expr.RoundDecimal(Lines.Big, 9), "999999999999.999999000"},
			"divided":            {expr.DivDecimal(Lines.Big, "0.0001", 4), "9999999999999999.9900"},
			"compared":           {expr.Case(expr.ScaleDecimal(Lines.Big, 100).Gt("1"), Money("1.00")).Else("2.00"), "1.00"},
		} {
			got, err := tryRead(db, c.x)
			switch {
			case lite && !errors.Is(err, dialect.ErrValue):
				t.Errorf("%s: %v, %v", name, got, err)
			case !lite && (err != nil || texts(got) != c.want):
				t.Errorf("%s: %v, %v, want %s", name, got, err, c.want)
			}
		}
		// Within 64 bits there is no error, though the declared digits are more.
		if got := texts(read(t, db, expr.AddDecimalTo(Lines.Big, Lines.Big))); got != "1999999999999.999998" {
			t.Error(got)
		}
		if got := texts(read(t, db, expr.ScaleDecimal(Lines.Big, 9))); got != "8999999999999.999991" {
			t.Error(got)
		}
		list := make([]Line, 12)
		for i := range list {
			list[i] = four[3]
		}
		put(t, db, list...)
		v, err := repo.SelectValue(expr.SumDecimal(Lines.Big)).From(Lines).Scalar(t.Context(), db)
		switch {
		case lite && !errors.Is(err, dialect.ErrValue):
			t.Error(show(v), err)
		case !lite && (err != nil || show(v) != "11999999999999.999988"):
			t.Error(show(v), err)
		}
	}, Lines)
}

func TestDivisionByZero(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, four...)
		for name, x := range map[string]expr.Yields[Money]{
			"a value": expr.DivDecimal(Lines.Price, "0.00", 2), "a column": expr.DivDecimalTo(Lines.Small, Lines.Price, 2),
		} {
			if got, err := tryRead(db, x); !errors.Is(err, dialect.ErrValue) {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
	}, Lines)
}

// What cannot be exact, or is no decimal, is an error before any SQL.
func TestRefused(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		lite := db.Dialect().Capabilities().DecimalsAreText
		for name, x := range map[string]struct {
			x    expr.Yields[Money]
			says string
		}{
			"a wide column":       {expr.AddDecimalTo(expr.NewValue[Line, Money, Money](Vaults.Gold.Ref()), Vaults.Gold), "more than 18 digits"},
			"a long value":        {expr.NewValue[Line, Money, Money](expr.NodeOf(expr.AddDecimal(Vaults.Gold, "1"))), "18 digits"},
			"the greatest":        {expr.NewValue[Line, Money, Money](expr.NodeOf(expr.Coalesce(expr.NewValue[Vault, Money, *Money](expr.NodeOf(expr.Max(Vaults.Gold))), "0"))), "max of a decimal"},
			"digits of a product": {expr.NewValue[Line, Money, Money](expr.NodeOf(expr.RoundDecimal(Vaults.Gold, 19))), "18 digits"},
		} {
			_, err := repo.SelectValue(x.x).From(Vaults).All(t.Context(), db)
			var lacks *dialect.UnsupportedError
			if lite && (!errors.As(err, &lacks) || !strings.Contains(err.Error(), x.says)) || !lite && err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for name, x := range map[string]struct {
			x    expr.Any
			says string
		}{
			"a text column":    {expr.AddDecimal(Lines.Shop, "1"), "shop"},
			"a text":           {expr.AddDecimal(Lines.Price, "12 Euro"), "no decimal"},
			"a number":         {expr.NegDecimal(Lines.Many), "many"},
			"a sum of numbers": {expr.SumDecimal(Lines.Many), "many"},
			"a scale":          {expr.RoundDecimal(Lines.Price, -1), "scale"},
			"a large scale":    {expr.DivDecimal(Lines.Price, "2", 501), "scale"},
			"a mean's scale":   {expr.AvgDecimal(Lines.Price, -1), "scale"},
			"a zero value":     {expr.AddDecimalTo(Lines.Price, expr.Value[Line, Money, Money]{}), "zero"},
		} {
			stmt := &expr.SelectStmt{Columns: []expr.Node{expr.NodeOf(x.x)}, From: Lines.ID.Ref().Source, Limit: -1, Offset: -1}
			_, err := dialect.Compile(db.Dialect(), stmt)
			if err == nil || !strings.Contains(err.Error(), x.says) || strings.Contains(err.Error(), "Euro") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := repo.SelectValue(expr.AddDecimal(Vaults.Gold, "1")).From(Vaults).All(context.Background(), db); lite == (err == nil) {
			t.Error(err)
		}
	}, Lines, Vaults)
}
