package uow

import (
	"context"
	"slices"

	"github.com/dormer-orm/dormer/schema"
)

// reference is a value of a foreign key.
type reference struct {
	fk    *schema.ForeignKeyDef
	value string
}

// referrers are the rows of a flush by what they refer to.
type referrers struct {
	w       *work
	deletes map[reference][]*state
	updates map[reference]bool // rows that are to be moved or changed
}

func referrersOf(w *work) *referrers {
	r := &referrers{w: w, deletes: map[reference][]*state{}, updates: map[reference]bool{}}
	for _, tw := range w.tables {
		for _, fk := range tw.t.m.def.ForeignKeys {
			fs := tw.t.m.fieldsOf(fk.Columns)
			for _, st := range tw.deletes {
				if v, ok := oldValue(nil, fs, st.snap); ok {
					at := reference{fk, string(v)}
					r.deletes[at] = append(r.deletes[at], st)
				}
			}
			for _, up := range tw.updates {
				if v, ok := oldValue(nil, fs, up.st.snap); ok {
					r.updates[reference{fk, string(v)}] = true
				}
			}
		}
	}
	return r
}

// below adds to seen a row to be deleted and those to be deleted that refer to
// it, through others or not. Alone is false where rows that stay refer to one of
// them as yet.
func (r *referrers) below(st *state, seen map[*state]bool) (alone bool) {
	if seen[st] {
		return true
	}
	seen[st] = true
	if r.w.u.softly(st) { // its row stays, and those that refer to it
		return true
	}
	alone = true
	for _, tw := range r.w.tables {
		for _, fk := range tw.t.m.def.ForeignKeys {
			if fk.RefTable != st.in.m.def {
				continue
			}
			v, ok := oldValue(nil, st.in.m.fieldsOf(fk.RefColumns), st.snap)
			if !ok {
				continue
			}
			at := reference{fk, string(v)}
			alone = alone && !r.updates[at]
			for _, child := range r.deletes[at] {
				alone = r.below(child, seen) && alone
			}
		}
	}
	return alone
}

// deleteEarly makes way where others of the flush take the unique values of rows
// to be deleted. These go first, and before them the rows to be deleted that
// refer to them. One that rows refer to which are yet to be moved away is set
// aside instead, but for its key, which they hold.
func (u *UnitOfWork) deleteEarly(ctx context.Context, w *work, found map[*tableWork]*conflicts) error {
	var r *referrers
	early := map[*state]bool{}
	for _, tw := range w.tables {
		c := found[tw]
		for _, st := range tw.deletes {
			sets := c.claimed[st]
			if len(sets) == 0 {
				continue
			}
			if r == nil {
				r = referrersOf(w)
			}
			group := map[*state]bool{}
			if !r.below(st, group) && !slices.Contains(sets, 0) {
				slices.Sort(sets)
				c.parked = append(c.parked, &parking{st: st, sets: slices.Compact(sets)})
				continue
			}
			for st := range group {
				early[st] = true
			}
		}
	}
	if len(early) == 0 {
		return nil
	}
	first := func(st *state) bool { return early[st] }
	if err := u.buryAll(ctx, w.burials(first)); err != nil {
		return err
	}
	return u.deleteRows(ctx, w.deletions(first))
}

// deletions are the rows to be deleted still, those of them that pass, but not
// those that stay and are marked.
func (w *work) deletions(pass func(st *state) bool) []*deletion {
	var ds []*deletion
	for _, tw := range w.tables {
		d := &deletion{t: tw.t}
		for _, st := range tw.deletes {
			if st.status == deleting && !w.u.softly(st) && pass(st) {
				d.sts = append(d.sts, st)
			}
		}
		if len(d.sts) > 0 {
			ds = append(ds, d)
		}
	}
	return ds
}
