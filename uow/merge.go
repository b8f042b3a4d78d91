package uow

import (
	"context"
	"database/sql/driver"

	"github.com/dormer-orm/dormer/internal/field"
)

// Merge copies the values of e over the row of its key and returns the managed
// entity, never e. Without such a row, or without a key, the result is a new
// entity that was added.
func (n Entity[T]) Merge(ctx context.Context, u *UnitOfWork, e *T) (*T, error) {
	if err := u.enter(); err != nil {
		return nil, opError("merge", n.m.name, err)
	}
	defer u.leave()
	if e == nil {
		return nil, opError("merge", n.m.name, ErrNilEntity)
	}
	src := field.PtrOf(e)
	if st := u.find(src); st != nil && st.status != deleted {
		return e, nil
	}
	if u.opts.readOnly {
		return nil, opError("merge", n.m.name, ErrReadOnly)
	}
	k, err := n.m.keyOfEntity(src)
	if err != nil {
		return nil, opError("merge", n.m.name, err)
	}
	var dst field.Ptr
	if !k.IsZero() {
		args := func() ([]driver.NamedValue, error) {
			var a []driver.NamedValue
			for i, f := range n.m.key {
				v, err := f.Load(src)
				if err != nil {
					return nil, err
				}
				a = append(a, driver.NamedValue{Ordinal: i + 1, Value: v})
			}
			return a, nil
		}
		p, ok, err := u.get(ctx, n.m, k, args, false)
		if err != nil {
			return nil, opError("merge", n.m.name, err)
		}
		if ok {
			dst = p
		}
	}
	if dst == nil {
		dst = n.m.plain.NewEntity()
		if err := n.copyFields(dst, src); err != nil {
			return nil, opError("merge", n.m.name, err)
		}
		u.leave()
		err := n.Add(ctx, u, field.As[T](dst))
		if err2 := u.enter(); err2 != nil {
			return nil, err2
		}
		return field.As[T](dst), err
	}
	if v := n.m.def.Version; v != nil {
		f := n.m.tracked.Fields[v.Position]
		st := u.find(dst)
		if st.snap != nil && !f.IsZero(src) { // a new one has no version yet
			if stale, err := f.Changed(src, st.snap); err == nil && stale {
				return nil, &StaleError{Entity: n.m.name, Keys: []string{k.String()}, Op: "merge"}
			}
		}
	}
	if err := n.copyFields(dst, src); err != nil {
		return nil, opError("merge", n.m.name, err)
	}
	return field.As[T](dst), nil
}

// copyFields copies the mapped columns by value.
func (n Entity[T]) copyFields(dst, src field.Ptr) error {
	tmp := n.m.tracked.NewSnapshot()
	for _, f := range n.m.tracked.Fields {
		if f.Col.IsVersion || f.Col.Computed != nil {
			continue
		}
		if err := f.Snapshot(src, tmp); err != nil {
			return err
		}
		if err := f.Restore(dst, tmp); err != nil {
			return err
		}
	}
	return nil
}
