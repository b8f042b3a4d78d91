package schema_test

import (
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

type span struct {
	ID        int64
	Low, High int64
	Name      string
}

type spans struct {
	schema.Table[span]
	ID expr.Column[span, int64]
}

func TestWith(t *testing.T) {
	m := schema.NewMetadata()
	table := schema.Define("spans", func(t *spans) {
		schema.Column(t.ID).PrimaryKey()
		schema.With(t, schema.CheckThat("ck_range", schema.SQL("low < high")), nil,
			schema.IndexOn("ix", "low").ThenBy(schema.SQL("lower(name)"), true, 0).Where(schema.SQL("high > 0")),
			schema.UniqueKey("uq", "high", "low"), schema.WithOptions("STRICT"), schema.TableComment("spans of numbers"))
	}, schema.In(m))
	def := schema.DefOf(table)
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	if len(def.Checks) != 1 || def.Options != "STRICT" || def.Comment != "spans of numbers" || len(def.Columns) != 4 {
		t.Errorf("%+v", def)
	}
	if x := def.Indexes[0]; x.Table != def || x.Parts[0].Column != def.Column("low") || x.Parts[1].Expr == nil || x.Where == nil {
		t.Errorf("%+v", x)
	}
	if u := def.Uniques[0]; u.Columns[0] != def.Column("high") {
		t.Errorf("%+v", u)
	}
	if msg := panicOf(func() { schema.With(table, schema.WithOptions("x")) }); !strings.Contains(msg, "sealed") {
		t.Errorf("after sealing: %q", msg)
	}
	if msg := panicOf(func() { schema.With(&spans{}) }); !strings.Contains(msg, "Define did not make") {
		t.Errorf("without Define: %q", msg)
	}
}

func TestWithFaults(t *testing.T) {
	msg := panicOf(func() {
		schema.Define("spans", func(t *spans) {
			schema.Column(t.ID).PrimaryKey()
			schema.With(t, schema.Col("more", schema.Int()))
			schema.With(t, schema.Key("low"))
			schema.With(t, schema.Reference("fk", []string{"low"}, "spans", []string{"id"}))
			schema.With(t, schema.UniqueKey("uq", "nowhere"))
			schema.With(t, schema.IndexOn("ix", "low").Include("none"))
			schema.With(t, schema.CheckThat("", schema.SQL("1")))
		}, schema.In(schema.NewMetadata()))
	})
	if n := strings.Count(msg, "defined by the table's handles"); n != 3 {
		t.Errorf("%d of three refusals: %s", n, msg)
	}
	for _, want := range []string{"no column nowhere", "no column none", "needs a name"} {
		if !strings.Contains(msg, want) {
			t.Errorf("%q is missing in %s", want, msg)
		}
	}
}

func panicOf(f func()) (msg string) {
	defer func() {
		if err, ok := recover().(error); ok {
			msg = err.Error()
		}
	}()
	f()
	return ""
}
