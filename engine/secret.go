package engine

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dormer-orm/dormer/dialect"
)

const hidden = "xxxxx"

// secrets hides what of a URL must not be printed from the errors of a driver.
//
// Drivers quote the URL or a part of it that has the password in a place of its
// own; there it is hidden whatever it is. They do not write a password by itself.
// One that is no ordinary word is hidden all the same where it stands alone; a
// short or ordinary one is left, since it would be found in messages that do not
// mean it, and the gaps would give it away.
type secrets struct {
	whole  []string // the URL and the DSN
	url    string   // what stands in their place
	forms  []string // of all passwords: plain and escaped
	alone  []string // those forms that are hidden where they stand alone
	inUser []string // forms of the password of the URL's own user
}

// secretsOf returns nil where there is nothing to hide. raw is the URL as it was
// given.
func secretsOf(u *dialect.URL, raw, dsn string) *secrets {
	s := &secrets{url: u.String()}
	public := []string{u.User, u.Host, u.Port, u.Database(), u.Host + ":" + u.Port, hidden}
	for i, p := range u.Secrets() {
		if p == "" {
			continue
		}
		_, userinfo, _ := strings.Cut(url.UserPassword("", p).String(), ":")
		forms := []string{p, url.QueryEscape(p), url.PathEscape(p), userinfo}
		quoted := strconv.Quote(p)
		forms = append(forms, quoted[1:len(quoted)-1])
		s.forms = append(s.forms, forms...)
		if i == 0 && u.Password != "" {
			s.inUser = forms
		}
		if isTelling(p) && !slices.Contains(public, p) {
			s.alone = append(s.alone, forms...)
		}
	}
	if s.forms == nil {
		return nil
	}
	for _, w := range []string{raw, dsn} {
		if w != "" {
			quoted := strconv.Quote(w)
			s.whole = append(s.whole, w, quoted[1:len(quoted)-1])
		}
	}
	return s
}

// isTelling reports whether a password is long enough and of more than letters,
// or so long, that no message has it by chance.
func isTelling(p string) bool {
	if n := utf8.RuneCountInString(p); n < 6 || n >= 16 {
		return n >= 16
	}
	letters := 0
	for i, r := range p {
		switch {
		case unicode.IsUpper(r) && i > 0:
			return true
		case unicode.IsLetter(r):
			letters++
		case unicode.IsSpace(r), r == '.', r == ':', r == ',':
			return false // more than a word, or an address
		}
	}
	return letters > 0 && letters < utf8.RuneCountInString(p)
}

// span is a part of a text and what is to stand in its place.
type span struct {
	from, to int
	by       string
}

// hide returns err with its secrets hidden, err itself where it has none. All is
// looked for in the driver's own text, never in what was put there.
func (s *secrets) hide(err error) error {
	if err == nil || s == nil {
		return err
	}
	text := err.Error()
	var spans []span
	find := func(what string, f func(from, to int) (span, bool)) {
		for at := 0; what != ""; {
			i := strings.Index(text[at:], what)
			if i < 0 {
				return
			}
			from := at + i
			if sp, ok := f(from, from+len(what)); ok {
				spans = append(spans, sp)
			}
			at = from + 1
		}
	}
	for _, w := range s.whole {
		find(w, func(from, to int) (span, bool) { return span{from, to, s.url}, true })
	}
	for _, p := range s.inUser {
		find(":"+p+"@", func(from, to int) (span, bool) { return span{from + 1, to - 1, hidden}, true })
	}
	for _, p := range s.forms {
		find(p, func(from, to int) (span, bool) { return span{from, to, hidden}, isSecretValue(text[:from], text[to:]) })
	}
	for _, p := range s.alone {
		find(p, func(from, to int) (span, bool) { return span{from, to, hidden}, isAlone(text[:from], text[to:]) })
	}
	if spans == nil {
		return err
	}
	// The earliest first, of those the longest; what lies in another is done with it.
	slices.SortStableFunc(spans, func(a, b span) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	var b strings.Builder
	at := 0
	for _, sp := range spans {
		switch {
		case sp.from >= at:
			b.WriteString(text[at:sp.from] + sp.by)
			at = sp.to
		case sp.to > at:
			at = sp.to
		}
	}
	b.WriteString(text[at:])
	if b.String() == text {
		return err
	}
	return &redacted{b.String(), err}
}

// isSecretValue reports whether what stands between the texts is the value of a
// parameter that holds a secret: password=…, "pwd='…'.
func isSecretValue(before, after string) bool {
	quote := ""
	if t := strings.TrimRight(before, `'"`); len(before)-len(t) <= 1 {
		before, quote = t, before[len(t):]
	}
	before, ok := strings.CutSuffix(before, "=")
	if !ok {
		return false
	}
	key := before[strings.LastIndexFunc(before, func(r rune) bool { return !isWordRune(r) })+1:]
	if !dialect.IsSecret(key) {
		return false
	}
	if quote != "" {
		return strings.HasPrefix(after, quote)
	}
	r, _ := utf8.DecodeRuneInString(after)
	return after == "" || !isWordRune(r)
}

// isAlone reports whether what stands between the texts is a word of its own.
func isAlone(before, after string) bool {
	l, _ := utf8.DecodeLastRuneInString(before)
	r, _ := utf8.DecodeRuneInString(after)
	return (before == "" || !isWordRune(l)) && (after == "" || !isWordRune(r))
}

func isWordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// redacted is an error whose text was cleaned. The driver's error stays
// reachable for errors.As.
type redacted struct {
	text string
	err  error
}

func (r *redacted) Error() string { return r.text }
func (r *redacted) Unwrap() error { return r.err }
