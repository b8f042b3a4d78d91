package uow

import (
	"context"
	"database/sql/driver"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// deletion are rows of one table to be deleted.
type deletion struct {
	t   *table
	sts []*state
}

// deleteRows deletes rows of several tables, given in foreign-key order: children
// before their parents. Where the tables refer to each other, the rows say which
// go first, and rows that refer to each other let go.
func (u *UnitOfWork) deleteRows(ctx context.Context, ds []*deletion) error {
	for len(ds) > 0 {
		d, holds := nextDeletion(ds)
		for _, h := range holds {
			if err := u.setNull(ctx, h.in.m, nullable(h.in.m.fieldsOf(h.fk.Columns)), h.sts); err != nil {
				return u.failure(Update, h.in.m, h.sts, err)
			}
		}
		if err := u.deleteAll(ctx, d.t, d.sts); err != nil {
			return err
		}
		ds = without(ds, d)
	}
	return nil
}

func without(ds []*deletion, d *deletion) []*deletion {
	return slices.DeleteFunc(slices.Clone(ds), func(o *deletion) bool { return o == d })
}

// hold are rows whose foreign key keeps rows of another table from being deleted.
type hold struct {
	in  *table
	fk  *schema.ForeignKeyDef
	sts []*state
}

// nextDeletion is the last table to whose rows no rows of the others refer; where
// there is none, one that they can let go of, and who is to do so.
func nextDeletion(ds []*deletion) (d *deletion, holds []hold) {
	for _, x := range slices.Backward(ds) {
		hs, free := holdsOn(x, ds)
		if len(hs) == 0 {
			return x, nil
		}
		if d == nil && free {
			d, holds = x, hs
		}
	}
	if d == nil { // left to the database, which will name the foreign key
		d = ds[len(ds)-1]
	}
	return d, holds
}

// holdsOn finds the rows that refer to rows of d. Free says that all of their
// foreign keys take NULL.
func holdsOn(d *deletion, ds []*deletion) (holds []hold, free bool) {
	free = true
	for _, o := range ds {
		if o == d {
			continue
		}
		for _, fk := range o.t.m.def.ForeignKeys {
			if fk.RefTable != d.t.m.def || !keeps(fk.OnDelete) {
				continue
			}
			h := hold{in: o.t, fk: fk}
			near, going := o.t.m.fieldsOf(fk.Columns), valuesOf(d.t.m.fieldsOf(fk.RefColumns), d.sts)
			for _, st := range o.sts {
				if v, ok := oldValue(nil, near, st.snap); ok && going[string(v)] != nil {
					h.sts = append(h.sts, st)
				}
			}
			if len(h.sts) > 0 {
				holds = append(holds, h)
				free = free && len(nullable(near)) > 0
			}
		}
	}
	return holds, free
}

// keeps reports whether the database refuses to delete a row that others refer
// to.
func keeps(a schema.Action) bool { return a == schema.NoAction || a == schema.Restrict }

func nullable(fs []*field.Field) (out []*field.Field) {
	for _, f := range fs {
		if f.Col.Nullable {
			out = append(out, f)
		}
	}
	return out
}

// valuesOf are rows by the values that their snapshots hold in some columns.
func valuesOf(fs []*field.Field, sts []*state) map[string]*state {
	out := make(map[string]*state, len(sts))
	for _, st := range sts {
		if v, ok := oldValue(nil, fs, st.snap); ok {
			out[string(v)] = st
		}
	}
	return out
}

// deleteAll deletes rows of one table.
func (u *UnitOfWork) deleteAll(ctx context.Context, t *table, sts []*state) error {
	most := u.mostDeleted(t.m)
	layers, held := t.m.leavesFirst(sts, most)
	for _, fk := range t.m.selfKeeping(held) {
		if err := u.setNull(ctx, t.m, nullable(t.m.fieldsOf(fk.Columns)), held); err != nil {
			return u.failure(Update, t.m, held, err)
		}
	}
	var missing []*state
	for _, layer := range layers {
		for part := range slices.Chunk(layer, most) {
			lost, err := u.deleteSome(ctx, t, part)
			if err != nil {
				return u.failure(Delete, t.m, part, err)
			}
			missing = append(missing, lost...)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	stale, err := u.withoutTaken(ctx, t, missing)
	if err == nil && len(stale) > 0 {
		err = staleOf(t.m, Delete, stale)
	}
	if err != nil {
		return u.failure(Delete, t.m, missing, err)
	}
	return nil
}

// mostDeleted is the number of rows that one DELETE takes.
func (u *UnitOfWork) mostDeleted(m *mapper) int {
	return u.db.Dialect().MaxBulkRows(len(m.key) + len(m.match()))
}

// selfKeeping are the foreign keys by which rows of the table that refer to each
// other in a circle let go; none where no rows do.
func (m *mapper) selfKeeping(held []*state) (out []*schema.ForeignKeyDef) {
	for _, fk := range m.def.ForeignKeys {
		if len(held) > 0 && fk.RefTable == m.def && keeps(fk.OnDelete) && len(nullable(m.fieldsOf(fk.Columns))) > 0 {
			out = append(out, fk)
		}
	}
	return out
}

// leavesFirst puts rows of a table that refers to itself into layers, each after
// those that refer to it. One statement does where it takes all rows and looks at
// foreign keys when it has ended, which RESTRICT does not wait for. Held are
// those that refer to each other in a circle, the last layer.
func (m *mapper) leavesFirst(sts []*state, most int) (layers [][]*state, held []*state) {
	one := len(sts) <= most
	var fks []*schema.ForeignKeyDef
	for _, fk := range m.def.ForeignKeys {
		if fk.RefTable == m.def {
			fks = append(fks, fk)
			one = one && fk.OnDelete != schema.Restrict
		}
	}
	if one || len(fks) == 0 {
		return [][]*state{sts}, nil
	}
	parents, children := m.treeOf(fks, sts)
	var layer []*state
	for _, st := range sts {
		if children[st] == 0 {
			layer = append(layer, st)
		}
	}
	placed := map[*state]bool{}
	for len(layer) > 0 {
		layers = append(layers, layer)
		var next []*state
		for _, st := range layer {
			placed[st] = true
			for _, p := range parents[st] {
				if children[p]--; children[p] == 0 {
					next = append(next, p)
				}
			}
		}
		layer = next
	}
	for _, st := range sts {
		if !placed[st] {
			held = append(held, st)
		}
	}
	if len(held) > 0 {
		layers = append(layers, held)
	}
	return layers, held
}

// treeOf are the rows that each row refers to, and how many refer to each.
func (m *mapper) treeOf(fks []*schema.ForeignKeyDef, sts []*state) (parents map[*state][]*state, children map[*state]int) {
	parents, children = map[*state][]*state{}, map[*state]int{}
	for _, fk := range fks {
		near, by := m.fieldsOf(fk.Columns), valuesOf(m.fieldsOf(fk.RefColumns), sts)
		for _, st := range sts {
			v, ok := oldValue(nil, near, st.snap)
			if p := by[string(v)]; ok && p != nil {
				parents[st] = append(parents[st], p)
				children[p]++
			}
		}
	}
	return parents, children
}

// deleteSome deletes rows by one statement. It returns those that were not
// there as their snapshots say.
func (u *UnitOfWork) deleteSome(ctx context.Context, t *table, sts []*state) (missing []*state, err error) {
	m, d := t.m, u.db.Dialect()
	match := m.match()
	if len(sts) == 1 {
		missing, err = u.deleteOne(ctx, m, match, sts[0])
	} else {
		_, columnar := d.(dialect.ArrayElements)
		rows := len(sts)
		if columnar {
			rows = 0
		}
		var text string
		text, err = m.stmt(string(shapeOf('D', rows)), func() (string, error) {
			return d.BulkDelete(m.def, m.def.PrimaryKey, columnsOf(match), len(sts)).SQL + m.returningKey(), nil
		})
		if err != nil {
			return nil, err
		}
		b := u.newBatch(columnar, len(m.key)+len(match), len(sts))
		for _, st := range sts {
			b.addSnapshot(m.key, st.snap)
			b.addSnapshot(match, st.snap)
		}
		missing, err = u.matched(ctx, m, text, b.arguments(), sts)
	}
	if err != nil {
		return nil, err
	}
	for _, st := range sts {
		if len(missing) == 0 || !slices.Contains(missing, st) {
			t.deleted(st)
		}
	}
	return missing, nil
}

func (u *UnitOfWork) deleteOne(ctx context.Context, m *mapper, match []*field.Field, st *state) (missing []*state, err error) {
	text, err := m.stmt(string(shapeOf('d', 1)), func() (string, error) {
		return u.db.Dialect().DeleteOne(m.def, m.def.PrimaryKey, columnsOf(match)), nil
	})
	if err != nil {
		return nil, err
	}
	res, err := u.conn.Exec(ctx, text, snapshotArgs(snapshotArgs(nil, m.key, st.snap), match, st.snap))
	if err == nil && res.RowsAffected != 1 {
		missing = []*state{st}
	}
	return missing, err
}

// deleted takes note that the row of st is gone.
func (t *table) deleted(st *state) {
	t.u.log(undo{st: st, what: undoDelete, status: st.status})
	if k := st.key(); t.has(k, st) {
		t.ids.Delete(k)
	}
	st.lose()
}

// matched runs a statement that returns the keys of the rows that it matched, and
// returns the entities of the others.
func (u *UnitOfWork) matched(ctx context.Context, m *mapper, text string, args []driver.NamedValue, sts []*state) (missing []*state, err error) {
	var found identity.Map[bool]
	n, err := u.conn.Query(ctx, text, args, func(vals []driver.Value) error {
		k, err := m.keyOfReturned(vals)
		found.Put(k, true)
		return err
	})
	if err != nil || n == int64(len(sts)) {
		return nil, err
	}
	for _, st := range sts {
		if ok, _ := found.Get(st.key()); !ok {
			missing = append(missing, st)
		}
	}
	return missing, nil
}

// returningKey is the clause that has a DELETE return the keys of its rows.
func (m *mapper) returningKey() string {
	b := []byte(" RETURNING ")
	for i, c := range m.def.PrimaryKey {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = m.dialect.AppendQuoted(b, c.Name)
	}
	return string(b)
}
