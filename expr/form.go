package expr

import "slices"

// formOf is the form that n's values have, and so a plain value beside it: that of the
// column that n is, or that it passes on, or else, where made is true, that of decimals
// with digits of their own. Decimals are made by arithmetic, and by what is of several
// columns with different digits.
func formOf(n Node) (ref *ColumnRef, made bool) {
	switch n := n.(type) {
	case *ColumnRef:
		if undeclared(n) {
			return nil, true
		}
		return n, false
	case *ParamNode:
		return n.Like, n.Like == nil && n.Decimal
	case *DecimalNode:
		return nil, true
	case *ArithNode:
		if n.Op != OpConcat {
			return likeOf(n.Left), false
		}
	case *NegNode:
		return likeOf(n.X), false
	case *AggNode:
		return formOfAggregate(n)
	case *WindowNode:
		if n.Func != nil {
			return formOfAggregate(n.Func)
		}
	case *CallNode:
		return formOfCall(n)
	case *CaseNode:
		all := make([]Node, 0, len(n.When)+1)
		for _, w := range n.When {
			all = append(all, w.Then)
		}
		return formOfAll(append(all, n.Else))
	case *CollateNode:
		return likeOf(n.X), false
	case *RelatedNode:
		if n.Kind == RelatedValue {
			return formOf(n.Value)
		}
	case *SubqueryNode:
		if n.Kind == SubqueryValue && n.Stmt != nil && len(n.Stmt.Columns) == 1 {
			return formOf(n.Stmt.Columns[0])
		}
	}
	return nil, false
}

func formOfAggregate(n *AggNode) (ref *ColumnRef, made bool) {
	switch n.Name {
	case AggSumDecimal, AggAvgDecimal:
		return nil, true
	case "min", "max", "lag", "lead", "first_value", "last_value", "nth_value":
		return formOf(n.Arg)
	case AggMode, AggPercentileDisc:
		if len(n.Within) == 1 {
			return formOf(n.Within[0].X)
		}
	}
	return nil, false
}

func formOfCall(n *CallNode) (ref *ColumnRef, made bool) {
	switch n.Name {
	case FuncOptional:
		return formOf(n.Args[0])
	case FuncCoalesce, FuncGreatest, FuncLeast:
		return formOfAll(n.Args)
	case FuncNullIf:
		if _, made = formOfAll(n.Args); made {
			return nil, true
		}
		return likeOf(n.Args[0]), false
	case FuncAbs, FuncTruncYear, FuncTruncMonth, FuncTruncDay, FuncTruncHour, FuncTruncMinute, FuncAddSeconds,
		FuncAddMonths, FuncBitXor, FuncBitNot, FuncShiftLeft, FuncShiftRight:
		return likeOf(n.Args[0]), false
	}
	return nil, false
}

// formOfAll is the form of what is one of several values: that of the first that has
// one, or of decimals where they differ in it.
func formOfAll(ns []Node) (ref *ColumnRef, made bool) {
	for _, n := range ns {
		r, m := formOf(n)
		switch {
		case m:
			made = true
		case ref == nil:
			ref = r
		case r != nil && !sameDigits(ref, r):
			made = true
		}
	}
	if made {
		return nil, true
	}
	return ref, false
}

// decimals is implemented by the definitions of columns.
type decimals interface {
	// DecimalDigits are a decimal's digits in all and after the point; ok is false of
	// a column of another type.
	DecimalDigits() (digits, scale int, ok bool)
}

// sameDigits is false of two columns of decimals that were declared with different
// digits.
func sameDigits(a, b *ColumnRef) bool {
	if a.Def == b.Def {
		return true
	}
	x, ok := a.Def.(decimals)
	y, too := b.Def.(decimals)
	if !ok || !too {
		return true
	}
	digits, scale, ok := x.DecimalDigits()
	otherDigits, otherScale, too := y.DecimalDigits()
	return !ok || !too || digits == otherDigits && scale == otherScale
}

// likeOf is the column in whose stored form n's values are: n itself, or the one
// that n passes on.
func likeOf(n Node) *ColumnRef {
	ref, _ := formOf(n)
	return ref
}

// undeclared reports whether a column is one of decimals with digits that no column
// declared: of a list of rows, which has those of the values that happen to be in it,
// or of a query that computes them.
func undeclared(n *ColumnRef) bool {
	if n == nil || n.Source == nil || n.Source.Query == nil {
		return false
	}
	def, ok := n.Def.(decimals)
	if ok {
		_, _, ok = def.DecimalDigits()
	}
	if !ok {
		return false
	}
	i := slices.Index(n.Source.Query.Names, n.Name)
	switch s := n.Source.Query.Stmt.(type) {
	case *ValuesStmt:
		return true
	case *SelectStmt:
		return s != nil && i >= 0 && i < len(s.Columns) && isDecimal(s.Columns[i])
	case *CompoundStmt:
		var all []Node
		for _, m := range s.Members {
			if i >= 0 && i < len(m.Columns) {
				all = append(all, m.Columns[i])
			}
		}
		_, made := formOfAll(all)
		return made
	}
	return false
}

// isDecimal reports whether a value is a decimal that is made, so that a plain value
// beside it is one with digits of its own; see formOf.
func isDecimal(n Node) bool {
	_, made := formOf(n)
	return made
}
