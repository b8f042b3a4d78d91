package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/dormer-orm/dormer/dialect"
)

// Sandbox returns an engine on one connection, in one transaction that Close
// rolls back. Its own transactions are savepoints, so that code which begins,
// commits and rolls back runs in it unchanged, and nothing it did is left.
// Isolation levels and read-only transactions are accepted and make no
// difference. Work of several goroutines waits for its turn, as for a pool of
// one connection. The parent must stay open until Close; where the parent itself
// has but one connection, as a database in memory has, it waits for Close too.
func (e *Engine) Sandbox(ctx context.Context) (*Engine, error) {
	root, err := e.Acquire(ctx, "sandbox")
	if err != nil {
		return nil, err
	}
	if err := root.Begin(ctx, TxOptions{}); err != nil {
		root.Release()
		return nil, err
	}
	cfg := e.cfg
	cfg.kept, cfg.overflow, cfg.limits = 1, 0, true
	cfg.hasLifetime, cfg.hasIdle = false, false
	if cfg.timeout <= 0 {
		cfg.timeout = defaultTimeout
	}
	in := &Engine{
		dialect: e.dialect, cfg: cfg, meta: e.meta, url: e.url, values: e.values,
		owned: true, shared: true, box: &boxState{root: root, parent: e, guards: e.dialect.Capabilities().ErrorAborts},
	}
	in.use(sql.OpenDB(boxConnector{in}), e.db.DriverName())
	return in, nil
}

// closeSandbox rolls back when no one uses the connection any more.
func (e *Engine) closeSandbox() error {
	b := e.box
	b.closing.Lock()
	defer b.closing.Unlock()
	if b.closed {
		return nil
	}
	last, busy := e.Acquire(context.Background(), "closing the sandbox")
	if busy == nil {
		last.Release()
	}
	err := e.db.Close()
	var pt *PoolTimeoutError
	if errors.As(busy, &pt) {
		// Someone still runs on the connection: it cannot be shared with them,
		// only be closed under them by whoever holds it last.
		return fmt.Errorf("engine: close sandbox: %w", busy)
	}
	b.closed = true
	if b.joined {
		if e.schemaCount.Load() > 0 {
			b.root.schemaChanged()
		}
		return err
	}
	if rerr := b.root.Rollback(context.Background()); rerr != nil {
		err = errors.Join(err, rerr)
	}
	b.root.Release()
	return err
}

// boxState is what a sandbox's session knows beyond a connection's.
type boxState struct {
	root   *Conn
	parent *Engine
	guards bool // an error ends the transaction
	count  int
	inTx   bool
	joined bool // the transaction is someone else's to end

	closing sync.Mutex
	closed  bool
}

// boxConnector hands the sandbox's connection to the sandbox's own pool. The
// driver connection is used outside Raw, which is sound as long as the root
// pins it: nobody else can reach it.
type boxConnector struct{ e *Engine }

func (b boxConnector) Connect(ctx context.Context) (driver.Conn, error) {
	root := b.e.box.root
	root.attach()
	if root.Broken() || root.s == nil || root.tx == nil {
		return nil, &dialect.ConnectionLost{Err: errors.New("engine: the sandbox's connection is lost, and what was done in it; close it")}
	}
	s := newSession(b.e, root.s.dc, b.e.cfg.stmts)
	s.box = b.e.box
	s.born = b.e.generation.Load()
	s.box.inTx = false
	return &conn{s}, nil
}

func (b boxConnector) Driver() driver.Driver { return b.e.box.parent.db.Driver() }

// begin sets the savepoint that stands for a transaction.
func (b *boxState) begin(ctx context.Context, s *session) (driver.Tx, error) {
	if b.inTx {
		return nil, errors.New("a transaction is already open on the sandbox's connection")
	}
	b.count++
	tx := &boxTx{s: s, ctx: ctx, name: "dormer_sandbox_" + strconv.Itoa(b.count)}
	if err := tx.send(context.WithoutCancel(ctx), "begin", "SAVEPOINT "); err != nil {
		return nil, err
	}
	b.inTx = true
	return tx, nil
}

// boxTx is a savepoint that database/sql takes for a transaction.
type boxTx struct {
	s    *session
	ctx  context.Context
	name string
}

func (t *boxTx) Commit() error {
	t.s.box.inTx = false
	err := t.send(t.during(), "commit", "RELEASE SAVEPOINT ")
	if err != nil && !t.s.bad {
		_ = t.undo()
	}
	return err
}

func (t *boxTx) Rollback() error {
	t.s.box.inTx = false
	return t.undo()
}

func (t *boxTx) undo() error {
	if err := t.send(t.during(), "rollback", "ROLLBACK TO SAVEPOINT "); err != nil {
		return err
	}
	return t.send(t.during(), "rollback", "RELEASE SAVEPOINT ")
}

func (t *boxTx) during() context.Context {
	if t.s.txCtx != nil {
		return context.WithoutCancel(t.s.txCtx)
	}
	return context.WithoutCancel(t.ctx)
}

func (t *boxTx) send(ctx context.Context, op, verb string) error {
	text := verb + t.name
	start := t.s.e.began()
	_, err := t.s.execHere(ctx, text, nil, false)
	t.s.seen(ctx, op, text, start, err)
	return err
}

// exec runs a statement that may be outside the sandbox's transactions: then it
// gets a savepoint of its own, since one that fails would end the whole sandbox
// on PostgreSQL.
func (b *boxState) exec(ctx context.Context, s *session, sql string, args []driver.NamedValue, keep bool) (driver.Result, error) {
	if err := b.guard(ctx, s); err != nil {
		return nil, err
	}
	res, err := s.execHere(ctx, sql, args, keep)
	return res, b.unguard(ctx, s, err)
}

func (b *boxState) query(ctx context.Context, s *session, sql string, args []driver.NamedValue, keep bool) (driver.Rows, driver.Stmt, error) {
	if err := b.guard(ctx, s); err != nil {
		return nil, nil, err
	}
	rows, once, err := s.queryHere(ctx, sql, args, keep)
	if err != nil {
		return nil, nil, b.unguard(ctx, s, err)
	}
	return b.guardRows(ctx, s, rows, once), nil, nil
}

func (b *boxState) guardRows(ctx context.Context, s *session, rows driver.Rows, once driver.Stmt) driver.Rows {
	return &guardedRows{Rows: rows, once: once, ctx: ctx, s: s}
}

const guardName = "dormer_sandbox_statement"

// guard sets a savepoint for one statement outside the sandbox's transactions.
func (b *boxState) guard(ctx context.Context, s *session) error {
	if b == nil || b.inTx || !b.guards {
		return nil
	}
	_, err := s.execHere(context.WithoutCancel(ctx), "SAVEPOINT "+guardName, nil, false)
	return err
}

// unguard takes the statement's savepoint away, undoing a failed statement.
func (b *boxState) unguard(ctx context.Context, s *session, err error) error {
	if b == nil || b.inTx || !b.guards || s.bad {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		if _, e := s.execHere(ctx, "ROLLBACK TO SAVEPOINT "+guardName, nil, false); e != nil {
			return errors.Join(err, e)
		}
	}
	if _, e := s.execHere(ctx, "RELEASE SAVEPOINT "+guardName, nil, false); e != nil {
		return errors.Join(err, e)
	}
	return err
}

// guardedRows are rows outside the sandbox's transactions; closing them ends
// their statement's savepoint.
type guardedRows struct {
	driver.Rows
	once driver.Stmt
	ctx  context.Context
	s    *session
	err  error
}

func (r *guardedRows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return err
}

func (r *guardedRows) Close() error {
	err := r.Rows.Close()
	if r.once != nil {
		_ = r.once.Close()
	}
	if r.err == nil {
		r.err = err
	}
	if e := r.s.box.unguard(r.ctx, r.s, r.err); err == nil && r.err == nil {
		err = e
	}
	return err
}
