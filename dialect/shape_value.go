package dialect

import "github.com/dormer-orm/dormer/expr"

// value is node for what compile_value.go and compile_window.go write.
func (s *shape) value(n expr.Node) error {
	switch n := n.(type) {
	case *expr.CollateNode:
		s.tag(tagCollate)
		s.text(n.Name)
		return s.node(n.X)
	case *expr.RowNode:
		s.tag(tagRow)
		return s.nodes(n.Items)
	case *expr.TupleInNode:
		return s.tupleIn(n)
	case *expr.JSONNode:
		return s.json(n)
	case *expr.FuncNode:
		s.tag(tagFunc)
		s.text(n.Name)
		return s.arguments(n.Args)
	case *expr.WindowNode:
		return s.window(n)
	case *expr.GroupingNode:
		s.tag(tagGrouping, byte(n.Kind))
		s.number(uint64(len(n.Sets)))
		for _, set := range n.Sets {
			if err := s.nodes(set); err != nil {
				return err
			}
		}
		return nil
	}
	return errNoShape
}

func (s *shape) tupleIn(n *expr.TupleInNode) error {
	s.tag(tagTupleIn, flag(n.Not, 1))
	s.number(uint64(len(n.Rows)))
	if len(n.Rows) == 0 {
		args := len(s.args)
		err := s.again.aside(func() error { return s.nodes(n.Items) })
		s.args = s.args[:args] // the operands' arguments do not reach the statement
		return err
	}
	if err := s.nodes(n.Items); err != nil {
		return err
	}
	for _, r := range n.Rows {
		if err := s.nodes(r); err != nil {
			return err
		}
	}
	return nil
}

func (s *shape) json(n *expr.JSONNode) error {
	if n.X == nil {
		return errNoShape
	}
	s.tag(tagJSON, byte(n.Kind))
	s.column(n.X)
	s.number(uint64(len(n.Path)))
	for _, p := range n.Path {
		switch p := p.(type) {
		case string:
			s.tag(0)
			s.text(p)
		case int:
			s.tag(1)
			s.number(uint64(p))
		default:
			return errNoShape
		}
	}
	return nil
}

// arguments are nodes, with the Go type that a plain value is cast to.
func (s *shape) arguments(ns []expr.Node) error {
	s.number(uint64(len(ns)))
	for _, n := range ns {
		if _, t := argumentType(n); t == nil {
			s.tag(0)
		} else if t.Kind == 0 || t.Elem != nil {
			return errNoShape // arrays are few
		} else {
			s.tag(byte(t.Kind))
		}
		if err := s.node(n); err != nil {
			return err
		}
	}
	return nil
}

func (s *shape) aggregate(n *expr.AggNode) error {
	if s.writtenTwice(n) {
		return errNoShape
	}
	s.tag(tagAgg, flag(n.Distinct, 1))
	s.text(n.Name)
	s.number(uint64(n.Scale))
	if err := s.optional(n.Arg); err != nil {
		return err
	}
	if err := s.arguments(n.Args); err != nil {
		return err
	}
	if err := s.order(n.Order); err != nil {
		return err
	}
	if err := s.order(n.Within); err != nil {
		return err
	}
	return s.optional(n.Filter)
}

func (s *shape) window(n *expr.WindowNode) error {
	if n.Func == nil {
		return errNoShape
	}
	if s.writtenTwice(n) {
		return errNoShape
	}
	s.tag(tagWindow)
	if err := s.aggregate(n.Func); err != nil {
		return err
	}
	if err := s.nodes(n.Partition); err != nil {
		return err
	}
	if err := s.order(n.Order); err != nil {
		return err
	}
	f := n.Frame
	if f == nil {
		s.tag(tagNone)
		return nil
	}
	s.tag(1, byte(f.Mode), byte(f.Exclude), byte(f.From.Place), byte(f.To.Place))
	s.number(uint64(f.From.Offset))
	s.number(uint64(f.To.Offset))
	return nil
}

func (s *shape) decimal(n *expr.DecimalNode) error {
	if s.writtenTwice(n) {
		return errNoShape
	}
	s.tag(tagDecimal, byte(n.Op))
	s.number(uint64(n.Scale))
	return s.nodes(n.Args)
}

// decimalParam is param of a decimal by itself, the digits of which the text goes by.
func (s *shape) decimalParam(n *expr.ParamNode) error {
	v, err := s.encodeParam(n)
	if err != nil {
		return err
	}
	d, _ := DecimalOf(n)
	s.tag(tagDecimalParam, flag(v == nil, 1))
	s.number(uint64(d.Digits))
	s.number(uint64(d.Scale))
	s.args = append(s.args, v)
	return nil
}

// writtenTwice reports whether a dialect writes a decimal of several rows more than
// once, with its arguments: only the compiler knows how often.
func (s *shape) writtenTwice(n expr.Node) bool {
	if !s.decimalsAreText || !hasParam(n) || !OverRows(n) {
		return false
	}
	_, ok := DecimalOf(n)
	return ok
}
