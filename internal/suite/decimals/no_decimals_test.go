package decimals_test

import (
	"errors"
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

// Bill keeps as text what may be a decimal elsewhere.
type (
	Cash string
	Bill struct {
		ID   int64
		Paid Cash
		Due  Cash
	}
	bills struct {
		schema.Table[Bill]
		ID   expr.Column[Bill, int64]
		Paid expr.Column[Bill, Cash]
		Due  expr.Column[Bill, Cash]
	}
)

var Bills = schema.Define("bills", func(t *bills) {
	schema.Column(t.ID).PrimaryKey()
	schema.Decimal(t.Due, 12, 2)
}, schema.In(meta))

// Arithmetic of what is no decimal is an error by a type of its own, which names the
// column and says what to do, before any SQL.
func TestArithmeticOfTexts(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		for name, c := range map[string]struct {
			x      expr.Yields[Cash]
			column string
			says   string
		}{
			"add":      {expr.AddDecimal(Bills.Paid, "1"), "paid", "arithmetic of decimals of column paid of bills, which is no decimal: declare it with schema.Decimal, or compute in Go"},
			"add to":   {expr.AddDecimalTo(Bills.Due, Bills.Paid), "paid", "column paid"},
			"sub":      {expr.SubDecimalTo(Bills.Paid, Bills.Due), "paid", "column paid"},
			"mul":      {expr.MulDecimal(Bills.Paid, "1"), "paid", "column paid"},
			"div":      {expr.DivDecimal(Bills.Paid, "1", 2), "paid", "column paid"},
			"scale":    {expr.ScaleDecimal(Bills.Paid, 2), "paid", "column paid"},
			"neg":      {expr.NegDecimal(Bills.Paid), "paid", "column paid"},
			"abs":      {expr.AbsDecimal(Bills.Paid), "paid", "column paid"},
			"round":    {expr.RoundDecimal(Bills.Paid, 1), "paid", "column paid"},
			"sum":      {expr.Coalesce(expr.SumDecimal(Bills.Paid).Value(), "0"), "paid", "a sum or mean of decimals of column paid"},
			"mean":     {expr.Coalesce(expr.AvgDecimal(Bills.Paid, 2).Value(), "0"), "paid", "a sum or mean of decimals of column paid"},
			"function": {expr.NegDecimal(expr.Lower(Bills.Paid)), "", "of what is not known to be a decimal"},
		} {
			for range 2 {
				_, err := repo.SelectValue(c.x).From(Bills).All(t.Context(), db)
				var no *dialect.NoDecimalError
				if !errors.As(err, &no) || !errors.Is(err, dialect.ErrNoDecimal) || no.Column != c.column || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		// Texts are compared as such, where none is computed.
		if _, err := repo.New[Bill](db).Untracked().Where(Bills.Paid.Gt("12")).All(t.Context()); err != nil {
			t.Error(err)
		}
		for name, c := range map[string]expr.Expr[Bill]{
			"a column": Bills.Due.EqTo(Bills.Paid), "a sum": Bills.Paid.GtTo(expr.AddDecimal(Bills.Due, "1")),
		} {
			_, err := repo.New[Bill](db).Untracked().Where(c).All(t.Context())
			if !errors.Is(err, dialect.ErrNoDecimal) || !strings.Contains(err.Error(), "a comparison with a decimal of column paid of bills, which is no decimal") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}, Bills)
}

// What a function of the program's own or a CAST gives has a form of its own where decimals
// are kept as text: it is neither stored as one nor compared with one.
func TestFunctionsBesideDecimals(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, Line{Shop: "a", Price: "-9.50", Rate: "0", Small: "0", Big: "0", Whole: "0", Size: decimal.Zero})
		abs := expr.FuncOf[Money]("abs", Lines.Price)
		got, err := repo.New[Line](db).Untracked().Where(Lines.Price.LtTo(expr.Coalesce(abs, "0")), Lines.Price.LtTo(abs)).All(t.Context())
		_, werr := repo.New[Line](db, repo.OwnUnit()).UpdateWhere(t.Context(), Lines.ID.Gt(0), Lines.Rest.SetTo(abs))
		if db.Dialect().Name() == "sqlite" {
			if !errors.Is(err, dialect.ErrNoDecimal) || !errors.Is(werr, dialect.ErrNoDecimal) {
				t.Errorf("%v, %v", err, werr)
			}
			return
		}
		if err != nil || len(got) != 1 || werr != nil {
			t.Errorf("%v, %v, %v", got, err, werr)
		}
	}, Lines)
}
