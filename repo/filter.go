package repo

import (
	"context"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// ErrFilter: a filter of a table has no value for its parameter, or one of another
// type. No SQL was sent. It is dialect.ErrFilter; errors.As of a
// *dialect.FilterError names the filter.
var ErrFilter = dialect.ErrFilter

// ErrForeignTenant: a row would be written whose tenant is not the context's. It is
// uow.ErrForeignTenant.
var ErrForeignTenant = uow.ErrForeignTenant

// WithParameter returns a context in which the parameter of filters has a value, see
// uow.WithParameter: the tenant of a request, for instance.
//
//	ctx = repo.WithParameter(ctx, "tenant", tenantID)
func WithParameter(ctx context.Context, name string, value any) context.Context {
	return uow.WithParameter(ctx, name, value)
}

// WithoutFilter returns a context in which filters of these names are not applied,
// see uow.WithoutFilter; without names none is, as by Unfiltered.
func WithoutFilter(ctx context.Context, names ...string) context.Context {
	return uow.WithoutFilter(ctx, names...)
}

// off adds names to the filters that are not applied.
func off(on *expr.Filters, names ...string) *expr.Filters {
	f := &expr.Filters{}
	if on != nil {
		*f = *on
	}
	f.Off = append(slices.Clip(f.Off), names...)
	return f
}

// without are the filters but those of these names; none where none is named. That
// of deleted rows alone stays.
func without(on *expr.Filters, names []string) *expr.Filters {
	f := off(on, names...)
	f.All = f.All || len(names) == 0
	return f
}

//go:noinline
func (r *repository) withDeleted() *repository {
	return r.altered(func(r *repository) { r.n = r.n.Filtered(off(r.n.Filters(), expr.FilterDeleted)) })
}

//go:noinline
func (r *repository) onlyDeleted() *repository {
	return r.altered(func(r *repository) { r.n = r.n.Filtered(only(r.n.Filters())) })
}

//go:noinline
func (r *repository) unfiltered(names []string) *repository {
	return r.altered(func(r *repository) { r.n = r.n.Filtered(without(r.n.Filters(), names)) })
}

// unfilteredIn is the context of a unit that is one call's own: its flush, too, goes
// without the filters that the call goes without. Deleted rows are for the call alone
// to reach.
func (r *repository) unfilteredIn(ctx context.Context) context.Context {
	on := r.n.Filters()
	if on == nil {
		return ctx
	}
	var names []string
	for _, t := range r.n.Table().Metadata.Tables() {
		for _, f := range t.Filters {
			if f.Kind != schema.DeletedFilter && (on.All || slices.Contains(on.Off, f.Name)) && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	if len(names) == 0 {
		return ctx
	}
	return uow.WithoutFilter(ctx, names...)
}

//go:noinline
func (q *query) unfiltered(names []string) {
	q.with(func(r *repository) *repository { return r.unfiltered(names) })
}

// only leaves deleted rows alone.
func only(on *expr.Filters) *expr.Filters {
	f := off(on)
	f.Only = true
	return f
}

// WithDeleted returns the repository that reaches deleted rows, too: by its reads,
// those of relations that are loaded or asked about with them, and by UpdateWhere
// and DeleteWhere. Where no table has a soft delete column it changes nothing.
func (r Repository[T]) WithDeleted() Repository[T] {
	return Repository[T]{r.r.withDeleted()}
}

// OnlyDeleted returns the repository that reaches deleted rows alone. What belongs
// to them by relations may be deleted or not. It holds beside WithDeleted and
// Unfiltered, in either order. A table without a soft delete column
// has no deleted rows, which is an error of the call.
func (r Repository[T]) OnlyDeleted() Repository[T] {
	return Repository[T]{r.r.onlyDeleted()}
}

// Unfiltered returns the repository whose calls do not apply the filters of these
// names, of any table; without names, none at all. A name that no table's filter
// has is an error of the call. It holds for what the call sends, and for the flush of
// a unit that is the call's own: that of another goes by its context, see
// WithoutFilter.
func (r Repository[T]) Unfiltered(names ...string) Repository[T] {
	return Repository[T]{r.r.unfiltered(names)}
}

// WithDeleted is Repository.WithDeleted.
func (r Keyed[T, K]) WithDeleted() Keyed[T, K] { return Keyed[T, K]{r.Repository.WithDeleted()} }

// OnlyDeleted is Repository.OnlyDeleted.
func (r Keyed[T, K]) OnlyDeleted() Keyed[T, K] { return Keyed[T, K]{r.Repository.OnlyDeleted()} }

// Unfiltered is Repository.Unfiltered.
func (r Keyed[T, K]) Unfiltered(names ...string) Keyed[T, K] {
	return Keyed[T, K]{r.Repository.Unfiltered(names...)}
}

// WithDeleted is Repository.WithDeleted.
func (r Keyed2[T, A, B]) WithDeleted() Keyed2[T, A, B] {
	return Keyed2[T, A, B]{r.Repository.WithDeleted()}
}

// OnlyDeleted is Repository.OnlyDeleted.
func (r Keyed2[T, A, B]) OnlyDeleted() Keyed2[T, A, B] {
	return Keyed2[T, A, B]{r.Repository.OnlyDeleted()}
}

// Unfiltered is Repository.Unfiltered.
func (r Keyed2[T, A, B]) Unfiltered(names ...string) Keyed2[T, A, B] {
	return Keyed2[T, A, B]{r.Repository.Unfiltered(names...)}
}

// WithDeleted reads deleted rows, too, see Repository.WithDeleted.
func (q Query[T]) WithDeleted() Query[T] { q.q.with((*repository).withDeleted); return q }

// OnlyDeleted reads deleted rows alone, see Repository.OnlyDeleted.
func (q Query[T]) OnlyDeleted() Query[T] { q.q.with((*repository).onlyDeleted); return q }

// Unfiltered turns filters off, see Repository.Unfiltered.
func (q Query[T]) Unfiltered(names ...string) Query[T] { q.q.unfiltered(names); return q }

// WithDeleted reads deleted rows, too, of all tables of the query. Of a query within
// another it holds for itself; that of the outermost one holds for those within.
func (q Selection[S]) WithDeleted() Selection[S] {
	q.filters = off(q.filters, expr.FilterDeleted)
	return q
}

// Unfiltered turns the filters of these names off, of all tables of the query;
// without names, all of them. It holds as WithDeleted does.
func (q Selection[S]) Unfiltered(names ...string) Selection[S] {
	q.filters = without(q.filters, names)
	return q
}

// checkFilters refuses to turn off what is not there: a misspelt name would leave a
// filter on.
func checkFilters(on *expr.Filters, main *schema.TableDef) error {
	if on == nil {
		return nil
	}
	if on.Only && main.SoftDelete == nil {
		return fmt.Errorf("OnlyDeleted of %s, which has no soft delete column: name one with schema.SoftDelete", main.QualifiedName())
	}
	return checkNames(on, main)
}

// checkNames is checkFilters for a statement that any table is of.
func checkNames(on *expr.Filters, of *schema.TableDef) error {
next:
	for _, name := range on.Off {
		if name == expr.FilterDeleted {
			continue
		}
		for _, t := range of.Metadata.Tables() {
			if t.FilterNamed(name) != nil {
				continue next
			}
		}
		return fmt.Errorf("Unfiltered: no table has a filter %s", name)
	}
	return nil
}

// checkSelected is checkFilters for a SELECT of any columns, once it names a table.
func checkSelected(s *expr.SelectStmt) error {
	if s.Filters == nil || len(s.Filters.Off) == 0 {
		return nil
	}
	var of *schema.TableDef
	look := func(src *expr.Source) {
		if of == nil && src != nil && src.Query == nil {
			if t, ok := src.Def.(*schema.TableDef); ok && t.Metadata != nil {
				of = t
			}
		}
	}
	expr.Statements(s, func(s expr.Statement) bool {
		if s, ok := s.(*expr.SelectStmt); ok {
			look(s.From)
			for _, j := range s.Joins {
				look(j.Source)
			}
		}
		return of == nil
	})
	if of == nil {
		return nil
	}
	return checkNames(s.Filters, of)
}

// Purge marks entities for deletion by the next flush, whose rows go: those of a
// table with a soft delete column, too, whether they are marked as deleted or not.
// What belongs to them goes in the same way.
func (r Repository[T]) Purge(ctx context.Context, es ...*T) error {
	return r.r.each(ctx, "purge", r.r.owns(), field.Ptrs(es), uow.Untyped.Purge)
}

// Restore takes back the deletion of entities of a table with a soft delete column:
// of one read by WithDeleted, and of one deleted in this unit of work, flushed or
// not. What was deleted with them by cascades stays deleted. Of one that the unit does
// not know the row is looked for: where none that is deleted has its key, it is a
// *uow.StaleError.
func (r Repository[T]) Restore(ctx context.Context, es ...*T) error {
	return r.r.each(ctx, "restore", r.r.owns(), field.Ptrs(es), uow.Untyped.Restore)
}

// PurgeWhere deletes the rows that meet cond, as DeleteWhere does, but they go: those
// of a table with a soft delete column, too, deleted or not. OnlyDeleted has it take
// deleted rows alone.
func (r Repository[T]) PurgeWhere(ctx context.Context, cond expr.Expr[T]) (int64, error) {
	return r.r.purgeWhere(ctx, expr.NodeOf(cond))
}
