package rel

import (
	"sync"
	"sync/atomic"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// side is what this package keeps in a RelationDef: its link, which two sides
// share, and how that looks from here. It is made when the handle is bound, so
// that conditions built before the relation is joined have something to point to.
type side struct {
	link *Link
	join *Join
	none *absence
}

// sideOf returns the relation's side, nil where no handle was ever bound to it.
func sideOf(r *schema.RelationDef) *side {
	s, _ := r.Spec.(*side)
	return s
}

// bind gives the relation its side. Only Define gets here first, and no two
// goroutines see a table before that is done.
func bind(r *schema.RelationDef) {
	if r != nil && r.Spec == nil {
		j := &Join{Relation: r, id: expr.NewID()}
		r.Spec = &side{join: j, none: &absence{j, expr.NewID()}}
	}
}

// Join is how a relation joins, seen from one of its sides. JoinOf gives it; there
// is one for each relation, the same each time, and it is immutable and safe for
// concurrent use.
type Join struct {
	// Relation is the relation that starts here, Inverse its other side, nil
	// where it has none.
	Relation, Inverse *schema.RelationDef
	// Link is what both sides share.
	Link *Link
	// Refers says that the relation's own table has the foreign key. Of two
	// sides of ManyToMany neither does.
	Refers bool
	// Target is the table that the relation leads to. Through is ManyToMany's
	// table, nil for others.
	Target, Through *schema.TableDef
	// On are the pairs of columns that must be equal, of Relation's table and of
	// Target; or, with Through, of Relation's table and of Through, and Far
	// those of Through and of Target.
	On, Far [][2]*schema.ColumnDef

	id      uint64
	mu      sync.Mutex
	ready   atomic.Bool // all above is there
	columns expr.RelatedColumns
}

// JoinOf returns how a relation joins, from its point of view. It seals the
// relation's Metadata, where that has not been done, since only then its links
// are complete, and must not be called while that is done. A relation that nothing
// has joined is an error that says how to.
func JoinOf(r *schema.RelationDef) (*Join, error) {
	if r == nil {
		return nil, errUnbound
	}
	s := sideOf(r)
	if s == nil {
		return nil, errUnjoined(r)
	}
	if err := s.join.complete(); err != nil {
		return nil, err
	}
	return s.join, nil
}

func (j *Join) complete() error {
	if j.ready.Load() {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ready.Load() {
		return nil
	}
	if err := j.Relation.Table.Metadata.Seal(); err != nil {
		return err
	}
	l := LinkOf(j.Relation)
	if l == nil {
		return errUnjoined(j.Relation)
	}
	if err := l.Child.Table.Metadata.Seal(); err != nil { // another one, where a model has several
		return err
	}
	j.see(l)
	j.columns = expr.RelatedColumns{ID: j.id, Target: j.Target.Source, On: refs(j.On), Far: refs(j.Far)}
	if j.Through != nil {
		j.columns.Through = j.Through.Source
	}
	j.ready.Store(true)
	return nil
}

// see fills j with the link as it looks from j's relation.
func (j *Join) see(l *Link) {
	child := j.Relation == l.Child
	j.Link, j.Inverse = l, l.Child
	if child {
		j.Inverse = l.Parent
	}
	switch {
	case l.Association == nil && child:
		j.Refers, j.Target, j.On = true, l.Targets[0].Table, zip(l.Columns, l.Targets)
	case l.Association == nil:
		j.Target, j.On = l.Child.Table, zip(l.Targets, l.Columns)
	default:
		near, far := l.ToChild, l.ToParent
		if !child {
			near, far = far, near
		}
		j.Target, j.Through = j.Inverse.Table, l.Association
		j.On, j.Far = zip(j.Relation.Table.PrimaryKey, near), zip(far, j.Target.PrimaryKey)
	}
}

var _ expr.RelatedJoin = (*Join)(nil)

// RelatedOn is how a compiler asks, see expr.RelatedJoin. The error is JoinOf's.
func (j *Join) RelatedOn() (expr.RelatedColumns, error) {
	if err := j.complete(); err != nil {
		return expr.RelatedColumns{}, err
	}
	return j.columns, nil
}

func zip(a, b []*schema.ColumnDef) [][2]*schema.ColumnDef {
	pairs := make([][2]*schema.ColumnDef, len(a))
	for i := range a {
		pairs[i] = [2]*schema.ColumnDef{a[i], b[i]}
	}
	return pairs
}

func refs(pairs [][2]*schema.ColumnDef) [][2]*expr.ColumnRef {
	var out [][2]*expr.ColumnRef
	for _, p := range pairs {
		out = append(out, [2]*expr.ColumnRef{p[0].Ref, p[1].Ref})
	}
	return out
}
