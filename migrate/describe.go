package migrate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Describe writes what Inspect has read:
//
//   - "text", or "": lists for people;
//   - "mermaid": an entity-relationship diagram for Mermaid;
//   - "go": the source of a package that declares the tables as models, from which
//     CreateAll makes them again. What models cannot say stands there as comments.
//
// Any other format is an error. Types and expressions are written as the catalog's
// dialect has them.
func Describe(c *schema.Catalog, format string) (string, error) {
	d := dialects[0]
	for _, known := range dialects {
		if known.Name() == c.Dialect {
			d = known
		}
	}
	switch format {
	case "", "text":
		return describeText(c, d)
	case "mermaid":
		return describeMermaid(c, d)
	case "go":
		return describeGo(c, d)
	}
	return "", fmt.Errorf("migrate: there is no format %q: it is text, mermaid or go", format)
}

// describeText lists a catalog.
func describeText(c *schema.Catalog, d dialect.Dialect) (string, error) {
	w := &describer{d: d}
	for _, s := range c.Schemas {
		w.line("schema %s", s)
	}
	for _, e := range c.Enums {
		w.line("enum %s (%s)", qualified(e.Schema, e.Name), strings.Join(quotedAll(e.Values), ", "))
	}
	for _, t := range c.Tables {
		w.table(t)
	}
	for _, v := range c.Views {
		kind := "view"
		if v.Materialized {
			kind = "materialized view"
		}
		w.block(fmt.Sprintf("%s %s", kind, qualified(v.Schema, v.Name)), v.SQL)
	}
	for _, g := range c.Triggers {
		w.block(fmt.Sprintf("trigger %s on %s", g.Name, qualified(g.Schema, g.Table)), g.SQL)
	}
	return w.b.String(), w.err
}

func qualified(schemaName, name string) string { return Table{schemaName, name}.String() }

// describer writes the text form. The first error stays.
type describer struct {
	d   dialect.Dialect
	b   strings.Builder
	err error
}

func (w *describer) line(format string, args ...any) {
	// A line is one line, whatever a name holds.
	w.b.WriteString(strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(fmt.Sprintf(format, args...)) + "\n")
}

func (w *describer) block(head, sql string) {
	w.line("%s", head)
	for l := range strings.Lines(strings.TrimSpace(sql)) {
		w.line("    %s", strings.TrimRight(l, "\r\n"))
	}
}

func (w *describer) sql(n expr.Node) string {
	s, err := dialect.Inline(w.d, n)
	w.err = cmp.Or(w.err, err)
	return s
}

func (w *describer) table(t *schema.TableDef) {
	head := "table " + t.QualifiedName()
	if t.Options != "" {
		head += " " + t.Options
	}
	if t.Comment != "" {
		head += " -- " + t.Comment
	}
	w.line("%s", head)
	var cols strings.Builder
	tab := tabwriter.NewWriter(&cols, 0, 0, 2, ' ', 0)
	for _, c := range t.Columns {
		typ, err := w.d.ColumnType(c)
		w.err = cmp.Or(w.err, err)
		fmt.Fprintf(tab, "    %s\t%s\t%s\n", oneCell(c.Name), oneCell(typ), oneCell(strings.Join(w.column(c), ", ")))
	}
	_ = tab.Flush() // a strings.Builder takes all
	for l := range strings.Lines(cols.String()) {
		w.b.WriteString(strings.TrimRight(l, " \n") + "\n")
	}
	if len(t.PrimaryKey) > 0 {
		w.line("    primary key (%s)", strings.Join(names(t.PrimaryKey), ", "))
	}
	for _, u := range t.Uniques {
		w.line("    %s (%s)", withName("unique", u.Name), strings.Join(names(u.Columns), ", "))
	}
	for _, k := range t.Checks {
		w.line("    %s (%s)", withName("check", k.Name), w.sql(k.Cond))
	}
	for _, k := range t.ForeignKeys {
		w.line("    %s", w.foreignKey(k))
	}
	for _, x := range t.Indexes {
		w.line("    %s", w.index(x))
	}
	for _, n := range t.Notes {
		w.line("    left out: %s", n)
	}
}

func oneCell(s string) string {
	return strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`, "\v", `\v`, "\f", `\f`).Replace(s)
}

func withName(kind, name string) string { return strings.TrimSpace(kind + " " + name) }

// column lists what is to be said of a column beside its type.
func (w *describer) column(c *schema.ColumnDef) []string {
	var list []string
	if !c.Nullable {
		list = append(list, "not null")
	}
	if c.Identity {
		list = append(list, "identity")
	}
	if c.ServerDefault != nil {
		list = append(list, "default "+w.sql(c.ServerDefault))
	}
	if c.Computed != nil {
		list = append(list, "computed "+w.sql(c.Computed)+map[bool]string{true: " stored", false: " virtual"}[c.Stored])
	}
	if c.Collation != "" {
		list = append(list, "collate "+c.Collation)
	}
	if c.Type.Kind == schema.EnumKind && c.Type.EnumName == "" {
		list = append(list, "one of "+strings.Join(quotedAll(c.Type.Values), ", "))
	}
	if c.Comment != "" {
		list = append(list, "-- "+c.Comment)
	}
	return list
}

func (w *describer) foreignKey(k *schema.ForeignKeyDef) string {
	s := fmt.Sprintf("%s (%s) references %s (%s)", withName("foreign key", k.Name), strings.Join(names(k.Columns), ", "), k.RefTable.QualifiedName(), strings.Join(names(k.RefColumns), ", "))
	if k.OnDelete != schema.NoAction {
		s += " on delete " + strings.ToLower(k.OnDelete.String())
	}
	if k.OnUpdate != schema.NoAction {
		s += " on update " + strings.ToLower(k.OnUpdate.String())
	}
	if k.Deferrable {
		s += " deferrable"
	}
	return s
}

func (w *describer) index(x *schema.IndexDef) string {
	var parts []string
	for _, p := range x.Parts {
		s := ""
		if p.Column != nil {
			s = p.Column.Name
		} else {
			s = "(" + w.sql(p.Expr) + ")"
		}
		if p.Class != "" {
			s += " " + p.Class
		}
		if p.Desc {
			s += " desc"
		}
		switch p.Nulls {
		case expr.NullsFirst:
			s += " nulls first"
		case expr.NullsLast:
			s += " nulls last"
		}
		parts = append(parts, s)
	}
	s := withName("index", x.Name)
	if x.Unique {
		s = "unique " + s
	}
	if x.Method != "" {
		s += " using " + x.Method
	}
	s += " (" + strings.Join(parts, ", ") + ")"
	if len(x.Include) > 0 {
		s += " include (" + strings.Join(names(x.Include), ", ") + ")"
	}
	if x.Where != nil {
		s += " where " + w.sql(x.Where)
	}
	return s
}

// isUnique reports whether the table has at most one row for values of the
// columns.
func isUnique(t *schema.TableDef, cols []*schema.ColumnDef) bool {
	same := func(list []*schema.ColumnDef) bool {
		return len(list) == len(cols) && !slices.ContainsFunc(list, func(c *schema.ColumnDef) bool { return !slices.Contains(cols, c) })
	}
	if same(t.PrimaryKey) || slices.ContainsFunc(t.Uniques, func(u *schema.UniqueDef) bool { return same(u.Columns) }) {
		return true
	}
	return slices.ContainsFunc(t.Indexes, func(x *schema.IndexDef) bool {
		var list []*schema.ColumnDef
		for _, p := range x.Parts {
			list = append(list, p.Column)
		}
		return x.Unique && x.Where == nil && same(list)
	})
}
