package migrate

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
)

// Inspect reads what a database has into the model that a program's tables are in:
// tables with all that belongs to them, enum types, and views and triggers with
// their SQL. It runs a number of queries that does not depend on how many tables
// there are, in a transaction that sees one state and changes nothing. Tables by
// which Dormer keeps its own books are read like all others.
//
// The result is the caller's own. Its expressions are what the database prints,
// *expr.TextNode.
func Inspect(ctx context.Context, db *engine.Engine, o dialect.InspectOptions) (*schema.Catalog, error) {
	c, err := db.Acquire(ctx, "inspect")
	if err != nil {
		return nil, err
	}
	defer c.Release() // ends the transaction, in which nothing was written
	if err := c.Begin(ctx, engine.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}); err != nil {
		return nil, err
	}
	return inspect(ctx, c, o)
}

// inspect is Inspect by a connection, in the transaction that it may be in.
func inspect(ctx context.Context, c *engine.Conn, o dialect.InspectOptions) (*schema.Catalog, error) {
	cat, err := c.Engine().Dialect().Inspect(ctx, func(ctx context.Context, sql string, args []driver.NamedValue, row func([]driver.Value) error) error {
		_, err := c.Query(ctx, sql, args, row)
		return err
	}, o)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	return cat, nil
}
