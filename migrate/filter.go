package migrate

import (
	"slices"

	"github.com/dormer-orm/dormer/schema"
)

// DiffOption says what Diff compares.
type DiffOption func(*diffOptions)

type diffOptions struct {
	schemas []string
	tables  func(schema, name string) bool
	objects func(Object) bool
	unknown bool
	// history are the types of columns as the revisions have made them, nil where
	// these are not known.
	history map[Table]map[string]schema.Type
}

// OnlySchemas has Diff compare tables of these schemas alone; "" is the default
// one.
func OnlySchemas(names ...string) DiffOption {
	return func(o *diffOptions) { o.schemas = append(o.schemas, names...) }
}

// OnlyTables has Diff compare tables alone for which f returns true, in the
// database and in the model.
func OnlyTables(f func(schema, name string) bool) DiffOption {
	return func(o *diffOptions) { o.tables = f }
}

// OnlyObjects has Diff leave out changes of what f returns false for. A change
// that needs one of these fails when it is run.
func OnlyObjects(f func(Object) bool) DiffOption {
	return func(o *diffOptions) { o.objects = f }
}

// DropUnknown has Diff drop tables that the model does not know. Without it they
// are left alone.
func DropUnknown() DiffOption { return func(o *diffOptions) { o.unknown = true } }

// Object is what an operation changes: a schema, enum, table, column, index,
// primary key, unique constraint, check or foreign key, as Kind says.
type Object struct {
	Kind string
	// Table is that which it belongs to, zero for schemas and enums.
	Table Table
	// Name is that of the object itself, the new one where it gets one; "" for a
	// primary key.
	Name string
}

// ObjectOf tells what an operation changes. It is zero for Exec and Run.
func ObjectOf(o Operation) Object {
	switch o := o.(type) {
	case CreateSchema:
		return Object{"schema", Table{}, o.Name}
	case DropSchema:
		return Object{"schema", Table{}, o.Name}
	case CreateEnum:
		return Object{"enum", Table{}, o.Name}
	case DropEnum:
		return Object{"enum", Table{}, o.Name}
	case AlterEnum:
		return Object{"enum", Table{}, o.Name}
	case CreateTable:
		return Object{"table", nameOf(o.Table), o.Table.Name}
	case DropTable:
		return Object{"table", o.Table, o.Table.Name}
	case RenameTable:
		return Object{"table", Table{o.Table.Schema, o.To}, o.To}
	case CommentTable:
		return Object{"table", o.Table, o.Table.Name}
	case AddColumn:
		return Object{"column", o.Table, o.Column.Name}
	case DropColumn:
		return Object{"column", o.Table, o.Name}
	case RenameColumn:
		return Object{"column", o.Table, o.To}
	case AlterColumn:
		return Object{"column", o.Table, o.To.Name}
	case CreateIndex:
		return Object{"index", o.Table, o.Index.Name}
	case DropIndex:
		return Object{"index", o.Table, o.Name}
	case RenameIndex:
		return Object{"index", o.Table, o.To}
	case AddPrimaryKey:
		return Object{schema.PrimaryKeyConstraint.String(), o.Table, ""}
	case AddUnique:
		return Object{schema.UniqueConstraint.String(), o.Table, o.Unique.Name}
	case AddCheck:
		return Object{schema.CheckConstraint.String(), o.Table, o.Check.Name}
	case AddForeignKey:
		return Object{schema.ForeignKeyConstraint.String(), o.Table, o.Key.Name}
	case DropConstraint:
		return Object{o.Kind.String(), o.Table, o.Name}
	case RenameConstraint:
		return Object{"constraint", o.Table, o.To}
	}
	return Object{}
}

// hasTable reports whether a table is to be compared. Dormer's own are not.
func (o *diffOptions) hasTable(schemaName, name string) bool {
	return !ownTable(name) && (len(o.schemas) == 0 || slices.Contains(o.schemas, schemaName)) && (o.tables == nil || o.tables(schemaName, name))
}

// ownTable reports whether a table is one of those that migrations keep.
func ownTable(name string) bool { return name == "dormer_version" || name == "dormer_revision" }
