package rel_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

func TestPathAsData(t *testing.T) {
	f := newFleet()
	h, s, p := f.harbours, f.ships, f.sailors
	if got, want := h.Ships.Eager(), (&rel.Eager{Relation: h.Ships.Relation(), Limit: -1, Depth: 1}); !reflect.DeepEqual(got, want) {
		t.Errorf("a handle: %+v", got)
	}
	cond, term := s.Name.Eq("x"), s.Name.Desc()
	path := h.Ships.Where(cond).Where(s.Flag.Eq("no")).OrderBy(term).OrderBy(s.Number.Asc()).Limit(3).SelectIn().With(s.Crew.With(p.Mates.Depth(-1)), s.Home.Join())
	got := path.Eager()
	if got.Err != nil || got.Relation != h.Ships.Relation() || path.Relation() != got.Relation || got.Limit != 3 || got.Strategy != rel.SelectIn || got.Depth != 1 || len(got.With) != 2 {
		t.Errorf("%+v", got)
	}
	if len(got.Where) != 2 || got.Where[0] != expr.NodeOf(cond) || len(got.Order) != 2 || got.Order[0] != term.Term() {
		t.Errorf("%+v, %+v", got.Where, got.Order)
	}
	if crew, home := got.With[0], got.With[1]; crew.Relation != s.Crew.Relation() || crew.With[0].Relation != p.Mates.Relation() || crew.With[0].Depth != -1 ||
		home.Relation != s.Home.Relation() || home.Strategy != rel.Joined {
		t.Errorf("%+v, %+v", crew, home)
	}
	for what, c := range map[string]struct {
		got  rel.Path[Sailor]
		want rel.Eager
	}{
		"to-many with":  {p.Mates.With(p.Ship), rel.Eager{Limit: -1, Depth: 1, With: []*rel.Eager{p.Ship.Eager()}}},
		"to-one with":   {p.Boss.With(p.Ship), rel.Eager{Limit: -1, Depth: 1, With: []*rel.Eager{p.Ship.Eager()}}},
		"to-many order": {p.Mates.OrderBy(p.Name.Asc()), rel.Eager{Limit: -1, Depth: 1, Order: []expr.OrderTerm{p.Name.Asc().Term()}}},
		"to-one order":  {p.Boss.OrderBy(p.Name.Asc()), rel.Eager{Limit: -1, Depth: 1, Order: []expr.OrderTerm{p.Name.Asc().Term()}}},
		"to-many join":  {p.Mates.Join(), rel.Eager{Limit: -1, Depth: 1, Strategy: rel.Joined}},
		"to-one in":     {p.Boss.SelectIn(), rel.Eager{Limit: -1, Depth: 1, Strategy: rel.SelectIn}},
		"last strategy": {p.Mates.SelectIn().Join(), rel.Eager{Limit: -1, Depth: 1, Strategy: rel.Joined}},
		"limit 0":       {p.Mates.Limit(0), rel.Eager{Depth: 1}},
		"depth":         {p.Mates.Depth(4), rel.Eager{Limit: -1, Depth: 4}},
		"to-one depth":  {p.Boss.Depth(-3), rel.Eager{Limit: -1, Depth: -3}},
		"many depth":    {p.Pupils.Depth(2), rel.Eager{Limit: -1, Depth: 2}},
		"to-one where":  {p.Boss.Where(expr.Every[Sailor]()), rel.Eager{Limit: -1, Depth: 1, Where: []expr.Node{expr.NodeOf(expr.Every[Sailor]())}}},
		"of nothing":    {p.Boss.Where().OrderBy().With(), rel.Eager{Limit: -1, Depth: 1}},
	} {
		e := c.got.Eager()
		c.want.Relation = c.got.Relation()
		if !reflect.DeepEqual(e, &c.want) {
			t.Errorf("%s: got %+v, want %+v", what, e, c.want)
		}
	}
}

// Of one beginning two paths can be made that know nothing of each other, and what
// Eager gives is the caller's own.
func TestPathIsImmutable(t *testing.T) {
	f := newFleet()
	base := f.harbours.Ships.Where(f.ships.Name.Eq("a")).OrderBy(f.ships.Name.Asc()).With(f.ships.Crew)
	want := base.Eager()
	a := base.Where(f.ships.Name.Eq("b")).OrderBy(f.ships.Flag.Asc()).With(f.ships.Home).Limit(1).Join()
	b := base.Where(f.ships.Name.Eq("c")).OrderBy(f.ships.Number.Asc()).With(f.ships.Log)
	if x, y := a.Eager(), b.Eager(); x.Where[1] == y.Where[1] || x.Order[1] == y.Order[1] || x.With[1].Relation == y.With[1].Relation {
		t.Error("two paths share their end")
	}
	mine := base.Eager()
	mine.Limit, mine.Where[0], mine.With[0].Depth = 7, nil, 9
	if got := base.Eager(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestPathFaults(t *testing.T) {
	f := newFleet()
	h, s, p := f.harbours, f.ships, f.sailors
	var nowhere *rel.ToMany[Ship, Sailor]
	for what, c := range map[string]struct {
		e    *rel.Eager
		want string
	}{
		"negative limit":     {h.Ships.Limit(-1).Eager(), "rel: load harbours.Ships: a limit of -1 is negative"},
		"limit of one":       {s.Home.Limit(1).Eager(), "rel: load ships.Home: it leads to one row"},
		"limit of path":      {s.Home.SelectIn().Limit(1).Eager(), "ships.Home"},
		"depth":              {h.Ships.Depth(2).Eager(), "harbours.Ships: Depth is for relations from a table to itself, and this one leads to rel_test.Ship"},
		"depth to the end":   {s.Home.Depth(-1).Eager(), "ships.Home: Depth"},
		"no depth":           {p.Mates.Depth(0).Eager(), "sailors.Mates: Depth(0)"},
		"nil path":           {h.Ships.With(s.Crew, nil).Eager(), "harbours.Ships: argument 2 of With is nil"},
		"nil pointer":        {h.Ships.With(nowhere).Eager(), "harbours.Ships: argument 1 of With is nil"},
		"zero handle":        {rel.ToMany[Harbour, Ship]{}.Eager(), "not bound"},
		"zero to-one":        {rel.ToOne[Ship, Harbour]{}.Eager(), "not bound"},
		"zero handle, more":  {rel.ToMany[Sailor, Sailor]{}.Limit(-1).Depth(0).With(nil).Where(p.Name.Eq("x")).Join().Eager(), "not bound"},
		"zero path":          {rel.EagerPath[Harbour, Ship]{}.Eager(), "not bound"},
		"zero path, more":    {rel.EagerPath[Harbour, Ship]{}.With(s.Crew).Limit(2).Eager(), "not bound"},
		"below":              {h.Ships.With(s.Crew.With(p.Ship.Limit(2))).Eager(), "sailors.Ship: it leads to one row"},
		"below, zero handle": {h.Ships.With(rel.ToMany[Ship, Sailor]{}).Eager(), "not bound"},
		"the first":          {h.Ships.Limit(-2).Depth(3).Eager(), "a limit of -2"},
	} {
		if c.e.Err == nil || !strings.Contains(c.e.Err.Error(), c.want) {
			t.Errorf("%s: %v does not say %q", what, c.e.Err, c.want)
		}
	}
	if (rel.EagerPath[Harbour, Ship]{}).Relation() != nil {
		t.Error("the zero path has a relation")
	}
	if e := h.Ships.With(s.Crew).Eager(); e.Err != nil {
		t.Error(e.Err)
	}
	if got := h.Ships.Where(expr.Expr[Ship]{}).Eager().Where[0]; got == nil {
		t.Error("a zero condition was lost")
	} else if _, ok := got.(*expr.ErrorNode); !ok {
		t.Error("a zero condition is no error")
	}
	if e := schema.As(h, "h").Ships.Limit(2).Eager(); e.Err != nil || e.Relation != h.Ships.Relation() {
		t.Errorf("of an alias: %+v", e)
	}
}
