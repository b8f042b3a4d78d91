package expr

// Order is a term of an ORDER BY over rows of entity T. It is immutable and
// safe for concurrent use. The zero Order is an error when the statement is
// built.
type Order[T any] struct{ t OrderTerm }

// NullsFirst puts NULLs before all values.
func (o Order[T]) NullsFirst() Order[T] { o.t.Nulls = NullsFirst; return o }

// NullsLast puts NULLs after all values.
func (o Order[T]) NullsLast() Order[T] { o.t.Nulls = NullsLast; return o }

// NewOrder returns the Order with the given term. Packages that build orders from
// data use it; the caller vouches for the entity.
func NewOrder[T any](t OrderTerm) Order[T] { return Order[T]{t} }

// Term returns the term as data.
func (o Order[T]) Term() OrderTerm { return term(o.t) }
func (o Order[T]) ordering()       {}

// AnyOrder is a term of an ORDER BY that belongs to no single entity, such as an
// aggregate's. It is immutable and safe for concurrent use. The zero AnyOrder is
// an error when the statement is built.
type AnyOrder struct{ t OrderTerm }

// NullsFirst puts NULLs before all values.
func (o AnyOrder) NullsFirst() AnyOrder { o.t.Nulls = NullsFirst; return o }

// NullsLast puts NULLs after all values.
func (o AnyOrder) NullsLast() AnyOrder { o.t.Nulls = NullsLast; return o }

// Term returns the term as data.
func (o AnyOrder) Term() OrderTerm { return term(o.t) }
func (o AnyOrder) ordering()       {}

//go:noinline
func term(t OrderTerm) OrderTerm {
	if t.X == nil {
		t.X = &ErrorNode{errZeroOrder}
	}
	return t
}
