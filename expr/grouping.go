package expr

// Rollup groups by all xs, then by all but the last, and so on to one group of all
// rows: subtotals and a total beside the groups. Columns left out of a row's group
// are NULL in it, so they are read by expr.Optional or expr.Coalesce. It stands in a
// GroupBy, on PostgreSQL.
//
//	GroupBy(expr.Rollup(Sales.Country, Sales.City))
func Rollup(xs ...Any) Any { return grouped{grouping(GroupingRollup, xs)} }

// Cube groups by each subset of xs; see Rollup.
func Cube(xs ...Any) Any { return grouped{grouping(GroupingCube, xs)} }

// GroupingSets groups by each of the sets by itself; the empty one is a group of all
// rows. See Rollup.
//
//	GroupBy(expr.GroupingSets([]expr.Any{Sales.Country}, []expr.Any{Sales.Day}, nil))
func GroupingSets(sets ...[]Any) Any {
	n := &GroupingNode{Kind: GroupingSet}
	for _, s := range sets {
		set := make([]Node, len(s))
		for i, x := range s {
			set[i] = nodeOf(x)
		}
		n.Sets = append(n.Sets, set)
	}
	return grouped{n}
}

// Grouping is 1 in the rows whose group leaves x out, 0 in the others: it tells a
// subtotal from a group whose value is NULL. x is as it stands in Rollup, Cube or
// GroupingSets.
func Grouping(x Any) Agg[int64, int64] {
	return Agg[int64, int64]{&AggNode{Name: AggGrouping, Arg: nodeOf(x)}}
}

type grouped struct{ n Node }

func (g grouped) node() Node { return g.n }

func grouping(kind GroupingKind, xs []Any) Node {
	n := &GroupingNode{Kind: kind}
	for _, x := range xs {
		n.Sets = append(n.Sets, []Node{nodeOf(x)})
	}
	return n
}
