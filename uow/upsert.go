package uow

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// Conflict says in which columns the rows of an Upsert conflict with rows that are
// there, and what becomes of these.
type Conflict struct {
	// On are the columns of the primary key, of a unique constraint or of a unique
	// index; Where is the condition of a partial index.
	On    []*schema.ColumnDef
	Where expr.Node
	// Nothing leaves the rows as they are. Else Update are the columns that take the
	// new values: nil for all that an INSERT of the row writes itself, but the key,
	// On, the version and those that an UPDATE fills.
	Nothing bool
	Update  []*schema.ColumnDef
}

// Upsert is Entity.Upsert.
func (n Untyped) Upsert(ctx context.Context, u *UnitOfWork, rows iter.Seq[field.Ptr], on Conflict, keys bool) (int64, error) {
	x := &upsert{u: u, m: n.m, filters: n.on, on: on, keys: keys}
	err := runUpsert(ctx, x, rows)
	return x.total, err
}

// UpsertAll is Entity.UpsertAll.
func (n Untyped) UpsertAll(ctx context.Context, u *UnitOfWork, rows iter.Seq[field.Ptr], on Conflict, untracked bool) ([]field.Ptr, error) {
	x := &upsert{u: u, m: n.m, filters: n.on, on: on, all: true, untracked: untracked}
	err := runUpsert(ctx, x, rows)
	if err != nil {
		return nil, err
	}
	return x.out, nil
}

// upsert is one Upsert.
type upsert struct {
	u         *UnitOfWork
	m         *mapper
	filters   *expr.Filters
	on        Conflict
	fields    []*field.Field // of on.On
	keys      bool
	all       bool
	untracked bool
	into      *upsertInto // nil where nothing is read
	single    bool        // rows of one key cannot be told apart: a statement each

	total int64
	out   []field.Ptr
	// places are those in out of the rows of each key, where nobody manages the
	// entities, so that those of one row are one, as after the last.
	places map[string][]int
	batch  []field.Ptr
	given  map[field.Ptr]bool // the batch
	in     *tenancy
}

func runUpsert(ctx context.Context, x *upsert, rows iter.Seq[field.Ptr]) error {
	u := x.u
	if err := u.enter(); err != nil {
		return opError("upsert", x.m.name, err)
	}
	defer u.leave()
	switch {
	case u.opts.readOnly:
		return opError("upsert", x.m.name, ErrReadOnly)
	case u.flushing:
		return opError("upsert", x.m.name, ErrFlushing)
	case rows == nil:
		return nil
	}
	if err := x.prepare(); err != nil {
		return opError("upsert", x.m.name, err)
	}
	if err := u.flush(ctx); err != nil {
		return err
	}
	next, stop := iter.Pull(rows)
	defer stop()
	for {
		var e field.Ptr
		var ok bool
		if err := u.outside(func() error { e, ok = next(); return nil }); err != nil {
			return opError("upsert", x.m.name, err)
		}
		if !ok {
			return x.write(ctx)
		}
		if err := x.add(ctx, e); err != nil {
			return err
		}
	}
}

// prepare checks what can be known before any row.
func (x *upsert) prepare() error {
	x.given = map[field.Ptr]bool{}
	x.fields = x.m.fieldsOf(x.on.On)
	for _, f := range x.fields {
		// Texts that differ may be equal to the database, or have a form of its own.
		x.single = x.single || f.Col.Collation != "" || f.Col.Type.Custom != "" || f.Encoded()
	}
	return nil
}

func (x *upsert) add(ctx context.Context, e field.Ptr) error {
	var err error
	switch {
	case e == nil:
		err = ErrNilEntity
	case x.given[e]:
		err = ErrRepeated
	}
	if err != nil {
		x.u.failed = err
		return opError("upsert", x.m.name, fmt.Errorf("%w (row %d)", err, x.total+int64(len(x.batch))+1))
	}
	x.given[e] = true
	if x.batch = append(x.batch, e); len(x.batch) < insertBatch {
		return nil
	}
	return x.write(ctx)
}

// write writes the batch.
func (x *upsert) write(ctx context.Context) error {
	if len(x.batch) == 0 {
		return nil
	}
	if err := x.writeBatch(ctx); err != nil {
		x.u.failed = err
		e := &FlushError{Op: "upsert", Entity: x.m.name, Table: x.m.def.Name, Rows: len(x.batch)}
		var at *atFault
		if errors.As(err, &at) {
			err = at.err
			e.at(x.m, at.entity, slices.Index(x.batch, at.entity), len(x.batch))
		}
		e.Err = x.u.nameConstraint(err)
		return e
	}
	clear(x.batch)
	clear(x.given)
	x.batch = x.batch[:0]
	return nil
}

// upsertGroup are rows that one statement can write.
type upsertGroup struct {
	*insertGroup
	rows []upsertRow
	kept []*field.Field // which hold their defaults: those are not for rows that are there
	// plain says that the rows conflict with none: they do it by a key that is made for
	// them. Where a row has that key it is another's, and that is an error.
	plain bool
}

// upsertRow is an entity and what its row conflicts by, as text; known is false where
// part of that is NULL or yet to be made, so that it is no other row's.
type upsertRow struct {
	e     field.Ptr
	key   string
	known bool
}

// writeBatch writes the rows of a batch. What is written into the entities for it
// is taken out again.
func (x *upsert) writeBatch(ctx context.Context) error {
	if err := x.u.begin(ctx); err != nil {
		return err
	}
	x.u.wrote = true
	var err error
	if x.in, err = x.m.tenancyOf(ctx, x.filters); err != nil {
		return err
	}
	var undo []func()
	restore := func() {
		for _, f := range undo {
			f()
		}
		undo = nil
	}
	defer restore()
	rounds, err := x.group(&undo)
	if err != nil {
		return err
	}
	if err := x.reserve(ctx, rounds); err != nil {
		return err
	}
	res := &upserted{}
	// Plain rows come last: a key made for one that another row of the batch has chosen
	// is taken by then, so that neither is written over.
	for _, plain := range []bool{false, true} {
		for _, round := range rounds {
			for _, g := range round {
				if g.plain != plain {
					continue
				}
				if err := x.writeGroup(ctx, g, res); err != nil {
					return err
				}
			}
		}
	}
	restore()
	return x.tell(res)
}

// group applies defaults and finds which rows go together: those of one shape, but
// of rows of one key each in a later round than the one before, since no statement
// may write a row twice.
func (x *upsert) group(undo *[]func()) (rounds [][]*upsertGroup, err error) {
	type place struct {
		g     *insertGroup
		round int
	}
	m := x.m
	now := time.Now()
	seen := map[string]int{}
	shapes := map[string]map[string]*insertGroup{}
	groups := map[place]*upsertGroup{}
	var made []*insertGroup
	for _, e := range x.batch {
		if err := x.in.check(e, true, func() string { return "" }); err != nil {
			return nil, blame(e, err)
		}
		filled := x.in.fill(e)
		kept := m.defaulted(e)
		shape := string(shapeOf('k', 0).add(kept))
		if shapes[shape] == nil {
			shapes[shape] = map[string]*insertGroup{}
		}
		ig, wrote, err := m.insertShape(e, now, shapes[shape], &made)
		*undo = append(*undo, func() {
			for _, w := range append(wrote, filled...) {
				w.restore(e)
			}
		})
		if err != nil {
			return nil, blame(e, err)
		}
		row := upsertRow{e: e}
		if row.key, row.known, err = x.keyOf(ig, e); err != nil {
			return nil, blame(e, err)
		}
		at := place{g: ig}
		if row.known {
			at.round = seen[row.key]
			seen[row.key]++
		}
		g := groups[at]
		if g == nil {
			g = &upsertGroup{insertGroup: ig, kept: kept, plain: ig.generated && contains(x.fields, m.key[0])}
			groups[at] = g
			for len(rounds) <= at.round {
				rounds = append(rounds, nil)
			}
			rounds[at.round] = append(rounds[at.round], g)
		}
		g.rows = append(g.rows, row)
	}
	return rounds, nil
}

// reserve gives rows keys ahead of the statements, so that those inserted can be
// told from others.
func (x *upsert) reserve(ctx context.Context, rounds [][]*upsertGroup) error {
	made := map[field.Ptr]bool{}
	groups := map[*insertGroup]bool{}
	for _, round := range rounds {
		for _, g := range round {
			if !g.generated {
				continue
			}
			groups[g.insertGroup] = true
			for _, r := range g.rows {
				made[r.e] = true
			}
		}
	}
	var keyless []field.Ptr
	for _, e := range x.batch { // keys grow in the order of the rows
		if made[e] {
			keyless = append(keyless, e)
		}
	}
	if len(keyless) == 0 {
		return nil
	}
	var taken map[int64]bool
	if x.u.takesMax(x.m) {
		taken = x.m.chosen(nil, x.batch...)
	}
	ok, err := x.u.reserveKeys(ctx, x.m, keyless, taken)
	if err != nil || !ok {
		return err
	}
	for g := range groups {
		g.generated, g.reserved = false, true
		g.cols = append([]*field.Field{x.m.key[0]}, g.cols...)
	}
	return nil
}

// keyOf is what a row conflicts by.
func (x *upsert) keyOf(g *insertGroup, e field.Ptr) (key string, known bool, err error) {
	if x.single {
		return "", true, nil // of all rows, so that each is a statement
	}
	var b []byte
	for _, f := range x.fields {
		if f.Value(e) == nil || !contains(g.cols, f) {
			return "", false, nil
		}
		v, err := f.Load(e)
		if err != nil {
			return "", false, err
		}
		if b, err = f.AppendKeyValue(b, v); err != nil {
			return "", false, err
		}
	}
	return string(b), true, nil
}

// defaulted are the fields that an INSERT of the entity gives their defaults.
func (m *mapper) defaulted(e field.Ptr) (out []*field.Field) {
	for _, f := range m.tracked.Fields {
		c := f.Col
		if c.Computed == nil && !c.IsVersion && !(c.Identity && f.IsZero(e)) && c.HasDefault() && c.Zero == schema.ZeroTakesDefault && f.IsZero(e) {
			out = append(out, f)
		}
	}
	return out
}
