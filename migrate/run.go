package migrate

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Upgrade brings a database to the target: head, heads, an id or the beginning of
// one, +2, id+1, branch@head. It applies the revisions that lead there and are not
// applied yet, each once, however many programs do so at the same time: one runs,
// the others wait. Where there is nothing to do, it sends one statement.
//
// A failure is a *StepError; it leaves the database as it was before the run, or
// with TransactionPerRevision before the revision. What is wrong with the set, the
// target or the state of the database is a *SetError, *TargetError, *VersionError,
// *EditedError or *InterruptedError, before anything is changed. Data that would be
// lost is a *DataLossError, a lock that is not to be had a *LockError. Foreign keys
// are not guarded while SQLite's tables are rebuilt; they are checked before the
// COMMIT.
//
// A unit of work that ctx carries has no part in it.
func Upgrade(ctx context.Context, db *engine.Engine, set Set, target string, opts ...RunOption) error {
	return migrate(ctx, db, set, target, false, opts)
}

// Downgrade takes revisions back until the target: base, an id or the beginning of
// one, -1, id-1, branch@base, branch@-1. Of the data that it loses nothing is said:
// a downgrade is asked for. Errors are those of Upgrade.
func Downgrade(ctx context.Context, db *engine.Engine, set Set, target string, opts ...RunOption) error {
	return migrate(ctx, db, set, target, true, opts)
}

func migrate(ctx context.Context, db *engine.Engine, set Set, target string, down bool, opts []RunOption) error {
	what, choose := "upgrade", (*graph).ascent
	if down {
		what, choose = "downgrade", (*graph).descent
	}
	if strings.Contains(target, ":") {
		return &TargetError{Kind: ErrRangeOnline, Target: target}
	}
	return withMigrator(ctx, db, set, what, opts, func(ctx context.Context, m *migrator) error {
		m.down = down
		m.choose = func(at place) ([]*node, error) { return choose(m.g, target, at) }
		return m.run(ctx)
	})
}

// migrator is one call that works on a database's revisions.
type migrator struct {
	what   string
	down   bool
	d      dialect.Dialect
	caps   dialect.Capabilities
	g      *graph
	o      runOptions
	c      *engine.Conn
	store  store
	rec    *record
	at     place
	choose func(place) ([]*node, error)

	known   *schema.Catalog // what the database has, nil if that is not known
	done    []string        // revisions done for good
	pending []string        // those of the open transaction
	partly  int             // operations of the current revision done for good
	broken  map[string]int  // foreign keys violated before the run, nil while they are guarded
}

// withMigrator runs f on a connection of its own.
func withMigrator(ctx context.Context, db *engine.Engine, set Set, what string, opts []RunOption, f func(context.Context, *migrator) error) error {
	if db == nil {
		return errors.New("migrate: " + what + ": the engine is nil")
	}
	g, err := set.graph()
	if err != nil {
		return err
	}
	ctx = uow.Without(ctx)
	c, err := db.Acquire(ctx, "migration")
	if err != nil {
		return failed(db.Dialect(), what, err)
	}
	defer c.Release()
	d := db.Dialect()
	m := &migrator{what: what, d: d, caps: d.Capabilities(), g: g, o: optionsOf(opts), c: c, store: store{d}}
	return failed(d, what, f(ctx, m))
}

// read reads where the database is.
func (m *migrator) read(ctx context.Context) (err error) {
	if m.rec, err = m.store.read(ctx, m.c); err != nil {
		return err
	}
	m.at, err = m.g.place(m.rec)
	return err
}

// plan is what there is to do, after a look at what stands in the way.
func (m *migrator) plan() ([]*node, error) {
	list, err := m.choose(m.at)
	if err != nil {
		return nil, err
	}
	if err := m.resumable(list); err != nil {
		return nil, err
	}
	edited, err := m.rec.edited(m.at)
	if err != nil {
		return nil, err
	}
	if len(edited) == 0 {
		return list, nil
	}
	if !m.down && !m.o.edited {
		return nil, editedError(edited)
	}
	m.o.log.Warn("migrate: applied revisions were edited afterwards", "revisions", strings.Join(ids(edited), ", "))
	return list, nil
}

// resumable reports, as an error, that a revision was left half done which this run
// does not finish.
func (m *migrator) resumable(list []*node) error {
	n, left := m.g.interrupted(m.rec)
	if n == nil {
		return nil
	}
	if left.doing != m.what || !slices.Contains(list, n) {
		return interruptedError(n, left, false)
	}
	sum, err := n.checksum()
	if err == nil && sum != left.checksum {
		return interruptedError(n, left, true)
	}
	return err
}

func (m *migrator) run(ctx context.Context) error {
	if err := m.read(ctx); err != nil {
		return err
	}
	list, err := m.plan()
	if err != nil || len(list) == 0 {
		return err
	}
	unlock, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	defer func() { _ = m.c.Rollback(ctx) }() // before the lock is given back
	var goal nodes
	rebuild := m.rebuilds(list)
	for {
		again, err := m.round(ctx, &goal, &rebuild)
		if err != nil || !again {
			return err
		}
	}
}

// round is one transaction, or the attempt to begin it. What is to be done is
// decided by the first that has the lock; later ones do what is left of it.
func (m *migrator) round(ctx context.Context, goal *nodes, rebuild *bool) (again bool, err error) {
	session := m.d.MigrationLock().Try != ""
	if session { // an error of this query would end a transaction
		if err := m.read(ctx); err != nil {
			return false, err
		}
	}
	if *rebuild {
		end, err := m.unguard(ctx)
		if err != nil {
			return false, err
		}
		defer end()
		defer func() { _ = m.c.Rollback(ctx) }()
	}
	if err := m.begin(ctx); err != nil {
		return false, err
	}
	if !session {
		if err := m.read(ctx); err != nil {
			return false, err
		}
	}
	list, err := m.left(goal)
	if err != nil || len(list) == 0 {
		return false, errors.Join(err, m.c.Rollback(ctx))
	}
	if !*rebuild && m.rebuilds(list) {
		*rebuild = true // another migrator has changed what is to be done
		return true, m.c.Rollback(ctx)
	}
	create, err := m.store.create(m.rec)
	if err == nil {
		err = m.store.do(ctx, m.c, create...)
	}
	if err != nil {
		return false, err
	}
	m.broken = nil
	if *rebuild {
		m.broken = m.violations(ctx)
	}
	if m.o.perRevision {
		list = list[:1]
	}
	for _, n := range list {
		if err := m.revision(ctx, n); err != nil {
			return false, err
		}
	}
	return m.o.perRevision, m.commit(ctx)
}

// left is what is still to be done.
func (m *migrator) left(goal *nodes) ([]*node, error) {
	if *goal == nil {
		list, err := m.plan()
		*goal = nodes{}
		for _, n := range list {
			(*goal)[n] = true
		}
		return list, err
	}
	var list []*node
	if m.down {
		for _, n := range slices.Backward((*goal).ordered()) {
			if m.at.applied[n] {
				list = append(list, n)
			}
		}
	} else {
		for _, n := range closure((*goal).ordered(), (*node).below).ordered() {
			if !m.at.applied[n] {
				list = append(list, n)
			}
		}
	}
	return list, m.resumable(list)
}

// commit commits, after which the revisions of the transaction are done for good.
func (m *migrator) commit(ctx context.Context) error {
	if err := m.c.Commit(ctx); err != nil {
		return err
	}
	m.done, m.pending = append(m.done, m.pending...), nil
	return nil
}

// revision runs one revision and records it.
func (m *migrator) revision(ctx context.Context, n *node) error {
	m.partly = 0
	sum, err := n.checksum()
	if err != nil {
		return err
	}
	ops, err := n.operations(m.down)
	if err != nil {
		return err
	}
	if m.down && n.Downgrade == nil && n.Upgrade != nil {
		if up, err := n.operations(false); err != nil || len(up) > 0 {
			return m.wrong(n, 0, "", errors.Join(err, ErrIrreversible))
		}
	}
	m.o.log.InfoContext(ctx, "migrate: running "+m.what, "revision", n.ID, "parents", strings.Join(n.Parents, ", "), "message", n.Message)
	if err := m.perform(ctx, n, ops, sum); err != nil {
		return err
	}
	if m.broken != nil {
		if err := m.guarded(ctx); err != nil {
			return m.wrong(n, 0, "", err)
		}
	}
	after := nodes{}
	for a := range m.at.applied {
		after[a] = true
	}
	var record write
	if m.down {
		delete(after, n)
		record = m.store.forget(m.rec, n.ID)
	} else {
		after[n] = true
		record = m.store.note(m.rec, n, sum, "", len(ops))
	}
	m.at = place{after, after.rows()}
	if err := m.store.do(ctx, m.c, append(m.store.move(m.rec, ids(m.at.rows)), record)...); err != nil {
		return m.wrong(n, 0, "", err)
	}
	for _, f := range m.o.onStep {
		info := n.info()
		info.Applied, info.Current = !m.down, !m.down
		if err := f(ctx, Step{info, m.down}); err != nil {
			return m.wrong(n, 0, "", err)
		}
	}
	m.pending = append(m.pending, n.ID)
	return nil
}

// wrong is what failed in a revision.
func (m *migrator) wrong(n *node, operation int, about string, err error) error {
	var loss *DataLossError
	if errors.As(err, &loss) {
		return err
	}
	e := &StepError{Revision: n.ID, Message: n.Message, File: n.base(), Down: m.down, Operation: operation, About: about,
		Applied: m.done, Kept: m.partly, Err: err, hint: hint(m.d, err)}
	var se *engine.StatementError
	if errors.As(err, &se) {
		e.SQL = se.SQL
	}
	return e
}
