package engine

import "database/sql/driver"

// stmtCache keeps the prepared statements of one driver connection, the least
// recently used dropped first. It belongs to whoever holds the connection.
type stmtCache struct {
	limit  int
	byText map[string]*cachedStmt
	recent cachedStmt // ring: recent.next is the latest, recent.prev the oldest
}

// cachedStmt is a text that was seen, and its statement once it was prepared.
type cachedStmt struct {
	sql        string
	stmt       driver.Stmt
	prev, next *cachedStmt
}

func newStmtCache(limit int) *stmtCache {
	if limit <= 0 {
		return nil
	}
	c := &stmtCache{limit: limit, byText: make(map[string]*cachedStmt)}
	c.recent.prev, c.recent.next = &c.recent, &c.recent
	return c
}

// get finds a text and makes it the latest, or returns nil.
func (c *stmtCache) get(sql string) *cachedStmt {
	e := c.byText[sql]
	if e != nil && c.recent.next != e {
		e.unlink()
		c.front(e)
	}
	return e
}

// add remembers a text that get did not find. It drops the oldest when full.
func (c *stmtCache) add(sql string, st driver.Stmt) {
	if len(c.byText) >= c.limit {
		c.drop(c.recent.prev)
	}
	e := &cachedStmt{sql: sql, stmt: st}
	c.byText[sql] = e
	c.front(e)
}

// drop closes a statement and forgets its text. A failing Close is no news:
// the statement goes with its connection at the latest.
func (c *stmtCache) drop(e *cachedStmt) {
	e.unlink()
	delete(c.byText, e.sql)
	if e.stmt != nil {
		_ = e.stmt.Close()
	}
}

// clear drops all.
func (c *stmtCache) clear() {
	for c.recent.next != &c.recent {
		c.drop(c.recent.next)
	}
}

func (c *stmtCache) front(e *cachedStmt) {
	e.prev, e.next = &c.recent, c.recent.next
	e.prev.next, e.next.prev = e, e
}

func (e *cachedStmt) unlink() {
	e.prev.next, e.next.prev = e.next, e.prev
	e.prev, e.next = nil, nil
}
