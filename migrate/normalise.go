package migrate

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
)

// trial is a table as it is made in the scratch place: without what needs other
// tables, and under names that no other one has there.
type trial struct {
	of      *compared
	former  bool // with the types that its columns still have
	table   *schema.TableDef
	indexes map[string]string // the names that they have in the model
}

// tryOut asks the database how it spells the tables whose difference may be one of
// spelling. Where it cannot be asked, they are compared by their text.
func (d *differ) tryOut(unlike []*compared) error {
	var trials, more []*trial
	taken := map[string]bool{}
	for _, c := range unlike {
		if c.doubtful() {
			trials = append(trials, c.trial(taken, false))
		}
	}
	if err := d.try(trials); err != nil {
		return err
	}
	for _, t := range trials {
		if t.of.look(); t.of.tried != nil && len(t.of.retyped) > 0 && t.of.doubtful() {
			more = append(more, t.of.trial(taken, true))
		}
	}
	return d.try(more)
}

func (d *differ) try(trials []*trial) error {
	if len(trials) == 0 {
		return nil
	}
	place := "dormer_" + strings.ToLower(rand.Text()[:12])
	err := d.tryIn(d.dialect.Scratch(place), trials)
	if err == nil || d.ctx.Err() != nil || d.conn.Broken() {
		return err
	}
	// Who may not make a schema may still make tables, which are rolled back.
	for i, t := range trials {
		t.hide(fmt.Sprintf("%s_%d", place, i))
	}
	if d.tryIn(dialect.Scratch{Transaction: true}, trials) != nil {
		if d.ctx.Err() != nil || d.conn.Broken() {
			return err
		}
		d.notes = append(d.notes, "the database did not make tables for a trial, so that types, defaults and expressions were compared by their text: "+err.Error())
	}
	return nil
}

// doubtful reports whether a difference found at first look may be one of
// spelling.
func (c *compared) doubtful() bool {
	n := map[string]int{}
	for _, f := range c.found {
		switch o := f.op.(type) {
		case AlterColumn, AddCheck:
			return true
		case CreateIndex:
			n["add index"]++
		case DropIndex:
			n["drop index"]++
		case DropConstraint:
			if o.Kind == schema.CheckConstraint {
				n["drop check"]++
			}
		}
	}
	return n["add index"] > 0 && n["drop index"] > 0
}

func (c *compared) trial(taken map[string]bool, former bool) *trial {
	free := func(name string) string {
		for i := 0; taken[name]; i++ {
			name = fmt.Sprintf("dormer_%d", i)
		}
		taken[name] = true
		return name
	}
	t := &trial{of: c, former: former, table: c.want.Clone(), indexes: map[string]string{}}
	t.table.Name, t.table.ForeignKeys, t.table.Uniques, t.table.Comment = free(c.want.Name), nil, nil, ""
	t.table.Indexes = slices.DeleteFunc(t.table.Indexes, func(x *schema.IndexDef) bool {
		h, ok := partNamed(c.have.Indexes, indexName, x.Name)
		return former && !ok || ok && len(c.retyped) == 0 && c.sameIndex(h, x)
	})
	if former { // what is new may not go with the old types
		t.table.Checks = slices.DeleteFunc(t.table.Checks, func(k *schema.CheckDef) bool {
			_, ok := partNamed(c.have.Checks, checkName, k.Name)
			return !ok
		})
	}
	for _, x := range t.table.Indexes {
		name := free(x.Name)
		t.indexes[name], x.Name = x.Name, name
	}
	for _, col := range t.table.Columns {
		col.Comment = ""
		if h := c.have.Column(col.Name); former && h != nil {
			col.Type, col.Collation = h.Type, h.Collation
		}
	}
	return t
}

// hide gives the trial names that nothing in the database has.
func (t *trial) hide(name string) {
	t.table.Name = name
	was := t.indexes
	t.indexes = map[string]string{}
	for i, x := range t.table.Indexes {
		hidden := fmt.Sprintf("%s_%d", name, i)
		t.indexes[hidden], x.Name = was[x.Name], hidden
	}
}

// tryIn makes the tables in a scratch place, reads them and takes the place away.
func (d *differ) tryIn(s dialect.Scratch, trials []*trial) (err error) {
	undo := context.WithoutCancel(d.ctx)
	if s.Transaction {
		if err := d.conn.Begin(d.ctx, engine.TxOptions{}); err != nil {
			return err
		}
		defer func() {
			if rerr := d.conn.Rollback(undo); err == nil {
				err = rerr
			}
		}()
	}
	if err := d.run(s.Open); err != nil {
		return err
	}
	if !s.Transaction {
		defer func() {
			for _, sql := range s.Close {
				if cerr := d.conn.ExecDDL(undo, sql); err == nil {
					err = cerr
				}
			}
		}()
	}
	made, err := d.make(s, trials)
	if err != nil || len(made) == 0 {
		return err
	}
	mine := map[string]bool{}
	for _, t := range made {
		mine[t.table.Name] = true
	}
	cat, err := inspect(d.ctx, d.conn, dialect.InspectOptions{Schemas: []string{s.Schema}, Tables: func(_, name string) bool { return mine[name] }})
	if err != nil {
		return err
	}
	for _, t := range made {
		if got := cat.Table(s.Schema, t.table.Name); got != nil {
			plainDefaults(got)
			for _, x := range got.Indexes {
				x.Name = t.indexes[x.Name]
			}
			if t.former {
				t.of.former = got
			} else {
				t.of.tried = got
			}
		}
	}
	return nil
}

// make makes enum types and tables: all at once, and one by one where that fails,
// to leave out those that cannot be made yet, for want of a type for example.
func (d *differ) make(s dialect.Scratch, trials []*trial) ([]*trial, error) {
	var enums []string
	values := enumValues(tablesOf(trials))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(s.Open) == 0 && d.enum(name) != nil {
			continue // it is among what the database has
		}
		list, err := dialect.RenderDDL(d.dialect, schema.CreateEnum{Name: name, Values: values[name]})
		if err != nil {
			return nil, err
		}
		enums = append(enums, list...)
	}
	if err := d.run(enums); err != nil {
		return nil, err
	}
	var made []*trial
	var texts [][]string
	for _, t := range trials {
		list, err := t.statements(d.dialect, s.Schema)
		if err != nil {
			d.doubt(t, err)
			continue
		}
		made, texts = append(made, t), append(texts, list)
	}
	if len(made) == 0 {
		return nil, nil
	}
	err := d.attempt(s, slices.Concat(texts...))
	if err == nil || d.ctx.Err() != nil || d.conn.Broken() {
		return made, err
	}
	if len(made) == 1 {
		d.doubt(made[0], err)
		return nil, nil
	}
	if !s.Transaction { // what was made before the failure is still there
		if err := d.run(append(slices.Clone(s.Close), s.Open...)); err != nil {
			return nil, err
		}
	}
	all := made
	made = nil
	for i, t := range all {
		switch err := d.attempt(s, texts[i]); {
		case err == nil:
			made = append(made, t)
		case d.ctx.Err() != nil || d.conn.Broken():
			return nil, err
		default:
			d.doubt(t, err)
		}
	}
	return made, nil
}

// doubt notes that a table could not be made. One of the old types and the new
// expressions need not go together: parts of it are then replaced without need.
func (d *differ) doubt(t *trial, err error) {
	if t.former {
		return
	}
	d.notes = append(d.notes, fmt.Sprintf("table %s could not be made for a trial, so that it was compared by its text: %v", t.of.want.QualifiedName(), err))
}

func tablesOf(trials []*trial) []*schema.TableDef {
	out := make([]*schema.TableDef, len(trials))
	for i, t := range trials {
		out[i] = t.table
	}
	return out
}

// statements make the table with its indexes in a schema.
func (t *trial) statements(d dialect.Dialect, in string) ([]string, error) {
	t.table.Schema = in
	out, err := dialect.RenderDDL(d, schema.CreateTable{Table: t.table})
	for _, x := range t.table.Indexes {
		var list []string
		if err == nil {
			list, err = dialect.RenderDDL(d, schema.CreateIndex{Index: x})
			out = append(out, list...)
		}
	}
	return out, err
}

// attempt runs statements of which all or none take place, where there is a
// transaction.
func (d *differ) attempt(s dialect.Scratch, list []string) error {
	const name = "dormer_trial"
	if !s.Transaction {
		return d.run(list)
	}
	if err := d.conn.Savepoint(d.ctx, name); err != nil {
		return err
	}
	err := d.run(list)
	if err != nil {
		if rerr := d.conn.RollbackTo(context.WithoutCancel(d.ctx), name); rerr != nil {
			return rerr
		}
	}
	if rerr := d.conn.ReleaseSavepoint(context.WithoutCancel(d.ctx), name); err == nil {
		err = rerr
	}
	return err
}

// run runs statements, which are sent together.
func (d *differ) run(list []string) error {
	if len(list) == 0 {
		return nil
	}
	return d.conn.ExecDDL(d.ctx, strings.Join(list, ";\n"))
}

// exists runs one of the dialect's queries for what there is.
func (d *differ) exists(query string, args []any) (bool, error) {
	if query == "" {
		return false, nil
	}
	found := false
	_, err := d.conn.Query(d.ctx, query, engine.Args(args...), func(row []driver.Value) error {
		switch v := row[0].(type) {
		case bool:
			found = v
		case int64:
			found = v != 0
		}
		return nil
	})
	return found, err
}
