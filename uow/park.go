package uow

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// parking is a row whose unique columns take another value for the moment, since
// others take its own before it has given them up.
type parking struct {
	st   *state
	up   *update // that gives it its new values; nil where it is to be deleted
	key  bool    // the key is set aside as well
	sets []int   // the unique sets of columns to be set aside, by number
}

// parkingOf parks the unique columns that an update changes, but for the key.
func (m *mapper) parkingOf(up *update) *parking {
	p := &parking{st: up.st, up: up}
	for i, fs := range m.uniques {
		if i > 0 && anyOf(fs, up.fields) {
			p.sets = append(p.sets, i)
		}
	}
	return p
}

// park gives rows other values for the moment: one column of each set of unique
// ones, NULL where it takes that, else a value that no row has.
func (u *UnitOfWork) park(ctx context.Context, tw *tableWork, ps []*parking) error {
	m := tw.t.m
	empty := map[*field.Field][]*state{}
	var order []*field.Field
	for _, p := range ps {
		aside := map[*field.Field]bool{}
		for _, i := range p.sets {
			fs := m.asideOrder(i, p)
			switch {
			case aside[fs[0]]:
			case fs[0].Col.Nullable:
				aside[fs[0]] = true
				if empty[fs[0]] == nil {
					order = append(order, fs[0])
				}
				empty[fs[0]] = append(empty[fs[0]], p.st)
				p.writesBack(fs[0])
			default:
				f, err := u.parkValue(ctx, m, p.st, fs, tw.takes(fs))
				if err != nil {
					return err
				}
				aside[f] = true
				p.writesBack(f)
			}
		}
	}
	for _, f := range order {
		if err := u.setNull(ctx, m, []*field.Field{f}, empty[f]); err != nil {
			return err
		}
	}
	return nil
}

// writesBack has the update that follows write a column that it would not have
// written.
func (p *parking) writesBack(f *field.Field) {
	if p.up != nil && !contains(p.up.fields, f) {
		p.up.fields = append(p.up.fields, f)
	}
}

// asideOrder are the columns of a unique set, those first that are best set
// aside: that take NULL, that are changed anyway, that are no foreign key, whose
// values must be another row's key. Those of the primary key come only with the
// key itself, since rows may refer to it.
func (m *mapper) asideOrder(set int, p *parking) []*field.Field {
	cost := func(f *field.Field) (n int) {
		if set > 0 && f.Col.PrimaryKey {
			n += 8
		}
		if !f.Col.Nullable {
			n += 2
			if m.foreignKeyOf(f.Col) != nil {
				n += 4
			}
		}
		if p.up != nil && !contains(p.up.fields, f) {
			n++
		}
		return n
	}
	fs := slices.Clone(m.uniques[set])
	slices.SortStableFunc(fs, func(a, b *field.Field) int { return cmp.Compare(cost(a), cost(b)) })
	return fs
}

// foreignKeyOf is a foreign key that the column is part of, nil where there is
// none.
func (m *mapper) foreignKeyOf(c *schema.ColumnDef) *schema.ForeignKeyDef {
	for _, fk := range m.def.ForeignKeys {
		if slices.Contains(fk.Columns, c) {
			return fk
		}
	}
	return nil
}

// takes are the values of unique columns that rows of the flush will have.
func (tw *tableWork) takes(fs []*field.Field) map[string]bool {
	out := map[string]bool{}
	for _, sts := range [2][]*state{tw.inserts, tw.updated()} {
		for _, st := range sts {
			if v, ok := uniqueValue(nil, fs, st.entity); ok {
				out[string(v)] = true
			}
		}
	}
	return out
}

// parkValue gives the first of the columns that takes one a value that no row
// has or will have, and returns it. What the database refuses, for a CHECK for
// instance, is not the last word: each attempt stands in a savepoint.
func (u *UnitOfWork) parkValue(ctx context.Context, m *mapper, st *state, fs []*field.Field, taken map[string]bool) (*field.Field, error) {
	var last error
	if own, ok := oldValue(nil, fs, st.snap); ok {
		taken[string(own)] = true
	}
	for _, f := range fs {
		vs, err := u.asideValues(ctx, m, f)
		if err != nil {
			return nil, err
		}
		for _, v := range vs {
			row := m.plain.NewEntity()
			if f.Store(row, nil, v) != nil {
				continue // not a value of the Go type
			}
			if v, err = f.Load(row); err != nil {
				continue // nor of the column
			}
			then := m.tracked.CloneSnapshot(st.snap)
			if err := f.Snapshot(row, then); err != nil {
				return nil, err
			}
			if will, _ := oldValue(nil, fs, then); taken[string(will)] {
				continue
			}
			refused, err := u.tryValue(ctx, m, st, f, v)
			if err != nil {
				return nil, err
			}
			if refused == nil {
				return f, u.setAside(ctx, m, []*field.Field{f}, row, []*state{st})
			}
			last = refused
		}
	}
	e := &ExchangeError{Entity: m.name, Table: m.def.Name, Columns: namesOf(fs), Key: st.showKey(), Err: last}
	for _, f := range fs {
		if fk := m.foreignKeyOf(f.Col); fk != nil {
			e.Parents = fk.RefTable.Name
		}
	}
	return nil, e
}

// tryValue updates one column of a row. That the database does not take the value
// is refused.
func (u *UnitOfWork) tryValue(ctx context.Context, m *mapper, st *state, f *field.Field, v driver.Value) (refused, err error) {
	match := m.match()
	text, err := m.stmt(string(shapeOf('p', 1).add([]*field.Field{f})), func() (string, error) {
		return m.dialect.UpdateOne(m.def, []*schema.ColumnDef{f.Col}, nil, m.def.PrimaryKey, columnsOf(match), nil)
	})
	if err != nil {
		return nil, err
	}
	const point = "dormer_aside"
	if err := u.conn.Savepoint(ctx, point); err != nil {
		return nil, err
	}
	args := snapshotArgs([]driver.NamedValue{{Ordinal: 1, Value: v}}, m.key, st.snap)
	res, err := u.conn.Exec(ctx, text, snapshotArgs(args, match, st.snap))
	switch {
	case err == nil && res.RowsAffected != 1:
		return nil, &StaleError{Entity: m.name, Op: Update.String(), Keys: []string{st.showKey()}}
	case err == nil:
		return nil, u.conn.ReleaseSavepoint(ctx, point)
	case !isRefusal(err):
		return nil, err
	}
	if err := u.conn.RollbackTo(ctx, point); err != nil {
		return nil, err
	}
	return err, u.conn.ReleaseSavepoint(ctx, point)
}

// isRefusal reports whether a statement failed for a value that it wrote.
func isRefusal(err error) bool {
	for _, kind := range []error{dialect.ErrUnique, dialect.ErrForeignKey, dialect.ErrNotNull, dialect.ErrCheck, dialect.ErrValue} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// setNull empties columns of rows, as many in one statement as it takes.
func (u *UnitOfWork) setNull(ctx context.Context, m *mapper, fs []*field.Field, sts []*state) error {
	d, match := u.db.Dialect(), m.match()
	var null []expr.SetClause
	for _, f := range fs {
		null = append(null, expr.SetClause{Column: f.Col.Ref, Value: &expr.ParamNode{}})
	}
	width := len(m.key) + len(match)
	_, columnar := d.(dialect.ArrayElements)
	for most := d.MaxBulkRows(width); len(sts) > 0; {
		part := sts[:min(most, len(sts))]
		sts = sts[len(part):]
		rows := len(part)
		if columnar {
			rows = 0
		}
		text, err := m.stmt(string(shapeOf('n', rows).add(fs)), func() (string, error) {
			b, err := d.BulkUpdate(m.def, nil, null, m.def.PrimaryKey, columnsOf(match), len(part), m.def.PrimaryKey)
			return b.SQL, err
		})
		if err != nil {
			return err
		}
		b := u.newBatch(columnar, width, len(part))
		for _, st := range part {
			b.addSnapshot(m.key, st.snap)
			b.addSnapshot(match, st.snap)
		}
		missing, err := u.matched(ctx, m, text, b.arguments(), part)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			return staleOf(m, Update, missing)
		}
		if err := u.setAside(ctx, m, fs, m.plain.NewEntity(), part); err != nil {
			return err
		}
	}
	return nil
}

// setAside takes note of what rows have now, perhaps another key, so that the
// statement that follows finds them: the values of row in the columns, and the
// version that the database has made. The journal keeps the rows' own.
func (u *UnitOfWork) setAside(ctx context.Context, m *mapper, fs []*field.Field, row field.Ptr, sts []*state) error {
	before := u.snapshots(m, fs, sts)
	for _, st := range sts {
		u.keep(st)
		for _, f := range fs {
			if err := f.Snapshot(row, st.snap); err != nil {
				return err
			}
		}
	}
	if err := u.rereadVersions(ctx, m, sts); err != nil {
		return err
	}
	return u.moved(ctx, m, fs, sts, before)
}

// rereadVersions has the snapshots know the versions that the database has made
// for rows. The entities hold what the program set, keys too: the versions go by
// way of others.
func (u *UnitOfWork) rereadVersions(ctx context.Context, m *mapper, sts []*state) error {
	if m.def.Version == nil || !m.def.Version.MadeVersion {
		return nil
	}
	es := make([]field.Ptr, len(sts))
	for i, st := range sts {
		es[i] = m.plain.NewEntity()
		for _, f := range m.key {
			if err := f.Restore(es[i], st.snap); err != nil {
				return err
			}
		}
	}
	if err := u.readVersionsInto(ctx, m, es); err != nil {
		return err
	}
	version := m.tracked.Fields[m.def.Version.Position]
	for i, st := range sts {
		if err := version.Snapshot(es[i], st.snap); err != nil {
			return err
		}
	}
	return nil
}

func namesOf(fs []*field.Field) []string {
	names := make([]string, len(fs))
	for i, f := range fs {
		names[i] = f.Col.Name
	}
	return names
}

func statesOf(ps []*parking) []*state {
	sts := make([]*state, len(ps))
	for i, p := range ps {
		sts[i] = p.st
	}
	return sts
}
