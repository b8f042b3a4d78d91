package repo

import (
	"errors"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/expr"
)

var errMoving = errors.New("its value is another one for each statement, so that a page does not begin where the last one ended: compute the time in the program and give the same one to all pages, or order by columns")

// moving reports whether an expression has another value of the same row for each
// statement: it reads the clock or is random. What a condition says by the clock is
// not asked: as a rule it stays.
func moving(n expr.Node) bool {
	found := false
	expr.Walk(n, func(n expr.Node) bool {
		switch n := n.(type) {
		case *expr.CompareNode, *expr.BetweenNode, *expr.InNode:
			return false
		case *expr.CallNode:
			found = found || n.Name == expr.FuncNow
		case *expr.FuncNode:
			found = found || slices.Contains([]string{"random", "gen_random_uuid", "now", "clock_timestamp"}, strings.ToLower(n.Name))
		}
		return !found
	})
	return found
}
