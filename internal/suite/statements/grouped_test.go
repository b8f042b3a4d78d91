package statements_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// notesOf counts a person's notes in a query of its own.
func notesOf(h *people) repo.Selection[int64] {
	return repo.SelectValue(expr.CountAll()).From(Notes).Where(expr.On(Notes.PersonID, h.ID))
}

func anyNote(h *people) expr.Cond {
	return repo.Exists[Person](repo.SelectValue(Notes.ID).From(Notes).Where(expr.On(Notes.PersonID, h.ID)))
}

// What relations and subqueries read of the statement around them is of a row, and a
// group has several.
func TestBareColumnsOfRelationsAndSubqueries(t *testing.T) {
	boss := schema.As(People, "boss")
	one := func(x expr.Yields[int64]) repo.Selection[int64] { return repo.SelectValue(x).From(People) }
	all := func() repo.Selection[int64] { return one(expr.CountAll()) }
	sub := func(q repo.Selection[int64]) expr.Yields[int64] { return expr.Coalesce(repo.Sub(q).Value(), 0) }
	deep := repo.SelectValue(boss.ID).From(boss).Where(expr.AllOf(boss.ID.Gt(0),
		repo.Exists[Person](repo.SelectValue(Notes.ID).From(Notes).Where(expr.On(Notes.PersonID, People.ID)))))
	for name, c := range map[string]struct {
		q    repo.Selection[int64]
		bare string
	}{
		"a count":                   {one(People.Notes.Count()).GroupBy(People.Name), "people.id"},
		"a count in an expression":  {one(expr.Add(People.Notes.Count(), 1)).GroupBy(People.Name), "people.id"},
		"HAVING":                    {all().GroupBy(People.Name).Having(People.Notes.Any()), "people.id"},
		"HAVING without groups":     {all().Having(People.Notes.Any()), "people.id"},
		"HAVING without aggregates": {one(expr.Val(int64(1))).Having(People.Clubs.Any()), "people.id"},
		"a to-one":                  {all().GroupBy(People.Name).Having(People.Boss.Is(People.ID.Eq(1))), "people.boss_id"},
		"an order by a count":       {all().GroupBy(People.Name).OrderBy(People.Notes.Count().Desc()), "people.id"},
		"an order by a to-one":      {all().GroupBy(People.Name).OrderBy(People.Boss.By(People.Name.Desc())), "people.boss_id"},
		"beside an aggregate":       {one(expr.AddTo(expr.CountAll().Value(), People.Notes.Count())), "people.id"},
		"an alias":                  {repo.SelectValue(boss.Notes.Count()).From(boss).GroupBy(boss.Name), "boss.id"},
		"another of the two tables": {repo.SelectValue(boss.Notes.Count()).From(People).Join(boss, expr.On(People.BossID, boss.ID)).GroupBy(People.ID), "boss.id"},
		"a condition inside":        {all().GroupBy(People.ID).Having(People.Notes.Any(Notes.Text.EqTo(People.Name))), ""},
		"a bare column inside":      {all().GroupBy(People.BossID).Having(People.Boss.Is(repo.Exists[Person](notesOf(boss)))).CrossJoin(boss), "boss.id"},
		"a subquery":                {one(sub(notesOf(People))).GroupBy(People.Name), "people.id"},
		"a subquery in HAVING":      {all().GroupBy(People.Name).Having(anyNote(People)), "people.id"},
		"a subquery in the order":   {all().GroupBy(People.Name).OrderBy(repo.Sub(notesOf(People)).Asc()), "people.id"},
		"two subqueries deep":       {all().GroupBy(People.Name).Having(repo.Exists[Person](deep)), "people.id"},
		"an aggregate of both":      {one(sub(repo.SelectValue(expr.Coalesce(expr.Max(expr.AddTo(Notes.ID, People.ID)).Value(), 0)).From(Notes))).GroupBy(People.Name), "people.id"},
	} {
		_, _, err := c.q.SQL(postgres.New())
		if c.bare == "" && err != nil || c.bare != "" && (err == nil || !strings.Contains(err.Error(), "reads "+c.bare+",")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// They may read what is grouped by, or what its key fixes, and what is of a statement
// further out.
func TestGroupsThatRelationsAndSubqueriesRead(t *testing.T) {
	boss := schema.As(People, "boss")
	one := func(x expr.Yields[int64]) repo.Selection[int64] { return repo.SelectValue(x).From(People) }
	all := func() repo.Selection[int64] { return one(expr.CountAll()) }
	sub := func(q repo.Selection[int64]) expr.Yields[int64] { return expr.Coalesce(repo.Sub(q).Value(), 0) }
	town(t, func(t *testing.T, db *engine.Engine) {
		for name, c := range map[string]struct {
			q    repo.Selection[int64]
			want string
		}{
			"a count by the key":       {one(People.Notes.Count()).GroupBy(People.ID).OrderBy(People.ID.Asc()), "[2 0 1]"},
			"a count of what it is by": {one(People.Notes.Count()).GroupBy(People.Notes.Count()).OrderBy(People.Notes.Count().Asc()), "[0 1 2]"},
			"the columns that join":    {all().GroupBy(People.BossID).Having(People.Boss.Is(People.Name.Eq("Ann"))), "[1]"},
			"an order by them":         {all().GroupBy(People.BossID).OrderBy(People.Boss.By(People.Name.Asc().NullsFirst())), "[1 1 1]"},
			"HAVING":                   {one(People.ID).GroupBy(People.ID).Having(People.Clubs.Any(Clubs.Name.Eq("go"))), "[2]"},
			"a column of the row":      {one(People.ID).GroupBy(People.ID).Having(People.Notes.None(Notes.Text.EqTo(People.Name))).OrderBy(People.ID.Asc()), "[1 2 3]"},
			"an aggregate of a count":  {one(expr.Coalesce(expr.Max(People.Notes.Count()).Value(), 0)), "[2]"},
			"a subquery":               {one(sub(notesOf(People))).GroupBy(People.ID).OrderBy(People.ID.Asc()), "[2 0 1]"},
			"a subquery in HAVING":     {one(People.ID).GroupBy(People.ID).Having(anyNote(People)).OrderBy(People.ID.Asc()), "[1 3]"},
			"of the statement around": {one(People.ID).Where(repo.Exists[Person](repo.SelectValue(expr.CountAll()).From(boss).GroupBy(boss.Name).
				Having(expr.CountAll().Gt(0), People.Notes.Any(), anyNote(People), expr.Coalesce(expr.Max(boss.Name).Value(), "").EqTo(People.Name)))).OrderBy(People.ID.Asc()), "[1 3]"},
			"an aggregate of the groups": {one(sub(repo.SelectValue(expr.Coalesce(expr.Max(People.ID).Value(), 0)).From(Notes).Where(Notes.ID.Eq(1)))), "[3]"},
		} {
			if got, err := c.q.All(t.Context(), db); err != nil || fmt.Sprint(got) != c.want {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
	})
}

// An aggregate that only the order has makes one row of all, as one of the results
// does: columns beside it are of no row.
func TestBareColumnsBesideAnAggregateInTheOrder(t *testing.T) {
	boss := schema.As(People, "boss")
	ids := repo.SelectValue(People.ID).From(People)
	one := repo.SelectValue(expr.Val(int64(1))).From(People)
	most := repo.Sub(repo.SelectValue(expr.Coalesce(expr.Max(People.ID).Value(), 0)).From(boss).Limit(1))
	town(t, func(t *testing.T, db *engine.Engine) {
		for name, c := range map[string]struct {
			q    repo.Selection[int64]
			says string
		}{
			"a result":                      {ids.OrderBy(expr.CountAll().Desc()), "people.id stands beside aggregates"},
			"the order":                     {one.OrderBy(People.BossID.Asc(), expr.CountAll().Desc()), "people.boss_id stands beside aggregates"},
			"an operand":                    {ids.OrderBy(expr.AddTo(expr.Coalesce(expr.Max(People.BossID).Value(), 0), expr.CountAll()).Asc()), "people.id stands beside aggregates"},
			"an aggregate within a window":  {ids.OrderBy(expr.Rank().Over(expr.Window().OrderBy(expr.CountAll().Desc())).Asc()), "people.id stands beside aggregates"},
			"an aggregate in a subquery":    {ids.OrderBy(most.Asc()), "people.id stands beside aggregates"},
			"a relation":                    {one.OrderBy(People.Notes.Count().Asc(), expr.CountAll().Desc()), "reads people.id,"},
			"another occurrence":            {repo.SelectValue(boss.ID).From(People).Join(boss, expr.On(People.BossID, boss.ID)).OrderBy(expr.Count(People.ID).Desc()), "boss.id stands beside aggregates"},
			"what is grouped by":            {ids.GroupBy(People.ID).OrderBy(expr.Count(People.BossID).Desc(), People.ID.Asc()), "[2 3 1]"},
			"no column":                     {one.OrderBy(expr.CountAll().Desc()), "[1]"},
			"no column, in a window":        {one.OrderBy(expr.Rank().Over(expr.Window().OrderBy(expr.CountAll().Desc())).Asc()), "[1]"},
			"a window":                      {ids.OrderBy(expr.CountAll().Over(expr.Window()).Asc(), People.ID.Asc()), "[1 2 3]"},
			"an aggregate of a query apart": {ids.OrderBy(repo.Sub(repo.SelectValue(expr.CountAll()).From(boss)).Asc(), People.ID.Asc()), "[1 2 3]"},
		} {
			got, err := c.q.All(t.Context(), db)
			if c.says[0] == '[' && (err != nil || fmt.Sprint(got) != c.says) || c.says[0] != '[' && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
	})
}

// A query is looked through wherever it stands, when all tables are known.
func TestBareColumnsOfRelationsWithin(t *testing.T) {
	grouped := repo.SelectValue(People.Notes.Count()).From(People).GroupBy(People.Name)
	plain := repo.SelectValue(People.ID).From(People)
	is := repo.In(Notes.ID, grouped)
	town(t, func(t *testing.T, db *engine.Engine) {
		ns := repo.New[Note](db, repo.OwnUnit())
		counts := repo.As[countsOf](repo.Select(func(c *countOf) repo.Columns { return repo.Into(repo.To(&c.N, People.Notes.Count())) }).From(People).GroupBy(People.Name), "counts")
		for name, run := range map[string]func() error{
			"a subquery": func() error {
				_, err := repo.SelectValue(Notes.ID).From(Notes).Where(is).All(t.Context(), db)
				return err
			},
			"a set operation": func() error { _, err := plain.Union(grouped).All(t.Context(), db); return err },
			"a query in FROM": func() error { _, err := repo.SelectValue(counts.N).From(counts).All(t.Context(), db); return err },
			"a stream": func() error {
				for _, err := range grouped.Stream(t.Context(), db) {
					return err
				}
				return nil
			},
			"entities": func() error { _, err := ns.Untracked().Where(is).All(t.Context()); return err },
			"related rows": func() error {
				_, err := repo.New[Person](db).Untracked().Where(People.Notes.Any(is)).All(t.Context())
				return err
			},
			"a text":          func() error { _, _, err := ns.Where(is).SQL(db.Dialect()); return err },
			"UpdateWhere":     func() error { _, err := ns.UpdateWhere(t.Context(), is, Notes.Text.Set("x")); return err },
			"DeleteWhere":     func() error { _, err := ns.DeleteWhere(t.Context(), is); return err },
			"PurgeWhere":      func() error { _, err := ns.PurgeWhere(t.Context(), is); return err },
			"UpdateReturning": func() error { _, err := ns.UpdateReturning(t.Context(), is, Notes.Text.Set("x")); return err },
			"Deleting":        func() error { _, err := ns.Deleting().Where(is).Exec(t.Context()); return err },
			"an assigned value": func() error {
				_, err := ns.Updating(Notes.PersonID.SetTo(expr.Coalesce(repo.Sub(grouped).Value(), 0))).Where(Notes.ID.Gt(0)).Exec(t.Context())
				return err
			},
		} {
			if err := run(); err == nil || !strings.Contains(err.Error(), "reads people.id,") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

type countOf struct{ N int64 }

type countsOf struct {
	schema.Table[countOf]
	N expr.Column[countOf, int64]
}
