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

// Projection reads the rows of statements into plain structs, which nobody tracks.
// It is immutable and safe for concurrent use.
type Projection struct{ lay *field.Layout }

// NewProjection makes the projection into the struct that the table describes: its
// columns are the results of the statement, in order, each with the place of the
// field that takes it.
func NewProjection(t *schema.TableDef, d dialect.Dialect) *Projection {
	return &Projection{field.New(t, d.Wire, nil)}
}

// Project runs a SELECT and passes the rows to next, which returns where the next
// one goes; a nil pointer ends the reading. u may be nil. With a unit, it flushes
// first as Query does. Values that only code of the program's can read are stored
// once the rows are closed.
func (p *Projection) Project(ctx context.Context, db *engine.Engine, u *UnitOfWork, s *expr.SelectStmt, grow func(n int), at func(i int) field.Ptr) error {
	type late struct {
		row, field int
		val        driver.Value
	}
	var lates []late
	n := 0
	fields := p.lay.Fields
	if err := Rows(ctx, db, u, s, func(vals []driver.Value) error {
		grow(n + 1)
		e := at(n)
		for i, f := range fields {
			if f.Encoded() {
				lates = append(lates, late{n, i, kept(vals[i])})
				continue
			}
			if err := f.Store(e, nil, vals[i]); err != nil {
				return err
			}
		}
		n++
		return nil
	}); err != nil {
		return err
	}
	for _, l := range lates {
		if err := fields[l.field].Store(at(l.row), nil, l.val); err != nil {
			return opError("query", "", err)
		}
	}
	return nil
}

// kept is a driver's value that outlives its row.
func kept(v driver.Value) driver.Value {
	if b, ok := v.([]byte); ok {
		return slices.Clone(b)
	}
	return v
}
