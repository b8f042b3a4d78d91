package schema_test

import (
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// What is unique in a table with a soft delete is so among the rows that are there.
func TestUniqueAmongLiveRows(t *testing.T) {
	ft := fruitTable(func(t *fruits) {
		schema.SoftDelete(t.Deleted)
		schema.Text(t.Name).Unique()
		schema.Unique(t.Name, t.Count).Name("uq_mine")
		schema.Index(t.Count).Unique()
		schema.Index(t.Weight).Unique().Where(t.Active.Eq(true))
		schema.Index(t.Name)
	})
	d := schema.DefOf(ft)
	for range 2 {
		if err := d.Metadata.Seal(); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.Uniques) != 0 || len(d.Indexes) != 5 {
		t.Fatalf("uniques %v, indexes %v", d.Uniques, d.Indexes)
	}
	for _, ix := range d.Indexes {
		live := false
		if n, ok := ix.Where.(*expr.NullNode); ok {
			live = !n.Not && n.X == expr.Node(d.SoftDelete.Ref)
		}
		want := map[string]bool{"ix_fruits_count": true, "ix_fruits_weight": false, "ix_fruits_name": false, "uq_fruits_name": true, "uq_mine": true}
		if w, ok := want[ix.Name]; !ok || w != live || ix.Table != d {
			t.Errorf("%s among live rows: %v", ix.Name, live)
		}
	}
}

// A foreign key cannot point to what is unique among live rows alone.
func TestUniqueAmongLiveRowsIsNoKey(t *testing.T) {
	m := schema.NewMetadata()
	a := node(m, "a", nil)
	b := schema.Define("b", func(t *fruits) {
		schema.Column(t.ID).PrimaryKey()
		schema.Text(t.Name).Unique()
		schema.SoftDelete(t.Deleted)
	}, schema.In(m))
	schema.ForeignKey(a.Code, b.Name)
	sealFails(t, m, "(name) is neither the key of b nor unique there")
}

func TestFilters(t *testing.T) {
	ft := fruitTable(func(t *fruits) {
		schema.SoftDelete(t.Deleted)
		schema.Tenant(t.Count, "shop")
		schema.Filter("cheap", t.Weight.LtTo(expr.Parameter[float64]("most")))
	})
	d := schema.DefOf(ft)
	if err := d.Metadata.Seal(); err != nil {
		t.Fatal(err)
	}
	if len(d.Filters) != 3 || d.Filters[0].Name != "deleted" || d.Filters[0].Kind != schema.DeletedFilter || d.Filters[1].Column != d.Column("count") || d.FilterNamed("cheap") != d.Filters[2] || d.FilterNamed("dear") != nil {
		t.Errorf("%+v", d.Filters)
	}
	if ts := d.Tenants(); len(ts) != 1 || ts[0].Name != "shop" {
		t.Errorf("%+v", ts)
	}
	p, ok := d.Filters[2].Cond.(*expr.CompareNode).Right.(*expr.FilterParamNode)
	if !ok || p.Name != "most" || p.Like != d.Column("weight").Ref {
		t.Errorf("%+v", p)
	}
}

func TestFilterFaults(t *testing.T) {
	other := schema.As(fruitTable(nil), "other")
	for _, c := range []struct {
		f    func(t *fruits)
		want string
	}{
		{func(t *fruits) { schema.Filter("", t.Count.Gt(0)) }, "a filter needs a name"},
		{func(t *fruits) { schema.Filter("deleted", t.Count.Gt(0)) }, "that name is the one of SoftDelete"},
		{func(t *fruits) { schema.Filter("a", t.Count.Gt(0)); schema.Tenant(t.Count, "a") }, "the table has one of that name already"},
		{func(t *fruits) { schema.Filter("a", expr.And(t.Count.Gt(0), expr.Raw[Fruit]("count > 1"))) }, "expr.Raw cannot say which"},
		{func(t *fruits) { schema.Filter("a", t.Count.EqTo(other.Count)) }, "column count is not of the table's own handles"},
		{func(t *fruits) { schema.Tenant(t.ID, "a") }, "field Base.ID: the column of filter a is written by Dormer"},
		{func(t *fruits) { schema.Tenant(t.Note, "a") }, "field Note: a tenant column cannot be nullable"},
		{func(t *fruits) { schema.Number(t.Count).Default(2).KeepZero(); schema.Tenant(t.Count, "a") }, "field Count: the column of filter a is written by Dormer"},
	} {
		fails(t, func() { fruitTable(c.f) }, c.want)
	}
}
