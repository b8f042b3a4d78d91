package migrate

import (
	"strings"

	"github.com/dormer-orm/dormer/expr"
)

// mentions reports whether an expression names a column. Of text it says so for
// whatever has the name.
func mentions(n expr.Node, column string) bool {
	found := false
	expr.Walk(n, func(n expr.Node) bool {
		switch n := n.(type) {
		case *expr.ColumnRef:
			found = found || n.Name == column
		case *expr.TextNode:
			eachWord(n.SQL, func(word string, _, _ int) { found = found || sameName(word, column) })
			for _, text := range n.On {
				eachWord(text, func(word string, _, _ int) { found = found || sameName(word, column) })
			}
		}
		return true
	})
	return found
}

// renamed is the expression with another name for a column.
func renamed(n expr.Node, from, to string) expr.Node {
	t, ok := n.(*expr.TextNode)
	if !ok {
		return n
	}
	out := &expr.TextNode{SQL: renameIn(t.SQL, from, to)}
	for d, text := range t.On {
		if out.On == nil {
			out.On = map[string]string{}
		}
		out.On[d] = renameIn(text, from, to)
	}
	return out
}

// renameIn replaces a name in SQL, outside quoted text and comments.
func renameIn(sql, from, to string) string {
	var b strings.Builder
	last := 0
	eachWord(sql, func(word string, start, end int) {
		if sameName(word, from) {
			b.WriteString(sql[last:start] + `"` + strings.ReplaceAll(to, `"`, `""`) + `"`)
			last = end
		}
	})
	return b.String() + sql[last:]
}

// sameName reports whether a word of SQL, quoted or not, is a name.
func sameName(word, name string) bool {
	if len(word) > 1 && (word[0] == '"' || word[0] == '`' || word[0] == '[') {
		q := word[len(word)-1:]
		return strings.ReplaceAll(word[1:len(word)-1], q+q, q) == name
	}
	return strings.EqualFold(word, name)
}

// eachWord calls f for each word of SQL that may be a name: quoted ones, and bare
// ones that are no part of text, numbers or comments.
func eachWord(sql string, f func(word string, start, end int)) {
	for i := 0; i < len(sql); {
		end := i + 1
		switch ch := sql[i]; {
		case ch == '\'' || ch == '"' || ch == '`' || ch == '[' && !indexed(sql[:i]):
			end = closing(sql, i)
			if ch != '\'' {
				f(sql[i:end], i, end)
			}
		case strings.HasPrefix(sql[i:], "--"):
			if end = strings.IndexByte(sql[i:], '\n'); end < 0 {
				return
			}
			end += i
		case strings.HasPrefix(sql[i:], "/*"):
			if end = strings.Index(sql[i+2:], "*/"); end < 0 {
				return
			}
			end += i + 4
		case wordByte(ch) || ch == '$':
			for end < len(sql) && (wordByte(sql[end]) || sql[end] == '$') {
				end++
			}
			if ch < '0' || ch > '9' {
				f(sql[i:end], i, end)
			}
		}
		i = end
	}
}

// indexed reports whether a bracket after the text makes or indexes an array: it
// quotes a name otherwise, as SQLite has it.
func indexed(before string) bool {
	before = strings.TrimRight(before, " \t\n")
	return before != "" && (wordByte(before[len(before)-1]) || strings.HasSuffix(before, ")") || strings.HasSuffix(before, "]"))
}

// closing is where the quoted text that begins at i ends.
func closing(sql string, i int) int {
	q := sql[i]
	if q == '[' {
		q = ']'
	}
	for j := i + 1; j < len(sql); j++ {
		if sql[j] != q {
			continue
		}
		if j+1 < len(sql) && sql[j+1] == q {
			j++
			continue
		}
		return j + 1
	}
	return len(sql)
}

func wordByte(c byte) bool {
	return c == '_' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
