package statements_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

// A condition that only names two tables does not tie them.
func TestJoinsThatTieNothing(t *testing.T) {
	on := expr.On(Books.AuthorID, Authors.ID)
	mentors := schema.As(Authors, "mentors")
	for name, c := range map[string]struct {
		cond expr.Cond
		ties bool
	}{
		"one table":                {Books.ID.Gt(0), false},
		"each by itself":           {expr.AllOf(Books.ID.Gt(0), Authors.ID.Gt(0)), false},
		"or else":                  {expr.AnyOf(on, Authors.ID.Gt(0)), false},
		"or else, said otherwise":  {expr.Not(expr.And(Books.AuthorID.NeTo(Authors.ID), Books.ID.Ne(7))), false},
		"and, said otherwise":      {expr.Not(expr.Or(Books.AuthorID.NeTo(Authors.ID), Books.ID.Eq(7))), true},
		"or each":                  {expr.AnyOf(Books.ID.Gt(0), Authors.ID.Gt(0)), false},
		"by equality":              {on, true},
		"by equality and more":     {expr.AllOf(Books.ID.Gt(0), on), true},
		"by one of two":            {expr.AnyOf(on, expr.AllOf(Books.ID.Gt(3), Books.ID.GtTo(Authors.ID))), true},
		"by inequality":            {Books.ID.GtTo(Authors.ID), true},
		"by an expression of both": {expr.SubTo(Books.ID, Authors.ID).Eq(1), true},
		"by hand-written SQL":      {expr.Raw[Book](`books.author_id = authors.id`), true},
		"by a subquery":            {repo.Exists[Book](repo.SelectValue(mentors.ID).From(mentors).Where(expr.AllOf(expr.On(mentors.MentorID, Authors.ID), expr.On(mentors.ID, Books.AuthorID)))), true},
		"by a value of a subquery": {repo.In(Books.AuthorID, repo.SelectValue(mentors.ID).From(mentors).Where(expr.On(mentors.MentorID, Authors.ID))), true},
		"a subquery of its own":    {repo.In(Books.AuthorID, repo.SelectValue(mentors.ID).From(mentors)), false},
		"a subquery of one":        {repo.Exists[Book](repo.SelectValue(Authors.ID).From(Authors).Where(on)), false},
		"a subquery of SQL":        {repo.Exists[Book](repo.SelectValue(mentors.ID).From(mentors).Where(expr.Raw[Author](`mentors.id = books.author_id`))), true},
	} {
		_, _, err := repo.SelectValue(Books.Title).From(Authors).Join(Books, c.cond).SQL(postgres.New())
		if (err == nil) != c.ties || err != nil && !strings.Contains(err.Error(), "ties books") {
			t.Errorf("%s: %v", name, err)
		}
	}
	loose := repo.SelectValue(Books.Title).From(Authors).Join(Books, Books.ID.Gt(0))
	loose2 := loose.Join(mentors, mentors.ID.Gt(0))
	second := schema.As(Authors, "second")
	apart := expr.AllOf(expr.On(second.ID, Authors.MentorID), expr.On(Books.AuthorID, mentors.ID))
	for name, c := range map[string]struct {
		q     repo.Selection[string]
		loose string
	}{
		"by Where":                {loose.Where(on), ""},
		"by SQL in Where":         {loose.Where(expr.Raw[Book](`books.author_id = authors.id`)), ""},
		"by a later join":         {loose.Join(mentors, expr.AllOf(on, expr.On(Authors.MentorID, mentors.ID))), ""},
		"by a chain":              {loose.Join(mentors, expr.On(mentors.ID, Authors.MentorID)).Where(expr.On(Books.AuthorID, mentors.ID)), ""},
		"not by one table":        {loose.Where(Books.Price.Gt(1)), "books"},
		"not by what is loose":    {loose.Join(mentors, expr.On(mentors.ID, Books.AuthorID)), "books"},
		"a later one":             {loose.Where(on).Join(mentors, mentors.ID.Gt(0)), "mentors"},
		"to a table cross joined": {repo.SelectValue(Books.Title).From(Authors).CrossJoin(mentors).Join(Books, expr.On(Books.AuthorID, mentors.ID)), ""},
		"to a statement around": {repo.SelectValue(Authors.Name).From(Authors).Where(repo.Exists[Author](
			repo.SelectValue(Books.ID).From(mentors).Join(Books, expr.On(Books.AuthorID, Authors.ID)))), ""},
		"or else, of an outer join": {repo.SelectValue(Authors.Name).From(Authors).LeftJoin(Books, expr.AnyOf(on, Books.ID.Eq(1))), ""},
		"or each, of an outer join": {repo.SelectValue(Authors.Name).From(Authors).LeftJoin(Books, expr.AnyOf(Authors.ID.Eq(1), Books.ID.Eq(1))), "books"},
		"or never":                  {repo.SelectValue(Books.Title).From(Authors).Join(Books, expr.AnyOf(on, Books.ID.In())), ""},
		"pairs apart":               {loose2.Join(second, apart), "books"},
		"pairs apart, or the same":  {loose2.Join(second, expr.AnyOf(apart, apart)), "books"},
		"to one or the other":       {loose2.Where(expr.On(mentors.ID, Authors.MentorID), expr.AnyOf(on, expr.On(Books.AuthorID, mentors.ID))), ""},
		"by way of either":          {loose2.Where(expr.AnyOf(on, expr.On(mentors.ID, Authors.MentorID)), expr.On(Books.AuthorID, mentors.ID)), ""},
		"only one of two":           {loose2.Where(expr.AnyOf(on, expr.On(mentors.ID, Authors.MentorID))), "books"},
		"of many":                   {loose2.Where(expr.On(mentors.ID, Authors.MentorID), expr.AnyOf(slices.Repeat([]expr.Cond{on}, 5000)...)), ""},
		"within":                    {repo.SelectValue(Authors.Name).From(Authors).Where(repo.Exists[Author](loose)), "books"},
	} {
		_, _, err := c.q.SQL(postgres.New())
		if (err == nil) != (c.loose == "") || err != nil && !strings.Contains(err.Error(), "ties "+c.loose+" to") {
			t.Errorf("%s: %v", name, err)
		}
	}
	one := repo.As[onlyTitles](repo.Select(func(r *title) repo.Columns { return repo.Into(repo.To(&r.Title, Books.Title)) }).From(Books).Limit(1), "one")
	if _, _, err := repo.SelectValue(one.Title).From(Authors).JoinLateral(one, nil).SQL(postgres.New()); err == nil || !strings.Contains(err.Error(), "ties one") {
		t.Error("a lateral join that names nothing before it:", err)
	}
	for name, q := range map[string]repo.Selection[string]{
		"by a column": repo.SelectValue(Books.Title).From(Books).Where(expr.On(Books.AuthorID, Authors.ID)),
		"by a query's column": repo.SelectValue(Books.Title).From(Books).Where(repo.In(Books.AuthorID,
			repo.SelectValue(mentors.ID).From(mentors).Where(mentors.ID.EqTo(Authors.MentorID)))),
		"ties: not by a query's own column": repo.SelectValue(Books.Title).From(Books).Where(repo.In(Books.AuthorID, repo.SelectValue(Authors.ID).From(Authors))),
	} {
		of := repo.As[onlyTitles](repo.Select(func(r *title) repo.Columns { return repo.Into(repo.To(&r.Title, Books.Title)) }).From(Books).Where(repo.In(Books.Title, q)), "of")
		_, _, err := repo.SelectValue(of.Title).From(Authors).JoinLateral(of, nil).SQL(postgres.New())
		if loose := strings.HasPrefix(name, "ties: "); loose != (err != nil) || loose && !strings.Contains(err.Error(), "ties of") {
			t.Errorf("lateral, %s: %v", name, err)
		}
	}
	if _, _, err := repo.SelectValue(one.Title).From(Authors).JoinLateral(one, expr.Every[title]()).SQL(postgres.New()); err != nil {
		t.Error("a lateral join that is meant for every row:", err)
	}
}

// A relation ties the columns that join it to what its conditions read.
func TestJoinsByRelations(t *testing.T) {
	boss := schema.As(People, "boss")
	noted := repo.SelectValue(People.Name).From(People)
	town(t, func(t *testing.T, db *engine.Engine) {
		for name, c := range map[string]struct {
			q    repo.Selection[string]
			want string // "" for a join of all rows
		}{
			"a relation":             {noted.Join(Notes, Notes.Person.Is()), ""},
			"a relation's rows":      {noted.Join(Notes, Notes.Person.Is(People.Name.Eq("Ann"))), ""},
			"through a table":        {noted.Join(boss, boss.Clubs.Any()), ""},
			"in Where":               {noted.Join(Notes, Notes.ID.Gt(0)).Where(People.Notes.Any()), ""},
			"one or the other":       {noted.Join(Notes, expr.AnyOf(expr.On(Notes.PersonID, People.ID), People.Clubs.Any())), ""},
			"within":                 {noted.Where(repo.Exists[Person](repo.SelectValue(Notes.ID).From(boss).Join(Notes, Notes.Person.Is()))), ""},
			"what it reads":          {noted.Join(boss, boss.Clubs.Any(Clubs.Name.NeTo(People.Name), Clubs.ID.Eq(1))).OrderBy(boss.ID.Asc(), People.ID.Asc()), "[Ann Bob Cy Ann Bob Cy]"},
			"what it counts":         {noted.Join(boss, boss.Notes.Count().EqTo(People.ID)), "[Bob Ann]"},
			"beside what ties":       {noted.Join(Notes, expr.AllOf(expr.On(Notes.PersonID, People.ID), People.Clubs.None())), "[Cy]"},
			"along, with a relation": {noted.JoinAlong(People.Boss.To(boss)).Where(boss.Notes.Any()), "[Bob]"},
		} {
			got, err := c.q.All(t.Context(), db)
			if c.want == "" && (err == nil || !strings.Contains(err.Error(), "ties ")) || c.want != "" && (err != nil || fmt.Sprint(got) != c.want) {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
		ns := repo.New[Note](db, repo.OwnUnit())
		for name, c := range map[string]repo.Change[Note]{
			"UPDATE":                ns.Updating(Notes.Text.SetTo(People.Name)).Join(People, People.ID.Gt(0)).Where(Notes.Person.Is(People.Name.Eq("Cy"))),
			"DELETE":                ns.Deleting().Join(People, People.ID.Eq(1)).Where(Notes.Person.Is()),
			"DELETE and a subquery": ns.Deleting().Join(People, People.ID.Eq(1)).Where(repo.Exists[Note](repo.SelectValue(Clubs.ID).From(Clubs))),
		} {
			if n, err := c.Exec(t.Context()); err == nil || !strings.Contains(err.Error(), "ties people") {
				t.Errorf("%s: %d, %v", name, n, err)
			}
		}
		n, err := ns.Deleting().Join(People, People.Clubs.None(Clubs.ID.GtTo(Notes.ID))).Where(People.ID.Eq(2)).Exec(t.Context())
		if err != nil || n != 2 {
			t.Error("by a relation:", n, err)
		}
	})
}

type title struct{ Title string }

type onlyTitles struct {
	schema.Table[title]
	Title expr.Column[title, string]
}

// A row is not written because there is some row in another table.
func TestChangesByJoinsThatTieNothing(t *testing.T) {
	library(t, func(t *testing.T, db *engine.Engine) {
		as, bs := repo.New[Author](db, repo.OwnUnit()), repo.New[Book](db, repo.OwnUnit())
		mentor := expr.On(Authors.MentorID, Books.AuthorID)
		for name, c := range map[string]repo.Change[Book]{
			"of a row of its own":     bs.Deleting().Join(Authors, Authors.ID.Eq(1)),
			"and a condition of each": bs.Deleting().Join(Authors, Authors.ID.Eq(1)).Where(Books.ID.Gt(0)),
			"or else":                 bs.Updating(Books.Title.Set("x")).Join(Authors, expr.AnyOf(mentor, Authors.ID.Gt(0))),
		} {
			if n, err := c.Exec(t.Context()); err == nil || !strings.Contains(err.Error(), "ties authors") {
				t.Errorf("%s: %d, %v", name, n, err)
			}
		}
		on := expr.On(Books.AuthorID, Authors.ID)
		for name, c := range map[string]repo.Change[Book]{
			"UPDATE":       bs.Updating(Books.Title.Set("x")).Join(Authors, on).Where(expr.And[Book]()),
			"DELETE":       bs.Deleting().Join(Authors, on).Where(expr.And[Book]()),
			"or of none":   bs.Deleting().Join(Authors, on).Where(expr.Or[Book](), Books.ID.Gt(0)),
			"further down": bs.Deleting().Join(Authors, on).Where(expr.Or(expr.And[Book](), Books.ID.Gt(0))),
			"in the join":  bs.Deleting().Join(Authors, expr.AllOf(on, expr.And[Author]())),
		} {
			if n, err := c.Exec(t.Context()); err == nil || !strings.Contains(err.Error(), "of nothing") {
				t.Errorf("a condition of nothing, %s: %d, %v", name, n, err)
			}
		}
		if n, err := bs.Updating(Books.Title.SetTo(Books.Title)).Join(Authors, expr.Every[Author]()).Where(Authors.ID.Eq(1), Books.ID.Lt(3)).Exec(t.Context()); err != nil || n != 2 {
			t.Error("every row, which is said:", n, err)
		}
		if n, err := bs.Count(t.Context()); err != nil || n != 6 {
			t.Fatal(n, err)
		}
		if n, err := bs.Deleting().Join(Authors, Authors.Name.Eq("Ann")).Where(expr.On(Books.AuthorID, Authors.ID)).Exec(t.Context()); err != nil || n != 2 {
			t.Error("tied by Where:", n, err)
		}
		if n, err := as.Updating(Authors.City.Set("x")).Join(Books, mentor).Where(Books.Price.Gt(35)).Exec(t.Context()); err != nil || n != 1 {
			t.Error("tied by Join:", n, err)
		}
	})
}
