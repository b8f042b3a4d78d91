package engine

import (
	"database/sql"
	"errors"
)

// Joined returns an engine on this connection, in its open transaction: its own
// transactions are savepoints, as those of a Sandbox are, and what they commit is
// kept if this one commits. Code that was given the engine of the connection and a
// unit of work of the joined one takes part, see Base. The connection must not be
// used otherwise until the joined engine is closed, which leaves the transaction
// open. Statements are not kept prepared, since tables may change in between.
func (c *Conn) Joined() (*Engine, error) {
	c.attach()
	if c.tx == nil || c.s == nil {
		return nil, errors.New("engine: join: no transaction is open on the connection")
	}
	e := c.e
	cfg := e.cfg
	cfg.kept, cfg.overflow, cfg.limits, cfg.stmts = 1, 0, true, 0
	cfg.hasLifetime, cfg.hasIdle = false, false
	if cfg.timeout <= 0 {
		cfg.timeout = defaultTimeout
	}
	in := &Engine{
		dialect: e.dialect, cfg: cfg, meta: e.meta, url: e.url, values: e.values,
		owned: true, shared: true, box: &boxState{root: c, parent: e, guards: e.dialect.Capabilities().ErrorAborts, joined: true},
	}
	in.use(sql.OpenDB(boxConnector{in}), e.db.DriverName())
	return in, nil
}

// Base is the engine whose transaction a joined engine is part of; every other
// engine is its own.
func (e *Engine) Base() *Engine {
	for e.box != nil && e.box.joined {
		e = e.box.parent
	}
	return e
}

// Discard has Release close the connection instead of giving it back to the pool,
// for one whose session was left in a state that nobody else should find. The only
// connection to a database in memory is kept all the same.
func (c *Conn) Discard() { c.broken = true }
