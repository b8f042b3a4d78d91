package schema

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/dormer-orm/dormer/expr"
)

// Derived returns handles of the rows that a query makes: of a subquery or a common
// table expression called name, whose columns are cols in the order of the query's
// results. T is a struct of handles of entity E, as for Define; each is bound to the
// column of the field of its name. It is what repo.As is made of. What does not fit
// is an error, with all faults at once; the handles are there all the same, and the
// error of each statement that reads them.
func Derived[E, T any, PT interface {
	*T
	Of[E]
}](name string, cols []*ColumnDef, query *expr.Query) (PT, error) {
	out := PT(new(T))
	def := &TableDef{Name: name, Entity: reflect.TypeFor[E]()}
	def.Source = expr.NewSource("", name, "", def)
	def.Source.Query = query
	if fault := validName(name); fault != "" {
		def.fault("the name %s", fault)
	}
	names := map[string]bool{}
	for i, c := range cols {
		own := *c
		own.Table, own.Position = def, i
		own.Ref = expr.NewColumnRef(def.Source, own.Name, &own)
		if names[own.Name] {
			def.fault("two columns are called %s", own.Name)
		}
		names[own.Name] = true
		def.Columns = append(def.Columns, &own)
		query.Names = append(query.Names, own.Name)
	}
	out.setTable(def, def.Source)
	def.bindHandles(reflect.ValueOf(out).Elem())
	if len(def.faults) > 0 && query.Err == nil {
		query.Err = fmt.Errorf("handles of %s: %w", name, errors.New(strings.Join(def.faults, "; ")))
	}
	return out, query.Err
}
