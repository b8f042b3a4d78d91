package sqlite

import "strings"

// tokenKind is what a token of SQL is.
type tokenKind uint8

const (
	endToken    tokenKind = iota
	wordToken             // a bare name or keyword
	nameToken             // "x", `x` or [x]
	stringToken           // 'x'
	valueToken            // a number, a blob, a parameter
	signToken             // one character of punctuation
)

// token is a piece of SQL between start and end.
type token struct {
	kind       tokenKind
	start, end int
	// value is a name or string without its quotes, all else as it stands.
	value string
	// gap is what stands before the token: spaces as they are, a space in place of
	// a comment.
	gap string
}

// is reports whether the token is that keyword or sign. A keyword is in capitals.
func (t token) is(s string) bool {
	switch t.kind {
	case wordToken:
		return len(t.value) == len(s) && strings.EqualFold(t.value, s)
	case signToken:
		return t.value == s
	}
	return false
}

// tokens reads SQL that the database has accepted once; of any other text it
// makes tokens all the same.
func tokens(sql string) []token {
	var list []token
	for pos := 0; ; {
		var gap string
		gap, pos = gapAt(sql, pos)
		if pos >= len(sql) {
			return list
		}
		t := tokenAt(sql, pos)
		t.gap = gap
		list = append(list, t)
		pos = t.end
	}
}

// gapAt reads spaces and comments.
func gapAt(sql string, pos int) (gap string, end int) {
	start, commented := pos, false
	for pos < len(sql) {
		switch rest := sql[pos:]; {
		case strings.IndexByte(" \t\n\f\r", rest[0]) >= 0:
			pos++
		case strings.HasPrefix(rest, "--"):
			commented = true
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				pos += i + 1
			} else {
				pos = len(sql)
			}
		case strings.HasPrefix(rest, "/*"):
			commented = true
			if i := strings.Index(rest[2:], "*/"); i >= 0 {
				pos += i + 4
			} else {
				pos = len(sql)
			}
		default:
			return gapText(sql[start:pos], commented), pos
		}
	}
	return gapText(sql[start:pos], commented), pos
}

func gapText(s string, commented bool) string {
	if commented {
		return " "
	}
	return s
}

// tokenAt reads the token that begins at pos.
func tokenAt(sql string, pos int) token {
	t := token{kind: signToken, start: pos, end: pos + 1}
	switch ch := sql[pos]; {
	case ch == '"' || ch == '`' || ch == '[' || ch == '\'':
		t.kind = nameToken
		if ch == '\'' {
			t.kind = stringToken
		}
		t.value, t.end = quotedAt(sql, pos)
		return t
	case (ch == 'x' || ch == 'X') && pos+1 < len(sql) && sql[pos+1] == '\'':
		t.kind = valueToken
		_, t.end = quotedAt(sql, pos+1)
	case ch >= '0' && ch <= '9' || ch == '.' && pos+1 < len(sql) && sql[pos+1] >= '0' && sql[pos+1] <= '9':
		t.kind = valueToken
		t.end = numberEnd(sql, pos)
	case strings.IndexByte("?:@#$", ch) >= 0:
		t.kind = valueToken
		t.end = wordEnd(sql, pos+1)
	case isWord(ch):
		t.kind = wordToken
		t.end = wordEnd(sql, pos)
	}
	t.value = sql[pos:t.end]
	return t
}

// quotedAt reads what is quoted. A quote that stands twice is one, but in
// brackets; one that is missing at the end is the end of the text.
func quotedAt(sql string, pos int) (value string, end int) {
	quote := sql[pos]
	if quote == '[' {
		quote = ']'
	}
	var b strings.Builder
	for i := pos + 1; i < len(sql); i++ {
		if sql[i] != quote {
			b.WriteByte(sql[i])
			continue
		}
		if quote == ']' || i+1 >= len(sql) || sql[i+1] != quote {
			return b.String(), i + 1
		}
		b.WriteByte(quote)
		i++
	}
	return b.String(), len(sql)
}

func isWord(b byte) bool {
	return b == '_' || b == '$' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

func wordEnd(sql string, pos int) int {
	for pos < len(sql) && isWord(sql[pos]) {
		pos++
	}
	return pos
}

// numberEnd reads 12, 1.5e-3, 0x1F and 1_000.
func numberEnd(sql string, pos int) int {
	hex := strings.HasPrefix(sql[pos:], "0x") || strings.HasPrefix(sql[pos:], "0X")
	for start := pos; pos < len(sql); pos++ {
		switch ch := sql[pos]; {
		case isWord(ch) || ch == '.':
		case (ch == '+' || ch == '-') && !hex && pos > start && (sql[pos-1] == 'e' || sql[pos-1] == 'E'):
		default:
			return pos
		}
	}
	return pos
}

// textOf is the SQL of tokens, without comments and without the gap before the
// first.
func textOf(sql string, list []token) string {
	var b strings.Builder
	for i, t := range list {
		if i > 0 {
			b.WriteString(t.gap)
		}
		b.WriteString(sql[t.start:t.end])
	}
	return b.String()
}
