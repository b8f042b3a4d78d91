package upserts_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Note is a tenant's, and may be deleted softly.
type Note struct {
	ID      int64
	Tenant  int64
	Title   string
	Body    string
	Deleted *time.Time
}

type notes struct {
	schema.Table[Note]
	ID      expr.Column[Note, int64]
	Tenant  expr.Column[Note, int64]
	Title   expr.Column[Note, string]
	Body    expr.Column[Note, string]
	Deleted expr.Nullable[Note, time.Time]
}

var Notes = schema.Define("notes", func(t *notes) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Title).Unique().Size(40)
	schema.SoftDelete[Note](t.Deleted)
	schema.Tenant[Note](t.Tenant, "tenant")
}, schema.In(schema.NewMetadata()))

// What an upsert without regard to the tenant does is no rule for those of tenants,
// nor the other way round.
func TestUpsertsWithAndWithoutATenant(t *testing.T) {
	for name, order := range map[string][]string{"without first": {"without", "with"}, "with first": {"with", "without"}} {
		t.Run(name, func(t *testing.T) {
			both.Databases(t, func(t *testing.T, db *engine.Engine) {
				f := begin(t, db)
				ns := repo.New[Note](db, repo.OwnUnit())
				ctx := repo.WithParameter(t.Context(), "tenant", int64(2))
				_, err := ns.InsertAll(repo.WithParameter(t.Context(), "tenant", int64(1)), each(&Note{Title: "t", Body: "1"}))
				f.must(err)
				for _, how := range order {
					if how == "with" {
						if _, err = ns.Upsert(each(&Note{Title: "t", Body: "2"})).On(Notes.Title).Update(Notes.Body).Exec(ctx); !errors.Is(err, uow.ErrForeignTenant) {
							t.Errorf("another's row: %v", err)
						}
						continue
					}
					_, err = ns.Upsert(each(&Note{Tenant: 2, Title: "t", Body: "3"})).On(Notes.Title).Update(Notes.Body).Exec(repo.WithoutFilter(ctx, "tenant"))
					f.must(err)
				}
				got, err := repo.SelectValue(Notes.Body).From(Notes).All(repo.WithoutFilter(ctx, "tenant"), db)
				f.must(err)
				eq(f, fmt.Sprint(got), "[3]")
			}, Notes)
		})
	}
}

func TestUpsertOfTenantsAndDeletedRows(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		f := begin(t, db)
		ns := repo.New[Note](db, repo.OwnUnit())
		as := func(tenant int64) context.Context { return repo.WithParameter(t.Context(), "tenant", tenant) }
		all := func() string {
			es, err := ns.Untracked().WithDeleted().Unfiltered("tenant").Query().OrderBy(Notes.Body.Asc()).All(t.Context())
			f.must(err)
			out := ""
			for _, e := range es {
				out += fmt.Sprintf("%d:%s,%s,%v ", e.Tenant, e.Title, e.Body, e.Deleted != nil)
			}
			return out
		}
		upsert := func(ctx context.Context, n *Note) ([]*Note, error) {
			return ns.Upsert(each(n)).On(Notes.Title).Update(Notes.Body).All(ctx)
		}
		es, err := upsert(as(1), &Note{Title: "t", Body: "1"})
		f.must(err)
		given := &Note{Title: "t", Body: "2"}
		_, err = upsert(as(1), given)
		f.must(err)
		eq(f, *given, Note{Title: "t", Body: "2"})
		eq(f, all(), "1:t,2,false ")

		// What is another's is neither written over nor given.
		if _, err := upsert(as(2), &Note{Title: "t", Body: "3"}); !errors.Is(err, uow.ErrForeignTenant) {
			t.Errorf("got %v", err)
		}
		if _, err := upsert(as(2), &Note{Tenant: 1, Title: "u", Body: "3"}); !errors.Is(err, uow.ErrForeignTenant) {
			t.Errorf("got %v", err)
		}
		if _, err := upsert(t.Context(), &Note{Title: "t", Body: "3"}); err == nil {
			t.Error("an upsert for no tenant was written")
		}
		eq(f, all(), "1:t,2,false ")

		// Deleted rows stand in nobody's way, and stay as they are.
		n, err := ns.Deleting().Where(Notes.ID.Eq(es[0].ID)).Exec(as(1))
		f.must(err)
		eq(f, n, 1)
		_, err = upsert(as(2), &Note{Title: "t", Body: "4"})
		f.must(err)
		eq(f, all(), "1:t,2,true 2:t,4,false ")

		// By the primary key, Update of all columns brings a row back.
		_, err = ns.Upsert(each(&Note{ID: es[0].ID, Title: "back", Body: "5"})).Update().Exec(as(1))
		f.must(err)
		eq(f, all(), "2:t,4,false 1:back,5,false ")

		got, err := ns.UpdateReturning(as(1), expr.Every[Note](), Notes.Body.Set("6"))
		f.must(err)
		eq(f, len(got) == 1 && got[0].Title == "back", true)
		if _, err := ns.UpdateReturning(as(1), expr.Every[Note](), Notes.Tenant.Set(2)); err == nil {
			t.Error("a tenant was assigned")
		}
		got, err = ns.DeleteReturning(as(2), expr.Every[Note]())
		f.must(err)
		eq(f, len(got) == 1 && got[0].Deleted != nil, true)
		eq(f, all(), "2:t,4,true 1:back,6,false ")

		other := schema.As(Notes, "other")
		join := ns.Updating(Notes.Body.SetTo(other.Body)).Join(other, expr.On(other.Tenant, Notes.Tenant))
		n, err = join.Exec(as(2)) // neither the row nor its match is seen
		f.must(err)
		eq(f, n, 0)
		n, err = join.Exec(as(1))
		f.must(err)
		eq(f, n, 1)

		from := func(tenant bool) repo.Selection[Note] {
			return repo.Select(func(n *Note) repo.Columns {
				to := []repo.Target{repo.To(&n.Title, expr.Concat(Notes.Title, "!")), repo.To(&n.Body, Notes.Body)}
				if tenant {
					to = append(to, repo.To(&n.Tenant, Notes.Tenant))
				}
				return repo.Into(to...)
			}).From(Notes)
		}
		n, err = repo.InsertFrom(as(1), ns, from(false))
		f.must(err)
		eq(f, n, 1)
		n, err = repo.InsertFrom(as(2), ns, from(false)) // its only row is deleted
		f.must(err)
		eq(f, n, 0)
		if _, err := repo.InsertFrom(as(1), ns, from(true)); err == nil {
			t.Error("a query said whose the rows are")
		}
	}, Notes)
}
