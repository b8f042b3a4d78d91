package uow

import (
	"context"
	"slices"

	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// Where a foreign key says so, the database changes it with the key that it refers
// to. Entities that are loaded follow at once, with their snapshots: what the
// program assigns after that is compared with what the row holds.

// keyActs reports whether the database changes a foreign key when the key that it
// refers to changes.
func keyActs(fk *schema.ForeignKeyDef) bool {
	return fk.OnUpdate != schema.NoAction && fk.OnUpdate != schema.Restrict
}

// leads reports whether the database changes entities of the unit when one of the
// fields of a table is updated.
func (u *UnitOfWork) leads(m *mapper, fs []*field.Field) bool {
	for _, t := range u.tables {
		if t == nil || len(t.states) == 0 {
			continue
		}
		for _, fk := range t.m.def.ForeignKeys {
			if fk.RefTable == m.def && keyActs(fk) && anyOf(m.fieldsOf(fk.RefColumns), fs) {
				return true
			}
		}
	}
	return false
}

// snapshots copies the snapshots of entities whose fields are about to change, for
// moved; nil where nothing follows them.
func (u *UnitOfWork) snapshots(m *mapper, fs []*field.Field, sts []*state) []field.Ptr {
	if !u.leads(m, fs) {
		return nil
	}
	out := make([]field.Ptr, len(sts))
	for i, st := range sts {
		out[i] = m.tracked.CloneSnapshot(st.snap)
	}
	return out
}

// moved tells loaded entities what the database did to their foreign keys when
// one statement changed fields of rows, whose snapshots were those of before. Nil
// says that nothing follows.
func (u *UnitOfWork) moved(ctx context.Context, m *mapper, fs []*field.Field, sts []*state, before []field.Ptr) error {
	if before == nil {
		return nil
	}
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		for _, fk := range t.m.def.ForeignKeys {
			far := m.fieldsOf(fk.RefColumns)
			if fk.RefTable != m.def || !keyActs(fk) || !anyOf(far, fs) {
				continue
			}
			to := map[string]field.Ptr{}
			for i, st := range sts {
				old, ok := oldValue(nil, far, before[i])
				now, _ := oldValue(nil, far, st.snap)
				if ok && string(old) != string(now) {
					to[string(old)] = st.snap
				}
			}
			if err := u.moveBy(ctx, t, fk, fk.OnUpdate, m, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// moveBy gives the entities of t whose foreign keys have one of the values the
// key in the snapshot there, NULL or what the database has for a default, as the
// action says.
func (u *UnitOfWork) moveBy(ctx context.Context, t *table, fk *schema.ForeignKeyDef, action schema.Action, m *mapper, to map[string]field.Ptr) error {
	near, far := t.m.fieldsOf(fk.Columns), m.fieldsOf(fk.RefColumns)
	var sts []*state
	var keys []field.Ptr
	var b []byte
	for _, st := range t.states {
		if st.status != persistent && st.status != deleting {
			continue
		}
		v, ok := oldValue(b[:0], near, st.snap)
		if b = v; !ok {
			continue
		}
		if key := to[string(v)]; key != nil {
			sts, keys = append(sts, st), append(keys, key)
		}
	}
	if len(sts) == 0 {
		return nil
	}
	if action == schema.SetDefault {
		for _, st := range sts {
			st.epoch = 0 // only the database knows the default
		}
		return nil
	}
	before := u.snapshots(t.m, near, sts)
	rekey := slices.ContainsFunc(near, func(f *field.Field) bool { return f.Col.PrimaryKey })
	for _, st := range sts { // all of them, before any takes another's key
		if k := st.key(); rekey && t.has(k, st) {
			t.ids.Delete(k)
		}
	}
	row, key := t.m.plain.NewEntity(), m.plain.NewEntity()
	for i, st := range sts {
		u.keep(st)
		for j, f := range near {
			f.SetZero(row)
			if action == schema.Cascade {
				if err := far[j].Restore(key, keys[i]); err != nil {
					return err
				}
				if !far[j].IsNull(key) {
					f.SetDefault(row, far[j].Any(key))
				}
			}
			if err := st.putBehind(f, row); err != nil {
				return err
			}
		}
		if len(t.m.computed) > 0 {
			st.epoch = 0
		}
	}
	for _, st := range sts {
		if rekey {
			t.ids.Put(st.key(), st)
		}
	}
	if err := u.rereadVersions(ctx, t.m, sts); err != nil {
		return err
	}
	return u.moved(ctx, t.m, near, sts, before)
}

// keySource are columns of a table: where they change, the database changes
// foreign keys.
type keySource struct {
	def     *schema.TableDef
	columns []*schema.ColumnDef
}

// keySources are the columns whose change goes on into a table by the database's
// cascades, through any number of tables.
func keySources(def *schema.TableDef) (out []keySource) {
	var from func(def *schema.TableDef, of []*schema.ColumnDef)
	from = func(def *schema.TableDef, of []*schema.ColumnDef) {
		for _, fk := range def.ForeignKeys {
			if !keyActs(fk) || of != nil && !slices.ContainsFunc(fk.Columns, func(c *schema.ColumnDef) bool { return slices.Contains(of, c) }) {
				continue
			}
			known := func(s keySource) bool { return s.def == fk.RefTable && slices.Equal(s.columns, fk.RefColumns) }
			if slices.ContainsFunc(out, known) {
				continue
			}
			out = append(out, keySource{fk.RefTable, fk.RefColumns})
			from(fk.RefTable, fk.RefColumns)
		}
	}
	from(def, nil)
	return out
}

// movesInto reports whether an entity has a pending change of a key that goes on
// into the table.
func (u *UnitOfWork) movesInto(def *schema.TableDef) (bool, error) {
	if !slices.ContainsFunc(def.ForeignKeys, keyActs) {
		return false, nil
	}
	for _, src := range keySources(def) {
		for _, t := range u.tables {
			if t == nil || t.m.def != src.def {
				continue
			}
			fs := t.m.fieldsOf(src.columns)
			for _, st := range t.states {
				if st.status != persistent {
					continue
				}
				for _, f := range fs {
					if c, err := f.Changed(st.entity, st.snap); c || err != nil {
						return c, err
					}
				}
			}
		}
	}
	return false, nil
}

// bereft tells an entity that the database has put something else into its foreign
// key, whose row was deleted: it is read again when it is next asked for, and NULL
// is known at once.
func (u *UnitOfWork) bereft(st *state, fk *schema.ForeignKeyDef) error {
	st.epoch = 0
	if fk.OnDelete != schema.SetNull {
		return nil
	}
	u.keep(st)
	null := st.in.m.plain.NewEntity()
	for _, f := range st.in.m.fieldsOf(fk.Columns) {
		if err := st.putBehind(f, null); err != nil {
			return err
		}
	}
	return nil
}

// putBehind gives a field of st the value of row's that the database has written.
// What the program has set in the field stays, as a change of the new value.
func (st *state) putBehind(f *field.Field, row field.Ptr) error {
	set, err := f.Changed(st.entity, st.snap)
	if err != nil {
		return err
	}
	if err := f.Snapshot(row, st.snap); err != nil || set {
		return err
	}
	return f.Restore(st.entity, st.snap)
}
