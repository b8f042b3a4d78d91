package expr

import "reflect"

// Query is the statement behind a Source that is not a table: a subquery in FROM, a
// list of rows, or a common table expression.
type Query struct {
	// Stmt makes the rows: a *SelectStmt, *CompoundStmt or *ValuesStmt, or, if it is
	// Common, an *UpdateStmt, *DeleteStmt or *InsertStmt that returns them.
	Stmt Statement
	// Names are the names of the result's columns.
	Names []string
	// Common has the statement written once, in WITH, and named where it is read.
	Common bool
	// Recursive says that a part of Stmt reads the source itself.
	Recursive bool
	// Err, where it is not nil, is what was wrong as the query was built.
	Err error
}

// SetOp combines the rows of queries.
type SetOp uint8

// The set operations.
const (
	Union SetOp = iota
	Intersect
	Except
)

// CompoundStmt combines the rows of queries of the same columns, from the first to
// the last. All keeps rows that are equal.
type CompoundStmt struct {
	Op      SetOp
	All     bool
	Members []*SelectStmt
}

// ValuesStmt is a list of rows. All have one length, which is above zero.
type ValuesStmt struct{ Rows [][]Node }

func (*CompoundStmt) isStatement() {}
func (*ValuesStmt) isStatement()   {}

// SubqueryKind says what a SubqueryNode asks of its statement.
type SubqueryKind uint8

// The questions of a SubqueryNode.
const (
	// SubqueryValue is the value of the first column of the only row, NULL where
	// there is none.
	SubqueryValue SubqueryKind = iota
	// SubqueryExists is whether there is a row.
	SubqueryExists
	// SubqueryIn is whether X is among the values of the first column.
	SubqueryIn
)

// SubqueryNode is a SELECT in an expression. It may name the columns of the
// statements around it; a source that stands in its own FROM, too, means the row
// inside.
type SubqueryNode struct {
	Kind SubqueryKind
	X    Node // of SubqueryIn
	Not  bool // of SubqueryExists and SubqueryIn
	Stmt *SelectStmt
}

func (*SubqueryNode) isNode() {}

// NewAgg makes an expression of several entities' rows, or of none, from a node. It
// is for the packages above; nothing checks that the node has type V.
func NewAgg[V, R any](n Node) Agg[V, R] { return Agg[V, R]{n} }

// Statements calls f for a statement and for those within it: subqueries in FROM
// and in expressions, common table expressions, members of set operations, in the
// order in which they are written. f returns false where it is not to look inside.
func Statements(s Statement, f func(Statement) bool) { walkStatements(s, f, map[*Query]bool{}) }

func walkStatements(s Statement, f func(Statement) bool, seen map[*Query]bool) {
	if s == nil || reflect.ValueOf(s).IsNil() || !f(s) {
		return
	}
	source := func(src *Source) {
		if src != nil && src.Query != nil && !seen[src.Query] {
			seen[src.Query] = true
			walkStatements(src.Query.Stmt, f, seen)
		}
	}
	nodes := func(ns ...Node) {
		for _, n := range ns {
			Walk(n, func(n Node) bool {
				if q, ok := n.(*SubqueryNode); ok && q != nil && q.Stmt != nil {
					walkStatements(q.Stmt, f, seen)
				}
				return !reflect.ValueOf(n).IsNil()
			})
		}
	}
	switch s := s.(type) {
	case *SelectStmt:
		nodes(s.DistinctOn...)
		nodes(s.Columns...)
		source(s.From)
		for _, j := range s.Joins {
			source(j.Source)
			nodes(j.On)
		}
		nodes(s.Where)
		nodes(s.GroupBy...)
		nodes(s.Having)
		for _, o := range s.OrderBy {
			nodes(o.X)
		}
	case *CompoundStmt:
		for _, m := range s.Members {
			walkStatements(m, f, seen)
		}
	case *ValuesStmt:
		for _, r := range s.Rows {
			nodes(r...)
		}
	case *InsertStmt:
		walkStatements(s.Query, f, seen)
		nodes(s.Returning...)
	case *UpdateStmt:
		for _, j := range s.Joins {
			source(j.Source)
			nodes(j.On)
		}
		for _, set := range s.Set {
			nodes(set.Value)
		}
		nodes(s.Where)
		nodes(s.Returning...)
	case *DeleteStmt:
		nodes(s.Where)
		nodes(s.Returning...)
	}
}
