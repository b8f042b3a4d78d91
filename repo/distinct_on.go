package repo

import (
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/expr"
)

// DistinctOn keeps, of rows that have the same values of all expressions, the first
// one in the order, which must begin with these expressions: the newest order of each
// customer, say. Without an order which row it is is not known. PostgreSQL has it;
// elsewhere it is a *dialect.UnsupportedError, and a window by expr.RowNumber serves.
// Of nothing it is an error.
//
//	repo.Select(…).From(Orders).DistinctOn(Orders.CustomerID).OrderBy(Orders.CustomerID.Asc(), Orders.CreatedAt.Desc())
func (q Selection[S]) DistinctOn(by ...expr.Any) Selection[S] {
	if q.whole != nil {
		return q.combined("DistinctOn")
	}
	if len(by) == 0 {
		return q.failed("DistinctOn of nothing: Distinct is of whole rows")
	}
	q.on = slices.Clip(q.on)
	for _, x := range by {
		n := expr.NodeOf(x)
		if n == nil {
			return q.failed("DistinctOn of a nil expression")
		}
		q.on = append(q.on, n)
	}
	return q
}

// checkDistinctOn wants the order to begin with the expressions, in any order of
// theirs, as the database does.
func checkDistinctOn(s *expr.SelectStmt) error {
	found := 0
	for i, o := range s.OrderBy {
		if found == len(s.DistinctOn) {
			return nil
		}
		if _, wrong := o.X.(*expr.ErrorNode); wrong {
			continue
		}
		if !slices.ContainsFunc(s.DistinctOn, func(n expr.Node) bool { return sameResult(n, o.X) }) {
			return fmt.Errorf("term %d of OrderBy is none of DistinctOn: the order begins with all of these, and what says which row is the first comes after", i+1)
		}
		found++
	}
	return nil
}
