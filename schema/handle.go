package schema

import (
	"reflect"
	"strings"

	"github.com/dormer-orm/dormer/expr"
)

// Table makes a struct of handles a table of entity E: embed it by value. It
// has no exported methods, so that no column's name collides with one.
type Table[E any] struct {
	def    *TableDef
	source *expr.Source
}

// Of is a pointer to a struct of handles that embeds Table[E].
type Of[E any] interface {
	Handle
	entity(*E)
}

// Handle is a table of any entity: what CreateAll takes. A pointer to a struct
// that embeds Table[E] is one.
type Handle interface {
	tableDef() *TableDef
	tableSource() *expr.Source
	setTable(*TableDef, *expr.Source)
}

func (t *Table[E]) tableDef() *TableDef                  { return t.def }
func (t *Table[E]) tableSource() *expr.Source            { return t.source }
func (t *Table[E]) entity(*E)                            {}
func (t *Table[E]) setTable(d *TableDef, s *expr.Source) { t.def, t.source = d, s }

// DefOf returns the definition behind a table's handle, nil where the handle is
// nil or was not made by Define.
func DefOf(h Handle) *TableDef {
	if h == nil || reflect.ValueOf(h).IsNil() {
		return nil
	}
	return h.tableDef()
}

// SourceOf returns the table's occurrence that the handle means: the table's
// own, or an alias's for a handle made by As.
func SourceOf(h Handle) *expr.Source {
	if h == nil || reflect.ValueOf(h).IsNil() {
		return nil
	}
	return h.tableSource()
}

// RelationHandle is a handle of a relation, as package rel has them.
type RelationHandle interface {
	// BindRelation points the handle to its relation, seen from source.
	BindRelation(def *RelationDef, source *expr.Source)
	// DescribeRelation says what the handle was declared as.
	DescribeRelation() (entity, target reflect.Type, many bool)
}

// RelationContainer is a field that holds related entities, as package rel's
// One and Many do. It is no column.
type RelationContainer interface {
	// DescribeContainer says what the container was declared as.
	DescribeContainer() (target reflect.Type, many bool)
}

// As returns the table's handles again, bound to an alias: another occurrence of
// the table's rows in one statement. The handle given is not changed. The new
// handles are for expressions; definitions through them are refused. It panics
// with a *DefineError for a table that Define did not make and for an alias that
// is no name. Handles of a query, as repo.As makes them, are taken too.
func As[E, T any, PT interface {
	*T
	Of[E]
}](table PT, alias string) PT {
	def := DefOf(table)
	if def == nil {
		panic(&DefineError{Table: reflect.TypeFor[T]().String(), Faults: []string{"schema.As of a table that Define did not make"}})
	}
	if err := validName(alias); err != "" {
		panic(&DefineError{Table: def.QualifiedName(), Faults: []string{"schema.As: the alias " + err}})
	}
	out := PT(new(T))
	src := expr.NewSource(def.Schema, def.Name, alias, def)
	src.Query = SourceOf(table).Query
	bindAlias(reflect.ValueOf(out).Elem(), def, src)
	out.setTable(def, src)
	return out
}

func bindAlias(v reflect.Value, def *TableDef, src *expr.Source) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() && !f.Anonymous {
			continue
		}
		switch h := addr(v.Field(i)).(type) {
		case expr.Handle:
			if c := def.byField(f.Name); c != nil {
				expr.Bind(h, expr.NewColumnRef(src, c.Name, c))
			}
		case RelationHandle:
			for _, r := range def.Relations {
				if r.Name == f.Name {
					h.BindRelation(r, src)
				}
			}
		default:
			if f.Anonymous && f.Type.Kind() == reflect.Struct && !isTableItself(f.Type) {
				bindAlias(v.Field(i), def, src)
			}
		}
	}
}

func addr(v reflect.Value) any {
	if !v.CanInterface() {
		v = reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
	}
	return v.Addr().Interface()
}

// isTableItself reports whether t is a Table[E], not a struct that embeds one.
func isTableItself(t reflect.Type) bool {
	return t.PkgPath() == tablePkg && strings.HasPrefix(t.Name(), "Table[")
}

var tablePkg = reflect.TypeFor[Table[int]]().PkgPath()
