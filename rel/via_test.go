package rel_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// pairs shows columns that are equal, near=far.
func pairs(ps [][2]*schema.ColumnDef) string {
	var list []string
	for _, p := range ps {
		list = append(list, p[0].Table.Name+"."+p[0].Name+"="+p[1].Table.Name+"."+p[1].Name)
	}
	return strings.Join(list, " ")
}

func linkPairs(l *rel.Link) string {
	var ps [][2]*schema.ColumnDef
	for i, c := range l.Columns {
		ps = append(ps, [2]*schema.ColumnDef{c, l.Targets[i]})
	}
	return pairs(ps)
}

func TestViaPairsColumns(t *testing.T) {
	f := newFleet()
	if err := f.m.Seal(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		r    *schema.RelationDef
		want string
	}{
		{f.ships.Home.Relation(), "ships.home_id=harbours.id"},
		{f.logbooks.Ship.Relation(), "logbooks.ship_number=ships.number logbooks.ship_flag=ships.flag"},
		{f.sailors.Ship.Relation(), "sailors.ship_flag=ships.flag sailors.ship_number=ships.number"},
		{f.sailors.Mates.Relation(), "sailors.boss_id=sailors.id"},
	} {
		if got := linkPairs(rel.LinkOf(c.r)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.r.Name, got, c.want)
		}
	}
	if l := rel.LinkOf(f.ships.Log.Relation()); l.Child != f.logbooks.Ship.Relation() || l.Parent != f.ships.Log.Relation() || l.Ownership != rel.Passive {
		t.Errorf("one-to-one: %+v", l)
	}
}

// A ticket leads to a seat in two ways, by keys of two columns.
type (
	Seat struct {
		Row, Col int
		Tickets  rel.Many[Ticket]
		Only     rel.One[Ticket]
	}
	seats struct {
		schema.Table[Seat]
		Row, Col expr.Column[Seat, int]
		Tickets  rel.ToMany[Seat, Ticket]
		Only     rel.ToOne[Seat, Ticket]
	}
	Ticket struct {
		ID                 int64
		Note               string
		Row, Col           int
		OldRow, OldCol     *int
		Line               int64
		Seat, Old, Another rel.One[Seat]
	}
	tickets struct {
		schema.Table[Ticket]
		ID                 expr.Column[Ticket, int64]
		Note               expr.Column[Ticket, string]
		Row, Col           expr.Column[Ticket, int]
		OldRow, OldCol     expr.Nullable[Ticket, int]
		Line               expr.Column[Ticket, int64]
		Seat, Old, Another rel.ToOne[Ticket, Seat]
	}
)

func theatre(name string, m *schema.Metadata, f func(t *tickets, s *seats)) (*seats, *tickets) {
	s := schema.Define(name, func(t *seats) { schema.PrimaryKey(t.Row, t.Col) }, schema.In(m))
	return s, schema.Define("tickets", func(t *tickets) {
		schema.Column(t.ID).PrimaryKey()
		if f != nil {
			f(t, s)
		}
	}, schema.In(m))
}

func TestViaAtSealing(t *testing.T) {
	key := func(t *tickets, s *seats) *schema.ForeignKeyDefinition {
		return schema.ForeignKey(t.Row, s.Row).And(t.Col, s.Col)
	}
	old := func(t *tickets, s *seats) *schema.ForeignKeyDefinition {
		return schema.ForeignKey(t.OldCol, s.Col).And(t.OldRow, s.Row)
	}
	for name, c := range map[string]struct {
		f    func(t *tickets, s *seats)
		want string // pairs, or words of the error after "!"
	}{
		"no foreign key": {func(t *tickets, s *seats) { rel.Via(t.Seat, t.Row, t.Col) }, "tickets.row=seats.row tickets.col=seats.col"},
		"key's order":    {func(t *tickets, s *seats) { rel.Via(t.Seat, t.Col, t.Row) }, "tickets.col=seats.row tickets.row=seats.col"},
		"foreign key, any order": {func(t *tickets, s *seats) { rel.Via(t.Seat, t.Col, t.Row); key(t, s) },
			"tickets.col=seats.col tickets.row=seats.row"},
		"nullable":       {func(t *tickets, s *seats) { rel.Via(t.Seat, t.OldRow, t.OldCol); old(t, s) }, "tickets.old_row=seats.row tickets.old_col=seats.col"},
		"derived":        {func(t *tickets, s *seats) { rel.Via(t.Seat); old(t, s) }, "tickets.old_col=seats.col tickets.old_row=seats.row"},
		"derived, twice": {func(t *tickets, s *seats) { rel.Via(t.Seat); key(t, s); key(t, s).Name("again") }, "tickets.row=seats.row tickets.col=seats.col"},
		"one of several": {func(t *tickets, s *seats) { key(t, s); old(t, s); rel.Via(t.Seat, t.OldRow, t.OldCol) }, "tickets.old_row=seats.row tickets.old_col=seats.col"},

		"none":          {func(t *tickets, s *seats) { rel.Via(t.Seat) }, "!relation Seat|no foreign key leads from tickets|rel.Via(t.Seat, …)|(row, col)"},
		"several":       {func(t *tickets, s *seats) { rel.Via(t.Seat); key(t, s); old(t, s) }, "!relation Seat|2 foreign keys lead from tickets to seats|rel.Via(t.Seat, t.Row, t.Col) or rel.Via(t.Seat, t.OldCol, t.OldRow)"},
		"too few":       {func(t *tickets, s *seats) { rel.Via(t.Seat, t.Row) }, "!relation Seat|names (row)|key of seats is (row, col)"},
		"types":         {func(t *tickets, s *seats) { rel.Via(t.Seat, t.Row, t.Line) }, "!column line is int64, but seats.col is int"},
		"own table":     {func(t *tickets, s *seats) { schema.ForeignKey(t.Line, t.ID); rel.Via(t.Seat, t.Line) }, "!refers to table tickets"},
		"passive":       {func(t *tickets, s *seats) { key(t, s); rel.Via(t.Seat, t.Row, t.Col).Passive() }, "!ON DELETE NO ACTION|schema.ForeignKey(…).And(…).OnDelete(schema.Cascade)|Own or Keep"},
		"passive, none": {func(t *tickets, s *seats) { rel.Via(t.Seat, t.Row, t.Col).Passive() }, "!there is none over (row, col)"},
		"passive, restrict": {func(t *tickets, s *seats) {
			key(t, s).OnDelete(schema.Restrict)
			rel.Via(t.Seat, t.Row, t.Col).Passive()
		}, "!ON DELETE RESTRICT"},
		"passive, cascade":  {func(t *tickets, s *seats) { rel.Via(t.Seat).Passive(); key(t, s).OnDelete(schema.Cascade) }, "tickets.row=seats.row tickets.col=seats.col"},
		"passive, set null": {func(t *tickets, s *seats) { rel.Via(t.Seat).Passive(); old(t, s).OnDelete(schema.SetNull) }, "tickets.old_col=seats.col tickets.old_row=seats.row"},
	} {
		m := schema.NewMetadata()
		_, ts := theatre("seats", m, c.f)
		err := m.Seal()
		words, wrong := strings.CutPrefix(c.want, "!")
		switch {
		case wrong && err == nil:
			t.Errorf("%s: no error", name)
		case wrong:
			for _, w := range strings.Split(words, "|") {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%s: %q does not say %q", name, err, w)
				}
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		default:
			if got := linkPairs(rel.LinkOf(ts.Seat.Relation())); got != c.want {
				t.Errorf("%s: got %s, want %s", name, got, c.want)
			}
		}
	}
}

// The column that a single key could be held by is suggested, ready to be written.
func TestViaSuggestsColumns(t *testing.T) {
	m := schema.NewMetadata()
	model(m, func(t *posts, u *users) { rel.Via(t.Author) })
	if err := m.Seal(); err == nil || !strings.Contains(err.Error(), "rel.Via(t.Author, t.AuthorID)") {
		t.Error(err)
	}
}

// Neither is a column known, nor where it leads: the table is in other Metadata only.
func TestViaToAnEntityWithoutTable(t *testing.T) {
	theatre("seats", schema.NewMetadata(), nil)
	theatre("seats", schema.NewMetadata(), nil)
	for want, f := range map[string]func(*tickets){
		"rel_test.Seat has no table, or several": func(t *tickets) { rel.Via(t.Seat, t.Row, t.Col) },
		"rel.Via(t.Seat, …)":                     func(t *tickets) { rel.Via(t.Seat) },
	} {
		m := schema.NewMetadata()
		schema.Define("tickets", func(t *tickets) {
			schema.Column(t.ID).PrimaryKey()
			f(t)
		}, schema.In(m))
		if err := m.Seal(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestPassiveSuggestsOnDelete(t *testing.T) {
	m := schema.NewMetadata()
	model(m, func(t *posts, u *users) {
		schema.Column(t.AuthorID).References(u.ID)
		rel.Via(t.Author, t.AuthorID).Passive()
	})
	if err := m.Seal(); err == nil || !strings.Contains(err.Error(), "schema.Column(t.AuthorID).References(…).OnDelete(schema.Cascade)") {
		t.Error(err)
	}
}

// The same entity in two tables of one Metadata: BackPopulates says which is meant.
func TestViaLeadsToTheTableThatItBackPopulates(t *testing.T) {
	for _, second := range []bool{false, true} {
		m := schema.NewMetadata()
		other := schema.Define("stalls", func(t *seats) { schema.PrimaryKey(t.Row, t.Col) }, schema.In(m))
		s, ts := theatre("seats", m, func(t *tickets, s *seats) {
			schema.ForeignKey(t.Row, s.Row).And(t.Col, s.Col)
			schema.ForeignKey(t.Row, other.Row).And(t.Col, other.Col).Name("fk_stalls")
		})
		to := s
		if second {
			to = other
		}
		rel.Via(ts.Seat).BackPopulates(to.Tickets)
		rel.Via(ts.Old, ts.Row, ts.Col).BackPopulates(to.Only)
		if err := m.Seal(); err != nil {
			t.Fatal(err)
		}
		for _, r := range []*schema.RelationDef{ts.Seat.Relation(), ts.Old.Relation()} {
			if got := rel.LinkOf(r).Targets[0].Table; got != schema.DefOf(to) {
				t.Errorf("%s leads to %s, want %s", r.Name, got.Name, schema.DefOf(to).Name)
			}
		}
	}
}

// A foreign key that leads elsewhere than to what is back-populated.
func TestViaBackPopulatesAnotherTable(t *testing.T) {
	for want, columns := range map[string]bool{
		"it back-populates a relation of stalls, but refers to seats": true,
		"no foreign key leads from tickets":                           false,
	} {
		m := schema.NewMetadata()
		other := schema.Define("stalls", func(t *seats) { schema.PrimaryKey(t.Row, t.Col) }, schema.In(m))
		_, ts := theatre("seats", m, func(t *tickets, s *seats) { schema.ForeignKey(t.Row, s.Row).And(t.Col, s.Col) })
		if columns {
			rel.Via(ts.Seat, ts.Row, ts.Col).BackPopulates(other.Tickets)
		} else {
			rel.Via(ts.Seat).BackPopulates(other.Tickets)
		}
		if err := m.Seal(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "relation Seat") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// What was missing can be defined after a failed sealing, as in an init.
func TestViaIsResolvedAgain(t *testing.T) {
	m := schema.NewMetadata()
	s, ts := theatre("seats", m, func(t *tickets, s *seats) { rel.Via(t.Seat).BackPopulates(s.Tickets) })
	if err := m.Seal(); err == nil {
		t.Fatal("no error")
	}
	schema.ForeignKey(ts.Row, s.Row).And(ts.Col, s.Col)
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	if got := linkPairs(rel.LinkOf(s.Tickets.Relation())); got != "tickets.row=seats.row tickets.col=seats.col" {
		t.Error(got)
	}
}

func TestOwnership(t *testing.T) {
	for name, c := range map[string]struct {
		f    func(d *rel.LinkDefinition[Ticket, Seat], s *seats)
		want rel.Ownership
	}{
		"not said": {func(d *rel.LinkDefinition[Ticket, Seat], s *seats) { d.BackPopulates(s.Tickets) }, rel.Keep},
		"own":      {func(d *rel.LinkDefinition[Ticket, Seat], s *seats) { d.BackPopulates(s.Tickets).Own() }, rel.Own},
		"before":   {func(d *rel.LinkDefinition[Ticket, Seat], s *seats) { d.Own().BackPopulates(s.Tickets).Own() }, rel.Own},
		"keep":     {func(d *rel.LinkDefinition[Ticket, Seat], s *seats) { d.Keep() }, rel.Keep},
	} {
		m := schema.NewMetadata()
		s, ts := theatre("seats", m, nil)
		c.f(rel.Via(ts.Seat, ts.Row, ts.Col), s)
		if err := m.Seal(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := rel.LinkOf(ts.Seat.Relation()).Ownership; got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	_, ts := theatre("seats", schema.NewMetadata(), nil)
	refused(t, "own and keep", func() { rel.Via(ts.Seat, ts.Row, ts.Col).Keep().Own() }, "tickets", "relation Seat", "Keep already", "Own")
	refused(t, "own and passive", func() { rel.Via(ts.Old, ts.Row, ts.Col).Own().Passive() }, "relation Old", "Own already", "Passive")
}

func TestViaRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		f     func(ts, alias *tickets, s *seats)
		words []string
	}{
		"zero handle":   {func(ts, alias *tickets, s *seats) { rel.Via(rel.ToOne[Ticket, Seat]{}) }, []string{"not bound"}},
		"nil column":    {func(ts, alias *tickets, s *seats) { rel.Via(ts.Seat, ts.Row, nil) }, []string{"tickets", "Seat", "nil column (argument 3)"}},
		"no column":     {func(ts, alias *tickets, s *seats) { rel.Via(ts.Seat, expr.Add(ts.Row, 1), ts.Col) }, []string{"Seat", "no bound column (argument 2)"}},
		"unbound":       {func(ts, alias *tickets, s *seats) { rel.Via(ts.Seat, expr.Column[Ticket, int]{}) }, []string{"Seat", "no bound column"}},
		"condition":     {func(ts, alias *tickets, s *seats) { rel.Via(ts.Seat, ts.Row.Eq(1)) }, []string{"Seat", "no bound column"}},
		"twice":         {func(ts, alias *tickets, s *seats) { rel.Via(ts.Seat, ts.Row, ts.Row) }, []string{"Seat", "column row stands twice"}},
		"alias":         {func(ts, alias *tickets, s *seats) { rel.Via(alias.Seat, ts.Row, ts.Col) }, []string{"tickets", "Seat", "alias old"}},
		"alias column":  {func(ts, alias *tickets, s *seats) { rel.Via(ts.Seat, alias.Row, ts.Col) }, []string{"Seat", "column row of old"}},
		"inverse nil":   {func(ts, alias *tickets, s *seats) { rel.Via(ts.Seat, ts.Row, ts.Col).BackPopulates(nil) }, []string{"Seat", "BackPopulates of nil"}},
		"inverse zero":  {func(ts, alias *tickets, s *seats) { rel.Via(ts.Old).BackPopulates(rel.ToMany[Seat, Ticket]{}) }, []string{"tickets.Old", "not bound"}},
		"inverse alias": {func(ts, alias *tickets, s *seats) { rel.Via(ts.Another).BackPopulates(schema.As(s, "x").Tickets) }, []string{`se"ats`, "tickets.Another", "alias x"}},
	} {
		s, ts := theatre(`se"ats`, schema.NewMetadata(), nil)
		refused(t, name, func() { c.f(ts, schema.As(ts, "old"), s) }, c.words...)
	}
	refused(t, "two inverses", func() {
		_, ts := theatre("seats", schema.NewMetadata(), func(t *tickets, s *seats) {
			rel.Via(t.Seat).BackPopulates(s.Tickets).BackPopulates(s.Only)
		})
		t.Error(ts)
	}, "relation Seat", "BackPopulates seats.Tickets already")
	refused(t, "its own inverse", func() {
		f := newFleet()
		schema.Define("sailors2", func(t *sailors) {
			schema.Column(t.ID).PrimaryKey()
			rel.Via(t.Boss, t.BossID).BackPopulates(t.Boss)
		}, schema.In(f.m))
	}, "sailors2", "Boss", "joined already")
	refused(t, "an inverse of another's", func() {
		f := newFleet()
		rel.Via(f.sailors.Ship, f.sailors.ShipFlag)
	}, "sailors", "relation Ship", "joined already")
}

func TestViaAfterSealing(t *testing.T) {
	m := schema.NewMetadata()
	s, ts := theatre("seats", m, nil)
	d := rel.Via(ts.Seat, ts.Row, ts.Col)
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func(){
		"via":            func() { rel.Via(ts.Old, ts.OldRow, ts.OldCol) },
		"back populates": func() { d.BackPopulates(s.Tickets) },
		"own":            func() { d.Own() },
		"passive":        func() { d.Passive() },
		"keep":           func() { d.Keep() },
	} {
		refused(t, name, f, "tickets.", "sealed")
	}
	refused(t, "back populates what is sealed", func() {
		schema.Define("more", func(t *tickets) {
			schema.Column(t.ID).PrimaryKey()
			rel.Via(t.Seat, t.Row, t.Col).BackPopulates(s.Tickets)
		}, schema.In(m))
	}, "more", "seats.Tickets", "sealed")
	if l := rel.LinkOf(ts.Seat.Relation()); l.Parent != nil || l.Ownership != rel.Keep || rel.LinkOf(s.Tickets.Relation()) != nil {
		t.Errorf("changed all the same: %+v", l)
	}
}

func TestLinkOfWhatIsNotJoined(t *testing.T) {
	s, _ := theatre("seats", schema.NewMetadata(), nil)
	if l := rel.LinkOf(s.Tickets.Relation()); l != nil {
		t.Error(l)
	}
	if l := rel.LinkOf(&schema.RelationDef{Container: reflect.TypeFor[rel.Many[Seat]]()}); l != nil {
		t.Error(l)
	}
	for o, want := range map[rel.Ownership]string{rel.Keep: "Keep", rel.Own: "Own", rel.Passive: "Passive"} {
		if got := fmt.Sprint(o); got != want {
			t.Error(got)
		}
	}
}
