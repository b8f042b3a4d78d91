package expr

import "errors"

// WindowSpec is which rows a window function sees, and in which order. It is
// immutable and safe for concurrent use: its methods return another. What is wrong
// with it is an error when the statement is built.
type WindowSpec struct {
	partition []Node
	order     []OrderTerm
	frame     *Frame
	exclude   FrameExclusion
	err       error
}

// Window is the window of all rows of the query.
//
//	expr.Sum(Sales.Amount).Over(expr.Window().PartitionBy(Sales.Shop).OrderBy(Sales.Day.Asc()).
//		Rows(expr.Preceding(6), expr.CurrentRow()))
func Window() WindowSpec { return WindowSpec{} }

// PartitionBy makes a window of its own of all rows with the same values; later
// calls add values.
func (w WindowSpec) PartitionBy(xs ...Any) WindowSpec {
	w.partition = append(make([]Node, 0, len(w.partition)+len(xs)), w.partition...)
	for _, x := range xs {
		w.partition = append(w.partition, nodeOf(x))
	}
	return w
}

// OrderBy orders the rows of the window; later calls add terms. With an order, and
// no frame, an aggregate sees the rows up to the one at hand and its equals.
func (w WindowSpec) OrderBy(terms ...Ordering) WindowSpec {
	order, err := orderTerms(w.order, terms)
	w.order = order
	return w.failed(err)
}

// Rows makes the frame of the rows from one to the other, counted by rows.
func (w WindowSpec) Rows(from, to Bound) WindowSpec { return w.framed(FrameRows, from, to) }

// Range makes the frame of the rows whose value of the order lies between: by a
// number less or more than that of the row at hand. Numbers want one term of the
// order, of a number.
func (w WindowSpec) Range(from, to Bound) WindowSpec { return w.framed(FrameRange, from, to) }

// Groups is Rows that counts rows with equal values of the order as one.
func (w WindowSpec) Groups(from, to Bound) WindowSpec { return w.framed(FrameGroups, from, to) }

// ExcludeCurrentRow leaves the row at hand out of the frame.
func (w WindowSpec) ExcludeCurrentRow() WindowSpec { w.exclude = ExcludeRow; return w }

// ExcludeGroup leaves out the row at hand and all that order as it does.
func (w WindowSpec) ExcludeGroup() WindowSpec { w.exclude = ExcludePeers; return w }

// ExcludeTies leaves out what orders as the row at hand, but not that row.
func (w WindowSpec) ExcludeTies() WindowSpec { w.exclude = ExcludeTied; return w }

func (w WindowSpec) framed(mode FrameMode, from, to Bound) WindowSpec {
	if w.frame != nil {
		return w.failed(errors.New("expr: a window with two frames"))
	}
	w.frame = &Frame{Mode: mode, From: from, To: to}
	return w
}

func (w WindowSpec) failed(err error) WindowSpec {
	if w.err == nil {
		w.err = err
	}
	return w
}

// over is the tree of a function over the window.
func (w WindowSpec) over(f Node) Node {
	agg, ok := f.(*AggNode)
	switch {
	case !ok:
		return noAggregate(f)
	case w.err != nil:
		return &ErrorNode{w.err}
	case agg.Distinct || len(agg.Order) > 0 || len(agg.Within) > 0 || agg.Name == AggGrouping:
		return &ErrorNode{errors.New("expr: Over of an aggregate with Distinct, OrderBy or an order of its own: windows have no such")}
	}
	n := &WindowNode{Func: agg, Partition: w.partition, Order: w.order}
	switch {
	case w.frame != nil:
		frame := *w.frame
		frame.Exclude = w.exclude
		if err := checkFrame(&frame, w.order); err != nil {
			return &ErrorNode{err}
		}
		n.Frame = &frame
	case w.exclude != ExcludeNothing:
		return &ErrorNode{errors.New("expr: a window that excludes rows without a frame: say Rows, Range or Groups")}
	}
	return n
}

// Windowed is a function over a window, of SQL type V, yielded as R. It stands in
// the results and the order of a query; databases know none in WHERE, GROUP BY and
// HAVING, where it is an error when the statement is built. It is immutable and safe
// for concurrent use.
type Windowed[V, R any] struct{ n Node }

func (x Windowed[V, R]) node() Node {
	if x.n == nil {
		return &ErrorNode{errZeroValue}
	}
	return x.n
}
func (x Windowed[V, R]) valued(V) {}
func (x Windowed[V, R]) yields(R) {}

// Asc orders by the value, smallest first.
func (x Windowed[V, R]) Asc() AnyOrder { return AnyOrder{OrderTerm{X: x.node()}} }

// Desc orders by the value, largest first.
func (x Windowed[V, R]) Desc() AnyOrder { return AnyOrder{OrderTerm{X: x.node(), Desc: true}} }

// Over is the aggregate over the window of each row, which stays a row of its own.
func (x Agg[V, R]) Over(w WindowSpec) Windowed[V, R] { return Windowed[V, R]{w.over(x.node())} }
