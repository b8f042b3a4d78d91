package schema_test

import (
	"reflect"
	"testing"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// A container and a handle as package rel has them.

type many[T any] struct{ _ *T }

func (many[T]) DescribeContainer() (reflect.Type, bool) { return reflect.TypeFor[T](), true }

type toMany[E, T any] struct {
	def *schema.RelationDef
	src *expr.Source
}

func (h *toMany[E, T]) BindRelation(d *schema.RelationDef, s *expr.Source) { h.def, h.src = d, s }
func (h *toMany[E, T]) DescribeRelation() (entity, target reflect.Type, many bool) {
	return reflect.TypeFor[E](), reflect.TypeFor[T](), true
}

type Shop struct {
	ID    int64
	Teams many[Team]
	Users many[User] // without a handle
}

type shops struct {
	schema.Table[Shop]
	ID    expr.Column[Shop, int64]
	Teams toMany[Shop, Team]
}

func TestRelations(t *testing.T) {
	s := schema.Define("shops", func(t *shops) { schema.Column(t.ID).PrimaryKey() }, schema.In(schema.NewMetadata()))
	d := schema.DefOf(s)
	if len(d.Columns) != 1 || len(d.Relations) != 2 {
		t.Fatalf("%d columns, %d relations", len(d.Columns), len(d.Relations))
	}
	r := d.Relations[0]
	if r.Name != "Teams" || r.Target != reflect.TypeFor[Team]() || !r.Many || r.Table != d || r.Offset != 8 {
		t.Errorf("%+v", r)
	}
	if s.Teams.def != r || s.Teams.src != d.Source {
		t.Error("the handle is not bound")
	}
	alias := schema.As(s, "x")
	if alias.Teams.def != r || alias.Teams.src != schema.SourceOf(alias) || s.Teams.src != d.Source {
		t.Error("the alias's handle is bound elsewhere")
	}
}

func TestRelationFaults(t *testing.T) {
	type wrongs struct {
		schema.Table[Shop]
		ID    expr.Column[Shop, int64]
		Teams toMany[Shop, User]
		Users toMany[Team, User]
		Nope  toMany[Shop, User]
	}
	fails(t, func() {
		schema.Define("shops", func(t *wrongs) { schema.Column(t.ID).PrimaryKey() }, schema.In(schema.NewMetadata()))
	},
		"3 faults",
		"relation Teams: the handle is rel.ToMany[schema_test.User], but field schema_test.Shop.Teams is rel.Many[schema_test.Team]",
		"relation Users: it is of entity schema_test.Team",
		"relation Nope: entity schema_test.Shop has no container field of that name",
	)
}
