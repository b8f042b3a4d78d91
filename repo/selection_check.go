package repo

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// checkSelection finds what Go's types cannot, but for what checkSources finds: NULL
// of an outer join in a field that holds none, columns beside aggregates that no group
// fixes, and joins that pair every row with every other.
func checkSelection(s *expr.SelectStmt, into []*schema.ColumnDef) error {
	for i, j := range s.Joins {
		if j.Source == s.From || slices.ContainsFunc(s.Joins[:i], func(b expr.JoinClause) bool { return b.Source == j.Source }) {
			return fmt.Errorf("%s stands in FROM twice: give one an alias with schema.As", j.Source.Label())
		}
	}
	if err := checkJoins(s, false); err != nil {
		return err
	}
	if err := checkDistinct(s); err != nil {
		return err
	}
	outer := outerJoined(s)
	for i, n := range s.Columns[:len(into)] { // after them come entities
		if into[i].Null != schema.NotNull {
			continue
		}
		if ref := nullByJoin(n, outer); ref != nil {
			return fmt.Errorf("field %s holds no NULL, but %s is NULL where the outer join finds no row of %s%s: %s",
				into[i].Field, show(ref), ref.Source.Label(), guarded(n, ref), nullable)
		}
	}
	if err := checkRolledUp(s, into); err != nil {
		return err
	}
	return checkGroups(s, false)
}

// nullable says how what may be NULL is read.
const nullable = "read it with expr.Optional into a pointer, or by ToNull into a sql.Null, or give it a value by expr.Coalesce"

// guarded says of a column that a CASE yields that its condition changes nothing: what
// it rules out is not looked into.
func guarded(n expr.Node, ref *expr.ColumnRef) (say string) {
	expr.Walk(n, func(n expr.Node) bool {
		if c, ok := n.(*expr.CaseNode); ok {
			for _, w := range append(slices.Clone(c.When), expr.WhenNode{Then: c.Else}) {
				expr.Walk(w.Then, func(n expr.Node) bool {
					if n == expr.Node(ref) {
						say = ", whatever the conditions of the CASE rule out"
					}
					return true
				})
			}
		}
		return say == ""
	})
	return say
}

func show(ref *expr.ColumnRef) string {
	if ref.Source == nil {
		return ref.Name
	}
	return ref.Source.Label() + "." + ref.Name
}

// checkDistinct wants what DISTINCT rows are ordered by among what they consist of:
// rows that are equal have one value of it then.
func checkDistinct(s *expr.SelectStmt) error {
	if !s.Distinct {
		return nil
	}
	if len(s.DistinctOn) > 0 {
		return checkDistinctOn(s)
	}
	for i, o := range s.OrderBy {
		if _, wrong := o.X.(*expr.ErrorNode); !wrong && !slices.ContainsFunc(s.Columns, func(c expr.Node) bool { return sameResult(c, o.X) }) {
			return fmt.Errorf("term %d of OrderBy is none of the results of a query with Distinct, whose rows may have several values of it: read it, too, or group by the results", i+1)
		}
	}
	return nil
}

// sameResult reports whether two expressions are one, whatever reads them.
func sameResult(a, b expr.Node) bool {
	for _, n := range []*expr.Node{&a, &b} {
		if c, ok := (*n).(*expr.CallNode); ok && c.Name == expr.FuncOptional && len(c.Args) == 1 {
			*n = c.Args[0]
		}
	}
	x, ok := a.(*expr.ColumnRef)
	y, too := b.(*expr.ColumnRef)
	if ok && too {
		return x.Source == y.Source && x.Name == y.Name
	}
	return reflect.DeepEqual(a, b)
}

// checkSources wants the table of each column in FROM, here or in a statement
// around, or in a condition across a relation that brings its own.
func checkSources(s *expr.SelectStmt, around []*expr.Source) error {
	return sourceCheck{}.statement(s, around)
}

// sourceCheck are the queries that were looked into.
type sourceCheck map[*expr.Query]bool

func (seen sourceCheck) statement(s *expr.SelectStmt, around []*expr.Source) error {
	in := slices.Clone(around)
	if s.From != nil {
		if err := seen.source(s.From, around); err != nil {
			return err
		}
		in = append(in, s.From)
	}
	for _, j := range s.Joins {
		names := around
		if j.Lateral {
			names = in
		}
		if err := seen.source(j.Source, names); err != nil {
			if missing := (*notInFrom)(nil); errors.As(err, &missing) && !j.Lateral && slices.Contains(in, missing.ref.Source) {
				return fmt.Errorf("%s: %s is read, but a subquery cannot name the tables that it is joined to: JoinLateral lets it", j.Source.Label(), show(missing.ref))
			}
			return err
		}
		in = append(in, j.Source)
	}
	var wrong error
	check := func(n expr.Node, in []*expr.Source) {
		expr.Walk(n, func(n expr.Node) bool {
			switch n := n.(type) {
			case *expr.RelatedNode:
				return false // its own tables are known to the compiler alone
			case *expr.SubqueryNode:
				if err := seen.statement(n.Stmt, in); err != nil && wrong == nil {
					wrong = err
				}
			case *expr.ColumnRef:
				if n.Source != nil && !slices.Contains(in, n.Source) && wrong == nil {
					wrong = &notInFrom{n}
				}
			}
			return wrong == nil
		})
	}
	for _, list := range [][]expr.Node{s.DistinctOn, s.Columns, s.GroupBy, {s.Where, s.Having}} {
		for _, n := range list {
			check(n, in)
		}
	}
	for i, j := range s.Joins { // a condition names the tables up to its own
		check(j.On, in[:len(in)-len(s.Joins)+i+1])
		if missing := (*notInFrom)(nil); errors.As(wrong, &missing) && slices.Contains(in, missing.ref.Source) {
			return fmt.Errorf("the condition of the join of %s reads %s, whose table is joined after it: join that first", j.Source.Label(), show(missing.ref))
		}
	}
	for _, o := range s.OrderBy {
		check(o.X, in)
	}
	return wrong
}

// notInFrom says that a column is read of a table that no FROM has.
type notInFrom struct{ ref *expr.ColumnRef }

func (e *notInFrom) Error() string {
	return fmt.Sprintf("%s is read, but %s is not in FROM: join it", show(e.ref), e.ref.Source.Label())
}

// source checks the query that stands behind a source, if there is one.
func (seen sourceCheck) source(src *expr.Source, around []*expr.Source) error {
	q := src.Query
	if q == nil || seen[q] {
		return nil
	}
	seen[q] = true
	if q.Err != nil {
		return q.Err
	}
	if q.Common { // stands apart
		around = nil
	}
	members := []*expr.SelectStmt{}
	switch s := q.Stmt.(type) {
	case *expr.SelectStmt:
		members = append(members, s)
	case *expr.CompoundStmt:
		members = s.Members
	}
	for _, m := range members {
		if err := seen.statement(m, around); err != nil {
			return fmt.Errorf("%s: %w", src.Label(), err)
		}
	}
	return nil
}

// outerJoined are the tables whose columns are NULL in rows without a match.
func outerJoined(s *expr.SelectStmt) []*expr.Source {
	var out []*expr.Source
	before := []*expr.Source{s.From}
	for _, j := range s.Joins {
		switch j.Kind {
		case expr.LeftJoin:
			out = append(out, j.Source)
		case expr.RightJoin:
			out = append(out, before...)
		case expr.FullJoin:
			out = append(append(out, before...), j.Source)
		}
		before = append(before, j.Source)
	}
	return out
}

// nullByJoin finds a column that makes an expression NULL where an outer join
// finds no row.
func nullByJoin(n expr.Node, outer []*expr.Source) *expr.ColumnRef {
	switch n := n.(type) {
	case *expr.ColumnRef:
		if slices.Contains(outer, n.Source) {
			return n
		}
		return nil
	case *expr.CallNode:
		if n.Name == expr.FuncCoalesce && len(n.Args) > 0 {
			return nullByJoin(n.Args[len(n.Args)-1], outer)
		}
	case *expr.AggNode:
		if n.Name == "count" || n.Name == expr.AggGrouping {
			return nil
		}
	case *expr.WindowNode:
		if n.Func == nil || n.Func.Arg == nil || n.Func.Name == "count" {
			return nil // it numbers rows
		}
		return nullByJoin(n.Func.Arg, outer)
	case *expr.NullNode:
		return nil // IS NULL is true or false
	case *expr.RelatedNode:
		if n.Kind == expr.RelatedCount {
			return nil // of none it is 0, and what it names are the related rows' columns
		}
	case *expr.CaseNode:
		for _, w := range n.When {
			if ref := nullByJoin(w.Then, outer); ref != nil {
				return ref
			}
		}
		if n.Else == nil {
			return nil
		}
		return nullByJoin(n.Else, outer)
	}
	var found *expr.ColumnRef
	expr.Walk(n, func(m expr.Node) bool {
		if m == n || found != nil {
			return found == nil
		}
		found = nullByJoin(m, outer)
		return false
	})
	return found
}

// checkGroups wants each column beside aggregates, or in a grouped statement, to
// be one that the group fixes: grouped by, or of a table whose key is. So it is for
// those that relations and subqueries read of the statement; sealed is as for reach.
func checkGroups(s *expr.SelectStmt, sealed bool) error {
	own := sourcesOf(s)
	grouped := len(s.GroupBy) > 0 || s.Having != nil
	for _, n := range s.Columns {
		grouped = grouped || groupsBy(n, own) || aggregatedWithin(n, own)
	}
	for _, o := range s.OrderBy {
		grouped = grouped || groupsBy(o.X, own) || aggregatedWithin(o.X, own)
	}
	if !grouped {
		return nil
	}
	var err error
	bare := func(c *expr.ColumnRef) bool {
		return c != nil && c.Name != "" && slices.Contains(own, c.Source) && !fixed(c, s.GroupBy)
	}
	within := func(r *reach) {
		for _, x := range r.reads {
			for _, c := range x.of {
				if err == nil && !x.aggregate && bare(c) {
					err = fmt.Errorf("a relation or subquery beside aggregates reads %s, but the group does not say which row's: add it to GroupBy", show(c))
				}
			}
		}
	}
	check := func(n expr.Node) {
		expr.Walk(n, func(n expr.Node) bool {
			if err != nil || fixed(n, s.GroupBy) {
				return false
			}
			switch n := n.(type) {
			case *expr.AggNode:
				return false
			case *expr.RelatedNode:
				within(reachOf(n, sealed))
				return false
			case *expr.SubqueryNode:
				r := &reach{sealed: sealed}
				r.statement(n.Stmt)
				within(r)
			case *expr.ColumnRef:
				if bare(n) {
					err = fmt.Errorf("%s stands beside aggregates, but the group does not say which row's: add it to GroupBy, or aggregate it", show(n))
				}
			}
			return true
		})
	}
	for _, n := range append(slices.Clip(s.DistinctOn), s.Columns...) {
		check(n)
	}
	check(s.Having)
	for _, o := range s.OrderBy {
		check(o.X)
	}
	return err
}

// aggregatedWithin reports whether an aggregate in a subquery is one of the rows of
// the statement around, whose columns alone it names.
func aggregatedWithin(n expr.Node, own []*expr.Source) (found bool) {
	expr.Walk(n, func(n expr.Node) bool {
		if q, ok := n.(*expr.SubqueryNode); ok {
			r := &reach{}
			r.statement(q.Stmt)
			for _, x := range r.reads {
				found = found || x.aggregate && slices.ContainsFunc(x.of, func(c *expr.ColumnRef) bool { return slices.Contains(own, c.Source) })
			}
		}
		return !found
	})
	return found
}

// groupsBy reports whether an expression has an aggregate of the rows of a statement,
// rather than of one around it, whose columns alone it names.
func groupsBy(n expr.Node, own []*expr.Source) (is bool) {
	expr.Walk(n, func(n expr.Node) bool {
		if f, ok := n.(*expr.AggNode); ok && f != nil {
			r := &reach{}
			r.aggregate(f)
			of := r.reads[len(r.reads)-1].of
			is = is || r.opaque || len(of) == 0 || slices.ContainsFunc(of, func(c *expr.ColumnRef) bool { return slices.Contains(own, c.Source) })
		}
		return !is
	})
	return is
}

func aggregates(n expr.Node) bool {
	found := false
	expr.Walk(n, func(n expr.Node) bool {
		_, is := n.(*expr.AggNode)
		found = found || is
		return !found
	})
	return found
}

// fixed reports whether an expression has one value in each group.
func fixed(n expr.Node, groups []expr.Node) bool {
	all, groups := terms(groups)
	ref, ok := n.(*expr.ColumnRef)
	for _, g := range all {
		if by, column := g.(*expr.ColumnRef); ok && column && by.Source == ref.Source && by.Name == ref.Name || reflect.DeepEqual(n, g) {
			return true
		}
	}
	if !ok {
		return false
	}
	def := dialect.ColumnOf(ref)
	if def == nil || def.Table == nil || len(def.Table.PrimaryKey) == 0 {
		return false
	}
	for _, k := range def.Table.PrimaryKey {
		if !slices.ContainsFunc(groups, func(g expr.Node) bool {
			by, ok := g.(*expr.ColumnRef)
			return ok && by.Source == ref.Source && by.Name == k.Name
		}) {
			return false
		}
	}
	return true
}
