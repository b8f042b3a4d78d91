package field

import "iter"

// Pointers are the entities of an iterator without their type; nil for a nil one.
func Pointers[T any](rows iter.Seq[*T]) iter.Seq[Ptr] {
	if rows == nil {
		return nil
	}
	return func(yield func(Ptr) bool) {
		rows(func(e *T) bool { return yield(PtrOf(e)) })
	}
}

// Entities gives the entities of a stream their type.
func Entities[T any](rows iter.Seq2[Ptr, error]) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		rows(func(e Ptr, err error) bool { return yield(As[T](e), err) })
	}
}
