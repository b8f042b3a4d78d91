package expr

import "slices"

// Expr is a condition on rows of entity T. The zero Expr is no condition: using
// it in a query is an error. An Expr is immutable and safe for concurrent use.
type Expr[T any] struct{ n Node }

func (e Expr[T]) node() Node { return conditionNode(e.n) }
func (e Expr[T]) cond()      {}
func (e Expr[T]) of(*T)      {}

// ConditionOf is NodeOf of a condition.
func ConditionOf[T any](e Expr[T]) Node { return e.node() }

// IsZero reports whether e is the zero Expr, which is no condition.
func (e Expr[T]) IsZero() bool { return e.n == nil }

// And is true where e and all others are.
func (e Expr[T]) And(others ...Expr[T]) Expr[T] {
	return Expr[T]{&LogicNode{Args: joined(e, others)}}
}

// Or is true where e or one of the others is.
func (e Expr[T]) Or(others ...Expr[T]) Expr[T] {
	return Expr[T]{&LogicNode{Or: true, Args: joined(e, others)}}
}

// And is true where all conditions are. And of nothing is true; UpdateWhere
// and DeleteWhere refuse it.
func And[T any](conds ...Expr[T]) Expr[T] { return Expr[T]{&LogicNode{Args: nodes(conds)}} }

// Or is true where one of the conditions is. Or of nothing is false;
// UpdateWhere and DeleteWhere refuse it.
func Or[T any](conds ...Expr[T]) Expr[T] { return Expr[T]{&LogicNode{Or: true, Args: nodes(conds)}} }

// Not is true where cond is false. Where cond is NULL, so is Not.
func Not[T any](cond Expr[T]) Expr[T] { return Expr[T]{&NotNode{cond.node()}} }

// Every is the condition that all rows meet. UpdateWhere and DeleteWhere ask for
// it by name where all rows are meant.
func Every[T any]() Expr[T] { return Expr[T]{&ConstNode{Value: true, Every: true}} }

// Raw is a condition in SQL that the caller writes, with a ? for each argument;
// the arguments are bound. It is the one way in which text reaches a statement:
// never build sql from input. A ? that is no argument is written ??. Raw takes a
// copy of args; a nil argument is NULL.
func Raw[T any](sql string, args ...any) Expr[T] {
	return Expr[T]{&RawNode{SQL: sql, Args: slices.Clone(args)}}
}

//go:noinline
func conditionNode(n Node) Node {
	if n == nil {
		return &ErrorNode{errZeroExpr}
	}
	return n
}

// joined are the trees of a condition and of others.
//
//go:noinline
func joined[T any](first Expr[T], others []Expr[T]) []Node {
	return append([]Node{first.node()}, nodes(others)...)
}

func nodes[T any](conds []Expr[T]) []Node {
	ns := make([]Node, len(conds))
	for i, c := range conds {
		ns[i] = c.node()
	}
	return ns
}

type mixed struct{ n Node }

func (m mixed) node() Node { return m.n }
func (m mixed) cond()      {}

// On is the join condition a = b, of columns of one type and any two entities. A
// nil side is an error when the statement is built.
func On[V any](a, b Valued[V]) Cond {
	return mixed{&CompareNode{Op: OpEq, Left: nodeOf(a), Right: nodeOf(b)}}
}

// AllOf is true where all conditions are, over several entities. AllOf of nothing
// is true; a nil condition is an error when the statement is built.
func AllOf(conds ...Cond) Cond { return mixed{&LogicNode{Args: condNodes(conds)}} }

// AnyOf is true where one of the conditions is, over several entities. AnyOf of
// nothing is false; a nil condition is an error when the statement is built.
func AnyOf(conds ...Cond) Cond { return mixed{&LogicNode{Or: true, Args: condNodes(conds)}} }

func condNodes(conds []Cond) []Node {
	ns := make([]Node, len(conds))
	for i, c := range conds {
		ns[i] = nodeOf(c)
	}
	return ns
}

// NewExpr returns the condition with the given tree. Packages that build
// conditions from data use it; the caller vouches for the entity.
func NewExpr[T any](n Node) Expr[T] { return Expr[T]{n} }
