package schema

import "github.com/dormer-orm/dormer/expr"

// ConstraintKind is what a constraint constrains.
type ConstraintKind uint8

// The kinds of constraints that DropConstraint and RenameConstraint name.
const (
	PrimaryKeyConstraint ConstraintKind = iota + 1
	UniqueConstraint
	CheckConstraint
	ForeignKeyConstraint
)

func (k ConstraintKind) String() string {
	return [...]string{"constraint", "primary key", "unique constraint", "check", "foreign key"}[k]
}

// Changes of tables that exist. Where the database cannot make one by ALTER, it is
// an error to render it: the table is rebuilt instead, by RebuildTable.
type (
	// DropSchema drops an empty schema.
	DropSchema struct{ Name string }
	// AlterEnum changes the values of an enum type.
	AlterEnum struct {
		Name     string
		From, To []string
		// Columns are those of the type, which a change that is not an addition
		// has to convert.
		Columns []*ColumnDef
	}
	// RenameTable gives a table another name in its schema.
	RenameTable struct {
		Table *TableDef
		To    string
	}
	// AddColumn adds a column to a table. Column.Table is the table.
	AddColumn struct{ Column *ColumnDef }
	// DropColumn drops a column with all that needs it in the same table.
	DropColumn struct{ Column *ColumnDef }
	// RenameColumn gives a column another name.
	RenameColumn struct {
		Column *ColumnDef
		To     string
	}
	// AlterColumn changes a column from one definition to another of the same
	// name and table. Using converts the values of a type that changes, nil for
	// the database's own conversion. Backfill is written where the column holds
	// NULL, before it takes none any more.
	AlterColumn struct {
		From, To        *ColumnDef
		Using, Backfill expr.Node
	}
	// DropIndex drops an index.
	DropIndex struct{ Index *IndexDef }
	// CreateIndexConcurrently makes an index without a lock that keeps writers
	// away. It runs outside a transaction.
	CreateIndexConcurrently struct{ Index *IndexDef }
	// DropIndexConcurrently drops one in the same way.
	DropIndexConcurrently struct{ Index *IndexDef }
	// RenameIndex gives an index another name.
	RenameIndex struct {
		Index *IndexDef
		To    string
	}
	// AddPrimaryKey makes the columns of Table.PrimaryKey the key.
	AddPrimaryKey struct{ Table *TableDef }
	// AddUnique adds a UNIQUE constraint.
	AddUnique struct {
		Table  *TableDef
		Unique *UniqueDef
	}
	// AddCheck adds a CHECK.
	AddCheck struct {
		Table *TableDef
		Check *CheckDef
	}
	// DropConstraint drops a constraint by name. A primary key's name may be "":
	// that which the database gives it.
	DropConstraint struct {
		Table *TableDef
		Kind  ConstraintKind
		Name  string
	}
	// RenameConstraint gives a constraint another name.
	RenameConstraint struct {
		Table *TableDef
		Name  string
		To    string
	}
	// RebuildTable makes a table anew and copies its rows. Copy has the value of
	// each column of To, in order, over the columns of From; nil for columns that
	// take their default or compute their value. Triggers are made again
	// afterwards; Views stay, and it fails if one can no longer be read.
	RebuildTable struct {
		From, To *TableDef
		Copy     []expr.Node
		Triggers []*TriggerDef
		Views    []*ViewDef
	}
)

func (DropSchema) isDDL()              {}
func (AlterEnum) isDDL()               {}
func (RenameTable) isDDL()             {}
func (AddColumn) isDDL()               {}
func (DropColumn) isDDL()              {}
func (RenameColumn) isDDL()            {}
func (AlterColumn) isDDL()             {}
func (DropIndex) isDDL()               {}
func (CreateIndexConcurrently) isDDL() {}
func (DropIndexConcurrently) isDDL()   {}
func (RenameIndex) isDDL()             {}
func (AddPrimaryKey) isDDL()           {}
func (AddUnique) isDDL()               {}
func (AddCheck) isDDL()                {}
func (DropConstraint) isDDL()          {}
func (RenameConstraint) isDDL()        {}
func (RebuildTable) isDDL()            {}
