package uow

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sort"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// linkWork are the rows that a flush writes into one association table.
type linkWork struct {
	link          *rel.Link
	child, parent *mapper
	add, remove   []pairKey
	sure          bool // all rows to be removed were seen
}

// linksToWrite groups the pending association rows, in the order in which they
// came. Rows of entities whose rows go, go with these; a row that is marked as deleted
// stays, with its links.
func (u *UnitOfWork) linksToWrite() []*linkWork {
	if len(u.pairs) == 0 {
		return nil
	}
	keys := make([]pairKey, 0, len(u.pairs))
	for k := range u.pairs {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return u.pairs[keys[i]].seq < u.pairs[keys[j]].seq })
	var out []*linkWork
	byLink := map[*rel.Link]*linkWork{}
	for _, k := range keys {
		if u.leaves(k.child) || u.leaves(k.parent) {
			continue
		}
		w := byLink[k.link]
		if w == nil {
			w = &linkWork{link: k.link, child: k.child.in.m, parent: k.parent.in.m, sure: true}
			byLink[k.link] = w
			out = append(out, w)
		}
		if p := u.pairs[k]; p.remove {
			w.remove = append(w.remove, k)
			w.sure = w.sure && p.sure
		} else {
			w.add = append(w.add, k)
		}
	}
	return out
}

func goes(st *state) bool { return st.status == deleting || st.status == deleted }

// leaves reports whether an entity's row is gone after the next flush.
func (u *UnitOfWork) leaves(st *state) bool {
	return st.status == deleted || st.status == deleting && !u.softly(st)
}

// checkLinks finds association rows one side of which the unit has let go of.
func (u *UnitOfWork) checkLinks() error {
	for k := range u.pairs {
		for _, st := range [2]*state{k.child, k.parent} {
			if st.status == gone && st.snap == nil {
				return &rel.DetachedError{Entity: k.child.in.m.name, Relation: k.link.Child.Name,
					Err: fmt.Errorf("%s is one of the two sides of a link and was detached: %w", st.in.m.name, ErrNotManaged)}
			}
		}
	}
	return nil
}

func (w *linkWork) columns() []*schema.ColumnDef {
	return append(append([]*schema.ColumnDef(nil), w.link.ToChild...), w.link.ToParent...)
}

// unlinkRows deletes association rows, before their sides.
func (u *UnitOfWork) unlinkRows(ctx context.Context, w *linkWork) error {
	return u.eachLinks(ctx, w, w.remove, func(cols []*schema.ColumnDef, n int) dialect.Bulk {
		return u.db.Dialect().BulkDelete(w.link.Association, cols, nil, n)
	}, 'U', func(rows []pairKey, affected int64) error {
		if !w.sure || affected == int64(len(rows)) {
			return nil
		}
		e := &StaleError{Entity: w.link.Association.Name, Op: Delete.String()}
		for _, k := range rows {
			e.Keys = append(e.Keys, k.String())
		}
		return e
	})
}

// linkRows inserts association rows, after both sides. Those that are there
// already are passed over, since a collection need not be loaded to be added to.
func (u *UnitOfWork) linkRows(ctx context.Context, w *linkWork) error {
	return u.eachLinks(ctx, w, w.add, func(cols []*schema.ColumnDef, n int) dialect.Bulk {
		return u.db.Dialect().BulkLink(w.link.Association, cols, n)
	}, 'L', func([]pairKey, int64) error { return nil })
}

func (u *UnitOfWork) eachLinks(ctx context.Context, w *linkWork, rows []pairKey, build func(cols []*schema.ColumnDef, n int) dialect.Bulk, kind byte, check func(rows []pairKey, affected int64) error) error {
	d := u.db.Dialect()
	cols := w.columns()
	most := d.MaxBulkRows(len(cols))
	_, columnar := d.(dialect.ArrayElements)
	for len(rows) > 0 {
		now := rows[:min(most, len(rows))]
		rows = rows[len(now):]
		n := len(now)
		if columnar {
			n = 0
		}
		text, err := w.child.stmt(string(shapeOf(kind, n))+w.link.Association.QualifiedName(), func() (string, error) {
			return build(cols, len(now)).SQL, nil
		})
		if err != nil {
			return err
		}
		b := u.newBatch(columnar, len(cols), len(now))
		for _, k := range now {
			if err := addKey(b, w.child.key, k.child.entity); err != nil {
				return err
			}
			if err := addKey(b, w.parent.key, k.parent.entity); err != nil {
				return err
			}
		}
		res, err := u.conn.Exec(ctx, text, b.arguments())
		if err == nil {
			err = check(now, res.RowsAffected)
		}
		if err != nil {
			return &FlushError{Op: "link", Entity: w.link.Association.Name, Table: w.link.Association.Name, Rows: len(now), Err: u.nameConstraint(err)}
		}
	}
	return nil
}

func addKey(b *batch, key []*field.Field, e field.Ptr) error {
	for _, f := range key {
		v, err := f.Load(e)
		if err != nil {
			return err
		}
		b.add(driver.Value(v))
	}
	return nil
}

// String is the row for messages.
func (k pairKey) String() string { return k.child.showKey() + "–" + k.parent.showKey() }
