package postgres

import "slices"

// PlainCasts takes casts away among the types of text: the server puts them into
// what it keeps of an expression, and reads that back with other ones. Casts of what
// is neither a constant in quotes nor a column of text stay, since those may change
// what is compared.
func (Dialect) PlainCasts(tokens []string, text func(column string) bool) []string {
	for {
		next := plainCasts(tokens, text)
		if len(next) == len(tokens) {
			return next
		}
		tokens = next
	}
}

// plainCasts is one pass.
func plainCasts(list []string, text func(string) bool) []string {
	plain := func(s string) bool { return s[0] == '\'' || text(s) }
	var out []string
	for i := 0; i < len(list); i++ {
		last, n := len(out)-1, castToText(list[i:])
		several := n > 0 && len(list) > i+n+1 && list[i+n] == "[" && list[i+n+1] == "]"
		if n > 0 && last >= 0 && !several {
			switch {
			case plain(out[last]):
				i += n - 1
				continue
			case last >= 2 && out[last] == ")" && out[last-2] == "(" && plain(out[last-1]):
				out = append(out[:last-2], out[last-1])
				i += n - 1
				continue
			}
		}
		if several {
			if from := plainList(out, plain); from >= 0 {
				if out[from] == "(" {
					out = slices.Delete(out[:last], from, from+1)
				}
				i += n + 1
				continue
			}
		}
		out = append(out, list[i])
	}
	return out
}

// castToText is the number of tokens of a cast to a type of text without a length
// that the list begins with; one to lists of that type goes on with brackets.
func castToText(list []string) int {
	if len(list) < 3 || list[0] != ":" || list[1] != ":" {
		return 0
	}
	n := 0
	switch {
	case list[2] == "text" || list[2] == "varchar":
		n = 3
	case list[2] == "character" && len(list) > 3 && list[3] == "varying":
		n = 4
	default:
		return 0
	}
	if len(list) > n && list[n] == "(" {
		return 0
	}
	return n
}

// plainList is where an ARRAY[…] of constants and columns begins that the list ends
// with, in parentheses or not, -1 where it ends otherwise.
func plainList(list []string, plain func(string) bool) int {
	end := len(list) - 1
	closed := end >= 0 && list[end] == ")"
	if closed {
		end--
	}
	if end < 0 || list[end] != "]" {
		return -1
	}
	for i := end - 1; i > 0; i-- {
		switch {
		case list[i] == "[" && list[i-1] == "array" && !closed:
			return i - 1
		case list[i] == "[" && i > 1 && list[i-1] == "array" && list[i-2] == "(":
			return i - 2
		case list[i] != "," && !plain(list[i]):
			return -1
		}
	}
	return -1
}
