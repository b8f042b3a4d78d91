package dialect

import (
	"fmt"
	"strings"

	"github.com/dormer-orm/dormer/expr"
)

// raw writes text that a caller wrote, with placeholders for its question marks.
func (c *Compiler) raw(n *expr.RawNode) error {
	if strings.IndexByte(n.SQL, 0) >= 0 {
		return fmt.Errorf("raw SQL contains a NUL")
	}
	if strings.TrimSpace(n.SQL) == "" {
		return fmt.Errorf("raw SQL is empty")
	}
	used := 0
	s := n.SQL
	for i := 0; i < len(s); {
		end, comment := quotedEnd(s, i)
		if end > i {
			if end > len(s) {
				return fmt.Errorf("raw SQL ends inside a quote or comment")
			}
			c.Text(s[i:end])
			if comment && end == len(s) && s[end-1] != '\n' && strings.HasPrefix(s[i:], "--") {
				c.Text("\n") // else what follows would be part of the comment
			}
			i = end
			continue
		}
		if s[i] != '?' {
			c.buf = append(c.buf, s[i])
			i++
			continue
		}
		if i+1 < len(s) && s[i+1] == '?' {
			c.Text("?")
			i += 2
			continue
		}
		if i+1 < len(s) && '0' <= s[i+1] && s[i+1] <= '9' {
			return fmt.Errorf("raw SQL has a numbered placeholder ?%c: write a bare ? for each argument", s[i+1])
		}
		if used < len(n.Args) {
			v, err := c.rawArg(n.Args[used])
			if err != nil {
				return err
			}
			if err := c.Placeholder(v); err != nil {
				return err
			}
		}
		used++
		i++
	}
	if used != len(n.Args) {
		return fmt.Errorf("raw SQL has %d placeholders and %d arguments: write ?? for a question mark that is none", used, len(n.Args))
	}
	return nil
}

// verbatim writes the text that a TextNode has for the dialect.
func (c *Compiler) verbatim(n *expr.TextNode) error {
	text, ok := n.On[c.d.Name()]
	if !ok {
		text = n.SQL
	}
	switch {
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("SQL text is empty for %s", c.d.Name())
	case strings.IndexByte(text, 0) >= 0:
		return fmt.Errorf("SQL text contains a NUL")
	}
	c.Text(text)
	return nil
}

// quotedEnd returns where the quoted text or comment that begins at i ends, i
// where none begins, and more than len(s) where it does not end.
func quotedEnd(s string, i int) (end int, comment bool) {
	switch s[i] {
	case '\'':
		escapes := i > 0 && (s[i-1] == 'E' || s[i-1] == 'e') && (i < 2 || !isWordByte(s[i-2]))
		return closing(s, i, '\'', escapes), false
	case '"', '`':
		return closing(s, i, s[i], false), false
	case '-':
		if strings.HasPrefix(s[i:], "--") {
			if j := strings.IndexByte(s[i:], '\n'); j >= 0 {
				return i + j + 1, true
			}
			return len(s), true
		}
	case '/':
		if strings.HasPrefix(s[i:], "/*") {
			return blockEnd(s, i), true
		}
	case '$':
		if i > 0 && isWordByte(s[i-1]) {
			return i, false
		}
		j := i + 1
		for j < len(s) && (isWordByte(s[j]) && s[j] != '$') && (j > i+1 || s[j] < '0' || s[j] > '9') {
			j++
		}
		if j < len(s) && s[j] == '$' {
			tag := s[i : j+1]
			if k := strings.Index(s[j+1:], tag); k >= 0 {
				return j + 1 + k + len(tag), false
			}
			return len(s) + 1, false
		}
	}
	return i, false
}

func isWordByte(b byte) bool {
	return b == '_' || b == '$' || b >= 0x80 || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

func closing(s string, i int, quote byte, escapes bool) int {
	for j := i + 1; j < len(s); j++ {
		switch {
		case escapes && s[j] == '\\':
			j++
		case s[j] == quote && j+1 < len(s) && s[j+1] == quote:
			j++
		case s[j] == quote:
			return j + 1
		}
	}
	return len(s) + 1
}

// blockEnd finds the end of a comment; comments nest, as PostgreSQL has them.
func blockEnd(s string, i int) int {
	depth := 0
	for j := i; j+1 < len(s); j++ {
		switch s[j : j+2] {
		case "/*":
			depth++
			j++
		case "*/":
			depth--
			j++
			if depth == 0 {
				return j + 1
			}
		}
	}
	return len(s) + 1
}
