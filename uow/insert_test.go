package uow_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	_ "github.com/glebarez/sqlite"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

type crate struct {
	ID   int64
	Name string
}

type crates struct {
	schema.Table[crate]
	ID   expr.Column[crate, int64]
	Name expr.Column[crate, string]
}

var crateMeta = schema.NewMetadata()

var _ = schema.Define("crates", func(t *crates) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Unique()
}, schema.In(crateMeta))

// insertCrates adds so many crates that they take several statements, and
// returns the statements that began with INSERT.
func insertCrates(t *testing.T, setup ...string) (inserts []string, db *engine.Engine, err error) {
	t.Helper()
	ctx := context.Background()
	db, err = engine.Open("sqlite://:memory:", engine.Metadata(crateMeta), engine.Observer(func(_ context.Context, s engine.Statement) {
		if strings.HasPrefix(s.SQL, "INSERT") {
			inserts = append(inserts, s.SQL)
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.CreateAll(ctx); err != nil {
		t.Fatal(err)
	}
	err = uow.Run(ctx, db, func(ctx context.Context, u *uow.UnitOfWork) error {
		for _, s := range setup {
			if _, err := u.Exec(ctx, s); err != nil {
				t.Fatal(s, err)
			}
		}
		inserts = nil
		es := make([]*crate, 500)
		for i := range es {
			es[i] = &crate{Name: strings.Repeat("x", i+1)}
		}
		return repo.New[crate](db).Add(ctx, es...)
	})
	return inserts, db, err
}

// Tables without triggers are written without a statement's journal, tables
// with triggers as if nothing were: what their own OR clauses say holds.
func TestInsertsLeaveTriggersTheirClauses(t *testing.T) {
	inserts, _, err := insertCrates(t)
	if err != nil || len(inserts) < 2 || !strings.HasPrefix(inserts[0], "INSERT OR FAIL INTO ") {
		t.Fatalf("%d inserts: %v", len(inserts), err)
	}
	for kind, temp := range map[string]string{"a trigger": "", "a temporary trigger": "TEMP "} {
		inserts, db, err := insertCrates(t, "CREATE TABLE lengths (n INTEGER PRIMARY KEY)",
			"CREATE "+temp+"TRIGGER note AFTER INSERT ON crates BEGIN INSERT OR IGNORE INTO lengths VALUES (length(new.name) / 100); END")
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		for _, s := range inserts {
			if strings.Contains(s, "OR FAIL") {
				t.Errorf("%s: %s", kind, s)
			}
		}
		var n int
		if err := db.DB().Get(&n, "SELECT count(*) FROM lengths"); err != nil || n != 6 {
			t.Errorf("%s wrote %d rows, want 6: %v", kind, n, err)
		}
	}
}

// A violation in the middle of many rows leaves none of them.
func TestInsertsThatFailLeaveNothing(t *testing.T) {
	_, db, err := insertCrates(t, "INSERT INTO crates (name) VALUES ('"+strings.Repeat("x", 300)+"')")
	var unique *dialect.UniqueViolation
	if !errors.As(err, &unique) {
		t.Fatalf("got %v, want a unique violation", err)
	}
	var n int
	if err := db.DB().Get(&n, "SELECT count(*) FROM crates"); err != nil || n != 0 {
		t.Errorf("%d rows are left: %v", n, err)
	}
}
