package uow

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// Op is what a flush does to a row.
type Op uint8

// The operations.
const (
	Insert Op = iota + 1
	Update
	Delete
)

func (o Op) String() string {
	switch o {
	case Insert:
		return "insert"
	case Update:
		return "update"
	case Delete:
		return "delete"
	}
	return "none"
}

// Change is one row that a flush writes.
type Change struct {
	Op Op
	// Entity is the pointer to the entity, nil for a row of an association table;
	// Table is its table's name.
	Entity any
	Table  string
	// Key is the row's key for reading, "" where the database has yet to make
	// it.
	Key string
	// Columns are the changed columns of an update; of a deletion, the one that is
	// set where the row stays.
	Columns []string
	// Cause says which cascade asks for it, or which cycle of foreign keys, "" where
	// the program does.
	Cause string
}

// Plan is what a flush would write, in the order of its statements. It is data:
// changing it changes nothing.
type Plan struct{ changes []Change }

// Changes returns the rows in the order in which they would be written.
func (p *Plan) Changes() []Change { return p.changes }

// String lists the changes, a line each.
func (p *Plan) String() string {
	var b strings.Builder
	for _, c := range p.changes {
		fmt.Fprintf(&b, "%s %s", c.Op, c.Table)
		if c.Key != "" {
			fmt.Fprintf(&b, " key %s", c.Key)
		}
		if len(c.Columns) > 0 {
			fmt.Fprintf(&b, " (%s)", strings.Join(c.Columns, ", "))
		}
		if c.Cause != "" {
			fmt.Fprintf(&b, ": %s", c.Cause)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Plan returns what a flush would write now. It writes nothing and runs no hooks;
// it may read the rows that cascades reach.
func (u *UnitOfWork) Plan(ctx context.Context) (*Plan, error) {
	if err := u.enter(); err != nil {
		return nil, opError("plan", "", err)
	}
	defer u.leave()
	defer func(was bool) { u.preparing = was }(u.preparing)
	u.preparing = true // AfterLoad of what cascades reach flushes nothing
	w, err := u.collect(ctx)
	if err != nil {
		return nil, opError("plan", "", err)
	}
	p := w.plan()
	u.uncascade()
	return p, nil
}

// work is what a flush writes, table by table in foreign-key order.
type work struct {
	u      *UnitOfWork
	tables []*tableWork
	links  []*linkWork
	causes map[*state]string
	// versions are the entities whose version the program has set, which counts for
	// nothing.
	versions []*state
}

type tableWork struct {
	t       *table
	inserts []*state
	updates []*update
	deletes []*state
}

// update is a changed entity with its changed fields.
type update struct {
	st     *state
	fields []*field.Field
}

func (w *work) empty() bool { return len(w.tables)+len(w.links) == 0 }

// collect compares every entity with its snapshot.
func (u *UnitOfWork) collect(ctx context.Context) (*work, error) {
	if err := u.relate(); err != nil {
		return nil, err
	}
	if err := u.cascade(ctx); err != nil {
		return nil, err
	}
	if err := u.checkLinks(); err != nil {
		return nil, err
	}
	w := &work{u: u, links: u.linksToWrite(), causes: u.causes.all()}
	var scratch []*field.Field
	for _, t := range u.tables {
		if t == nil {
			continue
		}
		var tw tableWork
		for _, st := range t.fresh {
			switch st.status {
			case isNew:
				tw.inserts = append(tw.inserts, st)
			case deleting:
				tw.deletes = append(tw.deletes, st)
			}
		}
		for _, st := range t.states {
			if st.status != persistent || u.spared[st] {
				continue
			}
			for _, f := range t.m.computed {
				if c, err := f.Changed(st.entity, st.snap); err != nil || c {
					return nil, &FlushError{Op: "update", Entity: t.m.name, Table: t.m.def.Name, Keys: []string{st.showKey()}, Rows: 1, Err: errors.Join(err, &schema.ValueError{
						Table: t.m.def.Name, Column: f.Col.Name, Reason: "the database computes it, so that it cannot be set"})}
				}
			}
			differs, err := t.m.tracked.Differs(st.entity, st.snap)
			if !differs && err == nil && len(u.waiting) == 0 {
				continue
			}
			if err == nil {
				scratch, err = st.changed(scratch[:0])
			}
			if err != nil {
				return nil, &FlushError{Op: "update", Entity: t.m.name, Table: t.m.def.Name, Keys: []string{st.showKey()}, Rows: 1, Err: err}
			}
			if v := t.m.def.Version; v != nil {
				if c, err := t.m.tracked.Fields[v.Position].Changed(st.entity, st.snap); err == nil && c {
					w.versions = append(w.versions, st)
				}
			}
			for _, l := range u.waiting[st] {
				if !contains(scratch, l.f) {
					scratch = append(scratch, l.f)
				}
			}
			if len(scratch) > 0 {
				tw.updates = append(tw.updates, &update{st, append([]*field.Field(nil), scratch...)})
			}
		}
		if len(tw.inserts)+len(tw.updates)+len(tw.deletes) == 0 {
			continue
		}
		sort.SliceStable(tw.updates, func(i, j int) bool { return t.m.keyLess(tw.updates[i].st, tw.updates[j].st) })
		sort.SliceStable(tw.deletes, func(i, j int) bool { return t.m.keyLess(tw.deletes[i], tw.deletes[j]) })
		w.tables = append(w.tables, &tableWork{t, tw.inserts, tw.updates, tw.deletes})
	}
	sort.SliceStable(w.tables, func(i, j int) bool {
		return u.ms.rankOf(w.tables[i].t.m.def) < u.ms.rankOf(w.tables[j].t.m.def)
	})
	return w, nil
}

// keyLess orders entities by their keys, so that concurrent units lock rows in
// one order.
func (m *mapper) keyLess(a, b *state) bool {
	for _, f := range m.key {
		if c := f.Compare(a.entity, b.entity); c != 0 {
			return c < 0
		}
	}
	return false
}
