package repo

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// As makes a query a subquery that another one reads FROM: it returns typed handles
// of its rows, by which they are joined, filtered and ordered like a table's. H is a
// struct of handles of S, as for schema.Define; a handle is bound to the field of its
// name that the query fills.
//
//	type authorStats struct {
//		schema.Table[AuthorStat]
//		Name  expr.Column[AuthorStat, string]
//		Posts expr.Column[AuthorStat, int64]
//	}
//	stats := repo.As[authorStats](query, "stats")
//
// What is wrong with the query or with a handle is an error of the statement that
// reads the handles, before any SQL.
func As[H, S any, PT interface {
	*H
	schema.Of[S]
}](q Selection[S], name string) PT {
	return derive[H, S, PT](q, name, &expr.Query{})
}

// CTE is As for a common table expression: the query is written once, in the WITH of
// the statement that reads it, however often it is read. schema.As of the handles is
// another reading of the same rows.
func CTE[H, S any, PT interface {
	*H
	schema.Of[S]
}](q Selection[S], name string) PT {
	return derive[H, S, PT](q, name, &expr.Query{Common: true})
}

// Recursive is CTE for rows that lead to others: the first ones are those of base,
// and next, whose query reads the handles that it is given, makes further ones of
// those that were found last, until there are none. It does not notice that it goes
// in a circle: RecursiveDistinct does. A decimal that is computed has the digits after
// the point that base gives it, and may not have more: expr.RoundDecimal leaves fewer.
func Recursive[H, S any, PT interface {
	*H
	schema.Of[S]
}](name string, base Selection[S], next func(found PT) Selection[S]) PT {
	return recursive[H, S, PT](name, base, next, true)
}

// RecursiveDistinct is Recursive that leaves out rows which were found before, and
// so ends in a circle.
func RecursiveDistinct[H, S any, PT interface {
	*H
	schema.Of[S]
}](name string, base Selection[S], next func(found PT) Selection[S]) PT {
	return recursive[H, S, PT](name, base, next, false)
}

func recursive[H, S any, PT interface {
	*H
	schema.Of[S]
}](name string, base Selection[S], next func(PT) Selection[S], all bool) PT {
	query := &expr.Query{Common: true, Recursive: true}
	out := derive[H, S, PT](base, name, query)
	if query.Err != nil {
		return out
	}
	first := growing(query.Stmt.(*expr.SelectStmt))
	second, err := next(out).matching(base.p)
	if err != nil {
		query.Err = err
		return out
	}
	for i, c := range schema.DefOf(out).Columns {
		if err := growingDecimal(c, &first.Columns[i], &second.Columns[i]); err != nil {
			query.Err = fmt.Errorf("repo: recursive query %s: field %s: %w", name, base.p.defs[i].Field, err)
			return out
		}
	}
	query.Stmt = &expr.CompoundStmt{All: all, Members: []*expr.SelectStmt{first, second}}
	return out
}

// growingDecimal gives a decimal of a recursive query, where each row may have more
// digits than the one before, the scale of the first rows, and room in the column.
func growingDecimal(c *schema.ColumnDef, first, second *expr.Node) error {
	grown, ok := dialect.DecimalOf(*second)
	if def := dialect.ColumnOf(*second); !ok || def != nil && def.Type.Scale == c.Type.Scale && def.Type.Precision == c.Type.Precision {
		return nil
	}
	switch {
	case c.Type.Kind != schema.DecimalKind:
		return &dialect.NoDecimalError{Construct: "a recursive query"}
	case grown.Scale > c.Type.Scale:
		return errDecimalGrows
	}
	c.Type = dialect.AnyDigits(&c.Type)
	for _, n := range []*expr.Node{first, second} {
		*n = &expr.DecimalNode{Op: expr.DecimalRound, Args: []expr.Node{*n}, Scale: c.Type.Scale}
	}
	return nil
}

// errDecimalGrows refuses what has more digits after the point in each row than in the
// one before: all rows have the scale of the first.
var errDecimalGrows = errors.New("a decimal with more digits after the point than that of the first query, which all rows have: round it by expr.RoundDecimal, or begin with one that has as many")

// growing is the first query of a recursive one, whose texts may be longer in the
// rows that follow: they are not of the size of their columns.
func growing(s *expr.SelectStmt) *expr.SelectStmt {
	out := *s
	out.Columns = slices.Clone(s.Columns)
	for i, n := range s.Columns {
		if def := originOf(n); def != nil && def.Type.Kind == schema.TextKind && def.Type.Size > 0 {
			out.Columns[i] = &expr.CastNode{X: n, To: ""}
		}
	}
	return &out
}

// derive makes the handles of a query's rows.
func derive[H, S any, PT interface {
	*H
	schema.Of[S]
}](q Selection[S], name string, query *expr.Query) PT {
	var cols []*schema.ColumnDef
	if stmt, err := q.part(); err != nil {
		query.Err = err
	} else if len(q.p.entities) > 0 {
		query.Err = fmt.Errorf("repo: select into %s: %w", q.p.typ, errEntityInside)
	} else {
		query.Stmt, cols = stmt, resultColumns(q.p)
	}
	h, _ := schema.Derived[S, H, PT](name, cols, query)
	return h
}

// errEntityInside says that only the outermost query has entities.
var errEntityInside = errors.New("a query that others read has no entities: read their columns, or join the table outside")

// resultColumns are the columns of a query's rows, with names for SQL.
func resultColumns(p *projected) []*schema.ColumnDef {
	cols := make([]*schema.ColumnDef, len(p.defs))
	for i, d := range p.defs {
		c := *d
		c.Name = schema.ColumnName(strings.ReplaceAll(d.Field, ".", "_"))
		cols[i] = &c
	}
	return cols
}

// Rows makes handles of rows that the program has: a VALUES list, which a query
// reads FROM or joins. H is a struct of handles of S; the fields that have a handle
// are its columns. No rows are an error of the statement that reads them, and so are
// more values than a statement has parameters: 32766 on SQLite, 65535 on PostgreSQL.
// A field of an enum's Go type is a text, which takes the type of the enum where it is
// compared with a column of one; one of a Go type that columns declare as decimals, by
// schema.Decimal, and as nothing else, is a decimal with the digits of the longest.
func Rows[H, S any, PT interface {
	*H
	schema.Of[S]
}](name string, rows ...S) PT {
	query := &expr.Query{}
	var cols []*schema.ColumnDef
	t := reflect.TypeFor[S]()
	if t.Kind() != reflect.Struct {
		query.Err = fmt.Errorf("repo: rows of %s, which is no struct", t)
	} else if len(rows) == 0 {
		query.Err = fmt.Errorf("repo: no rows of %s to read from: leave the join out", t)
	} else {
		var err error
		if cols, err = fieldColumns[H](t); err == nil {
			err = rowDecimals(cols, reflect.ValueOf(rows))
		}
		query.Err = err
	}
	h, _ := schema.Derived[S, H, PT](name, cols, query)
	if query.Err != nil {
		return h
	}
	stmt := &expr.ValuesStmt{}
	for i := range rows {
		v := reflect.ValueOf(&rows[i]).Elem()
		var row []expr.Node
		for _, c := range schema.DefOf(h).Columns {
			row = append(row, &expr.ParamNode{Value: valueOf(v.FieldByName(c.Field), c), Like: c.Ref})
		}
		stmt.Rows = append(stmt.Rows, row)
	}
	query.Stmt = stmt
	return h
}

// rowDecimals gives the columns of rows that are decimals by their Go type one that has
// room for all of their values.
func rowDecimals(cols []*schema.ColumnDef, rows reflect.Value) error {
	for _, c := range cols {
		if !expr.DeclaredDecimal(c.GoType) {
			continue
		}
		whole, scale := 0, 0
		for i := range rows.Len() {
			_, before, after, err := field.DecimalText(valueOf(rows.Index(i).FieldByName(c.Field), c))
			if err != nil {
				return fmt.Errorf("repo: rows of %s: field %s: %w", rows.Type().Elem(), c.Field, err)
			}
			whole, scale = max(whole, before), max(scale, after)
		}
		// How long the values are stays out of a statement's shape, if it can.
		c.Type = schema.Type{Kind: schema.DecimalKind, Precision: max(whole+scale, dialect.WideDigits), Scale: scale}
	}
	return nil
}

// valueOf is a field's value, nil for NULL.
func valueOf(v reflect.Value, c *schema.ColumnDef) any {
	switch c.Null {
	case schema.NullPointer:
		if v.IsNil() {
			return nil
		}
		return v.Elem().Interface()
	case schema.NullStruct:
		if !v.FieldByName("Valid").Bool() {
			return nil
		}
		return v.FieldByName("V").Interface()
	}
	return v.Interface()
}

// fieldColumns are the columns of the fields of t that H has a handle for.
func fieldColumns[H any](t reflect.Type) (cols []*schema.ColumnDef, err error) {
	h := reflect.TypeFor[H]()
	if h.Kind() != reflect.Struct {
		return nil, fmt.Errorf("repo: %s is no struct of handles", h)
	}
	p := &projected{typ: t}
	for i := range h.NumField() {
		f := h.Field(i)
		if f.Anonymous || !reflect.PointerTo(f.Type).Implements(reflect.TypeFor[expr.Handle]()) {
			continue
		}
		of, ok := t.FieldByName(f.Name)
		if !ok || len(of.Index) != 1 {
			return nil, fmt.Errorf("repo: handle %s: %s has no field of that name", f.Name, t)
		}
		p.add(of.Name, of.Offset, Target{typ: of.Type, src: expr.Val(0)})
	}
	if p.err == nil && len(p.defs) == 0 {
		p.fail("%s has no handle of a column", h)
	}
	return resultColumns(p), p.err
}

// SelectValue begins a Selection of one value a row: All gives a slice of it. It is
// what Exists, In and Sub take, too.
//
//	ids := repo.SelectValue(Posts.AuthorID).From(Posts).Where(expr.HasPrefix(Posts.Title, "Go"))
func SelectValue[R any](x expr.Yields[R]) Selection[R] {
	p := &projected{typ: reflect.TypeFor[R](), reading: &reading{}}
	if x == nil || reflect.ValueOf(x).Kind() == reflect.Pointer && reflect.ValueOf(x).IsNil() {
		p.fail("no expression says what is read")
	} else {
		p.add("Value", 0, Target{typ: p.typ, src: x})
	}
	return Selection[R]{p: p, limit: -1, offset: -1, err: p.err}
}

// subquery is the node of a query in an expression, or of what is wrong with it.
func subquery[S any](q Selection[S], n *expr.SubqueryNode) expr.Node {
	stmt, err := q.part()
	if err != nil {
		return &expr.ErrorNode{Err: err}
	}
	if n.Stmt = stmt; n.Kind == expr.SubqueryIn && len(stmt.Columns) == 1 {
		n.X, n.Stmt = expr.Sought(n.X, stmt)
	}
	return n
}

// Exists is the condition that a query has rows. T is the entity whose condition it
// is: the query may name columns of T's row, and does, else all rows have it or none.
// A table that the query reads itself means its own row there; the outer one is
// reached by an alias. So it is for the members of a set operation, and for a query in
// FROM by As.
//
//	users.Where(repo.Exists[User](repo.SelectValue(Posts.ID).From(Posts).Where(expr.On(Posts.AuthorID, Users.ID))))
func Exists[T, S any](q Selection[S]) expr.Expr[T] {
	return expr.NewExpr[T](subquery(q, &expr.SubqueryNode{Kind: expr.SubqueryExists}))
}

// NotExists is the condition that a query has no rows.
func NotExists[T, S any](q Selection[S]) expr.Expr[T] {
	return expr.NewExpr[T](subquery(q, &expr.SubqueryNode{Kind: expr.SubqueryExists, Not: true}))
}

// In is the condition that x is among the values of a query. NULL is among none.
func In[T, V any](x expr.Scoped[T, V], q Selection[V]) expr.Expr[T] {
	return expr.NewExpr[T](subquery(q, &expr.SubqueryNode{Kind: expr.SubqueryIn, X: expr.NodeOf(x)}))
}

// InNull is In for a query whose values may be NULL, which equals nothing.
func InNull[T, V any](x expr.Scoped[T, V], q Selection[*V]) expr.Expr[T] {
	return expr.NewExpr[T](subquery(q, &expr.SubqueryNode{Kind: expr.SubqueryIn, X: expr.NodeOf(x)}))
}

// NotIn is the condition that x is among none of the values of a query. There is none
// for values that may be NULL, since SQL's NOT IN is never true then: leave them out,
// or use NotExists.
func NotIn[T, V any](x expr.Scoped[T, V], q Selection[V]) expr.Expr[T] {
	return expr.NewExpr[T](subquery(q, &expr.SubqueryNode{Kind: expr.SubqueryIn, X: expr.NodeOf(x), Not: true}))
}

// Sub is the value of a query that has one row at most, NULL where it has none; several
// rows are an error of the database, but on SQLite, which takes the first. It stands
// where an aggregate does: in comparisons with …To, in projections and orders.
func Sub[V any](q Selection[V]) expr.Agg[V, *V] {
	return expr.NewAgg[V, *V](subquery(q, &expr.SubqueryNode{Kind: expr.SubqueryValue}))
}

// SubNull is Sub for a value that may be NULL.
func SubNull[V any](q Selection[*V]) expr.Agg[V, *V] {
	return expr.NewAgg[V, *V](subquery(q, &expr.SubqueryNode{Kind: expr.SubqueryValue}))
}

// JoinLateral joins the rows of a query, made by As, that may name the columns of the
// tables before it. PostgreSQL has it; elsewhere it is a *dialect.UnsupportedError.
// A nil condition joins all of them.
func (q Selection[S]) JoinLateral(h schema.Handle, on expr.Cond) Selection[S] {
	return q.lateral(expr.InnerJoin, "JoinLateral", h, on)
}

// LeftJoinLateral is JoinLateral that keeps rows without a match.
func (q Selection[S]) LeftJoinLateral(h schema.Handle, on expr.Cond) Selection[S] {
	return q.lateral(expr.LeftJoin, "LeftJoinLateral", h, on)
}

func (q Selection[S]) lateral(kind expr.JoinKind, what string, h schema.Handle, on expr.Cond) Selection[S] {
	src, q := q.source(what, h)
	if q.whole != nil {
		return q.combined(what)
	}
	j := expr.JoinClause{Kind: kind, Source: src, Lateral: true}
	if on != nil {
		j.On = expr.NodeOf(on)
	}
	q.joins = append(q.joins[:len(q.joins):len(q.joins)], j)
	return q
}
