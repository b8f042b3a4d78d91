package postgres

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

// Conversion is a cast between types that ALTER TABLE does not convert by itself.
// It goes to the type without its size: the size is then applied as an INSERT
// would, which refuses what is too long, where a cast cuts it off. Between bytes and
// texts it goes by what they spell in UTF-8, where a cast reads and writes bytes in
// the server's own notation.
func (d Dialect) Conversion(from, to *schema.ColumnDef) (string, error) {
	was, is := castName(d.CastType(&from.Type)), castName(d.CastType(&to.Type))
	if strings.EqualFold(was, is) {
		return "", nil
	}
	col := string(d.AppendQuoted(nil, from.Name))
	enum := func(t *schema.Type) bool { return t.Custom == "" && t.Kind == schema.EnumKind }
	switch {
	case strings.EqualFold(was, "bytea") && cuts[strings.ToLower(is)]:
		return "convert_from(" + col + ", 'UTF8')", nil
	case strings.EqualFold(was, "bytea") && (texts[strings.ToLower(is)] || enum(&to.Type)):
		return "CAST(convert_from(" + col + ", 'UTF8') AS " + is + ")", nil
	case strings.EqualFold(is, "bytea") && (texts[strings.ToLower(was)] || strings.EqualFold(was, "character") || strings.EqualFold(was, "char") || enum(&from.Type)):
		return "convert_to(CAST(" + col + " AS text), 'UTF8')", nil
	case cuts[strings.ToLower(is)]:
		return "", nil
	}
	return "CAST(" + d.steps(col, &from.Type, &to.Type) + " AS " + is + ")", nil
}

// steps casts to what lies between two types that have no cast of their own.
func (d Dialect) steps(col string, from, to *schema.Type) string {
	switch {
	case from.Custom != "" || to.Custom != "":
		return col
	case from.Kind == schema.BoolKind && number(to.Kind), number(from.Kind) && to.Kind == schema.BoolKind:
		return "CAST(" + col + " AS integer)"
	case from.Kind == schema.EnumKind && to.Kind == schema.EnumKind:
		return "CAST(" + col + " AS text)"
	case from.Kind == schema.ArrayKind && to.Kind == schema.ArrayKind:
		return "CAST(" + col + " AS text[])"
	}
	return col
}

func number(k schema.Kind) bool {
	switch k {
	case schema.Int16Kind, schema.Int64Kind, schema.Float32Kind, schema.Float64Kind, schema.DecimalKind:
		return true
	}
	return false
}

var size = regexp.MustCompile(`\s*\([^)]*\)`)

// castName is a type without the size that the database's own spelling has.
func castName(name string) string {
	if strings.HasPrefix(name, `"`) {
		return name
	}
	return size.ReplaceAllString(name, "")
}

// cuts are the types that a cast without a size cuts to one.
var cuts = map[string]bool{"char": true, "character": true, "bit": true}

// texts are the types of text that a cast does not cut.
var texts = map[string]bool{"text": true, "varchar": true, "character varying": true, "citext": true}

// refused is the SQLSTATE of what RefuseIf says, of a class that nobody else has.
const refused = "DRM01"

// RefuseIf is a DO block.
func (d Dialect) RefuseIf(query, message string) (string, error) {
	text, err := d.AppendLiteral(nil, message)
	if err != nil {
		return "", err
	}
	return d.do("BEGIN IF EXISTS (" + query + ") THEN RAISE EXCEPTION USING ERRCODE = '" + refused + "', MESSAGE = " + string(text) + "; END IF; END")
}

func (d Dialect) do(body string) (string, error) {
	b, err := d.AppendLiteral([]byte("DO "), body)
	return string(b), err
}

// Refusal is "": a constant expression that fails would fail when the statement is
// planned, whether it has rows or not.
func (Dialect) Refusal(string) (string, error) { return "", nil }

// DropPrimaryKey looks for the name that the key has: it keeps it when its table is
// renamed.
func (d Dialect) DropPrimaryKey(table string) (string, error) {
	name, err := d.AppendLiteral(nil, table)
	if err != nil {
		return "", err
	}
	return d.do(fmt.Sprintf("DECLARE k text; BEGIN"+
		" SELECT conname INTO k FROM pg_catalog.pg_constraint WHERE contype = 'p' AND conrelid = %[1]s::pg_catalog.regclass;"+
		" IF k IS NULL THEN RAISE EXCEPTION 'table %% has no primary key', %[1]s; END IF;"+
		" EXECUTE pg_catalog.format('ALTER TABLE %%s DROP CONSTRAINT %%I', %[1]s, k); END", name))
}

// RestartIdentity sets the sequence of the column. That which made the values of a
// serial column stays its own beside it, so pg_get_serial_sequence may find the
// wrong one; keys that either has given out are not given out again.
func (d Dialect) RestartIdentity(table, column string) (string, error) {
	t, err := d.AppendLiteral(nil, table)
	if err != nil {
		return "", err
	}
	c, err := d.AppendLiteral(nil, column)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("SELECT pg_catalog.setval(s.own, greatest(s.last, 1), s.last > 0) FROM ("+
		"SELECT max(q.oid) FILTER (WHERE d.deptype = 'i') AS own,"+
		" greatest(max(pg_catalog.pg_sequence_last_value(q.oid)), (SELECT max(%[3]s) FROM %[4]s), 0) AS last"+
		" FROM pg_catalog.pg_depend d"+
		" JOIN pg_catalog.pg_class q ON q.oid = d.objid AND q.relkind = 'S'"+
		" JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid"+
		" WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass"+
		" AND d.deptype IN ('a', 'i') AND d.refobjid = %[1]s::pg_catalog.regclass AND a.attname = %[2]s) s",
		t, c, d.AppendQuoted(nil, column), table), nil
}

// DropInvalidIndex drops what CREATE INDEX CONCURRENTLY leaves when it fails.
func (d Dialect) DropInvalidIndex(index string) (string, error) {
	name, err := d.AppendLiteral(nil, index)
	if err != nil {
		return "", err
	}
	drop, err := d.AppendLiteral(nil, "DROP INDEX "+index)
	if err != nil {
		return "", err
	}
	return d.do(fmt.Sprintf("BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass(%s) AND NOT indisvalid)"+
		" THEN EXECUTE %s; END IF; END", name, drop))
}

// Rebuild is nothing: ALTER TABLE changes all there is.
func (Dialect) Rebuild(dialect.Rebuild) []string { return nil }
