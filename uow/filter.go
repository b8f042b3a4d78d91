package uow

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// filterScope is what a context says about filters. It is not changed once made.
type filterScope struct {
	values map[string]any
	off    []string
	all    bool // are off
}

type filterScopeKey struct{}

func filterScopeOf(ctx context.Context) *filterScope {
	s, _ := ctx.Value(filterScopeKey{}).(*filterScope)
	return s
}

// WithParameter returns a context in which the parameter of filters has a value,
// which must be of the type that the filter's definition says. A nil value takes
// the parameter away.
func WithParameter(ctx context.Context, name string, value any) context.Context {
	s := &filterScope{values: map[string]any{}}
	if old := filterScopeOf(ctx); old != nil {
		s.off, s.all = old.off, old.all
		maps.Copy(s.values, old.values)
	}
	s.values[name] = value
	return context.WithValue(ctx, filterScopeKey{}, s)
}

// WithoutFilter returns a context in which the filters of these names are not
// applied, by writes of the unit of work neither: for what an administrator does to
// the rows of all tenants. A name that no filter has is an error of what is done with
// the context on tables of a Metadata that has filters. Without names all filters are
// turned off.
func WithoutFilter(ctx context.Context, names ...string) context.Context {
	s := &filterScope{}
	if old := filterScopeOf(ctx); old != nil {
		*s = *old
	}
	s.off, s.all = append(slices.Clip(s.off), names...), s.all || len(names) == 0
	return context.WithValue(ctx, filterScopeKey{}, s)
}

// checkScope refuses a context that turns off a filter that is not there: a misspelt
// name would leave one on. Where no table of the Metadata has filters, the context is
// for another's.
func checkScope(ctx context.Context, def *schema.TableDef) error {
	s := filterScopeOf(ctx)
	if s == nil || len(s.off) == 0 || def == nil || def.Metadata == nil {
		return nil
	}
	tables := def.Metadata.Tables()
	if !slices.ContainsFunc(tables, func(t *schema.TableDef) bool { return len(t.Filters) > 0 }) {
		return nil
	}
	for _, name := range s.off {
		if name != expr.FilterDeleted && !slices.ContainsFunc(tables, func(t *schema.TableDef) bool { return t.FilterNamed(name) != nil }) {
			return fmt.Errorf("WithoutFilter: no table has a filter %s", name)
		}
	}
	return nil
}

// checkScopeOf is checkScope for a statement, once it names a table.
func checkScopeOf(ctx context.Context, s expr.Statement) error {
	if scope := filterScopeOf(ctx); scope == nil || len(scope.off) == 0 {
		return nil
	}
	var def *schema.TableDef
	look := func(src *expr.Source) {
		if def == nil && src != nil && src.Query == nil {
			def, _ = src.Def.(*schema.TableDef)
		}
	}
	expr.Statements(s, func(s expr.Statement) bool {
		switch s := s.(type) {
		case *expr.SelectStmt:
			look(s.From)
			for _, j := range s.Joins {
				look(j.Source)
			}
		case *expr.UpdateStmt:
			look(s.Table)
		case *expr.DeleteStmt:
			look(s.Table)
		}
		return def == nil
	})
	return checkScope(ctx, def)
}

// noFilters are for statements of the unit's own that must see all rows.
var noFilters = &expr.Filters{All: true}

// allFilters are for statements of the unit's own to which the filters of the
// query that is being read mean nothing.
var allFilters = &expr.Filters{}

// filtersIn adds to what a statement says about filters what the context says.
func filtersIn(ctx context.Context, own *expr.Filters) *expr.Filters {
	if own != nil && own.All {
		return own
	}
	s := filterScopeOf(ctx)
	if s == nil {
		return own
	}
	out := &expr.Filters{Values: s.values, Off: s.off, All: s.all}
	if own != nil {
		out.Only, out.Live = own.Only, own.Live
		if len(own.Off) > 0 {
			out.Off = append(slices.Clip(s.off), own.Off...)
		}
	}
	return out
}

// filteredBy returns a statement with other filters.
func filteredBy(s expr.Statement, on *expr.Filters) expr.Statement {
	switch s := s.(type) {
	case *expr.SelectStmt:
		if s != nil && s.Filters != on {
			c := *s
			c.Filters = on
			return &c
		}
	case *expr.UpdateStmt:
		if s != nil && s.Filters != on {
			c := *s
			c.Filters = on
			return &c
		}
	case *expr.DeleteStmt:
		if s != nil && s.Filters != on {
			c := *s
			c.Filters = on
			return &c
		}
	}
	return s
}

func filtersOf(s expr.Statement) *expr.Filters {
	switch s := s.(type) {
	case *expr.SelectStmt:
		return s.Filters
	case *expr.UpdateStmt:
		return s.Filters
	case *expr.DeleteStmt:
		return s.Filters
	}
	return nil
}

// CompileIn compiles a statement with the parameters of filters that the context
// has.
func CompileIn(ctx context.Context, cache *dialect.Cache, s expr.Statement) (dialect.Compiled, error) {
	return reading(compileIn(ctx, cache, s))
}

// compileIn is CompileIn of a statement whose common table expressions may write.
func compileIn(ctx context.Context, cache *dialect.Cache, s expr.Statement) (dialect.Compiled, error) {
	if err := checkScopeOf(ctx, s); err != nil {
		return dialect.Compiled{}, err
	}
	return cache.Compile(filteredBy(s, filtersIn(ctx, filtersOf(s))))
}

// reading refuses a statement whose common table expressions write.
func reading(c dialect.Compiled, err error) (dialect.Compiled, error) {
	if err == nil && c.Writes {
		return dialect.Compiled{}, errWritesWithin
	}
	return c, err
}

// compile compiles a statement of the unit's with the parameters of filters that
// the context has. One that says nothing about filters has those of the query whose
// relations are being loaded.
func (u *UnitOfWork) compile(ctx context.Context, s expr.Statement) (dialect.Compiled, error) {
	own := filtersOf(s)
	if own == nil {
		own = u.reading
	}
	if err := checkScopeOf(ctx, s); err != nil {
		return dialect.Compiled{}, err
	}
	return reading(u.ms.cache.Compile(filteredBy(s, filtersIn(ctx, own))))
}

// readAs has statements that load relations of a query's entities apply the
// query's filters, until what it returns is called.
func (u *UnitOfWork) readAs(on *expr.Filters) (end func()) {
	was := u.reading
	u.reading = on
	if on != nil && on.Only { // of the query's own table: what belongs to its rows may be deleted with them
		u.reading = &expr.Filters{All: on.All, Off: append(slices.Clip(on.Off), expr.FilterDeleted)}
	}
	return func() { u.reading = was }
}

// Filtered is Entity.Filtered.
func (n Untyped) Filtered(on *expr.Filters) Untyped {
	n.on = on
	return n
}

// Filters are those that Filtered was given.
func (n Untyped) Filters() *expr.Filters { return n.on }

// passes reports whether filters let an entity pass that is in memory. ask says
// that only the database can tell.
func (m *mapper) passes(e field.Ptr, fresh bool, on *expr.Filters) (yes, ask bool, err error) {
	if on == nil {
		on = allFilters
	}
	yes = true
	for _, f := range m.def.Filters {
		if f.Kind == schema.DeletedFilter {
			null := m.soft.IsNull(e)
			switch {
			case on.Only:
				yes = yes && !null
			case !on.All && !slices.Contains(on.Off, f.Name):
				yes = yes && null
			}
			continue
		}
		if on.All || slices.Contains(on.Off, f.Name) {
			continue
		}
		if f.Kind != schema.TenantFilter {
			ask = true
			continue
		}
		v, err := tenantValue(f, on)
		if err != nil {
			return false, false, err
		}
		own := m.tracked.Fields[f.Column.Position]
		yes = yes && (fresh && own.IsZero(e) || reflect.DeepEqual(own.Any(e), v))
	}
	return yes, ask && yes, nil
}

// tenantValue is the value that a tenant's column has in the context.
func tenantValue(f *schema.FilterDef, on *expr.Filters) (any, error) {
	v, err := dialect.FilterValue(on, f.Name, f.Column.GoType)
	var missing *dialect.FilterError
	if errors.As(err, &missing) {
		missing.Filter, missing.Table = f.Name, f.Column.Table.Name
	}
	return v, err
}

// sees is passes for an entity that the unit manages, and asks the database where
// only it can tell. A deleted one is for the caller to see to.
func (u *UnitOfWork) sees(ctx context.Context, st *state, on *expr.Filters) (bool, error) {
	m := st.in.m
	if len(m.def.Filters) == 0 {
		return true, nil
	}
	yes, ask, err := m.passes(st.entity, st.status == isNew, on)
	if !ask || err != nil || st.status == isNew {
		return yes, err
	}
	s := m.selectKey(snapshotArgs(nil, m.key, st.snap), on)
	s.Columns = nodesOf(m.key)
	if err := u.begin(ctx); err != nil {
		return false, err
	}
	n, err := u.returned(ctx, s, func([]driver.Value) error { return nil })
	if err != nil {
		u.broke(err)
	}
	return n > 0, err
}

// selectKey selects the row of a key, with filters.
func (m *mapper) selectKey(key []driver.NamedValue, on *expr.Filters) *expr.SelectStmt {
	and := &expr.LogicNode{}
	for i, a := range key {
		and.Args = append(and.Args, m.keyCompare(expr.OpEq, i, a.Value))
	}
	if on == nil {
		on = allFilters
	}
	return &expr.SelectStmt{Columns: m.columns, From: m.def.Source, Where: and, Limit: -1, Offset: -1, Filters: on}
}

// readKey reads the row of a key, with filters.
func (u *UnitOfWork) readKey(ctx context.Context, l *loader, key []driver.NamedValue, lock bool, on *expr.Filters) error {
	s := l.m.selectKey(key, on)
	if lock {
		s.Lock = expr.LockUpdate
	}
	c, err := u.compile(ctx, s)
	if err != nil {
		return err
	}
	return u.read(ctx, l, c.SQL, named(c.Args))
}

// ofTenant leaves of filters those of tenants alone: whether an entity that the unit
// has is hidden for another reason is for the values of its row to say, but a row
// of another tenant must not be read into it.
func (m *mapper) ofTenant(on *expr.Filters) *expr.Filters {
	out := &expr.Filters{}
	if on != nil {
		*out = *on
		out.Only, out.Off = false, slices.Clip(on.Off)
	}
	for _, f := range m.def.Filters {
		if f.Kind != schema.TenantFilter {
			out.Off = append(out.Off, f.Name)
		}
	}
	return out
}

// getFiltered is get for a table with filters. An entity that the unit has is judged
// by what it holds.
func (u *UnitOfWork) getFiltered(ctx context.Context, m *mapper, k identity.Key, args func() ([]driver.NamedValue, error), lock bool, on *expr.Filters) (field.Ptr, bool, error) {
	if err := checkScope(ctx, m.def); err != nil {
		return nil, false, err
	}
	on = filtersIn(ctx, on)
	t := u.table(m)
	st, known := t.ids.Get(k)
	known = known && st.status != deleted
	if known && (st.status == isNew || !st.expired()) && !lock {
		yes, err := u.sees(ctx, st, on)
		return st.entity, yes && err == nil, err
	}
	a, err := args()
	if err != nil {
		return nil, false, err
	}
	l := &loader{t: t, m: m, overwrite: lock}
	read := on
	if known {
		read = m.ofTenant(on)
		if yes, _, err := m.passes(st.entity, st.status == isNew, read); err != nil || !yes {
			return nil, false, err
		}
		if lock && (st.status == persistent || st.status == isNew) {
			if err := u.beforeLock(ctx, st); err != nil {
				return nil, false, err
			}
		}
	}
	if err := u.readKey(ctx, l, a, lock, read); err != nil {
		return nil, false, err
	}
	if len(l.out) > 0 {
		if known {
			yes, err := u.sees(ctx, st, on)
			return l.out[0], yes && err == nil, err
		}
		return l.out[0], true, nil
	}
	if known && st.status == persistent {
		u.vanish(st) // S4
	}
	moved, err := t.movedTo(k)
	if err != nil || !moved || !u.autoflushes() {
		return nil, false, err
	}
	if err := u.flush(ctx); err != nil {
		return nil, false, opError("autoflush before a get (NoAutoflush turns it off)", "", err)
	}
	return u.getFiltered(ctx, m, k, args, lock, on)
}
