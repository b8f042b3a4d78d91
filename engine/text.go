package engine

import "strings"

// OneStatement checks that hand-written SQL is one statement, which the engine's
// and the unit of work's methods ask for: ErrSeveralStatements otherwise. The
// body of a trigger counts as part of its statement.
func OneStatement(sql string) error {
	if _, more := firstStatement(sql); more && !createsTrigger(sql) {
		return ErrSeveralStatements
	}
	return nil
}

// createsTrigger reports whether a text begins with CREATE … TRIGGER.
func createsTrigger(sql string) bool {
	words := strings.Fields(strings.ToUpper(sql[:min(len(sql), 200)]))
	if len(words) < 2 || words[0] != "CREATE" {
		return false
	}
	for _, w := range words[1:min(len(words), 5)] {
		switch w {
		case "TRIGGER":
			return true
		case "TEMP", "TEMPORARY", "OR", "REPLACE", "CONSTRAINT":
		default:
			return false
		}
	}
	return false
}

// firstStatement finds the end of the first statement of a text and whether
// anything but space, comments and semicolons follows it. Quotes, dollar quotes
// and comments are stepped over. Drivers differ over several statements in one
// text, and some run only part of them without a word.
func firstStatement(sql string) (end int, more bool) {
	i := strings.IndexByte(sql, ';')
	if i < 0 {
		return len(sql), false
	}
	end = skipStatement(sql, 0)
	for i = end; i < len(sql); {
		if c := sql[i]; c == ';' || isSpace(c) {
			i++
		} else if j := skipComment(sql, i); j > i {
			i = j
		} else {
			return end, true
		}
	}
	return end, false
}

// skipStatement gives the place of the first semicolon from i that ends a
// statement, or the text's length.
func skipStatement(sql string, i int) int {
	for i < len(sql) {
		switch c := sql[i]; c {
		case ';':
			return i
		case '\'':
			i = skipQuoted(sql, i, escapes(sql, i))
		case '"', '`':
			i = skipQuoted(sql, i, false)
		case '$':
			i = skipDollar(sql, i)
		case '-', '/':
			i = max(skipComment(sql, i), i+1)
		default:
			i++
		}
	}
	return i
}

// escapes reports whether the string at i is of the form E'…', in which a
// backslash escapes.
func escapes(sql string, i int) bool {
	return i > 0 && (sql[i-1] == 'E' || sql[i-1] == 'e') && (i == 1 || !isWord(sql[i-2]))
}

func skipQuoted(sql string, i int, backslash bool) int {
	q := sql[i]
	for i++; i < len(sql); i++ {
		switch {
		case backslash && sql[i] == '\\':
			i++
		case sql[i] == q:
			if i+1 == len(sql) || sql[i+1] != q {
				return i + 1
			}
			i++
		}
	}
	return len(sql)
}

// skipDollar steps over $tag$…$tag$, or over the dollar sign alone where it
// begins a parameter.
func skipDollar(sql string, i int) int {
	if i > 0 && isWord(sql[i-1]) {
		return i + 1
	}
	j := i + 1
	for j < len(sql) && isWord(sql[j]) && !(j == i+1 && sql[j] >= '0' && sql[j] <= '9') {
		j++
	}
	if j == len(sql) || sql[j] != '$' {
		return i + 1
	}
	tag := sql[i : j+1]
	k := strings.Index(sql[j+1:], tag)
	if k < 0 {
		return len(sql)
	}
	return j + 1 + k + len(tag)
}

// skipComment gives the end of the comment that begins at i, or i.
func skipComment(sql string, i int) int {
	switch {
	case strings.HasPrefix(sql[i:], "--"):
		if n := strings.IndexByte(sql[i:], '\n'); n >= 0 {
			return i + n + 1
		}
		return len(sql)
	case strings.HasPrefix(sql[i:], "/*"):
		depth := 1
		for i += 2; i < len(sql); i++ {
			switch {
			case strings.HasPrefix(sql[i:], "*/"):
				i++
				if depth--; depth == 0 {
					return i + 1
				}
			case strings.HasPrefix(sql[i:], "/*"):
				i++
				depth++
			}
		}
		return len(sql)
	}
	return i
}

// ControlsTransaction reports whether hand-written SQL begins, marks or ends a
// transaction, as BEGIN, SAVEPOINT and COMMIT do. Databases differ over where a
// comment ends: it is enough that one of them would take the text so.
func ControlsTransaction(sql string) bool {
	return controls(sql, skipComment) || controls(sql, skipShortComment)
}

func controls(sql string, skip func(string, int) int) bool {
	first, rest := nextWord(sql, skip)
	switch strings.ToUpper(first) {
	case "BEGIN", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE":
		return true
	case "START", "PREPARE":
		second, _ := nextWord(rest, skip)
		return strings.EqualFold(second, "TRANSACTION")
	}
	return false
}

// skipShortComment is skipComment where comments do not nest and a carriage
// return ends a line.
func skipShortComment(sql string, i int) int {
	switch {
	case strings.HasPrefix(sql[i:], "--"):
		if n := strings.IndexAny(sql[i:], "\r\n"); n >= 0 {
			return i + n + 1
		}
		return len(sql)
	case strings.HasPrefix(sql[i:], "/*"):
		if n := strings.Index(sql[i+2:], "*/"); n >= 0 {
			return i + n + 4
		}
		return len(sql)
	}
	return i
}

// firstWord is the text's first word, after space and comments.
func firstWord(sql string) string {
	w, _ := nextWord(sql, skipComment)
	return w
}

// nextWord is the first word of a text, after space, comments and opening
// parentheses, and what follows it.
func nextWord(sql string, skip func(string, int) int) (word, rest string) {
	i := 0
	for i < len(sql) {
		if isSpace(sql[i]) || sql[i] == '(' {
			i++
		} else if j := skip(sql, i); j > i {
			i = j
		} else {
			break
		}
	}
	j := i
	for j < len(sql) && isWord(sql[j]) {
		j++
	}
	return sql[i:j], sql[j:]
}

// preparable reports whether a text is a query or a write of rows.
func preparable(sql string) bool {
	w := firstWord(sql)
	for _, verb := range [...]string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "MERGE", "REPLACE"} {
		if strings.EqualFold(w, verb) {
			return true
		}
	}
	return false
}

// changesSchema reports whether a text's first word says that it is DDL.
func changesSchema(sql string) bool {
	w := firstWord(sql)
	return strings.EqualFold(w, "CREATE") || strings.EqualFold(w, "ALTER") || strings.EqualFold(w, "DROP")
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// shorten cuts a statement's text for an error message.
func shorten(sql string) string {
	const most = 200
	if len(sql) <= most {
		return sql
	}
	cut := most
	for cut > most-4 && sql[cut]&0xC0 == 0x80 {
		cut--
	}
	return sql[:cut] + "…"
}
