package postgres

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// sortTables orders by the model's names, where the default schema comes first.
func sortTables(list []*schema.TableDef) {
	slices.SortStableFunc(list, func(a, b *schema.TableDef) int {
		if c := strings.Compare(a.Schema, b.Schema); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// kinds are the types by the names that format_type gives them.
var kinds = map[string]schema.Kind{
	"boolean":                  schema.BoolKind,
	"smallint":                 schema.Int16Kind,
	"integer":                  schema.Int32Kind,
	"bigint":                   schema.Int64Kind,
	"real":                     schema.Float32Kind,
	"double precision":         schema.Float64Kind,
	"text":                     schema.TextKind,
	"bytea":                    schema.BytesKind,
	"timestamp with time zone": schema.TimeKind,
	"uuid":                     schema.UUIDKind,
	"jsonb":                    schema.JSONKind,
	"numeric":                  schema.DecimalKind,
}

// typeNamed is the type of that name.
func typeNamed(s string) schema.Type {
	if elem, ok := strings.CutSuffix(s, "[]"); ok {
		return schema.ArrayOf(typeNamed(elem))
	}
	if k, ok := kinds[s]; ok {
		return schema.Type{Kind: k}
	}
	base, args, _ := strings.Cut(strings.TrimSuffix(s, ")"), "(")
	switch base {
	case "character varying":
		if n, err := strconv.Atoi(args); err == nil && n > 0 {
			return schema.Varchar(n)
		}
	case "numeric":
		p, sc, _ := strings.Cut(args, ",")
		precision, err := strconv.Atoi(p)
		scale, err2 := strconv.Atoi(sc)
		if err == nil && err2 == nil && scale >= 0 && scale <= precision {
			return schema.Numeric(precision, scale)
		}
	}
	return schema.CustomType(s)
}

// scanner reads an expression as the server writes it: without comments, with
// constants in quotes, never in dollars.
type scanner struct {
	s   string
	pos int
}

// quoted reads a quoted name or constant that begins at the position, "" and
// false where none does. A constant after E has backslashes.
func (c *scanner) quoted(quote byte, backslashes bool) (string, bool) {
	if c.pos >= len(c.s) || c.s[c.pos] != quote {
		return "", false
	}
	var b strings.Builder
	for i := c.pos + 1; i < len(c.s); i++ {
		switch ch := c.s[i]; {
		case ch == quote && i+1 < len(c.s) && c.s[i+1] == quote, ch == '\\' && backslashes && i+1 < len(c.s):
			i++
			b.WriteByte(c.s[i])
		case ch == quote:
			c.pos = i + 1
			return b.String(), true
		default:
			b.WriteByte(ch)
		}
	}
	return "", false
}

// skipQuoted passes over what is quoted at the position, if anything is.
func (c *scanner) skipQuoted() bool {
	if c.pos >= len(c.s) {
		return false
	}
	switch ch := c.s[c.pos]; ch {
	case '"':
		_, ok := c.quoted(ch, false)
		return ok
	case '\'':
		escapes := c.pos > 0 && c.s[c.pos-1] == 'E' && (c.pos == 1 || !isWord(c.s[c.pos-2]))
		_, ok := c.quoted(ch, escapes)
		return ok
	}
	return false
}

func isWord(b byte) bool {
	return b == '_' || b == '$' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// accept passes over a text, with spaces before it.
func (c *scanner) accept(s string) bool {
	for c.pos < len(c.s) && c.s[c.pos] == ' ' {
		c.pos++
	}
	if strings.HasPrefix(c.s[c.pos:], s) {
		c.pos += len(s)
		return true
	}
	return false
}

// unwrap takes away parentheses that stand around the whole of an expression.
func unwrap(s string) string {
	for len(s) > 2 && s[0] == '(' && s[len(s)-1] == ')' {
		c := &scanner{s: s}
		for depth := 0; c.pos < len(s); {
			if c.skipQuoted() {
				continue
			}
			switch s[c.pos] {
			case '(':
				depth++
			case ')':
				depth--
			}
			c.pos++
			if depth == 0 && c.pos < len(s) {
				return s // they close before the end
			}
		}
		s = s[1 : len(s)-1]
	}
	return s
}

// enumValues reads the condition that the server keeps of col IN ('a', 'b'):
// col = ANY (ARRAY['a'::text, 'b'::text]), or col = 'a'::text.
func enumValues(cond string, col *schema.ColumnDef) ([]string, bool) {
	c := &scanner{s: unwrap(cond)}
	name := string(Dialect{}.AppendQuoted(nil, col.Name))
	if !c.accept(name+" = ") && !(plainName(col.Name) && c.accept(col.Name+" = ")) {
		return nil, false
	}
	if !c.accept("ANY (ARRAY[") {
		v, ok := c.constant()
		return []string{v}, ok && c.pos == len(c.s)
	}
	var values []string
	for {
		v, ok := c.constant()
		if !ok {
			return nil, false
		}
		values = append(values, v)
		if c.accept("])") {
			return values, c.pos == len(c.s)
		}
		if !c.accept(",") {
			return nil, false
		}
	}
}

// constant reads a constant of text.
func (c *scanner) constant() (string, bool) {
	escapes := c.accept("E'")
	if escapes {
		c.pos--
	} else {
		c.accept("")
	}
	v, ok := c.quoted('\'', escapes)
	return v, ok && c.accept("::text")
}

// plainName reports whether the server may write a name without quotes.
func plainName(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isWord(s[i]) || s[i] >= 'A' && s[i] <= 'Z' {
			return false
		}
	}
	return s != ""
}
