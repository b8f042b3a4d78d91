package uow

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// Rows are updated, inserted and then deleted. Where a row takes a unique value
// that another row of the flush gives up, that order may have to change, and
// only there: deleting early is not safe in general, since rows that refer to
// the deleted one may yet be moved.

// uniquesOf are the sets of columns whose values no two rows share: the key, if
// the program may choose it, constraints, and unique indexes on columns.
func (m *mapper) uniquesOf() [][]*field.Field {
	fields := func(cs []*schema.ColumnDef) []*field.Field {
		fs := make([]*field.Field, len(cs))
		for i, c := range cs {
			fs[i] = m.tracked.Fields[c.Position]
		}
		return fs
	}
	out := [][]*field.Field{m.key}
	for _, u := range m.def.Uniques {
		out = append(out, fields(u.Columns))
	}
next:
	for _, ix := range m.def.Indexes {
		if !ix.Unique {
			continue
		}
		var cs []*schema.ColumnDef
		for _, p := range ix.Parts {
			if p.Column == nil {
				continue next
			}
			cs = append(cs, p.Column)
		}
		out = append(out, fields(cs))
	}
	return out
}

// uniqueValue is a set of columns' values as one text; ok is false where one is
// NULL, which conflicts with nothing.
func uniqueValue(b []byte, fs []*field.Field, e field.Ptr) (_ []byte, ok bool) {
	for _, f := range fs {
		p := f.Value(e)
		if p == nil {
			return b, false
		}
		var err error
		if b, err = f.AppendKeyPart(b, p); err != nil {
			return b, false
		}
	}
	return b, true
}

// oldValue is uniqueValue of a snapshot.
func oldValue(b []byte, fs []*field.Field, s field.Ptr) (_ []byte, ok bool) {
	for _, f := range fs {
		v := f.SnapshotValue(s)
		if v == nil {
			return b, false
		}
		var err error
		if b, err = f.AppendKeyValue(b, v); err != nil {
			return b, false
		}
	}
	return b, true
}

// conflicts is what a table's part of the flush must do out of order.
type conflicts struct {
	early  []*state    // to be deleted before anything is written
	layers [][]*update // the updates, in an order that keeps values unique
	parked []parking   // set aside before the updates
}

// parking is a row whose unique columns take another value for the moment, since
// rows exchange their values in a circle.
type parking struct {
	st     *state
	fields []*field.Field
}

// conflictsOf finds the unique values that move between the rows of a flush. It
// turns a deletion and an insertion of one key into an update of the row.
func (u *UnitOfWork) conflictsOf(tw *tableWork) (*conflicts, error) {
	c := &conflicts{layers: [][]*update{tw.updates}}
	uniques := tw.t.m.uniques
	touches := func(fields []*field.Field) bool {
		for _, fs := range uniques {
			for _, f := range fs {
				if contains(fields, f) {
					return true
				}
			}
		}
		return false
	}
	var moving []*update
	for _, up := range tw.updates {
		if touches(up.fields) {
			moving = append(moving, up)
		}
	}
	if len(moving) == 0 && (len(tw.deletes) == 0 || len(tw.inserts) == 0) {
		return c, nil
	}
	before := map[*update][]waiting{} // those that must be written first
	early := map[*state]bool{}
	var b []byte
	for i, fs := range uniques {
		given := map[string]*state{}
		updating := map[*state]*update{}
		for _, st := range tw.deletes {
			if v, ok := oldValue(b[:0], fs, st.snap); ok {
				given[string(v)] = st
			}
		}
		for _, up := range moving {
			if v, ok := oldValue(b[:0], fs, up.st.snap); ok {
				if _, taken := given[string(v)]; !taken {
					given[string(v)] = up.st
				}
				updating[up.st] = up
			}
		}
		if len(given) == 0 {
			continue
		}
		var inserts []*state
		for _, st := range tw.inserts {
			v, ok := uniqueValue(b[:0], fs, st.entity)
			old := given[string(v)]
			if !ok || old == nil || old.status != deleting {
				inserts = append(inserts, st)
				continue
			}
			if i > 0 {
				early[old] = true
				inserts = append(inserts, st)
				continue
			}
			up, err := u.switchRow(tw, old, st)
			if err != nil {
				return nil, err
			}
			if up != nil {
				tw.updates = append(tw.updates, up)
				moving = append(moving, up)
				updating[st] = up
			}
		}
		tw.inserts = inserts
		for _, up := range moving {
			v, ok := uniqueValue(b[:0], fs, up.st.entity)
			old := given[string(v)]
			if !ok || old == nil || old == up.st {
				continue
			}
			if old.status == deleting {
				early[old] = true
			} else if first := updating[old]; first != nil {
				before[up] = append(before[up], waiting{first, i == 0})
			}
		}
	}
	for _, st := range tw.deletes {
		if early[st] {
			c.early = append(c.early, st)
		}
	}
	c.order(tw.t.m, tw.updates, before)
	return c, nil
}

// waiting is an update that must be written before another, since it gives up a
// value that the other takes.
type waiting struct {
	first *update
	key   bool // the value is the key
}

// order puts the updates into layers, each after those whose values it takes,
// and parks a row of each circle.
func (c *conflicts) order(m *mapper, ups []*update, before map[*update][]waiting) {
	c.layers = nil
	done := map[*update]bool{}
	for rest := ups; len(rest) > 0; {
		var layer, later []*update
		for _, up := range rest {
			free := true
			for _, w := range before[up] {
				free = free && done[w.first]
			}
			if free {
				layer = append(layer, up)
			} else {
				later = append(later, up)
			}
		}
		if len(layer) == 0 { // what waits for the parked row need not wait
			w := circle(later[0], before, done)
			c.parked = append(c.parked, m.parkingOf(w))
			for up, ws := range before {
				kept := ws[:0:0]
				for _, x := range ws {
					if x.first != w.first || x.key && !w.key {
						kept = append(kept, x)
					}
				}
				before[up] = kept
			}
			continue
		}
		for _, up := range layer {
			done[up] = true
		}
		c.layers, rest = append(c.layers, layer), later
	}
}

// circle follows the updates that up waits for until they come round, and
// returns one of the circle: if there is any, one that is not waited for because
// of its key, which cannot be set aside.
func circle(up *update, before map[*update][]waiting, done map[*update]bool) waiting {
	var path []waiting
	at := map[*update]int{}
	for w := (waiting{first: up}); ; {
		if i, seen := at[w.first]; seen {
			ring := append(path[i+1:], w)
			for _, x := range ring {
				if !x.key {
					return x
				}
			}
			return w
		}
		at[w.first] = len(path)
		path = append(path, w)
		for _, next := range before[w.first] {
			if !done[next.first] {
				w = next
				break
			}
		}
	}
}

// parkingOf says which columns of a row are set aside: one for each set of unique
// columns that the update changes. NULL does for a set; a foreign key has no
// value that no row has. A column that the update would not have written is
// written back by it.
func (m *mapper) parkingOf(w waiting) parking {
	up := w.first
	p := parking{st: up.st}
	for i, fs := range m.uniques {
		changed := false
		for _, f := range fs {
			changed = changed || contains(up.fields, f)
		}
		switch {
		case !changed:
		case i == 0:
			if w.key {
				p.fields = append(p.fields, fs...)
			}
		default:
			best, least := fs[0], 9
			for _, f := range fs {
				cost := 0
				if !contains(up.fields, f) {
					cost = 1
				}
				if !f.Col.Nullable {
					cost += 2
					if m.isForeignKey(f.Col) {
						cost += 4
					}
				}
				if !f.Col.PrimaryKey && cost < least {
					best, least = f, cost
				}
			}
			if !contains(p.fields, best) {
				p.fields = append(p.fields, best)
			}
			if !contains(up.fields, best) {
				up.fields = append(up.fields, best)
			}
		}
	}
	return p
}

func (m *mapper) isForeignKey(c *schema.ColumnDef) bool {
	for _, fk := range m.def.ForeignKeys {
		for _, x := range fk.Columns {
			if x == c {
				return true
			}
		}
	}
	return false
}

// switchRow has a new entity take over the row of a deleted one of the same key.
// The update is nil where their values are equal.
func (u *UnitOfWork) switchRow(tw *tableWork, old, st *state) (*update, error) {
	t := tw.t
	var deletes []*state
	for _, d := range tw.deletes {
		if d != old {
			deletes = append(deletes, d)
		}
	}
	tw.deletes = deletes
	u.log(undo{st: old, what: undoDelete, status: old.status})
	old.lose()
	var wrote []restorer
	st.snap = t.m.tracked.CloneSnapshot(old.snap)
	for _, f := range t.m.tracked.Fields {
		c := f.Col
		switch {
		case c.Computed != nil, c.IsVersion:
			wrote = append(wrote, restorer{f, f.Current(st.entity)})
			if err := f.Restore(st.entity, st.snap); err != nil {
				return nil, err
			}
		case c.HasDefault() && c.Zero == schema.ZeroTakesDefault && f.IsZero(st.entity):
			wrote = append(wrote, restorer{f: f})
			var err error
			switch {
			case c.Default != nil:
				f.SetDefault(st.entity, c.Default)
			case c.DefaultFunc != nil:
				f.SetDefault(st.entity, c.DefaultFunc())
			default: // the row has had its server default
				err = f.Restore(st.entity, st.snap)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	u.log(undo{st: st, what: undoInsert, wrote: wrote})
	delete(t.pendingKeys, st)
	st.status, st.epoch, st.mark = persistent, u.epoch, u.level
	t.ids.Put(st.key(), st)
	u.resolve(st)
	fields, err := st.changed(nil)
	if err != nil || len(fields) == 0 {
		return nil, err
	}
	return &update{st, fields}, nil
}

// deleteEarly deletes the rows whose unique values others of the flush take, and
// before them all rows to be deleted that may refer to them.
func (u *UnitOfWork) deleteEarly(ctx context.Context, w *work, found map[*tableWork]*conflicts) error {
	first := -1
	for i, tw := range w.tables {
		if len(found[tw].early) > 0 && first < 0 {
			first = i
		}
	}
	if first < 0 {
		return nil
	}
	for i := len(w.tables) - 1; i >= first; i-- {
		tw := w.tables[i]
		sts := found[tw].early
		for j := first; j < i; j++ {
			if len(found[w.tables[j]].early) > 0 && refersTo(tw.t.m.def, w.tables[j].t.m.def) {
				sts = tw.deletes
			}
		}
		if len(sts) == 0 {
			continue
		}
		if err := u.deleteAll(ctx, &tableWork{t: tw.t, deletes: sts}); err != nil {
			return err
		}
		var rest []*state
		for _, st := range tw.deletes {
			if st.status == deleting {
				rest = append(rest, st)
			}
		}
		tw.deletes = rest
	}
	return nil
}

// refersTo reports whether rows of a may refer to rows of b, through others or
// not.
func refersTo(a, b *schema.TableDef) bool {
	seen := map[*schema.TableDef]bool{}
	var visit func(t *schema.TableDef) bool
	visit = func(t *schema.TableDef) bool {
		if seen[t] {
			return false
		}
		seen[t] = true
		for _, fk := range t.ForeignKeys {
			if fk.RefTable == b || visit(fk.RefTable) {
				return true
			}
		}
		return false
	}
	return visit(a)
}

// park gives rows of a circle other values for the moment: NULL where the column
// takes it, else one that no row has.
func (u *UnitOfWork) park(ctx context.Context, m *mapper, ps []parking) error {
	for _, p := range ps {
		args := make([]driver.NamedValue, 0, len(p.fields)+len(m.key))
		aside := make([]driver.Value, len(p.fields))
		for i, f := range p.fields {
			v, err := parkedValue(f)
			if err != nil {
				return err
			}
			aside[i] = v
			args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: v})
		}
		args = snapshotArgs(args, m.key, p.st.snap)
		text, err := m.stmt(string(shapeOf('p', 1).add(p.fields)), func() (string, error) {
			return m.dialect.UpdateOne(m.def, columnsOf(p.fields), nil, m.def.PrimaryKey, nil, nil)
		})
		if err != nil {
			return err
		}
		res, err := u.conn.Exec(ctx, text, args)
		if err != nil {
			return err
		}
		if res.RowsAffected != 1 {
			return &StaleError{Entity: m.name, Op: Update.String(), Keys: []string{p.st.showKey()}}
		}
		// The row has other values now, perhaps another key: the update that
		// follows must find it. The journal keeps the row's own.
		u.keep(p.st)
		row := m.plain.NewEntity()
		for i, f := range p.fields {
			if err := f.Store(row, nil, aside[i]); err != nil {
				return err
			}
			if err := f.Snapshot(row, p.st.snap); err != nil {
				return err
			}
		}
	}
	return nil
}

// parkedValue is a value that no row has, as far as chance allows.
func parkedValue(f *field.Field) (driver.Value, error) {
	if f.Col.Nullable {
		return nil, nil
	}
	var r [16]byte
	if _, err := rand.Read(r[:]); err != nil {
		return nil, err
	}
	n := int64(r[0])<<24 | int64(r[1])<<16 | int64(r[2])<<8 | int64(r[3])
	switch f.Col.Type.Kind {
	case schema.TextKind:
		s := hex.EncodeToString(r[:])
		if size := f.Col.Type.Size; size > 0 {
			s = s[:min(size, len(s))]
		}
		return s, nil
	case schema.Int16Kind:
		return math.MinInt16 + n%1000, nil
	case schema.Int32Kind:
		return math.MinInt32 + n%1_000_000, nil
	case schema.Int64Kind:
		return math.MinInt64 + n, nil
	case schema.Float64Kind, schema.Float32Kind:
		return -float64(n) - 0.5, nil
	case schema.UUIDKind:
		return f.UUIDValue(r), nil
	case schema.BytesKind:
		return r[:], nil
	case schema.TimeKind:
		return f.TimeValue(time.Unix(-60_000_000_000+n, 0)), nil
	}
	return nil, fmt.Errorf("rows exchange values of column %s in a circle, and its type has no value to set aside: flush in between", f.Col.Name)
}
