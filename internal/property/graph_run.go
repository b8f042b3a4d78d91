package property

import (
	"context"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

const (
	nilKind      kind = "ErrNil"
	copiedKind   kind = "ErrCopied"
	detachedKind kind = "DetachedError"
)

// graphStepsByDefault are taken on each database; DORMER_PROPERTY_STEPS says
// another number.
const graphStepsByDefault = 5_000

// RunGraph is Run for entities with relations: graphs are built, changed, loaded
// and deleted by random steps, and both sides of every relation compared.
func RunGraph(t *testing.T, open Open) {
	db := open(t, graphTables...)
	ts, as := gtables(db)
	sequences(t, graphStepsByDefault, func(rt *rapid.T, steps *int) {
		g := &graph{T: rt, dice: &world{T: rt}, db: db, tables: ts, assocs: as, steps: steps,
			rows: grows{}, pairs: gpairs{}, links: map[link]bool{}, evicted: map[member]bool{}, byPtr: map[any]*gent{}}
		for _, t := range ts {
			g.rows[t] = map[int64]gfields{}
		}
		for _, a := range as {
			g.pairs[a] = map[[2]int64]bool{}
		}
		if err := g.empty(); err != nil {
			rt.Fatal(err)
		}
		for left := perRun; left > 0; {
			left -= g.unit(left)
		}
	})
	if n := db.DB().Stats().InUse; n != 0 {
		t.Errorf("%d connections are still in use", n)
	}
}

// empty takes all rows out, and what is left of counters.
func (g *graph) empty() error {
	texts := []string{"UPDATE branches SET up_id = NULL"}
	for _, name := range []string{"ring_members", "follows", "memos", "cards", "marks", "labels", "badges", "branches", "rings", "people"} {
		texts = append(texts, "DELETE FROM "+name)
	}
	if g.db.Dialect().Name() == "postgres" {
		texts = []string{"TRUNCATE ring_members, follows, memos, cards, marks, labels, badges, branches, rings, people RESTART IDENTITY"}
	}
	for _, text := range texts {
		if _, err := g.db.ExecContext(context.Background(), text); err != nil {
			return err
		}
	}
	return nil
}

// want fails the test unless err is of the kind, "" for none.
func (g *graph) want(what string, err error, k kind) {
	g.Helper()
	got := kindOf(err)
	var detached *rel.DetachedError
	switch {
	case errors.Is(err, rel.ErrNil):
		got = nilKind
	case errors.Is(err, rel.ErrCopied):
		got = copiedKind
	case errors.As(err, &detached):
		got = detachedKind
	}
	if got != k {
		g.Fatalf("%s: got %v (%s), want %q", what, err, got, k)
	}
}

// settle compares what a flush came to with what was foretold, and has the model
// follow. After an error only a rollback can follow.
func (g *graph) settle(what string, f *gflush, err error) error {
	g.Helper()
	switch {
	case err == nil && len(f.must) == 0:
		g.done(f)
		g.compare()
		g.compareRows()
	case err == nil:
		g.Fatalf("%s succeeded, want %v", what, keysOf(f.must))
	case !f.must[kindOf(err)]:
		g.Fatalf("%s: got %v (%s), want %v", what, err, kindOf(err), keysOf(f.must))
	}
	return err
}

func (g *graph) flush() error {
	f := g.foretell()
	g.Logf("flush")
	return g.settle("flush", f, g.tx.Flush(g.ctx))
}

// gverb is a step that a run may take.
type gverb struct {
	name string
	do   func(g *graph) error
}

// everyGraphVerb is drawn from; what stands there twice comes twice as often.
func everyGraphVerb() []gverb {
	add, put, take, set := gverb{"add", (*graph).add}, gverb{"put", (*graph).put}, gverb{"take", (*graph).take}, gverb{"set", (*graph).set}
	load, flush, all := gverb{"load", (*graph).load}, gverb{"flush", (*graph).flush}, gverb{"all", (*graph).all}
	return []gverb{
		flush, add, put, take, set, load, all, add, put, load, take, set, put, load, put, take,
		{"get", (*graph).get},
		{"edit", (*graph).edit},
		{"delete", (*graph).remove},
		{"delete", (*graph).remove},
		{"count", (*graph).tally},
		{"contains", (*graph).contains},
		{"refresh", (*graph).refresh},
		{"detach", (*graph).detach},
		{"refuse", (*graph).refuse},
		{"quietly", (*graph).quietly},
		{"savepoint", (*graph).savepoint},
		{"savepoint", (*graph).savepoint},
		{"commit or roll back", (*graph).turn},
		{"commit or roll back", (*graph).turn},
	}
}

func (g *graph) step() error {
	*g.steps++
	v := draw(g.dice, "verb", everyGraphVerb())
	err := v.do(g)
	if err == nil { // after a failure all is put back first
		g.compare()
	}
	return err
}

// unit is a unit of work from its beginning to its end. It returns how many
// steps it took.
func (g *graph) unit(most int) int {
	n := 1 + g.number(min(most, 30), "steps")
	g.begin()
	defer g.tx.Close() // where the test fails
	for range n {
		if g.step() != nil {
			g.rollback()
		}
	}
	switch g.number(3, "end") {
	case 0:
		g.commit()
	case 1:
		g.rollback()
	}
	g.end()
	g.reload()
	return n
}

func (g *graph) begin() {
	g.Logf("begin")
	g.tx = uow.New(g.db)
	g.tx.OnAfterFlush(func(context.Context) error {
		g.flushed = true
		return nil
	})
	g.ctx = uow.With(context.Background(), g.tx)
	g.links, g.evicted = map[link]bool{}, map[member]bool{}
	g.turned()
}

// end ends the unit of work: the program keeps what it has of one entity, whose
// containers then tell what they hold and no more.
func (g *graph) end() {
	e := g.pickOne(func(e *gent) bool { return e.status == live })
	g.Logf("close")
	g.want("close", g.tx.Close(), "")
	g.rows, g.pairs = g.levels[0].rows, g.levels[0].pairs
	ctx := g.ctx
	g.tx, g.ctx, g.entities = nil, nil, nil
	clear(g.byPtr)
	g.compareRows()
	if e == nil || e.lost {
		return
	}
	for _, r := range e.t.rels {
		items, ok := r.box(e.p).loaded()
		got, err := r.box(e.p).load(ctx, false)
		switch {
		case !ok:
			g.want("load after the end", err, detachedKind)
		default:
			g.want("load after the end", err, "")
			if len(got) != len(items) {
				g.Fatalf("%s.%s gives %d entities after the end and holds %d", e, r.name, len(got), len(items))
			}
		}
	}
}

// reload reads everything in a unit of work of its own.
func (g *graph) reload() {
	g.begin()
	defer g.tx.Close()
	g.Logf("reload")
	for _, t := range g.tables {
		var with []eagerly
		for _, r := range t.rels {
			with = append(with, eagerly{r, g.number(3, "way")})
		}
		ps, err := t.verbs.all(g.ctx, with)
		g.want("query", err, "")
		if len(ps) != len(g.rows[t]) {
			g.Fatalf("a query gives %d entities for %d rows", len(ps), len(g.rows[t]))
		}
		for _, p := range ps {
			e := g.met(t, p)
			for _, r := range t.rels {
				items, ok := r.box(p).loaded()
				if !ok {
					g.Fatalf("%s.%s is not loaded by With", e, r.name)
				}
				g.inOrder(e, r, items)
			}
		}
	}
	g.compare()
	g.end()
}

// turn ends the transaction in the midst of a unit of work.
func (g *graph) turn() error {
	switch {
	case len(g.levels) > 1:
	case g.one(2, "roll back"):
		g.rollback()
	default:
		g.commit()
	}
	return nil
}

func (g *graph) rollback() {
	g.Logf("roll back")
	g.want("rollback", g.tx.Rollback(g.ctx), "")
	g.rolledBack()
}

func (g *graph) rolledBack() {
	l := g.levels[0]
	g.levels = g.levels[:1]
	g.back(l)
	g.turned()
}

// turned has the model begin with the unit's next transaction.
func (g *graph) turned() {
	g.levels, g.stale = nil, map[container]bool{}
	l := g.newLevel()
	g.levels, g.stale, l.loaded = []*glevel{l}, l.loaded, map[container]bool{}
}

func (g *graph) commit() {
	f := g.foretell()
	g.Logf("commit")
	if g.settle("commit", f, g.tx.Commit(g.ctx)) != nil {
		g.rolledBack()
		return
	}
	for _, e := range g.entities {
		e.born, e.wroteUp = false, nil
		if e.status == dead {
			e.status = free
		}
	}
	g.turned()
	g.compare()
	g.compareRows()
}

// quietly takes steps without autoflush.
func (g *graph) quietly() error {
	if g.quiet {
		return nil
	}
	g.Logf("without autoflush {")
	err := g.tx.NoAutoflush(func() error {
		g.quiet = true
		defer func() { g.quiet = false }()
		for range 1 + g.number(5, "steps inside") {
			if err := g.step(); err != nil {
				return err
			}
		}
		return nil
	})
	g.Logf("}")
	return err
}

// savepoint takes steps inside a savepoint.
func (g *graph) savepoint() error {
	n := g.number(7, "steps inside")
	fails := g.one(2, "fails")
	before := g.foretell()
	var after *gflush
	var fail error
	entered := false
	outer := g.ctx
	g.Logf("savepoint {")
	err := g.tx.Savepoint(g.ctx, func(ctx context.Context) error {
		entered = true
		_ = g.settle("savepoint", before, nil)
		g.levels = append(g.levels, g.newLevel())
		g.ctx = ctx
		for range n {
			if fail = g.step(); fail != nil {
				return fail
			}
		}
		if fails {
			fail = errStop
			return fail
		}
		after = g.foretell()
		return nil
	})
	g.ctx = outer
	g.Logf("} %v", err)
	if !entered {
		return g.settle("savepoint", before, err)
	}
	l := g.levels[len(g.levels)-1]
	g.levels = g.levels[:len(g.levels)-1]
	switch {
	case fail != nil && !errors.Is(err, fail):
		g.Fatalf("savepoint: got %v, want %v", err, fail)
	case fail == nil && g.settle("savepoint's end", after, err) == nil:
		return nil
	}
	g.back(l)
	g.expired() // what was rolled back is read again
	for c := range g.newLevel().loaded {
		g.stale[c] = true
	}
	return nil
}
