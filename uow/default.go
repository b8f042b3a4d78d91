package uow

import "github.com/dormer-orm/dormer/schema"

// defaultUniques gives new rows of a table the defaults of its unique columns
// that Dormer knows, before it looks who takes which value. What a
// ServerDefault makes is known to the database only.
func (u *UnitOfWork) defaultUniques(tw *tableWork) {
	for _, fs := range tw.t.m.uniques {
		for _, f := range fs {
			c := f.Col
			if c.Zero != schema.ZeroTakesDefault || c.Default == nil && c.DefaultFunc == nil {
				continue
			}
			for _, st := range tw.inserts {
				if !f.IsZero(st.entity) {
					continue
				}
				u.noteLink(st, f)
				if c.Default != nil {
					f.SetDefault(st.entity, c.Default)
				} else {
					f.SetDefault(st.entity, c.DefaultFunc())
				}
			}
		}
	}
}
