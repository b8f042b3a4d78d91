// Package dialect is the room where trees become SQL. It holds the Dialect
// interface, the compiler that all databases share, the cache of compiled
// statements, the statements that a unit of work writes with, the rendering of
// DDL, and the typed errors that every driver's errors are translated into. The
// databases themselves are the packages below: dialect/postgres and
// dialect/sqlite.
//
//	c, err := dialect.Compile(sqlite.New(), stmt)  // c.SQL, c.Args
//	cache := dialect.NewCache(sqlite.New(), 0)     // compiles a shape once
//	c, err = cache.Compile(stmt)
//
// Nothing here opens a connection, and no driver may be imported. What differs
// between databases is a method of Dialect or a value in Capabilities; the
// shared code never asks for a database's name.
package dialect
