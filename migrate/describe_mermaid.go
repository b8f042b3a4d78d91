package migrate

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

// describeMermaid draws tables and foreign keys. Mermaid takes few characters in
// the names of columns and types: others become underlines, and the column's own
// name its comment.
func describeMermaid(c *schema.Catalog, d dialect.Dialect) (string, error) {
	var b strings.Builder
	b.WriteString("erDiagram\n")
	for _, t := range c.Tables {
		if len(t.Columns) == 0 {
			fmt.Fprintf(&b, "    %s\n", mermaidTable(t))
			continue
		}
		fmt.Fprintf(&b, "    %s {\n", mermaidTable(t))
		for _, col := range t.Columns {
			typ, err := d.ColumnType(col)
			if err != nil {
				return "", fmt.Errorf("migrate: table %s: %w", t.QualifiedName(), err)
			}
			line := mermaidWord(typ, "()[]") + " " + mermaidWord(col.Name, "")
			if keys := mermaidKeys(t, col); len(keys) > 0 {
				line += " " + strings.Join(keys, ", ")
			}
			var notes []string
			if mermaidWord(col.Name, "") != col.Name {
				notes = append(notes, col.Name)
			}
			if col.Comment != "" {
				notes = append(notes, col.Comment)
			}
			if len(notes) > 0 {
				line += ` "` + mermaidText(strings.Join(notes, ": ")) + `"`
			}
			b.WriteString("        " + line + "\n")
		}
		b.WriteString("    }\n")
	}
	for _, t := range c.Tables {
		for _, k := range t.ForeignKeys {
			parent, child := "||", "o{"
			if slices.ContainsFunc(k.Columns, func(c *schema.ColumnDef) bool { return c.Nullable }) {
				parent = "|o"
			}
			if isUnique(t, k.Columns) {
				child = "o|"
			}
			fmt.Fprintf(&b, "    %s %s--%s %s : \"%s\"\n", mermaidTable(k.RefTable), parent, child, mermaidTable(t), mermaidText(strings.Join(names(k.Columns), ", ")))
		}
	}
	return b.String(), nil
}

func mermaidKeys(t *schema.TableDef, c *schema.ColumnDef) []string {
	var keys []string
	if c.PrimaryKey {
		keys = append(keys, "PK")
	}
	for _, k := range t.ForeignKeys {
		if slices.Contains(k.Columns, c) && !slices.Contains(keys, "FK") {
			keys = append(keys, "FK")
		}
	}
	if !c.PrimaryKey && isUnique(t, []*schema.ColumnDef{c}) {
		keys = append(keys, "UK")
	}
	return keys
}

func mermaidTable(t *schema.TableDef) string { return `"` + mermaidText(t.QualifiedName()) + `"` }

// mermaidText is text between double quotes, which it cannot hold.
func mermaidText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r == '%' || r == '\\':
			return '_' // Mermaid takes them for its own, in quotes too
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, s)
}

// mermaidWord is a word of ASCII letters, digits, underlines, and the characters
// also given.
func mermaidWord(s, also string) string {
	w := strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune(also, r) {
			return r
		}
		return '_'
	}, strings.ReplaceAll(s, ", ", "_"))
	if w == "" || !unicode.IsLetter(rune(w[0])) && w[0] != '_' {
		w = "_" + w
	}
	return w
}
