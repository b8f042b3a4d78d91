package repo

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// whole is a set operation that a Selection reads from: what the first member's
// expressions are called in the result, and the columns that have a type of their own.
type whole struct {
	was, now []expr.Node
	forms    []expr.Node
}

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
//
// A chain of one operation other than Except is one statement of as many queries, of
// which SQLite takes 500: more are an error that says so.
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
	members, forms, err := q.members(op, all)
	if err != nil {
		q.err = err
		return q
	}
	last, err := other.matching(q.p)
	if err != nil {
		q.err = err
		return q
	}
	members, forms = together(members, forms, last)
	const name = "u"
	query := &expr.Query{Stmt: &expr.CompoundStmt{Op: op, All: all, Members: members}}
	def := &schema.TableDef{Name: name, Entity: q.p.typ}
	src := expr.NewSource("", name, "", def)
	src.Query = query
	p := *q.p
	p.reading = &reading{}
	p.nodes = nil
	p.defs = widened(q.p.defs, forms, last.Columns)
	w := &whole{was: q.p.nodes, forms: forms}
	for _, c := range resultColumns(&p) {
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

// widened are the columns of rows that several queries make: those of plain values have
// the types of the others', and a decimal the digits of any of them.
func widened(defs []*schema.ColumnDef, forms, others []expr.Node) []*schema.ColumnDef {
	out := slices.Clone(defs)
	for i, def := range defs {
		if t, ok := typeLike(forms[i], def); ok && def.Type.Kind == schema.TextKind {
			c := *def
			c.Type = t
			def, out[i] = &c, &c
		}
		d, ok := dialect.DecimalOf(others[i])
		if !ok || def.Type.Kind != schema.DecimalKind {
			continue
		}
		c := *def
		whole := max(c.Type.Precision-c.Type.Scale, d.Digits-d.Scale)
		c.Type.Scale = max(c.Type.Scale, d.Scale)
		c.Type.Precision = whole + c.Type.Scale
		out[i] = &c
	}
	return out
}

// typeLike is the type of what reads an expression's values into a column's field.
func typeLike(n expr.Node, def *schema.ColumnDef) (schema.Type, bool) {
	if t, ok := dialect.DecimalType(n); ok {
		return t, true
	}
	if of := originOf(n); of != nil && of.GoType == def.GoType {
		return of.Type, true
	}
	return schema.Type{}, false
}

// members are what another query is combined with: the members of a whole that the
// same operation made and of which nothing else is said, so that a chain of it is one
// statement and not one within the other; else the query alone. With them come the
// columns that have a type of their own.
func (q Selection[S]) members(op expr.SetOp, all bool) ([]*expr.SelectStmt, []expr.Node, error) {
	s, err := q.part()
	if err != nil {
		return nil, nil, err
	}
	if q.whole != nil && op != expr.Except && len(s.OrderBy) == 0 && !s.Distinct && s.Limit < 0 && s.Offset < 0 && s.Filters == nil {
		if c, ok := q.from.Query.Stmt.(*expr.CompoundStmt); ok && c.Op == op && c.All == all {
			return c.Members, q.whole.forms, nil
		}
	}
	return []*expr.SelectStmt{s}, ownTypes(s), nil
}

// together adds a query to others, and gives plain values of each the form of the
// others' columns, where databases have types of their own for them. It returns these
// columns too.
func together(members []*expr.SelectStmt, forms []expr.Node, last *expr.SelectStmt) ([]*expr.SelectStmt, []expr.Node) {
	all, found := slices.Clone(forms), false
	for i, own := range ownTypes(last) {
		if all[i] == nil && own != nil {
			all[i], found = own, true
		}
	}
	out := make([]*expr.SelectStmt, 0, len(members)+1)
	for _, m := range members {
		if found {
			m = expr.Together(all, m)
		}
		out = append(out, m)
	}
	return append(out, expr.Together(forms, last)), all
}

func ownTypes(s *expr.SelectStmt) []expr.Node {
	out := make([]expr.Node, len(s.Columns))
	for i, n := range s.Columns {
		out[i] = ownType(n)
	}
	return out
}

// ownType is the column whose values an expression has, or itself of a decimal, if a
// database may have a type for them that their Go type does not tell.
func ownType(n expr.Node) expr.Node {
	if def := originOf(n); def != nil && def.Ref != nil && (def.Type.Kind == schema.EnumKind || def.Type.Kind == schema.DecimalKind) {
		return def.Ref
	}
	if _, ok := dialect.DecimalOf(n); ok {
		return n
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
