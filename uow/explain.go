package uow

import (
	"context"

	"github.com/dormer-orm/dormer/engine"
)

// Explain is Engine.Explain inside the transaction: it sees what the unit has
// written. It does not flush, since the query is not executed.
func (u *UnitOfWork) Explain(ctx context.Context, q engine.Explainable) (string, error) {
	if err := u.enter(); err != nil {
		return "", opError("explain", "", err)
	}
	defer u.leave()
	x, err := engine.NewExplanation(ctx, u.db.Dialect(), q)
	if err != nil {
		return "", opError("explain", "", err)
	}
	if u.failed != nil {
		return "", u.rollbackOnly()
	}
	if err := u.begin(ctx); err != nil {
		return "", opError("explain", "", err)
	}
	if _, err := u.conn.Query(ctx, x.SQL, x.Args, x.Row); err != nil {
		u.broke(err)
		return "", opError("explain", "", err)
	}
	return x.String(), nil
}
