package paging_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/dormertest"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

func openJobs(t testing.TB) *engine.Engine { return dormertest.SQLite(t, Jobs) }

// TestSortBy: a request's text becomes an order of the columns listed, and
// nothing else does.
func TestSortBy(t *testing.T) {
	db := dormertest.SQLite(t, Kinds, Things, Parts)
	q := repo.New[Thing](db).Query()
	for sent, want := range map[string]string{
		"":                       "",
		"  ":                     "",
		"name":                   ` ORDER BY "name"`,
		"+name":                  ` ORDER BY "name"`,
		"name,-kind_id":          ` ORDER BY "name", "kind_id" DESC`,
		" - kind_id , + name\t":  ` ORDER BY "kind_id" DESC, "name"`,
		"-name,nick,-kind_id":    ` ORDER BY "name" DESC, "nick", "kind_id" DESC`,
		"kind_id,\u00a0-name":    ` ORDER BY "kind_id", "name" DESC`,
		"\n-nick,\r\n kind_id\n": ` ORDER BY "nick" DESC, "kind_id"`,
	} {
		terms, err := repo.SortBy(Things, sent, Things.Name, Things.Nick, Things.KindID)
		if err != nil {
			t.Errorf("%q: %v", sent, err)
			continue
		}
		got, _, err := q.OrderBy(terms...).SQL(sqlite.New())
		if err != nil || !strings.HasSuffix(got, `FROM "things"`+want) {
			t.Errorf("%q: %s, %v", sent, got, err)
		}
	}
	for sent, want := range map[string]repo.SortError{
		"price":                  {Name: "price"},
		"Name":                   {Name: "Name"},
		"--name":                 {Name: "-name"},
		"name,":                  {},
		",name":                  {},
		"-":                      {},
		"name,,nick":             {},
		"name,-name":             {Name: "name", Twice: true},
		"name;nick":              {Name: "name;nick"},
		`name" DESC --`:          {Name: `name" DESC --`},
		"name desc":              {Name: "name desc"},
		strings.Repeat("x", 999): {Name: strings.Repeat("x", 999)},
	} {
		terms, err := repo.SortBy(Things, sent, Things.Name, Things.Nick)
		var e *repo.SortError
		if !errors.As(err, &e) || !errors.Is(err, repo.ErrSort) || *e != want || terms != nil {
			t.Errorf("%.30q: %v, %v", sent, terms, err)
			continue
		}
		if len(err.Error()) > 200 || strings.Contains(err.Error(), "things") || strings.Contains(err.Error(), "nick") && !strings.Contains(sent, "nick") {
			t.Errorf("%.30q: the message tells too much: %v", sent, err)
		}
	}
	boss := schema.As(Things, "boss")
	if _, err := repo.SortBy(Things, "name", boss.Name); err == nil || errors.Is(err, repo.ErrSort) {
		t.Errorf("a column of an alias: %v", err)
	}
	if terms, err := repo.SortBy(boss, "-name", boss.Name); err != nil || len(terms) != 1 {
		t.Errorf("of an alias: %v, %v", terms, err)
	}
	if _, err := repo.SortBy[Thing](nil, "name", Things.Name); err == nil {
		t.Error("no table was taken")
	}
}

// TestExplain: the plan names the index that serves, and the query is not run.
func TestExplain(t *testing.T) {
	databases(t, func(t *testing.T, db *engine.Engine) {
		ctx := context.Background()
		seeded(t, db, rand.New(rand.NewPCG(11, 12)), 5)
		things := repo.New[Thing](db).Untracked()
		for name, q := range map[string]engine.Explainable{
			"query":     things.Where(Things.Code.Eq("code001")).OrderBy(Things.Name.Asc()),
			"selection": repo.Select(func(s *struct{ N string }) repo.Columns { return repo.Into(repo.To(&s.N, Things.Name)) }).From(Things).Where(Things.Code.Eq("x")),
		} {
			plan, err := db.Explain(ctx, q)
			if err != nil || !strings.Contains(plan, "things") || strings.HasSuffix(plan, "\n") {
				t.Errorf("%s: %q, %v", name, plan, err)
			}
			must(t, uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
				inside, err := tx.Explain(ctx, q)
				if inside != plan {
					t.Errorf("%s: in a unit %q, without %q", name, inside, plan)
				}
				return err
			}))
		}
		for _, evil := range []text{`ANALYZE DELETE FROM "parts"`, `(ANALYZE) DELETE FROM "parts"`, `SELECT 1; DELETE FROM "parts"`} {
			if plan, err := db.Explain(ctx, evil); err == nil {
				t.Errorf("%s: %q", evil, plan)
			}
		}
		if _, err := db.Explain(ctx, text(`DELETE FROM "parts"`)); err != nil {
			t.Error(err)
		}
		if n, err := repo.New[Part](db).Untracked().Count(ctx); err != nil || n == 0 {
			t.Errorf("%d parts are left, %v", n, err)
		}
		if _, err := db.Explain(ctx, things.Query().Limit(-1)); err == nil || !strings.Contains(err.Error(), "Limit is negative") {
			t.Errorf("the query's own error: %v", err)
		}
		if _, err := db.Explain(ctx, nil); err == nil {
			t.Error("no query was taken")
		}
	})
}

// text is SQL that a program of its own explains.
type text string

func (x text) SQL(dialect.Dialect) (string, []any, error) { return string(x), nil, nil }
