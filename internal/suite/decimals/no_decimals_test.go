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

// A text is no decimal beside one, nor is it stored as one: not of a function that chooses,
// of a set operation, of a list of rows or put together.
func TestTextsBesideDecimals(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		b := schema.As(Bills, "b")
		v := repo.Rows[cashRows]("v", CashRow{1, "1.5"})
		texts := repo.SelectValue(v.V).From(v)
		of := repo.SelectValue(Bills.Due).From(Bills)
		refused := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, dialect.ErrNoDecimal) {
				t.Errorf("%s: %v", what, err)
			}
		}
		for what, q := range map[string]repo.Selection[Cash]{
			"coalesce": repo.SelectValue(expr.CoalesceTo(expr.NullIf(Bills.Due, "1"), Bills.Paid)).From(Bills), "case": repo.SelectValue(expr.CaseTo(Bills.ID.Gt(1), Bills.Due).ElseTo(Bills.Paid)).From(Bills),
			"greatest": repo.SelectValue(expr.GreatestTo(Bills.Due, Bills.Paid)).From(Bills), "union": of.Union(texts), "union, turned": texts.Union(of), "except": of.Except(repo.SelectValue(Bills.Paid).From(Bills)),
			"in": of.Where(repo.In(Bills.Due, texts)), "in a column": of.Where(repo.In(Bills.Due, repo.SelectValue(b.Paid).From(b))), "sub": of.Where(Bills.Due.EqTo(repo.Sub(texts))),
			"tuple": of.Where(expr.Tuple2(expr.AddDecimal(Bills.Due, "1"), Bills.ID).Eq("1", 1), Bills.Due.LtTo(expr.Coalesce(expr.NullIf(Bills.Paid, "1"), "2"))),
		} {
			_, err := q.All(t.Context(), db)
			refused(what, err)
		}
		own := repo.New[Bill](db, repo.OwnUnit())
		for what, set := range map[string]expr.Assign[Bill]{"a column": Bills.Due.SetTo(Bills.Paid), "a query": Bills.Due.SetTo(expr.Coalesce(repo.Sub(texts).Value(), "1"))} {
			_, err := own.UpdateWhere(t.Context(), Bills.ID.Gt(0), set)
			refused(what, err)
		}
		_, err := own.UpdateWhere(t.Context(), Bills.ID.Gt(0), Bills.Due.SetTo(expr.Concat(Bills.Due, "5")))
		if db.Dialect().Capabilities().DecimalsAreText {
			refused("put together", err)
		} else if err == nil {
			t.Error("a text in a column of decimals")
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
		_, perr := repo.New[Line](db).Untracked().Where(abs.Gt("9.25")).All(t.Context())
		if db.Dialect().Name() == "sqlite" {
			if !errors.Is(perr, dialect.ErrNoDecimal) {
				t.Error(perr)
			}
			if !errors.Is(err, dialect.ErrNoDecimal) || !errors.Is(werr, dialect.ErrNoDecimal) {
				t.Errorf("%v, %v", err, werr)
			}
			return
		}
		if err != nil || len(got) != 1 || werr != nil || perr != nil {
			t.Errorf("%v, %v, %v, %v", got, err, werr, perr)
		}
	}, Lines)
}
