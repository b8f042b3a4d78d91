package uow

import (
	"context"
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// errWritesWithin says that what reads would write.
var errWritesWithin = errors.New("a common table expression of the statement writes (repo.Changing): it is run by All, First, One and Scalar of a Selection, in a unit of work, and by repo.InsertFrom")

// writeWithin is a common table expression that writes.
type writeWithin struct {
	m *mapper
	s expr.Statement
}

// writesWithin are the common table expressions of a statement that write, once it
// is known that they may.
func (u *UnitOfWork) writesWithin(ctx context.Context, s expr.Statement, c dialect.Compiled) (out []writeWithin, err error) {
	if !c.Writes {
		return nil, nil
	}
	expr.Statements(s, func(inner expr.Statement) bool {
		var table *expr.Source
		switch w := inner.(type) {
		case *expr.UpdateStmt:
			table = w.Table
		case *expr.DeleteStmt:
			table = w.Table
		}
		if table == nil || err != nil || inner == s {
			return err == nil
		}
		def, ok := table.Def.(*schema.TableDef)
		if !ok {
			err = fmt.Errorf("%s is no table of the model's", table.Label())
			return false
		}
		var m *mapper
		if m, err = u.ms.of(u.db, def); err != nil {
			return false
		}
		if up, ok := inner.(*expr.UpdateStmt); ok {
			if c := (Untyped{m: m}).TenantAssigned(ctx, up); c != nil {
				err = fmt.Errorf("column %s of %s says whose a row is and is not assigned: Unfiltered says that rows change hands", c.Name, def.Name)
				return false
			}
		}
		out = append(out, writeWithin{m, inner})
		return true
	})
	return out, err
}

// wroteWithin has the entities read again that a statement may have written, or the
// database with them.
func (u *UnitOfWork) wroteWithin(list []writeWithin) error {
	for _, w := range list {
		t := u.managed(w.m)
		if t != nil {
			t.expire()
		}
		switch s := w.s.(type) {
		case *expr.UpdateStmt:
			assigned := map[*schema.ColumnDef]bool{}
			for _, c := range s.Set {
				if col, ok := c.Column.Def.(*schema.ColumnDef); ok {
					assigned[col] = true
				}
			}
			u.expireReferring(w.m, assigned)
		case *expr.DeleteStmt:
			u.expireBehind(w.m)
			all, err := u.wardsOf(w.m)
			if err != nil {
				return err
			}
			for _, ward := range all {
				ward.t.expire()
			}
		}
	}
	return nil
}

// projectWritten is Project of a SELECT that reads what it writes: it flushes first,
// as writes by condition do.
func (p *Projection) projectWritten(ctx context.Context, db *engine.Engine, u *UnitOfWork, s *expr.SelectStmt, c dialect.Compiled, grow func(n int), at func(i int) field.Ptr) error {
	fail := func(err error) error { return opError("write", "", err) }
	if u == nil {
		return fail(fmt.Errorf("a common table expression writes: %w", ErrNoUnit))
	}
	if err := u.enter(); err != nil {
		return fail(err)
	}
	defer u.leave()
	if u.opts.readOnly {
		return fail(ErrReadOnly)
	}
	if u.flushing {
		return fail(ErrFlushing)
	}
	list, err := u.writesWithin(ctx, s, c)
	if err != nil {
		return fail(err)
	}
	if err := u.flush(ctx); err != nil {
		return err
	}
	if err := u.begin(ctx); err != nil {
		return fail(err)
	}
	u.wrote = true
	of := u
	if len(p.entities) == 0 {
		of = nil
	}
	r, err := p.begin(db, of, grow, at)
	if err != nil {
		return fail(err)
	}
	if _, err := u.conn.Query(ctx, c.SQL, named(c.Args), r.row); err != nil {
		r.abandon()
		u.broke(err)
		return fail(u.nameConstraint(err))
	}
	// After the rows are read: entities among them have what their rows held before.
	return errors.Join(r.finish(ctx, u), u.wroteWithin(list))
}

// InsertStatement is the INSERT of InsertFrom, to stand within another statement. That
// a row's tenant or version is known only as it is run is an error.
func (n Untyped) InsertStatement(cols []*schema.ColumnDef, q *expr.SelectStmt) (*expr.InsertStmt, error) {
	if fs := n.m.tenants; len(fs) > 0 {
		return nil, fmt.Errorf("the tenant in column %s is known only as the statement runs: insert into %s by InsertFrom", fs[0].Column.Name, n.m.def.Name)
	}
	if v := n.m.def.Version; v != nil && !v.MadeVersion && v.Type.Kind == schema.TimeKind {
		return nil, fmt.Errorf("the version in column %s is the time at which the statement runs: insert into %s by InsertFrom", v.Name, n.m.def.Name)
	}
	return n.m.insertFrom(context.Background(), cols, q, n.on)
}
