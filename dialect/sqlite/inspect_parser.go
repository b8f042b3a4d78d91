package sqlite

import (
	"fmt"
	"strings"
)

// parser reads the text of CREATE TABLE and CREATE INDEX as the database keeps
// it: no other part of the catalogue has CHECKs, names of constraints, collations
// and expressions.
type parser struct {
	sql  string
	list []token
	pos  int
}

func newParser(sql string) *parser { return &parser{sql: sql, list: tokens(sql)} }

func (p *parser) peek() token {
	if p.pos < len(p.list) {
		return p.list[p.pos]
	}
	return token{start: len(p.sql), end: len(p.sql)}
}

func (p *parser) peekNext() token {
	if p.pos+1 < len(p.list) {
		return p.list[p.pos+1]
	}
	return token{start: len(p.sql), end: len(p.sql)}
}

func (p *parser) next() token {
	t := p.peek()
	if t.kind != endToken {
		p.pos++
	}
	return t
}

// accept passes over keywords or signs if all of them follow.
func (p *parser) accept(words ...string) bool {
	for i, w := range words {
		if p.pos+i >= len(p.list) || !p.list[p.pos+i].is(w) {
			return false
		}
	}
	p.pos += len(words)
	return true
}

func (p *parser) expect(words ...string) error {
	if !p.accept(words...) {
		return p.unexpected(strings.Join(words, " "))
	}
	return nil
}

// unexpected says where the text is not what it should be, without the text:
// defaults and CHECKs may hold values.
func (p *parser) unexpected(want string) error {
	return fmt.Errorf("%s expected at byte %d", want, p.peek().start)
}

// name reads a name in any of its forms.
func (p *parser) name() (string, error) {
	switch t := p.peek(); t.kind {
	case wordToken, nameToken, stringToken:
		p.pos++
		return t.value, nil
	}
	return "", p.unexpected("a name")
}

// qualified reads a name that may have a schema before it, which is passed over.
func (p *parser) qualified() (string, error) {
	name, err := p.name()
	if err == nil && p.accept(".") {
		return p.name()
	}
	return name, err
}

// until passes over tokens up to one of the signs outside parentheses, or up to
// a closing parenthesis that none of them opened, and returns them.
func (p *parser) until(stop func(token) bool) []token {
	start, depth := p.pos, 0
	for ; p.pos < len(p.list); p.pos++ {
		t := p.list[p.pos]
		if depth == 0 && (t.is(")") || stop(t)) {
			break
		}
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		}
	}
	return p.list[start:p.pos]
}

// inParens reads an expression in parentheses.
func (p *parser) inParens() (string, error) {
	if err := p.expect("("); err != nil {
		return "", err
	}
	list := p.until(func(token) bool { return false })
	return textOf(p.sql, unwrap(list)), p.expect(")")
}

// unwrap takes away parentheses that stand around the whole of an expression.
func unwrap(list []token) []token {
	for len(list) > 2 && list[0].is("(") && list[len(list)-1].is(")") {
		for i, depth := 0, 0; i < len(list)-1; i++ {
			switch {
			case list[i].is("("):
				depth++
			case list[i].is(")"):
				depth--
			}
			if depth == 0 {
				return list // they close before the end
			}
		}
		list = list[1 : len(list)-1]
	}
	return list
}

// partText is one part of an index or of a key.
type partText struct {
	// name is the column's name, "" for an expression.
	name      string
	collation string
	expr      string
	desc      bool
}

// parts reads a list of columns or expressions in parentheses.
func (p *parser) parts() ([]partText, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var out []partText
	for {
		list := p.until(func(t token) bool { return t.is(",") })
		if len(list) == 0 {
			return nil, p.unexpected("a column or an expression")
		}
		out = append(out, p.part(list))
		if p.accept(",") {
			continue
		}
		return out, p.expect(")")
	}
}

func (p *parser) part(list []token) partText {
	var part partText
	n := len(list)
	for ; n > 1 && list[n-1].kind == wordToken; n-- {
		if list[n-1].is("DESC") {
			part.desc = true
		} else if !list[n-1].is("ASC") && !list[n-1].is(autoincrement) {
			break
		}
	}
	list = list[:n]
	part.expr = textOf(p.sql, unwrap(list))
	named := list[0].kind == wordToken || list[0].kind == nameToken || list[0].kind == stringToken
	switch {
	case len(list) == 1 && named:
		part.name = list[0].value
	case len(list) == 3 && named && list[1].is("COLLATE"):
		part.name, part.collation = list[0].value, list[2].value
	}
	return part
}

// columnList reads names of columns in parentheses.
func (p *parser) columnList() ([]string, error) {
	parts, err := p.parts()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(parts))
	for i, c := range parts {
		if c.name == "" {
			return nil, p.unexpected("names of columns before what is")
		}
		names[i] = c.name
	}
	return names, nil
}

// indexText is what the text of CREATE INDEX says.
type indexText struct {
	name, table string
	unique      bool
	parts       []partText
	where       string
}

// parseIndex reads CREATE INDEX.
func parseIndex(sql string) (*indexText, error) {
	p, x := newParser(sql), &indexText{}
	if err := p.expect("CREATE"); err != nil {
		return nil, err
	}
	x.unique = p.accept("UNIQUE")
	if err := p.expect("INDEX"); err != nil {
		return nil, err
	}
	p.accept("IF", "NOT", "EXISTS")
	var err error
	if x.name, err = p.qualified(); err != nil {
		return nil, err
	}
	if err = p.expect("ON"); err != nil {
		return nil, err
	}
	if x.table, err = p.name(); err != nil {
		return nil, err
	}
	if x.parts, err = p.parts(); err != nil {
		return nil, err
	}
	if p.accept("WHERE") {
		x.where = textOf(p.sql, p.until(func(t token) bool { return t.is(";") }))
	}
	p.accept(";")
	if p.peek().kind != endToken {
		return nil, p.unexpected("the end")
	}
	return x, nil
}
