package expr

import "sync/atomic"

// Source is one occurrence of a table in statements: the table itself or an
// alias of it. Two handles mean the same rows when they share a Source, so
// sources are compared by pointer. Package schema makes them; a Source is
// immutable once its table is defined and then safe for concurrent use.
type Source struct {
	// ID is unique in the process; compiled statements are keyed by it.
	ID uint64
	// Schema is the schema name, "" for the connection's default.
	Schema string
	// Name is the table's name in the database.
	Name string
	// Alias is the name of this occurrence, "" for the table itself.
	Alias string
	// Def is the table's definition, a *schema.TableDef. The tree carries it
	// without looking into it.
	Def any
	// Query, where it is not nil, is what makes the rows in place of a table.
	Query *Query
}

// Label is the name by which a statement refers to the source: the alias if it
// has one, else the table's name.
func (s *Source) Label() string {
	if s.Alias != "" {
		return s.Alias
	}
	return s.Name
}

// ColumnRef names one column of one source. It is what handles point to and,
// being a Node, what stands in the tree for a column. It is immutable once its
// table is defined and then safe for concurrent use.
type ColumnRef struct {
	// ID is unique in the process; compiled statements are keyed by it.
	ID uint64
	// Source is the table or alias that the column belongs to.
	Source *Source
	// Name is the column's name in the database.
	Name string
	// Def is the column's definition, a *schema.ColumnDef.
	Def any
}

var serial atomic.Uint64

// NewSource returns a source with an ID of its own.
func NewSource(schema, name, alias string, def any) *Source {
	return &Source{ID: serial.Add(1), Schema: schema, Name: name, Alias: alias, Def: def}
}

// NewColumnRef returns a reference to a column of s with an ID of its own.
func NewColumnRef(s *Source, name string, def any) *ColumnRef {
	return &ColumnRef{ID: serial.Add(1), Source: s, Name: name, Def: def}
}
