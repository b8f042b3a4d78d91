package sqlite

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/dormer-orm/dormer/dialect"
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
		return schema.WireNumber
	case schema.BytesKind:
		return schema.WireBytes
	case schema.TimeKind:
		return schema.WireTimeText
	case schema.UUIDKind:
		return schema.WireUUIDText
	case schema.JSONKind, schema.ArrayKind:
		return schema.WireJSONText
	}
	return schema.WireText
}

// CastType is the storage class that a type is kept in. A time is TEXT already,
// so that nothing is lost by it.
func (Dialect) CastType(t *schema.Type) string {
	if t == nil {
		return ""
	}
	switch t.Kind {
	case schema.BoolKind, schema.Int16Kind, schema.Int32Kind, schema.Int64Kind:
		return "INTEGER"
	case schema.Float32Kind, schema.Float64Kind:
		return "REAL"
	case schema.BytesKind:
		return "BLOB"
	case schema.TextKind, schema.TimeKind, schema.UUIDKind, schema.JSONKind,
		schema.DecimalKind, schema.EnumKind, schema.ArrayKind:
		return "TEXT"
	}
	return ""
}

var ddlNames = map[schema.Kind]string{
	schema.BoolKind:    "BOOLEAN",
	schema.Int16Kind:   "SMALLINT",
	schema.Int32Kind:   "INTEGER",
	schema.Int64Kind:   "BIGINT",
	schema.Float32Kind: "REAL",
	schema.Float64Kind: "DOUBLE PRECISION",
	schema.TextKind:    "TEXT",
	schema.BytesKind:   "BLOB",
	// Drivers give a column of this name as time.Time to hand-written SQL. Its
	// numeric affinity leaves texts that are no numbers as they are.
	schema.TimeKind:    "TIMESTAMP",
	schema.UUIDKind:    "TEXT",
	schema.JSONKind:    "TEXT",
	schema.DecimalKind: "TEXT",
	schema.EnumKind:    "TEXT",
	schema.ArrayKind:   "TEXT",
}

// ColumnType is the column's type in DDL. A lone identity key must be INTEGER,
// which makes it the row's own number; a lone key of whole numbers that is none
// must not be, or SQLite would fill it in.
func (Dialect) ColumnType(c *schema.ColumnDef) (string, error) {
	t := &c.Type
	lone := c.Table != nil && len(c.Table.PrimaryKey) == 1 && c.Table.PrimaryKey[0] == c
	switch {
	case c.Table != nil && c == dialect.LoneIdentity(c.Table):
		return "INTEGER", nil
	case t.Custom != "":
		return t.Custom, nil
	case t.Kind == schema.TextKind && t.Size > 0:
		return fmt.Sprintf("VARCHAR(%d)", t.Size), nil
	case t.Kind == schema.Int32Kind && lone:
		return "INT", nil
	}
	if s := ddlNames[t.Kind]; s != "" {
		return s, nil
	}
	return "", fmt.Errorf("sqlite: column %s has no type: kind %s", c.Name, t.Kind)
}

// Ordered makes a decimal's text a number. All values of a column have the same
// number of digits after the point, so without it they are whole numbers in the
// same order, exactly as long as they fit 64 bits.
func (Dialect) Ordered(t *schema.Type) (before, after string) {
	switch {
	case t.Kind != schema.DecimalKind || t.Custom != "":
		return "", ""
	case t.Precision <= dialect.WideDigits, dialect.IsComputed(t):
		return "CAST(replace(", ", '.', '') AS INTEGER)"
	}
	return "CAST(", " AS REAL)"
}

// AppendReadColumn hides the declared type of a column of text: a driver that
// sees it asks for it at each cell, and tries to read times in its own way.
func (Dialect) AppendReadColumn(b []byte, c *schema.ColumnDef, qualified []byte) []byte {
	if c != nil {
		switch c.Type.Kind {
		case schema.BoolKind, schema.Int16Kind, schema.Int32Kind, schema.Int64Kind,
			schema.Float32Kind, schema.Float64Kind, schema.BytesKind:
			return append(b, qualified...)
		}
	}
	return append(append(b, '+'), qualified...)
}

// AppendPackedColumn has no packed form: SQLite's values need no decoding.
func (Dialect) AppendPackedColumn(b []byte, _ *schema.ColumnDef, _ []byte) ([]byte, bool) {
	return b, false
}

// Unpack is an error, since nothing is packed.
func (Dialect) Unpack(driver.Value) (time.Time, bool, error) {
	return time.Time{}, false, errors.New("SQLite packs no values")
}
