package uow

import (
	"context"
	"database/sql/driver"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// Projection reads the rows of statements into plain structs, which nobody tracks,
// and entities beside the values, which the unit of work does. It is immutable and
// safe for concurrent use.
type Projection struct {
	lay      *field.Layout
	entities []EntityPart
}

// EntityPart is an entity that stands among the values of a row.
type EntityPart struct {
	Table *schema.TableDef
	// First is the place of the first of its columns among the statement's results,
	// which are all those of the table, in its order.
	First int
	// Offset is where in the struct the pointer to the entity lies.
	Offset uintptr
}

// NewProjection makes the projection into the struct that the table describes: its
// columns are the results of the statement, in order, each with the place of the
// field that takes it; after them come those of the entities.
func NewProjection(t *schema.TableDef, d dialect.Dialect, entities ...EntityPart) *Projection {
	return &Projection{field.New(t, d.Wire, nil), entities}
}

// projecting is the reading of some rows.
type projecting struct {
	p     *Projection
	n     int
	grow  func(n int)
	at    func(i int) field.Ptr
	end   *PageEnd // nil where all rows are read
	parts []projectedPart
	lates []projectedLate
}

// projectedPart reads one of the entities of each row.
type projectedPart struct {
	EntityPart
	l *loader
}

// projectedLate is a value that only code of the program's can read.
type projectedLate struct {
	row, field int
	val        driver.Value
}

// begin prepares to read rows; u is nil without a unit of work.
func (p *Projection) begin(db *engine.Engine, u *UnitOfWork, grow func(n int), at func(i int) field.Ptr) (*projecting, error) {
	r := &projecting{p: p, grow: grow, at: at}
	for _, e := range p.entities {
		m, err := mappersOf(db).of(db, e.Table)
		if err != nil {
			return nil, err
		}
		l := &loader{m: m, list: true}
		if u != nil {
			l.t = u.table(m)
		}
		r.parts = append(r.parts, projectedPart{e, l})
	}
	return r, nil
}

// row reads one row. It runs while the connection is locked.
func (r *projecting) row(vals []driver.Value) error {
	if r.end != nil && !r.end.take(vals) {
		return nil
	}
	r.grow(r.n + 1)
	e := r.at(r.n)
	for i, f := range r.p.lay.Fields {
		if f.Encoded() {
			r.lates = append(r.lates, projectedLate{r.n, i, kept(vals[i])})
			continue
		}
		if err := f.Store(e, nil, vals[i]); err != nil {
			return err
		}
	}
	for _, part := range r.parts {
		found, err := part.read(vals[part.First : part.First+len(part.Table.Columns)])
		if err != nil {
			return err
		}
		field.StorePointer(field.Add(e, part.Offset), found)
	}
	r.n++
	return nil
}

// read gives the entity of a row, nil where a join found none, or where the unit has
// deleted it.
func (p projectedPart) read(vals []driver.Value) (field.Ptr, error) {
	for _, f := range p.l.m.key {
		if vals[f.Col.Position] == nil {
			return nil, nil
		}
	}
	before := len(p.l.out)
	if err := p.l.row(vals); err != nil || len(p.l.out) == before {
		return nil, err
	}
	return p.l.out[before], nil
}

// finish does what row may not: it runs code of the program's, and makes the entities
// known.
func (r *projecting) finish(ctx context.Context, u *UnitOfWork) error {
	for _, part := range r.parts {
		if err := part.l.finish(ctx, u); err != nil {
			return err
		}
	}
	for _, l := range r.lates {
		if err := r.p.lay.Fields[l.field].Store(r.at(l.row), nil, l.val); err != nil {
			return opError("query", "", err)
		}
	}
	return nil
}

// abandon takes back what was read of a query that failed.
func (r *projecting) abandon() {
	for _, part := range r.parts {
		part.l.abandon()
	}
}

// Project runs a SELECT and has the rows stored: grow makes room for n of them, at
// says where the i-th goes. u may be nil. With a unit, it flushes first as Query
// does. Values that only code of the program's can read are stored once the rows are
// closed.
func (p *Projection) Project(ctx context.Context, db *engine.Engine, u *UnitOfWork, s *expr.SelectStmt, grow func(n int), at func(i int) field.Ptr) error {
	return p.project(ctx, db, u, s, nil, grow, at)
}

// ProjectPage is Project of a result that ends after a number of rows.
func (p *Projection) ProjectPage(ctx context.Context, db *engine.Engine, u *UnitOfWork, s *expr.SelectStmt, end *PageEnd, grow func(n int), at func(i int) field.Ptr) error {
	return p.project(ctx, db, u, s, end, grow, at)
}

func (p *Projection) project(ctx context.Context, db *engine.Engine, u *UnitOfWork, s *expr.SelectStmt, end *PageEnd, grow func(n int), at func(i int) field.Ptr) error {
	c, err := compileIn(ctx, mappersOf(db).cache, s)
	if err != nil {
		return opError("query", "", err)
	}
	if c.Writes && end == nil {
		return p.projectWritten(ctx, db, u, s, c, grow, at)
	}
	if c, err = reading(c, nil); err != nil {
		return opError("query", "", err)
	}
	if u == nil || len(p.entities) == 0 {
		r, err := p.begin(db, nil, grow, at)
		if err != nil {
			return err
		}
		r.end = end
		if err := rows(ctx, db, u, s, c, r.row); err != nil {
			return err
		}
		return r.finish(ctx, nil)
	}
	if err := u.enter(); err != nil {
		return opError("query", "", err)
	}
	defer u.leave()
	r, err := p.begin(db, u, grow, at)
	if err != nil {
		return err
	}
	r.end = end
	return u.project(ctx, s, r)
}

// project reads rows with entities in a unit, which has been entered.
func (u *UnitOfWork) project(ctx context.Context, s *expr.SelectStmt, r *projecting) error {
	c, err := u.compile(ctx, s)
	if err != nil {
		return opError("query", "", err)
	}
	if err := u.mayLock(s); err != nil {
		return opError("query", "", err)
	}
	if err := u.autoflush(ctx, tablesOf(s)); err != nil {
		return err
	}
	return u.fetch(ctx, r, c.SQL, named(c.Args))
}

// fetch reads the rows of a statement.
func (u *UnitOfWork) fetch(ctx context.Context, r *projecting, text string, args []driver.NamedValue) error {
	if err := u.begin(ctx); err != nil {
		return opError("query", "", err)
	}
	if _, err := u.conn.Query(ctx, text, args, r.row); err != nil {
		r.abandon()
		u.broke(err)
		return opError("query", "", err)
	}
	return r.finish(ctx, u)
}

// kept is a driver's value that outlives its row.
func kept(v driver.Value) driver.Value {
	if b, ok := v.([]byte); ok {
		return slices.Clone(b)
	}
	return v
}
