package repo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Upsert inserts rows, or updates those that are there: Repository.Upsert begins
// one. It is an immutable value, safe for concurrent use as far as its iterator is.
// What is wrong with it is an error of Exec and All, before any SQL.
type Upsert[T any] struct{ x upsert }

// upsert is an Upsert without its type.
type upsert struct {
	r      *repository
	rows   iter.Seq[field.Ptr]
	on     []*expr.ColumnRef
	saidOn bool
	set    []*expr.ColumnRef
	how    upsertHow
	err    error
}

type upsertHow uint8

const (
	upsertUnsaid upsertHow = iota
	upsertUpdate
	upsertNothing
)

// Upsert begins an upsert of the rows of an iterator, which On, Update or DoNothing
// and then Exec or All complete:
//
//	n, err := users.Upsert(rows).On(Users.Email).Update(Users.Name).Exec(ctx)
//
// The entities are not tracked and their hooks do not run; defaults are applied as
// Add applies them, but to new rows only. The iterator may use the unit of work, and
// makes a new entity for each row: the same one again is uow.ErrRepeated. Rows of
// one key take effect in the order in which they are given: the last one wins, or
// with DoNothing the first. The entities given are left as they were. A nil iterator
// has no rows.
func (r Repository[T]) Upsert(rows iter.Seq[*T]) Upsert[T] {
	return Upsert[T]{upsert{r: r.r, rows: field.Pointers(rows)}}
}

// On names the columns in which a row conflicts with one that is there: those of the
// primary key, of a unique constraint or of a unique index, in any order. Without On
// it is the primary key. Of a partial index its condition is what the database goes
// by: rows that do not meet it conflict with none. Rows in which one of the columns
// is NULL, or is a key that is yet to be made, are always inserted.
func (x Upsert[T]) On(cols ...expr.ColumnIn[T]) Upsert[T] {
	x.x.conflictOn(columnRefs(cols))
	return x
}

// Update has rows that are there take the new values of the columns; without
// columns, of all that an INSERT of the row writes, but the key, those of On, and
// those in which the new row has only a default. A version is counted up, and
// columns with OnUpdate that are not named take it.
func (x Upsert[T]) Update(cols ...expr.ColumnIn[T]) Upsert[T] {
	x.x.update(columnRefs(cols))
	return x
}

// DoNothing leaves rows that are there as they are: only the others are inserted,
// counted and returned.
func (x Upsert[T]) DoNothing() Upsert[T] {
	x.x.doNothing()
	return x
}

// Exec writes the rows in constant memory and returns how many were inserted or
// updated. With Keys, the entities given get the keys of their rows, inserted or
// updated, until a rollback. A unit of work flushes first, and its entities of rows
// that were written are read again when they are next asked for. After an error the
// transaction can only be rolled back.
func (x Upsert[T]) Exec(ctx context.Context, opts ...InsertOption) (int64, error) {
	return x.x.exec(ctx, opts)
}

// All is Exec that returns the entities of the rows inserted or updated, in the
// order in which they were given, with all values that their rows have now. The unit
// of work manages them: an entity that it had already is the one returned. Where
// there is no unit, with OwnUnit, and with Untracked nobody does.
func (x Upsert[T]) All(ctx context.Context) ([]*T, error) { return entities[T](x.x.all(ctx)) }

// columnRefs are the columns of handles, nil for one that is not bound.
//
//go:noinline
func columnRefs[T any](cols []expr.ColumnIn[T]) []*expr.ColumnRef {
	refs := make([]*expr.ColumnRef, len(cols))
	for i, c := range cols {
		if c != nil {
			refs[i] = c.Ref()
		}
	}
	return refs
}

//go:noinline
func (x *upsert) conflictOn(cols []*expr.ColumnRef) {
	if x.saidOn {
		x.fail("On is said twice")
		return
	}
	if len(cols) == 0 {
		x.fail("On without columns: leave it out for the primary key")
		return
	}
	x.on, x.saidOn = cols, true
}

//go:noinline
func (x *upsert) update(cols []*expr.ColumnRef) {
	if x.how != upsertUnsaid {
		x.fail("Update after Update or DoNothing")
		return
	}
	x.how, x.set = upsertUpdate, cols
}

//go:noinline
func (x *upsert) doNothing() {
	if x.how != upsertUnsaid {
		x.fail("DoNothing after Update or DoNothing")
		return
	}
	x.how = upsertNothing
}

func (x *upsert) fail(text string) { x.err = errors.Join(x.err, errors.New(text)) }

func (x *upsert) exec(ctx context.Context, opts []InsertOption) (n int64, err error) {
	on, err := x.conflict()
	if err != nil {
		return 0, err
	}
	o := insertOptionsOf(opts)
	err = x.r.write(ctx, "upsert", x.r.bulk(), func(ctx context.Context, u *uow.UnitOfWork) error {
		n, err = x.r.n.Upsert(ctx, u, x.rows, on, o.keys)
		return err
	})
	return n, err
}

func (x *upsert) all(ctx context.Context) (es []field.Ptr, err error) {
	on, err := x.conflict()
	if err != nil {
		return nil, err
	}
	_, none := x.r.current(ctx)
	untracked := x.r.untracked || none != nil
	err = x.r.write(ctx, "upsert", x.r.bulk(), func(ctx context.Context, u *uow.UnitOfWork) error {
		es, err = x.r.n.UpsertAll(ctx, u, x.rows, on, untracked)
		return err
	})
	if err != nil {
		return nil, err
	}
	return es, nil
}

// conflict checks the upsert.
func (x *upsert) conflict() (c uow.Conflict, err error) {
	if err := x.r.ready(); err != nil {
		return c, err
	}
	fail := func(err error) (uow.Conflict, error) { return uow.Conflict{}, x.r.fail("upsert", err) }
	switch {
	case x.err != nil:
		return fail(x.err)
	case x.how == upsertUnsaid:
		return fail(errors.New("neither Update nor DoNothing says what becomes of rows that are there"))
	}
	t := x.r.n.Table()
	c.On, c.Nothing = t.PrimaryKey, x.how == upsertNothing
	if x.saidOn {
		cols, err := columnsIn("On", t, x.on)
		if err != nil {
			return fail(err)
		}
		if c.On, c.Where, err = uniqueOf(t, cols); err != nil {
			return fail(err)
		}
	}
	if len(x.set) == 0 {
		return c, nil
	}
	if c.Update, err = columnsIn("Update", t, x.set); err != nil {
		return fail(err)
	}
	for _, col := range c.Update {
		switch {
		case col.PrimaryKey:
			return fail(fmt.Errorf("Update of %s, which is part of the key", col.Name))
		case col.IsVersion:
			return fail(fmt.Errorf("Update of %s: the version is counted up by itself", col.Name))
		case col.Computed != nil:
			return fail(fmt.Errorf("Update of %s, which the database computes", col.Name))
		}
	}
	return c, nil
}

// columnsIn are the definitions of columns of a table's own handles.
func columnsIn(what string, t *schema.TableDef, cols []*expr.ColumnRef) (out []*schema.ColumnDef, err error) {
	for _, ref := range cols {
		if ref == nil {
			return nil, fmt.Errorf("%s of a column handle that is not bound", what)
		}
		c, _ := ref.Def.(*schema.ColumnDef)
		switch {
		case c == nil || ref.Source != t.Source:
			return nil, fmt.Errorf("%s of column %s of %s: use the handles of %s itself", what, ref.Name, ref.Source.Label(), t.Name)
		case slices.Contains(out, c):
			return nil, fmt.Errorf("%s names column %s twice", what, c.Name)
		}
		out = append(out, c)
	}
	return out, nil
}

// uniqueOf finds what makes rows unique in exactly these columns: where it is a
// partial index alone, with its condition.
func uniqueOf(t *schema.TableDef, cols []*schema.ColumnDef) (on []*schema.ColumnDef, where expr.Node, err error) {
	same := func(other []*schema.ColumnDef) bool {
		if len(other) != len(cols) {
			return false
		}
		for _, c := range other {
			if !slices.Contains(cols, c) {
				return false
			}
		}
		return true
	}
	there := []string{"the primary key (" + names(t.PrimaryKey) + ")"}
	found := same(t.PrimaryKey)
	for _, u := range t.Uniques {
		there = append(there, u.Name+" ("+names(u.Columns)+")")
		found = found || same(u.Columns)
	}
	var partial []*schema.IndexDef
	for _, ix := range t.Indexes {
		of := indexColumns(ix)
		if of == nil || !ix.Unique {
			continue
		}
		text := ix.Name + " (" + names(of) + ")"
		switch {
		case ix.Where != nil:
			text += " where a condition holds"
			if same(of) {
				partial = append(partial, ix)
			}
		default:
			found = found || same(of)
		}
		there = append(there, text)
	}
	switch {
	case found:
		return cols, nil, nil
	case len(partial) == 1:
		return cols, partial[0].Where, nil
	case len(partial) > 1:
		return nil, nil, fmt.Errorf("On(%s): there are several partial indexes of these columns, %s and %s", names(cols), partial[0].Name, partial[1].Name)
	}
	return nil, nil, fmt.Errorf("On(%s): nothing makes rows of %s unique in these columns; there is %s", names(cols), t.Name, strings.Join(there, ", "))
}

// indexColumns are the columns of an index, nil where it has expressions.
func indexColumns(ix *schema.IndexDef) (cols []*schema.ColumnDef) {
	for _, p := range ix.Parts {
		if p.Column == nil {
			return nil
		}
		cols = append(cols, p.Column)
	}
	return cols
}

func names(cols []*schema.ColumnDef) string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.Name
	}
	return strings.Join(out, ", ")
}
