package migrate

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// initialisms are words that Go writes in capitals.
var initialisms = []string{"api", "cpu", "css", "dns", "html", "http", "https", "id", "ip", "json", "ram", "sql", "ssh", "tcp", "tls", "ttl", "udp", "ui", "uri", "url", "utf8", "uuid", "vm", "xml"}

// goName is the exported Go name for a name of the database: created_at is
// CreatedAt, user_id UserID.
func goName(name string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) || r == utf8.RuneError }) {
		if slices.Contains(initialisms, strings.ToLower(word)) {
			b.WriteString(strings.ToUpper(word))
			continue
		}
		r, n := utf8.DecodeRuneInString(word)
		b.WriteString(string(unicode.ToUpper(r)) + word[n:])
	}
	s := b.String()
	if r, _ := utf8.DecodeRuneInString(s); !unicode.IsUpper(r) {
		return "X" + s // no capital begins it
	}
	return s
}

// unexported is a Go name that begins with a small letter: users, orderLines, urls.
func unexported(name string) string {
	rs := []rune(name)
	n := 0
	for n < len(rs) && unicode.IsUpper(rs[n]) {
		n++
	}
	if n > 1 && n < len(rs) && !(rs[n] == 's' && n+1 == len(rs)) {
		n-- // the last capital begins the next word
	}
	for i := range n {
		rs[i] = unicode.ToLower(rs[i])
	}
	return string(rs)
}

var singulars = map[string]string{
	"people": "person", "children": "child", "men": "man", "women": "woman", "mice": "mouse", "feet": "foot", "data": "data", "media": "media",
	"indices": "index", "matrices": "matrix", "analyses": "analysis", "movies": "movie", "cookies": "cookie", "series": "series", "species": "species", "news": "news",
	"leaves": "leaf", "lives": "life", "shelves": "shelf", "halves": "half", "wolves": "wolf", "wives": "wife", "knives": "knife",
	"statuses": "status", "viruses": "virus", "bonuses": "bonus", "buses": "bus", "campuses": "campus",
}

// singular is the singular of a name's last word.
func singular(name string) string {
	at := strings.LastIndexFunc(name, func(r rune) bool { return !unicode.IsLetter(r) || unicode.IsUpper(r) })
	if at < 0 || !unicode.IsUpper(rune(name[at])) {
		at++ // the word comes after what is no letter
	}
	if at >= len(name) {
		return name
	}
	head, word := name[:at], name[at:]
	low := strings.ToLower(word)
	if s, ok := singulars[low]; ok {
		return head + word[:1] + s[1:]
	}
	ends := func(list ...string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.HasSuffix(low, s) })
	}
	switch {
	case len(word) < 3 || ends("ss", "us", "is") || !ends("s"):
		return name
	case ends("ies") && len(word) > 4:
		return head + word[:len(word)-3] + "y"
	case ends("sses", "shes", "ches", "xes", "zes"):
		return head + word[:len(word)-2]
	}
	return head + word[:len(word)-1]
}

// plural is for tables that are named in the singular: another name than the
// entity's.
func plural(name string) string {
	low := strings.ToLower(name)
	switch {
	case strings.HasSuffix(low, "y") && len(low) > 1 && !strings.ContainsRune("aeiou", rune(low[len(low)-2])):
		return name[:len(name)-1] + "ies"
	case strings.HasSuffix(low, "s") || strings.HasSuffix(low, "x") || strings.HasSuffix(low, "ch") || strings.HasSuffix(low, "sh"):
		return name + "es"
	}
	return name + "s"
}

// nameSet gives each name once.
type nameSet map[string]bool

// take returns the first of the names that is free, else the first with a number.
func (s nameSet) take(options ...string) string {
	for n := 2; ; n++ {
		for _, name := range options {
			if !s[name] {
				s[name] = true
				return name
			}
		}
		options = []string{fmt.Sprintf("%s%d", strings.TrimRight(options[0], "0123456789"), n)}
	}
}

// reserved are the names that the source of a package uses otherwise.
func reservedNames() nameSet {
	s := nameSet{"expr": true, "rel": true, "schema": true, "time": true, "json": true, "init": true, "main": true, "t": true, "_": true, "Decimal": true}
	for _, n := range types.Universe.Names() {
		s[n] = true
	}
	for i := range token.TILDE + 1 {
		if i.IsKeyword() {
			s[i.String()] = true
		}
	}
	return s
}
