package dialect

import (
	"encoding/binary"
	"errors"
	"reflect"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// shape walks a statement in the order in which the compiler writes it, writes
// all that the SQL text depends on into key, and collects the arguments. Two
// statements with one key have one text. The key is a prefix code: each node
// begins with its tag, and everything of variable length with its length.
type shape struct {
	binder
	// again are the expressions that are written as they were the first time.
	again again
	key   []byte
	// numbered: placeholders have numbers.
	numbered bool
	// decimalsAreText: see Capabilities.
	decimalsAreText bool
	// rewrites: an UPDATE that joins tables takes its values from a query.
	rewrites bool
	filters  *expr.Filters
	// within: there is a statement within the statement, or rows of a query;
	// aggregates: there is an aggregate in it.
	within, aggregates bool
	// last are the columns of a table that were read last, as a query of entities
	// reads them each time, and their key.
	last struct {
		of  []expr.Node
		key []byte
	}
	// locals are the sources that are made where a query is built, so that none
	// comes twice, and queries those behind them that stand in WITH: the key has
	// their numbers, and what they are where they are named first.
	locals  []*expr.Source
	queries []*expr.Query
}

func newShape(d Dialect) *shape {
	caps := d.Capabilities()
	return &shape{binder: binder{d: d}, numbered: caps.NumberedParams, decimalsAreText: caps.DecimalsAreText, rewrites: caps.UpdateSeesItself, key: make([]byte, 0, 256)}
}

// errNoShape says that a statement has something for which only the compiler
// has the words.
var errNoShape = errors.New("dialect: statement has no shape")

// The tags of the nodes and statements. An absent node is tagNone.
const (
	tagNone byte = iota
	tagSelect
	tagUpdate
	tagDelete
	tagColumn
	tagParam
	tagParamLike
	tagConst
	tagCompare
	tagBetween
	tagIn
	tagInEmpty
	tagLike
	tagNull
	tagLogic
	tagNot
	tagArith
	tagNeg
	tagCall
	tagAgg
	tagCase
	tagCast
	tagRaw
	tagRelated
	tagRowIn
	tagCollate
	tagRow
	tagTupleIn
	tagJSON
	tagFunc
	tagWindow
	tagGrouping
	tagAgain
	tagLocal
	tagSubquery
	tagCompound
	tagValues
	tagWith
	tagInsert
	tagJoined
	tagDecimal
	tagDecimalParam
)

func (s *shape) tag(bs ...byte)  { s.key = append(s.key, bs...) }
func (s *shape) number(n uint64) { s.key = binary.AppendUvarint(s.key, n) }
func (s *shape) text(t string)   { s.number(uint64(len(t))); s.key = append(s.key, t...) }
func flag(b bool, bit byte) byte {
	if b {
		return bit
	}
	return 0
}

func (s *shape) nodes(ns []expr.Node) error {
	if len(ns) == 0 {
		s.key = append(s.key, 0)
		return nil
	}
	s.number(uint64(len(ns)))
	for _, n := range ns {
		if err := s.node(n); err != nil {
			return err
		}
	}
	return nil
}

// optional is node, but a nil is allowed.
func (s *shape) optional(n expr.Node) error {
	if n == nil {
		s.tag(tagNone)
		return nil
	}
	return s.node(n)
}

func (s *shape) two(a, b expr.Node) error {
	if err := s.node(a); err != nil {
		return err
	}
	return s.node(b)
}

func (s *shape) node(n expr.Node) error {
	if len(s.again.nodes) == 0 {
		return s.plainNode(n)
	}
	i := s.again.find(n)
	if i < 0 {
		return s.plainNode(n)
	}
	if s.again.texts[i] != "" {
		s.tag(tagAgain)
		s.number(uint64(i))
		return nil
	}
	args := len(s.args)
	if err := s.plainNode(n); err != nil {
		return err
	}
	if len(s.args) > args {
		s.again.texts[i] = "written"
	}
	return nil
}

// plainNode is node of what was not written before.
func (s *shape) plainNode(n expr.Node) error {
	switch n := n.(type) {
	case *expr.ColumnRef:
		if n == nil {
			return errNoShape
		}
		s.tag(tagColumn)
		s.column(n)
		return nil
	case *expr.ParamNode:
		if n.Decimal && n.Like == nil {
			return s.decimalParam(n)
		}
		return s.param(n.Value, n.Like)
	case *expr.FilterParamNode:
		return s.filterParam(n)
	case *expr.ConstNode:
		s.tag(tagConst, flag(n.Value, 1)|flag(n.Every, 2))
		return nil
	case *expr.CompareNode:
		if v, ok := n.Right.(*expr.ParamNode); ok && v != nil && n.Left == expr.Node(v.Like) && len(s.again.nodes) == 0 {
			return s.compared(n.Op, v)
		}
		s.tag(tagCompare, byte(n.Op))
		return s.two(comparable(n.Left, n.Right))
	case *expr.BetweenNode:
		s.tag(tagBetween)
		if err := s.node(n.X); err != nil {
			return err
		}
		_, low := comparable(n.X, n.Low)
		_, high := comparable(n.X, n.High)
		return s.two(low, high)
	case *expr.InNode:
		return s.in(n)
	case *expr.RowInNode:
		return s.rowIn(n)
	case *expr.LikeNode:
		s.tag(tagLike, flag(n.Escape, 1)|flag(n.Fold, 2)|flag(n.Not, 4))
		return s.like(n)
	case *expr.NullNode:
		s.tag(tagNull, flag(n.Not, 1))
		return s.node(n.X)
	case *expr.LogicNode:
		if !n.Or && len(n.Args) > mostInARow {
			return errNoShape // parts that were written before would stand in one row
		}
		s.tag(tagLogic, flag(n.Or, 1))
		return s.nodes(n.Args)
	case *expr.NotNode:
		s.tag(tagNot)
		return s.node(n.X)
	case *expr.ArithNode:
		s.tag(tagArith, byte(n.Op))
		return s.two(n.Left, n.Right)
	case *expr.NegNode:
		s.tag(tagNeg)
		return s.node(n.X)
	case *expr.DecimalNode:
		return s.decimal(n)
	case *expr.CallNode:
		if s.writtenTwice(n) {
			return errNoShape
		}
		s.tag(tagCall)
		s.text(n.Name)
		return s.nodes(n.Args)
	case *expr.AggNode:
		s.aggregates = true
		return s.aggregate(n)
	case *expr.CollateNode, *expr.RowNode, *expr.TupleInNode, *expr.JSONNode, *expr.FuncNode, *expr.WindowNode, *expr.GroupingNode:
		return s.value(n)
	case *expr.CaseNode:
		if s.writtenTwice(n) {
			return errNoShape
		}
		s.tag(tagCase)
		s.number(uint64(len(n.When)))
		for _, w := range n.When {
			if err := s.two(w.Cond, w.Then); err != nil {
				return err
			}
		}
		return s.optional(n.Else)
	case *expr.CastNode:
		return s.cast(n)
	case *expr.RawNode:
		return s.raw(n)
	case *expr.SubqueryNode:
		s.within = true
		return s.subquery(n)
	case *expr.JoinedNode:
		s.within = true
		return s.joined(n)
	case *expr.RelatedNode:
		s.within = true
		return s.again.aside(func() error { return s.related(n) })
	}
	return errNoShape
}

func (s *shape) param(v any, like *expr.ColumnRef) error {
	e, err := s.encode(v, like)
	if err != nil {
		return err
	}
	// The type that a parameter is cast to is its column's, or else its own.
	if columnDef(like) != nil {
		s.tag(tagParamLike)
		s.column(like)
	} else {
		s.tag(tagParam, byte(plainKind(v, e)))
	}
	s.args = append(s.args, e)
	return nil
}

// compared adds the comparison of a column with a value of its own, as two nodes would
// be added.
func (s *shape) compared(op expr.CompareOp, v *expr.ParamNode) error {
	ref := v.Like
	def := columnDef(ref)
	if def == nil || def.Type.Kind == schema.DecimalKind || ref.Source == nil || local(ref.Source) {
		s.tag(tagCompare, byte(op))
		return s.two(comparable(ref, v))
	}
	e, err := field.Encode(s.d.Wire, def, v.Value)
	if err != nil {
		return err
	}
	key := append(s.key, tagCompare, byte(op), tagColumn)
	key = binary.AppendUvarint(key, ref.ID)
	key = append(key, tagParamLike)
	s.key = binary.AppendUvarint(key, ref.ID)
	s.args = append(s.args, e)
	return nil
}

func (s *shape) in(n *expr.InNode) error {
	if n.Len() == 0 {
		// The operand's arguments do not reach the statement.
		args := len(s.args)
		s.tag(tagInEmpty, flag(n.Not, 1))
		err := s.again.aside(func() error { return s.node(n.X) })
		s.args = s.args[:args]
		return err
	}
	s.tag(tagIn, flag(n.Not, 1))
	if err := s.node(n.X); err != nil {
		return err
	}
	if def := columnDef(n.Like); whole(n, def) {
		form, count, arg := s.d.PlanInts(n.Ints, def)
		s.planned = append(s.planned, plannedList{n, form, count, arg})
		s.tag(form)
		s.number(uint64(count))
		s.column(n.Like)
		s.args = plannedInts(s.args, n, count, arg)
		return nil
	}
	l, err := s.list(n)
	if err != nil {
		return err
	}
	s.tag(l.Form)
	s.number(uint64(l.Count))
	s.column(n.Like)
	s.args = append(s.args, l.Args...)
	return nil
}

func (s *shape) rowIn(n *expr.RowInNode) error {
	var l List // none has the form 0
	if !n.Empty() {
		var err error
		if l, err = s.rowList(n); err != nil {
			return err
		}
	}
	s.tag(tagRowIn, l.Form)
	s.number(uint64(l.Count))
	s.number(uint64(len(n.Columns)))
	for _, c := range n.Columns {
		s.column(c)
	}
	s.args = append(s.args, l.Args...)
	return nil
}

func (s *shape) like(n *expr.LikeNode) error {
	if err := s.node(n.X); err != nil {
		return err
	}
	p, ok := n.Pattern.(*expr.ParamNode)
	if !ok {
		return s.node(n.Pattern)
	}
	v, err := s.encodeParam(p)
	if err != nil {
		return err
	}
	s.tag(tagParam)
	if pattern, ok := v.(string); ok {
		v = s.d.LikePattern(pattern, n.Escape, n.Fold)
	}
	s.args = append(s.args, v)
	return nil
}

func (s *shape) cast(n *expr.CastNode) error {
	if n.To == nil {
		return errNoShape
	}
	t, ok := typeOfGo(reflect.TypeOf(n.To))
	if !ok {
		return errNoShape
	}
	s.tag(tagCast, byte(t.Kind))
	return s.node(n.X)
}

func (s *shape) raw(n *expr.RawNode) error {
	s.tag(tagRaw)
	s.text(n.SQL)
	s.number(uint64(len(n.Args)))
	for _, a := range n.Args {
		e, err := s.rawArg(a)
		if err != nil {
			return err
		}
		s.args = append(s.args, e)
	}
	return nil
}

// related takes the relation's ID for its tables and columns.
func (s *shape) related(n *expr.RelatedNode) error {
	if n == nil || n.Join == nil {
		return errNoShape
	}
	r, err := n.Join.RelatedOn()
	if err != nil {
		return errNoShape
	}
	s.tag(tagRelated, byte(n.Kind), flag(n.Not, 1))
	s.number(r.ID)
	s.source(n.From)
	if n.Kind == expr.RelatedValue {
		if err := s.node(n.Value); err != nil {
			return err
		}
	}
	if err := s.optional(n.Where); err != nil {
		return err
	}
	if err := s.filter(r.Target, false); err != nil {
		return err
	}
	return s.filter(r.Through, false)
}
