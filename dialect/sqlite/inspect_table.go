package sqlite

import (
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// tableText is what the text of CREATE TABLE says.
type tableText struct {
	name    string
	columns []*columnText
	// key are the primary key's columns in its order. inlineDesc is INTEGER PRIMARY
	// KEY DESC, which is no row number.
	key         []string
	inlineDesc  bool
	uniques     []uniqueText
	checks      []checkText
	foreignKeys []*foreignKeyText
	// options are WITHOUT ROWID and STRICT, and AUTOINCREMENT before them.
	options []string
}

// columnText is a column. typ is "" where it has no type; def is its DEFAULT.
type columnText struct {
	name, typ, collation string
	def, computed        string
	hasDefault           bool
}

type uniqueText struct {
	name    string
	columns []string
}

type checkText struct{ name, cond string }

// foreignKeyText is a foreign key; targets are nil where it names none.
type foreignKeyText struct {
	name, table        string
	columns, targets   []string
	onDelete, onUpdate schema.Action
	deferred           bool
}

// parseTable reads CREATE TABLE.
func parseTable(sql string) (*tableText, error) {
	p, t := newParser(sql), &tableText{}
	if err := p.expect("CREATE"); err != nil {
		return nil, err
	}
	if !p.accept("TEMP") {
		p.accept("TEMPORARY")
	}
	if err := p.expect("TABLE"); err != nil {
		return nil, err
	}
	p.accept("IF", "NOT", "EXISTS")
	var err error
	if t.name, err = p.qualified(); err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	for {
		if p.startsConstraint() {
			if err := p.tableConstraints(t); err != nil {
				return nil, err
			}
		} else if err := p.column(t); err != nil {
			return nil, err
		}
		if !p.accept(",") {
			break
		}
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	return t, p.options(t)
}

// startsConstraint: these keywords are reserved, so that no bare name is one.
func (p *parser) startsConstraint() bool {
	t := p.peek()
	return t.is("CONSTRAINT") || t.is("PRIMARY") || t.is("UNIQUE") || t.is("CHECK") || t.is("FOREIGN")
}

func (p *parser) options(t *tableText) error {
	for {
		switch {
		case p.accept("WITHOUT", "ROWID"):
			t.options = append(t.options, "WITHOUT ROWID")
		case p.accept("STRICT"):
			t.options = append(t.options, "STRICT")
		case p.accept(";"), p.accept(","):
		case p.peek().kind == endToken:
			return nil
		default:
			return p.unexpected("the end")
		}
	}
}

// columnEnds are the keywords that end a column's type.
var columnEnds = []string{"CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "AS", "DEFERRABLE"}

func (p *parser) column(t *tableText) error {
	c := &columnText{}
	var err error
	if c.name, err = p.name(); err != nil {
		return err
	}
	t.columns = append(t.columns, c)
	c.typ = p.columnType()
	name := ""
	for {
		switch {
		case p.accept("CONSTRAINT"):
			if name, err = p.name(); err != nil {
				return err
			}
			continue
		case p.accept("PRIMARY", "KEY"):
			t.key = []string{c.name}
			t.inlineDesc = p.accept("DESC")
			p.accept("ASC")
			p.conflict()
			if p.accept(autoincrement) {
				t.options = append(t.options, autoincrement)
			}
		case p.accept("NOT", "NULL"), p.accept("NULL"):
			p.conflict()
		case p.accept("UNIQUE"):
			p.conflict()
			t.uniques = append(t.uniques, uniqueText{name, []string{c.name}})
		case p.accept("CHECK"):
			cond, err := p.inParens()
			if err != nil {
				return err
			}
			p.conflict()
			t.checks = append(t.checks, checkText{name, cond})
		case p.accept("DEFAULT"):
			if err := p.defaultOf(c); err != nil {
				return err
			}
		case p.accept("COLLATE"):
			if c.collation, err = p.name(); err != nil {
				return err
			}
		case p.accept("GENERATED", "ALWAYS", "AS"), p.accept("AS"):
			if c.computed, err = p.inParens(); err != nil {
				return err
			}
			if !p.accept("STORED") {
				p.accept("VIRTUAL")
			}
		case p.accept("REFERENCES"):
			k := &foreignKeyText{name: name, columns: []string{c.name}}
			if err := p.references(k); err != nil {
				return err
			}
			t.foreignKeys = append(t.foreignKeys, k)
		case p.deferral(t):
		default:
			return nil
		}
		name = ""
	}
}

// columnType reads the words and the numbers of a type as one text: a column
// need not have one.
func (p *parser) columnType() string {
	var b strings.Builder
	for {
		t := p.peek()
		if t.is("GENERATED") && p.peekNext().is("ALWAYS") || t.kind == valueToken || t.kind == endToken {
			return b.String()
		}
		if t.kind == wordToken {
			for _, w := range columnEnds {
				if t.is(w) {
					return b.String()
				}
			}
		}
		if t.kind == signToken {
			if b.Len() > 0 && t.is("(") {
				b.WriteString(p.typeArguments())
			}
			return b.String()
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(p.sql[t.start:t.end])
		p.pos++
	}
}

// typeArguments reads (10) and (10, 2).
func (p *parser) typeArguments() string {
	var b strings.Builder
	p.pos++
	for _, t := range p.until(func(token) bool { return false }) {
		b.WriteString(p.sql[t.start:t.end])
		if t.is(",") {
			b.WriteByte(' ')
		}
	}
	p.accept(")")
	return "(" + b.String() + ")"
}

// conflict passes over ON CONFLICT.
func (p *parser) conflict() {
	if p.accept("ON", "CONFLICT") {
		p.next()
	}
}

// defaultOf reads a DEFAULT. A name that is no keyword stands for its own text.
func (p *parser) defaultOf(c *columnText) (err error) {
	c.hasDefault = true
	if p.peek().is("(") {
		c.def, err = p.inParens()
		return err
	}
	start := p.pos
	if p.peek().is("+") || p.peek().is("-") {
		p.pos++
	}
	t := p.next()
	switch {
	case t.kind == endToken, t.kind == signToken:
		return p.unexpected("a default")
	case t.kind == nameToken, t.kind == wordToken && !isConstantWord(t):
		c.def = "'" + strings.ReplaceAll(t.value, "'", "''") + "'"
	default:
		c.def = textOf(p.sql, p.list[start:p.pos])
	}
	return nil
}

func isConstantWord(t token) bool {
	for _, w := range []string{"NULL", "TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"} {
		if t.is(w) {
			return true
		}
	}
	return false
}

// tableConstraints reads constraints, between which commas may be missing.
func (p *parser) tableConstraints(t *tableText) (err error) {
	name := ""
	for {
		switch {
		case p.accept("CONSTRAINT"):
			if name, err = p.name(); err != nil {
				return err
			}
			continue
		case p.accept("PRIMARY", "KEY"):
			start := p.pos
			if t.key, err = p.columnList(); err != nil {
				return err
			}
			if p.list[p.pos-2].is(autoincrement) && p.pos-2 > start+1 {
				t.options = append(t.options, autoincrement)
			}
			p.conflict()
		case p.accept("UNIQUE"):
			u := uniqueText{name: name}
			if u.columns, err = p.columnList(); err != nil {
				return err
			}
			p.conflict()
			t.uniques = append(t.uniques, u)
		case p.accept("CHECK"):
			cond, err := p.inParens()
			if err != nil {
				return err
			}
			p.conflict()
			t.checks = append(t.checks, checkText{name, cond})
		case p.accept("FOREIGN", "KEY"):
			k := &foreignKeyText{name: name}
			if k.columns, err = p.columnList(); err != nil {
				return err
			}
			if err := p.expect("REFERENCES"); err != nil {
				return err
			}
			if err := p.references(k); err != nil {
				return err
			}
			t.foreignKeys = append(t.foreignKeys, k)
			p.deferral(t)
		default:
			return nil
		}
		name = ""
	}
}

// references reads what comes after REFERENCES.
func (p *parser) references(k *foreignKeyText) (err error) {
	if k.table, err = p.name(); err != nil {
		return err
	}
	if p.peek().is("(") {
		if k.targets, err = p.columnList(); err != nil {
			return err
		}
	}
	for {
		switch {
		case p.accept("ON", "DELETE"):
			k.onDelete = p.action()
		case p.accept("ON", "UPDATE"):
			k.onUpdate = p.action()
		case p.accept("ON", "INSERT"):
			p.action()
		case p.accept("MATCH"):
			p.next()
		default:
			return nil
		}
	}
}

func (p *parser) action() schema.Action {
	switch {
	case p.accept("CASCADE"):
		return schema.Cascade
	case p.accept("RESTRICT"):
		return schema.Restrict
	case p.accept("SET", "NULL"):
		return schema.SetNull
	case p.accept("SET", "DEFAULT"):
		return schema.SetDefault
	}
	p.accept("NO", "ACTION")
	return schema.NoAction
}

// deferral reads DEFERRABLE of the foreign key read last. One that is deferrable
// and checked at once is like any other.
func (p *parser) deferral(t *tableText) bool {
	not := p.accept("NOT", "DEFERRABLE")
	if !not && !p.accept("DEFERRABLE") {
		return false
	}
	deferred := p.accept("INITIALLY", "DEFERRED")
	p.accept("INITIALLY", "IMMEDIATE")
	if n := len(t.foreignKeys); n > 0 {
		t.foreignKeys[n-1].deferred = deferred && !not
	}
	return true
}
