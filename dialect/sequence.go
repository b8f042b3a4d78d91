package dialect

import (
	"fmt"

	"github.com/dormer-orm/dormer/expr"
)

// Part is an expression among the texts of Compiler.Sequence. Its zero value is an
// error of the statement.
type Part struct {
	n       expr.Node
	primary bool
}

// Whole is an expression that stands by itself, as Compiler.Expr writes it.
func Whole(n expr.Node) Part { return Part{n: n} }

// Primary is an expression that an operator could tear apart, as
// Compiler.TypedPrimary writes it.
func Primary(n expr.Node) Part { return Part{n: n, primary: true} }

// Sequence writes texts, which are strings, and expressions, which are Parts, one
// after the other. The first error ends it; anything else among them is one.
func (c *Compiler) Sequence(parts ...any) error {
	for _, p := range parts {
		var err error
		switch p := p.(type) {
		case string:
			c.Text(p)
		case Part:
			if p.primary {
				err = c.TypedPrimary(p.n)
			} else {
				err = c.Expr(p.n)
			}
		default:
			err = fmt.Errorf("a sequence with a %T in it", p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
