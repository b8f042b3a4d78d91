package rel

import (
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Step leads from the rows of a table to related ones: what repo.Selection joins
// along. The zero Step leads nowhere and is an error where it is used. It is immutable
// and safe for concurrent use.
type Step struct {
	def      *schema.RelationDef
	from, to *expr.Source
}

// To leads to the rows of target, the handles of T's table or an alias of it. The
// rows it starts from are those of the handles by which the relation is named.
//
//	repo.Select(…).From(Users).JoinAlong(Users.Posts.To(Posts))
func (h ToMany[E, T]) To(target schema.Of[T]) Step {
	return Step{h.def, h.source, schema.SourceOf(target)}
}

// To leads to the row of target, the handles of T's table or an alias of it; see
// ToMany.To.
func (h ToOne[E, T]) To(target schema.Of[T]) Step {
	return Step{h.def, h.source, schema.SourceOf(target)}
}

// Joins are the joins of kind that the step consists of: one, or two where the relation
// is ManyToMany's. It does not seal the model. A step from or to a handle that is not
// bound is an error, and so is ManyToMany's before it was called.
func (s Step) Joins(kind expr.JoinKind) ([]expr.JoinClause, error) {
	switch {
	case s.def == nil || sideOf(s.def) == nil:
		return nil, errUnbound
	case s.to == nil:
		return nil, fmt.Errorf("rel: relation %s.%s leads to handles of no table", s.def.Table.QualifiedName(), s.def.Name)
	}
	side := sideOf(s.def)
	end := func(src *expr.Source) *expr.ColumnRef {
		return &expr.ColumnRef{Source: src, Name: "(by relation " + s.def.Name + ")"}
	}
	l := side.link
	if l == nil || l.Association == nil {
		return []expr.JoinClause{{Kind: kind, Source: s.to, On: &expr.JoinedNode{Join: side.join, From: end(s.from), To: end(s.to)}}}, nil
	}
	if kind != expr.InnerJoin {
		if def, ok := s.to.Def.(*schema.TableDef); ok && len(def.Filters) > 0 {
			return nil, fmt.Errorf("rel: relation %s.%s leads through a table to %s, which has filters: rows that these leave out would be rows without a match; join it by Join, or ask by Any and None",
				s.def.Table.QualifiedName(), s.def.Name, s.to.Label())
		}
	}
	a := l.Association
	through := expr.NewSource(a.Schema, a.Name, a.Name+"_"+s.to.Label(), a)
	return []expr.JoinClause{
		{Kind: kind, Source: through, On: &expr.JoinedNode{Join: side.join, From: end(s.from), To: end(through), Through: true}},
		{Kind: kind, Source: s.to, On: &expr.JoinedNode{Join: side.join, From: end(through), To: end(s.to), Far: true}},
	}, nil
}
