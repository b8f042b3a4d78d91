package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jmoiron/sqlx"
	"github.com/jmoiron/sqlx/reflectx"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

// Engine is a database: its dialect, its pool of connections, and who listens
// to its statements. It is safe for concurrent use.
type Engine struct {
	dialect dialect.Dialect
	db      *sqlx.DB
	cfg     config
	meta    *schema.Metadata
	url     string // redacted, for messages; "" over a foreign pool

	owned  bool      // the pool is ours: made by Open or Sandbox
	shared bool      // all work goes through one connection, which must last
	marks  *setUp    // foreign connections that were set up
	values *sync.Map // of Value
	pool   pool

	generation  atomic.Int64 // counts connections found dead: older ones are suspect
	schemaCount atomic.Int64 // counts DDL: statements prepared before are dropped

	box *boxState // of a sandbox
}

// Open makes an engine from a database URL such as
//
//	sqlite://blog.db        a file, relative to the working directory; so is sqlite:///blog.db
//	sqlite:////srv/blog.db  a file by its absolute path
//	sqlite://:memory:       a database in memory, gone when the engine closes
//	postgres://user:password@host:5432/name?sslmode=disable
//
// The scheme may name the database/sql driver, as in postgres+pgx://; without,
// the first of the dialect's drivers that the program has imported is taken.
// Open connects to nothing; the first use, or Ping, does. It seals the model, see
// schema.Metadata, and returns the *schema.DefineError of a wrong one. Errors say what to
// do: which schemes there are, which import is missing. No error of the engine
// prints the URL's password.
func Open(url string, opts ...Option) (*Engine, error) {
	u, err := dialect.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("engine: open: %w", err)
	}
	d, err := dialectOf(u.Scheme)
	if err != nil {
		return nil, err
	}
	name, err := driverOf(d, u)
	if err != nil {
		return nil, err
	}
	dsn, shared, err := d.DSN(u, name)
	if err != nil {
		return nil, fmt.Errorf("engine: open %s: %w", u, secretsOf(u, url, dsn).hide(err))
	}
	inner, err := innerConnector(name, dsn)
	if err != nil {
		return nil, fmt.Errorf("engine: open %s: %w", u, secretsOf(u, url, dsn).hide(err))
	}

	e := newEngine(d, config{
		stmts: defaultStmts, kept: defaultKept, overflow: defaultOverflow,
		limits: true, timeout: defaultTimeout,
	}, opts)
	if err := e.meta.Seal(); err != nil {
		return nil, fmt.Errorf("engine: open %s: %w", u, err)
	}
	e.url, e.owned, e.shared = u.String(), true, shared
	if shared {
		// The database lives as long as its one connection.
		e.cfg.kept, e.cfg.overflow = 1, 0
		e.cfg.hasLifetime, e.cfg.hasIdle = false, false
	}
	e.use(sql.OpenDB(&connector{e: e, inner: inner, setup: d.Setup(!shared), secrets: secretsOf(u, url, dsn)}), name)
	return e, nil
}

// New makes an engine over a pool of your own, whose limits stay as they are
// unless options set them. Its connections are used as they come: there is no
// statement cache unless StatementCache asks for one, and hand-written SQL sent
// through the pool itself is not observed. Close leaves the pool open.
func New(d dialect.Dialect, pool *sqlx.DB, opts ...Option) *Engine {
	e := newEngine(d, config{kept: defaultKept, overflow: defaultOverflow, timeout: defaultTimeout}, opts)
	e.marks = new(setUp)
	e.use(pool.DB, pool.DriverName())
	return e
}

func newEngine(d dialect.Dialect, cfg config, opts []Option) *Engine {
	for _, o := range opts {
		o(&cfg)
	}
	e := &Engine{dialect: d, cfg: cfg, meta: cfg.meta, values: new(sync.Map)}
	if e.meta == nil {
		e.meta = schema.Default
	}
	return e
}

// use takes a pool into service.
func (e *Engine) use(db *sql.DB, driverName string) {
	// sqlx binds named parameters by driver name and knows few of them.
	if sqlx.BindType(driverName) == sqlx.UNKNOWN && string(e.dialect.AppendPlaceholder(nil, 1)) == "$1" {
		driverName = "postgres"
	}
	e.db = sqlx.NewDb(db, driverName)
	e.db.Mapper = reflectx.NewMapperFunc("db", schema.ColumnName)
	if e.cfg.limits {
		kept := max(e.cfg.kept, 1)
		db.SetMaxOpenConns(kept + e.cfg.overflow)
		db.SetMaxIdleConns(kept)
	}
	if e.cfg.hasLifetime {
		db.SetConnMaxLifetime(e.cfg.lifetime)
	}
	if e.cfg.hasIdle {
		db.SetConnMaxIdleTime(e.cfg.idle)
	}
}

// Close closes the pool of an engine made by Open, and rolls a sandbox back. A
// pool given to New stays open. Connections in use are closed when they are
// released. What needs another one after it is ErrClosed. Closing twice is
// harmless.
func (e *Engine) Close() error {
	if e.box != nil {
		return e.closeSandbox()
	}
	if !e.owned {
		return nil
	}
	if err := e.db.Close(); err != nil {
		return fmt.Errorf("engine: close: %w", err)
	}
	return nil
}

// Dialect is the engine's dialect.
func (e *Engine) Dialect() dialect.Dialect { return e.dialect }

// DB is the pool for use with sqlx, mapping struct fields to columns by
// Dormer's names. What is sent through it waits for a connection as long as its
// context lasts, and its errors are the driver's own.
func (e *Engine) DB() *sqlx.DB { return e.db }

// Metadata is the set of tables the engine works with.
func (e *Engine) Metadata() *schema.Metadata { return e.meta }

// String names the database without its password.
func (e *Engine) String() string {
	if e.url == "" {
		return e.dialect.Name()
	}
	return e.url
}

// Value returns what was kept under key, calling make once for the first who
// asks. It is where upper layers keep what they compile per engine; a sandbox
// shares its parent's. Keys follow the rules of context keys.
func (e *Engine) Value(key any, make func() any) any {
	type kept = struct {
		once sync.Once
		v    any
	}
	v, ok := e.values.Load(key)
	if !ok {
		v, _ = e.values.LoadOrStore(key, new(kept))
	}
	k := v.(*kept)
	k.once.Do(func() { k.v = make() })
	return k.v
}

// outdate makes the pool open afresh what was opened before a connection died.
func (e *Engine) outdate(born int64) {
	if e.owned && !e.shared {
		e.generation.CompareAndSwap(born, born+1)
	}
}

// driverOf picks the database/sql driver for a URL.
func driverOf(d dialect.Dialect, u *dialect.URL) (string, error) {
	known := d.Drivers()
	registered := sql.Drivers()
	var names, imports []string
	for _, k := range known {
		if u.Driver != "" && u.Driver != k.Name {
			names = append(names, k.Name)
			continue
		}
		if slices.Contains(registered, k.Name) {
			return k.Name, nil
		}
		names = append(names, k.Name)
		imports = append(imports, fmt.Sprintf("import _ %q", k.Import))
	}
	if len(imports) == 0 {
		return "", fmt.Errorf("engine: open %s: dialect %s has no driver %q; it knows %s", u, d.Name(), u.Driver, strings.Join(names, ", "))
	}
	return "", fmt.Errorf("engine: open %s: no driver for %s is part of this program; add %s", u, d.Name(), strings.Join(imports, " or "))
}

// innerConnector makes the driver's own connector, as sql.Open would.
func innerConnector(name, dsn string) (driver.Connector, error) {
	probe, err := sql.Open(name, dsn) // the only way to a driver by its name; it connects to nothing
	if err != nil {
		return nil, err
	}
	drv := probe.Driver()
	if err := probe.Close(); err != nil {
		return nil, err
	}
	if d, ok := drv.(driver.DriverContext); ok {
		return d.OpenConnector(dsn)
	}
	return dsnConnector{dsn: dsn, driver: drv}, nil
}

// Ping connects, if need be, and asks whether the database answers.
func (e *Engine) Ping(ctx context.Context) error {
	return e.withConn(ctx, "ping", func(c *Conn) error {
		if err := c.conn.PingContext(ctx); err != nil {
			return fmt.Errorf("engine: ping %s: %w", e, withContext(ctx, e.translate(err)))
		}
		return nil
	})
}
