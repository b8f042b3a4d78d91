package rel_test

import (
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// crewed fills the fleet: Fram at home in Bergen with a logbook, Ann its captain
// with mates Bob and Cat; Maud in Malmo with Dan; Gjoa without home, crew or log.
func crewed(t *testing.T, db *engine.Engine) {
	exec(t, db,
		"INSERT INTO harbours (id, name) VALUES (1, 'Bergen'), (2, 'Malmo'), (3, 'Turku')",
		"INSERT INTO ships (flag, number, name, home_id) VALUES ('no', 1, 'Fram', 1), ('no', 2, 'Maud', 2), ('se', 1, 'Gjoa', NULL)",
		"INSERT INTO logbooks (id, pages, ship_flag, ship_number) VALUES (1, 9, 'no', 1), (2, 4, 'se', 1)",
		"INSERT INTO sailors (id, name, ship_flag, ship_number, boss_id) VALUES (1, 'Ann', 'no', 1, NULL), (2, 'Bob', 'no', 1, 1), (3, 'Cat', 'no', 1, 1), (4, 'Dan', 'no', 2, NULL), (5, 'Eve', NULL, NULL, NULL)",
		"INSERT INTO visits (ship_flag, ship_number, harbour_id) VALUES ('no', 1, 2), ('no', 1, 3), ('se', 1, 3)",
		"INSERT INTO lessons (teacher_id, pupil_id) VALUES (1, 2), (2, 3), (1, 4)")
}

func TestConditions(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		f := newFleet()
		db := f.open(t, url)
		crewed(t, db)
		h, s, b, p := f.harbours, f.ships, f.logbooks, f.sailors
		other := schema.As(p, "other")
		for _, c := range []struct {
			what string
			from schema.Handle
			x    expr.Any
			cond expr.Cond
			want string
		}{
			{"any", h, h.Name, h.Ships.Any(), "Bergen Malmo"},
			{"any of", h, h.Name, h.Ships.Any(s.Name.Eq("Fram")), "Bergen"},
			{"any of all", h, h.Name, h.Ships.Any(s.Name.Eq("Fram"), s.Flag.Eq("se")), ""},
			{"none", h, h.Name, h.Ships.None(), "Turku"},
			{"none of", h, h.Name, h.Ships.None(s.Name.Eq("Fram")), "Malmo Turku"},
			{"count", s, s.Name, s.Crew.Count().Ge(1), "Fram Maud"},
			{"count of", s, s.Name, s.Crew.Count(p.Name.Ne("Ann")).Eq(2), "Fram"},
			{"count 0", s, s.Name, s.Crew.Count().Eq(0), "Gjoa"},
			{"is", s, s.Name, s.Home.Is(h.Name.Eq("Malmo")), "Maud"},
			{"is there", s, s.Name, s.Home.Is(), "Fram Maud"},
			{"null", s, s.Name, s.Home.IsNull(), "Gjoa"},
			{"not null", s, s.Name, s.Home.IsNotNull(), "Fram Maud"},
			{"null of two columns", p, p.Name, p.Ship.IsNull(), "Eve"},
			{"not null of two columns", p, p.Name, p.Ship.IsNotNull(), "Ann Bob Cat Dan"},
			{"composite is", b, expr.Cast[string](b.Pages), b.Ship.Is(s.Name.Eq("Fram")), "9"},
			{"one-to-one", s, s.Name, s.Log.Is(b.Pages.Gt(5)), "Fram"},
			{"one-to-one null", s, s.Name, s.Log.IsNull(), "Maud"},
			{"one-to-one not null", s, s.Name, s.Log.IsNotNull(), "Fram Gjoa"},
			{"many-to-many", s, s.Name, s.Visits.Any(h.Name.Eq("Turku")), "Fram Gjoa"},
			{"many-to-many back", h, h.Name, h.Visitors.Any(s.Name.Eq("Fram")), "Malmo Turku"},
			{"many-to-many count", h, h.Name, h.Visitors.Count().Gt(1), "Turku"},
			{"many-to-many none", h, h.Name, h.Visitors.None(), "Bergen"},
			{"self", p, p.Name, p.Mates.Any(p.Name.Eq("Cat")), "Ann"},
			{"self to-one", p, p.Name, p.Boss.Is(p.Name.Eq("Ann")), "Bob Cat"},
			{"teachers", p, p.Name, p.Teachers.Any(p.Name.Eq("Ann")), "Bob Dan"},
			{"pupils", p, p.Name, p.Pupils.Any(p.Name.Eq("Cat")), "Bob"},
			{"of an alias", other, other.Name, other.Mates.Any(p.Name.Eq("Cat")), "Ann"},
			{"null of an alias", other, other.Name, other.Ship.IsNull(), "Eve"},
			{"outer row by alias", other, other.Name, other.Mates.Any(p.Name.GtTo(other.Name)), "Ann"},
			{"nested", h, h.Name, h.Ships.Any(s.Crew.Any(p.Name.Eq("Bob"))), "Bergen"},
			{"nested, through", h, h.Name, h.Visitors.Any(s.Log.Is(b.Pages.Lt(5)), s.Home.IsNull()), "Turku"},
			{"nested, self", p, p.Name, p.Pupils.Any(p.Pupils.Any()), "Ann"},
			{"in a junction", s, s.Name, expr.Or(s.Home.IsNull(), s.Crew.Any(p.Name.Eq("Dan"))), "Gjoa Maud"},
			{"negated", p, p.Name, expr.Not(p.Ship.Is(s.Flag.Eq("no"))), "Eve"},
		} {
			if got := names(t, db, c.from, c.x, c.cond); got != c.want {
				t.Errorf("%s: got %q, want %q", c.what, got, c.want)
			}
		}
		for _, c := range []struct {
			what  string
			from  schema.Handle
			x     expr.Any
			order []expr.Ordering
			want  string
		}{
			{"by to-one", s, s.Name, []expr.Ordering{s.Home.By(h.Name.Desc().NullsLast())}, "Maud Fram Gjoa"},
			{"nulls first", s, s.Name, []expr.Ordering{s.Home.By(h.Name.Asc().NullsFirst())}, "Gjoa Fram Maud"},
			{"by one-to-one", s, s.Name, []expr.Ordering{s.Log.By(b.Pages.Asc().NullsLast())}, "Gjoa Fram Maud"},
			{"by self", p, p.Name, []expr.Ordering{p.Boss.By(p.Name.Asc().NullsLast()), p.Name.Desc()}, "Cat Bob Eve Dan Ann"},
			{"by to-one of to-one", p, p.Name, []expr.Ordering{p.Ship.By(s.Home.By(h.Name.Desc()).NullsLast()), p.Name.Asc()}, "Dan Ann Bob Cat Eve"},
			{"by count", h, h.Name, []expr.Ordering{h.Visitors.Count().Desc()}, "Turku Malmo Bergen"},
			{"by count of", h, h.Name, []expr.Ordering{h.Visitors.Count(s.Flag.Eq("se")).Asc()}, "Bergen Malmo Turku"},
		} {
			if got := names(t, db, c.from, c.x, nil, c.order...); got != c.want {
				t.Errorf("%s: got %q, want %q", c.what, got, c.want)
			}
		}
	})
}

// IsNull asks the foreign key, and not whether its row is there.
func TestIsNullAsksTheForeignKey(t *testing.T) {
	f := newFleet()
	f.m.Seal()
	d := sqlite.New()
	for want, x := range map[string]expr.Any{
		`"home_id" IS NULL`:                                f.ships.Home.IsNull(),
		`"home_id" IS NOT NULL`:                            f.ships.Home.IsNotNull(),
		`"ship_flag" IS NULL OR "ship_number" IS NULL`:     f.sailors.Ship.IsNull(),
		`"ship_flag" IS NOT NULL AND "ship_number" IS NOT`: f.sailors.Ship.IsNotNull(),
	} {
		got, err := dialect.Inline(d, expr.NodeOf(x))
		if err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
	// Columns of an alias are made once, since statements are kept by them.
	a := schema.As(f.ships, "a")
	x, y := expr.Columns(expr.NodeOf(a.Home.IsNull())), expr.Columns(expr.NodeOf(a.Home.IsNull()))
	if x[0] != y[0] || x[0].Source != schema.SourceOf(a) {
		t.Error("each call has its own column")
	}
}

// Conditions may be package variables: they are built before the model is complete.
func TestConditionsBuiltBeforeTheModelIsSealed(t *testing.T) {
	m := schema.NewMetadata()
	s, ts := theatre("seats", m, nil)
	taken, single, free := s.Tickets.Any(ts.Note.Eq("x")), s.Only.IsNotNull(), s.Only.IsNull()
	early := ts.Old.IsNull() // nothing says yet by which column
	rel.Via(ts.Seat, ts.Row, ts.Col).BackPopulates(s.Tickets)
	rel.Via(ts.Old, ts.OldRow, ts.OldCol)
	late := ts.Old.IsNull()
	rel.Via(ts.Another, ts.Row, ts.Col).BackPopulates(s.Only)
	db, err := engine.Open("sqlite://:memory:", engine.Metadata(m))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.CreateAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, db, `INSERT INTO seats ("row", col) VALUES (1, 1), (1, 2), (2, 1)`,
		`INSERT INTO tickets (id, note, "row", col, line, old_row) VALUES (1, 'x', 1, 1, 0, 7), (2, 'y', 1, 2, 0, NULL)`)
	if got := names(t, db, s, expr.Cast[string](s.Row), taken); got != "1" {
		t.Error(got)
	}
	if got := names(t, db, s, expr.Cast[string](s.Row), single); got != "1 1" {
		t.Error(got)
	}
	if got := names(t, db, s, expr.Cast[string](s.Row), free); got != "2" {
		t.Error(got)
	}
	if got := names(t, db, ts, ts.Note, late); got != "x y" { // one part of two is NULL, too
		t.Error(got)
	}
	broken(t, "built too early", ts, early, "tickets.Old", "built before rel.Via")
}

// broken has a condition compiled, whose error must have all words.
func broken(t *testing.T, what string, from schema.Handle, cond expr.Cond, words ...string) {
	t.Helper()
	def := schema.DefOf(from)
	_, err := dialect.Compile(sqlite.New(), &expr.SelectStmt{Columns: []expr.Node{def.Columns[0].Ref}, From: def.Source, Where: expr.NodeOf(cond), Limit: -1, Offset: -1})
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("%s: %v does not say %q", what, err, w)
		}
	}
}

func TestConditionsThatCannotBeBuilt(t *testing.T) {
	s, ts := theatre("seats", schema.NewMetadata(), nil)
	var many rel.ToMany[Seat, Ticket]
	var one rel.ToOne[Ticket, Seat]
	for what, c := range map[string]expr.Expr[Seat]{
		"any": many.Any(), "none": many.None(ts.Note.Eq("x")), "count": many.Count().Gt(1),
	} {
		broken(t, what, s, c, "not bound")
	}
	for what, c := range map[string]expr.Expr[Ticket]{
		"is": one.Is(), "null": one.IsNull(), "not null": one.IsNotNull(),
	} {
		broken(t, what, ts, c, "not bound")
	}
	if _, ok := one.By(s.Row.Asc()).Term().X.(*expr.ErrorNode); !ok {
		t.Error("By of a zero handle is no error")
	}
	broken(t, "not joined, to-many", s, s.Tickets.Any(), "seats.Tickets", "rel.Via")
	broken(t, "not joined, to-one", ts, ts.Seat.Is(), "tickets.Seat", "rel.Via(t.Seat, …)")
	broken(t, "not joined, null", ts, ts.Seat.IsNull(), "tickets.Seat", "not joined")

	f := newFleet()
	broken(t, "zero condition", f.harbours, f.harbours.Ships.Any(expr.Expr[Ship]{}), "zero Expr")
	broken(t, "zero among others", f.harbours, f.harbours.Ships.Any(f.ships.Name.Eq("x"), expr.Expr[Ship]{}), "zero Expr")
	broken(t, "start not in FROM", f.harbours, schema.As(f.harbours, "h").Ships.Any(), "h")
	if _, ok := f.ships.Home.By(expr.Order[Harbour]{}).Term().X.(*expr.RelatedNode).Value.(*expr.ErrorNode); !ok {
		t.Error("By of a zero Order is no error")
	}
	m := schema.NewMetadata()
	_, ts = theatre("seats", m, func(t *tickets, s *seats) { rel.Via(t.Seat) })
	broken(t, "no foreign key yet", ts, ts.Seat.IsNull(), "no foreign key leads")
}

func TestByKeepsTheTerm(t *testing.T) {
	f := newFleet()
	got := f.ships.Home.By(f.harbours.Name.Desc().NullsFirst()).Term()
	n, ok := got.X.(*expr.RelatedNode)
	if !ok || n.Kind != expr.RelatedValue || n.Value != expr.Node(f.harbours.Name.Ref()) || n.From != schema.SourceOf(f.ships) || !got.Desc || got.Nulls != expr.NullsFirst {
		t.Errorf("%+v", got)
	}
}
