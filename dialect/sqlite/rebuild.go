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

// whole fails where the table says what to do ON CONFLICT: the model has nothing of
// the kind, and the new table would act in another way without a word.
func (d Dialect) whole(b dialect.Rebuild) []string {
	master := "sqlite_master"
	if s := b.Op.From.Schema; s != "" {
		master = string(d.AppendQuoted(nil, s)) + "." + master
	}
	name, err := d.AppendLiteral(nil, b.Op.From.Name)
	if err != nil {
		return nil // the table could not be made either
	}
	s, err := d.RefuseIf("SELECT 1 FROM "+master+" WHERE type = 'table' AND name = "+string(name)+" COLLATE NOCASE AND sql LIKE '%ON CONFLICT%'",
		"table "+b.Op.From.QualifiedName()+" has ON CONFLICT in its definition, which would be lost when it is made anew: make it anew by Exec")
	if err != nil {
		return nil
	}
	return []string{s}
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
