package uow

import (
	"context"
	"database/sql/driver"
	"iter"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// returned is what comes back of rows that are written, and who takes it.
type returned struct {
	nodes []expr.Node
	row   func(vals []driver.Value) error
}

// of is a statement that returns what is read.
func (r *returned) of(s expr.Statement) expr.Statement {
	if r == nil {
		return s
	}
	switch s := s.(type) {
	case *expr.UpdateStmt:
		back := *s
		back.Returning = r.nodes
		return &back
	case *expr.DeleteStmt:
		back := *s
		back.Returning = r.nodes
		return &back
	}
	return s
}

// Returned says what is read of rows that are written, and where it goes. It serves
// one statement.
type Returned struct {
	// Columns are expressions over the columns of the row, and Into is the
	// projection that they are the results of.
	Columns []expr.Node
	Into    *Projection
	// Grow makes room for n rows, At says where the i-th goes.
	Grow func(n int)
	At   func(i int) field.Ptr
}

func (r *Returned) begin(db *engine.Engine) (*projecting, *returned, error) {
	p, err := r.Into.begin(db, nil, r.Grow, r.At)
	if err != nil {
		return nil, nil, err
	}
	return p, &returned{r.Columns, p.row}, nil
}

// WriteInto is Write that reads expressions over the columns of the rows: of those
// that are updated with their new values, of those that are deleted as they were. The
// rows come in no order.
func (n Untyped) WriteInto(ctx context.Context, u *UnitOfWork, s expr.Statement, r *Returned) error {
	p, out, err := r.begin(n.db)
	if err != nil {
		return opError("write", n.m.name, err)
	}
	if _, err := n.write(ctx, u, s, out); err != nil {
		return err
	}
	return p.finish(ctx, u)
}

// InsertFromInto is InsertFrom that reads expressions over the columns of the new
// rows, in no order.
func (n Untyped) InsertFromInto(ctx context.Context, u *UnitOfWork, cols []*schema.ColumnDef, q *expr.SelectStmt, r *Returned) error {
	p, out, err := r.begin(n.db)
	if err != nil {
		return opError("insert from", n.m.name, err)
	}
	if _, err := n.insertFrom(ctx, u, cols, q, out); err != nil {
		return err
	}
	return p.finish(ctx, u)
}

// UpsertInto is Upsert that reads expressions over the columns of the rows inserted
// or updated. They come as the database returns them: the result says which of them
// are the first, second and so on of the rows given.
func (n Untyped) UpsertInto(ctx context.Context, u *UnitOfWork, rows iter.Seq[field.Ptr], on Conflict, r *Returned) ([]int, error) {
	p, out, err := r.begin(n.db)
	if err != nil {
		return nil, opError("upsert", n.m.name, err)
	}
	if _, err := dialect.Results(n.db.Dialect(), n.m.def.Source, r.Columns, 0); err != nil { // before anything is flushed
		return nil, opError("upsert", n.m.name, err)
	}
	x := &upsert{u: u, m: n.m, filters: n.on, on: on, into: &upsertInto{returned: out, p: p, at: map[field.Ptr]int{}}}
	if err := runUpsert(ctx, x, rows); err != nil {
		return nil, err
	}
	return x.into.order, p.finish(ctx, u)
}

// upsertInto is what an upsert reads of its rows.
type upsertInto struct {
	*returned
	p     *projecting
	at    map[field.Ptr]int // the entities given of a batch: which row is theirs
	order []int
}

// take reads the row of an entity that was given.
func (x *upsertInto) take(given field.Ptr, vals []driver.Value) error {
	x.at[given] = x.p.n
	return x.row(vals)
}

// arrange puts the rows of a batch in the order of the entities.
func (x *upsertInto) arrange(batch []field.Ptr) {
	for _, e := range batch {
		if i, ok := x.at[e]; ok {
			x.order = append(x.order, i)
		}
	}
	clear(x.at)
}
