package uow

import (
	"context"
	"database/sql/driver"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
)

// Get returns the entity with that key: from the identity map, or by one SELECT.
// nil means that there is no such row. lock reads and locks the row in any case
// and overwrites a clean entity. A wrong number or type of parts is ErrKey.
func (n Entity[T]) Get(ctx context.Context, u *UnitOfWork, lock bool, key ...any) (*T, error) {
	if err := u.enter(); err != nil {
		return nil, opError("get", n.m.name, err)
	}
	defer u.leave()
	k, args, err := n.m.keyOfParts(key)
	if err == nil && lock {
		err = u.mayLock(&expr.SelectStmt{Lock: expr.LockUpdate})
	}
	if err != nil {
		return nil, opError("get", n.m.name, err)
	}
	p, ok, err := u.get(ctx, n.m, k, func() ([]driver.NamedValue, error) { return args, nil }, lock, n.on)
	if err != nil {
		return nil, opError("get", n.m.name+" key "+k.String(), err)
	}
	if !ok {
		return nil, nil
	}
	return field.As[T](p), nil
}

// GetKey is Get for a table whose key is one column of Go type K, which the
// caller vouches for. A hit in the identity map allocates nothing.
func GetKey[T, K any](ctx context.Context, n Entity[T], u *UnitOfWork, key K) (*T, error) {
	if err := u.enter(); err != nil {
		return nil, opError("get", n.m.name, err)
	}
	f := n.m.key[0]
	if k, ok := f.FastKey(field.PtrOf(&key)); ok && n.m.index < len(u.tables) && len(n.m.def.Filters) == 0 {
		if t := u.tables[n.m.index]; t != nil {
			if st, ok := t.ids.Get(k); ok && (st.status == persistent && st.epoch == u.epoch || st.status == isNew || st.status == deleting) {
				u.leave()
				return field.As[T](st.entity), nil
			}
		}
	}
	u.leave()
	return n.Get(ctx, u, false, key)
}

// GetKey2 is Get for a table whose key is two columns of Go types A and B, which
// the caller vouches for. A hit in the identity map allocates nothing.
func GetKey2[T, A, B any](ctx context.Context, n Entity[T], u *UnitOfWork, a A, b B) (*T, error) {
	if err := u.enter(); err != nil {
		return nil, opError("get", n.m.name, err)
	}
	if n.m.index < len(u.tables) && u.tables[n.m.index] != nil && len(n.m.def.Filters) == 0 {
		key, ok := n.m.key[0].FastKeyPart(u.scratch[:0], field.PtrOf(&a))
		if ok {
			key, ok = n.m.key[1].FastKeyPart(key, field.PtrOf(&b))
		}
		u.scratch = key
		if ok {
			st, ok := u.tables[n.m.index].ids.Get(identity.Encoded(key))
			if ok && (st.status == persistent && st.epoch == u.epoch || st.status == isNew || st.status == deleting) {
				u.leave()
				return field.As[T](st.entity), nil
			}
		}
	}
	u.leave()
	return n.Get(ctx, u, false, a, b)
}
