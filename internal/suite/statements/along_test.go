package statements_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

var clubMeta = schema.NewMetadata()

// Person has a boss, notes, clubs, and halls that may be closed.
type Person struct {
	ID     int64
	Name   string
	BossID *int64
	Boss   rel.One[Person]
	Team   rel.Many[Person]
	Notes  rel.Many[Note]
	Clubs  rel.Many[Club]
	Halls  rel.Many[Hall]
}

type people struct {
	schema.Table[Person]
	ID     expr.Column[Person, int64]
	Name   expr.Column[Person, string]
	BossID expr.Nullable[Person, int64]
	Boss   rel.ToOne[Person, Person]
	Team   rel.ToMany[Person, Person]
	Notes  rel.ToMany[Person, Note]
	Clubs  rel.ToMany[Person, Club]
	Halls  rel.ToMany[Person, Hall]
}

var People = schema.Define("people", func(t *people) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.BossID).References(t.ID)
	rel.Via(t.Boss, t.BossID).BackPopulates(t.Team)
}, schema.In(clubMeta))

type Note struct {
	ID       int64
	PersonID int64
	Text     string
	Person   rel.One[Person]
}

type notes struct {
	schema.Table[Note]
	ID       expr.Column[Note, int64]
	PersonID expr.Column[Note, int64]
	Text     expr.Column[Note, string]
	Person   rel.ToOne[Note, Person]
}

var Notes = schema.Define("notes", func(t *notes) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.PersonID).References(People.ID)
	rel.Via(t.Person, t.PersonID).BackPopulates(People.Notes)
}, schema.In(clubMeta))

type Club struct {
	ID      int64
	Name    string
	Members rel.Many[Person]
}

type clubs struct {
	schema.Table[Club]
	ID      expr.Column[Club, int64]
	Name    expr.Column[Club, string]
	Members rel.ToMany[Club, Person]
}

var Clubs = schema.Define("clubs", func(t *clubs) { schema.Column(t.ID).PrimaryKey() }, schema.In(clubMeta))

type Hall struct {
	ID        int64
	DeletedAt *time.Time
	Guests    rel.Many[Person]
}

type halls struct {
	schema.Table[Hall]
	ID        expr.Column[Hall, int64]
	DeletedAt expr.Nullable[Hall, time.Time]
	Guests    rel.ToMany[Hall, Person]
}

var Halls = schema.Define("halls", func(t *halls) {
	schema.Column(t.ID).PrimaryKey()
	schema.SoftDelete(t.DeletedAt)
}, schema.In(clubMeta))

var (
	memberships = rel.ManyToMany("memberships", People.Clubs, Clubs.Members)
	visits      = rel.ManyToMany("visits", People.Halls, Halls.Guests)
)

// town calls f with a database of Ann, her Bob and his Cy; two notes of Ann's and one
// of Cy's; a club of Ann and Bob and one of Bob; and halls that Ann and Bob were in.
func town(t *testing.T, f func(t *testing.T, db *engine.Engine)) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		err := uow.Run(t.Context(), db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			ann := &Person{ID: 1, Name: "Ann", Notes: rel.Of(&Note{ID: 1, Text: "a"}, &Note{ID: 2, Text: "b"})}
			bob := &Person{ID: 2, Name: "Bob", Boss: rel.To(ann)}
			cy := &Person{ID: 3, Name: "Cy", Boss: rel.To(bob), Notes: rel.Of(&Note{ID: 3, Text: "c"})}
			chess, go_ := &Club{ID: 1, Name: "chess", Members: rel.Of(ann, bob)}, &Club{ID: 2, Name: "go", Members: rel.Of(bob)}
			if err := repo.New[Person](db).Add(ctx, ann, bob, cy); err != nil {
				return err
			}
			if err := repo.New[Club](db).Add(ctx, chess, go_); err != nil {
				return err
			}
			return repo.New[Hall](db).Add(ctx, &Hall{ID: 1, Guests: rel.Of(ann, bob)}, &Hall{ID: 2, Guests: rel.Of(ann)})
		})
		if err != nil {
			t.Fatal(err)
		}
		f(t, db)
	}, People, Notes, Clubs, Halls, memberships, visits)
}

type pairOf struct{ A, B string }

// pairs are the rows of a query, in the order of both.
func pairs(t *testing.T, db *engine.Engine, a, b expr.Yields[string], build func(repo.Selection[pairOf]) repo.Selection[pairOf]) string {
	t.Helper()
	q := repo.Select(func(p *pairOf) repo.Columns { return repo.Into(repo.To(&p.A, a), repo.To(&p.B, b)) })
	rows, err := build(q).All(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for _, r := range rows {
		out += r.A + "-" + r.B + " "
	}
	return strings.TrimSpace(out)
}

func TestJoinAlongARelation(t *testing.T) {
	boss := schema.As(People, "boss")
	town(t, func(t *testing.T, db *engine.Engine) {
		eq := func(got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		type S = repo.Selection[pairOf]
		eq(pairs(t, db, People.Name, Notes.Text, func(q S) S {
			return q.From(People).JoinAlong(People.Notes.To(Notes)).OrderBy(Notes.ID.Asc())
		}), "Ann-a Ann-b Cy-c")
		eq(pairs(t, db, Notes.Text, People.Name, func(q S) S {
			return q.From(Notes).JoinAlong(Notes.Person.To(People)).OrderBy(Notes.ID.Desc())
		}), "c-Cy b-Ann a-Ann")
		eq(pairs(t, db, People.Name, expr.Coalesce(boss.Name, "nobody"), func(q S) S {
			return q.From(People).LeftJoinAlong(People.Boss.To(boss)).OrderBy(People.ID.Asc())
		}), "Ann-nobody Bob-Ann Cy-Bob")
		eq(pairs(t, db, boss.Name, People.Name, func(q S) S { // from an alias
			return q.From(boss).JoinAlong(boss.Team.To(People)).OrderBy(People.ID.Asc())
		}), "Ann-Bob Bob-Cy")
		eq(pairs(t, db, People.Name, Clubs.Name, func(q S) S {
			return q.From(People).JoinAlong(People.Clubs.To(Clubs)).OrderBy(People.ID.Asc(), Clubs.ID.Asc())
		}), "Ann-chess Bob-chess Bob-go")
		eq(pairs(t, db, Clubs.Name, expr.Coalesce(People.Name, "-"), func(q S) S {
			return q.From(Clubs).LeftJoinAlong(Clubs.Members.To(People)).Where(expr.Or(Clubs.ID.Gt(1))).OrderBy(Clubs.ID.Asc())
		}), "go-Bob")
		other := schema.As(Clubs, "other")
		eq(pairs(t, db, Clubs.Name, other.Name, func(q S) S { // twice through one table
			return q.From(People).JoinAlong(People.Clubs.To(Clubs)).JoinAlong(People.Clubs.To(other)).
				Where(Clubs.ID.LtTo(other.ID)).OrderBy(Clubs.ID.Asc())
		}), "chess-go")
		eq(pairs(t, db, People.Name, expr.Coalesce(expr.Cast[string](Notes.ID), "none"), func(q S) S {
			return q.From(People).JoinAlong(People.Clubs.To(Clubs)).LeftJoinAlong(People.Notes.To(Notes)).OrderBy(People.ID.Asc(), Clubs.ID.Asc(), Notes.ID.Asc())
		}), "Ann-1 Ann-2 Bob-none Bob-none")

		n, err := repo.SelectValue(expr.CountAll()).From(People).JoinAlong(People.Halls.To(Halls)).Scalar(t.Context(), db)
		if err != nil || n != 3 {
			t.Errorf("%d visits, %v", n, err)
		}
		if n, err := repo.New[Hall](db, repo.OwnUnit()).DeleteWhere(t.Context(), Halls.ID.Eq(2)); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		n, err = repo.SelectValue(expr.CountAll()).From(People).JoinAlong(People.Halls.To(Halls)).Scalar(t.Context(), db)
		if err != nil || n != 2 {
			t.Errorf("%d visits to halls that are there, %v", n, err)
		}
	})
}

func TestJoinAlongWhatCannotBe(t *testing.T) {
	var unbound rel.ToMany[Person, Note]
	count := repo.SelectValue(expr.CountAll()).From(People)
	alias := schema.As(Notes, "n")
	for want, q := range map[string]repo.Selection[int64]{
		"not bound":         count.JoinAlong(unbound.To(Notes)),
		"not bound ":        count.JoinAlong(rel.Step{}),
		"handles of no":     count.JoinAlong(People.Notes.To((*notes)(nil))),
		"not in FROM":       count.JoinAlong(schema.As(People, "p").Notes.To(Notes)),
		"FROM twice":        count.JoinAlong(People.Notes.To(Notes)).JoinAlong(People.Notes.To(Notes)),
		"filters":           count.LeftJoinAlong(People.Halls.To(Halls)),
		"set operation":     count.Union(count).JoinAlong(People.Notes.To(alias)),
		"read, but clubs i": count.JoinAlong(People.Notes.To(Notes)).Where(Clubs.ID.Eq(1)),
	} {
		if _, _, err := q.SQL(postgres.New()); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// The rows joined may be those of an alias, and so may those that a join starts from.
func ExampleSelection_JoinAlong() {
	boss := schema.As(People, "boss")
	text, _, err := repo.SelectValue(People.Name).From(People).
		JoinAlong(People.Boss.To(boss)).LeftJoinAlong(boss.Notes.To(Notes)).SQL(postgres.New())
	fmt.Println(text, err)
	// Output:
	// SELECT "people"."name" FROM "people" JOIN "people" AS "boss" ON "people"."boss_id" = "boss"."id" LEFT JOIN "notes" ON "boss"."id" = "notes"."person_id" <nil>
}
