package schema

import (
	"reflect"
	"sync/atomic"

	"github.com/dormer-orm/dormer/expr"
)

// TableDef is a table as data: what Define read from a struct, and what DDL,
// migrations and the unit of work go by. It is filled while its Metadata is
// open and must not be changed afterwards; then it is safe for concurrent use.
type TableDef struct {
	// Name and Schema are the table's name and schema ("" for the default).
	Name, Schema string
	// Source is the table's own occurrence in statements.
	Source *expr.Source
	// Entity is the struct type whose fields the columns are.
	Entity reflect.Type
	// Columns are in the order of the struct's fields.
	Columns []*ColumnDef
	// PrimaryKey are the key's columns in the key's order.
	PrimaryKey  []*ColumnDef
	Uniques     []*UniqueDef
	Indexes     []*IndexDef
	Checks      []*CheckDef
	ForeignKeys []*ForeignKeyDef
	Relations   []*RelationDef
	Comment     string
	// RenamedFrom is the name that the table had before, for migrations.
	RenamedFrom string
	// Options is what the database keeps of a table beside its columns, as it
	// spells it: STRICT or WITHOUT ROWID on SQLite.
	Options string
	// Notes is what the database has of the table that no other field can say, each
	// in some words for people. It is not compared, and nothing is made of it.
	Notes []string
	// Version is the optimistic lock's column, SoftDelete the time of deletion;
	// nil where the table has none.
	Version, SoftDelete *ColumnDef
	// Filters are the conditions that statements put on the rows by themselves.
	Filters []*FilterDef
	// Metadata is the collection the table belongs to.
	Metadata *Metadata

	defining   bool
	associates bool        // made by NewAssociation
	sealed     atomic.Bool // read by late definitions while Seal runs
	faults     []string
}

// ZeroRule says what an INSERT does with Go's zero value in a column that has a
// default.
type ZeroRule uint8

// The rules: not said, the zero value takes the default, the zero value is
// written.
const (
	ZeroUnsaid ZeroRule = iota
	ZeroTakesDefault
	ZeroIsKept
)

// ColumnDef is a column as data.
type ColumnDef struct {
	Table *TableDef
	Name  string
	// Position is the column's index in Table.Columns.
	Position int
	Ref      *expr.ColumnRef
	Type     Type
	Nullable bool

	// Field is the Go field's name, with the path for embedded structs; Offset
	// is where it lies in the entity. GoType is the value's type, without
	// pointer or sql.Null, Null how the field holds NULL.
	Field  string
	Offset uintptr
	GoType reflect.Type
	Null   NullForm

	// PrimaryKey says that the column is part of the key, Identity that the
	// database makes its values.
	PrimaryKey, Identity bool

	// Default is the value and DefaultFunc the function whose value INSERT
	// writes; ServerDefault is the DDL's DEFAULT. At most one is set.
	Default       any
	DefaultFunc   func() any
	ServerDefault expr.Node
	Zero          ZeroRule
	// OnUpdate is written by each UPDATE of the row.
	OnUpdate expr.Node
	// Computed is the expression of a generated column, which is never written.
	Computed expr.Node
	// Stored says that a computed column is kept in the table.
	Stored    bool
	IsVersion bool
	// MadeVersion says that the database makes the version.
	MadeVersion bool
	Comment     string
	Collation   string
	// RenamedFrom is the name that the column had before, for migrations.
	RenamedFrom string

	identitySaid          bool
	onDelete, onKeyUpdate Action // said before References
}

// DecimalDigits are how many digits a decimal has in all and after the point; ok is
// false of a column of another type.
func (c *ColumnDef) DecimalDigits() (digits, scale int, ok bool) {
	return c.Type.Precision, c.Type.Scale, c.Type.Kind == DecimalKind && c.Type.Custom == ""
}

// HasDefault reports whether an INSERT may fill the column by itself.
func (c *ColumnDef) HasDefault() bool {
	return c.Default != nil || c.DefaultFunc != nil || c.ServerDefault != nil
}

// UniqueDef is a UNIQUE constraint. Name is never empty once the Metadata is
// sealed.
type UniqueDef struct {
	Name    string
	Columns []*ColumnDef
}

// IndexPart is one part of an index: a column or an expression.
type IndexPart struct {
	Column *ColumnDef // nil for an expression
	Expr   expr.Node
	Desc   bool
	Nulls  expr.NullsOrder
	// Class is the operator class as the database spells it, "" for the default one
	// of the type.
	Class string
}

// IndexDef is an index. Where is a partial index's condition, nil for none;
// Method is its access method, "" for the database's default.
type IndexDef struct {
	Name    string
	Table   *TableDef
	Parts   []IndexPart
	Include []*ColumnDef
	Unique  bool
	Where   expr.Node
	Method  string
}

// CheckDef is a CHECK constraint.
type CheckDef struct {
	Name string
	Cond expr.Node
}

// Action is what a foreign key does when the row that it points to goes.
type Action uint8

// The actions. NoAction is the database's default.
const (
	NoAction Action = iota
	Restrict
	Cascade
	SetNull
	SetDefault
)

func (a Action) String() string {
	return [...]string{"NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"}[a]
}

// ForeignKeyDef is a foreign key. Columns and RefColumns go in pairs.
type ForeignKeyDef struct {
	Name       string
	Table      *TableDef
	Columns    []*ColumnDef
	RefTable   *TableDef
	RefColumns []*ColumnDef
	OnDelete   Action
	OnUpdate   Action
	// Deferrable constraints are checked at COMMIT where the database can.
	Deferrable bool
}

// RelationDef is a relation between two tables as package rel declares it.
type RelationDef struct {
	// Name is the Go field's name, Offset where its container lies.
	Name   string
	Offset uintptr
	Table  *TableDef
	// Target is the entity type on the other side, Container the field's type.
	Target    reflect.Type
	Container reflect.Type
	// Many says that the container holds any number.
	Many bool
	// Spec is what package rel keeps here.
	Spec any
}

// Column returns the column of that name, nil if there is none.
func (t *TableDef) Column(name string) *ColumnDef {
	for _, c := range t.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// QualifiedName is schema.name, or name in the default schema, unquoted.
func (t *TableDef) QualifiedName() string {
	if t.Schema != "" {
		return t.Schema + "." + t.Name
	}
	return t.Name
}
