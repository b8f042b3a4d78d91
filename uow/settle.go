package uow

import (
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// settleField brings a field that was written to the form that its row keeps. What
// the program had set is noted for a rollback, which may make the entity new again.
func settleField(st *state, f *field.Field, wrote []restorer) ([]restorer, error) {
	switch {
	case st.born != 0: // it had a row before: the snapshot restores it
		return wrote, f.Settle(st.entity)
	case f.Col.Type.Kind == schema.TimeKind:
		old := f.Time(st.entity)
		err := f.Settle(st.entity)
		if old != f.Time(st.entity) {
			wrote = append(wrote, restorer{f, old})
		}
		return wrote, err
	case f.Col.Type.Kind == schema.DecimalKind:
		wrote = append(wrote, restorer{f, f.Current(st.entity)})
	}
	return wrote, f.Settle(st.entity)
}

// settledFields logs what settleField noted.
func (u *UnitOfWork) settledFields(st *state, wrote []restorer) {
	if len(wrote) > 0 {
		u.log(undo{st: st, what: undoSettle, wrote: wrote})
	}
}

// touch notes what an entity that was added holds in the fields that its UPDATE
// will fill by itself.
func (u *UnitOfWork) touch(g *updateGroup, st *state) {
	if len(g.exprs) == 0 || st.born != 0 {
		return
	}
	var wrote []restorer
	for _, c := range g.exprs {
		for _, f := range g.returning {
			if f.Col.Ref == c.Column {
				wrote = append(wrote, restorer{f, f.Current(st.entity)})
			}
		}
	}
	u.log(undo{st: st, what: undoTouch, wrote: wrote})
}

// written tells apart, while an added entity becomes new again, what the program
// has set last.
type written map[writtenField]bool

type writtenField struct {
	st *state
	f  *field.Field
}

// back restores fields that Dormer settled or touched, unless the program has set
// them since. What it set last is what counts.
func (w written) back(x undo) {
	for _, r := range x.wrote {
		k := writtenField{x.st, r.f}
		final, seen := w[k]
		if final {
			continue
		}
		if !seen {
			if c, err := r.f.Changed(x.st.entity, x.st.snap); c || err != nil {
				w[k] = true
				continue
			}
		}
		r.restore(x.st.entity)
		w[k] = x.what == undoSettle
	}
}
