package repo

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// keyset makes the order of a selection's pages.
func (p *selectedPage) keyset() (*keyset, error) {
	s := p.s
	o := &keyset{d: p.db.Dialect(), columns: slices.Clip(s.Columns), order: slices.Clip(s.OrderBy)}
	end := termsOf(s.OrderBy)
	if !p.unique {
		var err error
		if end, err = uniqueEnd(o.d, s); err != nil {
			return nil, err
		}
	}
	for i, n := range end {
		if c := originOf(n); c != nil && keptAsText(o.d, c) { // told apart, in whatever order
			end = slices.Clone(end)
			end[i] = &expr.CastNode{X: n, To: ""}
		}
	}
	o.order = endedBy(o.order, end)
	for _, n := range end {
		if c := originOf(n); c != nil && !exact(o.d, c) { // see query.keyset
			o.order = append(o.order, expr.OrderTerm{X: &expr.CastNode{X: n, To: ""}})
		}
	}
	o.identifySources(s)
	never := neverNull(s)
	for i, term := range o.order {
		if moving(term.X) {
			return nil, fmt.Errorf("order term %d: %w", i+1, errMoving)
		}
		if constant(term.X) { // which no row comes after
			continue
		}
		by := orderedBy{x: term.X, desc: term.Desc, nullsFirst: nullsFirst(o.d, term), nullable: !never(term.X)}
		by.def, by.like = readBy(term.X)
		o.take = append(o.take, o.result(term.X))
		o.terms = append(o.terms, by)
		if err := o.identifySelected(&by, s); err != nil {
			return nil, fmt.Errorf("order term %d: %w", i+1, err)
		}
	}
	return o, nil
}

func termsOf(order []expr.OrderTerm) []expr.Node {
	ns := make([]expr.Node, len(order))
	for i, t := range order {
		ns[i] = t.X
	}
	return ns
}

// nullsFirst reports whether NULLs come before all values.
func nullsFirst(d dialect.Dialect, t expr.OrderTerm) bool {
	if t.Nulls == expr.NullsDefault {
		return t.Desc == d.Capabilities().NullsLast
	}
	return t.Nulls == expr.NullsFirst
}

// result is the place of an expression among what the statement reads, to which it
// is added where nothing else reads it.
func (o *keyset) result(n expr.Node) int {
	if i := slices.IndexFunc(o.columns, func(c expr.Node) bool { return sameResult(c, n) }); i >= 0 {
		return i
	}
	o.columns = append(o.columns, n)
	return len(o.columns) - 1
}

// neverNull says which expressions of a SELECT are known to be no NULL: columns of
// tables that are so, and that no outer join brings in.
func neverNull(s *expr.SelectStmt) func(expr.Node) bool {
	outer, left := outerJoined(s), leftOut(s.GroupBy)
	return func(n expr.Node) bool {
		ref, ok := n.(*expr.ColumnRef)
		if !ok || ref.Source.Query != nil || slices.Contains(outer, ref.Source) || among(n, left) {
			return false
		}
		def := dialect.ColumnOf(ref)
		return def != nil && !def.Nullable
	}
}

// uniqueEnd are expressions whose values no two rows of a SELECT share. Of a source
// that the order tells apart itself there are none among them.
func uniqueEnd(d dialect.Dialect, s *expr.SelectStmt) ([]expr.Node, error) {
	unread := func(n expr.Node) bool { return !reads(s, n) }
	if len(s.DistinctOn) > 0 && !slices.ContainsFunc(s.DistinctOn, unread) {
		return s.DistinctOn, nil
	}
	end, err := rowKey(d, s)
	if s.Distinct && len(s.DistinctOn) == 0 && (err != nil || slices.ContainsFunc(end, unread)) {
		return slices.DeleteFunc(slices.Clone(s.Columns), constant), nil
	}
	return end, err
}

// constant reports whether an expression is a value of the program's, which tells no
// rows apart.
func constant(n expr.Node) bool {
	switch n := n.(type) {
	case *expr.ParamNode, *expr.ConstNode:
		return true
	case *expr.CastNode:
		return constant(n.X)
	}
	return false
}

// reads reports whether an expression is among the results.
func reads(s *expr.SelectStmt, n expr.Node) bool {
	return slices.ContainsFunc(s.Columns, func(c expr.Node) bool { return sameResult(c, n) })
}

// groups reports whether a SELECT has a row for each group, or for all rows.
func groups(s *expr.SelectStmt) bool {
	return len(s.GroupBy) > 0 || s.Having != nil || slices.ContainsFunc(s.Columns, aggregates) ||
		slices.ContainsFunc(s.OrderBy, func(t expr.OrderTerm) bool { return aggregates(t.X) })
}

// rowKey is uniqueEnd, whatever DISTINCT leaves out.
func rowKey(d dialect.Dialect, s *expr.SelectStmt) (end []expr.Node, err error) {
	switch {
	case len(s.GroupBy) > 0:
		all, single := terms(s.GroupBy)
		if len(all) != len(single) {
			return nil, errRolledUp
		}
		for _, g := range single {
			if !constant(g) && !fixedByKey(g, single) {
				end = append(end, g)
			}
		}
		return end, nil
	case groups(s), s.From == nil: // one row
		return nil, nil
	}
	for i := -1; i < len(s.Joins); i++ {
		src := s.From
		if i >= 0 {
			if src = s.Joins[i].Source; oneMatch(s.Joins[i]) {
				continue
			}
		}
		if orderTells(d, s, src) {
			continue
		}
		key := sourceKey(d, src)
		if key == nil {
			return nil, fmt.Errorf("nothing is known to tell the rows of %s apart, which pages need: say by UniqueBy of which expressions no two rows have the same values", src.Label())
		}
		end = append(end, key...)
	}
	return end, nil
}

var errRolledUp = errors.New("groups of ROLLUP, CUBE and GROUPING SETS are not told apart by their terms, which pages need: say by UniqueBy what does, among it expr.Grouping of the terms")

// fixedByKey reports whether a term of GROUP BY is a column of a table whose key is
// among the others.
func fixedByKey(n expr.Node, groups []expr.Node) bool {
	ref, ok := n.(*expr.ColumnRef)
	if !ok {
		return false
	}
	def := dialect.ColumnOf(ref)
	if def == nil || slices.ContainsFunc(keyOfTable(ref.Source), func(k expr.Node) bool { return sameResult(k, n) }) {
		return false
	}
	others := slices.DeleteFunc(slices.Clone(groups), func(g expr.Node) bool { return sameResult(g, n) })
	return fixed(n, others)
}

// oneMatch reports whether a row has one match at most in the table that is joined:
// by the table's key.
func oneMatch(j expr.JoinClause) bool {
	if j.Kind != expr.InnerJoin && j.Kind != expr.LeftJoin || j.On == nil {
		return false
	}
	conds := []expr.Node{j.On}
	if all, ok := j.On.(*expr.LogicNode); ok && !all.Or {
		conds = all.Args
	}
	equal := func(k expr.Node) bool {
		return slices.ContainsFunc(conds, func(n expr.Node) bool {
			c, ok := n.(*expr.CompareNode)
			if !ok || c.Op != expr.OpEq {
				return false
			}
			for _, side := range [2][2]expr.Node{{c.Left, c.Right}, {c.Right, c.Left}} {
				other, is := side[1].(*expr.ColumnRef)
				if sameResult(side[0], k) && is && other.Source != j.Source {
					return true
				}
			}
			return false
		})
	}
	key := keyOfTable(j.Source)
	return len(key) > 0 && !slices.ContainsFunc(key, func(k expr.Node) bool { return !equal(k) })
}

// orderTells reports whether the order tells the rows of a table apart.
func orderTells(d dialect.Dialect, s *expr.SelectStmt, src *expr.Source) bool {
	t, ok := src.Def.(*schema.TableDef)
	if !ok || src.Query != nil {
		return false
	}
	var cols []*schema.ColumnDef
	for _, o := range s.OrderBy {
		if ref, ok := o.X.(*expr.ColumnRef); ok && ref.Source == src {
			cols = append(cols, dialect.ColumnOf(ref))
		}
	}
	return tellsApart(d, t, cols)
}

// keyOfTable is the key of a table's occurrence, nil of a query.
func keyOfTable(src *expr.Source) (key []expr.Node) {
	def, ok := src.Def.(*schema.TableDef)
	if !ok || src.Query != nil {
		return nil
	}
	for _, c := range def.PrimaryKey {
		key = append(key, columnOf(src, def, c))
	}
	return key
}

// columnOf is a column of an occurrence.
func columnOf(src *expr.Source, def *schema.TableDef, c *schema.ColumnDef) *expr.ColumnRef {
	if src == def.Source && c.Ref != nil {
		return c.Ref
	}
	return expr.NewColumnRef(src, c.Name, c)
}

// sourceKey are columns of a source whose values no two of its rows share, nil where
// none are known.
func sourceKey(d dialect.Dialect, src *expr.Source) (key []expr.Node) {
	def, ok := src.Def.(*schema.TableDef)
	if !ok || src.Query == nil {
		return keyOfTable(src)
	}
	switch s := src.Query.Stmt.(type) {
	case *expr.CompoundStmt:
		if s.All {
			return nil
		}
		for _, c := range def.Columns {
			key = append(key, columnOf(src, def, c))
		}
	case *expr.SelectStmt:
		plain := *s
		plain.OrderBy = nil // it does not matter outside
		end, err := uniqueEnd(d, &plain)
		if err != nil {
			return nil
		}
		for _, n := range end {
			i := slices.IndexFunc(s.Columns, func(c expr.Node) bool { return sameResult(c, n) })
			if i < 0 || i >= len(def.Columns) {
				return nil
			}
			key = append(key, columnOf(src, def, def.Columns[i]))
		}
		if key == nil { // of one row
			key = []expr.Node{}
		}
	}
	return key
}

// identifySources begins what cursors are for: the tables and queries that are read.
func (o *keyset) identifySources(s *expr.SelectStmt) {
	b := framed([]byte{cursorVersion}, o.d.Name())
	b = framed(b, "") // as no table is called
	var sources []*expr.Source
	if s.From != nil {
		sources = append(sources, s.From)
	}
	for _, j := range s.Joins {
		sources = append(sources, j.Source)
	}
	b = binary.AppendUvarint(b, uint64(len(sources)))
	for _, src := range sources {
		b = framed(framed(framed(b, src.Schema), src.Name), src.Alias)
		if src.Query == nil {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, uint64(len(src.Query.Names))+1)
		for _, name := range src.Query.Names {
			b = framed(b, name)
		}
	}
	o.identity = b
}

// identifySelected adds a term to what cursors are for: as its text alone, since the
// values in the conditions of queries that are read may be others for each page.
func (o *keyset) identifySelected(by *orderedBy, s *expr.SelectStmt) error {
	text, err := dialect.Inline(o.d, by.x)
	if err != nil {
		alone := *s
		alone.Having, alone.Distinct = nil, false
		return o.identify(by, &alone)
	}
	b := append(o.identity, 0)
	if by.desc {
		b[len(b)-1] |= 1
	}
	if by.nullsFirst {
		b[len(b)-1] |= 2
	}
	b = framed(append(b, 'i'), text)
	refs := expr.Columns(by.x)
	b = binary.AppendUvarint(b, uint64(len(refs)))
	for _, ref := range refs {
		b = framed(b, ref.Source.Label())
	}
	o.identity = b
	return nil
}
