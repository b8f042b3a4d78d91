package property

import (
	"context"
	"errors"
	"flag"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Open opens a database of the test's own that has the tables, as package
// dormertest does.
type Open func(t testing.TB, tables ...schema.Handle) *engine.Engine

// stepsByDefault are taken on each database; DORMER_PROPERTY_STEPS says another
// number.
const stepsByDefault = 25_000

// perRun is how many steps a run takes at most outside savepoints.
const perRun = 60

// Run takes random steps on a database that open gives it. rapid prints the seed
// of a failure, and the shortest run that it can find that fails, too.
func Run(t *testing.T, open Open) {
	db := open(t, everyTable...)
	ts := tables(db)
	sequences(t, stepsByDefault, func(rt *rapid.T, steps *int) {
		if err := empty(db, ts); err != nil {
			rt.Fatal(err)
		}
		w := newWorld(rt, db, ts, steps)
		w.found()
		for left := perRun; left > 0; {
			left -= w.unit(left)
		}
	})
	if n := db.DB().Stats().InUse; n != 0 {
		t.Errorf("%d connections are still in use", n)
	}
}

// flagsGiven are the flags of the command line, before any is set here.
var flagsGiven = sync.OnceValue(func() map[string]bool {
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	return given
})

// sequences takes runs until they have come to a number of steps.
func sequences(t *testing.T, want int, run func(rt *rapid.T, steps *int)) {
	if s := os.Getenv("DORMER_PROPERTY_STEPS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("DORMER_PROPERTY_STEPS is %q, want a number of steps", s)
		}
		want = n
	}
	// The seed is enough, and a few runs at a time come closer to the number.
	given := flagsGiven()
	for name, value := range map[string]string{"rapid.nofailfile": "true", "rapid.checks": "10"} {
		if !given[name] {
			if err := flag.Set(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	// A check must not depend on chance: without a seed given, the same sequences
	// are taken each time. DORMER_PROPERTY_SEED=random takes others.
	seed := uint64(1)
	switch s := os.Getenv("DORMER_PROPERTY_SEED"); s {
	case "":
	case "random":
		seed = uint64(time.Now().UnixNano())
	default:
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil || n == 0 {
			t.Fatalf("DORMER_PROPERTY_SEED is %q, want a positive number or random", s)
		}
		seed = n
	}
	steps := 0
	for ; steps < want && !t.Failed(); seed++ {
		if !given["rapid.seed"] {
			if err := flag.Set("rapid.seed", strconv.FormatUint(seed, 10)); err != nil {
				t.Fatal(err)
			}
		}
		rapid.Check(t, func(rt *rapid.T) { run(rt, &steps) })
	}
	t.Logf("%d steps", steps)
}

// found has some runs begin with rows that are there already.
func (w *world) found() {
	if !w.one(2, "rows") {
		return
	}
	at := func(i int) *table { return w.tables[i] }
	for _, x := range []struct {
		t *table
		r row
	}{
		{at(0), row{int64(-1000), "a", "x"}}, {at(0), row{int64(-2000), "b", "y"}}, {at(0), row{int64(-3000), "c", nil}},
		{at(1), row{int64(-1000), int64(-1000), nil, int64(1), "l"}}, {at(1), row{int64(-2000), int64(-2000), int64(-1000), int64(2), "m"}},
		{at(2), row{"wa", int64(1), nil}}, {at(2), row{"wb", int64(2), "n"}},
		{at(3), row{int64(-1000), "t1", nil, int64(1)}}, {at(3), row{int64(-2000), "t2", "p", int64(4)}},
		{at(4), row{int64(-1000), nil, "n"}}, {at(4), row{int64(-2000), int64(-1000), "o"}},
		{at(5), row{int64(1), "k", int64(1)}},
	} {
		marks := make([]string, len(x.r))
		for i := range marks {
			marks[i] = "$" + strconv.Itoa(i+1)
		}
		if _, err := w.db.ExecContext(context.Background(), "INSERT INTO "+x.t.name+" VALUES ("+strings.Join(marks, ", ")+")", x.r...); err != nil {
			w.Fatal(err)
		}
		w.rows[x.t][x.t.keyOf(x.r)] = x.r
	}
}

// begin has the model begin with a unit of work.
func (w *world) begin(tx *uow.UnitOfWork, joined bool) {
	w.tx, w.ctx, w.joined = tx, uow.With(context.Background(), tx), joined
	w.levels = nil
	w.levels = []*level{w.newLevel()}
}

// end has the model end with the unit of work: nothing is managed any more.
func (w *world) end() {
	for _, e := range w.entities {
		w.letGo(e)
	}
	w.fresh, w.levels, w.tx, w.ctx = nil, nil, nil, nil
	w.forgetMost()
	if n := w.db.DB().Stats().InUse; n != 0 {
		w.Fatalf("%d connections are still in use", n)
	}
	w.compareEntities()
	w.compareRows()
}

// forgetMost has the program keep pointers to a few entities only.
func (w *world) forgetMost() {
	if n := len(w.entities); n > 24 {
		w.entities = append([]*entity(nil), w.entities[n-24:]...)
	}
	clear(w.byPtr)
	for _, e := range w.entities {
		w.byPtr[e.p] = e
	}
}

// rolledBack has the model follow a rollback of the whole transaction.
func (w *world) rolledBack() {
	w.fresh = nil
	w.back(w.levels[0])
	w.levels = nil
	w.levels = []*level{w.newLevel()}
}

// commitDone has the model follow a commit whose flush was foretold.
func (w *world) commitDone(f *flush) {
	w.levels = w.levels[:1]
	w.done(f)
	w.dropStreamed()
	for _, e := range w.entities {
		switch e.status {
		case dead:
			w.letGo(e)
		case live:
			e.wrote = nil
		}
	}
	w.levels = nil
	w.levels = []*level{w.newLevel()}
}

// unit is a unit of work from its beginning to its end. It returns how many
// steps it took.
func (w *world) unit(most int) int {
	n := 1 + w.number(min(most, 30), "steps")
	if w.one(3, "run") {
		w.run(n)
	} else {
		w.own(n)
	}
	w.meanwhile()
	return n
}

// own is a unit of work that the program makes, commits, rolls back and closes.
func (w *world) own(n int) {
	tx := uow.New(w.db)
	w.begin(tx, false)
	defer tx.Close() // where the test fails
	for range n {
		if fail := w.step(); fail != nil {
			w.failed(fail)
		}
	}
	switch w.number(3, "end") {
	case 0:
		w.commit()
	case 1:
		w.rollback()
	}
	w.Logf("close")
	w.want("close", tx.Close(), "")
	w.rolledBack()
	w.end()
}

// failed goes on after a failure outside all savepoints.
func (w *world) failed(fail *failure) {
	if fail.hard && w.one(2, "go on") {
		w.Logf("go on all the same")
		t := w.table()
		_, err := t.verbs.all(w.ctx, false)
		w.want("a query after a failure", err, rollbackKind)
		w.want("a flush after a failure", w.tx.Flush(w.ctx), rollbackKind)
		w.want("a commit after a failure", w.tx.Commit(w.ctx), rollbackKind)
		w.rolledBack()
		w.compareEntities()
		w.compareRows()
		return
	}
	w.rollback()
}

func (w *world) commit() {
	f := w.foretell()
	w.Logf("commit")
	if fail := w.settleCommit(f, w.tx.Commit(w.ctx)); fail {
		w.rolledBack()
	}
	w.compareEntities()
	w.compareRows()
}

// settleCommit is settle for a commit; it reports whether it failed.
func (w *world) settleCommit(f *flush, err error) bool {
	w.Helper()
	if err == nil && len(f.must) == 0 {
		w.commitDone(f)
		return false
	}
	w.settle("commit", f, err)
	return true
}

func (w *world) rollback() {
	w.Logf("roll back")
	w.want("rollback", w.tx.Rollback(w.ctx), "")
	w.rolledBack()
	w.compareEntities()
	w.compareRows()
}

// turn ends the transaction in the midst of a unit of work.
func (w *world) turn() *failure {
	switch {
	case w.joined || len(w.levels) > 1:
		return nil
	case w.one(3, "roll back"):
		w.rollback()
	default:
		w.commit()
		w.meanwhile()
	}
	return nil
}

// meanwhile changes rows outside any unit of work, between transactions.
func (w *world) meanwhile() {
	if !w.one(3, "meanwhile") || w.tx != nil && w.tx.InTransaction() {
		return
	}
	t := w.table()
	ks := sortedKeys(w.rows[t])
	if len(ks) == 0 {
		return
	}
	r := w.rows[t][draw(w, "row", ks)]
	e := w.pick(nil, func(e *entity) bool { return e.status == live && w.rows[e.t][e.t.keyOf(e.snap)] != nil })
	if e != nil { // one that the unit of work has
		t, r = e.t, w.rows[e.t][e.t.keyOf(e.snap)]
	}
	free := map[string]int{"owners": 1, "children": 4, "words": 2, "docs": 2, "nodes": 2, "pairs": 2}[t.name]
	v := draw(w, "value", t.columns[free].values)
	where, args := "", []any{v}
	for n, i := range t.key {
		if n > 0 {
			where += " AND "
		}
		where += t.columns[i].name + " = $" + strconv.Itoa(n+2)
		args = append(args, r[i])
	}
	set := t.columns[free].name + " = $1"
	if t.version >= 0 {
		set += ", version = version + 1"
		r[t.version] = r[t.version].(int64) + 1
	}
	w.Logf("meanwhile: update %s set %s where %s: %v", t.name, set, where, args)
	if _, err := w.db.ExecContext(context.Background(), "UPDATE "+t.name+" SET "+set+" WHERE "+where, args...); err != nil {
		w.Fatalf("meanwhile: %v", err)
	}
	r[free] = v
	if w.tx != nil {
		w.levels[0].rows = w.rows.clone()
	}
	if e != nil { // read at once: that is what a rollback goes back to
		key := row{}
		for _, i := range t.key {
			key = append(key, r[i])
		}
		p, err := t.verbs.get(w.ctx, key)
		w.want("get after a commit", err, "")
		if p != e.p {
			w.Fatalf("get after a commit gives another pointer than %s", w.name(e))
		}
		e.seen(r, false)
		for _, l := range w.levels {
			if s, ok := l.saved[e]; ok && s.status == live {
				s.snap = r.clone()
				l.saved[e] = s
			}
		}
		w.compareEntities()
	}
}

var (
	errAgain = errors.New("again")
	errPanic = errors.New("a panic of the program's")
)

// run is a unit of work inside uow.Run, which may fail on purpose and be
// retried with the entities as they were before.
func (w *world) run(n int) {
	again := w.one(3, "again")
	var f *flush
	var fail *failure
	swallowed, first := false, true
	end := w.number(4, "end") // 0, 1: well; 2: an error; 3: a panic
	err := caught(func() error {
		return uow.Run(context.Background(), w.db, func(_ context.Context, tx *uow.UnitOfWork) error {
			if !first {
				w.rolledBack()
				w.end()
				w.Logf("again:")
			}
			w.begin(tx, true)
			for range n {
				if fail = w.step(); fail != nil {
					if fail.hard && w.one(2, "swallow") {
						swallowed = true
						return nil
					}
					return fail.err
				}
			}
			if first && again {
				first = false
				return errAgain
			}
			switch end {
			case 2:
				return errStop
			case 3:
				panic(errPanic)
			}
			f = w.foretell()
			w.Logf("commit")
			return nil
		}, uow.Retry(1), uow.RetryIf(func(err error) bool { return errors.Is(err, errAgain) }))
	})
	w.tx = nil
	switch {
	case swallowed:
		w.want("a run that dropped an error", err, rollbackKind)
		w.rolledBack()
	case fail != nil:
		w.sameError("run", err, fail.err)
		w.rolledBack()
	case end == 2:
		w.sameError("run", err, errStop)
		w.rolledBack()
	case end == 3:
		w.sameError("run", err, errPanic)
		w.rolledBack()
	case w.settleCommit(f, err):
		w.rolledBack()
	}
	w.end()
}

func (w *world) sameError(what string, got, want error) {
	w.Helper()
	if !errors.Is(got, want) {
		w.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// caught turns the panic that the steps make on purpose into an error.
func caught(f func() error) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case errPanic:
			err = errPanic
		default:
			panic(p)
		}
	}()
	return f()
}

// savepoint takes steps inside a savepoint.
func (w *world) savepoint() *failure {
	n := w.number(7, "steps inside")
	end := w.number(4, "end") // as in run
	before := w.foretell()
	var after *flush
	var fail *failure
	entered, swallowed := false, false
	outer := w.ctx
	w.Logf("savepoint {")
	err := caught(func() error {
		return w.tx.Savepoint(w.ctx, func(ctx context.Context) error {
			entered = true
			w.settle("savepoint", before, nil)
			w.levels = append(w.levels, w.newLevel())
			w.ctx = ctx
			for range n {
				if fail = w.step(); fail != nil {
					if fail.hard && w.one(2, "swallow") {
						swallowed = true
						return nil
					}
					return fail.err
				}
			}
			switch end {
			case 2:
				return errStop
			case 3:
				panic(errPanic)
			}
			after = w.foretell()
			return nil
		})
	})
	w.ctx = outer
	w.Logf("} %v", err)
	if !entered {
		return w.settle("savepoint", before, err)
	}
	switch {
	case swallowed:
		w.want("a savepoint that dropped an error", err, rollbackKind)
	case fail != nil:
		w.sameError("savepoint", err, fail.err)
	case end == 2:
		w.sameError("savepoint", err, errStop)
	case end == 3:
		w.sameError("savepoint", err, errPanic)
	default:
		if w.settle("savepoint's end", after, err) == nil {
			w.levels = w.levels[:len(w.levels)-1]
			w.compareRows()
			return nil
		}
	}
	w.fresh = nil
	l := w.levels[len(w.levels)-1]
	w.levels = w.levels[:len(w.levels)-1]
	w.back(l)
	w.compareEntities()
	w.compareRows()
	return nil
}
