package uow

import (
	"context"
	"database/sql/driver"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
)

// Get is Entity.Get.
func (n Untyped) Get(ctx context.Context, u *UnitOfWork, lock bool, key ...any) (field.Ptr, error) {
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
	return p, nil
}

// Known returns the entity whose key, which is one column, has the value that key
// points to, of the column's Go type: nil where the identity map cannot tell, which
// Get can. It allocates nothing.
func (n Untyped) Known(u *UnitOfWork, key field.Ptr) field.Ptr {
	if u.enter() != nil {
		return nil
	}
	var e field.Ptr
	if k, ok := n.m.key[0].FastKey(key); ok && n.m.index < len(u.tables) && len(n.m.def.Filters) == 0 {
		if t := u.tables[n.m.index]; t != nil {
			if st, ok := t.ids.Get(k); ok && (st.status == persistent && st.epoch == u.epoch || st.status == isNew || st.status == deleting) {
				e = st.entity
			}
		}
	}
	u.leave()
	return e
}

// Known2 is Known for a key of two columns.
func (n Untyped) Known2(u *UnitOfWork, a, b field.Ptr) field.Ptr {
	if u.enter() != nil {
		return nil
	}
	var e field.Ptr
	if n.m.index < len(u.tables) && u.tables[n.m.index] != nil && len(n.m.def.Filters) == 0 {
		key, ok := n.m.key[0].FastKeyPart(u.scratch[:0], a)
		if ok {
			key, ok = n.m.key[1].FastKeyPart(key, b)
		}
		u.scratch = key
		if ok {
			st, ok := u.tables[n.m.index].ids.Get(identity.Encoded(key))
			if ok && (st.status == persistent && st.epoch == u.epoch || st.status == isNew || st.status == deleting) {
				e = st.entity
			}
		}
	}
	u.leave()
	return e
}
