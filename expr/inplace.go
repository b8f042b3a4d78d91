package expr

import "unsafe"

// inPlace is the value at p as an interface value. For the types that most values have
// it takes no memory of its own but shares that of p, which nobody changes any more;
// of other types it is a copy.
//
// Why this is sound: an interface value is two words, the type and a pointer to the
// value, wherever the type is not itself a pointer. Of the types here none is. The
// pointer keeps alive what it points into, as any pointer to a field does, and values
// in interfaces are never written, so that it does not matter who else sees them.
func inPlace[V any](p *V) any {
	switch q := any(p).(type) {
	case *int:
		return sharing(any(0), unsafe.Pointer(q))
	case *int64:
		return sharing(any(int64(0)), unsafe.Pointer(q))
	case *string:
		return sharing(any(""), unsafe.Pointer(q))
	}
	return *p
}

// sharing is an interface value of a's type with the value at p.
func sharing(a any, p unsafe.Pointer) any {
	(*[2]unsafe.Pointer)(unsafe.Pointer(&a))[1] = p
	return a
}
