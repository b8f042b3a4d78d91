package uow

import (
	"context"
	"time"

	"github.com/dormer-orm/dormer/internal/field"
)

// insertUntracked writes a batch of entities that no unit manages. Without keys
// the generated ones are taken out of them again.
func (u *UnitOfWork) insertUntracked(ctx context.Context, m *mapper, es []field.Ptr, keys bool) error {
	if err := u.begin(ctx); err != nil {
		return err
	}
	var groups []*insertGroup
	index := map[string]*insertGroup{}
	members := map[*insertGroup][]field.Ptr{}
	now := time.Now()
	var keyless []field.Ptr
	for _, e := range es {
		g, _, err := m.insertShape(e, now, index, &groups)
		if err != nil {
			return err
		}
		members[g] = append(members[g], e)
		if g.generated {
			keyless = append(keyless, e)
		}
	}
	var taken map[int64]bool
	if u.takesMax(m) {
		taken = m.chosen(nil, es...)
	}
	if err := u.reserveInOrder(ctx, m, groups, keyless, taken); err != nil {
		return err
	}
	for _, g := range groups {
		if err := u.insertRows(ctx, m, g, members[g]); err != nil {
			return err
		}
		if (g.generated || g.reserved) && !keys {
			for _, e := range members[g] {
				m.key[0].SetZero(e)
			}
		}
	}
	return nil
}
