package schema

import (
	"fmt"
	"reflect"

	"github.com/dormer-orm/dormer/expr"
)

// bindHandles binds each handle in v, a struct of handles, to the field of its
// name.
func (t *TableDef) bindHandles(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous && isTableItself(f.Type) {
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			t.bindHandles(v.Field(i))
			continue
		}
		if !f.IsExported() {
			if h := reflect.PointerTo(f.Type); h.Implements(columnHandle) || h.Implements(relationHandle) {
				t.fault("handle %s: it is unexported and cannot be bound", f.Name)
			}
			continue
		}
		if f.Type.Implements(columnHandle) || f.Type.Implements(relationHandle) {
			t.fault("handle %s: it is a pointer; write %s", f.Name, f.Type.Elem())
			continue
		}
		switch h := addr(v.Field(i)).(type) {
		case expr.Handle:
			t.bindColumn(f.Name, h)
		case RelationHandle:
			t.bindRelation(f.Name, h)
		}
	}
}

var (
	columnHandle   = reflect.TypeFor[expr.Handle]()
	relationHandle = reflect.TypeFor[RelationHandle]()
)

func (t *TableDef) bindColumn(name string, h expr.Handle) {
	entity, value, nullable := expr.Describe(h)
	faults := len(t.faults)
	defer func() {
		if len(t.faults) > faults { // to a column of no table, so that the definitions can run and tell their own faults
			c := &ColumnDef{Table: t, Name: ColumnName(name), Field: name, GoType: value, Nullable: nullable}
			_, _, c.Type, _ = classify(value)
			if nullable {
				c.Null = NullPointer
			}
			c.Ref = expr.NewColumnRef(t.Source, c.Name, c)
			expr.Bind(h, c.Ref)
		}
	}()
	want := handleName(entity, value, nullable)
	if entity != t.Entity {
		t.fault("handle %s: it is %s, but the table is of entity %s", name, want, t.Entity)
		return
	}
	c := t.byField(name)
	if c == nil {
		t.fault("handle %s: entity %s has no mapped field of that name", name, t.Entity)
		return
	}
	if c.GoType != value || (c.Null != NotNull) != nullable {
		t.fault("handle %s: it is %s, but field %s.%s is %s: write %s", name, want, t.Entity, c.Field, c.fieldType(),
			handleName(t.Entity, c.GoType, c.Null != NotNull))
		return
	}
	expr.Bind(h, c.Ref)
}

func (c *ColumnDef) fieldType() string {
	switch c.Null {
	case NullPointer:
		return "*" + c.GoType.String()
	case NullStruct:
		return "sql.Null[" + c.GoType.String() + "]"
	}
	return c.GoType.String()
}

func handleName(entity, value reflect.Type, nullable bool) string {
	kind := "expr.Column"
	if nullable {
		kind = "expr.Nullable"
	}
	return fmt.Sprintf("%s[%s, %s]", kind, entity, value)
}

func (t *TableDef) bindRelation(name string, h RelationHandle) {
	entity, target, many := h.DescribeRelation()
	if entity != t.Entity {
		t.fault("relation %s: it is of entity %s, but the table is of entity %s", name, entity, t.Entity)
		return
	}
	for _, r := range t.Relations {
		if r.Name != name {
			continue
		}
		if r.Target != target || r.Many != many {
			t.fault("relation %s: the handle is %s, but field %s.%s is %s", name,
				relationName("To", target, many), t.Entity, name, relationName("", r.Target, r.Many))
			return
		}
		h.BindRelation(r, t.Source)
		return
	}
	t.fault("relation %s: entity %s has no container field of that name", name, t.Entity)
}

func relationName(prefix string, target reflect.Type, many bool) string {
	if many {
		return fmt.Sprintf("rel.%sMany[%s]", prefix, target)
	}
	return fmt.Sprintf("rel.%sOne[%s]", prefix, target)
}
