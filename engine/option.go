package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/dormer-orm/dormer/schema"
)

// Option sets up an engine in Open and New.
type Option func(*config)

type config struct {
	logger      *slog.Logger
	logArgs     bool
	observer    func(context.Context, Statement)
	stmts       int
	kept        int
	overflow    int
	limits      bool // the pool's limits are ours to set
	timeout     time.Duration
	lifetime    time.Duration
	hasLifetime bool
	idle        time.Duration
	hasIdle     bool
	meta        *schema.Metadata
}

// Pool and cache sizes where no option says otherwise.
const (
	defaultKept     = 5
	defaultOverflow = 10
	defaultTimeout  = 30 * time.Second
	defaultStmts    = 256
)

// Logger logs every statement after it ended, as message "sql" with the
// attributes sql, duration, rows and err: at level Debug, or Warn when it
// failed. Arguments are left out unless LogArgs asks for them. Nil means none.
func Logger(l *slog.Logger) Option { return func(c *config) { c.logger = l } }

// LogArgs adds the arguments of each statement to the log. They may hold
// personal data and secrets.
func LogArgs() Option { return func(c *config) { c.logArgs = true } }

// Observer calls f once for each statement after it ended, BEGIN, COMMIT,
// SAVEPOINT and PRAGMA included. f is called by the goroutine that ran the
// statement, with that statement's context, while its connection is held: it
// must be safe for concurrent use and must not use the engine. Nil means none.
func Observer(f func(context.Context, Statement)) Option {
	return func(c *config) { c.observer = f }
}

// StatementCache sets how many prepared statements each connection keeps, 256
// by default; 0 turns the cache off, which PgBouncer's transaction mode needs.
// Over a pool given to New there is none unless this option asks for it, and
// then statements live as long as one unit of work holds the connection.
func StatementCache(n int) Option { return func(c *config) { c.stmts = max(n, 0) } }

// PoolSize sets how many connections are kept open when idle, 5 by default.
func PoolSize(kept int) Option {
	return func(c *config) { c.kept, c.limits = max(kept, 1), true }
}

// PoolOverflow sets how many connections may be opened beyond PoolSize when
// all are in use, 10 by default. They are closed when given back.
func PoolOverflow(more int) Option {
	return func(c *config) { c.overflow, c.limits = max(more, 0), true }
}

// PoolTimeout sets how long to wait for a connection, 30 seconds by default;
// 0 waits until the context ends.
func PoolTimeout(d time.Duration) Option { return func(c *config) { c.timeout = d } }

// ConnMaxLifetime closes connections older than d; 0, the default, never.
func ConnMaxLifetime(d time.Duration) Option {
	return func(c *config) { c.lifetime, c.hasLifetime = d, true }
}

// ConnMaxIdleTime closes connections idle for longer than d; 0, the default,
// never.
func ConnMaxIdleTime(d time.Duration) Option {
	return func(c *config) { c.idle, c.hasIdle = d, true }
}

// Metadata sets the tables this engine works with, schema.Default where the
// option is absent or nil.
func Metadata(m *schema.Metadata) Option { return func(c *config) { c.meta = m } }
