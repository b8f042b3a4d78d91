package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"time"

	"github.com/dormer-orm/dormer/dialect"
)

// connector opens the connections of an engine made by Open: it runs the
// dialect's set-up on each and wraps it.
type connector struct {
	e       *Engine
	inner   driver.Connector
	setup   []string
	secrets *secrets // to be kept out of errors
}

// Connect opens, sets up and wraps a connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	born := c.e.generation.Load()
	dc, err := c.inner.Connect(ctx)
	if err != nil {
		return nil, c.secrets.hide(err)
	}
	s := newSession(c.e, dc, c.e.cfg.stmts)
	s.born = born
	if err := s.runSetup(ctx, c.setup); err != nil {
		_ = dc.Close()
		return nil, err
	}
	return &conn{s}, nil
}

// Driver is the wrapped driver.
func (c *connector) Driver() driver.Driver { return c.inner.Driver() }

// Close closes a connector that holds something open.
func (c *connector) Close() error {
	if cl, ok := c.inner.(io.Closer); ok {
		return cl.Close()
	}
	return nil
}

// runSetup runs the dialect's set-up on a connection seen for the first time, to
// the end even if ctx ends: glebarez leaves a statement out when its context has
// ended and reports success, and the connection may serve others.
//
// A statement that finds the database locked is tried again for some time: SQLite
// changes the journal mode without waiting for other connections as long as
// busy_timeout says.
func (s *session) runSetup(ctx context.Context, setup []string) error {
	given := ctx
	ctx = context.WithoutCancel(ctx)
	for _, sql := range setup {
		err := s.setUp(ctx, sql)
		until, pause := time.Now().Add(setupPatience), time.Millisecond
		for errors.Is(err, dialect.ErrSerialization) && time.Now().Before(until) && given.Err() == nil {
			time.Sleep(pause)
			pause = min(2*pause, 50*time.Millisecond)
			err = s.setUp(ctx, sql)
		}
		if errors.Is(err, dialect.ErrReadOnly) {
			continue // a database that takes no writes needs no journal mode
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// setupPatience is how long the set-up waits for a lock, the dialect's own
// busy_timeout.
const setupPatience = 5 * time.Second

// setUp runs one statement of the set-up.
func (s *session) setUp(ctx context.Context, sql string) error {
	start := s.e.began()
	_, err := s.exec(ctx, sql, nil, false)
	if err != nil {
		err = s.e.fail(ctx, "set up connection", sql, err)
	}
	s.e.ended(ctx, start, sql, nil, 0, err)
	return err
}

// dsnConnector serves drivers that are no driver.DriverContext.
type dsnConnector struct {
	dsn    string
	driver driver.Driver
}

func (c dsnConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c dsnConnector) Driver() driver.Driver                        { return c.driver }
