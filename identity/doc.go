// Package identity holds the identity map: one value, in practice a pointer to
// an entity's state, for each database row that a unit of work knows. It knows
// no database and no entities.
//
// Keys are normalised, so that a row has one key whatever Go type its key came
// in: int32 5 and int64 5 are one. Lookups allocate nothing, those of composite
// keys included.
//
//	var m identity.Map[*User]
//	m.Put(identity.Int(5), ann)
//	u, ok := m.Get(identity.Int(5))
package identity
