package repo

import (
	"context"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Destination is a repository of T: a Repository, or what embeds one, as Keyed and
// domain services do.
type Destination[T any] interface{ repository() Repository[T] }

func (r Repository[T]) repository() Repository[T] { return r }

// InsertFrom inserts the rows that a query reads and returns how many, in one
// statement: nothing of them comes to the program. The query fills fields of T, whose
// columns are written, so that the compiler checks the types:
//
//	n, err := repo.InsertFrom(ctx, archive, repo.Select(func(a *Archived) repo.Columns {
//		return repo.Into(repo.To(&a.Name, Users.Name), repo.To(&a.Email, Users.Email))
//	}).From(Users).Where(Users.Active.Eq(false)))
//
// Columns of fields that the query does not fill have the defaults that the database
// gives them, or the model as values; a version begins. One whose default is made by
// a function of the program is an error: have the query read a value. A unit of work
// flushes first.
func InsertFrom[T any](ctx context.Context, into Destination[T], q Selection[T]) (int64, error) {
	return Inserting(into, q).Exec(ctx)
}

// Insert is an INSERT of what a query reads, see InsertFrom: Inserting begins one, for
// Returning to read of the new rows. It is an immutable value, safe for concurrent
// use. What is wrong with it is an error of what runs it, before any SQL.
type Insert struct{ x insertion }

// insertion is an Insert of checked parts.
type insertion struct {
	r   *repository
	p   *projected
	s   *expr.SelectStmt
	err error
}

// Inserting begins an InsertFrom.
func Inserting[T any](into Destination[T], q Selection[T]) Insert {
	if into == nil {
		return Insert{}
	}
	x := insertion{r: into.repository().r, p: q.p}
	x.s, x.err = q.stmt()
	return Insert{x}
}

// Exec is InsertFrom.
func (x Insert) Exec(ctx context.Context) (n int64, err error) {
	cols, s, err := x.x.prepare()
	if err != nil {
		return 0, err
	}
	r := x.x.r
	err = r.write(ctx, "insert from", r.bulk(), func(ctx context.Context, u *uow.UnitOfWork) error {
		n, err = r.n.InsertFrom(ctx, u, cols, s)
		return err
	})
	return n, err
}

func (x Insert) writing() writing { return &x.x }

func (x *insertion) read(ctx context.Context, p *projected, r *uow.Returned) ([]int, error) {
	cols, s, err := x.prepare()
	if err != nil {
		return nil, err
	}
	if err := p.ofRow(x.r.n.Table(), false); err != nil {
		return nil, x.r.fail("insert from", err)
	}
	r.Into = p.projection(x.r.engine())
	return nil, x.r.write(ctx, "insert from", x.r.bulk(), func(ctx context.Context, u *uow.UnitOfWork) error {
		return x.r.n.InsertFromInto(ctx, u, cols, s, r)
	})
}

// prepare finds the columns that the query fills.
func (x *insertion) prepare() ([]*schema.ColumnDef, *expr.SelectStmt, error) {
	r, p, s := x.r, x.p, x.s
	if err := r.ready(); err != nil {
		return nil, nil, err
	}
	if x.err != nil {
		return nil, nil, x.err
	}
	t := r.n.Table()
	if len(p.entities) > 0 {
		return nil, nil, r.fail("insert from", fmt.Errorf("the query reads entities: columns are inserted"))
	}
	cols, forms := make([]*schema.ColumnDef, len(p.defs)), make([]*expr.ColumnRef, len(p.defs))
	for i, d := range p.defs {
		for _, c := range t.Columns {
			if c.Offset == d.Offset && c.GoType == d.GoType && c.Null == d.Null {
				cols[i] = c
			}
		}
		if cols[i] == nil {
			return nil, nil, r.fail("insert from", fmt.Errorf("the query fills field %s, which is no column", d.Field))
		}
		forms[i] = cols[i].Ref
	}
	return cols, expr.InForms(s, forms), nil
}
