package repo

import (
	"context"
	"fmt"
	"slices"

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
	if into == nil {
		return 0, ErrZero
	}
	r := into.repository().r
	if err := r.ready(); err != nil {
		return 0, err
	}
	s, err := q.stmt()
	if err != nil {
		return 0, err
	}
	return r.insertFrom(ctx, q.p, s)
}

func (r *repository) insertFrom(ctx context.Context, p *projected, s *expr.SelectStmt) (n int64, err error) {
	t := r.n.Table()
	if len(p.entities) > 0 {
		return 0, r.fail("insert from", fmt.Errorf("the query reads entities: columns are inserted"))
	}
	cols, filled := make([]*schema.ColumnDef, len(p.defs)), *s
	filled.Columns = slices.Clone(s.Columns)
	for i, d := range p.defs {
		for _, c := range t.Columns {
			if c.Offset == d.Offset && c.GoType == d.GoType && c.Null == d.Null {
				cols[i] = c
			}
		}
		if cols[i] == nil {
			return 0, r.fail("insert from", fmt.Errorf("the query fills field %s, which is no column", d.Field))
		}
		filled.Columns[i] = expr.InFormOf(cols[i].Ref, s.Columns[i])
	}
	err = r.write(ctx, "insert from", r.bulk(), func(ctx context.Context, u *uow.UnitOfWork) error {
		n, err = r.n.InsertFrom(ctx, u, cols, &filled)
		return err
	})
	return n, err
}
