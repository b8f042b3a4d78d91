package catalogue

import (
	"strings"
	"unicode/utf8"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// NewTable is a table that an Inspect fills.
func NewTable(schemaName, name string) *schema.TableDef {
	t := &schema.TableDef{Schema: schemaName, Name: name}
	t.Source = expr.NewSource(schemaName, name, "", t)
	return t
}

// Column is the table's column of that name, or one of the name alone, which
// the table does not get.
func Column(t *schema.TableDef, name string) *schema.ColumnDef {
	if c := t.Column(name); c != nil {
		return c
	}
	return &schema.ColumnDef{Table: t, Name: name}
}

// FoldEnums turns columns of text whose CHECK is the one that guards an enum
// into columns of an enum, and takes the CHECK away. values reads the condition:
// the values of a column that it lists, if it does nothing else. limit is the
// length in bytes that the database cuts names to, 0 for none.
func FoldEnums(t *schema.TableDef, limit int, values func(cond string, c *schema.ColumnDef) ([]string, bool)) {
	kept := t.Checks[:0]
	for _, k := range t.Checks {
		if !foldEnum(t, k, limit, values) {
			kept = append(kept, k)
		}
	}
	clear(t.Checks[len(kept):])
	if t.Checks = kept; len(kept) == 0 {
		t.Checks = nil
	}
}

func foldEnum(t *schema.TableDef, k *schema.CheckDef, limit int, values func(string, *schema.ColumnDef) ([]string, bool)) bool {
	text, ok := k.Cond.(*expr.TextNode)
	if !ok || !strings.HasPrefix(k.Name, "ck_") {
		return false
	}
	for _, c := range t.Columns {
		if c.Type.Kind != schema.TextKind || c.Type.Size != 0 || c.Type.Custom != "" || cut(dialect.EnumCheckName(c), limit) != k.Name {
			continue
		}
		if vs, ok := values(text.SQL, c); ok && len(vs) > 0 {
			c.Type = schema.EnumType("", vs...)
			return true
		}
	}
	return false
}

// cut shortens a name as PostgreSQL does: to whole characters.
func cut(name string, limit int) string {
	if limit == 0 || len(name) <= limit {
		return name
	}
	for limit > 0 && !utf8.RuneStart(name[limit]) {
		limit--
	}
	return name[:limit]
}
