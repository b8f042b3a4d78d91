package rel_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	_ "github.com/glebarez/sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// The model of the tests of joins: a composite key, a one-to-one, many-to-many with
// a composite side, one from a table to itself, and a tree.
type (
	Harbour struct {
		ID       int64
		Name     string
		Ships    rel.Many[Ship]
		Visitors rel.Many[Ship]
	}
	harbours struct {
		schema.Table[Harbour]
		ID       expr.Column[Harbour, int64]
		Name     expr.Column[Harbour, string]
		Ships    rel.ToMany[Harbour, Ship]
		Visitors rel.ToMany[Harbour, Ship]
	}

	Ship struct {
		Flag   string
		Number int32
		Name   string
		HomeID *int64
		Home   rel.One[Harbour]
		Visits rel.Many[Harbour]
		Log    rel.One[Logbook]
		Crew   rel.Many[Sailor]
	}
	ships struct {
		schema.Table[Ship]
		Flag   expr.Column[Ship, string]
		Number expr.Column[Ship, int32]
		Name   expr.Column[Ship, string]
		HomeID expr.Nullable[Ship, int64]
		Home   rel.ToOne[Ship, Harbour]
		Visits rel.ToMany[Ship, Harbour]
		Log    rel.ToOne[Ship, Logbook]
		Crew   rel.ToMany[Ship, Sailor]
	}

	Logbook struct {
		ID         int64
		Pages      int64
		ShipNumber int32
		ShipFlag   string
		Ship       rel.One[Ship]
	}
	logbooks struct {
		schema.Table[Logbook]
		ID         expr.Column[Logbook, int64]
		Pages      expr.Column[Logbook, int64]
		ShipNumber expr.Column[Logbook, int32]
		ShipFlag   expr.Column[Logbook, string]
		Ship       rel.ToOne[Logbook, Ship]
	}

	Sailor struct {
		ID         int64
		Name       string
		ShipFlag   *string
		ShipNumber *int32
		Ship       rel.One[Ship]
		BossID     *int64
		Boss       rel.One[Sailor]
		Mates      rel.Many[Sailor]
		Teachers   rel.Many[Sailor]
		Pupils     rel.Many[Sailor]
	}
	sailors struct {
		schema.Table[Sailor]
		ID         expr.Column[Sailor, int64]
		Name       expr.Column[Sailor, string]
		ShipFlag   expr.Nullable[Sailor, string]
		ShipNumber expr.Nullable[Sailor, int32]
		Ship       rel.ToOne[Sailor, Ship]
		BossID     expr.Nullable[Sailor, int64]
		Boss       rel.ToOne[Sailor, Sailor]
		Mates      rel.ToMany[Sailor, Sailor]
		Teachers   rel.ToMany[Sailor, Sailor]
		Pupils     rel.ToMany[Sailor, Sailor]
	}
)

type fleet struct {
	m        *schema.Metadata
	harbours *harbours
	ships    *ships
	logbooks *logbooks
	sailors  *sailors
	visits   *rel.Association
	lessons  *rel.Association
}

// newFleet is a model of its own, not yet sealed.
func newFleet() *fleet {
	f := &fleet{m: schema.NewMetadata()}
	in := schema.In(f.m)
	f.harbours = schema.Define("harbours", func(t *harbours) { schema.Column(t.ID).PrimaryKey() }, in)
	f.ships = schema.Define("ships", func(t *ships) {
		schema.PrimaryKey(t.Flag, t.Number)
		schema.Text(t.Flag).Size(2)
		rel.Via(t.Home).BackPopulates(f.harbours.Ships) // by the foreign key defined next
		schema.Column(t.HomeID).References(f.harbours.ID)
	}, in)
	f.logbooks = schema.Define("logbooks", func(t *logbooks) {
		schema.Column(t.ID).PrimaryKey()
		schema.Unique(t.ShipFlag, t.ShipNumber)
		schema.ForeignKey(t.ShipFlag, f.ships.Flag).And(t.ShipNumber, f.ships.Number).OnDelete(schema.Cascade)
		rel.Via(t.Ship, t.ShipNumber, t.ShipFlag).BackPopulates(f.ships.Log).Passive()
	}, in)
	f.sailors = schema.Define("sailors", func(t *sailors) {
		schema.Column(t.ID).PrimaryKey()
		schema.ForeignKey(t.ShipFlag, f.ships.Flag).And(t.ShipNumber, f.ships.Number)
		rel.Via(t.Ship, t.ShipFlag, t.ShipNumber).BackPopulates(f.ships.Crew)
		schema.Column(t.BossID).References(t.ID)
		rel.Via(t.Boss, t.BossID).BackPopulates(t.Mates)
		f.lessons = rel.ManyToMany("lessons", t.Teachers, t.Pupils)
	}, in)
	f.visits = rel.ManyToMany("visits", f.ships.Visits, f.harbours.Visitors)
	return f
}

// open opens a database of that URL with the fleet's tables in it.
func (f *fleet) open(t *testing.T, url string) *engine.Engine {
	t.Helper()
	db, err := engine.Open(url, engine.Metadata(f.m))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.DropAll(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
		db.Close()
	})
	if err := errors.Join(db.DropAll(t.Context()), db.CreateAll(t.Context())); err != nil {
		t.Fatal(err)
	}
	return db
}

// onEach runs a test on SQLite, and on PostgreSQL where there is one.
func onEach(t *testing.T, f func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { f(t, "sqlite://:memory:") })
	t.Run("postgres", func(t *testing.T) {
		url := os.Getenv("DORMER_TEST_POSTGRES")
		if url == "" {
			t.Skip("DORMER_TEST_POSTGRES is not set")
		}
		f(t, url)
	})
}

// exec runs statements.
func exec(t *testing.T, db *engine.Engine, list ...string) {
	t.Helper()
	for _, sql := range list {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// names are the values of one column of the rows that meet cond, in the order of
// the terms, or of the column itself.
func names(t *testing.T, db *engine.Engine, from schema.Handle, column expr.Any, cond expr.Cond, order ...expr.Ordering) string {
	t.Helper()
	s := &expr.SelectStmt{Columns: []expr.Node{expr.NodeOf(column)}, From: schema.SourceOf(from), Limit: -1, Offset: -1}
	if cond != nil {
		s.Where = expr.NodeOf(cond)
	}
	for _, o := range order {
		s.OrderBy = append(s.OrderBy, o.Term())
	}
	s.OrderBy = append(s.OrderBy, expr.OrderTerm{X: expr.NodeOf(column)})
	c, err := dialect.Compile(db.Dialect(), s)
	if err != nil {
		t.Error(err)
		return ""
	}
	var list []string
	if err := db.Select(t.Context(), &list, c.SQL, c.Args...); err != nil {
		t.Errorf("%s: %v", c.SQL, err)
	}
	return strings.Join(list, " ")
}

// refused calls f, which must panic with a *schema.DefineError that has all words.
func refused(t *testing.T, name string, f func(), words ...string) {
	t.Helper()
	defer func() {
		t.Helper()
		v := recover()
		err, _ := v.(error)
		var e *schema.DefineError
		if !errors.As(err, &e) {
			t.Errorf("%s: no DefineError: %v", name, v)
			return
		}
		for _, w := range words {
			if !strings.Contains(e.Error(), w) {
				t.Errorf("%s: %q does not say %q", name, e, w)
			}
		}
	}()
	f()
	t.Errorf("%s: no panic", name)
}
