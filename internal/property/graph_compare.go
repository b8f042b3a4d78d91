package property

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// parentIs reports whether e's reference leads to p.
func (g *graph) parentIs(e, p *gent) bool {
	if e.moved {
		return e.target == p
	}
	return e.f.up != 0 && p.t == e.t.up.to && p.snap.id == e.f.up && (p.status == live || p.status == deleting)
}

// members are what a container must hold, loose ones left out.
func (g *graph) members(p *gent, r *grel) map[member]bool {
	out := map[member]bool{}
	switch {
	case r.holds:
		switch {
		case p.moved && p.target != nil:
			out[p.target.member()] = true
		case !p.moved && p.f.up != 0:
			out[member{t: r.to, id: p.f.up}] = true
		}
	case r.assoc != nil:
		mine, theirs := 0, 1
		if r.assoc.right == r {
			mine, theirs = 1, 0
		}
		for pair := range g.pairs[r.assoc] {
			if p.snap.id == 0 || pair[mine] != p.snap.id {
				continue
			}
			if e := g.byRow(r.to, pair[theirs]); e == nil || e.status == live && !e.loose {
				out[member{t: r.to, id: pair[theirs]}] = true
			}
		}
		for l, add := range g.links {
			ends := [2]*gent{l.left, l.right}
			if l.a != r.assoc || ends[mine] != p || !ends[theirs].managed() || ends[theirs].loose {
				continue
			}
			if add {
				out[ends[theirs].member()] = true
			} else {
				delete(out, ends[theirs].member())
			}
		}
	default:
		for id, row := range g.rows[r.to] {
			if p.snap.id != 0 && row.up == p.snap.id && g.byRow(r.to, id) == nil && !g.evicted[member{t: r.to, id: id}] {
				out[member{t: r.to, id: id}] = true
			}
		}
		for _, e := range g.entities {
			if e.t == r.to && e.managed() && !e.loose && g.parentIs(e, p) {
				out[e.member()] = true
			}
		}
	}
	return out
}

// compareContainers checks what every container of managed entities holds.
func (g *graph) compareContainers() {
	g.Helper()
	for i := 0; i < len(g.entities); i++ { // grows while we look
		e := g.entities[i]
		if !e.managed() {
			continue
		}
		for _, r := range e.t.rels {
			if !e.loose {
				g.compareContainer(e, r)
			}
		}
	}
}

// compareContainer checks one of them. Where it is not loaded it holds some of
// what it must hold, and all that was put there since the last flush.
func (g *graph) compareContainer(e *gent, r *grel) {
	g.Helper()
	items, ok := r.box(e.p).loaded()
	got, detached := map[member]bool{}, map[member]bool{}
	for _, p := range items {
		x := g.met(r.to, p)
		switch {
		case x.detached:
			detached[x.member()] = true
		case x.lost || x.status == deleting || x.status == dead || x.loose:
		case x.status == free:
			g.Fatalf("%s.%s holds %s, which is not managed", e, r.name, x)
		case got[x.member()]:
			g.Fatalf("%s.%s holds %s twice", e, r.name, x)
		default:
			got[x.member()] = true
		}
	}
	want := g.members(e, r)
	for m := range want {
		x := m.e
		if x == nil {
			x = g.byRow(m.t, m.id)
		}
		if x != nil && (x.loose || !x.managed()) {
			delete(want, m)
			continue
		}
		if detached[m] { // besides which there may be the one that is managed
			continue
		}
		fresh := x != nil && (r.assoc != nil && g.isLinked(e, r, x) || !r.holds && r.assoc == nil && x.moved || r.holds && e.moved)
		if !got[m] && (ok || fresh) {
			g.Fatalf("%s.%s (loaded: %v) lacks %s (%s): it holds %s", e, r.name, ok, g.show(m), e.status, g.showAll(got))
		}
	}
	for m := range got {
		if !want[m] {
			g.Fatalf("%s.%s (loaded: %v) holds %s, which is not its: it must hold %s", e, r.name, ok, g.show(m), g.showAll(want))
		}
	}
}

// isLinked reports whether an association row of e and x is to be written.
func (g *graph) isLinked(e *gent, r *grel, x *gent) bool {
	return g.links[linkOf(e, r, x)]
}

func linkOf(e *gent, r *grel, x *gent) link {
	if r.assoc.right == r {
		return link{r.assoc, x, e}
	}
	return link{r.assoc, e, x}
}

func (g *graph) show(m member) string {
	if m.e != nil {
		return m.e.String()
	}
	if e := g.byRow(m.t, m.id); e != nil {
		return fmt.Sprintf("%s (key %d)", e, m.id)
	}
	return fmt.Sprintf("%s key %d", m.t.name, m.id)
}

func (g *graph) showAll(ms map[member]bool) []string {
	out := []string{}
	for m := range ms {
		out = append(out, g.show(m))
	}
	slices.Sort(out)
	return out
}

// compareFields checks every pointer that the program has. Until the flush a
// foreign key that is to follow a reference is left open.
func (g *graph) compareFields() {
	g.Helper()
	for _, e := range g.entities {
		got, want := gread(e.p), e.f
		if e.moved {
			got.up = want.up
		}
		if got != want && e.status != deleting && !(e.status == dead || e.lost) {
			g.Fatalf("%s (%s) holds %+v, want %+v", e, e.status, got, want)
		}
	}
}

// compareRows checks the database's rows, inside the transaction if there is one.
func (g *graph) compareRows() {
	g.Helper()
	for _, t := range g.tables {
		columns := "id, name, 0, 0"
		switch {
		case t.versioned:
			columns = "id, name, 0, version"
		case t.up != nil:
			columns = "id, name, coalesce(up_id, 0), 0"
		}
		got := map[int64]gfields{}
		g.query("SELECT "+columns+" FROM "+t.name, func(scan func(...any) error) error {
			var f gfields
			err := scan(&f.id, &f.name, &f.up, &f.version)
			got[f.id] = f
			return err
		})
		if !maps.Equal(got, g.rows[t]) {
			g.Fatalf("table %s has the rows %v, want %v", t.name, got, g.rows[t])
		}
	}
	for _, a := range g.assocs {
		got := map[[2]int64]bool{}
		g.query(fmt.Sprintf("SELECT %s, %s FROM %s", a.columns[0], a.columns[1], a.name), func(scan func(...any) error) error {
			var pair [2]int64
			err := scan(&pair[0], &pair[1])
			got[pair] = true
			return err
		})
		if !maps.Equal(got, g.pairs[a]) {
			g.Fatalf("association %s has the rows %v, want %v", a.name, got, g.pairs[a])
		}
	}
}

func (g *graph) query(text string, each func(scan func(...any) error) error) {
	g.Helper()
	read := func(q querier) error {
		rs, err := q.QueryContext(context.Background(), text)
		if err != nil {
			return err
		}
		defer rs.Close()
		for rs.Next() {
			if err := each(rs.Scan); err != nil {
				return err
			}
		}
		return rs.Err()
	}
	var err error
	if g.tx != nil && g.tx.InTransaction() {
		err = g.tx.NoAutoflush(func() error { return read(g.tx) })
	} else {
		err = read(g.db.DB())
	}
	if err != nil {
		g.Fatalf("%s: %v", text, err)
	}
}

func (g *graph) compare() {
	g.Helper()
	g.compareFields()
	for _, e := range g.entities {
		if got := e.t.verbs.contains(g.tx, e.p); got != (e.managed() || e.status == deleting) {
			g.Fatalf("%s is managed: %v, want it to be %s", e, got, e.status)
		}
	}
	g.compareContainers()
}
