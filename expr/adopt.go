package expr

// adopt is n or, where n is of plain values alone, these in the form of the values that
// like has: of the column that it is made from, or of decimals.
func adopt(like, n Node) Node {
	if _, ok := n.(*ColumnRef); ok || !plain(n) {
		if c, ok := n.(*CaseNode); ok && isDecimal(like) {
			return AsDecimal(c)
		}
		return n
	}
	if ref, made := formOf(like); ref != nil || made {
		return inForm(n, ref)
	}
	return n
}

// alike gives what is of plain values alone, of two expressions, the form of the other.
func alike(x, y Node) []Node { return []Node{adopt(y, x), adopt(x, y)} }

// InFormOf is n or, where n is of plain values alone, such as a CASE of them, these in
// the stored form of a column. Packages that write values into columns use it.
func InFormOf(column *ColumnRef, n Node) Node { return adopt(column, n) }

// AsDecimal is n with its plain values, NULLs and those of a CASE of such among them, as
// decimals with the digits that they are written with.
func AsDecimal(n Node) Node { return inForm(n, nil) }

// plain reports whether an expression is of plain values alone, in no column's form.
func plain(n Node) bool {
	switch n := n.(type) {
	case *ParamNode:
		return n.Like == nil
	case *FilterParamNode:
		return n.Like == nil
	case *CastNode:
		return isNull(n)
	case *CaseNode:
		for _, w := range n.When {
			if !plain(w.Then) {
				return false
			}
		}
		return n.Else == nil || plain(n.Else)
	case *CallNode:
		return passesOn(n) && allPlain(n.Args)
	case *SubqueryNode:
		return n.Kind == SubqueryValue && n.Stmt != nil && len(n.Stmt.Columns) == 1 && plain(n.Stmt.Columns[0])
	}
	return false
}

func allPlain(ns []Node) bool {
	for _, n := range ns {
		if !plain(n) {
			return false
		}
	}
	return true
}

// passesOn reports whether a function gives one of its arguments, as it is.
func passesOn(n *CallNode) bool {
	switch n.Name {
	case FuncOptional, FuncCoalesce, FuncNullIf, FuncGreatest, FuncLeast:
		return true
	}
	return false
}

// isNull reports whether an expression is that of Null.
func isNull(n *CastNode) bool {
	x, ok := n.X.(*ParamNode)
	return ok && x.Value == nil && x.Like == nil
}

// inForm gives the plain values in an expression the form of a column, or of decimals
// where that is nil. Within functions and queries, which are of plain values alone, those
// need not have a column's digits: they are decimals with their own.
func inForm(n Node, ref *ColumnRef) Node {
	switch p := n.(type) {
	case *ParamNode:
		switch {
		case p.Like != nil, ref == nil && (p.Decimal || p.Value == nil):
			return n
		case ref == nil:
			return &ParamNode{Value: p.Value, Decimal: true}
		}
		return &ParamNode{Value: p.Value, Like: ref}
	case *FilterParamNode:
		if p.Like == nil && ref != nil {
			return &FilterParamNode{Name: p.Name, Type: p.Type, Like: ref}
		}
	case *CastNode:
		if isNull(p) {
			return &ParamNode{Like: ref, Decimal: ref == nil}
		}
	case *CaseNode:
		out := &CaseNode{When: make([]WhenNode, len(p.When))}
		for i, w := range p.When {
			out.When[i] = WhenNode{Cond: w.Cond, Then: inForm(w.Then, ref)}
		}
		if p.Else != nil {
			out.Else = inForm(p.Else, ref)
		}
		return out
	case *CallNode:
		if plain(p) {
			out := &CallNode{Name: p.Name, Args: make([]Node, len(p.Args))}
			for i, a := range p.Args {
				out.Args[i] = inForm(a, withoutDigits(ref))
			}
			return out
		}
	case *SubqueryNode:
		if plain(p) {
			out := *p
			out.Stmt = formed(p.Stmt, func(_ int, n Node) Node { return inForm(n, withoutDigits(ref)) })
			return &out
		}
	}
	return n
}

// withoutDigits is nil of a column of decimals.
func withoutDigits(ref *ColumnRef) *ColumnRef {
	if ref != nil {
		if d, ok := ref.Def.(decimals); ok {
			if _, _, is := d.DecimalDigits(); is {
				return nil
			}
		}
	}
	return ref
}
