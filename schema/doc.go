// Package schema declares tables: a plain struct for the rows, a struct of typed
// handles for expressions, and definitions for what the database is told. Below
// it stands package expr only; it never touches a database.
//
//	type User struct {
//		ID    int64
//		Name  string
//		Email *string // NULL is nil
//	}
//
//	type users struct {
//		schema.Table[User]
//		ID    expr.Column[User, int64]
//		Name  expr.Column[User, string]
//		Email expr.Nullable[User, string]
//	}
//
//	var Users = schema.Define("users", func(t *users) {
//		schema.Column(t.ID).PrimaryKey()
//		schema.Text(t.Name).Size(100)
//		schema.Text(t.Email).Unique()
//	})
//
// # Fields and columns
//
// Every exported field is a column, with a handle or without, but for those
// tagged db:"-" and the containers of package rel; structs embedded by value are
// flattened. A column has the name of the db tag, or else [ColumnName] of the
// field. These types are known: integers, floats, string, bool, []byte,
// time.Time, [16]byte as UUID, types over these with a name of their own, any
// type with Scan and Value, [JSON], json.RawMessage and maps as JSON, slices as
// arrays. Each may be *V or sql.Null[V], which makes the column nullable; a type
// whose zero value is NULL, such as sql.NullString, does so by itself, but then
// has a plain expr.Column as its handle, without IsNull.
//
// # Documents
//
// A JSON document, as [JSON], json.RawMessage, a map, or in a slice, is stored in
// one form on every database, the one that PostgreSQL's jsonb has: of members with
// the same key the last one stays, keys stand in the order of their length and
// then of their bytes, numbers are written out without an exponent and without a
// negative zero (1.50e1 is 15.0), strings without needless escapes, with one space
// after commas and colons. What a flush writes of a raw message, of a json.Number
// or of a value in an interface has that form in memory afterwards, as its row
// has: an int in an any is a float64 then. Refused before SQL by a *[ValueError]
// are half a surrogate pair ("\ud800"), NUL, text that is not UTF-8, nesting
// deeper than 1,000, and numbers that no database keeps: an exponent that would
// write out more than 1,000 digits, more than 131,072 digits before the point or
// 16,383 after it.
//
// # Definitions
//
// For one column: [Column], [Text], [Number], [Decimal], [Enum], [SoftDelete].
// For the table: [PrimaryKey], [Unique], [Index], [IndexBy], [Check],
// [ForeignKey]. Options of Define: [Schema], [In], [Comment].
//
// Defaults are taken by an INSERT where the field holds Go's zero value. Where
// zero is a value that a program may mean (numbers, bool, text, decimals), the
// definition says which it is: a pointer or sql.Null field, ZeroIsDefault, or
// KeepZero.
//
// # Sealing
//
// A model is open to definitions until its [Metadata] is first used, so that an
// init may add what would make an initialisation cycle, such as foreign keys in
// a circle. [Metadata.Seal] then names what has no name and checks what only the
// whole model can tell. A wrong model is a mistake in the program: Define panics
// with a [DefineError] that lists every fault of the table, Seal returns one.
//
// # Other models
//
// [NewMetadata] and [In] keep models apart, [As] gives a table's handles again
// for a second occurrence of it in a statement. [TableDef] is the model as data,
// which dialects, migrations and the unit of work read.
package schema
