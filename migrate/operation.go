package migrate

import (
	"context"
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Operation is one change of a database as data: it has a reverse or says that it
// has none, renders for every dialect and prints as Go. The types of this package
// are all there are. An Operation is not changed once it is made.
type Operation interface {
	// Reverse returns the operation that undoes this one. ok is false where
	// nothing says what was there before.
	Reverse() (op Operation, ok bool)
	// Loses names the data that the operation takes away for good, "" for none.
	Loses() string

	// ddl is the operation for a database that has the catalog.
	ddl(c *schema.Catalog) ([]schema.DDL, error)
	// apply makes the change in a catalog.
	apply(c *schema.Catalog) error
}

// Table names a table. Schema is "" for the default one.
type Table struct{ Schema, Name string }

func (t Table) String() string {
	if t.Schema != "" {
		return t.Schema + "." + t.Name
	}
	return t.Name
}

func nameOf(t *schema.TableDef) Table { return Table{t.Schema, t.Name} }

// The operations. Was is what was there before, nil where the revision does not
// say.
type (
	// CreateSchema makes a schema, DropSchema drops an empty one.
	CreateSchema struct{ Name string }
	DropSchema   struct{ Name string }
	// CreateEnum makes an enum type, DropEnum drops it, AlterEnum changes its
	// values. Columns are those of the enum, as table.column, for databases that
	// have no enum types; without them it is all columns that take just the old
	// values.
	CreateEnum struct {
		Name   string
		Values []string
	}
	DropEnum struct {
		Name string
		Was  []string
	}
	AlterEnum struct {
		Name     string
		From, To []string
		Columns  []string
	}
	// CreateTable makes a table with its columns, constraints and indexes.
	CreateTable struct{ Table *schema.TableDef }
	DropTable   struct {
		Table Table
		Was   *schema.TableDef
	}
	RenameTable struct {
		Table Table
		To    string
	}
	// CommentTable sets a table's comment.
	CommentTable struct {
		Table    Table
		From, To string
	}
	// AddColumn adds a column. Backfill is the value of the rows that are there,
	// nil for the column's default or NULL.
	AddColumn struct {
		Table    Table
		Column   *schema.ColumnDef
		Backfill expr.Node
	}
	DropColumn struct {
		Table Table
		Name  string
		Was   *schema.ColumnDef
	}
	RenameColumn struct {
		Table    Table
		From, To string
	}
	// AlterColumn changes what From says into what To says. Using converts the
	// values, Backfill takes the place of NULL.
	AlterColumn struct {
		Table           Table
		From, To        *schema.ColumnDef
		Using, Backfill expr.Node
	}
	// CreateIndex makes an index; Concurrently without keeping writers away,
	// outside a transaction, where the database can.
	CreateIndex struct {
		Table        Table
		Index        *schema.IndexDef
		Concurrently bool
	}
	DropIndex struct {
		Table        Table
		Name         string
		Was          *schema.IndexDef
		Concurrently bool
	}
	RenameIndex struct {
		Table    Table
		From, To string
	}
	// AddPrimaryKey and the like add a constraint.
	AddPrimaryKey struct {
		Table   Table
		Columns []string
	}
	AddUnique struct {
		Table  Table
		Unique *schema.UniqueDef
	}
	AddCheck struct {
		Table Table
		Check *schema.CheckDef
	}
	AddForeignKey struct {
		Table Table
		Key   *schema.ForeignKeyDef
	}
	// DropConstraint drops a constraint of the kind. Was adds it again.
	DropConstraint struct {
		Table Table
		Kind  schema.ConstraintKind
		Name  string
		Was   Operation
	}
	RenameConstraint struct {
		Table    Table
		From, To string
	}
	// Exec runs SQL: SQL itself, or what On has for the dialect. An empty text
	// runs nothing.
	Exec struct {
		SQL string
		On  map[string]string
	}
	// Run runs code in the transaction.
	Run struct {
		Func func(ctx context.Context, tx *uow.UnitOfWork) error
	}
)

// errNoSuch is what an operation on something that is not there returns.
var errNoSuch = errors.New("migrate: there is no such thing")

func noSuch(what, name string) error { return fmt.Errorf("%w: %s %s", errNoSuch, what, name) }

// table finds a table of a catalog, or describes one of that name alone where the
// catalog is nil: nothing is known of the database then.
func table(c *schema.Catalog, t Table) (*schema.TableDef, error) {
	if c == nil {
		return schema.NewTable(t.Name, schema.InSchema(t.Schema)), nil
	}
	if def := c.Table(t.Schema, t.Name); def != nil {
		return def, nil
	}
	return nil, noSuch("table", t.String())
}

// Reverse of each.

func (o CreateSchema) Reverse() (Operation, bool) { return DropSchema(o), true }
func (o DropSchema) Reverse() (Operation, bool)   { return CreateSchema(o), true }
func (o CreateEnum) Reverse() (Operation, bool)   { return DropEnum{o.Name, o.Values}, true }
func (o DropEnum) Reverse() (Operation, bool)     { return CreateEnum{o.Name, o.Was}, len(o.Was) > 0 }
func (o AlterEnum) Reverse() (Operation, bool) {
	return AlterEnum{o.Name, o.To, o.From, o.Columns}, true
}
func (o CreateTable) Reverse() (Operation, bool) { return DropTable{nameOf(o.Table), o.Table}, true }
func (o DropTable) Reverse() (Operation, bool)   { return CreateTable{o.Was}, o.Was != nil }
func (o RenameTable) Reverse() (Operation, bool) {
	return RenameTable{Table{o.Table.Schema, o.To}, o.Table.Name}, true
}
func (o CommentTable) Reverse() (Operation, bool) { return CommentTable{o.Table, o.To, o.From}, true }
func (o AddColumn) Reverse() (Operation, bool) {
	return DropColumn{o.Table, o.Column.Name, o.Column}, true
}
func (o DropColumn) Reverse() (Operation, bool) { return AddColumn{o.Table, o.Was, nil}, o.Was != nil }
func (o RenameColumn) Reverse() (Operation, bool) {
	return RenameColumn{o.Table, o.To, o.From}, true
}
func (o AlterColumn) Reverse() (Operation, bool) {
	return AlterColumn{Table: o.Table, From: o.To, To: o.From}, true
}
func (o CreateIndex) Reverse() (Operation, bool) {
	return DropIndex{o.Table, o.Index.Name, o.Index, o.Concurrently}, true
}
func (o DropIndex) Reverse() (Operation, bool) {
	return CreateIndex{o.Table, o.Was, o.Concurrently}, o.Was != nil
}
func (o RenameIndex) Reverse() (Operation, bool) { return RenameIndex{o.Table, o.To, o.From}, true }
func (o AddPrimaryKey) Reverse() (Operation, bool) {
	return DropConstraint{o.Table, schema.PrimaryKeyConstraint, "", o}, true
}
func (o AddUnique) Reverse() (Operation, bool) {
	return DropConstraint{o.Table, schema.UniqueConstraint, o.Unique.Name, o}, o.Unique.Name != ""
}
func (o AddCheck) Reverse() (Operation, bool) {
	return DropConstraint{o.Table, schema.CheckConstraint, o.Check.Name, o}, o.Check.Name != ""
}
func (o AddForeignKey) Reverse() (Operation, bool) {
	return DropConstraint{o.Table, schema.ForeignKeyConstraint, o.Key.Name, o}, o.Key.Name != ""
}
func (o DropConstraint) Reverse() (Operation, bool) { return o.Was, o.Was != nil }
func (o RenameConstraint) Reverse() (Operation, bool) {
	return RenameConstraint{o.Table, o.To, o.From}, true
}
func (o Exec) Reverse() (Operation, bool) { return nil, false }
func (o Run) Reverse() (Operation, bool)  { return nil, false }
