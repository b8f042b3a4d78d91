package dialect

import (
	"reflect"

	"github.com/dormer-orm/dormer/expr"
)

// kept are expressions with arguments that a grouped statement has written, or a
// DISTINCT one with an order. Where placeholders have numbers, two texts of one
// expression differ in them, and the database does not see that what is selected is
// what is grouped or ordered by. So from GROUP BY on the text is written again as it
// was, with the arguments that it had.
type kept struct {
	nodes []expr.Node
	// on: expressions are kept; reuse: they are written again.
	on, reuse bool
}

func (k *kept) keep(n expr.Node) bool {
	n = bare(n)
	if _, param := n.(*expr.ParamNode); param || !k.on {
		return false
	}
	k.nodes = append(k.nodes, n)
	return true
}

func (k *kept) find(n expr.Node) (int, bool) {
	if !k.reuse {
		return 0, false
	}
	for i, m := range k.nodes {
		if reflect.TypeOf(n) == reflect.TypeOf(m) && reflect.DeepEqual(n, m) {
			return i, true
		}
	}
	return 0, false
}

// keeps reports whether expressions of a SELECT are kept.
func keeps(numbered bool, s *expr.SelectStmt) bool {
	return numbered && (len(s.GroupBy) > 0 || s.Distinct && len(s.OrderBy) > 0)
}

// grouped says what of a SELECT is kept, and returns what ends that.
func (c *Compiler) grouped(s *expr.SelectStmt) func() {
	was, texts := c.kept, c.texts
	c.kept, c.texts = kept{on: keeps(c.caps.NumberedParams, s)}, nil
	return func() { c.kept, c.texts = was, texts }
}

// keep keeps an expression that was written from mark on, when there were so many
// arguments.
func (c *Compiler) keep(n expr.Node, mark, args int) {
	if len(c.args) > args && c.kept.keep(n) {
		c.texts = append(c.texts, string(c.buf[mark:]))
	}
}

// Repeatable is the text that write appends, which may be appended again by Text:
// where placeholders have numbers, its arguments are bound once.
func (c *Compiler) Repeatable(write func() error) (string, error) {
	mark := len(c.buf)
	err := write()
	return string(c.buf[mark:]), err
}

// elsewhere is for what has a scope of its own, where the same expression means
// something else.
func (c *Compiler) elsewhere(write func() error) error {
	was := c.kept.reuse
	c.kept.reuse = false
	err := write()
	c.kept.reuse = was
	return err
}

func (s *shape) keep(n expr.Node, args int) {
	if len(s.args) > args {
		s.kept.keep(n)
	}
}

// results are nodes that are kept.
func (s *shape) results(ns []expr.Node) error {
	s.number(uint64(len(ns)))
	for _, n := range ns {
		args := len(s.args)
		if err := s.node(n); err != nil {
			return err
		}
		if _, grouping := n.(*expr.GroupingNode); !grouping {
			s.keep(n, args)
		}
	}
	return nil
}
