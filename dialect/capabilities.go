package dialect

import "database/sql"

// KeyReservation is how keys can be had ahead of an INSERT.
type KeyReservation uint8

// How Writing.ReserveKeys gives keys.
const (
	// KeysNotReserved: they are only known after the INSERT.
	KeysNotReserved KeyReservation = iota
	// KeysBySequence: the query takes the number of keys and returns one a row.
	KeysBySequence
	// KeysByMax: the query returns the greatest key in use, the keys after it
	// are free as long as the transaction holds the write lock.
	KeysByMax
)

// Capabilities is what a database can do and how it spells what all can. There
// is one value per dialect; code that branches on a database reads it here.
type Capabilities struct {
	// RowLocks: SELECT … FOR UPDATE exists. Where it does not, a lock asked for
	// is left out, since a writing transaction holds the whole database.
	RowLocks bool
	// NullsLast: in ascending order NULLs come after all values, in descending
	// order before them, unless the order says otherwise. Elsewhere it is the
	// other way round.
	NullsLast bool
	// Explain is what stands before a statement to have its plan in place of its
	// rows. ExplainTree: the plan's rows are a number, that of the row above, one
	// that says nothing, and a text; else they are lines of text.
	Explain     string
	ExplainTree bool
	// MaxParams is how many parameters a statement can have; 0 is any number.
	MaxParams int
	// MaxMembers is how many queries a set operation can have; 0 is any number.
	MaxMembers int
	// NumberedParams: placeholders have numbers, by which one argument can stand in
	// two places.
	NumberedParams bool
	// TypedParams: a parameter whose type the context does not give is cast.
	TypedParams bool
	// CastRounds: a CAST of a fraction to a whole number rounds it.
	CastRounds bool
	// SumsWiden: the sum of 64-bit whole numbers is a decimal.
	SumsWiden bool
	// UpdateSeesItself: a subquery in SET sees the rows that the UPDATE has
	// changed before. The new values are then found before the first change.
	UpdateSeesItself bool
	// BoolsAreNumbers: true and false are 1 and 0, also as text.
	BoolsAreNumbers bool
	// DocumentsAreText: arrays and JSON documents are kept as JSON text, the order of
	// which is not theirs.
	DocumentsAreText bool
	// DecimalsAreText: decimals are kept as texts of their scale, the order of which is
	// not theirs, and are computed as DecimalNumber writes them.
	DecimalsAreText bool
	// GroupingSets: GROUP BY takes ROLLUP, CUBE and GROUPING SETS.
	GroupingSets bool
	// DistinctAggregateArgs: an aggregate over DISTINCT values may have a second
	// argument.
	DistinctAggregateArgs bool
	// OneRowByResults: without GROUP BY, one row is made of all where there is an
	// aggregate among the results, and not for HAVING or one in ORDER BY.
	OneRowByResults bool
	// OuterAggregatesApart: an aggregate of the rows of a statement around may stand
	// where one of the rows at hand may not only in a subquery of its own.
	OuterAggregatesApart bool
	// FewExtremes: min and max take no bools, UUIDs, bytes or JSON documents.
	FewExtremes bool
	// DistinctOrdersItself: an aggregate over DISTINCT values puts them in the order
	// of themselves alone.
	DistinctOrdersItself bool
	// WindowFunctions: row_number() OVER (PARTITION BY … ORDER BY …) exists.
	WindowFunctions bool
	// OffsetNeedsLimit is the LIMIT that must stand before an OFFSET alone.
	OffsetNeedsLimit string
	// DistinctOn: SELECT DISTINCT ON (…) keeps the first row of each group.
	DistinctOn bool
	// Distinct and NotDistinct are the operators that treat NULL as a value.
	Distinct, NotDistinct string

	// InProcess: the database runs in this process, so that what a connection
	// holds, prepared statements for one, must be freed one by one.
	InProcess bool
	// ReadOnlyOn and ReadOnlyOff make a connection refuse writes, and take them
	// again, where BEGIN does not do so for a read-only transaction.
	ReadOnlyOn, ReadOnlyOff string
	// Isolation are the isolation levels that a transaction can be asked for, beside
	// the default one. One that the database raises to a stricter is among them.
	Isolation []sql.IsolationLevel
	// SingleWriter: a transaction that writes holds the whole database, so that
	// a second one would wait for it.
	SingleWriter bool
	// ErrorAborts: after an error a transaction takes nothing but a rollback, to
	// a savepoint or of the whole.
	ErrorAborts bool

	// ServerCursors: DECLARE keeps the rows of a query for later FETCHes within
	// the transaction.
	ServerCursors bool
	// LastInsertID: the driver tells the key of a single inserted row without
	// RETURNING, and that is faster.
	LastInsertID bool

	// Lateral: a subquery in FROM can name the columns of what stands before it.
	Lateral bool
	// WritingCommons: a common table expression may be an INSERT, UPDATE or DELETE
	// that returns rows.
	WritingCommons bool
	// SetOpsAll: INTERSECT ALL and EXCEPT ALL exist.
	SetOpsAll bool
	// Returning: INSERT, UPDATE and DELETE can return rows.
	Returning bool
	// OnConflict: INSERT … ON CONFLICT (columns) DO UPDATE and DO NOTHING exist.
	OnConflict bool
	// KeyReservation is how keys are had ahead of an INSERT.
	KeyReservation KeyReservation

	// NativeEnums: enums are types of their own. Elsewhere a CHECK guards the
	// column.
	NativeEnums bool
	// Schemas: CREATE SCHEMA exists.
	Schemas bool
	// Comments: COMMENT ON exists.
	Comments bool
	// AlterForeignKeys: foreign keys are added to and dropped from a table that
	// exists. Elsewhere they stand in CREATE TABLE, which does not look at the
	// tables they point to.
	AlterForeignKeys bool
	// DeferForeignKeys is run before tables in a foreign-key cycle are dropped.
	DeferForeignKeys string
	// AlterTable: ALTER TABLE changes the columns and constraints of a table in
	// place. Elsewhere it renames and adds a little, and for all else the table
	// is rebuilt: see schema.RebuildTable.
	AlterTable bool
	// TransactionalDDL: a rollback undoes changes of the schema.
	TransactionalDDL bool
	// ConcurrentIndexes: indexes are made and dropped CONCURRENTLY, outside a
	// transaction. Elsewhere it is done as always.
	ConcurrentIndexes bool
	// RebuildBegin is run on the connection before a transaction in which tables
	// are rebuilt, since inside it would do nothing; RebuildEnd after that
	// transaction, however it ended. ForeignKeyCheck is a query with a row for
	// each foreign key that is violated, for before the COMMIT. Empty where no
	// table needs to be rebuilt.
	RebuildBegin, RebuildEnd []string
	ForeignKeyCheck          string
	// CountViolations, at the beginning of such a transaction, and
	// RefuseViolations, at its end, are ForeignKeyCheck in SQL that nobody reads:
	// the second fails where more keys are violated than at the beginning.
	CountViolations, RefuseViolations []string
	// FireDeferred has constraints that wait for the COMMIT checked now, since a
	// table that they wait on cannot be altered.
	FireDeferred []string
	// IdentityClause follows the type of a column whose values the database
	// makes. Where it is a whole PRIMARY KEY, InlineIdentity is set and the
	// table gets no other.
	// IdentityOption is the table's option that follows this clause.
	IdentityClause, IdentityOption string
	InlineIdentity                 bool
	// VirtualColumns: a computed column need not be stored.
	VirtualColumns bool
	// IndexMethods, IndexInclude, IndexNulls: indexes have USING, INCLUDE, NULLS
	// FIRST and LAST.
	IndexMethods, IndexInclude, IndexNulls bool
}
