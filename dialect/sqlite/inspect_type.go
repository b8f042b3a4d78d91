package sqlite

import (
	"strconv"
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// kinds are the types by the names that ColumnType gives them. TEXT is text: the
// catalogue does not say what else it may hold.
var kinds = map[string]schema.Kind{
	"BOOLEAN":          schema.BoolKind,
	"SMALLINT":         schema.Int16Kind,
	"INTEGER":          schema.Int32Kind,
	"INT":              schema.Int32Kind,
	"BIGINT":           schema.Int64Kind,
	"REAL":             schema.Float32Kind,
	"DOUBLE PRECISION": schema.Float64Kind,
	"TEXT":             schema.TextKind,
	"BLOB":             schema.BytesKind,
	"TIMESTAMP":        schema.TimeKind,
}

// inspectedType is the type that ColumnType spells as the column's text does. A
// column without a type keeps what it is given, as a BLOB does.
func inspectedType(c *schema.ColumnDef, declared string) schema.Type {
	switch {
	case declared == "":
		return schema.Bytes()
	case c.Identity:
		return schema.BigInt()
	}
	upper := strings.ToUpper(declared)
	t := schema.Type{Kind: kinds[upper]}
	if args, ok := strings.CutPrefix(upper, "VARCHAR("); ok {
		if n, err := strconv.Atoi(strings.TrimSuffix(args, ")")); err == nil && n > 0 {
			t = schema.Varchar(n)
		}
	}
	probe := *c
	probe.Type = t
	if len(c.Table.PrimaryKey) == 1 && c.Table.PrimaryKey[0] == c {
		// ColumnType looks whether the column is the whole key.
		probe.Table = &schema.TableDef{PrimaryKey: []*schema.ColumnDef{&probe}}
	}
	if s, err := (Dialect{}).ColumnType(&probe); t.Kind != schema.InvalidKind && err == nil && strings.EqualFold(s, declared) {
		return t
	}
	return schema.CustomType(declared)
}

// enumValues reads col IN ('a', 'b').
func enumValues(cond string, c *schema.ColumnDef) ([]string, bool) {
	p := newParser(cond)
	if name, err := p.name(); err != nil || lower(name) != lower(c.Name) || !p.accept("IN", "(") {
		return nil, false
	}
	var values []string
	for {
		t := p.next()
		if t.kind != stringToken {
			return nil, false
		}
		values = append(values, t.value)
		if !p.accept(",") {
			return values, p.accept(")") && p.peek().kind == endToken
		}
	}
}
