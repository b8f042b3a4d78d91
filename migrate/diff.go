package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
)

// Difference is what has to be changed in a database for it to be as the model
// says.
type Difference struct {
	// Operations make the changes, in order.
	Operations []Operation
	// Notes tell what could not be compared as exactly as the rest.
	Notes []string
}

// Empty reports whether there is nothing to change.
func (d *Difference) Empty() bool { return len(d.Operations) == 0 }

// String is the operations as Go, one call a line. Of an operation that cannot be
// printed it says so.
func (d *Difference) String() string {
	p := printer{comments: true}
	if err := p.operations(d.Operations); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(p.String(), "\n")
}

// Reverse returns the operations that undo the changes, in order, and those that
// nothing undoes.
func (d *Difference) Reverse() (back, lost []Operation) {
	for _, o := range slices.Backward(d.Operations) {
		r, ok := o.Reverse()
		if !ok {
			lost = append(lost, o)
			continue
		}
		if a, ok := r.(AddColumn); ok {
			r = backfilled(a)
		}
		back = append(back, r)
	}
	return back, lost
}

// Diff compares a database with a model. It reads the database alone: tables that
// are not plainly the same are made a second time, in a place that is gone
// afterwards, since only the database knows how it will spell a type, a default or
// a CHECK. meta is sealed. Tables that the model does not know are left alone, and
// so are views, triggers and the order of columns.
//
// A table or column is renamed where the model says what it was called before, and
// never otherwise; an index or constraint that differs by its name alone is renamed
// too.
//
// SQLite has one spelling for decimals, documents, UUIDs and texts, which Diff does
// not tell apart; Check and NewRevision know them from the revisions.
func Diff(ctx context.Context, db *engine.Engine, meta *schema.Metadata, opts ...DiffOption) (*Difference, error) {
	if meta == nil {
		meta = db.Metadata()
	}
	if err := meta.Seal(); err != nil {
		return nil, fmt.Errorf("migrate: compare: %w", err)
	}
	return diffTables(ctx, db, meta.Tables(), opts...)
}

func diffTables(ctx context.Context, db *engine.Engine, tables []*schema.TableDef, opts ...DiffOption) (*Difference, error) {
	c, err := db.Acquire(ctx, "compare")
	if err != nil {
		return nil, err
	}
	defer c.Release()
	d := &differ{ctx: ctx, conn: c, dialect: db.Dialect(), caps: db.Dialect().Capabilities(), recalled: map[*schema.ColumnDef]bool{}}
	for _, o := range opts {
		o(&d.diffOptions)
	}
	for _, t := range tables {
		if d.hasTable(t.Schema, t.Name) {
			d.want = append(d.want, t.Clone())
		}
	}
	link(d.want)
	if err := d.compare(); err != nil {
		return nil, fmt.Errorf("migrate: compare: %w", err)
	}
	out := &Difference{Notes: d.notes}
	for _, o := range slices.Concat(d.phases[:]...) {
		if d.objects == nil || d.objects(ObjectOf(o)) {
			out.Operations = append(out.Operations, o)
		}
	}
	return out, nil
}

// The phases that operations are ordered by: what is in the way goes first, what
// points to something comes after it.
const (
	phaseSchema = iota
	phaseRename
	phaseDropForeignKey
	phaseDropTable
	phaseDropIndex
	phaseDropConstraint
	phaseRenamePart
	phaseEnum
	phaseAddColumn
	phaseDropComputed // no column changes while one is computed of it
	phaseAlterColumn
	phaseAddComputed
	phaseDropColumn
	phaseDropEnum
	phaseAddKey
	phaseAddConstraint
	phaseCreateTable
	phaseAddForeignKey
	phaseComment
	phases
)

// differ is one comparison. have and want change as renames are made.
type differ struct {
	diffOptions
	ctx     context.Context
	conn    *engine.Conn
	dialect dialect.Dialect
	caps    dialect.Capabilities
	have    *schema.Catalog
	want    []*schema.TableDef
	notes   []string
	phases  [phases][]Operation
	// recalled are columns whose type is known from the revisions.
	recalled map[*schema.ColumnDef]bool
}

func (d *differ) add(phase int, ops ...Operation) { d.phases[phase] = append(d.phases[phase], ops...) }

func (d *differ) compare() error {
	if err := d.read(); err != nil {
		return err
	}
	for _, s := range d.schemas() {
		if s != "" && !slices.Contains(d.have.Schemas, s) {
			d.add(phaseSchema, CreateSchema{s})
		}
	}
	left := d.recallEnums()
	if err := d.renameAll(); err != nil {
		return err
	}
	d.nameEnums(left)
	var fresh []*schema.TableDef
	var both []*compared
	for _, w := range d.want {
		if h := d.have.Table(w.Schema, w.Name); h != nil {
			both = append(both, &compared{differ: d, have: h, want: w})
		} else {
			fresh = append(fresh, w)
		}
	}
	var unlike []*compared
	for _, c := range both {
		if !c.same() {
			unlike = append(unlike, c)
		}
	}
	if err := d.tryOut(unlike); err != nil {
		return err
	}
	for _, c := range unlike {
		c.table()
	}
	d.moveKeys(both)
	d.enums(both, fresh)
	d.create(fresh)
	if d.unknown {
		d.drop()
	}
	return nil
}

// read reads the database. Tables of the schema that a model calls by name and the
// database takes for the default one are in the default schema from then on.
func (d *differ) read() error {
	o := dialect.InspectOptions{Schemas: append([]string{""}, d.schemas()...)}
	if d.unknown {
		o.Schemas = d.diffOptions.schemas
	}
	var err error
	if d.have, err = inspect(d.ctx, d.conn, o); err != nil {
		return err
	}
	for _, s := range d.schemas() {
		if s == "" || slices.Contains(d.have.Schemas, s) {
			continue
		}
		if there, err := d.exists(d.dialect.SchemaExists(s)); err != nil {
			return err
		} else if there {
			d.standard(s)
		}
	}
	d.have = clone(d.have)
	for _, t := range d.have.Tables {
		plainDefaults(t)
	}
	link(d.have.Tables)
	return nil
}

// standard puts the tables of a schema into the default one.
func (d *differ) standard(name string) {
	for _, t := range d.want {
		if t.Schema == name {
			t.Schema = ""
		}
		for _, k := range t.ForeignKeys {
			if k.RefTable.Schema == name {
				k.RefTable = schema.NewTable(k.RefTable.Name)
				k.RefColumns = own(k.RefTable, k.RefColumns)
			}
		}
	}
	link(d.want)
}

// create makes new tables, each after those that it points to. Foreign keys that
// close a cycle come at the end, on every database: revisions are for all.
func (d *differ) create(fresh []*schema.TableDef) {
	order := schema.SortTables(fresh)
	place := map[*schema.TableDef]int{}
	for i, t := range order {
		place[t] = i
	}
	for i, t := range order {
		t = t.Clone()
		t.ForeignKeys = slices.DeleteFunc(t.ForeignKeys, func(k *schema.ForeignKeyDef) bool {
			late := place[k.RefTable] > i
			if late {
				d.add(phaseAddForeignKey, AddForeignKey{nameOf(t), k})
			}
			return late
		})
		d.add(phaseCreateTable, CreateTable{t})
	}
}

// drop drops the tables that the model does not know, each before those that it
// points to.
func (d *differ) drop() {
	var old []*schema.TableDef
	for _, t := range d.have.Tables {
		if !slices.ContainsFunc(d.want, func(w *schema.TableDef) bool { return nameOf(w) == nameOf(t) }) && d.hasTable(t.Schema, t.Name) {
			old = append(old, t)
		}
	}
	order := schema.SortTables(old)
	place := map[*schema.TableDef]int{}
	for i, t := range order {
		place[t] = i
	}
	for i, t := range slices.Backward(order) {
		was := t.Clone()
		was.ForeignKeys = slices.DeleteFunc(was.ForeignKeys, func(k *schema.ForeignKeyDef) bool {
			late := place[k.RefTable] > i && k.Name != ""
			if late {
				d.add(phaseDropForeignKey, dropForeignKey(nameOf(t), k))
			}
			return late
		})
		d.add(phaseDropTable, DropTable{nameOf(t), was})
	}
}

func dropForeignKey(t Table, k *schema.ForeignKeyDef) Operation {
	return DropConstraint{t, schema.ForeignKeyConstraint, k.Name, AddForeignKey{t, k}}
}
