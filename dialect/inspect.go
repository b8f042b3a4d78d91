package dialect

import (
	"context"
	"database/sql/driver"
	"slices"

	"github.com/dormer-orm/dormer/schema"
)

// Inspecting is how a database is read into the model that package schema holds.
type Inspecting interface {
	// Inspect reads what the database has, by a number of queries that does not
	// depend on how much that is. What the system, an extension or another table
	// made is left out: the indexes of constraints, partitions, virtual tables.
	//
	// A column's type is of the kind whose spelling ColumnType gives, where there
	// is one, else schema.CustomType. Expressions are *expr.TextNode. What stands
	// in the database's default schema has the schema "". A foreign key to a table
	// that was not read points to a TableDef of names alone.
	Inspect(ctx context.Context, q Query, o InspectOptions) (*schema.Catalog, error)
}

// Query runs a query and passes each row to row; its values are valid during the
// call only.
type Query func(ctx context.Context, sql string, args []driver.NamedValue, row func([]driver.Value) error) error

// InspectOptions choose what is read. The zero value is all.
type InspectOptions struct {
	// Schemas are those to read, "" for the default one; none for all.
	Schemas []string
	// Tables says which tables are read; nil for all. schema is "" for the
	// default one.
	Tables func(schema, name string) bool
}

// HasSchema reports whether a schema is to be read.
func (o InspectOptions) HasSchema(name string) bool {
	return len(o.Schemas) == 0 || slices.Contains(o.Schemas, name)
}

// HasTable reports whether a table is to be read.
func (o InspectOptions) HasTable(schema, name string) bool {
	return o.HasSchema(schema) && (o.Tables == nil || o.Tables(schema, name))
}
