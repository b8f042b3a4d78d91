package uow

import (
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// plan lists the rows that w writes, in the order of the statements.
func (w *work) plan() *Plan {
	p := &Plan{}
	second, last := w.secondUpdates()
	for _, tw := range w.tables {
		for _, up := range tw.updates {
			if !last[up.st] {
				p.add(w, Update, up.st, up.fields, "")
			}
		}
		for _, st := range tw.inserts {
			p.add(w, Insert, st, nil, "")
		}
	}
	for _, s := range second {
		p.add(w, Update, s.st, s.fields, "cycle, refers to a new row of "+s.to.Name)
	}
	for _, l := range w.links {
		for _, k := range l.remove {
			p.changes = append(p.changes, Change{Op: Delete, Table: l.link.Association.Name, Key: k.String()})
		}
		for _, k := range l.add {
			p.changes = append(p.changes, Change{Op: Insert, Table: l.link.Association.Name, Key: k.String()})
		}
	}
	for _, d := range w.burials(func(*state) bool { return true }) {
		for _, st := range d.sts {
			p.add(w, Delete, st, []*field.Field{d.t.m.soft}, "")
		}
	}
	for ds := w.deletions(func(*state) bool { return true }); len(ds) > 0; {
		d, holds := nextDeletion(ds)
		for _, h := range holds {
			p.letGo(w, h.in, h.fk, h.sts)
		}
		layers, held := d.t.m.leavesFirst(d.sts, w.u.mostDeleted(d.t.m))
		for _, fk := range d.t.m.selfKeeping(held) {
			p.letGo(w, d.t, fk, held)
		}
		for _, layer := range layers {
			for _, st := range layer {
				p.add(w, Delete, st, nil, "")
			}
		}
		ds = without(ds, d)
	}
	return p
}

// add adds a row. A cascade that asks for it is the better cause.
func (p *Plan) add(w *work, op Op, st *state, fields []*field.Field, cause string) {
	c := Change{Op: op, Entity: st.in.m.plain.Of(st.entity), Table: st.in.m.def.Name, Cause: cause}
	if why := w.causes[st]; why != "" {
		c.Cause = why
	}
	if k := st.key(); !k.IsZero() {
		c.Key = k.String()
	}
	for _, f := range fields {
		c.Columns = append(c.Columns, f.Col.Name)
	}
	p.changes = append(p.changes, c)
}

// letGo adds the UPDATE by which rows that are to be deleted let go of others that
// are, too.
func (p *Plan) letGo(w *work, t *table, fk *schema.ForeignKeyDef, sts []*state) {
	null := nullable(t.m.fieldsOf(fk.Columns))
	for _, st := range sts {
		p.add(w, Update, st, null, "")
		p.changes[len(p.changes)-1].Cause = "cycle, lets go of " + fk.RefTable.Name + " before the deletion"
	}
}

// secondUpdate is an UPDATE of foreign keys that waits until the rows that they
// refer to are inserted.
type secondUpdate struct {
	st     *state
	fields []*field.Field
	to     *schema.TableDef
}

// secondUpdates finds what updateLate will write: foreign keys of new rows that
// cannot be filled when these are inserted, and updates that wait for them. Those
// are last, and written nowhere else.
func (w *work) secondUpdates() (second []secondUpdate, last map[*state]bool) {
	u := w.u
	if len(u.waiting) == 0 {
		return nil, nil
	}
	later := func(st *state, l pendingLink) bool {
		return l.target.status == isNew && u.ms.rankOf(l.target.in.m.def) > u.ms.rankOf(st.in.m.def)
	}
	last = map[*state]bool{}
	for _, tw := range w.tables {
		place := map[*state]int{}
		if layers, err := u.layers(tw.inserts); err == nil { // else the flush fails
			for i, layer := range layers {
				for _, st := range layer {
					place[st] = i
				}
			}
		}
		for _, st := range tw.inserts {
			s := secondUpdate{st: st}
			for _, l := range u.waiting[st] {
				if later(st, l) || l.target.in == st.in && l.target.status == isNew && place[l.target] >= place[st] {
					s.fields, s.to = append(s.fields, l.f), l.target.in.m.def
				}
			}
			if len(s.fields) > 0 {
				second = append(second, s)
			}
		}
		for _, up := range tw.updates {
			for _, l := range u.waiting[up.st] {
				if later(up.st, l) {
					last[up.st] = true
					second = append(second, secondUpdate{up.st, up.fields, l.target.in.m.def})
					break
				}
			}
		}
	}
	return second, last
}
