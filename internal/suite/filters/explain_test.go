package filters_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// The text and the plan of a query are those that a call with the ctx would have.
func TestExplainOfATenant(t *testing.T) {
	mall(t, func(w *world) {
		none, a := w.Context(), shop(w.Context(), "a")
		all := repo.WithoutFilter(none, "shop")
		d := w.db.Dialect()
		query, sum := w.orders.Query(), repo.SelectValue(expr.Sum(Orders.Sum)).From(Orders)
		for name, text := range map[string]func(context.Context, dialect.Dialect) (string, []any, error){"query": query.SQLIn, "selection": sum.SQLIn} {
			if _, _, err := text(none, d); !errors.Is(err, repo.ErrFilter) {
				t.Errorf("%s without a tenant: %v", name, err)
			}
			got, args, err := text(a, d)
			if err != nil || !strings.Contains(got, "shop") || !slices.Contains(args, any("a")) {
				t.Errorf("%s: %s %v, %v", name, got, args, err)
			}
			if got, args, err = text(all, d); err != nil || strings.Contains(got, `"shop" =`) || slices.Contains(args, any("a")) {
				t.Errorf("%s without the filter: %s %v, %v", name, got, args, err)
			}
			if _, _, err := text(a, nil); err == nil {
				t.Errorf("%s for no dialect", name)
			}
		}
		for name, explain := range map[string]func(context.Context) (string, error){
			"query":     func(ctx context.Context) (string, error) { return w.db.Explain(ctx, query) },
			"selection": func(ctx context.Context) (string, error) { return w.db.Explain(ctx, sum) },
			"in a unit": func(ctx context.Context) (plan string, err error) {
				err = uow.Run(ctx, w.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
					plan, err = tx.Explain(ctx, query)
					return err
				})
				return plan, err
			},
		} {
			for _, ctx := range []context.Context{a, all} {
				if plan, err := explain(ctx); err != nil || !strings.Contains(plan, "orders") {
					t.Errorf("%s: %s, %v", name, plan, err)
				}
			}
			if _, err := explain(none); !errors.Is(err, repo.ErrFilter) {
				t.Errorf("%s without a tenant: %v", name, err)
			}
		}
		if _, _, err := query.SQL(sqlite.New()); !errors.Is(err, repo.ErrFilter) {
			t.Error("SQL knows of no tenant:", err)
		}
	})
}
