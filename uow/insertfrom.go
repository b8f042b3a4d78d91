package uow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// InsertFrom is Entity.InsertFrom.
func (n Untyped) InsertFrom(ctx context.Context, u *UnitOfWork, cols []*schema.ColumnDef, q *expr.SelectStmt) (int64, error) {
	return n.insertFrom(ctx, u, cols, q, nil)
}

// insertFrom is InsertFrom that passes on what the rows return, unless out is nil.
func (n Untyped) insertFrom(ctx context.Context, u *UnitOfWork, cols []*schema.ColumnDef, q *expr.SelectStmt, out *returned) (int64, error) {
	if err := u.enter(); err != nil {
		return 0, opError("insert from", n.m.name, err)
	}
	defer u.leave()
	if u.opts.readOnly {
		return 0, opError("insert from", n.m.name, ErrReadOnly)
	}
	if u.flushing {
		return 0, opError("insert from", n.m.name, ErrFlushing)
	}
	s, err := n.m.insertFrom(ctx, cols, q, n.on)
	if err != nil {
		return 0, opError("insert from", n.m.name, err)
	}
	if out != nil {
		s.Returning = out.nodes
	}
	c, err := u.ms.cache.Compile(s)
	if err != nil { // before anything is flushed
		return 0, opError("insert from", n.m.name, err)
	}
	within, err := u.writesWithin(ctx, s, c)
	if err != nil {
		return 0, opError("insert from", n.m.name, err)
	}
	if err := u.flush(ctx); err != nil {
		return 0, err
	}
	if err := u.begin(ctx); err != nil {
		return 0, opError("insert from", n.m.name, err)
	}
	u.wrote = true
	var rows int64
	if out == nil {
		res, failed := u.conn.Exec(ctx, c.SQL, named(c.Args))
		rows, err = res.RowsAffected, failed
	} else {
		rows, err = u.conn.Query(ctx, c.SQL, named(c.Args), out.row)
	}
	if err != nil {
		u.broke(err)
		return 0, opError("insert from", n.m.name, u.nameConstraint(err))
	}
	return rows, u.wroteWithin(within)
}

// insertFrom is the statement, with values for columns that the query says nothing
// of.
func (m *mapper) insertFrom(ctx context.Context, cols []*schema.ColumnDef, q *expr.SelectStmt, on *expr.Filters) (*expr.InsertStmt, error) {
	if err := checkScope(ctx, m.def); err != nil {
		return nil, err
	}
	read := *q
	read.Filters = filtersIn(ctx, q.Filters)
	read.Columns = slices.Clip(q.Columns)
	s := &expr.InsertStmt{Table: m.def.Source, Query: &read}
	for _, c := range cols {
		s.Columns = append(s.Columns, c.Ref)
	}
	add := func(c *schema.ColumnDef, v any) {
		s.Columns = append(s.Columns, c.Ref)
		read.Columns = append(read.Columns, &expr.ParamNode{Value: v, Like: c.Ref})
	}
	in, err := m.tenancyOf(ctx, on)
	if err != nil {
		return nil, err
	}
	tenants := map[*schema.ColumnDef]bool{}
	if in != nil {
		for i, f := range in.fields {
			tenants[f.Col] = true
			if slices.Contains(cols, f.Col) {
				return nil, fmt.Errorf("the query reads a value for column %s, which says whose a row is: leave it out, it is filled from parameter %s", f.Col.Name, in.names[i])
			}
			add(f.Col, in.values[i])
		}
	}
	for _, c := range m.def.Columns {
		if slices.Contains(cols, c) || tenants[c] {
			if c.Computed != nil || c.MadeVersion {
				return nil, fmt.Errorf("the query reads a value for column %s, which the database makes", c.Name)
			}
			continue
		}
		switch {
		case c.MadeVersion:
		case c.IsVersion && c.Type.Kind == schema.TimeKind:
			add(c, time.Now().UTC().Truncate(time.Microsecond))
		case c.IsVersion:
			add(c, int64(1))
		case c.DefaultFunc != nil:
			return nil, fmt.Errorf("the query reads no value for column %s, whose default is made by a function of the program for each row: have the query read one", c.Name)
		case c.Default != nil:
			add(c, c.Default)
		}
	}
	return s, nil
}
