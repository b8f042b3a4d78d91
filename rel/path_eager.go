package rel

import (
	"reflect"

	"github.com/dormer-orm/dormer/expr"
)

// The methods of Eager give a changed copy; see EagerPath for what they do. They
// are made part of none of its methods.

//go:noinline
func (e *Eager) with(paths []*Eager) *Eager {
	e = e.copied()
	for i, w := range paths {
		if w == nil {
			e.fail("argument %d of With is nil", i+1)
			continue
		}
		e.With = append(e.With, w)
		if e.Err == nil {
			e.Err = w.Err
		}
	}
	return e
}

//go:noinline
func (e *Eager) where(conds []expr.Node) *Eager {
	e = e.copied()
	e.Where = append(e.Where, conds...)
	return e
}

//go:noinline
func (e *Eager) orderBy(terms []expr.OrderTerm) *Eager {
	e = e.copied()
	e.Order = append(e.Order, terms...)
	return e
}

//go:noinline
func (e *Eager) limit(n int) *Eager {
	e = e.copied()
	switch {
	case e.Relation == nil:
	case n < 0:
		e.fail("a limit of %d is negative", n)
	case !e.Relation.Many:
		e.fail("it leads to one row, on which there is no Limit")
	default:
		e.Limit = int64(n)
	}
	return e
}

//go:noinline
func (e *Eager) by(s Strategy) *Eager {
	e = e.copied()
	e.Strategy = s
	return e
}

//go:noinline
func (e *Eager) depth(n int) *Eager {
	e = e.copied()
	switch {
	case e.Relation == nil:
	case n == 0:
		e.fail("Depth(0) loads nothing: 1 loads what is related, a negative depth all the way to the end")
	case e.Relation.Target != e.Relation.Table.Entity:
		e.fail("Depth is for relations from a table to itself, and this one leads to %s", e.Relation.Target)
	default:
		e.Depth = n
	}
	return e
}

// eagers are paths as data, nil for a nil one.
//
//go:noinline
func eagers[T any](paths []Path[T]) []*Eager {
	es := make([]*Eager, len(paths))
	for i, p := range paths {
		es[i] = eagerOf(p)
	}
	return es
}

func eagerOf(p interface{ Eager() *Eager }) *Eager {
	if v := reflect.ValueOf(p); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil
	}
	return p.Eager()
}

//go:noinline
func nodes[T any](conds []expr.Expr[T]) []expr.Node {
	ns := make([]expr.Node, len(conds))
	for i, c := range conds {
		ns[i] = expr.NodeOf(c)
	}
	return ns
}

//go:noinline
func orderTerms[T any](terms []expr.Order[T]) []expr.OrderTerm {
	ts := make([]expr.OrderTerm, len(terms))
	for i, t := range terms {
		ts[i] = t.Term()
	}
	return ts
}
