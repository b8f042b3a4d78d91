package dialect

import "github.com/dormer-orm/dormer/expr"

// How tightly expressions bind, from loosest to tightest. The databases disagree
// about concatenation and bit operators: PostgreSQL binds them more loosely than
// +, SQLite || more tightly than *. They stand below + here, and as operands of
// each other or operands that are sums they are always parenthesized, which is
// right for both.
const (
	precLowest = iota
	precOr
	precAnd
	precNot
	precCompare
	precConcat
	precAdd
	precMul
	precNeg
	precPrimary
)

// precedence is how tightly the text of n binds once it is written.
func precedence(n expr.Node) int {
	switch n := bare(n).(type) {
	case *expr.LogicNode:
		switch {
		case len(n.Args) == 0:
			return precPrimary
		case len(n.Args) == 1:
			return precedence(n.Args[0])
		case n.Or:
			return precOr
		}
		return precAnd
	case *expr.JoinedNode:
		return precAnd
	case *expr.NotNode:
		return precNot
	case *expr.InNode:
		if n.Len() == 0 {
			return precPrimary
		}
		return precCompare
	case *expr.RowInNode:
		if n.Empty() {
			return precPrimary
		}
		return precCompare
	case *expr.TupleInNode:
		if len(n.Rows) == 0 {
			return precPrimary
		}
		return precCompare
	case *expr.CompareNode, *expr.BetweenNode, *expr.LikeNode, *expr.NullNode:
		return precCompare
	case *expr.ArithNode:
		switch n.Op {
		case expr.OpAdd, expr.OpSub:
			return precAdd
		case expr.OpMul, expr.OpDiv, expr.OpMod:
			return precMul
		}
		return precConcat
	case *expr.NegNode:
		return precNeg
	case *expr.RelatedNode:
		if n.Kind == expr.RelatedExists && n.Not {
			return precNot
		}
		return precPrimary
	case *expr.SubqueryNode:
		switch {
		case n.Kind == expr.SubqueryExists && n.Not:
			return precNot
		case n.Kind == expr.SubqueryIn:
			return precCompare
		}
		return precPrimary
	case *expr.RawNode, *expr.TextNode:
		return precLowest
	}
	return precPrimary
}

// operandPrecedence is how tightly the operands of an arithmetic operator must
// bind to stand without parentheses.
func operandPrecedence(n *expr.ArithNode) (left, right int) {
	switch n.Op {
	case expr.OpAdd, expr.OpSub:
		return precAdd, precMul
	case expr.OpMul, expr.OpDiv, expr.OpMod:
		return precMul, precNeg
	}
	// A chain of one associative operator needs none on its left.
	if l, ok := bare(n.Left).(*expr.ArithNode); ok && l.Op == n.Op {
		return precConcat, precPrimary
	}
	return precPrimary, precPrimary
}
