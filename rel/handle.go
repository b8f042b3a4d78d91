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
	def    *schema.RelationDef
	source *expr.Source
}

// Path is a relation of entity E that can be loaded with it.
type Path[E any] interface {
	Relation() *schema.RelationDef
	from(*E)
}

// Inverse is a relation from E to T that may be the other side of one from T to
// E.
type Inverse[E, T any] interface {
	Path[E]
	to(*T)
}

// Relation returns the relation's definition, nil before the handle is bound.
func (h ToMany[E, T]) Relation() *schema.RelationDef { return h.def }
func (h ToMany[E, T]) from(*E)                       {}
func (h ToMany[E, T]) to(*T)                         {}

// Relation returns the relation's definition, nil before the handle is bound.
func (h ToOne[E, T]) Relation() *schema.RelationDef { return h.def }
func (h ToOne[E, T]) from(*E)                       {}
func (h ToOne[E, T]) to(*T)                         {}

// BindRelation is called by package schema.
func (h *ToMany[E, T]) BindRelation(def *schema.RelationDef, source *expr.Source) {
	h.def, h.source = def, source
}

// BindRelation is called by package schema.
func (h *ToOne[E, T]) BindRelation(def *schema.RelationDef, source *expr.Source) {
	h.def, h.source = def, source
}

// DescribeRelation is called by package schema.
func (h *ToMany[E, T]) DescribeRelation() (entity, target reflect.Type, many bool) {
	return reflect.TypeFor[E](), reflect.TypeFor[T](), true
}

// DescribeRelation is called by package schema.
func (h *ToOne[E, T]) DescribeRelation() (entity, target reflect.Type, many bool) {
	return reflect.TypeFor[E](), reflect.TypeFor[T](), false
}
