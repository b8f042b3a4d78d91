package schema

// Catalog is what a database has, or is to have: what an inspector reads and a
// migration compares. It is plain data.
type Catalog struct {
	// Dialect is the name of the dialect that the SQL in it is of, "" where it has
	// none that only one database takes.
	Dialect string
	// Schemas are those that are not the default one.
	Schemas []string
	// Enums are the enum types.
	Enums []*EnumDef
	// Tables are ordered by schema and name.
	Tables []*TableDef
	// Views and Triggers are known by name and text, and not compared.
	Views    []*ViewDef
	Triggers []*TriggerDef
}

// EnumDef is an enum type of a database. Schema is "" for the default one.
type EnumDef struct {
	Schema, Name string
	Values       []string
}

// ViewDef is a view. SQL is the statement that makes it, where the database keeps
// it, or its query.
type ViewDef struct {
	Schema, Name, SQL string
	Materialized      bool
}

// TriggerDef is a trigger of a table. SQL is the statement that makes it.
type TriggerDef struct{ Schema, Table, Name, SQL string }

// Table returns the table of that name, nil if there is none.
func (c *Catalog) Table(schema, name string) *TableDef {
	for _, t := range c.Tables {
		if t.Name == name && t.Schema == schema {
			return t
		}
	}
	return nil
}

// Enum returns the enum type of that name, nil if there is none.
func (c *Catalog) Enum(name string) *EnumDef {
	for _, e := range c.Enums {
		if e.Name == name {
			return e
		}
	}
	return nil
}
