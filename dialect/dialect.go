package dialect

import (
	"database/sql"
	"database/sql/driver"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Dialect is one database as Dormer sees it: how it quotes, compiles, stores,
// connects and fails. A Dialect is immutable and safe for concurrent use.
//
// The interface is what the shared compiler, the engine and the unit of work
// ask for; everything that differs between databases is behind it or in its
// Capabilities, never in a comparison of names elsewhere.
type Dialect interface {
	// Name is the dialect's name: "postgres", "sqlite".
	Name() string
	// Capabilities says what the database can do.
	Capabilities() Capabilities

	Grammar
	Lists
	Storage
	Writing
	Catalog
	Altering
	Inspecting
	Migrating
	Scratching
	Connecting
}

// Grammar is how SQL is spelled.
type Grammar interface {
	// AppendQuoted appends the quoted form of an identifier. A NUL in it is
	// replaced; CheckName refuses such names before.
	AppendQuoted(b []byte, ident string) []byte
	// AppendPlaceholder appends the placeholder of the nth parameter, n from 1.
	AppendPlaceholder(b []byte, n int) []byte
	// AppendLiteral appends a value as SQL text, for DDL, which takes no
	// parameters.
	AppendLiteral(b []byte, v driver.Value) ([]byte, error)
	// Function renders a call of a known function. ok is false where the
	// shared compiler's spelling, name(args…), is right. What is written binds
	// as tightly as a call does.
	Function(c *Compiler, call *expr.CallNode) (ok bool, err error)
	// JSON renders a JSONNode, whose column is JSON. What is written binds as
	// tightly as a call does, and has no parameters.
	JSON(c *Compiler, n *expr.JSONNode) error
	// Aggregate is the name that the database has for an aggregate or a function of
	// windows, "" where it has none.
	Aggregate(name string) string
	// Decimal renders what makes a decimal of others, in the form in which one is kept:
	// a DecimalNode, an aggregate of decimals or a window's, and, where decimals are
	// text, all else that takes them by their values. It binds as a call does.
	Decimal(c *Compiler, n expr.Node) error
	// DecimalNumber renders a decimal as what is computed with and compared, at a scale
	// that is no smaller than its own. It binds as a call does.
	DecimalNumber(c *Compiler, n expr.Node, scale int) error
	// DecimalColumn renders a decimal in the form in which a column of that type and
	// name keeps it: rounded to its scale, and an error of the database where it has
	// too many digits.
	DecimalColumn(c *Compiler, n expr.Node, t *schema.Type, column string) error
	// Like renders a LikeNode, binding as loosely as a comparison.
	Like(c *Compiler, n *expr.LikeNode) error
	// LikePattern is the argument that stands for a bound pattern in the text
	// that Like writes.
	LikePattern(pattern string, escape, fold bool) string
	// CastType is the name of a type in CAST, without size or precision, since
	// a cast to those cuts values off without a word. It is "" for a kind that
	// the dialect cannot cast to.
	CastType(t *schema.Type) string
}

// Storage is how values are kept.
type Storage interface {
	// ColumnType is the column's type as DDL spells it, such as VARCHAR(100).
	ColumnType(c *schema.ColumnDef) (string, error)
	// Wire says in which form a column's values travel to and from the driver.
	Wire(t *schema.Type) schema.Wire
	// Ordered is the text before and after a value of type t, or a bound one in
	// its stored form, that makes it compare in the order of its values: both
	// empty where the stored form does so by itself.
	Ordered(t *schema.Type) (before, after string)
	// AppendReadColumn appends qualified, a column's quoted name or a subquery in
	// parentheses that reads one, as a list of results reads it best.
	AppendReadColumn(b []byte, c *schema.ColumnDef, qualified []byte) []byte
	// AppendPackedColumn is AppendReadColumn for a result that Unpack reads. ok is
	// false for columns that have no such form; nothing is appended then.
	AppendPackedColumn(b []byte, c *schema.ColumnDef, qualified []byte) (_ []byte, ok bool)
	// Unpack reads a time that came in packed form; null says that it is NULL.
	Unpack(v driver.Value) (t time.Time, null bool, err error)
}

// Connecting is what the engine needs to open and keep connections.
type Connecting interface {
	// Drivers lists the database/sql driver names that serve this dialect, in
	// order of preference, with the import path that registers each.
	Drivers() []Driver
	// DSN turns a parsed URL into the named driver's data source name. shared
	// is true where all work must go through one connection (SQLite in memory).
	DSN(u *URL, driver string) (dsn string, shared bool, err error)
	// Setup is SQL run once on every new connection, of which one text may be
	// several statements; file says whether the database is a file of its own.
	Setup(file bool) []string
	// BeginSQL is the statement that begins a transaction in place of the
	// driver's own, or "" where the driver's BeginTx is right.
	BeginSQL(opts sql.TxOptions) string
	// Translate turns a driver's error into one of this package's typed errors,
	// which wrap it, or returns it as it is.
	Translate(err error) error
}

// Driver names a database/sql driver and the package whose import registers it.
type Driver struct {
	Name   string
	Import string
}

// Catalog is how the database is asked what it has. Each method returns a query
// for one row with one boolean column, and its arguments.
type Catalog interface {
	// TableExists asks for a table or view; schemaName "" is the default.
	TableExists(schemaName, table string) (string, []any)
	// EnumExists asks for an enum type. The query is "" where the database has
	// no such types.
	EnumExists(name string) (string, []any)
	// SchemaExists asks for a schema. The query is "" where the database has
	// none that could be created.
	SchemaExists(name string) (string, []any)
	// ForeignKeyExists asks for a foreign key of a table by its name. The query
	// is "" where foreign keys are not dropped by themselves.
	ForeignKeyExists(schemaName, table, name string) (string, []any)
	// SchemaLock is a query that, inside a transaction, keeps others from
	// changing the schema through Dormer until its end; "" where the transaction
	// does so by itself.
	SchemaLock() string
}
