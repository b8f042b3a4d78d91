package repo

import (
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Changing makes the rows that a statement writes a common table expression: it
// returns typed handles of what f reads of each of them, as for Returning, by which a
// query reads them like those of CTE. The statement is a Change, or an Insert. So rows
// move from one table to another in one statement:
//
//	gone := repo.Changing[oldOrders]("gone", orders.Deleting().Where(Orders.Created.Lt(limit)), func(o *OldOrder) repo.Columns {
//		return repo.Into(repo.To(&o.ID, Orders.ID), repo.To(&o.Total, Orders.Total))
//	})
//	n, err := repo.InsertFrom(ctx, archive, repo.Select(func(a *Archived) repo.Columns {
//		return repo.Into(repo.To(&a.ID, gone.ID), repo.To(&a.Total, gone.Total))
//	}).From(gone))
//
// What reads the handles writes, once, however many of the rows it reads: All, First,
// One and Scalar of a Selection, in a unit of work, and InsertFrom. It flushes first,
// and managed entities that the statement may have written are read again when they
// are next asked for. Anything else that reads them is an error before any SQL: a
// Stream, a page, a query of entities. The query itself sees the tables as they were
// before, and no row may be written by two parts of it.
//
// Times that the statement writes, of versions and of deletions, are those of the call
// of Changing. Filters that the query around turns off are off for it, too. PostgreSQL
// has it; elsewhere it is a *dialect.UnsupportedError.
func Changing[H, S any, PT interface {
	*H
	schema.Of[S]
}](name string, w Write, f func(*S) Columns) PT {
	query := &expr.Query{Common: true}
	h, _ := schema.Derived[S, H, PT](name, changing(w, project(f), query), query)
	return h
}

// changing sets the statement of a query, and returns the columns of its rows.
func changing(w Write, p *projected, query *expr.Query) []*schema.ColumnDef {
	switch {
	case w == nil:
		query.Err = ErrZero
	case p.err != nil:
		query.Err = p.err
	default:
		if query.Stmt, query.Err = w.writing().within(p); query.Err == nil {
			return resultColumns(p)
		}
	}
	return nil
}

func (c *change) within(p *projected) (expr.Statement, error) {
	s, err := c.build()
	if err != nil {
		return nil, err
	}
	switch s := s.(type) {
	case *expr.DeleteStmt:
		s.Returning = p.nodes
		err = p.ofRow(c.r.n.Table(), true)
	case *expr.UpdateStmt:
		s.Returning = p.nodes
		err = p.ofRow(c.r.n.Table(), false)
	}
	return s, c.r.fail(c.op(), err)
}

func (x *insertion) within(p *projected) (expr.Statement, error) {
	cols, q, err := x.prepare()
	if err != nil {
		return nil, err
	}
	if err := p.ofRow(x.r.n.Table(), false); err != nil {
		return nil, x.r.fail("insert from", err)
	}
	s, err := x.r.n.InsertStatement(cols, q)
	if err != nil {
		return nil, x.r.fail("insert from", err)
	}
	s.Returning = p.nodes
	return s, nil
}

func (x *upsert) within(*projected) (expr.Statement, error) {
	if err := x.r.ready(); err != nil {
		return nil, err
	}
	return nil, x.r.fail("upsert", fmt.Errorf("within another statement: %w", errUpsertWithin))
}

var errUpsertWithin = errors.New("it writes rows of the program, in statements of its own: a Change and an Insert may stand there")
