package dialect

import (
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// compared writes two operands of a comparison. Where the database has types for
// enums, and one is of such a type and the other a text that is none, as in rows of
// the program, the text gets that type: databases compare them in no other way. Two enums
// are compared as texts.
func (c *Compiler) compared(l expr.Node, op string, r expr.Node) error {
	lt, rt := c.enumOf(l), c.enumOf(r)
	switch {
	case lt != nil && isText(r):
		if err := c.literalOperand(l, precConcat); err != nil {
			return err
		}
		c.Text(op)
		return c.as(lt, r)
	case rt != nil && isText(l):
		if err := c.as(rt, l); err != nil {
			return err
		}
		c.Text(op)
		return c.literalOperand(r, precConcat)
	case lt != nil && rt != nil && lt.EnumName != rt.EnumName:
		text := &schema.Type{Kind: schema.TextKind}
		if err := c.as(text, l); err != nil {
			return err
		}
		c.Text(op)
		return c.as(text, r)
	}
	return c.pair(l, precConcat, op, r, precConcat)
}

// typedAs is a value that is made one of an enum's type.
type typedAs struct {
	expr.Node
	t    *schema.Type
	enum bool // the value is one of another enum, of which a database makes no other
}

// inEnum is a value as one of an enum's type, where it is a text or of another enum.
func (c *Compiler) inEnum(t *schema.Type, n expr.Node) expr.Node {
	if isText(n) {
		return &typedAs{Node: n, t: t}
	}
	if own := c.enumOf(n); own != nil && own.EnumName != t.EnumName {
		return &typedAs{Node: n, t: t, enum: true}
	}
	return n
}

// alike are values of which one is given, as one of the first enum's type among them.
func (c *Compiler) alike(ns []expr.Node) []expr.Node {
	if !c.caps.NativeEnums {
		return ns
	}
	var t *schema.Type
	for _, n := range ns {
		if t = c.enumOf(n); t != nil {
			break
		}
	}
	if t == nil {
		return ns
	}
	out := slices.Clone(ns)
	for i, n := range ns {
		out[i] = c.inEnum(t, n)
	}
	return out
}

// typedAs writes a value as one of an enum's type.
func (c *Compiler) typedAs(n *typedAs) error {
	if !n.enum {
		return c.as(n.t, n.Node)
	}
	c.Text("CAST(")
	if err := c.as(&schema.Type{Kind: schema.TextKind}, n.Node); err != nil {
		return err
	}
	c.Text(" AS " + c.d.CastType(n.t) + ")")
	return nil
}

// as writes an expression as of type t.
func (c *Compiler) as(t *schema.Type, n expr.Node) error {
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
	if t := c.enumOf(values); t != nil && isText(n) {
		return c.as(t, n)
	}
	if c.enumOf(n) != nil && isText(values) {
		return c.as(&schema.Type{Kind: schema.TextKind}, n)
	}
	return c.typed(n, precConcat)
}

// isText reports whether the values of an expression are those of a column of texts.
func isText(n expr.Node) bool {
	def := storedAs(n)
	return def != nil && def.Type.Kind == schema.TextKind
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
