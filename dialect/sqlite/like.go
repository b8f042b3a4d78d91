package sqlite

import (
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
)

// Like writes GLOB, which regards case, or LIKE where case is disregarded. A
// pattern that is bound is rewritten for GLOB here; one that the database
// computes is rewritten by the database, which it can as long as nothing in it
// is escaped.
func (d Dialect) Like(c *dialect.Compiler, n *expr.LikeNode) error {
	if err := c.Operand(n.X); err != nil {
		return err
	}
	if n.Not {
		c.Text(" NOT")
	}
	if n.Fold {
		c.Text(" LIKE ")
	} else {
		c.Text(" GLOB ")
	}
	p, ok := n.Pattern.(*expr.ParamNode)
	switch {
	case ok:
		v, err := c.ParamValue(p)
		if err != nil {
			return err
		}
		if s, ok := v.(string); ok {
			v = d.LikePattern(s, n.Escape, n.Fold)
		}
		if err := c.Placeholder(v); err != nil {
			return err
		}
	case n.Fold:
		if err := c.Operand(n.Pattern); err != nil {
			return err
		}
	case n.Escape:
		return c.Unsupported("LIKE with regard to case and an escaped pattern that is no bound value")
	default:
		// [ first: what the others become contains it.
		c.Text("replace(replace(replace(replace(replace(")
		if err := c.Expr(n.Pattern); err != nil {
			return err
		}
		c.Text(", '[', '[[]'), '*', '[*]'), '?', '[?]'), '%', '*'), '_', '?')")
	}
	if n.Fold && n.Escape {
		c.Text(` ESCAPE '\'`)
	}
	return nil
}

// LikePattern turns a LIKE pattern that regards case into one for GLOB.
func (Dialect) LikePattern(pattern string, escape, fold bool) string {
	if fold {
		return pattern
	}
	var b strings.Builder
	b.Grow(len(pattern) + 8)
	for i := 0; i < len(pattern); i++ {
		ch := pattern[i]
		if escape && ch == '\\' && i+1 < len(pattern) {
			i++
			globLiteral(&b, pattern[i])
			continue
		}
		switch ch {
		case '%':
			b.WriteByte('*')
		case '_':
			b.WriteByte('?')
		default:
			globLiteral(&b, ch)
		}
	}
	return b.String()
}

func globLiteral(b *strings.Builder, ch byte) {
	switch ch {
	case '*', '?', '[':
		b.WriteByte('[')
		b.WriteByte(ch)
		b.WriteByte(']')
	default:
		b.WriteByte(ch)
	}
}
