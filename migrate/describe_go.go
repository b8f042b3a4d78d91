package migrate

import (
	"fmt"
	"go/format"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

// describeGo writes the source of package model.
func describeGo(c *schema.Catalog, d dialect.Dialect) (string, error) {
	m := newGoModel(c, d)
	w := &goWriter{goModel: m, imports: map[string]bool{}}
	var body strings.Builder
	for _, t := range m.tables {
		if t.reason != "" {
			fmt.Fprintf(&body, "\n// Table %s is left out: %s.\n", oneLine(t.def.QualifiedName()), t.reason)
			continue
		}
		if err := w.table(t); err != nil {
			return "", fmt.Errorf("migrate: table %s: %w", t.def.QualifiedName(), err)
		}
		body.WriteString(w.take())
	}
	if m.decimal {
		body.WriteString("\n// Decimal is a decimal number in digits, which keeps them all.\ntype Decimal string\n")
	}
	w.late()
	body.WriteString(w.take())
	for _, e := range c.Enums {
		if e.Schema != "" || !m.has(e.Name) {
			fmt.Fprintf(&body, "\n// Enum type %s (%s) is of no column that models make it for: a migration makes it.\n", oneLine(qualified(e.Schema, e.Name)), oneLine(strings.Join(quotedAll(e.Values), ", ")))
		}
	}
	src := "// Package model was written from a database by dormer inspect.\npackage model\n"
	if len(m.usable()) > 0 {
		src += "\nimport (\n"
		for _, path := range []string{"encoding/json", "time", "", modulePath + "/expr", modulePath + "/rel", modulePath + "/schema"} {
			switch {
			case path == "":
				src += "\n"
			case w.imports[path] || path == modulePath+"/schema":
				src += fmt.Sprintf("\t%q\n", path)
			}
		}
		src += ")\n"
	}
	out, err := format.Source([]byte(src + body.String()))
	if err != nil {
		return "", fmt.Errorf("migrate: the source written is none: %w", err)
	}
	return string(out), nil
}

const modulePath = "github.com/dormer-orm/dormer"

// oneLine is a text as a comment of one line holds it.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' }), " ")
}

// goWriter writes declarations.
type goWriter struct {
	*goModel
	b       strings.Builder
	imports map[string]bool // by path
}

func (w *goWriter) take() string {
	s := w.b.String()
	w.b.Reset()
	return s
}

func (w *goWriter) say(format string, args ...any) { fmt.Fprintf(&w.b, format+"\n", args...) }

func (w *goWriter) use(path string) { w.imports[path] = true }

func (w *goWriter) table(t *goTable) error {
	w.say("\n// %s is a row of table %s.", t.entity, oneLine(t.def.QualifiedName()))
	w.say("type %s struct {", t.entity)
	for _, f := range t.fields {
		w.say("%s %s%s", f.name, f.declared(), f.tag)
		if strings.Contains(f.goType, "time.") {
			w.use("time")
		}
		if strings.Contains(f.goType, "json.") {
			w.use("encoding/json")
		}
	}
	for _, r := range t.relations {
		w.use(modulePath + "/rel")
		w.say("%s rel.%s[%s]", r.name, r.container(), r.target.entity)
	}
	w.say("}\n\ntype %s struct {\nschema.Table[%s]", t.handle, t.entity)
	w.use(modulePath + "/expr")
	for _, f := range t.fields {
		w.say("%s expr.%s[%s, %s]", f.name, f.handleType(), t.entity, f.goType)
	}
	for _, r := range t.relations {
		w.say("%s rel.To%s[%s, %s]", r.name, r.container(), t.entity, r.target.entity)
	}
	w.say("}\n")
	w.say("// %s is table %s.", t.variable, oneLine(t.def.QualifiedName()))
	w.say("var %s = schema.Define(%s, func(t *%s) {", t.variable, quote(t.def.Name), t.handle)
	if err := w.definitions(t); err != nil {
		return err
	}
	w.b.WriteString("}")
	if t.def.Schema != "" {
		w.b.WriteString(", schema.Schema(" + quote(t.def.Schema) + ")")
	}
	if t.def.Comment != "" {
		w.b.WriteString(", schema.Comment(" + quote(t.def.Comment) + ")")
	}
	w.say(")")
	return nil
}

// definitions is the body of Define.
func (w *goWriter) definitions(t *goTable) error {
	for _, f := range t.fields {
		if err := w.column(t, f); err != nil {
			return err
		}
	}
	if len(t.def.PrimaryKey) > 1 {
		w.say("schema.PrimaryKey(%s)", w.handles("t", t, t.def.PrimaryKey))
	}
	for _, u := range t.def.Uniques {
		call := "schema.Unique(" + w.handles("t", t, u.Columns) + ")"
		if name := w.constraintName("uq", t, u.Name, u.Columns); name != "" {
			call += ".Name(" + quote(name) + ")"
		}
		w.say("%s", call)
	}
	for _, k := range t.foreignKeys {
		if !k.late {
			w.foreignKey(k, "t")
		}
	}
	if err := w.parts(t); err != nil {
		return err
	}
	for _, n := range t.def.Notes {
		w.say("// Left out: %s.", oneLine(n))
	}
	for _, n := range t.notes {
		w.say("// %s", oneLine(n))
	}
	return nil
}

// handles lists columns of a table by its handles, which are fields of holder.
func (w *goWriter) handles(holder string, t *goTable, cols []*schema.ColumnDef) string {
	var list []string
	for _, c := range cols {
		list = append(list, holder+"."+t.field(c).name)
	}
	return strings.Join(list, ", ")
}

// constraintName is the name to be said of a unique constraint or an index, ""
// for one that has its name by convention, or none. Such names live in one space
// for all tables.
func (w *goWriter) constraintName(kind string, t *goTable, name string, cols []*schema.ColumnDef) string {
	convention := kind + "_" + strings.Join(append([]string{t.def.Name}, names(cols)...), "_")
	if name == "" && !w.taken[Table{t.def.Schema, convention}] || name == convention {
		w.taken[Table{t.def.Schema, convention}] = true
		if len(convention) <= maxNameBytes {
			return ""
		}
	}
	if name == "" || !saysName(name) || name != convention && w.taken[Table{t.def.Schema, name}] {
		for n := 2; ; n++ {
			name = fmt.Sprintf("%s_%s_%d", kind, shortened(t.def.Name), n)
			if !w.taken[Table{t.def.Schema, name}] {
				break
			}
		}
	}
	w.taken[Table{t.def.Schema, name}] = true
	return name
}

// foreignKey writes a foreign key and its relations; holder has the handles of
// its table.
func (w *goWriter) foreignKey(k *goForeignKey, holder string) {
	own, target := k.from, k.to
	there := target.variable
	if target == own {
		there = holder
	}
	call := ""
	for i, c := range k.def.Columns {
		what := ").And"
		if i == 0 {
			what = "schema.ForeignKey"
		}
		call += fmt.Sprintf("%s(%s.%s, %s.%s", what, holder, own.field(c).name, there, target.field(k.def.RefColumns[i]).name)
	}
	call += ")"
	if k.def.OnDelete != schema.NoAction {
		call += ".OnDelete(" + goAction(k.def.OnDelete) + ")"
	}
	if k.def.OnUpdate != schema.NoAction {
		call += ".OnUpdate(" + goAction(k.def.OnUpdate) + ")"
	}
	if k.def.Deferrable {
		call += ".Deferrable()"
	}
	if k.name != "" {
		call += ".Name(" + quote(k.name) + ")"
	}
	w.say("%s", call)
	if k.one != nil {
		w.say("rel.Via(%s.%s, %s).BackPopulates(%s.%s)", holder, k.one.name, w.handles(holder, own, k.def.Columns), there, k.inverse.name)
	}
}

func goAction(a schema.Action) string {
	return "schema." + [...]string{"NoAction", "Restrict", "Cascade", "SetNull", "SetDefault"}[a]
}

// late writes the foreign keys that close a cycle, which no order of variables
// has room for.
func (w *goWriter) late() {
	var list []*goForeignKey
	for _, t := range w.usable() {
		list = append(list, slices.DeleteFunc(slices.Clone(t.foreignKeys), func(k *goForeignKey) bool { return !k.late })...)
	}
	if len(list) == 0 {
		return
	}
	w.say("\nfunc init() {")
	for _, k := range list {
		w.foreignKey(k, k.from.variable)
	}
	w.say("}")
}
