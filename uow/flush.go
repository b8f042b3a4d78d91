package uow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
)

// Flush writes all changes to the database, inside the transaction: first what
// is inserted and updated, tables in foreign-key order, then what is deleted,
// in the reverse order; rows that change the same columns in one statement.
// Nothing changed sends nothing. After an error, a *FlushError or *StaleError,
// the transaction can only be rolled back, as a whole or to a savepoint.
func (u *UnitOfWork) Flush(ctx context.Context) error {
	if err := u.enter(); err != nil {
		return opError("flush", "", err)
	}
	defer u.leave()
	return u.flush(ctx)
}

func (u *UnitOfWork) flush(ctx context.Context) error {
	_, err := u.flushOnce(ctx)
	return err
}

func (u *UnitOfWork) flushOnce(ctx context.Context) (wrote bool, err error) {
	if u.flushing || u.preparing {
		return false, opError("flush", "", ErrFlushing)
	}
	if u.failed != nil {
		return false, u.rollbackOnly()
	}
	if u.opts.readOnly {
		return false, u.checkReadOnly()
	}
	if u.told >= maxFlushRounds {
		u.failed = errEndless("flush")
		return false, u.failed
	}
	w, err := u.prepare(ctx)
	if err != nil {
		u.failed = err
		return false, err
	}
	if err := w.restoreVersions(); err != nil {
		u.failed = err
		return false, err
	}
	if w.empty() {
		u.written()
		u.dropStreamed()
		return false, nil
	}
	if err := u.checkTenants(ctx, w); err != nil {
		u.failed = err
		return false, err
	}
	if err := u.checkCycles(w); err != nil {
		u.failed = err
		return false, err
	}
	if err := u.begin(ctx); err != nil {
		return false, opError("flush", "", err)
	}
	u.wrote = true
	err = u.executing(ctx, w)
	if err == nil {
		err = u.tellFlushed(ctx)
	}
	if err != nil {
		u.failed = err
		return true, err
	}
	u.dropStreamed()
	return true, nil
}

// executing executes w. A panic, of a DefaultFunc or a Valuer, leaves half a
// flush behind, which must not be committed.
func (u *UnitOfWork) executing(ctx context.Context, w *work) error {
	u.flushing = true
	done := false
	defer func() {
		u.flushing = false
		if !done && u.failed == nil {
			u.failed = errors.New("a flush panicked")
		}
	}()
	err := u.execute(ctx, w)
	done = true
	return err
}

// checkReadOnly finds changes that a read-only unit must not have.
func (u *UnitOfWork) checkReadOnly() error {
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		for _, st := range t.states {
			if st.status != persistent {
				continue
			}
			if r := st.reassigned(); r != nil {
				return opError("flush", t.m.name, fmt.Errorf("key %s: relation %s was changed: %w", st.showKey(), r.def.Name, ErrReadOnly))
			}
			for _, f := range t.m.tracked.Fields {
				if c, err := f.Changed(st.entity, st.snap); err != nil {
					return err
				} else if c && f.Col.Computed == nil {
					return opError("flush", t.m.name, fmt.Errorf("key %s: field %s was changed: %w", st.showKey(), f.Col.Field, ErrReadOnly))
				}
			}
		}
	}
	return nil
}

// execute writes w: what must make way first, then table by table what is saved,
// then the links, then what is deleted.
func (u *UnitOfWork) execute(ctx context.Context, w *work) error {
	found := map[*tableWork]*conflicts{}
	for _, tw := range w.tables {
		c, err := u.conflictsOf(ctx, tw)
		if err != nil {
			return err
		}
		found[tw] = c
	}
	if err := u.deleteEarly(ctx, w, found); err != nil {
		return err
	}
	for _, tw := range w.tables {
		if err := u.save(ctx, tw, found[tw]); err != nil {
			return err
		}
	}
	if err := u.updateLate(ctx, w); err != nil {
		return err
	}
	for _, l := range w.links {
		if err := u.unlinkRows(ctx, l); err != nil {
			return err
		}
		if err := u.linkRows(ctx, l); err != nil {
			return err
		}
	}
	any := func(*state) bool { return true }
	if err := u.buryAll(ctx, w.burials(any)); err != nil {
		return err
	}
	if err := u.deleteRows(ctx, w.deletions(any)); err != nil {
		return err
	}
	for _, tw := range w.tables {
		lost := tw.deletes
		if tw.t.m.soft != nil {
			lost = slices.DeleteFunc(slices.Clone(lost), func(st *state) bool { return st.status != deleted })
		}
		if len(lost) > 0 {
			if err := u.bereave(tw.t.m, lost); err != nil {
				return err
			}
		}
		tw.t.fresh, tw.t.heirs = nil, nil
	}
	u.written()
	return nil
}

// save updates and inserts rows of one table.
func (u *UnitOfWork) save(ctx context.Context, tw *tableWork, c *conflicts) error {
	if err := u.park(ctx, tw, c.parked); err != nil {
		return u.failure(Update, tw.t.m, statesOf(c.parked), err)
	}
	if err := u.updateLayers(ctx, tw.t, c.layers[atFirst]); err != nil {
		return err
	}
	layers, err := u.insertLayers(tw)
	if err != nil {
		return err
	}
	for _, layer := range layers {
		if err := u.insertAll(ctx, tw, layer); err != nil {
			return err
		}
	}
	return u.updateLayers(ctx, tw.t, c.layers[afterInserts])
}

func (u *UnitOfWork) updateLayers(ctx context.Context, t *table, layers [][]*update) error {
	for _, layer := range layers {
		if err := u.updateAll(ctx, &tableWork{t: t, updates: layer}); err != nil {
			return err
		}
	}
	return nil
}

// insertLayers are a table's new rows, each layer after those that it refers to:
// by relations, or by keys that the program set.
func (u *UnitOfWork) insertLayers(tw *tableWork) ([][]*state, error) {
	layers := [][]*state{tw.inserts}
	if len(u.waiting) > 0 {
		var err error
		if layers, err = u.layers(tw.inserts); err != nil {
			return nil, err
		}
	}
	if self := tw.selfReferencesOf(); self != nil && len(layers) == 1 {
		layers = self.order(tw.inserts)
	}
	return layers, nil
}

// written forgets what was pending of relations.
func (u *UnitOfWork) written() {
	refs := u.refs
	u.refs, u.followed, u.replaced, u.pairs, u.causes = nil, nil, nil, nil, nil
	u.spareLinks(refs)
}

// failure wraps the error of one of a flush's statements.
func (u *UnitOfWork) failure(op Op, m *mapper, sts []*state, err error) error {
	var stale *StaleError
	if errors.As(err, &stale) {
		return err
	}
	at, i := faultOf(err, sts)
	if at != nil {
		err = at.err
	}
	one := sts
	if i >= 0 {
		one = sts[i : i+1]
	}
	u.nameForeignKey(op, m, one, err)
	e := &FlushError{Op: op.String(), Entity: m.name, Table: m.def.Name, Rows: len(sts), Err: u.nameConstraint(err)}
	if i >= 0 {
		e.at(m, at.entity, i, len(sts))
	}
	for _, st := range one {
		if len(e.Keys) == 10 {
			break
		}
		if k := st.key(); !k.IsZero() {
			e.Keys = append(e.Keys, k.String())
		}
	}
	return e
}

// faultOf finds the entity that an error blames: its place among sts, -1 where
// none of them is blamed.
func faultOf(err error, sts []*state) (*atFault, int) {
	var at *atFault
	if !errors.As(err, &at) {
		if len(sts) == 1 {
			return &atFault{sts[0].entity, err}, 0
		}
		return nil, -1
	}
	return at, slices.IndexFunc(sts, func(st *state) bool { return st.entity == at.entity })
}

// nameConstraint adds what the model knows to a constraint violation.
func (u *UnitOfWork) nameConstraint(err error) error {
	return dialect.Complete(err, u.db.Metadata().Tables())
}
