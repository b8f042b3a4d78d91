package repo

import (
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
)

// JoinAlong adds the rows that a relation leads to, as Join does by the columns that
// join them; of ManyToMany the association's rows come in between. Rows without
// related ones are left out.
//
//	repo.Select(…).From(Posts).JoinAlong(Posts.Author.To(Users))
func (q Selection[S]) JoinAlong(s rel.Step) Selection[S] {
	return q.along(expr.InnerJoin, "JoinAlong", s)
}

// LeftJoinAlong is JoinAlong that keeps rows without related ones, see LeftJoin. A
// relation of ManyToMany to a table with filters is an error: rows that these leave
// out would count as rows without a match.
func (q Selection[S]) LeftJoinAlong(s rel.Step) Selection[S] {
	return q.along(expr.LeftJoin, "LeftJoinAlong", s)
}

func (q Selection[S]) along(kind expr.JoinKind, what string, s rel.Step) Selection[S] {
	if q.whole != nil {
		return q.combined(what)
	}
	joins, err := s.Joins(kind)
	if err != nil {
		return q.failed("%s: %w", what, err)
	}
	q.joins = append(slices.Clip(q.joins), joins...)
	return q
}
