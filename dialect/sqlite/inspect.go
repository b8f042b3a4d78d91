package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/catalogue"
	"github.com/dormer-orm/dormer/schema"
)

// Inspect reads the database by one query, and three for each database that is
// attached; the main one is the default schema. What the catalogue does not have
// is read from the text of CREATE TABLE and CREATE INDEX.
func (d Dialect) Inspect(ctx context.Context, q dialect.Query, o dialect.InspectOptions) (*schema.Catalog, error) {
	r := &inspector{ctx: ctx, q: q, o: o, cat: &schema.Catalog{Dialect: d.Name()}}
	names, err := r.databases()
	for _, name := range names {
		if err == nil {
			err = r.read(name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("sqlite: inspect: %w", err)
	}
	slices.SortStableFunc(r.cat.Tables, func(a, b *schema.TableDef) int {
		if c := strings.Compare(a.Schema, b.Schema); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return r.cat, nil
}

// inspector is one Inspect.
type inspector struct {
	ctx context.Context
	q   dialect.Query
	o   dialect.InspectOptions
	cat *schema.Catalog
}

// databases lists the main database, and those attached that are to be read.
func (r *inspector) databases() ([]string, error) {
	var names []string
	err := r.q(r.ctx, "SELECT name FROM pragma_database_list ORDER BY seq", nil, func(row []driver.Value) error {
		switch name := catalogue.Text(row[0]); {
		case name == "temp":
		case name == "main" && r.o.HasSchema(""):
			names = append(names, name)
		case name != "main" && r.o.HasSchema(name):
			names = append(names, name)
			r.cat.Schemas = append(r.cat.Schemas, name)
		}
		return nil
	})
	return names, err
}

// object is a row of sqlite_schema.
type object struct{ kind, name, table, sql string }

// attached is one database that is read: its tables by name in lower case, since
// names have no case, and what their texts say.
type attached struct {
	*inspector
	schema, quoted string
	args           []driver.NamedValue
	objects        []object
	tables         map[string]*schema.TableDef
	texts          map[*schema.TableDef]*tableText
}

func (r *inspector) read(name string) error {
	a := &attached{inspector: r, schema: name, quoted: string(Dialect{}.AppendQuoted(nil, name)),
		args:   []driver.NamedValue{{Ordinal: 1, Value: name}},
		tables: map[string]*schema.TableDef{}, texts: map[*schema.TableDef]*tableText{}}
	if name == "main" {
		a.schema = ""
	}
	for _, step := range []func() error{a.readObjects, a.readTables, a.readColumns, a.readConstraints, a.readIndexes} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// readObjects reads sqlite_schema, without what SQLite makes for itself.
func (a *attached) readObjects() error {
	return a.q(a.ctx, "SELECT type, name, tbl_name, sql FROM "+a.quoted+".sqlite_schema WHERE substr(name, 1, 7) <> 'sqlite_' COLLATE NOCASE ORDER BY rowid", nil, func(row []driver.Value) error {
		o := object{catalogue.Text(row[0]), catalogue.Text(row[1]), catalogue.Text(row[2]), catalogue.Text(row[3])}
		switch o.kind {
		case "view":
			a.cat.Views = append(a.cat.Views, &schema.ViewDef{Schema: a.schema, Name: o.name, SQL: o.sql})
		case "trigger":
			a.cat.Triggers = append(a.cat.Triggers, &schema.TriggerDef{Schema: a.schema, Table: o.table, Name: o.name, SQL: o.sql})
		default:
			a.objects = append(a.objects, o)
		}
		return nil
	})
}

// readTables finds out which tables hold rows of their own: virtual tables and
// those behind them are not read.
func (a *attached) readTables() error {
	plain := map[string]bool{}
	err := a.q(a.ctx, "SELECT name FROM pragma_table_list WHERE schema = ? AND type = 'table'", a.args, func(row []driver.Value) error {
		plain[catalogue.Text(row[0])] = true
		return nil
	})
	if err != nil {
		return err
	}
	for _, o := range a.objects {
		if o.kind != "table" || !plain[o.name] || !a.o.HasTable(a.schema, o.name) {
			continue
		}
		text, err := parseTable(o.sql)
		if err != nil {
			return fmt.Errorf("table %s: its CREATE TABLE: %w", o.name, err)
		}
		t := catalogue.NewTable(a.schema, o.name)
		t.Options = strings.Join(text.options, ", ")
		a.tables[lower(o.name)], a.texts[t] = t, text
		a.cat.Tables = append(a.cat.Tables, t)
	}
	return nil
}

// readColumns reads the columns, those of virtual tables left out, for a module
// that is missing would fail the query.
func (a *attached) readColumns() error {
	var unlike string
	sql := "SELECT s.name, x.name, x.\"notnull\", x.pk, x.hidden FROM " + a.quoted + ".sqlite_schema s JOIN pragma_table_xinfo(s.name, ?) x" +
		" WHERE s.type = 'table' AND s.rootpage > 0 ORDER BY s.rowid, x.cid"
	err := a.q(a.ctx, sql, a.args, func(row []driver.Value) error {
		t := a.tables[lower(catalogue.Text(row[0]))]
		if t == nil {
			return nil
		}
		text, name := a.texts[t], catalogue.Text(row[1])
		i := len(t.Columns)
		if i >= len(text.columns) || text.columns[i].name != name {
			unlike = t.Name
			return nil
		}
		said := text.columns[i]
		c := &schema.ColumnDef{Table: t, Position: i, Name: name, Nullable: !catalogue.Bool(row[2]), Collation: said.collation, PrimaryKey: catalogue.Int(row[3]) > 0}
		if said.hasDefault {
			c.ServerDefault = &expr.TextNode{SQL: said.def}
		}
		if said.computed != "" {
			const stored = 3
			c.Computed, c.Stored = &expr.TextNode{SQL: said.computed}, catalogue.Int(row[4]) == stored
		}
		t.Columns = append(t.Columns, c)
		return nil
	})
	for t, text := range a.texts {
		if len(t.Columns) != len(text.columns) {
			unlike = t.Name
		}
	}
	if err == nil && unlike != "" {
		err = fmt.Errorf("table %s: its columns are not those of its CREATE TABLE", unlike)
	}
	return err
}

// readConstraints fills in what the tables' texts say.
func (a *attached) readConstraints() error {
	for _, t := range a.tables {
		text := a.texts[t]
		if text.key != nil {
			t.PrimaryKey = columnsNamed(t, text.key)
		}
		settleKey(t, text)
		for i, c := range t.Columns {
			c.Type = inspectedType(c, text.columns[i].typ)
		}
		for _, u := range text.uniques {
			t.Uniques = append(t.Uniques, &schema.UniqueDef{Name: u.name, Columns: columnsNamed(t, u.columns)})
		}
		for _, k := range text.checks {
			t.Checks = append(t.Checks, &schema.CheckDef{Name: k.name, Cond: &expr.TextNode{SQL: k.cond}})
		}
		catalogue.FoldEnums(t, 0, enumValues)
	}
	for _, t := range a.tables {
		for _, k := range a.texts[t].foreignKeys {
			t.ForeignKeys = append(t.ForeignKeys, a.foreignKey(t, k))
		}
	}
	return nil
}

// settleKey finds a key that is the row's own number, which SQLite makes and
// which is never NULL, whatever the column says.
func settleKey(t *schema.TableDef, text *tableText) {
	if len(t.PrimaryKey) != 1 || text.inlineDesc || slices.Contains(text.options, "WITHOUT ROWID") {
		return
	}
	c := t.PrimaryKey[0]
	if c.Table == t && c.Position < len(text.columns) && strings.EqualFold(text.columns[c.Position].typ, "INTEGER") {
		c.Identity, c.Nullable = true, false
	}
}

// foreignKey completes a foreign key: where it names no columns, it points to the
// other table's key.
func (a *attached) foreignKey(t *schema.TableDef, k *foreignKeyText) *schema.ForeignKeyDef {
	f := &schema.ForeignKeyDef{Name: k.name, Table: t, Columns: columnsNamed(t, k.columns), OnDelete: k.onDelete, OnUpdate: k.onUpdate, Deferrable: k.deferred}
	f.RefTable = a.tables[lower(k.table)]
	if f.RefTable == nil {
		f.RefTable = a.unread(k.table)
	}
	if k.targets == nil {
		f.RefColumns = slices.Clone(f.RefTable.PrimaryKey)
	} else {
		f.RefColumns = columnsNamed(f.RefTable, k.targets)
	}
	return f
}

// unread is a table that was not asked for, or one that is not there: its names
// alone.
func (a *attached) unread(name string) *schema.TableDef {
	t := &schema.TableDef{Schema: a.schema, Name: name}
	for _, o := range a.objects {
		if o.kind != "table" || lower(o.name) != lower(name) {
			continue
		}
		t.Name = o.name
		if text, err := parseTable(o.sql); err == nil {
			t.PrimaryKey = columnsNamed(t, text.key)
		}
	}
	return t
}

func (a *attached) readIndexes() error {
	for _, o := range a.objects {
		t := a.tables[lower(o.table)]
		if o.kind != "index" || t == nil || o.sql == "" {
			continue
		}
		text, err := parseIndex(o.sql)
		if err != nil {
			return fmt.Errorf("index %s: its CREATE INDEX: %w", o.name, err)
		}
		x := &schema.IndexDef{Name: o.name, Table: t, Unique: text.unique}
		if text.where != "" {
			x.Where = &expr.TextNode{SQL: text.where}
		}
		for _, p := range text.parts {
			part := schema.IndexPart{Desc: p.desc}
			c := columnNamed(t, p.name)
			if c != nil && (p.collation == "" || strings.EqualFold(p.collation, collationOf(c))) {
				part.Column = c
			} else {
				part.Expr = &expr.TextNode{SQL: p.expr}
			}
			x.Parts = append(x.Parts, part)
		}
		t.Indexes = append(t.Indexes, x)
	}
	return nil
}

func collationOf(c *schema.ColumnDef) string {
	if c.Collation == "" {
		return "BINARY"
	}
	return c.Collation
}

// lower is a name as SQLite compares it: letters beyond ASCII keep their case.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// columnNamed is a table's column, in whatever case its name is written.
func columnNamed(t *schema.TableDef, name string) *schema.ColumnDef {
	if name == "" {
		return nil
	}
	for _, c := range t.Columns {
		if lower(c.Name) == lower(name) {
			return c
		}
	}
	return nil
}

func columnsNamed(t *schema.TableDef, names []string) []*schema.ColumnDef {
	cols := make([]*schema.ColumnDef, len(names))
	for i, n := range names {
		if cols[i] = columnNamed(t, n); cols[i] == nil {
			cols[i] = &schema.ColumnDef{Table: t, Name: n}
		}
	}
	return cols
}
