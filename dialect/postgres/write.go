package postgres

import (
	"strconv"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// maxBulkRows bounds the memory of one statement, which neither PostgreSQL nor
// the number of parameters does.
const maxBulkRows = 10000

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

// MaxBulkRows is the same for any number of columns: each is one parameter.
func (Dialect) MaxBulkRows(int) int { return maxBulkRows }

// travels is the type of the elements in which a column's values are sent: its
// own, or text where an array of it does not keep its values apart or may not
// exist.
func (d Dialect) travels(c *schema.ColumnDef) (elem string, cast string) {
	if c.Type.Kind == schema.ArrayKind || c.Type.Custom != "" {
		return "text", "::" + d.CastType(&c.Type)
	}
	return d.CastType(&c.Type), ""
}

// unnest writes unnest($n::type[], …) AS _v(p0, …) with a name for each column,
// of its role and number.
func (d Dialect) unnest(w *dialect.Writer, roles []role) {
	w.Text("unnest(")
	first := true
	for _, r := range roles {
		for _, c := range r.cols {
			if !first {
				w.Text(", ")
			}
			first = false
			elem, _ := d.travels(c)
			w.Param().Text("::" + elem + "[]")
		}
	}
	w.Text(") AS _v(")
	first = true
	for _, r := range roles {
		for i := range r.cols {
			if !first {
				w.Text(", ")
			}
			first = false
			w.Name(r.name(i))
		}
	}
	w.Text(")")
}

// role is a group of columns of a bulk statement: keys k0…, matched values m0…,
// new values s0….
type role struct {
	letter string
	cols   []*schema.ColumnDef
}

func (r role) name(i int) string { return r.letter + strconv.Itoa(i) }

// value writes _v.name, cast to the column's type if it travels as text.
func (d Dialect) value(w *dialect.Writer, r role, i int) {
	_, cast := d.travels(r.cols[i])
	w.Text("_v.").Name(r.name(i)).Text(cast)
}

// BulkInsert inserts rows from one array a column.
func (d Dialect) BulkInsert(t *schema.TableDef, cols []*schema.ColumnDef, _ int, returning []*schema.ColumnDef) dialect.Bulk {
	w := d.insert(t, cols)
	w.Returning(returning, nil)
	return dialect.Bulk{SQL: w.String(), Columnar: true}
}

// BulkLink inserts rows from one array a column, those that are new.
func (d Dialect) BulkLink(t *schema.TableDef, cols []*schema.ColumnDef, _ int) dialect.Bulk {
	return dialect.Bulk{SQL: d.insert(t, cols).Text(" ON CONFLICT DO NOTHING").String(), Columnar: true}
}

func (d Dialect) insert(t *schema.TableDef, cols []*schema.ColumnDef) *dialect.Writer {
	w := dialect.NewWriter(d)
	r := role{"c", cols}
	w.Text("INSERT INTO ").Table(t).Text(" (").Columns(cols).Text(") SELECT ")
	for i := range cols {
		if i > 0 {
			w.Text(", ")
		}
		d.value(w, r, i)
	}
	w.Text(" FROM ")
	d.unnest(w, []role{r})
	return w
}

// BulkUpdate updates rows from one array a column.
func (d Dialect) BulkUpdate(t *schema.TableDef, set []*schema.ColumnDef, exprs []expr.SetClause, key, match []*schema.ColumnDef, _ int, returning []*schema.ColumnDef) (dialect.Bulk, error) {
	if err := dialect.CheckBulkUpdate(t, set, exprs, key); err != nil {
		return dialect.Bulk{}, err
	}
	k, m, s := role{"k", key}, role{"m", match}, role{"s", set}
	w := dialect.NewWriter(d)
	w.Text("UPDATE ").Table(t).Text(" SET ")
	for i, c := range set {
		if i > 0 {
			w.Text(", ")
		}
		w.Name(c.Name).Text(" = ")
		d.value(w, s, i)
	}
	if err := w.Exprs(t, exprs, len(set) == 0, true); err != nil {
		return dialect.Bulk{}, err
	}
	w.Text(" FROM ")
	d.unnest(w, []role{k, m, s})
	w.Text(" WHERE ")
	d.found(w, t, k, m)
	w.Returning(returning, t)
	return dialect.Bulk{SQL: w.String(), Columnar: true}, nil
}

// found writes the conditions that tie the table's rows to the values.
func (d Dialect) found(w *dialect.Writer, t *schema.TableDef, roles ...role) {
	first := true
	for _, r := range roles {
		for i, c := range r.cols {
			if !first {
				w.Text(" AND ")
			}
			first = false
			w.Table(t).Text(".").Name(c.Name)
			if r.letter == "m" {
				w.Text(w.MatchOp(c))
			} else {
				w.Text(" = ")
			}
			d.value(w, r, i)
		}
	}
}

// BulkDelete deletes rows by one array a column.
func (d Dialect) BulkDelete(t *schema.TableDef, key, match []*schema.ColumnDef, _ int) dialect.Bulk {
	w := dialect.NewWriter(d)
	w.Text("DELETE FROM ").Table(t)
	if len(key) == 1 && len(match) == 0 {
		if elem, cast := d.travels(key[0]); cast == "" {
			w.Text(" WHERE ").Name(key[0].Name).Text(" = ANY(").Param().Text("::" + elem + "[])")
			return dialect.Bulk{SQL: w.String(), Columnar: true}
		}
	}
	k, m := role{"k", key}, role{"m", match}
	w.Text(" USING ")
	d.unnest(w, []role{k, m})
	w.Text(" WHERE ")
	d.found(w, t, k, m)
	return dialect.Bulk{SQL: w.String(), Columnar: true}
}

// ReserveKeys takes keys from the identity column's sequence, whose name is
// looked up once a statement.
func (d Dialect) ReserveKeys(t *schema.TableDef) (string, bool) {
	c := dialect.LoneIdentity(t)
	if c == nil {
		return "", false
	}
	table, err := appendString(nil, dialect.NewWriter(d).Table(t).String())
	if err != nil {
		return "", false
	}
	column, err := appendString(nil, c.Name)
	if err != nil {
		return "", false
	}
	// OFFSET 0 keeps the planner from calling the look-up for every row.
	return "SELECT nextval(s.seq) FROM (SELECT CAST(pg_get_serial_sequence(" + string(table) + ", " + string(column) +
		") AS regclass) AS seq OFFSET 0) AS s, generate_series(1, $1::bigint)", true
}
