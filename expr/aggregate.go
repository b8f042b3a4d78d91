package expr

import "errors"

// Distinct is the aggregate over values that differ. Of CountAll, of what has an
// order of its own within the group and of a window it is an error when the
// statement is built.
func (x Agg[V, R]) Distinct() Agg[V, R] {
	return Agg[V, R]{aggregateWith(x.node(), func(n *AggNode) error {
		if n.Arg == nil {
			return errors.New("expr: CountAll().Distinct(): say what differs by expr.Count(x).Distinct()")
		}
		n.Distinct = true
		return nil
	})}
}

// Filter is the aggregate over the rows that fulfil cond; said twice, over those
// that fulfil both. A nil cond is an error when the statement is built.
func (x Agg[V, R]) Filter(cond Cond) Agg[V, R] {
	return Agg[V, R]{aggregateWith(x.node(), func(n *AggNode) error {
		c := nodeOf(cond)
		if n.Filter != nil {
			c = &LogicNode{Args: []Node{n.Filter, c}}
		}
		n.Filter = c
		return nil
	})}
}

// OrderBy is the order in which StringAgg and ArrayAgg take the values; later calls
// add terms. With Distinct PostgreSQL orders by the value alone.
func (x Agg[V, R]) OrderBy(terms ...Ordering) Agg[V, R] {
	return Agg[V, R]{aggregateWith(x.node(), func(n *AggNode) error {
		if len(n.Within) > 0 || n.Arg == nil {
			return errors.New("expr: OrderBy of an aggregate that has no order, or one of its own")
		}
		order, err := orderTerms(n.Order, terms)
		n.Order = order
		return err
	})}
}

// aggregateWith is a changed copy of an aggregate.
func aggregateWith(n Node, change func(*AggNode) error) Node {
	a, ok := n.(*AggNode)
	if !ok {
		return noAggregate(n)
	}
	c := *a
	if err := change(&c); err != nil {
		return &ErrorNode{err}
	}
	return &c
}

// noAggregate is the error of a change to what is an Agg by its type alone, as the
// value of a subquery is; an error it leaves as it is.
func noAggregate(n Node) Node {
	if _, failed := n.(*ErrorNode); failed {
		return n
	}
	return &ErrorNode{errors.New("expr: Distinct, Filter, OrderBy or Over of the value of a subquery: say it within the query")}
}

// orderTerms is a new slice of terms, since others may extend the same one.
func orderTerms(before []OrderTerm, terms []Ordering) ([]OrderTerm, error) {
	out := append(make([]OrderTerm, 0, len(before)+len(terms)), before...)
	for _, t := range terms {
		if t == nil {
			return nil, errors.New("expr: OrderBy of a nil term")
		}
		out = append(out, t.Term())
	}
	return out, nil
}

// StringAgg is the texts of a group put together, with sep between them: nil of no
// rows. NULLs are left out. OrderBy says in which order; without it any may be.
// SQLite has no Distinct of it.
//
//	expr.StringAgg(Tags.Name, ", ").OrderBy(Tags.Name.Asc())
func StringAgg[V String](x Valued[V], sep string) Agg[V, *V] {
	return Agg[V, *V]{&AggNode{Name: AggString, Arg: nodeOf(x), Args: []Node{&ParamNode{Value: sep}}}}
}

// ArrayAgg is the values of a group as a slice, nil of no rows; on PostgreSQL. A
// NULL among them is an error when it is read: leave them out by Filter.
func ArrayAgg[V any](x Valued[V]) Agg[[]V, *[]V] {
	return Agg[[]V, *[]V]{&AggNode{Name: AggArray, Arg: nodeOf(x)}}
}

// BoolAnd is whether a condition is true of all rows, leaving out those where it is
// NULL: nil of no rows.
func BoolAnd(cond Cond) Agg[bool, *bool] {
	return Agg[bool, *bool]{&AggNode{Name: AggBoolAnd, Arg: nodeOf(cond)}}
}

// BoolOr is whether a condition is true of one of the rows: nil of no rows.
func BoolOr(cond Cond) Agg[bool, *bool] {
	return Agg[bool, *bool]{&AggNode{Name: AggBoolOr, Arg: nodeOf(cond)}}
}

// StdDev is the standard deviation of a sample, nil of less than two values; on
// PostgreSQL.
func StdDev[V Number](x Valued[V]) Agg[float64, *float64] { return spread(AggStdDev, x) }

// StdDevPop is the standard deviation of a whole population; on PostgreSQL.
func StdDevPop[V Number](x Valued[V]) Agg[float64, *float64] { return spread(AggStdDevPop, x) }

// Variance is the variance of a sample, nil of less than two values; on PostgreSQL.
func Variance[V Number](x Valued[V]) Agg[float64, *float64] { return spread(AggVariance, x) }

// VariancePop is the variance of a whole population; on PostgreSQL.
func VariancePop[V Number](x Valued[V]) Agg[float64, *float64] { return spread(AggVariancePop, x) }

func spread(name string, x Any) Agg[float64, *float64] {
	return Agg[float64, *float64]{&AggNode{Name: name, Arg: nodeOf(x)}}
}

// PercentileCont is the value below which a fraction of the group lies, between two
// values where it falls there: 0.5 is the median. It is nil of no rows, and on
// PostgreSQL. A fraction outside 0 to 1 is an error when the statement is built.
func PercentileCont[V Number](fraction float64, x Valued[V]) Agg[float64, *float64] {
	return Agg[float64, *float64]{percentile(AggPercentileCont, fraction, x)}
}

// PercentileDisc is the first value of the group that has a fraction of the others
// at or below it; on PostgreSQL. See PercentileCont.
func PercentileDisc[V any](fraction float64, x Valued[V]) Agg[V, *V] {
	return Agg[V, *V]{percentile(AggPercentileDisc, fraction, x)}
}

func percentile(name string, fraction float64, x Any) Node {
	if !(fraction >= 0 && fraction <= 1) {
		return &ErrorNode{errors.New("expr: a percentile is of a fraction from 0 to 1")}
	}
	return &AggNode{Name: name, Arg: &ParamNode{Value: fraction}, Within: []OrderTerm{{X: nodeOf(x)}}}
}

// Mode is the value that the group has most often, one of them where several are; on
// PostgreSQL.
func Mode[V any](x Valued[V]) Agg[V, *V] {
	return Agg[V, *V]{&AggNode{Name: AggMode, Within: []OrderTerm{{X: nodeOf(x)}}}}
}

// The canonical names of aggregates beside count, min, max, sum and avg, as they
// stand in AggNode.Name; dialects spell them.
const (
	AggString         = "string_agg"
	AggArray          = "array_agg"
	AggBoolAnd        = "bool_and"
	AggBoolOr         = "bool_or"
	AggStdDev         = "stddev_samp"
	AggStdDevPop      = "stddev_pop"
	AggVariance       = "var_samp"
	AggVariancePop    = "var_pop"
	AggPercentileCont = "percentile_cont"
	AggPercentileDisc = "percentile_disc"
	AggMode           = "mode"
	AggGrouping       = "grouping"
	AggSumDecimal     = "sum_decimal"
	AggAvgDecimal     = "avg_decimal"
)
