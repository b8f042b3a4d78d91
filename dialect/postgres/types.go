package postgres

import (
	"fmt"

	"github.com/dormer-orm/dormer/schema"
)

// Wire says in which form a type's values travel.
func (Dialect) Wire(t *schema.Type) schema.Wire {
	switch t.Kind {
	case schema.BoolKind:
		return schema.WireBool
	case schema.Int16Kind, schema.Int32Kind, schema.Int64Kind:
		return schema.WireInt
	case schema.Float32Kind, schema.Float64Kind:
		return schema.WireFloat
	case schema.BytesKind:
		return schema.WireBytes
	case schema.TimeKind:
		return schema.WireTime
	case schema.UUIDKind:
		return schema.WireUUIDText
	case schema.JSONKind:
		return schema.WireJSONText
	case schema.ArrayKind:
		return schema.WireArray
	}
	return schema.WireText
}

var names = map[schema.Kind]string{
	schema.BoolKind:    "boolean",
	schema.Int16Kind:   "smallint",
	schema.Int32Kind:   "integer",
	schema.Int64Kind:   "bigint",
	schema.Float32Kind: "real",
	schema.Float64Kind: "double precision",
	schema.TextKind:    "text",
	schema.BytesKind:   "bytea",
	schema.TimeKind:    "timestamptz",
	schema.UUIDKind:    "uuid",
	schema.JSONKind:    "jsonb",
	schema.DecimalKind: "numeric",
}

// CastType is the name of a type without size or precision.
func (d Dialect) CastType(t *schema.Type) string {
	switch {
	case t == nil:
		return ""
	case t.Custom != "":
		return t.Custom
	case t.Kind == schema.EnumKind && t.EnumName != "":
		return string(d.AppendQuoted(nil, t.EnumName))
	case t.Kind == schema.EnumKind:
		return "text"
	case t.Kind == schema.ArrayKind:
		if elem := d.CastType(t.Elem); elem != "" {
			return elem + "[]"
		}
		return ""
	}
	return names[t.Kind]
}

var ddlNames = map[schema.Kind]string{
	schema.BoolKind:    "BOOLEAN",
	schema.Int16Kind:   "SMALLINT",
	schema.Int32Kind:   "INTEGER",
	schema.Int64Kind:   "BIGINT",
	schema.Float32Kind: "REAL",
	schema.Float64Kind: "DOUBLE PRECISION",
	schema.TextKind:    "TEXT",
	schema.BytesKind:   "BYTEA",
	schema.TimeKind:    "TIMESTAMPTZ",
	schema.UUIDKind:    "UUID",
	schema.JSONKind:    "JSONB",
	schema.DecimalKind: "NUMERIC",
}

// ColumnType is the column's type in DDL.
func (d Dialect) ColumnType(c *schema.ColumnDef) (string, error) {
	s := d.typeName(&c.Type)
	if s == "" {
		return "", fmt.Errorf("postgres: column %s has no type: kind %s", c.Name, c.Type.Kind)
	}
	return s, nil
}

func (d Dialect) typeName(t *schema.Type) string {
	switch {
	case t == nil:
		return ""
	case t.Custom != "":
		return t.Custom
	case t.Kind == schema.TextKind && t.Size > 0:
		return fmt.Sprintf("VARCHAR(%d)", t.Size)
	case t.Kind == schema.DecimalKind && t.Precision > 0:
		return fmt.Sprintf("NUMERIC(%d, %d)", t.Precision, t.Scale)
	case t.Kind == schema.EnumKind && t.EnumName != "":
		return string(d.AppendQuoted(nil, t.EnumName))
	case t.Kind == schema.EnumKind:
		return "TEXT"
	case t.Kind == schema.ArrayKind:
		if elem := d.typeName(t.Elem); elem != "" {
			return elem + "[]"
		}
		return ""
	}
	return ddlNames[t.Kind]
}

// Ordered is nothing: all values compare as what they are.
func (Dialect) Ordered(*schema.Type) (before, after string) { return "", "" }

// AppendReadColumn appends the name as it is.
func (Dialect) AppendReadColumn(b []byte, _ *schema.ColumnDef, qualified []byte) []byte {
	return append(b, qualified...)
}
