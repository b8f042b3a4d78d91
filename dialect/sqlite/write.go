package sqlite

import (
	"strconv"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// A bulk statement has few rows, since drivers bind parameters in time quadratic
// in their number, and since glebarez's maps memory anew for each statement whose
// program does not fit into what it has: from 120 parameters on, a statement is a
// third slower. 90 is in the middle of what was measured to be as fast, in memory
// and in a file. It never has more than SQLite allows.
const (
	minBulkRows   = 5
	maxBulkRows   = 50
	maxBulkParams = 90
	maxParams     = 32766
)

// InsertOne inserts one row.
func (d Dialect) InsertOne(t *schema.TableDef, cols, returning []*schema.ColumnDef) string {
	return dialect.WriteInsertOne(d, t, cols, returning)
}

// UpdateOne updates one row.
func (d Dialect) UpdateOne(t *schema.TableDef, set []*schema.ColumnDef, exprs []expr.SetClause, key, match, returning []*schema.ColumnDef) (string, error) {
	return dialect.WriteUpdateOne(d, t, set, exprs, key, match, returning)
}

// DeleteOne deletes one row.
func (d Dialect) DeleteOne(t *schema.TableDef, key, match []*schema.ColumnDef) string {
	return dialect.WriteDeleteOne(d, t, key, match)
}

// MaxBulkRows is 5 to 50 rows, fewer only where a row has thousands of values.
func (Dialect) MaxBulkRows(cols int) int {
	cols = max(cols, 1)
	return max(1, min(max(minBulkRows, min(maxBulkRows, maxBulkParams/cols)), maxParams/cols))
}

// rows writes VALUES with a placeholder for each value of each row.
func rows(w *dialect.Writer, n, cols int) {
	w.Text("VALUES ")
	for i := range n {
		if i > 0 {
			w.Text(", ")
		}
		w.Text("(").Params(cols).Text(")")
	}
}

// BulkInsert inserts rows by VALUES.
func (d Dialect) BulkInsert(t *schema.TableDef, cols []*schema.ColumnDef, n int, returning []*schema.ColumnDef) dialect.Bulk {
	return d.bulkInsert("INSERT INTO ", t, cols, n, returning)
}

// BulkLink inserts rows by VALUES, those that are new. OR IGNORE would pass over
// rows that break other constraints, too.
func (d Dialect) BulkLink(t *schema.TableDef, cols []*schema.ColumnDef, n int) dialect.Bulk {
	return dialect.Bulk{SQL: d.bulkInsert("INSERT INTO ", t, cols, n, nil).SQL + " ON CONFLICT DO NOTHING"}
}

// BulkInsertFailing inserts rows by VALUES and OR FAIL: SQLite then keeps no
// journal for the statement, which in a file is a sixth of its time.
func (d Dialect) BulkInsertFailing(t *schema.TableDef, cols []*schema.ColumnDef, n int, returning []*schema.ColumnDef) dialect.Bulk {
	return d.bulkInsert("INSERT OR FAIL INTO ", t, cols, n, returning)
}

// Failing asks whether the table has neither triggers, whose own OR clauses the
// statement's would replace, nor an ON CONFLICT clause, which it would, too.
func (d Dialect) Failing(t *schema.TableDef) string {
	if t.Schema != "" {
		return ""
	}
	name, err := d.AppendLiteral(nil, t.Name)
	if err != nil {
		return ""
	}
	of := " WHERE tbl_name = " + string(name) + " COLLATE NOCASE AND "
	return "SELECT NOT EXISTS (SELECT 1 FROM sqlite_master" + of + "(type = 'trigger' OR sql LIKE '%CONFLICT%'))" +
		" AND NOT EXISTS (SELECT 1 FROM sqlite_temp_master" + of + "type = 'trigger')"
}

func (d Dialect) bulkInsert(verb string, t *schema.TableDef, cols []*schema.ColumnDef, n int, returning []*schema.ColumnDef) dialect.Bulk {
	w := dialect.NewWriter(d)
	w.Text(verb).Table(t).Text(" (").Columns(cols).Text(") ")
	rows(w, n, len(cols))
	w.Returning(returning, nil)
	return dialect.Bulk{SQL: w.String()}
}

// BulkUpdate updates rows from a table of VALUES. Its columns have no affinity,
// so that a comparison takes the key column's and uses its index.
func (d Dialect) BulkUpdate(t *schema.TableDef, set []*schema.ColumnDef, exprs []expr.SetClause, key, match []*schema.ColumnDef, n int, returning []*schema.ColumnDef) (dialect.Bulk, error) {
	if err := dialect.CheckBulkUpdate(t, set, exprs, key); err != nil {
		return dialect.Bulk{}, err
	}
	w := dialect.NewWriter(d)
	w.Text("WITH _v(")
	names(w, "k", len(key), true)
	names(w, "m", len(match), len(key) == 0)
	names(w, "s", len(set), len(key)+len(match) == 0)
	w.Text(") AS (")
	rows(w, n, len(key)+len(match)+len(set))
	w.Text(") UPDATE ").Table(t).Text(" SET ")
	for i, c := range set {
		if i > 0 {
			w.Text(", ")
		}
		w.Name(c.Name).Text(" = _v.").Name(name("s", i))
	}
	if err := w.Exprs(t, exprs, len(set) == 0, true); err != nil {
		return dialect.Bulk{}, err
	}
	w.Text(" FROM _v WHERE ")
	for i, c := range key {
		if i > 0 {
			w.Text(" AND ")
		}
		w.Table(t).Text(".").Name(c.Name).Text(" = _v.").Name(name("k", i))
	}
	for i, c := range match {
		w.Text(" AND ").Table(t).Text(".").Name(c.Name).Text(w.MatchOp(c)).Text("_v.").Name(name("m", i))
	}
	w.Returning(returning, nil)
	return dialect.Bulk{SQL: w.String()}, nil
}

func name(letter string, i int) string { return letter + strconv.Itoa(i) }

func names(w *dialect.Writer, letter string, n int, first bool) {
	for i := range n {
		if !first || i > 0 {
			w.Text(", ")
		}
		w.Name(name(letter, i))
	}
}

// BulkDelete deletes rows by a list of keys, or by one condition a row where a
// value to be matched may be NULL.
func (d Dialect) BulkDelete(t *schema.TableDef, key, match []*schema.ColumnDef, n int) dialect.Bulk {
	w := dialect.NewWriter(d)
	w.Text("DELETE FROM ").Table(t).Text(" WHERE ")
	for _, c := range match {
		if c.Nullable {
			for i := range n {
				if i > 0 {
					w.Text(" OR ")
				}
				w.Text("(").Matches(key, match).Text(")")
			}
			return dialect.Bulk{SQL: w.String()}
		}
	}
	if len(key) == 1 && len(match) == 0 {
		w.Columns(key).Text(" IN (").Params(n).Text(")")
		return dialect.Bulk{SQL: w.String()}
	}
	w.Text("(").Columns(key)
	if len(match) > 0 {
		w.Text(", ").Columns(match)
	}
	w.Text(") IN (")
	rows(w, n, len(key)+len(match))
	w.Text(")")
	return dialect.Bulk{SQL: w.String()}
}

// ReserveKeys asks for the greatest key in use: the transaction that writes
// holds the lock on the whole database, so those after it are free.
func (d Dialect) ReserveKeys(t *schema.TableDef) (string, bool) {
	c := dialect.LoneIdentity(t)
	if c == nil {
		return "", false
	}
	return dialect.NewWriter(d).Text("SELECT coalesce(max(").Name(c.Name).Text("), 0) FROM ").Table(t).String(), true
}
