package dialect

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// storedAs is the column in whose stored form the values of n are: n itself, or what
// n takes its values from without changing them. It is nil where there is none.
func storedAs(n expr.Node) *schema.ColumnDef {
	if def := ColumnOf(n); def != nil {
		return def
	}
	switch n := bare(n).(type) {
	case *expr.CallNode:
		switch {
		case n.Name == expr.FuncNullIf && len(n.Args) > 0:
			return storedAs(n.Args[0])
		case n.Name == expr.FuncCoalesce, n.Name == expr.FuncGreatest, n.Name == expr.FuncLeast:
			return storedAsOneOf(n.Args...)
		}
	case *expr.CaseNode:
		for _, w := range n.When {
			if def := storedAs(w.Then); def != nil {
				return def
			}
		}
		return storedAs(n.Else)
	case *expr.AggNode:
		switch n.Name {
		case "min", "max", "lag", "lead", "first_value", "last_value", "nth_value":
			return storedAs(n.Arg)
		}
	case *expr.WindowNode:
		if n.Func != nil {
			return storedAs(n.Func)
		}
	case *expr.SubqueryNode:
		if n.Kind == expr.SubqueryValue && n.Stmt != nil && len(n.Stmt.Columns) > 0 {
			return storedAs(n.Stmt.Columns[0])
		}
	}
	return nil
}

func storedAsOneOf(ns ...expr.Node) *schema.ColumnDef {
	for _, n := range ns {
		if def := storedAs(n); def != nil {
			return def
		}
	}
	return nil
}

// aggregated reports whether there is an aggregate among results, which makes one row
// of all.
func aggregated(ns []expr.Node) (is bool) {
	for _, n := range ns {
		expr.Walk(n, func(n expr.Node) bool {
			_, agg := n.(*expr.AggNode)
			is = is || agg
			return !is
		})
	}
	return is
}
