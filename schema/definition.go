package schema

import "github.com/dormer-orm/dormer/expr"

// definition is what every column definition offers. D is the definition's own
// type, which the methods return so that calls chain in any order.
type definition[D, V any] struct {
	self D
	col  *ColumnDef
}

//go:noinline
func begin(x expr.Any) *ColumnDef {
	return beginAt(expr.NodeOf(x))
}

func beginAt(n expr.Node) *ColumnDef {
	ref, ok := n.(*expr.ColumnRef)
	if !ok {
		panic(&DefineError{Table: "?", Faults: []string{"definition of something that is no bound column handle"}})
	}
	c := ref.Def.(*ColumnDef)
	c.Table.mustBeOpen(c.Name)
	if ref.Source.Alias != "" {
		c.Table.must(false, "field %s: definition through alias %s: define on the table's own handles", c.Field, ref.Source.Alias)
	}
	return c
}

// open returns the column, and panics where its table has been sealed since the
// definition began.
func (d *definition[D, V]) open() *ColumnDef {
	d.col.Table.mustBeOpen(d.col.Name)
	return d.col
}

// PrimaryKey makes the column the table's key, or part of it if several columns
// say so. A lone integer key is an identity: the database makes its values.
func (d *definition[D, V]) PrimaryKey() D {
	d.open().addToKey()
	return d.self
}

func (c *ColumnDef) addToKey() {
	if !c.PrimaryKey {
		c.PrimaryKey = true
		if c.Null == NotNull {
			c.Nullable = false // of a type whose zero value is NULL
		}
		c.Table.PrimaryKey = append(c.Table.PrimaryKey, c)
	}
}

// NoIdentity says that the program gives the key's values, so that the database
// makes none.
func (d *definition[D, V]) NoIdentity() D {
	c := d.open()
	c.Identity, c.identitySaid = false, true
	return d.self
}

// Unique adds a UNIQUE constraint on this column.
func (d *definition[D, V]) Unique() D {
	c := d.open()
	c.Table.Uniques = append(c.Table.Uniques, &UniqueDef{Columns: []*ColumnDef{c}})
	return d.self
}

// Default is the value that INSERT writes where the field holds Go's zero
// value. It is no DEFAULT of the table.
func (d *definition[D, V]) Default(v V) D {
	d.open().Default = v
	return d.self
}

// DefaultFunc is called by INSERT for the value where the field holds Go's zero
// value. f must be safe for concurrent use.
func (d *definition[D, V]) DefaultFunc(f func() V) D {
	if c := d.open(); c.Table.must(f != nil, "field %s: DefaultFunc of nil", c.Field) {
		c.DefaultFunc = func() any { return f() }
	}
	return d.self
}

// ServerDefault is the column's DEFAULT in the table; an INSERT leaves it to the
// database where the field holds Go's zero value, and reads it back.
func (d *definition[D, V]) ServerDefault(v expr.Valued[V]) D {
	if c := d.open(); c.Table.must(v != nil, "field %s: ServerDefault of nil", c.Field) {
		c.ServerDefault = expr.NodeOf(v)
	}
	return d.self
}

// ZeroIsDefault says that Go's zero value in the field means the default.
func (d *definition[D, V]) ZeroIsDefault() D {
	d.open().Zero = ZeroTakesDefault
	return d.self
}

// KeepZero says that Go's zero value in the field is a value like any other,
// which INSERT writes although the column has a default.
func (d *definition[D, V]) KeepZero() D {
	d.open().Zero = ZeroIsKept
	return d.self
}

// OnUpdate is the value that every UPDATE of the row writes, unless the program
// changed the field itself.
func (d *definition[D, V]) OnUpdate(v expr.Valued[V]) D {
	if c := d.open(); c.Table.must(v != nil, "field %s: OnUpdate of nil", c.Field) {
		c.OnUpdate = expr.NodeOf(v)
	}
	return d.self
}

// Computed makes the column GENERATED ALWAYS AS (v) STORED: the database
// computes it, and Dormer reads it back and never writes it.
func (d *definition[D, V]) Computed(v expr.Valued[V]) D {
	if c := d.open(); c.Table.must(v != nil, "field %s: Computed of nil", c.Field) {
		c.Computed, c.Stored = expr.NodeOf(v), true
	}
	return d.self
}

// Version makes the column the optimistic lock: 1 at INSERT, counted up and
// checked by every UPDATE, checked by DELETE. A time column takes the time of
// the change instead.
func (d *definition[D, V]) Version() D {
	c := d.open()
	switch c.Type.Kind {
	case Int16Kind, Int32Kind, Int64Kind, TimeKind:
		c.Table.must(!c.Nullable && !IsScanner(c.GoType), "field %s: a version column is a plain integer or time.Time, not %s", c.Field, c.fieldType())
	default:
		c.Table.must(false, "field %s: a version column is an integer or time.Time, not %s", c.Field, c.GoType)
	}
	if c.Table.must(c.Table.Version == nil || c.Table.Version == c, "field %s: the table has a version column already", c.Field) {
		c.IsVersion, c.Table.Version = true, c
	}
	return d.self
}

// MadeByDatabase says of a version column that the database makes its values,
// by a trigger for instance: INSERT and UPDATE leave it out, check it all the
// same and read it back, by one query more for each statement.
func (d *definition[D, V]) MadeByDatabase() D {
	d.open().MadeVersion = true
	return d.self
}

// References makes the column a foreign key to target, which is the other
// table's key or unique there; that is checked when the model is sealed.
func (d *definition[D, V]) References(target expr.ColumnOf[V]) D {
	c := d.open()
	t := c.Table
	if !t.must(target != nil && target.Ref() != nil, "field %s: References a handle that is not bound: define the other table first", c.Field) {
		return d.self
	}
	ref := target.Ref().Def.(*ColumnDef)
	fk := &ForeignKeyDef{Table: t, Columns: []*ColumnDef{c}, RefTable: ref.Table, RefColumns: []*ColumnDef{ref}}
	fk.OnDelete, c.onDelete = c.onDelete, NoAction
	fk.OnUpdate, c.onKeyUpdate = c.onKeyUpdate, NoAction
	t.ForeignKeys = append(t.ForeignKeys, fk)
	return d.self
}

// OnDelete is what the column's foreign key does when the row that it points to
// is deleted.
func (d *definition[D, V]) OnDelete(a Action) D {
	c := d.open()
	if fk := c.foreignKey(); fk != nil {
		fk.OnDelete = a
	} else {
		c.onDelete = a
	}
	return d.self
}

// OnKeyUpdate is what the column's foreign key does when the key that it points
// to changes.
func (d *definition[D, V]) OnKeyUpdate(a Action) D {
	c := d.open()
	if fk := c.foreignKey(); fk != nil {
		fk.OnUpdate = a
	} else {
		c.onKeyUpdate = a
	}
	return d.self
}

// foreignKey is the last foreign key of this column alone.
func (c *ColumnDef) foreignKey() *ForeignKeyDef {
	fks := c.Table.ForeignKeys
	for i := len(fks) - 1; i >= 0; i-- {
		if len(fks[i].Columns) == 1 && fks[i].Columns[0] == c {
			return fks[i]
		}
	}
	return nil
}

// Comment gives the column a comment, where the database keeps comments.
func (d *definition[D, V]) Comment(text string) D {
	d.open().Comment = text
	return d.self
}

// RenamedFrom says that the column was called so before: a migration renames it
// in place of dropping one column and adding another.
func (d *definition[D, V]) RenamedFrom(name string) D {
	d.open().RenamedFrom = name
	return d.self
}

// Type sets the column's type as the database spells it, in place of the one
// that the dialect chooses. It goes into DDL as it is: never build it from
// input. It changes nothing about how values travel, which the Go type decides.
func (d *definition[D, V]) Type(sql string) D {
	d.open().Type.Custom = sql
	return d.self
}
