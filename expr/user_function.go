package expr

// Func calls a function of the database that Dormer does not know, without columns:
// one of the program's own, or of an extension. Its name is as the database's
// catalogue has it, with its schema before a point where it has one; what is no such
// name (letters, digits and _) is an error when the statement is built. Arguments
// are bound, cast by their Go type: expr.Val(int32(1)) where the function takes an
// integer. The caller vouches for the type of the result and that it is not NULL.
//
//	expr.Func[string]("app.current_tenant")
func Func[V any](name string, args ...Any) Scalar[V] {
	return Scalar[V]{userCall(name, args)}
}

// FuncOf is Func of a column or value of an entity, which is the first argument. The
// result may be NULL; Coalesce gives it a value.
//
//	expr.FuncOf[float64]("similarity", Users.Name, expr.Val("ann"))
func FuncOf[V, T any](name string, x Of[T], args ...Any) Value[T, V, *V] {
	return Value[T, V, *V]{userCall(name, append([]Any{x}, args...))}
}

func userCall(name string, args []Any) Node {
	n := &FuncNode{Name: name, Args: make([]Node, len(args))}
	for i, a := range args {
		n.Args[i] = nodeOf(a)
	}
	return n
}
