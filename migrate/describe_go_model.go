package migrate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

// maxNameBytes is the longest name that models take.
const maxNameBytes = 63

// goModel is a catalog with Go names.
type goModel struct {
	d       dialect.Dialect
	tables  []*goTable // those pointed to first
	byDef   map[*schema.TableDef]*goTable
	names   nameSet        // of the package
	taken   map[Table]bool // by tables, indexes and unique constraints
	decimal bool           // the type is used
}

// goTable is a table. reason says why models cannot have it, "" if they can.
type goTable struct {
	def                      *schema.TableDef
	entity, handle, variable string
	fields                   []*goField
	foreignKeys              []*goForeignKey
	relations                []*goRelation
	names                    nameSet // of fields
	notes                    []string
	checks                   nameSet // of constraints, from the first CHECK on
	reason                   string
}

func (t *goTable) field(c *schema.ColumnDef) *goField {
	return t.fields[slices.IndexFunc(t.fields, func(f *goField) bool { return f.col == c })]
}

// goField is a column. typ is the type that a model has by the Go type and its
// definition, custom the spelling that has to be said besides.
type goField struct {
	col       *schema.ColumnDef
	name, tag string
	goType    string
	typ       schema.Type
	custom    string
	nullable  bool
}

func (f *goField) declared() string {
	if f.nullable {
		return "*" + f.goType
	}
	return f.goType
}

func (f *goField) handleType() string {
	if f.nullable {
		return "Nullable"
	}
	return "Column"
}

// goForeignKey is a foreign key that models can have. one and inverse are its
// relations, nil where another one has them.
type goForeignKey struct {
	def          *schema.ForeignKeyDef
	name         string // "" for that of the convention
	from, to     *goTable
	late         bool // closes a cycle
	one, inverse *goRelation
}

type goRelation struct {
	name   string
	target *goTable
	many   bool
}

func (r *goRelation) container() string {
	if r.many {
		return "Many"
	}
	return "One"
}

func newGoModel(c *schema.Catalog, d dialect.Dialect) *goModel {
	m := &goModel{d: d, byDef: map[*schema.TableDef]*goTable{}, names: reservedNames(), taken: map[Table]bool{}}
	for _, def := range schema.SortTables(c.Tables) {
		t := &goTable{def: def, names: nameSet{"Table": true}, reason: unsayable(def)}
		m.tables = append(m.tables, t)
		m.byDef[def] = t
		m.taken[nameOf(def)] = true
	}
	// The default schema has the first choice of names.
	byName := m.usable()
	slices.SortStableFunc(byName, func(a, b *goTable) int { return strings.Compare(a.def.Schema, b.def.Schema) })
	for _, t := range byName {
		m.nameTable(t)
	}
	for _, t := range m.usable() {
		for _, k := range t.def.ForeignKeys {
			m.addForeignKey(t, k)
		}
	}
	for _, t := range m.usable() {
		for _, f := range t.fields {
			m.setType(f)
		}
	}
	for _, t := range m.usable() {
		t.foreignKeys = slices.DeleteFunc(t.foreignKeys, func(k *goForeignKey) bool {
			fault := m.unlike(k)
			if fault != "" {
				t.note(k.def, fault)
			}
			return fault != ""
		})
		for _, k := range t.foreignKeys {
			m.relate(k)
		}
	}
	return m
}

// usable are the tables that models can have.
func (m *goModel) usable() []*goTable {
	return slices.DeleteFunc(slices.Clone(m.tables), func(t *goTable) bool { return t.reason != "" })
}

// has reports whether a column is of that enum type.
func (m *goModel) has(enum string) bool {
	for _, t := range m.usable() {
		if slices.ContainsFunc(t.fields, func(f *goField) bool { return f.typ.Kind == schema.EnumKind && f.col.Type.EnumName == enum }) {
			return true
		}
	}
	return false
}

// unsayable says why models cannot have a table.
func unsayable(t *schema.TableDef) string {
	switch {
	case len(t.PrimaryKey) == 0:
		return "it has no primary key"
	case !saysName(t.Name):
		return "its name is longer than models allow, or no text"
	}
	for _, c := range t.Columns {
		if !saysName(c.Name) || strings.Contains(c.Name, ",") || c.Name == "-" {
			return fmt.Sprintf("the name of its column %s cannot stand in a struct's tag", oneLine(strconv.Quote(c.Name)))
		}
	}
	return ""
}

func saysName(s string) bool { return s != "" && len(s) <= maxNameBytes && utf8.ValidString(s) }

// shortened leaves room for what is added to a name.
func shortened(s string) string {
	for len(s) > maxNameBytes-12 {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// nameTable chooses the names of a table's declarations and fields.
func (m *goModel) nameTable(t *goTable) {
	base := goName(t.def.Name)
	one, many := singular(base), base
	if one == many {
		many = plural(base)
	}
	inSchema := goName(t.def.Schema)
	t.entity = m.names.take(one, inSchema+one)
	t.variable = m.names.take(many, inSchema+many)
	t.handle = m.names.take(unexported(t.variable), unexported(t.variable)+"Table")
	for _, c := range t.def.Columns {
		f := &goField{col: c, nullable: c.Nullable && !c.PrimaryKey}
		f.name = t.names.take(goName(c.Name), goName(c.Name)+"Column")
		if schema.ColumnName(f.name) != c.Name {
			tag := "db:" + strconv.Quote(c.Name)
			if strconv.CanBackquote(tag) {
				f.tag = " `" + tag + "`"
			} else {
				f.tag = " " + strconv.Quote(tag)
			}
		}
		t.fields = append(t.fields, f)
	}
}

func (t *goTable) note(k *schema.ForeignKeyDef, reason string) {
	t.notes = append(t.notes, fmt.Sprintf("Foreign key (%s) to %s is left out: %s.", strings.Join(names(k.Columns), ", "), k.RefTable.QualifiedName(), reason))
}

// addForeignKey takes a foreign key over if a model can have it, and notes why not.
func (m *goModel) addForeignKey(t *goTable, k *schema.ForeignKeyDef) {
	to := m.byDef[k.RefTable]
	switch {
	case to == nil || to.reason != "":
		t.note(k, "the package has no such table")
		return
	case len(k.Columns) != len(k.RefColumns) || repeats(k.Columns) || repeats(k.RefColumns):
		t.note(k, "its columns do not pair up")
		return
	case foreign(t.def, k.Columns) || foreign(to.def, k.RefColumns):
		t.note(k, "there is no such column")
		return
	case !isUnique(to.def, k.RefColumns):
		t.note(k, "what it points to is not unique")
		return
	}
	for _, c := range k.Columns {
		f := t.field(c)
		if !f.nullable && (k.OnDelete == schema.SetNull || k.OnUpdate == schema.SetNull) {
			t.note(k, "it sets columns to NULL that are never NULL")
			return
		}
		if !f.nullable && c.ServerDefault == nil && (k.OnDelete == schema.SetDefault || k.OnUpdate == schema.SetDefault) {
			t.note(k, "it sets columns to a default that they lack")
			return
		}
	}
	key := &goForeignKey{def: k, from: t, to: to, late: slices.Index(m.tables, to) > slices.Index(m.tables, t)}
	convention := "fk_" + strings.Join(append([]string{t.def.Name}, names(k.Columns)...), "_")
	repeated := slices.ContainsFunc(t.foreignKeys, func(other *goForeignKey) bool { return slices.Equal(other.def.Columns, k.Columns) })
	switch {
	case saysName(k.Name) && k.Name != convention:
		key.name = k.Name
	case repeated:
		key.name = fmt.Sprintf("fk_%s_%d", shortened(t.def.Name), len(t.foreignKeys)+1)
	}
	t.foreignKeys = append(t.foreignKeys, key)
}

func repeats(cols []*schema.ColumnDef) bool {
	for i, c := range cols {
		if slices.Contains(cols[:i], c) {
			return true
		}
	}
	return len(cols) == 0
}

// foreign reports whether one of the columns is not the table's.
func foreign(t *schema.TableDef, cols []*schema.ColumnDef) bool {
	return slices.ContainsFunc(cols, func(c *schema.ColumnDef) bool { return !slices.Contains(t.Columns, c) })
}

// unlike says why the Go types of a foreign key's columns do not go together.
func (m *goModel) unlike(k *goForeignKey) string {
	for i, c := range k.def.Columns {
		if k.from.field(c).goType != k.to.field(k.def.RefColumns[i]).goType {
			return "its columns have other types than those that they point to"
		}
	}
	return ""
}

// relate gives a foreign key its two relations.
func (m *goModel) relate(k *goForeignKey) {
	for _, other := range k.from.foreignKeys {
		if other == k {
			break
		}
		if len(other.def.Columns) == len(k.def.Columns) && !foreign(&schema.TableDef{Columns: other.def.Columns}, k.def.Columns) {
			return // the columns join that one's relation
		}
	}
	base := ""
	if len(k.def.Columns) == 1 {
		base = k.def.Columns[0].Name
		for _, suffix := range []string{"_id", "_uuid", "_key", "Id", "ID"} {
			if s, ok := strings.CutSuffix(base, suffix); ok && s != "" {
				base = s
				break
			}
		}
		base = goName(base)
	}
	if base == "" {
		base = k.to.entity
	}
	k.one = &goRelation{name: k.from.names.take(base, base+"Ref"), target: k.to}
	inverse := k.from.variable
	k.inverse = &goRelation{target: k.from, many: !isUnique(k.from.def, k.def.Columns)}
	if !k.inverse.many {
		inverse = k.from.entity
	}
	same := 0
	for _, other := range k.from.foreignKeys {
		if other.to == k.to {
			same++
		}
	}
	if same > 1 || k.from == k.to {
		inverse += "By" + base
	}
	k.inverse.name = k.to.names.take(inverse, inverse+"Rows")
	k.from.relations = append(k.from.relations, k.one)
	k.to.relations = append(k.to.relations, k.inverse)
}
