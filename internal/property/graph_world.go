package property

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/uow"
)

// gent is what the model knows about one pointer.
type gent struct {
	n      int
	t      *gtable
	p      any
	f      gfields // what it must hold
	snap   gfields // its row as last written or read
	status status

	// What its foreign key is to follow: moved says that its reference was changed,
	// to target, nil for nothing.
	moved  bool
	target *gent

	// Of an entity inserted in this transaction: its foreign key before Dormer
	// wrote it.
	wroteUp *int64
	born    bool

	// loose entities had their foreign keys set directly, or were to be deleted for
	// a while: what loaded containers hold of them is left open.
	loose bool
	// lost entities were deleted: containers may still hold them. Detached ones
	// stand for their rows still, where containers hold them.
	lost, detached bool
}

func (e *gent) managed() bool { return e.status == isNew || e.status == live }

func (e *gent) String() string {
	return fmt.Sprintf("%s#%d", strings.TrimSuffix(e.t.name, "s"), e.n)
}

// member names one row or one new entity.
type member struct {
	t  *gtable
	id int64
	e  *gent // where there is no row yet
}

func (e *gent) member() member {
	if e.snap.id != 0 {
		return member{t: e.t, id: e.snap.id}
	}
	return member{t: e.t, e: e}
}

type (
	grows  map[*gtable]map[int64]gfields
	gpairs map[*gassoc]map[[2]int64]bool
)

// link is a row of an association that is to be written or deleted.
type link struct {
	a           *gassoc
	left, right *gent
}

// graph is one run: the model, and the unit of work beside it.
type graph struct {
	*rapid.T
	dice   *world // for drawing
	db     *engine.Engine
	tables []*gtable
	assocs []*gassoc
	steps  *int

	rows     grows
	pairs    gpairs
	links    map[link]bool // to be written; false: to be deleted
	evicted  map[member]bool
	entities []*gent
	byPtr    map[any]*gent
	levels   []*glevel
	made     int
	names    int

	ctx context.Context
	tx  *uow.UnitOfWork
	// stale containers were loaded in an earlier transaction: they may be read again
	// in this one, and are unknown then after a rollback.
	stale   map[container]bool
	flushed bool // by the unit of work itself, since it was last asked
	quiet   bool // in NoAutoflush
}

func (g *graph) number(n int, label string) int { return g.dice.number(n, label) }

func (g *graph) one(n int, label string) bool { return g.dice.one(n, label) }

func cloneOf[K, L comparable, V any](m map[K]map[L]V) map[K]map[L]V {
	out := make(map[K]map[L]V, len(m))
	for k, v := range m {
		out[k] = maps.Clone(v)
	}
	return out
}

// known adds a pointer to the model.
func (g *graph) known(t *gtable, p any) *gent {
	g.made++
	e := &gent{n: g.made, t: t, p: p, f: gread(p)}
	g.entities = append(g.entities, e)
	g.byPtr[p] = e
	return e
}

// byRow is the entity of a row, nil where the program has no pointer to it.
func (g *graph) byRow(t *gtable, id int64) *gent {
	for _, e := range g.entities {
		if e.t == t && e.snap.id == id && id != 0 && (e.status == live || e.status == deleting) {
			return e
		}
	}
	return nil
}

// met takes up a pointer that the unit of work gave for a row.
func (g *graph) met(t *gtable, p any) *gent {
	g.Helper()
	if e := g.byPtr[p]; e != nil {
		return e
	}
	f := gread(p)
	if e := g.byRow(t, f.id); e != nil {
		g.Fatalf("a second pointer was given for %s", e)
	}
	r, ok := g.rows[t][f.id]
	if !ok || r != f {
		g.Fatalf("an entity of %s holds %+v, its row is %+v", t.name, f, r)
	}
	e := g.known(t, p)
	g.Logf("  %s = %+v", e, f)
	e.status, e.snap = live, f
	for _, l := range g.levels {
		l.saved[e] = gsaved{status: live, snap: f, later: true}
	}
	return e
}

func sortedIDs[V any](m map[int64]V) []int64 { return slices.Sorted(maps.Keys(m)) }
