package engine

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"
)

// pool knows who holds connections, for the error when there are none left.
type pool struct {
	mu   sync.Mutex
	held map[*Conn]struct{}
}

func (p *pool) add(c *Conn) {
	p.mu.Lock()
	if p.held == nil {
		p.held = make(map[*Conn]struct{})
	}
	p.held[c] = struct{}{}
	p.mu.Unlock()
}

func (p *pool) remove(c *Conn) {
	p.mu.Lock()
	delete(p.held, c)
	p.mu.Unlock()
}

// holders lists who holds a connection, the longest first.
func (p *pool) holders() []Holder {
	now := time.Now()
	p.mu.Lock()
	list := make([]Holder, 0, len(p.held))
	for c := range p.held {
		list = append(list, Holder{Name: c.holder, For: now.Sub(c.since), SQL: c.lastSQL()})
	}
	p.mu.Unlock()
	sort.Slice(list, func(i, j int) bool { return list[i].For > list[j].For })
	return list
}

// Holder is someone who holds a connection.
type Holder struct {
	// Name says what it is: "unit of work", "stream", "hand-written SQL".
	Name string
	// For is since when.
	For time.Duration
	// SQL is the text of its latest statement, or "".
	SQL string
}

// PoolTimeoutError is returned when no connection came free in time. It wraps
// the context's error where the caller's own context ended, and nothing where
// the pool's timeout passed.
type PoolTimeoutError struct {
	// Kept and Overflow are the pool's limits: so many connections kept, so
	// many more on demand.
	Kept, Overflow int
	// Waited is how long.
	Waited time.Duration
	// Holders is who held the connections, the longest first. Connections
	// taken straight from DB() are not among them.
	Holders []Holder
	// Err is the context's error, or nil.
	Err error
}

// Error names the limits, up to five holders, and what to do.
func (e *PoolTimeoutError) Error() string {
	var b strings.Builder
	b.WriteString("engine: ")
	if e.Err != nil {
		b.WriteString(e.Err.Error() + " while waiting for a connection: ")
	}
	fmt.Fprintf(&b, "no connection came free within %s; all %d (%d kept, %d overflow) are in use", e.Waited.Round(time.Millisecond), e.Kept+e.Overflow, e.Kept, e.Overflow)
	for i, h := range e.Holders {
		if i == 5 {
			fmt.Fprintf(&b, "; and %d more", len(e.Holders)-i)
			break
		}
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%s for %s", sep, h.Name, h.For.Round(time.Millisecond))
		if h.SQL != "" {
			b.WriteString(" (last: " + shorten(h.SQL) + ")")
		}
	}
	b.WriteString("; end units of work and close rows sooner, or raise PoolSize, PoolOverflow or PoolTimeout")
	return b.String()
}

// Unwrap gives the context's error, or nil.
func (e *PoolTimeoutError) Unwrap() error { return e.Err }

// Acquire takes a connection out of the pool for one goroutine at a time, and
// waits for one at most PoolTimeout. holder says who it is, for the error of
// those who wait in vain. The caller must Release it.
func (e *Engine) Acquire(ctx context.Context, holder string) (*Conn, error) {
	c := &Conn{e: e, holder: holder}
	if err := c.connect(ctx); err != nil {
		return nil, err
	}
	c.since = time.Now()
	e.pool.add(c)
	return c, nil
}

// connect pins a connection of the pool.
func (c *Conn) connect(ctx context.Context) error {
	e := c.e
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("engine: connect: %w", err)
	}
	wait := ctx
	start := time.Now()
	if e.cfg.timeout > 0 {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, e.cfg.timeout)
		defer cancel()
	}
	conn, err := e.db.Connx(wait)
	if err != nil {
		return e.noConn(ctx, wait, start, err)
	}
	c.conn, c.s, c.wrapped, c.used = conn, nil, false, false
	if c.raw == nil {
		c.raw = c.inRaw
	}
	if e.owned {
		return nil
	}
	c.call = call{op: opSetUp, ctx: ctx}
	c.run()
	if err := c.call.err; err != nil {
		c.discard()
		return e.fail(ctx, "set up connection", "", err)
	}
	return nil
}

// noConn says why there is no connection.
func (e *Engine) noConn(ctx, wait context.Context, start time.Time, err error) error {
	if err.Error() == "sql: database is closed" { // an error without a name
		return fmt.Errorf("engine: connect to %s: %w (%w)", e, ErrClosed, err)
	}
	if wait.Err() == nil {
		return fmt.Errorf("engine: connect to %s: %w", e, e.translate(err))
	}
	st := e.db.Stats()
	if st.MaxOpenConnections == 0 || st.OpenConnections < st.MaxOpenConnections {
		if ctx.Err() != nil {
			return fmt.Errorf("engine: connect to %s: %w", e, withContext(ctx, e.translate(err)))
		}
		return fmt.Errorf("engine: connect to %s: no answer within %s: %w", e, e.cfg.timeout, e.translate(err))
	}
	kept := st.MaxOpenConnections
	if e.cfg.limits {
		kept = min(kept, max(e.cfg.kept, 1))
	}
	return &PoolTimeoutError{
		Kept: kept, Overflow: st.MaxOpenConnections - kept,
		Waited: time.Since(start), Holders: e.pool.holders(), Err: ctx.Err(),
	}
}
