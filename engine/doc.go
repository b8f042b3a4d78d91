// Package engine is the room of connections: it opens a database by URL, keeps
// a bounded pool, runs statements, reads rows, keeps prepared statements, and
// tells a logger and an observer what was sent.
//
//	db, err := engine.Open("sqlite://blog.db")
//	if err != nil { … }
//	defer db.Close()
//	var n int
//	err = db.Get(ctx, &n, "SELECT count(*) FROM posts")
//
// Whoever only uses units of work and repositories needs Open, Close and the
// options. Select, Get, Exec and NamedExec run hand-written SQL through sqlx.
// Conn, QueryRows and ExecRaw are what the upper layers are built on: they read
// rows below sql.Rows.Scan, straight from the driver.
//
// # Contexts
//
// A context is checked before each statement, after it, and every 64 rows; its
// error is joined to the driver's, so errors.Is finds both. When a context ends
// while a statement runs outside a transaction, the error does not say whether
// the database has done the work. Whether a running statement is interrupted is
// up to the driver: PostgreSQL is sent a cancel request; a single long step of
// SQLite runs to its end, and so does its wait for a lock (5 seconds, its
// busy_timeout).
//
// Nothing that knows about entities may enter here.
package engine
