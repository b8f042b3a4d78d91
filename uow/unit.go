package uow

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
)

// UnitOfWork is a piece of work on a database: the entities it has read or was
// given, one pointer per row, and the transaction that their changes go into.
//
// It begins its transaction with its first statement. It belongs to one
// goroutine: overlapping use is ErrConcurrentUse. Run makes, ends and retries
// units of work; New is for programs that do so themselves. The zero UnitOfWork
// returns ErrZero.
type UnitOfWork struct {
	db   *engine.Engine
	ms   *mappers
	opts options

	busy    atomic.Int32
	doom    atomic.Pointer[error]      // what has yet to make failed, see overlap.go
	left    atomic.Bool                // its block is over: it ends once nobody is inside
	parent  *UnitOfWork                // the unit in whose block this one was begun
	inner   atomic.Pointer[UnitOfWork] // the unit begun in this one's block
	holds   atomic.Bool                // it has a connection
	started time.Time

	conn      *engine.Conn
	failed    error // the transaction can only be rolled back
	flushing  bool
	preparing bool         // hooks run before a flush
	hooks     int          // of the program's functions, how many are running
	quiet     int          // of them, how many are hooks, whose reads flush nothing
	told      int          // flushes that OnAfterFlush is being told of, one in the other
	noFlush   atomic.Int32 // depth of NoAutoflush
	epoch     uint32
	level     uint32       // grows with each savepoint and transaction
	began     uint32       // the level of the transaction's begin
	wrote     bool         // the transaction may have written
	points    int          // savepoints set
	rewinds   int          // savepoints rolled back to
	open      atomic.Int32 // savepoints open
	cursors   int          // server cursors declared
	journal   []undo
	filled    []filled            // entities that InsertAll wrote into
	args      []driver.NamedValue // memory of bulk statements, used again

	mu         sync.Mutex         // guards tables' states and byPtr against registry.elsewhere
	tables     []*table           // by mapper.index
	byPtr      map[uintptr]*state // by the entity's address
	registered bool
	streamed   []*state
	scratch    []byte // for composite keys

	refs     map[linkKey]*state       // references changed and not yet written; nil for none
	followed map[linkKey]*state       // those of them whose foreign keys have followed
	replaced map[linkKey]bool         // collections set that were not known
	pairs    map[pairKey]*pair        // association rows to be written
	waiting  map[*state][]pendingLink // foreign keys that wait for keys
	links    map[*state][]restorer    // foreign keys of new entities, as they were
	causes   *causes                  // why rows are written that nobody asked for
	spared   map[*state]bool          // orphans that a flush before a Load leaves as they are
	adopting []*state                 // new to the unit, their containers not yet looked at
	crowds   []*crowd                 // of the queries so far
	gather   *[]*state                // takes what is read for the first time
	lonely   map[*relation]*cohort    // of entities that came alone

	reading *expr.Filters   // of the query whose relations are being loaded
	purging map[*state]bool // of those marked for deletion, whose rows go though their table has a soft delete

	aside          bool // it reads on another unit's connection
	events         events
	committed      bool
	deferCommitted bool // Run tells of commits itself
}

// options are what Options set.
type options struct {
	isolation   sql.IsolationLevel
	readOnly    bool
	requiresNew bool
	retries     int
	retryStale  bool
	retryIf     func(error) bool
}

// Option is an option of Run and New.
type Option func(*options)

// Isolation sets the transaction's isolation level.
func Isolation(level sql.IsolationLevel) Option { return func(o *options) { o.isolation = level } }

// ReadOnly makes the transaction read-only: Add, Delete and reads that lock rows
// fail at once, and an entity whose field was changed is ErrReadOnly at the end.
func ReadOnly() Option { return func(o *options) { o.readOnly = true } }

// RequiresNew begins a unit of work of its own inside another's block, which
// commits or fails by itself.
func RequiresNew() Option { return func(o *options) { o.requiresNew = true } }

// Retry has Run try up to n times more after a serialization failure or a
// deadlock, each time with a fresh unit of work and after a growing pause. The
// block must be fit to run more than once.
func Retry(n int) Option { return func(o *options) { o.retries = n } }

// RetryStale adds StaleError to what Retry retries.
func RetryStale() Option { return func(o *options) { o.retryStale = true } }

// RetryIf adds the errors for which f returns true to what Retry retries.
func RetryIf(f func(error) bool) Option { return func(o *options) { o.retryIf = f } }

// New returns a unit of work that has yet to begin. Whoever calls New calls
// Close. Retry, RetryStale, RetryIf and RequiresNew mean nothing to it.
func New(db *engine.Engine, opts ...Option) *UnitOfWork {
	u := &UnitOfWork{db: db, ms: mappersOf(db), started: time.Now()}
	for _, o := range opts {
		o(&u.opts)
	}
	u.epoch, u.level, u.began = 1, 1, 1
	return u
}

// Engine returns the engine that the unit of work is on, nil for a nil or a zero
// one.
func (u *UnitOfWork) Engine() *engine.Engine {
	if u == nil {
		return nil
	}
	return u.db
}

// isZero reports whether the unit is not nil, and New has not made it.
func (u *UnitOfWork) isZero() bool { return u != nil && u.db == nil }

// enter claims the unit for one call.
func (u *UnitOfWork) enter() error {
	if u == nil {
		return ErrNoUnit
	}
	if u.db == nil {
		return ErrZero
	}
	if !u.busy.CompareAndSwap(0, 1) {
		if u.hasEnded() {
			return ErrEnded
		}
		return ErrConcurrentUse
	}
	u.notice()
	return nil
}

func (u *UnitOfWork) leave() {
	u.busy.Store(0)
	if u.left.Load() {
		u.endLeft()
	}
}

// hook is outside for a hook: reads in it flush nothing.
func (u *UnitOfWork) hook(f func() error) error {
	u.quiet++
	defer func() { u.quiet-- }()
	return u.outside(f)
}

// outside runs code of the program's, which may use the unit but not end it or its
// transaction, in the middle of a call.
func (u *UnitOfWork) outside(f func() error) (err error) {
	u.hooks++
	u.busy.Store(0)
	defer u.readAs(nil)()
	defer func() {
		if !u.busy.CompareAndSwap(0, 1) && err == nil {
			err = ErrConcurrentUse
		}
		u.hooks--
	}()
	return f()
}

// endable reports, as an error, that the unit is in the middle of a call which
// needs its transaction and entities afterwards.
func (u *UnitOfWork) endable() error {
	switch {
	case u.inFlush():
		return ErrFlushing
	case u.hooks > 0:
		return ErrInHook
	}
	return nil
}

// chain is how ctx carries units: the innermost first, one or more engines'.
type chain struct {
	u    *UnitOfWork
	next *chain
}

type chainKey struct{}

// With returns a context that carries the unit of work: repositories of its
// engine join it. With a nil or a zero one, whatever asks for its unit of work is
// told ErrZero.
func With(ctx context.Context, u *UnitOfWork) context.Context {
	if u == nil {
		u = new(UnitOfWork)
	}
	next, _ := ctx.Value(chainKey{}).(*chain)
	return context.WithValue(ctx, chainKey{}, &chain{u: u, next: next})
}

// carry returns ctx carrying the unit: hooks may be told by a call that was given
// another context, as Run's own commit is.
func (u *UnitOfWork) carry(ctx context.Context) context.Context {
	if lookup(ctx, u.db) == u {
		return ctx
	}
	return With(ctx, u)
}

// Without returns a context that carries no unit of work, for work that is to
// stand apart from the caller's transaction.
func Without(ctx context.Context) context.Context {
	if carried(ctx) == nil {
		return ctx
	}
	return context.WithValue(ctx, chainKey{}, (*chain)(nil))
}

func carried(ctx context.Context) *chain {
	c, _ := ctx.Value(chainKey{}).(*chain)
	return c
}

func lookup(ctx context.Context, db *engine.Engine) *UnitOfWork {
	for c := carried(ctx); c != nil; c = c.next {
		if c.u.isZero() || c.u.db == db || c.u.db.Base() == db {
			return c.u
		}
	}
	return nil
}

// From returns the live unit of work that ctx carries for the engine.
func From(ctx context.Context, db *engine.Engine) (*UnitOfWork, bool) {
	u := lookup(ctx, db)
	if u == nil || u.isZero() || u.hasEnded() {
		return nil, false
	}
	return u, true
}

// Current returns the unit of work that ctx carries for the engine: ErrNoUnit if
// there is none, ErrEnded if it has ended, ErrZero if With was given none.
func Current(ctx context.Context, db *engine.Engine) (*UnitOfWork, error) {
	u := lookup(ctx, db)
	switch {
	case u == nil:
		return nil, ErrNoUnit
	case u.isZero():
		return nil, ErrZero
	case u.hasEnded():
		return nil, ErrEnded
	}
	return u, nil
}

// hasEnded may be called while another goroutine uses the unit.
func (u *UnitOfWork) hasEnded() bool { return u.busy.Load() == endedMark }

// endedMark is the value of busy once the unit has ended, so that no call enters
// it any more.
const endedMark = -1
