package uow

import (
	"context"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Write runs an UPDATE or DELETE of rows by condition in the unit of work, after
// a flush, and returns how many rows it changed. Entities of the table that the
// unit has are read again when they are next asked for.
func (n Entity[T]) Write(ctx context.Context, u *UnitOfWork, s expr.Statement) (int64, error) {
	if err := u.enter(); err != nil {
		return 0, opError("write", n.m.name, err)
	}
	defer u.leave()
	if u.opts.readOnly {
		return 0, opError("write", n.m.name, ErrReadOnly)
	}
	if u.flushing {
		return 0, opError("write", n.m.name, ErrFlushing)
	}
	c, err := u.ms.cache.Compile(s)
	if err != nil {
		return 0, opError("write", n.m.name, err)
	}
	if err := u.flush(ctx); err != nil {
		return 0, err
	}
	if err := u.begin(ctx); err != nil {
		return 0, opError("write", n.m.name, err)
	}
	u.wrote = true
	res, err := u.conn.Exec(ctx, c.SQL, named(c.Args))
	if err != nil {
		u.broke(err)
		return 0, opError("write", n.m.name, u.nameConstraint(err))
	}
	if n.m.index < len(u.tables) && u.tables[n.m.index] != nil {
		for _, st := range u.tables[n.m.index].states {
			if st.status == persistent {
				st.epoch = 0
			}
		}
	}
	return res.RowsAffected, nil
}

// CheckAssign checks a value assigned in bulk as a flush checks a field's: one
// that the column cannot keep is a *schema.ValueError. Expressions pass.
func (n Entity[T]) CheckAssign(c expr.SetClause) error {
	p, ok := c.Value.(*expr.ParamNode)
	if !ok || c.Column.Source != n.m.def.Source {
		return nil
	}
	col, ok := c.Column.Def.(*schema.ColumnDef)
	if !ok || col.Table != n.m.def {
		return nil
	}
	return n.m.tracked.Fields[col.Position].Check(p.Value)
}
