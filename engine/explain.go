package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
)

// Explainable is what has SQL for a dialect: a repo.Query, a repo.Selection.
type Explainable interface {
	SQL(d dialect.Dialect) (string, []any, error)
}

// ExplainableIn is Explainable whose text and arguments depend on what ctx carries,
// the parameters of filters: a repo.Query, a repo.Selection.
type ExplainableIn interface {
	Explainable
	SQLIn(ctx context.Context, d dialect.Dialect) (string, []any, error)
}

// Explain returns the database's plan for a query as text, one step a line:
// what EXPLAIN says on PostgreSQL, and EXPLAIN QUERY PLAN, indented, on SQLite.
// The query is not executed. Its arguments are those that it would have.
//
// Explain asks on a connection of its own, also where ctx carries a unit of work:
// what that has not committed, it does not see, and in a database in memory, whose
// one connection the unit holds, it would wait for it. The unit's own Explain is
// for both.
func (e *Engine) Explain(ctx context.Context, q Explainable) (string, error) {
	x, err := NewExplanation(ctx, e.dialect, q)
	if err != nil {
		return "", err
	}
	if _, err := e.QueryRows(ctx, x.SQL, x.Args, x.Row); err != nil {
		return "", fmt.Errorf("engine: explain: %w", err)
	}
	return x.String(), nil
}

// Explanation asks for the plan of one query: run SQL with Args, pass the rows to
// Row, and String is the plan. It belongs to one goroutine.
type Explanation struct {
	SQL  string
	Args []driver.NamedValue

	tree  bool
	depth map[int64]int
	text  strings.Builder
}

// NewExplanation returns what asks for the plan of a query. The error is the
// query's own, or a *dialect.UnsupportedError of a dialect without plans.
func NewExplanation(ctx context.Context, d dialect.Dialect, q Explainable) (*Explanation, error) {
	if v := reflect.ValueOf(q); q == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, errors.New("engine: explain: of no query: pass a repo.Query or a repo.Selection")
	}
	var text string
	var args []any
	var err error
	if in, ok := q.(ExplainableIn); ok {
		text, args, err = in.SQLIn(ctx, d)
	} else {
		text, args, err = q.SQL(d)
	}
	if err != nil {
		return nil, fmt.Errorf("engine: explain: %w", err)
	}
	caps := d.Capabilities()
	if caps.Explain == "" {
		return nil, fmt.Errorf("engine: explain: %w", &dialect.UnsupportedError{Construct: "the plan of a query", Dialect: d.Name()})
	}
	x := &Explanation{SQL: caps.Explain + text, tree: caps.ExplainTree, depth: map[int64]int{}}
	for i, a := range args {
		x.Args = append(x.Args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return x, nil
}

var errPlan = errors.New("the database's plan is not in the form that was expected")

// Row takes one row of the database's answer.
func (x *Explanation) Row(vals []driver.Value) error {
	at, indent := 0, 0
	if x.tree {
		if len(vals) < 4 {
			return errPlan
		}
		id, ok := vals[0].(int64)
		parent, known := vals[1].(int64)
		if !ok || !known {
			return errPlan
		}
		if above, ok := x.depth[parent]; ok {
			indent = above + 1
		}
		x.depth[id] = indent
		at = 3
	}
	if x.text.Len() > 0 {
		x.text.WriteByte('\n')
	}
	for range indent {
		x.text.WriteString("  ")
	}
	switch v := vals[at].(type) {
	case string:
		x.text.WriteString(v)
	case []byte:
		x.text.Write(v)
	default:
		return errPlan
	}
	return nil
}

// String is the plan that the rows said.
func (x *Explanation) String() string { return x.text.String() }
