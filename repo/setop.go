package repo

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// whole is a set operation that a Selection reads from: what the first member's
// expressions are called in the result.
type whole struct{ was, now []expr.Node }

// term says an order in the names of the result.
func (w *whole) term(t expr.OrderTerm) expr.OrderTerm {
	if w == nil {
		return t
	}
	for i, n := range w.was {
		if reflect.DeepEqual(n, t.X) {
			t.X = w.now[i]
			return t
		}
	}
	if len(expr.Columns(t.X)) > 0 {
		t.X = &expr.ErrorNode{Err: errOrderOfWhole}
	}
	return t
}

var errOrderOfWhole = errors.New("OrderBy after a set operation takes expressions that the first query reads, as they are: read from the result by repo.As for others")

func (q Selection[S]) combined(what string) Selection[S] {
	return q.failed("%s after a set operation: say it of the queries before they are combined, or read from the result by repo.As", what)
}

// Union returns the rows of both queries, each once. Both read the same fields of S.
// An order and a limit of theirs hold for themselves; those that come after hold for
// the result, and order it by expressions that the first query reads.
func (q Selection[S]) Union(other Selection[S]) Selection[S] {
	return q.combine(expr.Union, false, other)
}

// UnionAll is Union that keeps rows which are equal.
func (q Selection[S]) UnionAll(other Selection[S]) Selection[S] {
	return q.combine(expr.Union, true, other)
}

// Intersect returns the rows that both queries have, each once; see Union.
func (q Selection[S]) Intersect(other Selection[S]) Selection[S] {
	return q.combine(expr.Intersect, false, other)
}

// IntersectAll is Intersect that keeps rows as often as both have them. SQLite has no
// such operation.
func (q Selection[S]) IntersectAll(other Selection[S]) Selection[S] {
	return q.combine(expr.Intersect, true, other)
}

// Except returns the rows of the query that the other has not, each once; see Union.
func (q Selection[S]) Except(other Selection[S]) Selection[S] {
	return q.combine(expr.Except, false, other)
}

// ExceptAll is Except that takes away one row for one. SQLite has no such operation.
func (q Selection[S]) ExceptAll(other Selection[S]) Selection[S] {
	return q.combine(expr.Except, true, other)
}

func (q Selection[S]) combine(op expr.SetOp, all bool, other Selection[S]) Selection[S] {
	first, err := q.part()
	if err != nil {
		q.err = err
		return q
	}
	second, err := other.matching(q.p)
	if err != nil {
		q.err = err
		return q
	}
	first, second = together(first, second)
	const name = "u"
	query := &expr.Query{Stmt: &expr.CompoundStmt{Op: op, All: all, Members: []*expr.SelectStmt{first, second}}}
	def := &schema.TableDef{Name: name, Entity: q.p.typ}
	src := expr.NewSource("", name, "", def)
	src.Query = query
	p := *q.p
	p.reading = &reading{}
	p.nodes = nil
	w := &whole{was: q.p.nodes}
	for _, c := range resultColumns(q.p) {
		c.Table = def
		c.Ref = expr.NewColumnRef(src, c.Name, c)
		def.Columns = append(def.Columns, c)
		query.Names = append(query.Names, c.Name)
		p.nodes = append(p.nodes, c.Ref)
	}
	if q.whole != nil { // the first member's expressions are those of its own first member
		w.was = q.whole.was
	}
	w.now = p.nodes
	return Selection[S]{p: &p, from: src, limit: -1, offset: -1, whole: w}
}

// together gives plain values of one query the form of the other's columns, where
// databases have types of their own for them.
func together(first, second *expr.SelectStmt) (*expr.SelectStmt, *expr.SelectStmt) {
	return inForms(first, ownTypes(second)), inForms(second, ownTypes(first))
}

func ownTypes(s *expr.SelectStmt) []*expr.ColumnRef {
	out := make([]*expr.ColumnRef, len(s.Columns))
	for i, n := range s.Columns {
		out[i] = ownType(n)
	}
	return out
}

// ownType is the column whose values an expression has, if a database may have a
// type for them that their Go type does not tell.
func ownType(n expr.Node) *expr.ColumnRef {
	if def := originOf(n); def != nil && (def.Type.Kind == schema.EnumKind || def.Type.Kind == schema.DecimalKind) {
		return def.Ref
	}
	return nil
}

// matching is part, with the results in the order of another query's fields.
func (q Selection[S]) matching(p *projected) (*expr.SelectStmt, error) {
	s, err := q.part()
	if err != nil {
		return nil, err
	}
	if len(p.entities)+len(q.p.entities) > 0 {
		return nil, fmt.Errorf("repo: select into %s: %w", p.typ, errEntityInside)
	}
	if len(p.defs) != len(q.p.defs) {
		return nil, fmt.Errorf("repo: select into %s: queries that are combined read %d and %d fields: read the same", p.typ, len(p.defs), len(q.p.defs))
	}
	ordered := *s
	ordered.Columns = make([]expr.Node, len(p.defs))
	for i, d := range p.defs {
		for j, own := range q.p.defs {
			if own.Field == d.Field {
				ordered.Columns[i] = s.Columns[j]
			}
		}
		if ordered.Columns[i] == nil {
			return nil, fmt.Errorf("repo: select into %s: of queries that are combined one reads field %s and the other does not", p.typ, d.Field)
		}
	}
	return &ordered, nil
}
