package compiletime

import (
	"fmt"
	"strings"
)

// program is a package with n entities: handles, a relation to the entity before, a
// domain service around a Keyed, and a few calls of it.
func program(n int) string {
	var b strings.Builder
	b.WriteString(`package program

import (
	"context"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)
`)
	for i := range n {
		field, handle, definition := "", "", ""
		if i > 0 {
			field = "ParentID int64\n\tParent rel.One[E%[2]d]\n"
			handle = "ParentID expr.Column[E%[1]d, int64]\n\tParent rel.ToOne[E%[1]d, E%[2]d]\n"
			definition = "schema.Column(t.ParentID).References(E%[2]ds.ID).OnDelete(schema.Cascade)\n\trel.Via(t.Parent, t.ParentID).BackPopulates(E%[2]ds.Children)\n"
		}
		where, with := "", ""
		if i < n-1 {
			field += "\tChildren rel.Many[E%[3]d]\n"
			handle += "\tChildren rel.ToMany[E%[1]d, E%[3]d]\n"
			where = "E%[1]ds.Children.Any(E%[3]ds.Name.Eq(name)), "
			with = ".With(E%[1]ds.Children)"
		}
		fmt.Fprintf(&b, `
type E%[1]d struct {
	ID        int64
	Name      string
	Email     *string
	Age       int
	CreatedAt time.Time
	F%[1]d    int64 // no two entities lie alike in memory
	`+field+`
}

type e%[1]ds struct {
	schema.Table[E%[1]d]
	ID        expr.Column[E%[1]d, int64]
	Name      expr.Column[E%[1]d, string]
	Email     expr.Nullable[E%[1]d, string]
	Age       expr.Column[E%[1]d, int]
	CreatedAt expr.Column[E%[1]d, time.Time]
	F%[1]d    expr.Column[E%[1]d, int64]
	`+handle+`
}

var E%[1]ds = schema.Define("e%[1]ds", func(t *e%[1]ds) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Size(100)
	schema.Text(t.Email).Unique().Size(255)
	schema.Number(t.Age).KeepZero()
	schema.Column(t.CreatedAt).ServerDefault(expr.Now())
	schema.Number(t.F%[1]d).KeepZero()
	schema.Index(t.Name, t.CreatedAt)
	`+definition+`
})

type S%[1]d struct{ repo.Keyed[E%[1]d, int64] }

func (s S%[1]d) Rename(ctx context.Context, id int64, name string) error {
	e, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	e.Name = name
	es, err := s.Where(`+where+`E%[1]ds.Age.Gt(3))`+with+`.OrderBy(E%[1]ds.Name.Asc()).Limit(10).All(ctx)
	if err != nil {
		return err
	}
	if err := s.Delete(ctx, es...); err != nil {
		return err
	}
	if _, err := s.UpdateWhere(ctx, E%[1]ds.ID.Eq(id), E%[1]ds.Name.Set(name)); err != nil {
		return err
	}
	return s.Add(ctx, &E%[1]d{Name: name})
}
`, i, i-1, i+1)
	}
	return b.String()
}
