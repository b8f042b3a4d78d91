package uow

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/internal/related"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// relation is a relation of a mapper's table.
type relation struct {
	def  *schema.RelationDef
	link *rel.Link // nil where nothing joins it
	// index is its place among the mapper's relations, m the mapper.
	index int
	m     *mapper
	// near are the columns of the relation's own table that join it: its foreign key,
	// or the columns that foreign keys or association rows point to. It is empty where
	// nothing joins it.
	near   []*field.Field
	joint  joinedSource
	beyond throughJoin
}

func relationsOf(m *mapper) []*relation {
	var out []*relation
	for i, r := range m.def.Relations {
		x := &relation{def: r, link: rel.LinkOf(r), index: i, m: m}
		switch {
		case x.link == nil:
		case x.associates():
			x.near = m.key
		case x.holds():
			x.near = m.fieldsOf(x.link.Columns)
		default:
			x.near = m.fieldsOf(x.link.Targets)
		}
		out = append(out, x)
	}
	return out
}

// relation finds a mapper's relation by its definition.
func (m *mapper) relation(def *schema.RelationDef) *relation {
	for _, r := range m.relations {
		if r.def == def {
			return r
		}
	}
	return nil
}

// at is where the container of the entity at e lies.
func (r *relation) at(e field.Ptr) field.Ptr { return field.Add(e, r.def.Offset) }

// holds reports whether the foreign key lies in the relation's own table.
func (r *relation) holds() bool { return r.link.Association == nil && r.link.Child == r.def }

// associates reports whether an association table joins the relation.
func (r *relation) associates() bool { return r.link.Association != nil }

// name is the relation for messages.
func (r *relation) name() string { return r.m.name + "." + r.def.Name }

// joined returns an error where nothing says how the relation joins.
func (r *relation) joined() error {
	if r.link == nil {
		return fmt.Errorf("relation %s is not joined: rel.Via says by which column, with BackPopulates for the other side, or rel.ManyToMany by which table", r.name())
	}
	return nil
}

// other is the definition of the relation's other side, nil where it has none.
func (r *relation) other() *schema.RelationDef {
	if r.link.Child == r.def {
		return r.link.Parent
	}
	return r.link.Child
}

// targetDef is the table that the relation leads to.
func (r *relation) targetDef() *schema.TableDef {
	switch {
	case r.holds():
		return r.link.Targets[0].Table
	default:
		return r.other().Table
	}
}

// target is the mapper of the table that the relation leads to.
func (u *UnitOfWork) target(r *relation) (*mapper, error) {
	if err := r.joined(); err != nil {
		return nil, err
	}
	return u.ms.of(u.db, r.targetDef())
}

// back is the other side of a relation, nil where it has none.
func (u *UnitOfWork) back(r *relation) (*relation, error) {
	o := r.other()
	if o == nil {
		return nil, nil
	}
	m, err := u.ms.of(u.db, o.Table)
	if err != nil {
		return nil, err
	}
	return m.relation(o), nil
}

// far are the columns of the target's table that join it.
func (r *relation) far(target *mapper) []*field.Field {
	switch {
	case r.associates():
		return target.key
	case r.holds():
		return target.fieldsOf(r.link.Targets)
	}
	return target.fieldsOf(r.link.Columns)
}

func (m *mapper) fieldsOf(cs []*schema.ColumnDef) []*field.Field {
	fs := make([]*field.Field, len(cs))
	for i, c := range cs {
		fs[i] = m.tracked.Fields[c.Position]
	}
	return fs
}

// isKey reports whether fs are the mapper's key, in its order.
func (m *mapper) isKey(fs []*field.Field) bool {
	if len(fs) != len(m.key) {
		return false
	}
	for i, f := range fs {
		if f != m.key[i] {
			return false
		}
	}
	return true
}

// keyOfFields makes a key of an entity's fields. known is false where one is
// NULL.
func keyOfFields(fs []*field.Field, e field.Ptr) (k identity.Key, known bool, err error) {
	for _, f := range fs {
		if f.IsNull(e) {
			return identity.Key{}, false, nil
		}
	}
	if len(fs) == 1 {
		f := fs[0]
		if k, ok := f.FastKey(f.Value(e)); ok {
			return k, true, nil
		}
		v, err := f.Load(e)
		if err != nil {
			return identity.Key{}, false, err
		}
		k, err := f.KeyOfValue(v)
		return k, err == nil, err
	}
	var b []byte
	for _, f := range fs {
		if b, err = f.AppendKeyPart(b, f.Value(e)); err != nil {
			return identity.Key{}, false, err
		}
	}
	return identity.Encoded(b), true, nil
}

// oneCell returns the cell of a to-one container, giving it one of its own.
func (u *UnitOfWork) oneCell(st *state, r *relation) *related.One {
	at := r.at(st.entity)
	if c := related.OneAt(at); c != nil && !c.Shared {
		return c
	}
	c := &related.One{Head: related.Head{At: at, Acts: u.acting(st, r)}}
	related.PutOne(at, c)
	return c
}

// manyCell returns the cell of a to-many container, giving it one of its own.
func (u *UnitOfWork) manyCell(st *state, r *relation) *related.Many {
	at := r.at(st.entity)
	if c := related.ManyAt(at); c != nil && !c.Shared {
		return c
	}
	c := &related.Many{Head: related.Head{At: at, Acts: u.acting(st, r)}}
	related.PutMany(at, c)
	return c
}

// acting is who acts for a container so far.
func (u *UnitOfWork) acting(st *state, r *relation) *related.Acting {
	if h := related.HeadAt(r.at(st.entity)); h != nil && h.Actor() != nil {
		return h.Acts
	}
	return &u.lone(r).acts
}

// reference returns the entity that a to-one relation with the foreign key
// refers to, as far as the unit of work can tell without SQL: known is false
// where it cannot.
func (u *UnitOfWork) reference(st *state, r *relation) (target *state, known bool, err error) {
	if t, pending := u.refs[linkKey{st, r}]; pending {
		return t, true, nil
	}
	m, err := u.target(r)
	if err != nil {
		return nil, false, err
	}
	k, ok, err := keyOfFields(r.near, st.entity)
	if err != nil || !ok {
		return nil, !ok, err
	}
	if far := r.far(m); m.isKey(far) {
		if t, ok := u.table(m).ids.Get(k); ok {
			return t, true, nil
		}
		return nil, false, nil
	}
	if c := related.OneAt(r.at(st.entity)); c != nil && c.Loaded && c.Target != nil {
		return u.find(c.Target), true, nil
	}
	return nil, false, nil
}

// outlived returns an error where the entity at p is of a unit of work that has
// ended, as its containers tell, and has the key of a row: a relation does not
// bring it along as a new one.
func (m *mapper) outlived(p field.Ptr) error {
	for _, r := range m.relations {
		h := related.HeadAt(r.at(p))
		if h == nil || h.Actor() == nil {
			continue
		}
		if co, ok := h.Actor().(*cohort); !ok || co.crowd.u != nil {
			continue
		}
		k, err := m.keyOfEntity(p)
		if err != nil || k.IsZero() {
			return err
		}
		return &rel.DetachedError{Entity: m.name, Err: fmt.Errorf(
			"key %s has a row, and is of a unit of work that has ended: read it again, Attach it, or put in what Merge returns (Add would say that it is new)", k)}
	}
	return nil
}

// inKeys is the condition that columns hold one of the keys that the fields of
// entities hold.
func inKeys(cols []*expr.ColumnRef, fs []*field.Field, es []field.Ptr) expr.Node {
	if len(cols) == 1 {
		in := &expr.InNode{X: cols[0], Like: cols[0]}
		if in.Ints = integers(fs[0], es); in.Ints != nil {
			return in
		}
		in.Values = make([]any, len(es))
		for i, e := range es {
			in.Values[i] = fs[0].Any(e)
		}
		return in
	}
	in := &expr.RowInNode{Columns: cols, Values: make([][]any, len(cols))}
	for j, f := range fs {
		in.Values[j] = make([]any, len(es))
		for i, e := range es {
			in.Values[j][i] = f.Any(e)
		}
	}
	return in
}

// integers are the values of a field of entities, nil unless all are whole numbers
// of 64 bits.
func integers(f *field.Field, es []field.Ptr) []int64 {
	if !f.IsInteger() {
		return nil
	}
	is := make([]int64, len(es))
	for i, e := range es {
		n, ok := f.Integer(e)
		if !ok {
			return nil
		}
		is[i] = n
	}
	return is
}

// withKeys passes entities to f, if there are any: one statement takes all keys.
func withKeys(es []field.Ptr, f func(es []field.Ptr) error) error {
	if len(es) == 0 {
		return nil
	}
	return f(es)
}

func refsOf(fs []*field.Field) []*expr.ColumnRef {
	out := make([]*expr.ColumnRef, len(fs))
	for i, f := range fs {
		out[i] = f.Col.Ref
	}
	return out
}

// packed is a result that comes in the dialect's packed form.
type packed struct {
	at   int
	name string
	// moment, where it is not nil, is where the value is passed on; elsewhere it is
	// one of the driver's, since keys are made of it or the program's code reads it.
	moment *field.Moment
}

// packedColumns are the packed ones among the results of a SELECT of m's columns.
func (m *mapper) packedColumns(ns []expr.Node) (out []packed) {
	for i, n := range ns {
		c := dialect.ColumnOf(n)
		if c == nil {
			continue
		}
		if _, ok := m.dialect.AppendPackedColumn(nil, c, nil); !ok {
			continue
		}
		p := packed{at: i, name: c.Name}
		if i < len(m.columns) && m.tracked.Fields[i].TakesMoment() && !joinsRows(c) {
			p.moment = new(field.Moment)
		}
		out = append(out, p)
	}
	return out
}

// joinsRows reports whether a column is of the key or of a foreign key.
func joinsRows(c *schema.ColumnDef) bool {
	return c.PrimaryKey || slices.ContainsFunc(c.Table.ForeignKeys, func(fk *schema.ForeignKeyDef) bool { return slices.Contains(fk.Columns, c) })
}

// unpack gives a packed value the form that fields take.
func (p packed) unpack(d dialect.Dialect, v driver.Value) (driver.Value, error) {
	t, null, err := d.Unpack(v)
	switch {
	case err != nil:
		return nil, fmt.Errorf("column %s: %w", p.name, err)
	case null:
		return nil, nil
	case p.moment == nil:
		return t, nil
	}
	p.moment.T = t
	return p.moment, nil
}

// selectRelated runs a SELECT of a mapper's entities, passing to each the row's
// values; it runs while the connection is locked. It returns the entities in
// order.
func (u *UnitOfWork) selectRelated(ctx context.Context, m *mapper, s *expr.SelectStmt, overwrite bool, each func(st *state, vals []driver.Value) error) ([]*state, error) {
	s.Packed = true
	c, err := u.compile(ctx, s)
	if err != nil {
		return nil, err
	}
	l := &loader{t: u.table(m), m: m, overwrite: overwrite, list: true, bare: true}
	n := len(m.columns)
	d := u.db.Dialect()
	ps := m.packedColumns(s.Columns)
	err = u.readRows(ctx, l, c.SQL, named(c.Args), func(vals []driver.Value) (err error) {
		for _, p := range ps {
			if vals[p.at], err = p.unpack(d, vals[p.at]); err != nil {
				return fmt.Errorf("read %s: %w", m.def.Name, err)
			}
		}
		before := len(l.all)
		if err := l.row(vals[:n]); err != nil || len(l.all) == before {
			return err
		}
		return each(l.all[before], vals)
	})
	if len(ps) > 0 && errors.Is(err, dialect.ErrTypeMismatch) {
		err = fmt.Errorf("read %s: a column of times may be of a type that is no time with a date: declare it by Type(…) as the database has it: %w", m.def.Name, err)
	}
	return l.all, err
}
