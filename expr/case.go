package expr

// Cases is a CASE of SQL type V over rows of entity T that lacks its end: Else,
// ElseTo or End makes a Value of it. Its branches yield R. It is immutable and
// safe for concurrent use: When returns another Cases. Of a zero Cases, Else and
// End give an error when the statement is built.
type Cases[T, V, R any] struct{ when []WhenNode }

// Case begins a CASE: v where cond is true.
//
//	expr.Case(Users.Age.Lt(18), "minor").When(Users.Age.Lt(65), "adult").Else("senior")
func Case[T, V any](cond Expr[T], v V) Cases[T, V, V] {
	return Cases[T, V, V]{}.When(cond, v)
}

// CaseTo begins a CASE with the value of an expression: y where cond is true. If
// y is nullable, so is the whole.
func CaseTo[T, V, R any](cond Expr[T], y Result[V, R]) Cases[T, V, R] {
	return Cases[T, V, R]{}.WhenTo(cond, y)
}

// When adds a branch: v where cond is true and no branch before it was.
func (c Cases[T, V, R]) When(cond Expr[T], v V) Cases[T, V, R] {
	return c.add(cond, param(nil, v))
}

// WhenTo adds a branch whose value is that of an expression.
func (c Cases[T, V, R]) WhenTo(cond Expr[T], y Result[V, R]) Cases[T, V, R] {
	return c.add(cond, nodeOf(y))
}

// Else ends the CASE: v where no branch was taken.
func (c Cases[T, V, R]) Else(v V) Value[T, V, R] {
	return Value[T, V, R]{c.end(param(nil, v))}
}

// ElseTo ends the CASE with the value of an expression where no branch was
// taken.
func (c Cases[T, V, R]) ElseTo(y Result[V, R]) Value[T, V, R] {
	return Value[T, V, R]{c.end(nodeOf(y))}
}

// End ends the CASE: NULL where no branch was taken.
func (c Cases[T, V, R]) End() Value[T, V, *V] { return Value[T, V, *V]{c.end(nil)} }

// add copies: two goroutines may extend one Cases.
func (c Cases[T, V, R]) add(cond Expr[T], then Node) Cases[T, V, R] {
	when := make([]WhenNode, len(c.when), len(c.when)+1)
	copy(when, c.when)
	return Cases[T, V, R]{append(when, WhenNode{Cond: cond.node(), Then: then})}
}

func (c Cases[T, V, R]) end(otherwise Node) Node {
	if len(c.when) == 0 {
		return &ErrorNode{errZeroCases}
	}
	n := &CaseNode{When: c.when, Else: otherwise}
	// Plain values take the stored form of the first branch made from a column.
	if ref, made := formOf(n); ref != nil {
		n.When = make([]WhenNode, len(c.when))
		for i, w := range c.when {
			n.When[i] = WhenNode{Cond: w.Cond, Then: adopt(ref, w.Then)}
		}
		if otherwise != nil {
			n.Else = adopt(ref, otherwise)
		}
	} else if made {
		return AsDecimal(n)
	}
	return n
}
