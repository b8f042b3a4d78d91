package rel

import (
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Path is a relation of entity E that can be loaded with it: a ToMany, a ToOne, or
// what their methods give.
type Path[E any] interface {
	// Relation returns the relation's definition, nil before its handle is
	// bound.
	Relation() *schema.RelationDef
	// Eager returns the path as data, the caller's own. What is wrong with it is
	// in its Err.
	Eager() *Eager
	from(*E)
}

// EagerPath is a relation from E to T to be loaded, and how: which of the related
// rows, in which order, and what is loaded of them in turn. A ToMany or ToOne
// begins one. It is immutable, so that one may be kept and extended by several,
// and safe for concurrent use. What is wrong with it is reported by the query that
// it is given to.
type EagerPath[E, T any] struct{ e *Eager }

// What the methods of paths and handles call is compiled once and made part of none
// of them: they are compiled anew for every pair of entities.

//go:noinline
func begun(r *schema.RelationDef) *Eager {
	e := &Eager{Relation: r, Limit: -1, Depth: 1}
	if r == nil {
		e.Err = errUnbound
	}
	return e
}

// Relation returns the relation's definition, nil for the zero path and that of a
// handle that is not bound.
func (p EagerPath[E, T]) Relation() *schema.RelationDef { return p.e.copied().Relation }

// Eager returns the path as data.
func (p EagerPath[E, T]) Eager() *Eager { return p.e.copied() }
func (p EagerPath[E, T]) from(*E)       {}

func (e *Eager) clone() *Eager {
	c := *e
	c.Where, c.Order = slices.Clone(e.Where), slices.Clone(e.Order)
	c.With = slices.Clone(e.With)
	for i, w := range c.With {
		c.With[i] = w.clone()
	}
	return &c
}

// copied is a copy of the path, which is nil for the zero one.
//
//go:noinline
func (e *Eager) copied() *Eager {
	if e == nil {
		return begun(nil)
	}
	return e.clone()
}

// fail keeps the first fault.
func (e *Eager) fail(format string, args ...any) {
	if e.Err == nil {
		e.Err = fmt.Errorf("rel: load %s.%s: "+format, append([]any{e.Relation.Table.QualifiedName(), e.Relation.Name}, args...)...)
	}
}

// With loads relations of the entities that are found, too. A nil path is a fault.
func (p EagerPath[E, T]) With(paths ...Path[T]) EagerPath[E, T] {
	return EagerPath[E, T]{p.e.with(eagers(paths))}
}

// Where loads only the related rows that meet all conditions, those of earlier
// calls too. The collection is partial then and refuses changes.
func (p EagerPath[E, T]) Where(conds ...expr.Expr[T]) EagerPath[E, T] {
	return EagerPath[E, T]{p.e.where(nodes(conds))}
}

// OrderBy loads each entity's related rows in that order, after the order of
// earlier calls.
func (p EagerPath[E, T]) OrderBy(terms ...expr.Order[T]) EagerPath[E, T] {
	return EagerPath[E, T]{p.e.orderBy(orderTerms(terms))}
}

// Limit loads at most n related rows of each entity, the first in order. The
// collection is partial then and refuses changes. A negative n is a fault, and so
// is a limit on a relation to one.
func (p EagerPath[E, T]) Limit(n int) EagerPath[E, T] {
	return EagerPath[E, T]{p.e.limit(n)}
}

// Join reads the related rows with those that they belong to, by a LEFT JOIN,
// where that gives the same result; see Joined.
func (p EagerPath[E, T]) Join() EagerPath[E, T] {
	return EagerPath[E, T]{p.e.by(Joined)}
}

// SelectIn reads the related rows by a statement of their own.
func (p EagerPath[E, T]) SelectIn() EagerPath[E, T] {
	return EagerPath[E, T]{p.e.by(SelectIn)}
}

// Depth follows a relation from a table to itself n times, a negative n to its
// end. 0 is a fault, and so is a relation that leads to another table.
func (p EagerPath[E, T]) Depth(n int) EagerPath[E, T] {
	return EagerPath[E, T]{p.e.depth(n)}
}

// Eager returns the relation as a path, see Path.
func (h ToMany[E, T]) Eager() *Eager { return begun(h.def) }

// With loads relations of the related entities, too; see EagerPath.With.
func (h ToMany[E, T]) With(paths ...Path[T]) EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).with(eagers(paths))}
}

// Where chooses among the related rows; see EagerPath.Where. For a condition on
// E's rows see Any.
func (h ToMany[E, T]) Where(conds ...expr.Expr[T]) EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).where(nodes(conds))}
}

// OrderBy orders the related rows; see EagerPath.OrderBy.
func (h ToMany[E, T]) OrderBy(terms ...expr.Order[T]) EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).orderBy(orderTerms(terms))}
}

// Limit limits the related rows of each entity; see EagerPath.Limit.
func (h ToMany[E, T]) Limit(n int) EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).limit(n)}
}

// Join loads by a LEFT JOIN; see EagerPath.Join.
func (h ToMany[E, T]) Join() EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).by(Joined)}
}

// SelectIn loads by a statement of its own; see EagerPath.SelectIn.
func (h ToMany[E, T]) SelectIn() EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).by(SelectIn)}
}

// Depth follows a relation from a table to itself; see EagerPath.Depth.
func (h ToMany[E, T]) Depth(n int) EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).depth(n)}
}

// Eager returns the relation as a path, see Path.
func (h ToOne[E, T]) Eager() *Eager { return begun(h.def) }

// With loads relations of the related entity, too; see EagerPath.With.
func (h ToOne[E, T]) With(paths ...Path[T]) EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).with(eagers(paths))}
}

// Where loads the related entity only where it meets the conditions; see
// EagerPath.Where. For a condition on E's rows see Is.
func (h ToOne[E, T]) Where(conds ...expr.Expr[T]) EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).where(nodes(conds))}
}

// OrderBy is of use where several rows lead here that should be one; see
// EagerPath.OrderBy. To order E's rows see By.
func (h ToOne[E, T]) OrderBy(terms ...expr.Order[T]) EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).orderBy(orderTerms(terms))}
}

// Limit is a fault on a relation to one; see EagerPath.Limit.
func (h ToOne[E, T]) Limit(n int) EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).limit(n)}
}

// Join loads by a LEFT JOIN; see EagerPath.Join.
func (h ToOne[E, T]) Join() EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).by(Joined)}
}

// SelectIn loads by a statement of its own; see EagerPath.SelectIn.
func (h ToOne[E, T]) SelectIn() EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).by(SelectIn)}
}

// Depth follows a relation from a table to itself; see EagerPath.Depth.
func (h ToOne[E, T]) Depth(n int) EagerPath[E, T] {
	return EagerPath[E, T]{begun(h.def).depth(n)}
}
