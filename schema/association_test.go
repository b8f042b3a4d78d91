package schema_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

type (
	shelf struct{ ID int64 }

	shelfTable struct {
		schema.Table[shelf]
		ID expr.Column[shelf, int64]
	}
)

func TestAssociation(t *testing.T) {
	m := schema.NewMetadata()
	def := func(name string) *schema.TableDef {
		return schema.DefOf(schema.Define(name, func(t *shelfTable) { schema.Column(t.ID).PrimaryKey() }, schema.In(m)))
	}
	a, b := def("as"), def("bs")
	names := []string{"a_id", "a_id"}
	fault := errors.New("not yet")
	pair := schema.NewAssociation("pairs", m, func() (s [2]schema.AssociationSide, err error) {
		return [2]schema.AssociationSide{{Table: a, Columns: names[:1]}, {Table: b, Columns: names[1:]}}, fault
	}, schema.Comment("c"), nil)
	got := schema.DefOf(pair)
	if got.Comment != "c" || len(got.Columns) != 0 || schema.SourceOf(pair) != got.Source {
		t.Errorf("before it is sealed: %+v", got)
	}
	// Sealing may fail several times before it works.
	if err := m.Seal(); !errors.Is(err, fault) {
		t.Errorf("got %v", err)
	}
	fault = nil
	var e *schema.DefineError
	if err := m.Seal(); !errors.As(err, &e) || e.Table != "pairs" || !strings.Contains(err.Error(), "both sides would have a column a_id") {
		t.Errorf("got %v", err)
	}
	names = []string{"key2", "2"}
	if err := m.Seal(); err != nil {
		t.Fatal(err)
	}
	if len(got.Columns) != 2 || len(got.ForeignKeys) != 2 || len(got.Indexes) != 1 || got.ForeignKeys[0].OnDelete != schema.Cascade || got.ForeignKeys[1].RefTable != b {
		t.Errorf("%+v", got)
	}
	// 2 is no name of a field, and the one that stands in for it is not the other's.
	if x, y := got.Columns[0].Field, got.Columns[1].Field; x == y || got.Entity.NumField() != 2 {
		t.Errorf("fields %s and %s", x, y)
	}
	if order := schema.SortTables(m.Tables()); order[2] != got {
		t.Errorf("the association stands at %d", slices.Index(order, got))
	}
	func() {
		defer func() {
			if err, _ := recover().(error); !errors.As(err, &e) || e.Table != "pairs.What" {
				t.Errorf("MustBeOpen: %v", err)
			}
		}()
		got.MustBeOpen("What")
	}()
	a.PrimaryKey = nil
	late := schema.NewAssociation("late", m, func() ([2]schema.AssociationSide, error) {
		return [2]schema.AssociationSide{{Table: a}, {Table: b, Columns: []string{"x", "y"}}}, nil
	})
	if err := m.Seal(); !errors.As(err, &e) || len(e.Faults) != 2 || len(schema.DefOf(late).Columns) != 0 {
		t.Errorf("keys that do not fit: %v", err)
	}
}

func TestAssociationNames(t *testing.T) {
	m := schema.NewMetadata()
	schema.Define("taken", func(t *shelfTable) { schema.Column(t.ID).PrimaryKey() }, schema.In(m))
	for name, want := range map[string]string{"": "is empty", "taken": "already", "a\x00": "NUL"} {
		func() {
			defer func() {
				var e *schema.DefineError
				if err, _ := recover().(error); !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
					t.Errorf("%q: %v", name, err)
				}
			}()
			schema.NewAssociation(name, m, nil)
			t.Errorf("%q: no panic", name)
		}()
	}
	if n := len(m.Tables()); n != 1 {
		t.Errorf("%d tables", n)
	}
}
