package rel_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

func TestJoinOf(t *testing.T) {
	f := newFleet() // JoinOf seals it
	for _, c := range []struct {
		r, inverse  *schema.RelationDef
		refers      bool
		target, via string
		on, far     string
	}{
		{f.ships.Home.Relation(), f.harbours.Ships.Relation(), true, "harbours", "", "ships.home_id=harbours.id", ""},
		{f.harbours.Ships.Relation(), f.ships.Home.Relation(), false, "ships", "", "harbours.id=ships.home_id", ""},
		{f.logbooks.Ship.Relation(), f.ships.Log.Relation(), true, "ships", "", "logbooks.ship_number=ships.number logbooks.ship_flag=ships.flag", ""},
		{f.ships.Log.Relation(), f.logbooks.Ship.Relation(), false, "logbooks", "", "ships.number=logbooks.ship_number ships.flag=logbooks.ship_flag", ""},
		{f.sailors.Boss.Relation(), f.sailors.Mates.Relation(), true, "sailors", "", "sailors.boss_id=sailors.id", ""},
		{f.sailors.Mates.Relation(), f.sailors.Boss.Relation(), false, "sailors", "", "sailors.id=sailors.boss_id", ""},
		{f.ships.Visits.Relation(), f.harbours.Visitors.Relation(), false, "harbours", "visits",
			"ships.flag=visits.ship_flag ships.number=visits.ship_number", "visits.harbour_id=harbours.id"},
		{f.harbours.Visitors.Relation(), f.ships.Visits.Relation(), false, "ships", "visits",
			"harbours.id=visits.harbour_id", "visits.ship_flag=ships.flag visits.ship_number=ships.number"},
		{f.sailors.Teachers.Relation(), f.sailors.Pupils.Relation(), false, "sailors", "lessons", "sailors.id=lessons.pupil_id", "lessons.teacher_id=sailors.id"},
		{f.sailors.Pupils.Relation(), f.sailors.Teachers.Relation(), false, "sailors", "lessons", "sailors.id=lessons.teacher_id", "lessons.pupil_id=sailors.id"},
	} {
		j, err := rel.JoinOf(c.r)
		if err != nil {
			t.Errorf("%s: %v", c.r.Name, err)
			continue
		}
		via := ""
		if j.Through != nil {
			via = j.Through.Name
		}
		if j.Relation != c.r || j.Inverse != c.inverse || j.Link != rel.LinkOf(c.r) || j.Refers != c.refers || j.Target.Name != c.target || via != c.via || pairs(j.On) != c.on || pairs(j.Far) != c.far {
			t.Errorf("%s: %s through %q on %s, far %s; %+v", c.r.Name, j.Target.Name, via, pairs(j.On), pairs(j.Far), j.Refers)
		}
		on, err := j.RelatedOn()
		if err != nil {
			t.Error(err)
		}
		if on.Target != j.Target.Source || (on.Through == nil) != (j.Through == nil) || on.Through != nil && on.Through != j.Through.Source || len(on.On) != len(j.On) || len(on.Far) != len(j.Far) {
			t.Errorf("%s: %+v", c.r.Name, on)
		}
		for i, p := range on.On {
			if p[0] != j.On[i][0].Ref || p[1] != j.On[i][1].Ref {
				t.Errorf("%s: pair %d", c.r.Name, i)
			}
		}
		for i, p := range on.Far {
			if p[0] != j.Far[i][0].Ref || p[1] != j.Far[i][1].Ref {
				t.Errorf("%s: far pair %d", c.r.Name, i)
			}
		}
	}
}

// One pointer and one number a relation, whoever asks.
func TestJoinIsStable(t *testing.T) {
	f := newFleet()
	var wg sync.WaitGroup
	got := make([]*rel.Join, 16)
	for i := range got {
		wg.Add(1)
		go func() {
			defer wg.Done()
			j, err := rel.JoinOf(f.sailors.Pupils.Relation())
			if err != nil {
				t.Error(err)
				return
			}
			got[i] = j
		}()
	}
	wg.Wait()
	for _, j := range got {
		if j != got[0] {
			t.Fatal("several")
		}
	}
	ids := map[uint64]string{}
	for _, def := range f.m.Tables() {
		for _, r := range def.Relations {
			j, err := rel.JoinOf(r)
			if err != nil {
				t.Fatal(err)
			}
			a, _ := j.RelatedOn()
			b, _ := j.RelatedOn()
			if a.ID != b.ID || ids[a.ID] != "" {
				t.Errorf("%s.%s has the number of %s", def.Name, r.Name, ids[a.ID])
			}
			ids[a.ID] = r.Name
		}
	}
	if j, err := rel.JoinOf(schema.As(f.sailors, "s").Pupils.Relation()); err != nil || j != got[0] {
		t.Errorf("of an alias: %v", err)
	}
}

func TestJoinOfWhatIsNotJoined(t *testing.T) {
	s, ts := theatre("seats", schema.NewMetadata(), nil)
	for name, c := range map[string]struct {
		r     *schema.RelationDef
		words []string
	}{
		"nil":            {nil, []string{"not bound"}},
		"to-one":         {ts.Seat.Relation(), []string{"tickets.Seat", "not joined", "rel.Via(t.Seat, …)"}},
		"to-many":        {s.Tickets.Relation(), []string{"seats.Tickets", "rel.Via", "BackPopulates", "rel.ManyToMany"}},
		"without handle": {&schema.RelationDef{Name: "Lost", Many: true, Table: schema.DefOf(s)}, []string{"seats.Lost", "not joined"}},
	} {
		_, err := rel.JoinOf(c.r)
		for _, w := range c.words {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v does not say %q", name, err, w)
			}
		}
	}
	m := schema.NewMetadata()
	_, ts = theatre("seats", m, func(t *tickets, s *seats) { rel.Via(t.Seat) })
	if _, err := rel.JoinOf(ts.Seat.Relation()); err == nil || !strings.Contains(err.Error(), "no foreign key leads") {
		t.Errorf("of a model that cannot be sealed: %v", err)
	}
}

// The other side of a relation between two Metadata knows what it says once both
// are sealed.
func TestJoinOfTwoMetadata(t *testing.T) {
	a, b := schema.NewMetadata(), schema.NewMetadata()
	s := schema.Define("seats", func(t *seats) { schema.PrimaryKey(t.Row, t.Col) }, schema.In(a))
	schema.Define("tickets", func(t *tickets) {
		schema.Column(t.ID).PrimaryKey()
		rel.Via(t.Seat, t.Row, t.Col).BackPopulates(s.Tickets)
	}, schema.In(b))
	j, err := rel.JoinOf(s.Tickets.Relation())
	if err != nil || pairs(j.On) != "seats.row=tickets.row seats.col=tickets.col" {
		t.Errorf("%v, %v", j, err)
	}
}
