package handles

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dormer-orm/dormer/schema"
)

var irregular = map[string]string{
	"Person": "People", "Child": "Children", "Man": "Men", "Woman": "Women", "Mouse": "Mice", "Foot": "Feet",
	"News": "News", "Series": "Series", "Species": "Species", "Equipment": "Equipment", "Information": "Information",
	"Datum": "Data", "Index": "Indices", "Matrix": "Matrices", "Analysis": "Analyses",
}

// plural is the plural of a type's name: of its last word.
func plural(name string) string {
	at := strings.LastIndexFunc(name, unicode.IsUpper)
	if at < 0 {
		at = 0
	}
	head, word := name[:at], name[at:]
	if p, ok := irregular[raised(word)]; ok {
		if raised(word) != word {
			p = strings.ToLower(p[:1]) + p[1:]
		}
		return head + p
	}
	low := strings.ToLower(word)
	ends := func(list ...string) bool {
		for _, s := range list {
			if strings.HasSuffix(low, s) {
				return true
			}
		}
		return false
	}
	switch {
	case len(word) > 1 && ends("y") && !ends("ay", "ey", "iy", "oy", "uy"):
		return head + word[:len(word)-1] + "ies"
	case len(word) > 1 && ends("s", "x", "z", "ch", "sh"):
		return head + word + "es"
	}
	return head + word + "s"
}

// tableName is what a table of entities of that name is called.
func tableName(entity string) string { return schema.ColumnName(plural(entity)) }

// varName is the Go name of a table, order_lines being OrderLines.
func varName(table string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(table, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		b.WriteString(raised(word))
	}
	return b.String()
}

func raised(word string) string {
	r, n := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r)) + word[n:]
}

// lowered begins with a small letter: users, orderLines, urls.
func lowered(name string) string {
	n := 0
	for n < len(name) && unicode.IsUpper(rune(name[n])) {
		n++
	}
	switch {
	case n == 0 || n == len(name):
		return strings.ToLower(name)
	case n > 1 && !(name[n] == 's' && n+1 == len(name)):
		n--
	}
	return strings.ToLower(name[:n]) + name[n:]
}
