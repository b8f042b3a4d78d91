package schema

import (
	"reflect"
	"time"

	"github.com/dormer-orm/dormer/expr"
)

// FilterKind is what a filter is there for.
type FilterKind uint8

// The kinds: a condition of the program's own, the one that leaves deleted rows
// out, the one that leaves other tenants' rows out.
const (
	CustomFilter FilterKind = iota
	DeletedFilter
	TenantFilter
)

// FilterDef is a condition that every statement puts on the rows of a table, unless
// it says that it does not.
type FilterDef struct {
	Name string
	Kind FilterKind
	// Cond is the condition, on the table's own columns.
	Cond expr.Node
	// Column is the column of a DeletedFilter or TenantFilter.
	Column *ColumnDef
}

// FilterNamed returns the table's filter of that name, nil if there is none.
func (t *TableDef) FilterNamed(name string) *FilterDef {
	for _, f := range t.Filters {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Tenants are the columns that say whose the rows are, with the names of the
// parameters that hold their values.
func (t *TableDef) Tenants() (fs []*FilterDef) {
	for _, f := range t.Filters {
		if f.Kind == TenantFilter {
			fs = append(fs, f)
		}
	}
	return fs
}

// SoftDelete makes the column the time of deletion: rows that have one count as
// deleted. Delete sets it, and a filter of the name "deleted" leaves such rows out
// of all that is read and written, but for what is said to reach them. Unique
// constraints, and unique indexes without a condition, hold among the other rows
// alone: they become partial unique indexes when the Metadata is sealed.
func SoftDelete[E any](c expr.Typed[E, time.Time, *time.Time]) {
	col := begin(c)
	t := col.Table
	if t.must(t.SoftDelete == nil, "field %s: the table has a soft delete column already", col.Field) {
		t.SoftDelete = col
		t.addFilter(&FilterDef{Name: expr.FilterDeleted, Kind: DeletedFilter, Column: col, Cond: &expr.NullNode{X: col.Ref}})
	}
}

// Tenant makes the column say whose a row is: the filter of that name has statements
// see the rows alone whose column has the value of the context's parameter of the
// name. INSERT fills a zero field with it; another value is refused.
func Tenant[E, V any](c expr.Typed[E, V, V], name string) {
	col := begin(c)
	t := col.Table
	t.must(!col.Nullable, "field %s: a tenant column cannot be nullable, for a row without a tenant would be nobody's", col.Field)
	t.addFilter(&FilterDef{Name: name, Kind: TenantFilter, Column: col, Cond: &expr.CompareNode{
		Op: expr.OpEq, Left: col.Ref, Right: &expr.FilterParamNode{Name: name, Type: reflect.TypeFor[V](), Like: col.Ref}}})
}

// Filter puts a condition on all rows that statements read or change by condition,
// which a query turns off by its name. It names columns of the table alone, by its
// own handles; parameters, of expr.Parameter, have their values from the context
// of each call.
func Filter[E any](name string, cond expr.Expr[E]) {
	n := expr.NodeOf(cond)
	t := tableOf("Filter "+name, n)
	for _, ref := range expr.Columns(n) {
		t.must(ref.Source == t.Source, "Filter %s: column %s is not of the table's own handles", name, ref.Name)
	}
	expr.Walk(n, func(n expr.Node) bool {
		switch n.(type) {
		case *expr.RelatedNode, *expr.SubqueryNode:
			t.must(false, "Filter %s: a filter is over columns of its table alone, not over other rows", name)
			return false
		case *expr.RawNode, *expr.TextNode:
			t.must(false, "Filter %s: in a filter every column is named by its handle, so that it is found in joins: expr.Raw cannot say which", name)
		case *expr.AggNode, *expr.WindowNode:
			t.must(false, "Filter %s: aggregates and windows are of several rows, a filter is of one", name)
		}
		return true
	})
	t.mustBeOpen("")
	t.addFilter(&FilterDef{Name: name, Cond: n})
}

func (t *TableDef) addFilter(f *FilterDef) {
	if t.must(f.Name != "", "a filter needs a name, so that queries can turn it off") &&
		t.must(f.Kind == DeletedFilter || f.Name != expr.FilterDeleted, "filter %s: that name is the one of SoftDelete", f.Name) &&
		t.must(t.FilterNamed(f.Name) == nil, "filter %s: the table has one of that name already", f.Name) {
		t.Filters = append(t.Filters, f)
	}
}

// finishFilters checks the columns that filters write.
func (t *TableDef) finishFilters() {
	for _, f := range t.Filters {
		c := f.Column
		if c == nil {
			continue
		}
		if c.Computed != nil || c.IsVersion || c.Identity || c.HasDefault() {
			t.fault("field %s: the column of filter %s is written by Dormer: it cannot be computed, an identity or a version, and has no default", c.Field, f.Name)
		}
		if c.PrimaryKey && f.Kind == DeletedFilter {
			t.fault("field %s: the time of deletion is no part of the key", c.Field)
		}
	}
}

// uniqueAmongLive makes what is unique in a table with a soft delete unique among
// the rows that are not deleted.
func (t *TableDef) uniqueAmongLive() {
	if t.SoftDelete == nil {
		return
	}
	live := &expr.NullNode{X: t.SoftDelete.Ref}
	for _, ix := range t.Indexes {
		if ix.Unique && ix.Where == nil {
			ix.Where = live
		}
	}
	for _, u := range t.Uniques {
		ix := &IndexDef{Name: u.Name, Table: t, Unique: true, Where: live}
		if ix.Name == "" {
			ix.Name = conventionName("uq", append([]string{t.Name}, columnNames(u.Columns)...)...)
		}
		for _, c := range u.Columns {
			ix.Parts = append(ix.Parts, IndexPart{Column: c})
		}
		t.Indexes = append(t.Indexes, ix)
	}
	t.Uniques = nil
}
