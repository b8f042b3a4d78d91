package repo

import (
	"fmt"
	"reflect"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// checkRolledUp finds what a group of ROLLUP, CUBE or GROUPING SETS leaves out, and
// which is NULL there, in a field that holds none.
func checkRolledUp(s *expr.SelectStmt, into []*schema.ColumnDef) error {
	left := leftOut(s.GroupBy)
	if len(left) == 0 {
		return nil
	}
	for i, n := range s.Columns[:len(into)] { // after them come entities
		if into[i].Null == schema.NotNull && nullByGroup(n, left) {
			return fmt.Errorf("field %s holds no NULL, but ROLLUP, CUBE and GROUPING SETS leave what it reads out of some groups, where it is NULL: %s",
				into[i].Field, nullable)
		}
	}
	return nil
}

// leftOut are the expressions that not every group has.
func leftOut(groups []expr.Node) []expr.Node {
	var plain, out []expr.Node
	for _, g := range groups {
		n, ok := g.(*expr.GroupingNode)
		if !ok {
			plain = append(plain, g)
			continue
		}
		for _, set := range n.Sets {
			for _, x := range set {
				if n.Kind != expr.GroupingSet || !inEach(x, n.Sets) {
					out = append(out, x)
				}
			}
		}
	}
	kept := out[:0]
	for _, x := range out {
		if !among(x, plain) {
			kept = append(kept, x)
		}
	}
	return kept
}

func inEach(x expr.Node, sets [][]expr.Node) bool {
	for _, s := range sets {
		if !among(x, s) {
			return false
		}
	}
	return true
}

func among(x expr.Node, list []expr.Node) bool {
	for _, y := range list {
		if reflect.DeepEqual(x, y) {
			return true
		}
	}
	return false
}

// nullByGroup reports whether an expression is NULL where one of those left out is.
func nullByGroup(n expr.Node, left []expr.Node) bool {
	if among(n, left) {
		return true
	}
	switch n := n.(type) {
	case *expr.AggNode, *expr.NullNode:
		return false // made of the rows of the group, or true or false
	case *expr.WindowNode:
		return n.Func != nil && n.Func.Name != "count" && n.Func.Arg != nil && nullByGroup(n.Func.Arg, left)
	case *expr.CallNode:
		if n.Name == expr.FuncCoalesce && len(n.Args) > 0 {
			return nullByGroup(n.Args[len(n.Args)-1], left)
		}
	case *expr.CaseNode:
		for _, w := range n.When { // a condition that is not known is as one that is not met
			if nullByGroup(w.Then, left) {
				return true
			}
		}
		return n.Else != nil && nullByGroup(n.Else, left)
	}
	found := false
	expr.Walk(n, func(m expr.Node) bool {
		if m == n || found {
			return !found
		}
		found = nullByGroup(m, left)
		return false
	})
	return found
}

// terms are the expressions of a GROUP BY: those of ROLLUP and its like by
// themselves. single are those that every group has.
func terms(groups []expr.Node) (all, single []expr.Node) {
	for _, g := range groups {
		n, ok := g.(*expr.GroupingNode)
		if !ok {
			all, single = append(all, g), append(single, g)
			continue
		}
		for _, set := range n.Sets {
			all = append(all, set...)
		}
	}
	return all, single
}
