package expr

import "reflect"

// Filters says which filters of tables a statement applies, and what their
// parameters are. Filters are conditions that a table's definition has; a
// statement that says nothing applies all of them, without parameters. It holds
// for the subqueries within the statement too. It is not changed once the
// statement is built.
type Filters struct {
	// Off names filters that are not applied; All has none applied.
	Off []string
	All bool
	// Only turns the filter of deleted rows round: these alone are left, whatever Off
	// and All say.
	Only bool
	// Live has that filter applied to the table that the statement writes, whatever
	// Off and All say, but not to others: what is deleted is not deleted again.
	Live bool
	// Values are the parameters by name.
	Values map[string]any
}

// FilterDeleted is the name of the filter that leaves deleted rows out.
const FilterDeleted = "deleted"

// FilterParamNode is the value of a parameter of a filter, which the statement
// brings along. Like is as in ParamNode.
type FilterParamNode struct {
	Name string
	Type reflect.Type
	Like *ColumnRef
}

func (*FilterParamNode) isNode() {}

// Parameter is a parameter of a filter, for schema.Filter: its value, of type V,
// comes from the context of each call. Outside of filters it is an error when the
// statement is built, and so is a filter whose parameter has no value or one of
// another type.
func Parameter[V any](name string) Scalar[V] {
	return Scalar[V]{&FilterParamNode{Name: name, Type: reflect.TypeFor[V]()}}
}
