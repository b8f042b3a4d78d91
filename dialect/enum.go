package dialect

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// compared writes two operands of a comparison. Where the database has types for
// enums, and one is of such a type and the other a text that is none, as in rows of
// the program, the text gets that type: databases compare them in no other way.
func (c *Compiler) compared(l expr.Node, op string, r expr.Node) error {
	lt, rt := c.enumOf(l), c.enumOf(r)
	if (lt == nil) == (rt == nil) || isParam(l) || isParam(r) {
		return c.pair(l, precConcat, op, r, precConcat)
	}
	if err := c.asEnum(l, rt); err != nil {
		return err
	}
	c.Text(op)
	return c.asEnum(r, lt)
}

// asEnum writes an operand, as of type t unless that is nil.
func (c *Compiler) asEnum(n expr.Node, t *schema.Type) error {
	if t == nil {
		return c.literalOperand(n, precConcat)
	}
	c.Text("CAST(")
	if err := c.Typed(n); err != nil {
		return err
	}
	c.Text(" AS " + c.d.CastType(t) + ")")
	return nil
}

// among writes what is looked for among the values of a query. Those cannot be given
// a type: of an enum the text is looked for where they are texts.
func (c *Compiler) among(n, values expr.Node) error {
	nt, vt := c.enumOf(n), c.enumOf(values)
	switch {
	case (nt == nil) == (vt == nil) || isParam(n):
		return c.typed(n, precConcat)
	case nt != nil:
		vt = &schema.Type{Kind: schema.TextKind}
	}
	return c.asEnum(n, vt)
}

// enumOf is the type of its own that a database has for the values of an expression,
// nil where it has none.
func (c *Compiler) enumOf(n expr.Node) *schema.Type {
	if !c.caps.NativeEnums {
		return nil
	}
	if def := storedAs(n); def != nil && def.Type.Kind == schema.EnumKind && def.Type.EnumName != "" {
		return &def.Type
	}
	return nil
}
