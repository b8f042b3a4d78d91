package dialect

import (
	"fmt"

	"github.com/dormer-orm/dormer/expr"
)

// joined writes that the columns by which a relation joins two sources are equal.
func (c *Compiler) joined(n *expr.JoinedNode) error {
	pairs, r, err := joinedBy(n)
	if err != nil {
		return err
	}
	want := r.Target
	if n.Through {
		want = r.Through
	}
	if to := n.To.Source; to.Query != nil || to.Name != want.Name || to.Schema != want.Schema {
		return fmt.Errorf("%s is joined by a relation that leads to %s", to.Label(), want.Label())
	}
	var ends [2]occurrence
	for i, end := range []*expr.ColumnRef{n.From, n.To} {
		o, ok := c.find(end.Source)
		if !ok {
			return c.outOfScope(end)
		}
		ends[i] = o
	}
	for i, p := range pairs {
		c.Text(choose(i == 0, "", " AND "))
		if err := c.equal(ends[0], p[0], ends[1], p[1]); err != nil {
			return err
		}
	}
	return nil
}

// joinedBy are the pairs of columns that must be equal.
func joinedBy(n *expr.JoinedNode) ([][2]*expr.ColumnRef, expr.RelatedColumns, error) {
	if n.From == nil || n.To == nil || n.From.Source == nil || n.To.Source == nil {
		return nil, expr.RelatedColumns{}, errNilNode
	}
	r, err := relatedColumns(&expr.RelatedNode{From: n.From.Source, Join: n.Join})
	if err != nil {
		return nil, r, err
	}
	if (n.Far || n.Through) != (r.Through != nil) {
		return nil, r, fmt.Errorf("the relation that joins %s was not yet joined through a table when the query was built: build it later, or say rel.ManyToMany earlier", n.To.Source.Label())
	}
	if n.Far {
		return r.Far, r, nil
	}
	return r.On, r, nil
}

func (s *shape) joined(n *expr.JoinedNode) error {
	_, r, err := joinedBy(n)
	if err != nil {
		return errNoShape
	}
	s.tag(tagJoined, flag(n.Far, 1)|flag(n.Through, 2))
	s.number(r.ID)
	s.source(n.From.Source)
	s.source(n.To.Source)
	return nil
}
