package schema

// The types of columns in migrations. Each is spelled by the dialect: BigInt is
// BIGINT, Timestamp TIMESTAMPTZ on PostgreSQL and TIMESTAMP on SQLite.

// Bool is true or false.
func Bool() Type { return Type{Kind: BoolKind} }

// SmallInt is a whole number of 16 bits.
func SmallInt() Type { return Type{Kind: Int16Kind} }

// Int is a whole number of 32 bits.
func Int() Type { return Type{Kind: Int32Kind} }

// BigInt is a whole number of 64 bits.
func BigInt() Type { return Type{Kind: Int64Kind} }

// Real is a floating-point number of 32 bits.
func Real() Type { return Type{Kind: Float32Kind} }

// Double is a floating-point number of 64 bits.
func Double() Type { return Type{Kind: Float64Kind} }

// Varchar is text of at most size characters.
func Varchar(size int) Type { return Type{Kind: TextKind, Size: size} }

// LongText is text of any length.
func LongText() Type { return Type{Kind: TextKind} }

// Bytes is binary data.
func Bytes() Type { return Type{Kind: BytesKind} }

// Timestamp is a moment in time.
func Timestamp() Type { return Type{Kind: TimeKind} }

// UUID is a universally unique identifier.
func UUID() Type { return Type{Kind: UUIDKind} }

// Document is a JSON document.
func Document() Type { return Type{Kind: JSONKind} }

// Numeric is a decimal number of precision digits, scale of them after the point.
func Numeric(precision, scale int) Type {
	return Type{Kind: DecimalKind, Precision: precision, Scale: scale}
}

// EnumType is one of the values. name is that of the enum's own type where the
// database has such; under "" it is text with a CHECK everywhere.
func EnumType(name string, values ...string) Type {
	return Type{Kind: EnumKind, EnumName: name, Values: values}
}

// ArrayOf is an array of elem.
func ArrayOf(elem Type) Type { return Type{Kind: ArrayKind, Elem: &elem} }

// CustomType is a type as the database spells it. It goes into DDL as it is: never
// build it from input.
func CustomType(sql string) Type { return Type{Kind: TextKind, Custom: sql} }

// Of returns the type with its spelling replaced by the database's own, as a
// definition's Type method does.
func (t Type) Of(sql string) Type {
	t.Custom = sql
	return t
}
