package uow

import (
	"context"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
)

// Compile returns a statement's text and arguments for a dialect: from those that
// the engine has compiled where it is the engine's, with the same result and the
// same errors as dialect.Compile. It is safe for concurrent use.
func (n Untyped) Compile(d dialect.Dialect, s expr.Statement) (dialect.Compiled, error) {
	if n.m.dialect != d {
		return dialect.Compile(d, s)
	}
	return n.m.cache.Compile(s)
}

// SQLIn is dialect.Compile with the parameters of filters that ctx carries, and
// without the filters that it turns off.
func SQLIn(ctx context.Context, d dialect.Dialect, s expr.Statement) (dialect.Compiled, error) {
	if err := checkScopeOf(ctx, s); err != nil {
		return dialect.Compiled{}, err
	}
	return dialect.Compile(d, filteredBy(s, filtersIn(ctx, filtersOf(s))))
}
