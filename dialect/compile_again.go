package dialect

import (
	"reflect"

	"github.com/dormer-orm/dormer/expr"
)

// again are the expressions by which a statement groups its rows, or tells those of a
// DISTINCT apart that it orders. Where placeholders have numbers, two texts of one
// expression with arguments differ in them, and the database does not see that what
// is selected is what is grouped or ordered by. So each is written, wherever it
// stands, as it was the first time, with the arguments that it had.
type again struct {
	nodes []expr.Node
	// texts are those of the nodes that were written with arguments.
	texts []string
	// off: nothing is written again, nor noted.
	off bool
}

// repeated are the expressions of a statement that may be written again.
func repeated(numbered bool, s *expr.SelectStmt) again {
	var a again
	if !numbered || len(s.GroupBy) == 0 && !(s.Distinct && len(s.OrderBy) > 0) {
		return a
	}
	add := func(ns []expr.Node) {
		for _, n := range ns {
			switch n := bare(n).(type) {
			case nil, *expr.ParamNode, *expr.ColumnRef, *expr.GroupingNode:
			default:
				a.nodes = append(a.nodes, n)
			}
		}
	}
	for _, g := range s.GroupBy {
		if g, ok := g.(*expr.GroupingNode); ok && g != nil {
			for _, set := range g.Sets {
				add(set)
			}
		}
	}
	add(s.GroupBy)
	if s.Distinct {
		add(s.DistinctOn)
		add(s.Columns)
	}
	a.texts = make([]string, len(a.nodes))
	return a
}

// find is the number of an expression among those that may be written again, -1 where
// it is none.
func (a *again) find(n expr.Node) int {
	if a.off {
		return -1
	}
	for i, m := range a.nodes {
		if reflect.TypeOf(n) == reflect.TypeOf(m) && reflect.DeepEqual(n, m) {
			return i
		}
	}
	return -1
}

// aside does something during which nothing is written again, since the same
// expression means something else there, or since its text does not stay.
func (a *again) aside(do func() error) error {
	was := a.off
	a.off = true
	err := do()
	a.off = was
	return err
}

// Repeatable is the text that write appends, which may be appended again by Text:
// where placeholders have numbers, its arguments are bound once.
func (c *Compiler) Repeatable(write func() error) (string, error) {
	mark := len(c.buf)
	err := write()
	return string(c.buf[mark:]), err
}
