package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// step is a part of a run that is done or not: statements in order, or the code of
// an op.Run.
type step struct {
	sql []string
	run func(ctx context.Context, tx *uow.UnitOfWork) error
	// outside: the statements cannot stand in a transaction. They can be run
	// again.
	outside bool
	// about says what it does, loses what data it takes away, "" for none.
	about, loses string
}

// lower turns operations into the steps that a database takes. Where ALTER TABLE
// changes little, the changes of one table that it cannot make become one rebuild
// of it. look gives what the database has before the operations; it is called only
// if something of it has to be known. An Exec or Run may only come last,
// since nobody knows what it does.
func lower(d dialect.Dialect, ops []Operation, look func() (*schema.Catalog, error)) ([]step, error) {
	return lowerPart(d, ops, 0, len(ops), look)
}

// lowerPart is lower of all[i:j]. The others are those of the same revision, of which
// tables that point to each other are made: look gives what the database has between
// all[:i] and them.
func lowerPart(d dialect.Dialect, all []Operation, i, j int, look func() (*schema.Catalog, error)) ([]step, error) {
	l := &lowering{d: d, caps: d.Capabilities(), look: look, made: map[Table]*creation{}, late: lateKeys(d, all[:i], all[i:])}
	for at := i; at < j; at++ {
		o := all[at]
		if opaque(o) && at < j-1 {
			return nil, fmt.Errorf("migrate: %s stands before other operations", about(o))
		}
		if err := l.referred(o, all[at+1:]); err != nil {
			return nil, fmt.Errorf("migrate: %s: %w", about(o), err)
		}
		if err := l.lower(o, all[at+1:]); err != nil {
			return nil, fmt.Errorf("migrate: %s: %w", about(o), err)
		}
		l.done = append(l.done, o)
		if l.cat != nil {
			err := o.apply(l.cat)
			switch {
			case err == nil:
			case l.caps.AlterTable:
				l.lost(err) // the database knows better
			default:
				return nil, fmt.Errorf("migrate: %s: %w", about(o), err)
			}
		}
	}
	if err := l.flush(); err != nil {
		return nil, err
	}
	return l.steps, nil
}

// lowering is one call of lower.
type lowering struct {
	d    dialect.Dialect
	caps dialect.Capabilities
	look func() (*schema.Catalog, error)

	cat     *schema.Catalog // as the operations done leave it, nil until it is needed
	done    []Operation
	steps   []step
	pending []*rebuild
	made    map[Table]*creation
	late    []lateKey
}

// catalog is what the database has at this point.
func (l *lowering) catalog() (*schema.Catalog, error) {
	if l.cat != nil {
		return l.cat, nil
	}
	c, err := l.look()
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, errors.New("what the database has must be known for it")
	}
	c = clone(c)
	for _, o := range l.done {
		if err := o.apply(c); err != nil {
			return nil, err
		}
	}
	l.cat = c
	return c, nil
}

// lost forgets the catalog, which does not fit the operations.
func (l *lowering) lost(err error) {
	l.cat, l.look = nil, func() (*schema.Catalog, error) { return nil, err }
}

// seen is the catalog for what is better with it and can do without, as SQL that is
// written offline must.
func (l *lowering) seen() *schema.Catalog {
	c, err := l.catalog()
	if err != nil {
		return nil
	}
	return c
}

func (l *lowering) emit(s step) {
	if len(s.sql) > 0 || s.run != nil {
		l.steps = append(l.steps, s)
	}
}

func (l *lowering) render(list []schema.DDL) ([]string, error) {
	var out []string
	for _, op := range list {
		s, err := dialect.RenderDDL(l.d, op)
		if err != nil {
			return nil, err
		}
		out = append(out, s...)
	}
	return out, nil
}

// lower adds the steps of one operation; rest are those after it.
func (l *lowering) lower(o Operation, rest []Operation) error {
	switch o := o.(type) {
	case Exec:
		text, ok := o.On[l.d.Name()]
		if !ok {
			text = o.SQL
		}
		if err := l.flush(); err != nil || text == "" {
			return err
		}
		sql := []string{text}
		if writes(text) {
			sql = append(sql, l.caps.FireDeferred...)
		}
		l.emit(step{sql: sql, about: about(o)})
		return nil
	case Run:
		if err := l.flush(); err != nil {
			return err
		}
		l.emit(step{run: o.Func, about: about(o)})
		l.emit(step{sql: l.caps.FireDeferred, about: about(o)})
		return nil
	case CreateTable:
		return l.createTable(o, rest)
	case AlterEnum:
		return l.alterEnum(o)
	case RenameTable, RenameColumn:
		return l.rename(o)
	}
	t := tableOf(o)
	if p := l.rebuilding(t); p != nil {
		return l.join(p, o)
	}
	if done, err := l.amend(t, o); done || err != nil {
		return err
	}
	delete(l.made, t)
	list, err := l.direct(o)
	if !errors.Is(err, dialect.ErrUnsupported) || l.caps.AlterTable {
		if err == nil {
			l.emit(step{sql: list, outside: l.outside(o), about: about(o), loses: o.Loses()})
		}
		return err
	}
	if l.cat == nil {
		// What is there may be what was missing.
		if _, err := l.catalog(); err != nil {
			return err
		}
		if list, err = l.direct(o); err == nil {
			l.emit(step{sql: list, about: about(o), loses: o.Loses()})
			return nil
		}
	}
	if !rebuildable(o) {
		return err
	}
	p, err := l.begin(t)
	if err != nil {
		return err
	}
	return l.join(p, o)
}

// writes reports whether a statement may change rows, so that constraints may wait
// for the COMMIT because of it: the table could not be altered then.
func writes(sql string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(sql), " ")
	return slices.Contains([]string{"INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "DO", "CALL"}, strings.ToUpper(strings.TrimSpace(word)))
}

// outside reports whether an operation cannot stand in a transaction.
func (l *lowering) outside(o Operation) bool {
	switch o := o.(type) {
	case CreateIndex:
		return o.Concurrently && l.caps.ConcurrentIndexes
	case DropIndex:
		return o.Concurrently && l.caps.ConcurrentIndexes
	}
	return false
}

// direct is an operation as statements of its own.
func (l *lowering) direct(o Operation) ([]string, error) {
	var before []string
	var around surroundings
	if l.caps.AlterTable {
		var err error
		if before, err = l.refuse(o); err != nil {
			return nil, err
		}
		if a, ok := o.(AlterColumn); ok {
			if around, err = l.aroundColumn(a); err != nil {
				return nil, err
			}
		}
	}
	list, err := o.ddl(l.cat)
	if err != nil {
		return nil, err
	}
	sql, err := l.render(slices.Concat(around.before, list, around.after))
	if len(sql) == 0 {
		before = nil
	} else if err == nil {
		sql, err = around.keep(l.d, sql)
	}
	return append(before, sql...), err
}

// refuse is a statement that fails if rows would be without a value: the database
// would say so too, but not what to do.
func (l *lowering) refuse(o Operation) ([]string, error) {
	var t Table
	query, message := "", ""
	switch o := o.(type) {
	case AddColumn:
		if c := o.Column; c.Nullable || c.ServerDefault != nil || c.Identity || c.Computed != nil || o.Backfill != nil {
			return nil, nil
		}
		t, message = o.Table, noValue(o.Table, o.Column.Name)
	case AlterColumn:
		if !o.From.Nullable || o.To.Nullable || o.Backfill != nil || o.Using != nil || o.To.Computed != nil {
			return nil, nil
		}
		t, message = o.Table, holdsNull(o.Table, o.To.Name)
		query = " WHERE " + l.quoted(o.To.Name) + " IS NULL"
	case AddPrimaryKey:
		if len(o.Columns) == 0 {
			return nil, nil
		}
		t, message = o.Table, keyNull(o.Table, strings.Join(o.Columns, ", "))
		for i, name := range o.Columns {
			or := " OR "
			if i == 0 {
				or = " WHERE "
			}
			query += or + l.quoted(name) + " IS NULL"
		}
	default:
		return nil, nil
	}
	from := l.quoted(t.Name)
	if t.Schema != "" {
		from = l.quoted(t.Schema) + "." + from
	}
	s, err := l.d.RefuseIf("SELECT 1 FROM "+from+query, message)
	return []string{s}, err
}

func noValue(t Table, column string) string {
	return "column " + t.String() + "." + column + " takes no NULL, and the rows that are there have no value for it: say .Backfill(value), or give it a default"
}

func keyNull(t Table, columns string) string {
	return "table " + t.String() + " is to have the primary key (" + columns + "), and there are rows that hold NULL in it: give them values before, by op.Exec"
}

func holdsNull(t Table, column string) string {
	return "column " + t.String() + "." + column + " is to take no NULL, and there are rows that hold NULL in it: say .Backfill(value)"
}

func (l *lowering) quoted(name string) string { return string(l.d.AppendQuoted(nil, name)) }
