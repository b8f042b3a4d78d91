package migrate

import (
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// goTypes are the Go types of kinds.
var goTypes = map[schema.Kind]string{
	schema.BoolKind: "bool", schema.Int16Kind: "int16", schema.Int32Kind: "int32", schema.Int64Kind: "int64",
	schema.Float32Kind: "float32", schema.Float64Kind: "float64", schema.TextKind: "string", schema.BytesKind: "[]byte",
	schema.TimeKind: "time.Time", schema.UUIDKind: "[16]byte", schema.JSONKind: "json.RawMessage", schema.EnumKind: "string",
}

// setType chooses a field's Go type: the columns of a foreign key have that of the
// columns that they point to, for models want them to agree.
func (m *goModel) setType(f *goField) {
	f.goType, f.typ = m.typeOf(m.pointedTo(f.col, nil))
	if m.pointedTo(f.col, nil) != f.col && f.typ.Kind != f.col.Type.Kind {
		f.typ = schema.Type{Kind: f.typ.Kind} // what its size was is part of the spelling
	} else if f.typ.Kind == schema.TextKind {
		f.typ.Size = f.col.Type.Size
	}
	if f.goType == "Decimal" {
		m.decimal = true
	}
	want, err := m.d.ColumnType(f.col)
	if err != nil {
		return // it has no type in DDL: its Go type decides
	}
	if f.typ.Kind == schema.EnumKind {
		f.typ = f.col.Type
	}
	if got, err := m.d.ColumnType(withType(f.col, f.typ)); err != nil || !strings.EqualFold(got, want) {
		f.custom = want
	}
}

// withType is a column of another type in a table like its own.
func withType(c *schema.ColumnDef, t schema.Type) *schema.ColumnDef {
	probe := *c
	probe.Type = t
	if c.Table != nil && len(c.Table.PrimaryKey) == 1 && c.Table.PrimaryKey[0] == c {
		probe.Table = &schema.TableDef{PrimaryKey: []*schema.ColumnDef{&probe}}
	}
	return &probe
}

// pointedTo follows foreign keys to the column whose values the column has.
func (m *goModel) pointedTo(c *schema.ColumnDef, seen []*schema.ColumnDef) *schema.ColumnDef {
	for _, s := range seen {
		if s == c {
			return seen[0] // a circle: all of it has the type of one
		}
	}
	for _, k := range m.byDef[c.Table].foreignKeys {
		for i, own := range k.def.Columns {
			if own == c && k.def.RefColumns[i] != c {
				return m.pointedTo(k.def.RefColumns[i], append(seen, c))
			}
		}
	}
	return c
}

// typeOf is a column's Go type, and the type that it makes a column.
func (m *goModel) typeOf(c *schema.ColumnDef) (string, schema.Type) {
	t := c.Type
	switch {
	case t.Custom != "":
		return m.customType(t.Custom)
	case t.Kind == schema.DecimalKind && t.Precision > 0:
		return "Decimal", t
	case t.Kind == schema.Float32Kind && !m.d.Capabilities().NativeEnums:
		return "float64", schema.Double() // REAL has eight bytes on SQLite
	case t.Kind == schema.Int32Kind && !m.d.Capabilities().NativeEnums && c.Table != nil && len(c.Table.PrimaryKey) == 1 && c.Table.PrimaryKey[0] == c:
		return "int64", schema.BigInt() // an INT of SQLite, which has as many bytes as its number needs
	case t.Kind == schema.DecimalKind:
		return "string", schema.LongText()
	case t.Kind == schema.EnumKind && t.EnumName == "" && m.d.Capabilities().NativeEnums:
		return "string", schema.LongText() // guarded by a CHECK
	case t.Kind == schema.ArrayKind:
		elem, typ := m.typeOf(&schema.ColumnDef{Type: *t.Elem})
		if elem == "Decimal" || typ.Kind == schema.EnumKind || elem == "json.RawMessage" {
			elem, typ = "string", schema.LongText()
		}
		return "[]" + elem, schema.ArrayOf(schema.Type{Kind: typ.Kind})
	}
	return goTypes[t.Kind], schema.Type{Kind: t.Kind, Size: t.Size}
}

// customType is a Go type for a type of which only the spelling is known.
func (m *goModel) customType(spelled string) (string, schema.Type) {
	low := strings.ToLower(spelled)
	has := func(list ...string) bool {
		for _, s := range list {
			if strings.Contains(low, s) {
				return true
			}
		}
		return false
	}
	kind := schema.TextKind
	switch {
	case m.d.Capabilities().NativeEnums: // types keep what they are called
		switch {
		case low == "date" || strings.HasPrefix(low, "timestamp"):
			kind = schema.TimeKind
		case low == "json":
			kind = schema.JSONKind
		}
	case has("int"):
		kind = schema.Int64Kind
	case has("char", "clob", "text"):
	case has("blob"):
		kind = schema.BytesKind
	case has("real", "floa", "doub", "numeric", "decimal"):
		kind = schema.Float64Kind
	case has("bool"):
		kind = schema.BoolKind
	case strings.HasPrefix(low, "date") || strings.HasPrefix(low, "timestamp"):
		kind = schema.TimeKind
	}
	return goTypes[kind], schema.Type{Kind: kind}
}
