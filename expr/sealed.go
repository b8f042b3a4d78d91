package expr

// Valued is an expression of SQL type V, nullable or not.
type Valued[V any] interface {
	Any
	valued(V)
}

// Yields is an expression that a row yields as Go type R: V, or *V where it may
// be NULL.
type Yields[R any] interface {
	Any
	yields(R)
}

// Scoped is an expression of SQL type V over rows of entity T.
type Scoped[T, V any] interface {
	Valued[V]
	scoped(*T, V)
}

// Typed is a Scoped expression that a row yields as R.
type Typed[T, V, R any] interface {
	Scoped[T, V]
	Yields[R]
	typed(*T, V, R)
}

// Result is an expression of SQL type V that yields R, of any entity or of none.
// As an operand it has the nullability that R says.
type Result[V, R any] interface {
	Valued[V]
	Yields[R]
}

// Measured is a Scoped expression from which whole numbers can be taken, such as
// its Length or its Year, that a row yields as N: int64 of a Column, *int64 of a
// Nullable. Of a Value it is *int64 too, which holds either: Go's types cannot
// say "int64 if R is V". Where the Value is known not to be NULL, Coalesce of
// the result yields int64.
type Measured[T, V, N any] interface {
	Scoped[T, V]
	measured(*T, V, N)
}

// Of is any column or value of entity T, whatever its type.
type Of[T any] interface {
	Any
	of(*T)
}

// ColumnOf is a column of SQL type V, of any entity: what a foreign key may
// point to.
type ColumnOf[V any] interface {
	Valued[V]
	Ref() *ColumnRef
	column(V)
}

// ColumnIn is a column of entity T, whatever its type.
type ColumnIn[T any] interface {
	Of[T]
	Ref() *ColumnRef
}

// Cond is a condition, on one entity's rows or on several.
type Cond interface {
	Any
	cond()
}

// Ordering is a term of an ORDER BY, of one entity or of several.
type Ordering interface {
	Term() OrderTerm
	ordering()
}

// Number is a Go type with arithmetic.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 |
		~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Integer is a Go type of whole numbers.
type Integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 |
		~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Signed is a Go type of numbers that may be negative.
type Signed interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | Float
}

// Float is a Go type of floating-point numbers.
type Float interface{ ~float32 | ~float64 }

// String is a Go type of text.
type String interface{ ~string }

// Sized is a Go type with a length: text or bytes.
type Sized interface{ ~string | ~[]byte }
