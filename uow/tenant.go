package uow

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// ErrForeignTenant is the kind of a *ForeignTenantError.
var ErrForeignTenant = errors.New("the row belongs to another tenant")

// ForeignTenantError says that a row would be written whose tenant column has
// another value than the context's parameter, or none, before any SQL is sent for it.
type ForeignTenantError struct {
	// Entity is the entity's Go type, Table and Column are those of the tenant.
	Entity, Table, Column string
	// Parameter is the parameter of the context, Key the row's key if it has one.
	Parameter, Key string
	// Zero says that the entity names no tenant, its field being zero, though it is
	// not to be inserted.
	Zero bool
}

func (e *ForeignTenantError) Error() string {
	of := ""
	if e.Key != "" {
		of = " key " + e.Key
	}
	if e.Zero {
		return fmt.Sprintf("uow: %s%s: the field of column %s.%s is zero, which only INSERT fills with parameter %s of the context: read the entity with the ctx of its tenant, or give the field the tenant of its row", e.Entity, of, e.Table, e.Column, e.Parameter)
	}
	return fmt.Sprintf("uow: %s%s: column %s.%s has another value than parameter %s of the context: leave the field zero for INSERT to fill it, write with the ctx of its own tenant, or with uow.WithoutFilter", e.Entity, of, e.Table, e.Column, e.Parameter)
}

// Is reports whether target is ErrForeignTenant.
func (e *ForeignTenantError) Is(target error) bool { return target == ErrForeignTenant }

// tenancy is whose rows are written in a context.
type tenancy struct {
	m      *mapper
	fields []*field.Field
	names  []string
	values []any
}

// tenancyOf reads the tenant from the context; nil where the table has none, or
// where the context turns the filter off.
func (m *mapper) tenancyOf(ctx context.Context, own *expr.Filters) (*tenancy, error) {
	if len(m.tenants) == 0 {
		return nil, nil
	}
	if err := checkScope(ctx, m.def); err != nil {
		return nil, err
	}
	on := filtersIn(ctx, own)
	w := &tenancy{m: m}
	for _, f := range m.tenants {
		if on != nil && (on.All || slices.Contains(on.Off, f.Name)) {
			continue
		}
		v, err := tenantValue(f, on)
		if err != nil {
			return nil, err
		}
		w.fields, w.names, w.values = append(w.fields, m.tracked.Fields[f.Column.Position]), append(w.names, f.Name), append(w.values, v)
	}
	return w, nil
}

// check refuses an entity of another tenant. fresh: it has no row yet, so that it
// may have no tenant.
func (w *tenancy) check(e field.Ptr, fresh bool, key func() string) error {
	if w == nil {
		return nil
	}
	for i, f := range w.fields {
		if fresh && f.IsZero(e) || reflect.DeepEqual(f.Any(e), w.values[i]) {
			continue
		}
		return &ForeignTenantError{Entity: w.m.name, Table: w.m.def.Name, Column: f.Col.Name, Parameter: w.names[i], Key: key(), Zero: f.IsZero(e)}
	}
	return nil
}

// fill gives an entity that is to be inserted the tenant of the context.
func (w *tenancy) fill(e field.Ptr) (wrote []restorer) {
	if w == nil {
		return nil
	}
	for i, f := range w.fields {
		if f.IsZero(e) {
			wrote = append(wrote, restorer{f: f})
			f.SetDefault(e, w.values[i])
		}
	}
	return wrote
}

// presume gives the fields of an entity that name no tenant the one of the context,
// where it has one, for the entity's row to be looked for as that tenant's.
func (m *mapper) presume(ctx context.Context, e field.Ptr, own *expr.Filters) (wrote []restorer) {
	if len(m.tenants) == 0 {
		return nil
	}
	on := filtersIn(ctx, own)
	for _, t := range m.tenants {
		f := m.tracked.Fields[t.Column.Position]
		if !f.IsZero(e) || on != nil && (on.All || slices.Contains(on.Off, t.Name)) {
			continue
		}
		if v, err := tenantValue(t, on); err == nil { // else whoever looks for the row says so
			wrote = append(wrote, restorer{f: f})
			f.SetDefault(e, v)
		}
	}
	return wrote
}

// mayDelete refuses an entity of another tenant than that of the context, if it has
// one: a flush may have another. What a context without one deletes, or what has no
// tenant itself, is for the flush to refuse.
func (n Untyped) mayDelete(ctx context.Context, e field.Ptr) error {
	if len(n.m.tenants) == 0 {
		return nil
	}
	on := filtersIn(ctx, n.on)
	for _, f := range n.m.tenants {
		if on != nil && (on.All || slices.Contains(on.Off, f.Name)) {
			continue
		}
		v, err := tenantValue(f, on)
		if err != nil {
			continue
		}
		if own := n.m.tracked.Fields[f.Column.Position]; !own.IsZero(e) && !reflect.DeepEqual(own.Any(e), v) {
			k, err := n.m.keyOfEntity(e)
			if err != nil {
				return err
			}
			return &ForeignTenantError{Entity: n.m.name, Table: n.m.def.Name, Column: f.Column.Name, Parameter: f.Name, Key: k.String()}
		}
	}
	return nil
}

// checkTenants refuses a flush that writes rows of other tenants.
func (u *UnitOfWork) checkTenants(ctx context.Context, w *work) error {
	for _, tw := range w.tables {
		m := tw.t.m
		if len(m.tenants) == 0 {
			continue
		}
		in, err := m.tenancyOf(ctx, nil)
		if err != nil {
			var missing *dialect.FilterError
			if errors.As(err, &missing) {
				missing.Flush = true
			}
			return opError("flush", m.name, err)
		}
		for _, st := range tw.inserts {
			if err := in.check(st.entity, true, func() string { return "" }); err != nil {
				return err
			}
		}
		for _, sts := range [2][]*state{tw.updated(), tw.deletes} {
			for _, st := range sts {
				if err := in.check(st.entity, false, st.showKey); err != nil {
					return err
				}
				for i, f := range in.fields { // that of its row, too
					if moved, err := f.Changed(st.entity, st.snap); err != nil {
						return err
					} else if moved {
						return &ForeignTenantError{Entity: m.name, Table: m.def.Name, Column: f.Col.Name, Parameter: in.names[i], Key: st.showKey()}
					}
				}
			}
		}
	}
	return nil
}

// TenantAssigned is Entity.TenantAssigned.
func (n Untyped) TenantAssigned(ctx context.Context, s *expr.UpdateStmt) *schema.ColumnDef {
	on := filtersIn(ctx, s.Filters)
	for _, f := range n.m.tenants {
		if on != nil && (on.All || slices.Contains(on.Off, f.Name)) {
			continue
		}
		for _, set := range s.Set {
			if set.Column != nil && set.Column.Def == any(f.Column) {
				return f.Column
			}
		}
	}
	return nil
}
