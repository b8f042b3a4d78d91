package rel

import (
	"reflect"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// ToMany is the handle of a relation from an entity E to any number of entities
// T, whose container is a Many[T] of the same name. schema.Define binds it. It
// is immutable and safe for concurrent use.
type ToMany[E, T any] struct {
	def    *schema.RelationDef
	source *expr.Source
}

// ToOne is the handle of a relation from an entity E to one entity T, whose
// container is a One[T] of the same name. It is bound and used as ToMany is.
type ToOne[E, T any] struct {
	def     *schema.RelationDef
	source  *expr.Source
	columns *columnsOf // of source
}

// Inverse is a relation from E to T that may be the other side of one from T to
// E.
type Inverse[E, T any] interface {
	Path[E]
	to(*T)
	seenFrom() *expr.Source
}

// Relation returns the relation's definition, nil before the handle is bound.
func (h ToMany[E, T]) Relation() *schema.RelationDef { return h.def }
func (h ToMany[E, T]) from(*E)                       {}
func (h ToMany[E, T]) to(*T)                         {}
func (h ToMany[E, T]) seenFrom() *expr.Source        { return h.source }

// Relation returns the relation's definition, nil before the handle is bound.
func (h ToOne[E, T]) Relation() *schema.RelationDef { return h.def }
func (h ToOne[E, T]) from(*E)                       {}
func (h ToOne[E, T]) to(*T)                         {}
func (h ToOne[E, T]) seenFrom() *expr.Source        { return h.source }

// BindRelation is called by package schema.
func (h *ToMany[E, T]) BindRelation(def *schema.RelationDef, source *expr.Source) {
	bind(def)
	h.def, h.source = def, source
}

// BindRelation is called by package schema.
func (h *ToOne[E, T]) BindRelation(def *schema.RelationDef, source *expr.Source) {
	bind(def)
	h.def, h.source, h.columns = def, source, &columnsOf{source: source}
}

// DescribeRelation is called by package schema.
func (h *ToMany[E, T]) DescribeRelation() (entity, target reflect.Type, many bool) {
	return reflect.TypeFor[E](), reflect.TypeFor[T](), true
}

// DescribeRelation is called by package schema.
func (h *ToOne[E, T]) DescribeRelation() (entity, target reflect.Type, many bool) {
	return reflect.TypeFor[E](), reflect.TypeFor[T](), false
}
