package uow

import (
	"context"
	"database/sql/driver"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// wards are entities that the unit has, found by a foreign key whose rows the
// database deletes or changes with the row that they refer to.
type wards struct {
	t    *table
	fk   *schema.ForeignKeyDef
	far  []*field.Field // of the row referred to
	at   int            // where those begin in the rows returned
	byFK identity.Map[[]*state]
	met  []*state
}

// acts reports whether the database does something about the rows that refer to
// a deleted one.
func acts(fk *schema.ForeignKeyDef) bool {
	return fk.OnDelete != schema.NoAction && fk.OnDelete != schema.Restrict
}

// wardsOf collects the entities that refer to rows of a table.
func (u *UnitOfWork) wardsOf(m *mapper) (all []*wards, err error) {
	for _, t := range u.tables {
		if t == nil || u.managed(t.m) == nil {
			continue
		}
		for _, fk := range t.m.def.ForeignKeys {
			if fk.RefTable != m.def || !acts(fk) {
				continue
			}
			w := &wards{t: t, fk: fk, far: m.fieldsOf(fk.RefColumns)}
			near := t.m.fieldsOf(fk.Columns)
			for _, st := range t.states {
				if st.status != persistent {
					continue
				}
				k, known, err := keyOfFields(near, st.entity)
				if err != nil {
					return nil, err
				}
				if known {
					sts, _ := w.byFK.Get(k)
					w.byFK.Put(k, append(sts, st))
				}
			}
			all = append(all, w)
		}
	}
	return all, nil
}

// nodesOf are the columns of fields, to be selected.
func nodesOf(fs []*field.Field) []expr.Node {
	out := make([]expr.Node, len(fs))
	for i, f := range fs {
		out[i] = f.Col.Ref
	}
	return out
}

// meet notes the entities that refer to a row that was deleted.
func (w *wards) meet(vals []driver.Value) error {
	vals = vals[w.at : w.at+len(w.far)]
	for _, v := range vals {
		if v == nil {
			return nil
		}
	}
	var k identity.Key
	var err error
	if len(w.far) == 1 {
		k, err = w.far[0].KeyOfValue(vals[0])
	} else {
		var b []byte
		for i, f := range w.far {
			if b, err = f.AppendKeyValue(b, vals[i]); err != nil {
				break
			}
		}
		k = identity.Encoded(b)
	}
	if err != nil {
		return err
	}
	sts, _ := w.byFK.Get(k)
	w.met = append(w.met, sts...)
	return nil
}

// deleteWhere runs a DELETE by condition. Entities whose rows it took are deleted
// ones from then on. It passes on what the rows return, unless out is nil.
func (u *UnitOfWork) deleteWhere(ctx context.Context, m *mapper, s *expr.DeleteStmt, out *returned) (int64, error) {
	t := u.managed(m)
	all, err := u.wardsOf(m)
	if err != nil {
		return 0, err
	}
	u.expireBehind(m)
	if t == nil && len(all) == 0 && out == nil {
		return u.exec(ctx, s)
	}
	if out == nil && !u.db.Dialect().Capabilities().Returning {
		for _, w := range all {
			w.t.expire()
		}
		if t != nil {
			t.expire()
		}
		return u.exec(ctx, s)
	}
	back := *s
	back.Returning = nodesOf(m.key)
	for _, w := range all {
		w.at = len(back.Returning)
		back.Returning = append(back.Returning, nodesOf(w.far)...)
	}
	rest := len(back.Returning)
	if out != nil {
		back.Returning = append(back.Returning, out.nodes...)
	}
	var taken []*state
	n, err := u.returned(ctx, &back, func(vals []driver.Value) error {
		if t != nil {
			st, err := t.rowOf(vals)
			if err != nil {
				return err
			}
			if st != nil {
				taken = append(taken, st)
			}
		}
		for _, w := range all {
			if err := w.meet(vals); err != nil {
				return err
			}
		}
		if out != nil {
			return out.row(vals[rest:])
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, st := range taken {
		u.log(undo{st: st, what: undoDelete, status: st.status})
		t.ids.Delete(st.key())
		st.lose()
	}
	for _, w := range all {
		var went []*state
		for _, st := range w.met {
			switch {
			case st.status != persistent:
			case w.fk.OnDelete == schema.Cascade:
				u.vanish(st)
				went = append(went, st)
			default:
				if err := u.bereft(st, w.fk); err != nil {
					return 0, err
				}
			}
		}
		if len(went) > 0 {
			if err := u.bereave(w.t.m, went); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

// expireBehind has those entities read again which a DELETE of rows of a table
// may reach by way of rows that the unit does not know.
func (u *UnitOfWork) expireBehind(m *mapper) {
	seen := map[*schema.TableDef]bool{}
	var next func(from *schema.TableDef, direct bool)
	next = func(from *schema.TableDef, direct bool) {
		for _, def := range u.db.Metadata().Tables() {
			for _, fk := range def.ForeignKeys {
				if fk.RefTable != from || !acts(fk) {
					continue
				}
				if !direct {
					u.expireOf(def)
				}
				if fk.OnDelete == schema.Cascade && !seen[def] {
					seen[def] = true
					next(def, false)
				}
			}
		}
	}
	next(m.def, true)
}

// expireReferring has those entities read again whose foreign keys follow columns
// that are assigned.
func (u *UnitOfWork) expireReferring(m *mapper, assigned map[*schema.ColumnDef]bool) {
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		for _, fk := range t.m.def.ForeignKeys {
			if fk.RefTable != m.def {
				continue
			}
			for _, c := range fk.RefColumns {
				if assigned[c] {
					t.expire()
					break
				}
			}
		}
	}
}

func (u *UnitOfWork) expireOf(def *schema.TableDef) {
	for _, t := range u.tables {
		if t != nil && t.m.def == def {
			t.expire()
		}
	}
}
