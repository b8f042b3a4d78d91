package uow

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// errOtherKey: a row came back in whose key none was given.
var errOtherKey = errors.New("the database returned rows under other keys than those given, so that it is not known which is which: it compares or changes the columns in its own way; give them their Collation in the model, or upsert one row at a time")

// upserted is what statements of a batch returned.
type upserted struct {
	rows []upsertedRow
	got  map[field.Ptr]field.Ptr // the entity of the row of each entity given
	keys map[field.Ptr]string    // the key of that row, where nobody manages the entity
}

// upsertedRow is a row that was inserted or updated.
type upsertedRow struct {
	given   field.Ptr // the entity given
	key     []driver.Value
	version driver.Value
}

// conflict says what becomes of rows that are there already.
func (x *upsert) conflict(g *upsertGroup) dialect.Conflict {
	if g.plain {
		return dialect.Conflict{}
	}
	c := dialect.Conflict{On: x.on.On, Where: x.on.Where, Nothing: x.on.Nothing}
	if c.Nothing {
		return c
	}
	if x.in != nil { // what is another's is not written over
		c.Same = columnsOf(x.in.fields)
	}
	c.Set = x.on.Update
	if c.Set == nil {
		for _, f := range g.cols {
			if !f.Col.PrimaryKey && !f.Col.IsVersion && f.Col.OnUpdate == nil && !contains(x.fields, f) && !contains(g.kept, f) {
				c.Set = append(c.Set, f.Col)
			}
		}
	}
	set := map[*schema.ColumnDef]bool{}
	for _, col := range c.Set {
		set[col] = true
	}
	for _, col := range x.m.def.Columns {
		switch {
		case set[col], col.MadeVersion, col.Computed != nil:
		case col.IsVersion:
			c.Exprs = append(c.Exprs, expr.SetClause{Column: col.Ref, Value: nextVersion(col)})
		case col.OnUpdate != nil:
			c.Exprs = append(c.Exprs, expr.SetClause{Column: col.Ref, Value: col.OnUpdate})
		}
	}
	if len(c.Set)+len(c.Exprs) == 0 { // the row counts all the same
		c.Exprs = []expr.SetClause{{Column: c.On[0].Ref, Value: c.On[0].Ref}}
	}
	return c
}

// nextVersion is the version after the one of the row that is there: one more, or
// the time of the new row, if that is after it.
func nextVersion(c *schema.ColumnDef) expr.Node {
	if c.Type.Kind != schema.TimeKind {
		return &expr.ArithNode{Op: expr.OpAdd, Left: c.Ref, Right: &expr.ParamNode{Value: int64(1)}}
	}
	now := dialect.Excluded(c)
	after := &expr.CallNode{Name: expr.FuncAddSeconds, Args: []expr.Node{c.Ref, &expr.ParamNode{Value: 1e-6}}}
	earlier := &expr.CompareNode{Op: expr.OpLt, Left: c.Ref, Right: now}
	return &expr.CaseNode{When: []expr.WhenNode{{Cond: earlier, Then: now}}, Else: after}
}

// returning are the columns that rows come back with: none, those that tell which
// rows were written, or all.
func (x *upsert) returning() []*field.Field {
	m := x.m
	if x.all {
		return m.tracked.Fields
	}
	if !x.keys && x.into == nil && x.u.managed(m) == nil {
		return nil
	}
	out := append(append([]*field.Field{}, m.key...), x.fields...)
	if m.def.Version != nil {
		out = append(out, m.tracked.Fields[m.def.Version.Position])
	}
	return out
}

// writeGroup writes the rows of a group: in few statements where the rows that come
// back can be told apart.
func (x *upsert) writeGroup(ctx context.Context, g *upsertGroup, res *upserted) error {
	returning := x.returning()
	byKey := true // a row's primary key is known before
	for _, f := range x.m.key {
		byKey = byKey && contains(g.cols, f)
	}
	var rows, alone []upsertRow
	for _, r := range g.rows {
		if len(g.cols) == 0 || len(returning) > 0 && !r.known && !byKey {
			alone = append(alone, r)
		} else {
			rows = append(rows, r)
		}
	}
	most := x.u.db.Dialect().MaxBulkRows(len(g.cols))
	for len(rows) > 0 {
		n := min(most, len(rows))
		if err := x.writeRows(ctx, g, rows[:n], returning, res); err != nil {
			return err
		}
		rows = rows[n:]
	}
	for i := range alone {
		if err := x.writeRows(ctx, g, alone[i:i+1], returning, res); err != nil {
			return err
		}
	}
	return nil
}

// writeRows writes rows in one statement.
func (x *upsert) writeRows(ctx context.Context, g *upsertGroup, rows []upsertRow, returning []*field.Field, res *upserted) error {
	u, m := x.u, x.m
	d := u.db.Dialect()
	_, columnar := d.(dialect.ArrayElements)
	on := x.conflict(g)
	assigned := map[*schema.ColumnDef]bool{}
	for _, c := range on.Set {
		assigned[c] = true
	}
	u.expireReferring(m, assigned)
	b := u.newBatch(columnar, len(g.cols), len(rows))
	for _, r := range rows {
		for _, f := range g.cols {
			v, err := f.Load(r.e)
			if err != nil {
				return blame(r.e, err)
			}
			b.add(v)
		}
	}
	text, err := x.text(g, on, len(rows), columnar, returning)
	if err != nil {
		return err
	}
	args := b.arguments()
	if x.into != nil {
		c, err := dialect.Results(d, m.def.Source, x.into.nodes, len(args))
		if err != nil {
			return err
		}
		text += ", " + c.SQL
		for _, v := range c.Args {
			args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: v})
		}
	}
	var n int64
	if len(returning) == 0 {
		r, err := u.conn.Exec(ctx, text, args)
		if err != nil {
			return err
		}
		n = r.RowsAffected
	} else if n, err = x.read(ctx, text, args, rows, returning, res); err != nil {
		return err
	}
	if !on.Nothing && n != int64(len(rows)) {
		if len(on.Same) > 0 {
			return fmt.Errorf("the database inserted or updated %d of %d rows: %w", n, len(rows), ErrForeignTenant)
		}
		return fmt.Errorf("the database inserted or updated %d of %d rows", n, len(rows))
	}
	x.total += n
	return nil
}

func (x *upsert) text(g *upsertGroup, on dialect.Conflict, rows int, columnar bool, returning []*field.Field) (string, error) {
	d, m := x.u.db.Dialect(), x.m
	if len(g.cols) == 0 { // a row of defaults alone, which conflict with nothing
		return m.stmt(string(shapeOf('i', 1).add(nil).add(returning)), func() (string, error) {
			return d.InsertOne(m.def, nil, columnsOf(returning)), nil
		})
	}
	kind, count := byte('U'), rows
	switch {
	case g.plain:
		kind = 'P'
	case on.Nothing:
		kind = 'N'
	}
	if columnar {
		count = 0
	}
	key := shapeOf(kind, count).add(g.cols).add(x.fields).add(returning).add(m.fieldsOf(on.Set)).add(m.fieldsOf(on.Same))
	if on.Where != nil {
		where, err := dialect.Inline(d, on.Where)
		if err != nil {
			return "", err
		}
		key = append(key, where...)
	}
	return m.stmt(string(key), func() (string, error) {
		if g.plain {
			return d.BulkInsert(m.def, columnsOf(g.cols), rows, columnsOf(returning)).SQL, nil
		}
		b, err := dialect.BulkUpsert(d, m.def, columnsOf(g.cols), rows, on, columnsOf(returning))
		return b.SQL, err
	})
}

// read runs a statement that returns rows, and finds out which they are.
func (x *upsert) read(ctx context.Context, text string, args []driver.NamedValue, rows []upsertRow, returning []*field.Field, res *upserted) (n int64, err error) {
	m := x.m
	at := map[*field.Field]int{}
	for i, f := range returning {
		at[f] = i
	}
	left := map[string]field.Ptr{}
	for _, r := range rows {
		k := "k" + r.key
		if !r.known {
			if k, err = x.primaryKey(r.e); err != nil && len(rows) > 1 {
				return 0, err
			}
		}
		left[k] = r.e
	}
	l := &loader{m: m, overwrite: true, list: !x.untracked}
	if x.all && !x.untracked {
		l.t = x.u.table(m)
	}
	row := func(vals []driver.Value) error {
		var r upsertedRow
		k, err := returnedKey("k", x.fields, at, vals)
		if err != nil {
			return err
		}
		given, ok := left[k]
		if !ok {
			if k, err = returnedKey("p", m.key, at, vals); err != nil {
				return err
			}
			given, ok = left[k]
		}
		if !ok && len(rows) == 1 {
			given, ok = rows[0].e, true
		}
		if !ok {
			return errOtherKey
		}
		delete(left, k)
		r.given = given
		for _, f := range m.key {
			r.key = append(r.key, kept(vals[at[f]]))
		}
		if v := m.def.Version; v != nil {
			r.version = kept(vals[at[m.tracked.Fields[v.Position]]])
		}
		res.rows = append(res.rows, r)
		if x.into != nil {
			return x.into.take(given, vals[len(returning):])
		}
		if !x.all {
			return nil
		}
		before := len(l.out)
		if err := l.row(vals); err != nil || len(l.out) == before {
			return err
		}
		if res.got == nil {
			res.got, res.keys = map[field.Ptr]field.Ptr{}, map[field.Ptr]string{}
		}
		res.got[given] = l.out[before]
		if x.untracked {
			res.keys[given], err = returnedKey("", m.key, at, vals)
		}
		return err
	}
	if !x.all {
		return x.u.conn.Query(ctx, text, args, row)
	}
	if err := x.u.readRows(ctx, l, text, args, func(vals []driver.Value) error { n++; return row(vals) }); err != nil {
		return 0, err
	}
	return n, x.u.readMade(ctx, l)
}

// primaryKey is an entity's key as text.
func (x *upsert) primaryKey(e field.Ptr) (string, error) {
	b := []byte{'p'}
	for _, f := range x.m.key {
		v, err := f.Load(e)
		if err != nil {
			return "", blame(e, err)
		}
		if b, err = f.AppendKeyValue(b, v); err != nil {
			return "", blame(e, err)
		}
	}
	return string(b), nil
}

// returnedKey is the key in some columns of a row as text, "" where one is NULL.
func returnedKey(kind string, fs []*field.Field, at map[*field.Field]int, vals []driver.Value) (string, error) {
	b := []byte(kind)
	for _, f := range fs {
		v := vals[at[f]]
		if v == nil {
			return "", nil
		}
		var err error
		if b, err = f.AppendKeyValue(b, v); err != nil {
			return "", err
		}
	}
	return string(b), nil
}

// yield appends the entity of a row to those that All returns.
func (x *upsert) yield(e field.Ptr, key string) {
	x.out = append(x.out, e)
	if !x.untracked {
		return // the unit knows which is the row's
	}
	if x.places == nil {
		x.places = map[string][]int{}
	}
	places := append(x.places[key], len(x.out)-1)
	x.places[key] = places
	for _, i := range places {
		x.out[i] = e
	}
}

// tell gives entities what is known of their rows now: those given their keys, those
// that the unit has that they are to be read again.
func (x *upsert) tell(res *upserted) error {
	u, m := x.u, x.m
	if x.into != nil {
		x.into.arrange(x.batch)
	}
	if x.all {
		for _, e := range x.batch {
			if got := res.got[e]; got != nil {
				x.yield(got, res.keys[e])
			}
		}
	}
	t := u.managed(m)
	for _, r := range res.rows {
		if x.keys {
			var wrote []restorer
			for i, f := range m.key {
				wrote = append(wrote, restorer{f, f.Current(r.given)})
				if err := f.Store(r.given, nil, r.key[i]); err != nil {
					return err
				}
			}
			u.noteFilled(r.given, wrote)
		}
		if t == nil || x.all && !x.untracked {
			continue
		}
		if err := u.rowChanged(t, r); err != nil {
			return err
		}
	}
	return nil
}
