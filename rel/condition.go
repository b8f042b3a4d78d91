package rel

import (
	"errors"
	"fmt"
	"sync"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

var errUnbound = errors.New("rel: relation handle is not bound: schema.Define binds the handles of its struct; was this one declared elsewhere?")

func errUnjoined(r *schema.RelationDef) error {
	if r.Many {
		return fmt.Errorf("rel: relation %s.%s is not joined: rel.Via(…).BackPopulates on the other side says by which column, or rel.ManyToMany by which table", r.Table.QualifiedName(), r.Name)
	}
	return fmt.Errorf("rel: relation %s.%s is not joined: rel.Via(t.%s, …) says by which column, or for the other side of a one-to-one its BackPopulates", r.Table.QualifiedName(), r.Name, r.Name)
}

// Any is true where at least one related row meets all conditions, or where there
// is one at all. Inside, T's own handles mean the related row, for a relation from
// a table to itself too; the outer row is reached by an alias made by schema.As. A
// handle that is not bound, and a relation that is not joined, are errors when the
// statement is built.
func (h ToMany[E, T]) Any(conds ...expr.Expr[T]) expr.Expr[E] {
	return expr.NewExpr[E](asked(h.def, h.source, false, nodes(conds)))
}

// None is true where no related row meets all conditions, or where there is none
// at all; see Any.
func (h ToMany[E, T]) None(conds ...expr.Expr[T]) expr.Expr[E] {
	return expr.NewExpr[E](asked(h.def, h.source, true, nodes(conds)))
}

// Count is the number of related rows that meet all conditions; see Any.
func (h ToMany[E, T]) Count(conds ...expr.Expr[T]) expr.Value[E, int64, int64] {
	return expr.NewValue[E, int64, int64](counted(h.def, h.source, nodes(conds)))
}

// Is is true where the related row is there and meets all conditions; see
// ToMany.Any.
func (h ToOne[E, T]) Is(conds ...expr.Expr[T]) expr.Expr[E] {
	return expr.NewExpr[E](asked(h.def, h.source, false, nodes(conds)))
}

// IsNull is true where the relation leads to nothing: where a column of the
// foreign key is NULL, whether or not there is a row that the others point to; on
// the other side of a one-to-one, where no row points here.
func (h ToOne[E, T]) IsNull() expr.Expr[E] {
	return expr.NewExpr[E](null(h.def, h.source, h.columns, false))
}

// IsNotNull is true where IsNull is not.
func (h ToOne[E, T]) IsNotNull() expr.Expr[E] {
	return expr.NewExpr[E](null(h.def, h.source, h.columns, true))
}

// By orders by a column or value of the related row, in the direction and with the
// NULLs where term says. Where there is no related row it is NULL.
func (h ToOne[E, T]) By(term expr.Order[T]) expr.Order[E] {
	return expr.NewOrder[E](orderedBy(h.def, h.source, term.Term()))
}

// asked is the condition that there are related rows that meet conditions, or none.
//
//go:noinline
func asked(r *schema.RelationDef, from *expr.Source, not bool, conds []expr.Node) expr.Node {
	return subquery(r, from, &expr.RelatedNode{Not: not, Where: all(conds)})
}

//go:noinline
func counted(r *schema.RelationDef, from *expr.Source, conds []expr.Node) expr.Node {
	return subquery(r, from, &expr.RelatedNode{Kind: expr.RelatedCount, Where: all(conds)})
}

//go:noinline
func orderedBy(r *schema.RelationDef, from *expr.Source, t expr.OrderTerm) expr.OrderTerm {
	t.X = subquery(r, from, &expr.RelatedNode{Kind: expr.RelatedValue, Value: t.X})
	return t
}

// null is the condition that the relation leads to nothing, or not.
func null(def *schema.RelationDef, source *expr.Source, of *columnsOf, not bool) expr.Node {
	if def == nil {
		return &expr.ErrorNode{Err: errUnbound}
	}
	s := sideOf(def)
	if s.link == nil || s.link.Child != def {
		return &expr.RelatedNode{Not: !not, From: source, Join: s.none}
	}
	columns, err := s.link.foreignKey()
	if err != nil {
		return &expr.ErrorNode{Err: err}
	}
	var tests []expr.Node
	for _, c := range columns {
		tests = append(tests, &expr.NullNode{X: of.ref(c), Not: not})
	}
	if len(tests) == 1 {
		return tests[0]
	}
	return &expr.LogicNode{Or: !not, Args: tests}
}

// foreignKey are the child's columns, found before the model is sealed too.
func (l *Link) foreignKey() ([]*schema.ColumnDef, error) {
	if !l.derived {
		return l.Columns, nil
	}
	key, err := l.onlyKey()
	if err != nil {
		return nil, err
	}
	return key.Columns, nil
}

// subquery completes a node by where it starts and how it joins.
func subquery(r *schema.RelationDef, from *expr.Source, n *expr.RelatedNode) expr.Node {
	if r == nil {
		return &expr.ErrorNode{Err: errUnbound}
	}
	n.From, n.Join = from, sideOf(r).join
	return n
}

func all(conds []expr.Node) expr.Node {
	switch len(conds) {
	case 0:
		return nil
	case 1:
		return conds[0]
	}
	return &expr.LogicNode{Args: conds}
}

// absence joins the rows whose absence is NULL, for IsNull of a relation that had
// no foreign key of its own when the condition was built. Should it have got one
// since, the condition is an error, since it would ask another question: whether
// the row that the key points to is there.
type absence struct {
	join *Join
	id   uint64
}

// RelatedOn is how a compiler asks, see expr.RelatedJoin.
func (a *absence) RelatedOn() (expr.RelatedColumns, error) {
	c, err := a.join.RelatedOn()
	if err == nil && a.join.Refers {
		err = fmt.Errorf("rel: IsNull or IsNotNull of relation %s.%s was built before rel.Via joined it: build it later, in a function", a.join.Relation.Table.QualifiedName(), a.join.Relation.Name)
	}
	c.ID = a.id
	return c, err
}

// columnsOf has the columns of one occurrence of a table, each made once: compiled
// statements are kept by their numbers.
type columnsOf struct {
	source *expr.Source
	mu     sync.Mutex
	refs   map[*schema.ColumnDef]*expr.ColumnRef
}

func (o *columnsOf) ref(c *schema.ColumnDef) *expr.ColumnRef {
	if o.source == c.Table.Source {
		return c.Ref
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refs[c] == nil {
		if o.refs == nil {
			o.refs = make(map[*schema.ColumnDef]*expr.ColumnRef)
		}
		o.refs[c] = expr.NewColumnRef(o.source, c.Name, c)
	}
	return o.refs[c]
}
