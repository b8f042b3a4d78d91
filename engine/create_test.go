package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

type (
	grade string

	club struct {
		ID      int64
		Name    string
		Grade   grade
		OwnerID *int64
	}
	clubs struct {
		schema.Table[club]
		ID      expr.Column[club, int64]
		Name    expr.Column[club, string]
		Grade   expr.Column[club, grade]
		OwnerID expr.Nullable[club, int64]
	}
	member struct {
		ID     int64
		ClubID int64
		Grade  grade
	}
	members struct {
		schema.Table[member]
		ID     expr.Column[member, int64]
		ClubID expr.Column[member, int64]
		Grade  expr.Column[member, grade]
	}
)

// model is two tables that point to each other and share an enum.
func model() (*schema.Metadata, *clubs, *members) {
	m := schema.NewMetadata()
	c := schema.Define("clubs", func(t *clubs) {
		schema.Column(t.ID).PrimaryKey()
		schema.Text(t.Name).Unique().Comment("what it is called")
		schema.Enum(t.Grade, "a", "b").Named("grade").ServerDefault(expr.Val(grade("a"))).ZeroIsDefault()
		schema.Index(expr.Lower(t.Name))
		schema.Check("ck_name", t.Name.Ne(""))
	}, schema.In(m))
	b := schema.Define("members", func(t *members) {
		schema.Column(t.ID).PrimaryKey()
		schema.Column(t.ClubID).References(c.ID)
		schema.Enum(t.Grade, "a", "b").Named("grade").ServerDefault(expr.Val(grade("a"))).ZeroIsDefault()
	}, schema.In(m))
	schema.ForeignKey(c.OwnerID, b.ID)
	return m, c, b
}

// onEach runs f on a file of SQLite and on PostgreSQL where there is one.
func onEach(t *testing.T, f func(t *testing.T, open func(*testing.T, ...engine.Option) *engine.Engine)) {
	t.Run("sqlite", func(t *testing.T) {
		url := "sqlite:///" + t.TempDir() + "/test.db"
		f(t, func(t *testing.T, opts ...engine.Option) *engine.Engine { return open(t, url, opts...) })
	})
	t.Run("postgres", func(t *testing.T) {
		f(t, func(t *testing.T, opts ...engine.Option) *engine.Engine {
			e := postgres(t, opts...)
			t.Cleanup(func() { _ = e.DropAll(context.Background()) })
			return e
		})
	})
}

func TestCreateAllAndDropAll(t *testing.T) {
	onEach(t, func(t *testing.T, open func(*testing.T, ...engine.Option) *engine.Engine) {
		m, c, b := model()
		var s seen
		e := open(t, engine.Metadata(m), engine.Observer(s.observe))
		ctx := t.Context()
		must(t, e.CreateAll(ctx))
		mustExec(t, e, "INSERT INTO clubs (name, grade) VALUES ('x', 'a')")
		mustExec(t, e, "INSERT INTO members (club_id, grade) VALUES (1, 'b')")
		mustExec(t, e, "UPDATE clubs SET owner_id = 1")

		// What exists stays, with all that is in it.
		must(t, e.CreateAll(ctx))
		must(t, e.CreateAll(ctx, b, c, b))
		var n int
		must(t, e.Get(ctx, &n, "SELECT count(*) FROM clubs"))
		if n != 1 {
			t.Errorf("%d clubs after the second CreateAll", n)
		}
		created := 0
		s.mu.Lock()
		for _, st := range s.list {
			if strings.HasPrefix(st.SQL, "CREATE ") && strings.Contains(st.SQL, `"`) {
				created++
			}
		}
		s.mu.Unlock()
		want := 3 // two tables and an index
		if e.Dialect().Capabilities().NativeEnums {
			want++
		}
		if created != want {
			t.Errorf("%d objects were created, want %d", created, want)
		}

		// The driver's error is typed, and names what the model knows.
		_, err := e.Exec(ctx, "INSERT INTO clubs (name, grade) VALUES ('x', 'a')")
		var u *dialect.UniqueViolation
		if !errors.As(err, &u) || u.Table != "clubs" || u.Constraint != "uq_clubs_name" || len(u.Columns) != 1 || u.Columns[0] != "name" {
			t.Errorf("%v: %+v", err, u)
		}
		_, err = e.Exec(ctx, "UPDATE clubs SET name = ''")
		var k *dialect.CheckViolation
		if !errors.As(err, &k) || k.Table != "clubs" || k.Constraint != "ck_name" {
			t.Errorf("%v: %+v", err, k)
		}
		if _, err = e.Exec(ctx, "UPDATE clubs SET grade = 'c'"); !errors.Is(err, dialect.ErrCheck) && !errors.Is(err, dialect.ErrValue) {
			t.Errorf("a value that is none of the enum's: %v", err)
		}
		if _, err = e.Exec(ctx, "UPDATE members SET club_id = 99"); !errors.Is(err, dialect.ErrForeignKey) {
			t.Errorf("a foreign key to nothing: %v", err)
		}

		// Rows that point to each other do not stand in the way.
		must(t, e.DropAll(ctx))
		must(t, e.DropAll(ctx))
		if _, err := e.Exec(ctx, "SELECT 1 FROM clubs"); !errors.Is(err, dialect.ErrUndefinedTable) {
			t.Errorf("after DropAll: %v", err)
		}
		must(t, e.CreateAll(ctx))
	})
}

func TestDropOfOneTableKeepsWhatOthersUse(t *testing.T) {
	onEach(t, func(t *testing.T, open func(*testing.T, ...engine.Option) *engine.Engine) {
		m, c, b := model()
		e := open(t, engine.Metadata(m))
		must(t, e.CreateAll(t.Context()))
		mustExec(t, e, "INSERT INTO clubs (name, grade) VALUES ('x', 'a')")
		if e.Dialect().Capabilities().AlterForeignKeys {
			mustExec(t, e, "ALTER TABLE clubs DROP CONSTRAINT fk_clubs_owner_id")
		}
		must(t, e.DropAll(t.Context(), b))
		must(t, e.CreateAll(t.Context(), c))
		mustExec(t, e, "UPDATE clubs SET grade = 'b'")
	})
}

// A failure leaves the database as it was.
func TestCreateAllIsAllOrNothing(t *testing.T) {
	onEach(t, func(t *testing.T, open func(*testing.T, ...engine.Option) *engine.Engine) {
		m := schema.NewMetadata()
		schema.Define("clubs", func(t *clubs) {
			schema.Column(t.ID).PrimaryKey()
			schema.Enum(t.Grade, "a").Default("a").ZeroIsDefault()
			schema.Index(t.Name).Where(expr.And(t.ID.Gt(0), expr.Raw[club]("no_such_column > 1")))
		}, schema.In(m))
		e := open(t, engine.Metadata(m))
		if err := e.CreateAll(t.Context()); err == nil {
			t.Fatal("no error")
		}
		if _, err := e.Exec(t.Context(), "SELECT 1 FROM clubs"); !errors.Is(err, dialect.ErrUndefinedTable) {
			t.Errorf("after the failure: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := e.CreateAll(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("with a cancelled context: %v", err)
		}
	})
}

func TestCreateAllAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, open func(*testing.T, ...engine.Option) *engine.Engine) {
		m, _, _ := model()
		e := open(t, engine.Metadata(m))
		var wg sync.WaitGroup
		for range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if err := e.CreateAll(t.Context()); err != nil {
					t.Error(err)
				}
			}()
		}
		wg.Wait()
	})
}

func TestCreateAllOfNoTable(t *testing.T) {
	e := file(t)
	var none *clubs
	for _, h := range []schema.Handle{nil, none, &clubs{}} {
		if err := e.CreateAll(t.Context(), h); err == nil || !strings.Contains(err.Error(), "schema.Define") {
			t.Error(err)
		}
		if err := e.DropAll(t.Context(), h); err == nil {
			t.Error("no error")
		}
	}
}
