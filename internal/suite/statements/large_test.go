package statements_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

// Conditions of thousands, in one call or one after the other, are not deep for the
// database, whatever stands beside them.
func TestConditionsOfThousands(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		ctx := t.Context()
		const n = 10_000
		var is, not []expr.Expr[Author]
		for i := range n {
			is, not = append(is, Authors.ID.Eq(int64(i+3))), append(not, Authors.ID.Ne(int64(i+3)))
		}
		one, all := Authors.ID.Eq(1), Authors.ID.Gt(0)
		for _, c := range is[:3000] {
			one = one.Or(c)
		}
		for _, c := range not[:3000] {
			all = expr.And(c, expr.Or(expr.And(all)))
		}
		for what, c := range map[string]struct {
			cond expr.Expr[Author]
			want string
		}{
			"or":            {expr.Or(is...), "Cy Di "},
			"or of 3000":    {expr.Or(is[:3000]...), "Cy Di "},
			"and":           {expr.And(not...), "Ann Bob "},
			"and of 3000":   {expr.And(not[:3000]...), "Ann Bob "},
			"not or":        {expr.Not(expr.Or(is...)), "Ann Bob "},
			"not and":       {expr.Not(expr.And(not...)), "Cy Di "},
			"or in and":     {expr.And(expr.Or(is...), Authors.Name.Ne("Di"), expr.And(not[1:2000]...)), "Cy "},
			"and in or":     {expr.Or(expr.And(not...), Authors.Name.Eq("Di")), "Ann Bob Di "},
			"the last":      {expr.Or(append(slices.Clone(is[2:]), Authors.Name.Eq("Bob"))...), "Bob "},
			"one by one":    {one, "Ann Cy Di "},
			"one in other":  {all, "Ann Bob "},
			"in a relation": {expr.And(expr.Or(one, Authors.Name.Eq("Bob")), repo.Exists[Author](repo.SelectValue(Books.ID).From(Books).Where(expr.On(Books.AuthorID, Authors.ID)))), "Ann Bob Cy "},
		} {
			for range 2 { // compiled, and known
				if got := names(t, db, c.cond); got != c.want {
					t.Errorf("%s: %s instead of %s", what, got, c.want)
				}
			}
		}
		// One more each time, of comparisons that were written before.
		for i := range 3 {
			if got := names(t, db, expr.And(not[:1500+i]...)); got != "Ann Bob " {
				t.Error(got)
			}
		}
		k, err := repo.New[Author](db, repo.OwnUnit()).UpdateWhere(ctx, expr.Or(is...), Authors.City.Set("Rom"))
		if err != nil || k != 2 {
			t.Errorf("UPDATE: %d, %v", k, err)
		}
		k, err = repo.New[Book](db, repo.OwnUnit()).DeleteWhere(ctx, expr.Or(expr.And[Book](), Books.ID.Eq(1)))
		if err == nil {
			t.Errorf("DELETE by nothing: %d", k)
		}
		nothing := append(slices.Clone(not), expr.And[Author]())
		if k, err = repo.New[Author](db, repo.OwnUnit()).DeleteWhere(ctx, expr.And(nothing...)); err == nil || !strings.Contains(err.Error(), "of nothing") {
			t.Errorf("DELETE by thousands and nothing: %d, %v", k, err)
		}
	})
}

// A chain of one set operation is one, as long as nothing else is said of its parts.
func TestSetOperationsOfHundreds(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		ctx := t.Context()
		book := func(i int) repo.Selection[string] {
			return repo.SelectValue(Books.Title).From(Books).Where(Books.ID.Eq(int64(i%10 + 1)))
		}
		type combined = func(a, b repo.Selection[string]) repo.Selection[string]
		union, unionAll := repo.Selection[string].Union, repo.Selection[string].UnionAll
		chain := func(n int, by combined) repo.Selection[string] {
			q := book(0)
			for i := 1; i < n; i++ {
				q = by(q, book(i))
			}
			return q
		}
		for what, c := range map[string]struct {
			q    repo.Selection[string]
			want int
		}{
			"UNION":     {chain(500, union), 6},
			"UNION ALL": {chain(500, unionAll), 300},
			"INTERSECT": {func() repo.Selection[string] {
				all := repo.SelectValue(Books.Title).From(Books)
				q := all
				for range 498 {
					q = q.Intersect(all)
				}
				return q.Intersect(all.Where(Books.ID.Gt(4)))
			}(), 2},
			"parts": {chain(300, unionAll).UnionAll(chain(300, unionAll)), 360},
		} {
			q := c.q.OrderBy(Books.Title.Desc())
			rows, err := q.All(ctx, db)
			if err != nil || len(rows) != c.want || rows[0] != "C3" || !slices.IsSortedFunc(rows, func(a, b string) int { return strings.Compare(b, a) }) {
				t.Errorf("%s: %d, %v", what, len(rows), err)
			}
			if rows, err = q.Offset(1).Limit(2).All(ctx, db); err != nil || len(rows) != min(2, c.want-1) {
				t.Errorf("%s, limited: %v, %v", what, rows, err)
			}
		}
		// Pages of a whole, and queries of it.
		got, after := []string{}, repo.Cursor("")
		for range 3 {
			page, err := chain(30, union).OrderBy(Books.Title.Asc()).Page(ctx, db, 2, after)
			if err != nil {
				t.Fatal(err)
			}
			got, after = append(got, page.Items...), page.Next
		}
		if s := fmt.Sprint(got); s != "[A1 A2 B1 C1 C2 C3]" || after != "" {
			t.Errorf("%s, %s", s, after)
		}
		u := repo.As[nameds](repo.Select(func(n *named) repo.Columns { return repo.Into(repo.To(&n.Title, Books.Title)) }).From(Books).
			UnionAll(repo.Select(func(n *named) repo.Columns { return repo.Into(repo.To(&n.Title, Authors.Name)) }).From(Authors)).
			UnionAll(repo.Select(func(n *named) repo.Columns { return repo.Into(repo.To(&n.Title, expr.Val("x"))) })), "u")
		n, err := repo.SelectValue(expr.CountAll()).From(u).Where(u.Title.Gt("B")).One(ctx, db)
		if err != nil || n != 4+3+1 {
			t.Errorf("%d, %v", n, err)
		}
		// What is said of a part holds for the part, and a query may begin several.
		first := book(0).UnionAll(book(1))
		for what, c := range map[string]struct {
			q    repo.Selection[string]
			want string
		}{
			"limit":     {first.OrderBy(Books.Title.Desc()).Limit(1).UnionAll(book(2)), "A2 B1 "},
			"offset":    {first.OrderBy(Books.Title.Asc()).Offset(1).UnionAll(book(2)), "A2 B1 "},
			"distinct":  {first.UnionAll(book(1)).Distinct().UnionAll(book(1)), "A1 A2 A2 "},
			"other all": {first.UnionAll(book(1)).Union(book(1)).UnionAll(book(1)), "A1 A2 A2 "},
			"all other": {book(1).Union(book(1)).UnionAll(book(1)), "A2 A2 "},
			"but":       {first.Except(book(0).Except(book(0))), "A1 A2 "},
			"but but":   {first.Except(book(0)).Except(book(3)), "A2 "},
			"of two":    {first.UnionAll(book(2)), "A1 A2 B1 "},
			"again":     {first.UnionAll(book(3)), "A1 A2 C1 "},
			"as it was": {first, "A1 A2 "},
		} {
			rows, err := c.q.OrderBy(Books.Title.Asc()).All(ctx, db)
			if got := strings.Join(rows, " ") + " "; err != nil || got != c.want {
				t.Errorf("%s: %s, %v instead of %s", what, got, err, c.want)
			}
		}
		// More than the database takes is an error before it sees any.
		rows, err := chain(501, unionAll).All(ctx, db)
		lacks := (*dialect.UnsupportedError)(nil)
		switch {
		case db.Dialect().Name() == "sqlite" && (!errors.As(err, &lacks) || !strings.Contains(err.Error(), "501 queries, 500 being the most")):
			t.Errorf("SQLite: %d, %v", len(rows), err)
		case db.Dialect().Name() == "postgres" && (err != nil || len(rows) != 301):
			t.Errorf("PostgreSQL: %d, %v", len(rows), err)
		}
	})
}
