package expr

import "reflect"

// Column is the handle of a column of entity T that is never NULL and holds
// values of Go type V. schema.Define binds it; until then every use of it is an
// error when the statement is built. A Column is immutable and safe for
// concurrent use.
type Column[T, V any] struct{ ref *ColumnRef }

// Nullable is the handle of a column of entity T that holds values of Go type V
// or NULL; a row yields it as *V. It is bound and used as Column is.
type Nullable[T, V any] struct{ ref *ColumnRef }

// Value is an expression over rows of entity T, of SQL type V, that a row
// yields as R: V, or *V where it may be NULL. It is immutable and safe for
// concurrent use.
type Value[T, V, R any] struct{ n Node }

// NewValue returns the Value with the given tree. Packages that add functions
// use it; the caller vouches for the types. A nil tree gives the zero Value,
// which is an error when the statement is built.
func NewValue[T, V, R any](n Node) Value[T, V, R] { return Value[T, V, R]{n} }

//go:noinline
func refNode(r *ColumnRef) Node {
	if r == nil {
		return &ErrorNode{errUnbound}
	}
	return r
}

// Ref returns the column that the handle is bound to, nil before that.
func (c Column[T, V]) Ref() *ColumnRef { return c.ref }

func (c Column[T, V]) node() Node            { return refNode(c.ref) }
func (c Column[T, V]) of(*T)                 {}
func (c Column[T, V]) valued(V)              {}
func (c Column[T, V]) yields(V)              {}
func (c Column[T, V]) scoped(*T, V)          {}
func (c Column[T, V]) typed(*T, V, V)        {}
func (c Column[T, V]) column(V)              {}
func (c Column[T, V]) measured(*T, V, int64) {}

// Ref returns the column that the handle is bound to, nil before that.
func (c Nullable[T, V]) Ref() *ColumnRef { return c.ref }

func (c Nullable[T, V]) node() Node             { return refNode(c.ref) }
func (c Nullable[T, V]) of(*T)                  {}
func (c Nullable[T, V]) valued(V)               {}
func (c Nullable[T, V]) yields(*V)              {}
func (c Nullable[T, V]) scoped(*T, V)           {}
func (c Nullable[T, V]) typed(*T, V, *V)        {}
func (c Nullable[T, V]) column(V)               {}
func (c Nullable[T, V]) measured(*T, V, *int64) {}

func (x Value[T, V, R]) node() Node             { return valueNode(x.n) }
func (x Value[T, V, R]) of(*T)                  {}
func (x Value[T, V, R]) valued(V)               {}
func (x Value[T, V, R]) yields(R)               {}
func (x Value[T, V, R]) scoped(*T, V)           {}
func (x Value[T, V, R]) typed(*T, V, R)         {}
func (x Value[T, V, R]) measured(*T, V, *int64) {}

// Handle is a column handle that package schema can bind.
type Handle interface {
	bind(*ColumnRef)
	describe() (entity, value reflect.Type, nullable bool)
}

// Bind points a handle to its column. It is called by package schema, once for
// each handle, before anybody else can see it.
func Bind(h Handle, ref *ColumnRef) { h.bind(ref) }

// Describe says what a handle was declared as: its entity, its value's Go type,
// and whether it is nullable.
func Describe(h Handle) (entity, value reflect.Type, nullable bool) { return h.describe() }

func (c *Column[T, V]) bind(r *ColumnRef)   { c.ref = r }
func (c *Nullable[T, V]) bind(r *ColumnRef) { c.ref = r }

func (c *Column[T, V]) describe() (entity, value reflect.Type, nullable bool) {
	return reflect.TypeFor[T](), reflect.TypeFor[V](), false
}

func (c *Nullable[T, V]) describe() (entity, value reflect.Type, nullable bool) {
	return reflect.TypeFor[T](), reflect.TypeFor[V](), true
}
