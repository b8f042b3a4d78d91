package dialect

import (
	"database/sql/driver"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Writing makes the statements that a unit of work writes rows with. The texts
// depend on the table and columns given, never on values, so callers keep them.
// Table and column names are taken to be valid: CheckTable says so before.
type Writing interface {
	// InsertOne inserts one row; its arguments are the values of cols. Without
	// cols the row has the defaults.
	InsertOne(t *schema.TableDef, cols, returning []*schema.ColumnDef) string
	// UpdateOne updates one row; its arguments are the values of set, key and
	// match, in this order. exprs are further assignments, whose constants are
	// part of the text. match are columns that must hold a value for the row to
	// be found, such as the old version.
	UpdateOne(t *schema.TableDef, set []*schema.ColumnDef, exprs []expr.SetClause, key, match, returning []*schema.ColumnDef) (string, error)
	// DeleteOne deletes one row; its arguments are the values of key and match.
	DeleteOne(t *schema.TableDef, key, match []*schema.ColumnDef) string

	// BulkInsert inserts that many rows; there is at least one column.
	BulkInsert(t *schema.TableDef, cols []*schema.ColumnDef, rows int, returning []*schema.ColumnDef) Bulk
	// BulkLink inserts that many rows, of which those are passed over that are
	// there already: it is for tables that say what belongs together, whose key
	// is the whole row. Constraints other than keys still make it fail.
	BulkLink(t *schema.TableDef, cols []*schema.ColumnDef, rows int) Bulk
	// BulkUpdate updates that many rows by key. The values of a row are those
	// of key, match and set, in this order; exprs are as in UpdateOne.
	BulkUpdate(t *schema.TableDef, set []*schema.ColumnDef, exprs []expr.SetClause, key, match []*schema.ColumnDef, rows int, returning []*schema.ColumnDef) (Bulk, error)
	// BulkDelete deletes that many rows. The values of a row are those of key
	// and match, which may be empty.
	BulkDelete(t *schema.TableDef, key, match []*schema.ColumnDef, rows int) Bulk
	// MaxBulkRows is the greatest number of rows of one bulk statement whose
	// rows have so many values.
	MaxBulkRows(cols int) int

	// ReserveKeys is a query for the keys of rows that are yet to be inserted;
	// what it takes and returns says Capabilities.KeyReservation. ok is false
	// for a table without a lone identity key.
	ReserveKeys(t *schema.TableDef) (sql string, ok bool)
}

// FailingInserts is what a dialect has whose bulk INSERT is cheaper where it need
// not be able to take back by itself the rows before the one that fails. Units
// of work need not have that: a flush that fails is rolled back as a whole.
type FailingInserts interface {
	// Failing is a query for one number: 1 if BulkInsertFailing does to the
	// table what BulkInsert does, but for that. "" means that it never does.
	Failing(t *schema.TableDef) string
	// BulkInsertFailing is BulkInsert without the taking back.
	BulkInsertFailing(t *schema.TableDef, cols []*schema.ColumnDef, rows int, returning []*schema.ColumnDef) Bulk
}

// Bulk is a statement that writes several rows.
type Bulk struct {
	SQL string
	// Columnar says that there is one argument a column, an array literal made
	// with ArrayElements, and that SQL does not depend on the number of rows.
	// Otherwise the arguments are the values, row by row.
	Columnar bool
}

// ArrayElements is what a dialect has whose bulk statements are columnar: it
// appends one element of an array literal, whose elements stand in braces with
// commas between them. v is a driver value in the column's wire form.
type ArrayElements interface {
	AppendArrayElem(b []byte, v driver.Value) []byte
}
