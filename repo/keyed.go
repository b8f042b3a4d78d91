package repo

import (
	"context"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// Keyed is the Repository of an entity whose key is one column of Go type K, so
// that the compiler checks what Get is given.
type Keyed[T, K any] struct{ Repository[T] }

// NewKeyed returns the repository of the entity that key, its key column,
// belongs to. It panics, naming the entity, where the column is not the key.
func NewKeyed[T, K any](src Source, key expr.Typed[T, K, K], opts ...Option) Keyed[T, K] {
	r := New[T](src, opts...)
	checkKey(r.r.n.Table(), key)
	return Keyed[T, K]{r}
}

// Get returns the entity with that key: from the identity map, or by one SELECT.
// No such row is ErrNotFound. A hit allocates nothing.
func (r Keyed[T, K]) Get(ctx context.Context, key K) (*T, error) {
	if e := r.r.known(ctx, field.PtrOf(&key)); e != nil {
		return field.As[T](e), nil
	}
	e, err := r.r.get(ctx, key)
	return field.As[T](e), err
}

// Untracked returns the repository for reading without a unit of work, see
// Repository.Untracked.
func (r Keyed[T, K]) Untracked() Keyed[T, K] {
	return Keyed[T, K]{r.Repository.Untracked()}
}

// Keyed2 is the Repository of an entity whose key is two columns.
type Keyed2[T, A, B any] struct{ Repository[T] }

// NewKeyed2 returns the repository of the entity whose key is the columns a and
// b, in the key's order. It panics, naming the entity, where it is not.
func NewKeyed2[T, A, B any](src Source, a expr.Typed[T, A, A], b expr.Typed[T, B, B], opts ...Option) Keyed2[T, A, B] {
	r := New[T](src, opts...)
	checkKey(r.r.n.Table(), a, b)
	return Keyed2[T, A, B]{r}
}

// Get returns the entity with that key: from the identity map, or by one SELECT.
// No such row is ErrNotFound. A hit allocates nothing.
func (r Keyed2[T, A, B]) Get(ctx context.Context, a A, b B) (*T, error) {
	if e := r.r.known2(ctx, field.PtrOf(&a), field.PtrOf(&b)); e != nil {
		return field.As[T](e), nil
	}
	e, err := r.r.get(ctx, a, b)
	return field.As[T](e), err
}

// Untracked returns the repository for reading without a unit of work, see
// Repository.Untracked.
func (r Keyed2[T, A, B]) Untracked() Keyed2[T, A, B] {
	return Keyed2[T, A, B]{r.Repository.Untracked()}
}

func checkKey(t *schema.TableDef, cols ...expr.Any) {
	ok := len(cols) == len(t.PrimaryKey)
	for i := range cols {
		ref, isColumn := expr.NodeOf(cols[i]).(*expr.ColumnRef)
		ok = ok && isColumn && ref.Def == any(t.PrimaryKey[i])
	}
	if !ok {
		names := ""
		for i, c := range t.PrimaryKey {
			if i > 0 {
				names += ", "
			}
			names += c.Name
		}
		panic(fmt.Sprintf("repo: NewKeyed of %s: the key of table %s is (%s), not the columns given", t.Entity, t.QualifiedName(), names))
	}
}
