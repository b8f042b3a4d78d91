package migrate

import (
	"slices"
	"strings"
)

// canonical is SQL with what has no meaning taken away: spaces, comments, the case
// of bare words, quotes that a name does not need, parentheses around the whole.
// Texts of one canonical form mean the same.
func canonical(sql string) string { return strings.Join(bare(sql), " ") }

// bare are the tokens of SQL without parentheses around the whole.
func bare(sql string) []string {
	list := tokens(sql)
	for enclosed(list) {
		list = list[1 : len(list)-1]
	}
	return list
}

// tokens splits SQL. Signs are tokens each, so that a-1 and a - 1 are the same.
func tokens(sql string) []string {
	var out []string
	for i := 0; i < len(sql); {
		end := i + 1
		switch ch := sql[i]; {
		case ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r':
		case ch == '\'':
			end = closing(sql, i)
			out = append(out, sql[i:end])
		case ch == '"' || ch == '`' || ch == '[' && !indexed(sql[:i]):
			end = closing(sql, i)
			out = append(out, bareName(sql[i:end]))
		case strings.HasPrefix(sql[i:], "--"):
			if end = strings.IndexByte(sql[i:], '\n'); end < 0 {
				return out
			}
			end += i
		case strings.HasPrefix(sql[i:], "/*"):
			if end = strings.Index(sql[i+2:], "*/"); end < 0 {
				return out
			}
			end += i + 4
		case strings.HasPrefix(sql[i:], "!="):
			out, end = append(out, "<", ">"), i+2
		case strings.HasPrefix(sql[i:], "=="):
			out, end = append(out, "="), i+2
		case (ch == 'E' || ch == 'e') && strings.HasPrefix(sql[i+1:], "'"):
			end = escapedEnd(sql, i+1)
			out = append(out, "e"+sql[i+1:end])
		case wordByte(ch):
			for end < len(sql) && (wordByte(sql[end]) || sql[end] == '$' || sql[end] == '.' && ch >= '0' && ch <= '9') {
				end++
			}
			out = append(out, strings.ToLower(sql[i:end]))
		default:
			out = append(out, sql[i:end])
		}
		i = end
	}
	return out
}

// escapedEnd is where a constant with backslashes ends, whose quote is at i.
func escapedEnd(sql string, i int) int {
	for j := i + 1; j < len(sql); j++ {
		switch {
		case sql[j] == '\\':
			j++
		case sql[j] != '\'':
		case j+1 < len(sql) && sql[j+1] == '\'':
			j++
		default:
			return j + 1
		}
	}
	return len(sql)
}

// values are words that are a value by themselves, and a name only in quotes.
var values = []string{"current_date", "current_time", "current_timestamp", "current_user", "current_role", "current_catalog", "current_schema", "session_user",
	"localtime", "localtimestamp", "null", "true", "false"}

// bareName is a quoted name without quotes where it means the same without.
func bareName(quoted string) string {
	q := quoted[len(quoted)-1:]
	if len(quoted) < 3 || q == "]" && strings.Contains(quoted, "]]") {
		return quoted
	}
	name := strings.ReplaceAll(quoted[1:len(quoted)-1], q+q, q)
	if slices.Contains(values, name) {
		return `"` + name + `"`
	}
	for i := range len(name) {
		if !wordByte(name[i]) || 'A' <= name[i] && name[i] <= 'Z' || i == 0 && '0' <= name[i] && name[i] <= '9' {
			return `"` + name + `"`
		}
	}
	return name
}

// enclosed reports whether the first and last token are the parentheses of all
// that is between them.
func enclosed(list []string) bool {
	if len(list) < 3 || list[0] != "(" || list[len(list)-1] != ")" {
		return false
	}
	depth := 0
	for i, t := range list {
		switch t {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth == 0 {
			return i == len(list)-1
		}
	}
	return false
}
