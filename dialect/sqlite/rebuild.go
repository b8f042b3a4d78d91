package sqlite

import (
	"strings"

	"github.com/dormer-orm/dormer/dialect"
)

// Rebuild makes a table anew in the order that SQLite's manual gives: under another
// name, filled, and given its name when the old one has gone, so that what other
// tables, views and triggers say of it stays as it is. It wants foreign keys off,
// since to drop a table deletes its rows first, with all that points to them.
func (d Dialect) Rebuild(b dialect.Rebuild) []string {
	off, _ := d.RefuseIf("SELECT 1 FROM pragma_foreign_keys WHERE foreign_keys",
		"foreign keys must be off while a table is rebuilt: run PRAGMA foreign_keys = OFF before the transaction")
	list := append([]string{off}, d.whole(b)...)
	list = append(list, b.Create)
	if len(b.Columns) > 0 {
		list = append(list, "INSERT INTO "+b.TempTable+" ("+strings.Join(b.Columns, ", ")+") SELECT "+strings.Join(b.Values, ", ")+" FROM "+b.Table)
	}
	list = append(list, d.keepSequence(b)...)
	list = append(list, "DROP TABLE "+b.Table,
		// Without it SQLite would look through the views, which miss the table
		// just now.
		"PRAGMA legacy_alter_table = ON",
		"ALTER TABLE "+b.TempTable+" RENAME TO "+string(d.AppendQuoted(nil, b.Op.To.Name)),
		"PRAGMA legacy_alter_table = OFF")
	list = append(list, b.Indexes...)
	for _, t := range b.Op.Triggers {
		list = append(list, t.SQL)
	}
	return append(list, d.compiles(b)...)
}

// whole fails where the table has what the new one would lack: it says what to do
// ON CONFLICT, of which the model has nothing, or it has what nobody knows of.
func (d Dialect) whole(b dialect.Rebuild) []string {
	master, name := d.master(b), d.texts(b.Op.From.Name)
	s, err := d.RefuseIf("SELECT 1 FROM "+master+" WHERE type = 'table' AND name = "+name+" COLLATE NOCASE AND sql LIKE '%ON CONFLICT%'",
		"table "+b.Op.From.QualifiedName()+" has ON CONFLICT in its definition, which would be lost when it is made anew: make it anew by Exec")
	if err != nil {
		return nil
	}
	return []string{s, d.known(b)}
}

// known fails where the table has an index, a trigger or a column that the one who
// made b does not know, as who writes SQL for a database unseen may not: it would go
// with the old table without a word.
func (d Dialect) known(b dialect.Rebuild) string {
	var names, columns []string
	for _, x := range b.Op.From.Indexes {
		names = append(names, x.Name)
	}
	for _, t := range b.Op.Triggers {
		names = append(names, t.Name)
	}
	for _, c := range b.Op.From.Columns {
		columns = append(columns, c.Name)
	}
	table, of := d.texts(b.Op.From.Name), ""
	if s := b.Op.From.Schema; s != "" {
		of = ", " + d.texts(s)
	}
	return "SELECT json_extract('{}', " + d.texts(refused+"table "+b.Op.From.QualifiedName()+" has the ") + " || type || ' ' || name || " +
		d.texts(", which the revisions do not know and which would be lost when it is made anew: run this online, or drop it before and make it again after by op.Exec") +
		") FROM (SELECT type, name FROM " + d.master(b) + " WHERE tbl_name = " + table + " COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL AND name COLLATE NOCASE NOT IN (" + d.texts(names...) + ")" +
		// Hidden but 1, which is a virtual table's, are computed columns.
		" UNION ALL SELECT 'column', name FROM pragma_table_xinfo(" + table + of + ") WHERE hidden <> 1 AND name COLLATE NOCASE NOT IN (" + d.texts(columns...) + "))"
}

// countViolations are the rows that point to none, by their tables.
const countViolations = `SELECT "table" AS child, parent, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1, 2`

// refuseViolations fails where there are more of them than at first.
const refuseViolations = "SELECT json_extract('{}', '" + refused + "' || (a.n - coalesce(b.n, 0)) || ' rows of ' || a.child || ' point to ' || a.parent || ', where there is no such row: change or delete them before') FROM (" +
	countViolations + ") a LEFT JOIN temp.dormer_violations b ON b.child = a.child AND b.parent = a.parent WHERE a.n > coalesce(b.n, 0)"

// master is the table of what there is in the table's database.
func (d Dialect) master(b dialect.Rebuild) string {
	if s := b.Op.From.Schema; s != "" {
		return string(d.AppendQuoted(nil, s)) + ".sqlite_master"
	}
	return "sqlite_master"
}

// texts are names as literals, with commas between them. A name that is none of
// SQLite's is left out: its table cannot be made either.
func (d Dialect) texts(names ...string) string {
	var list []string
	for _, name := range names {
		if b, err := d.AppendLiteral(nil, name); err == nil {
			list = append(list, string(b))
		}
	}
	return strings.Join(list, ", ")
}

// keepSequence has keys that were given out once given out never again.
func (d Dialect) keepSequence(b dialect.Rebuild) []string {
	if !strings.Contains(strings.ToUpper(b.Op.From.Options), autoincrement) || !strings.Contains(strings.ToUpper(b.Op.To.Options), autoincrement) {
		return nil
	}
	sequence := "sqlite_sequence"
	if s := b.Op.From.Schema; s != "" {
		sequence = string(d.AppendQuoted(nil, s)) + "." + sequence
	}
	temp, _ := d.AppendLiteral(nil, b.Temp)
	name, _ := d.AppendLiteral(nil, b.Op.From.Name)
	return []string{
		"DELETE FROM " + sequence + " WHERE name = " + string(temp),
		"INSERT INTO " + sequence + " (name, seq) SELECT " + string(temp) + ", seq FROM " + sequence + " WHERE name = " + string(name),
	}
}

// compiles are statements that change nothing and fail where a view or trigger
// names what the table lacks now: SQLite would say so only when they are used.
func (d Dialect) compiles(b dialect.Rebuild) (list []string) {
	for _, v := range b.Op.Views {
		name := string(d.AppendQuoted(nil, v.Name))
		if v.Schema != "" {
			name = string(d.AppendQuoted(nil, v.Schema)) + "." + name
		}
		list = append(list, "SELECT 1 FROM "+name+" LIMIT 0")
	}
	if len(b.Op.Triggers) == 0 {
		return list
	}
	var set []string
	for _, c := range b.Op.To.Columns {
		if c.Computed == nil {
			name := string(d.AppendQuoted(nil, c.Name))
			set = append(set, name+" = "+name)
		}
	}
	return append(list, "EXPLAIN INSERT INTO "+b.Table+" DEFAULT VALUES", "EXPLAIN UPDATE "+b.Table+" SET "+strings.Join(set, ", "),
		"EXPLAIN DELETE FROM "+b.Table)
}
