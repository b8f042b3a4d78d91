package migrate

import (
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// What operations change in a catalog: it stands for a database that cannot be
// asked, since the statements have not run yet or never will.

func (o CreateSchema) apply(c *schema.Catalog) error {
	c.Schemas = append(c.Schemas, o.Name)
	return nil
}

func (o DropSchema) apply(c *schema.Catalog) error {
	c.Schemas = slices.DeleteFunc(c.Schemas, func(s string) bool { return s == o.Name })
	return nil
}

func (o CreateEnum) apply(c *schema.Catalog) error {
	c.Enums = append(c.Enums, &schema.EnumDef{Name: o.Name, Values: o.Values})
	return nil
}

func (o DropEnum) apply(c *schema.Catalog) error {
	c.Enums = slices.DeleteFunc(c.Enums, func(e *schema.EnumDef) bool { return e.Name == o.Name })
	return nil
}

func (o AlterEnum) apply(c *schema.Catalog) error {
	for _, col := range enumColumns(c, o) {
		col.Type = withValues(col.Type, o.To)
	}
	if e := c.Enum(o.Name); e != nil {
		e.Values = o.To
	}
	return nil
}

func withValues(t schema.Type, values []string) schema.Type {
	if t.Kind == schema.ArrayKind && t.Elem != nil {
		e := withValues(*t.Elem, values)
		t.Elem = &e
		return t
	}
	t.Values = values
	return t
}

func (o CreateTable) apply(c *schema.Catalog) error {
	c.Tables = append(c.Tables, o.Table.Clone())
	return nil
}

func (o DropTable) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	c.Tables = slices.DeleteFunc(c.Tables, func(x *schema.TableDef) bool { return x == t })
	c.Triggers = slices.DeleteFunc(c.Triggers, func(x *schema.TriggerDef) bool { return x.Schema == o.Table.Schema && x.Table == o.Table.Name })
	return err
}

func (o RenameTable) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err != nil {
		return err
	}
	for _, x := range c.Tables {
		for _, k := range x.ForeignKeys {
			if k.RefTable.Name == o.Table.Name && k.RefTable.Schema == o.Table.Schema && k.RefTable != t {
				k.RefTable = &schema.TableDef{Schema: o.Table.Schema, Name: o.To}
			}
		}
	}
	for _, x := range c.Triggers {
		if x.Schema == o.Table.Schema && x.Table == o.Table.Name {
			x.Table = o.To
		}
		x.SQL = renameIn(x.SQL, o.Table.Name, o.To)
	}
	for i, v := range c.Views {
		d := *v
		d.SQL = renameIn(d.SQL, o.Table.Name, o.To)
		c.Views[i] = &d
	}
	t.Name = o.To
	t.Source = expr.NewSource(t.Schema, t.Name, "", t)
	return nil
}

func (o CommentTable) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err == nil {
		t.Comment = o.To
	}
	return err
}

func (o AddColumn) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err == nil {
		put(t, o.Column)
	}
	return err
}

func (o DropColumn) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err != nil {
		return err
	}
	col, err := columnOf(c, t, o.Name)
	if err != nil {
		return err
	}
	has := func(cols []*schema.ColumnDef) bool { return slices.Contains(cols, col) }
	t.Columns = slices.DeleteFunc(t.Columns, func(x *schema.ColumnDef) bool { return x == col })
	for i, x := range t.Columns {
		x.Position = i
	}
	if has(t.PrimaryKey) {
		setKey(t, nil)
	}
	t.Uniques = slices.DeleteFunc(t.Uniques, func(u *schema.UniqueDef) bool { return has(u.Columns) })
	t.ForeignKeys = slices.DeleteFunc(t.ForeignKeys, func(k *schema.ForeignKeyDef) bool { return has(k.Columns) })
	t.Checks = slices.DeleteFunc(t.Checks, func(k *schema.CheckDef) bool { return mentions(k.Cond, o.Name) })
	t.Indexes = slices.DeleteFunc(t.Indexes, func(x *schema.IndexDef) bool {
		return has(x.Include) || mentions(x.Where, o.Name) || slices.ContainsFunc(x.Parts, func(p schema.IndexPart) bool { return p.Column == col || mentions(p.Expr, o.Name) })
	})
	return nil
}

func (o RenameColumn) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err != nil {
		return err
	}
	col, err := columnOf(c, t, o.From)
	if err != nil {
		return err
	}
	for _, x := range c.Tables {
		for _, k := range x.ForeignKeys {
			if k.RefTable == t || k.RefTable.Name != t.Name || k.RefTable.Schema != t.Schema {
				continue
			}
			for i, r := range k.RefColumns {
				if r.Name == o.From {
					k.RefColumns[i] = &schema.ColumnDef{Table: k.RefTable, Name: o.To}
				}
			}
		}
	}
	col.Name = o.To
	in := func(n expr.Node) expr.Node { return renamed(n, o.From, o.To) }
	for _, x := range t.Columns {
		x.Computed = in(x.Computed)
	}
	for _, k := range t.Checks {
		k.Cond = in(k.Cond)
	}
	for _, x := range t.Indexes {
		x.Where = in(x.Where)
		for i := range x.Parts {
			x.Parts[i].Expr = in(x.Parts[i].Expr)
		}
	}
	for _, x := range c.Triggers {
		if x.Schema == o.Table.Schema && x.Table == o.Table.Name {
			x.SQL = renameIn(x.SQL, o.From, o.To)
		}
	}
	return nil
}

// settled is the operation with the values that the column's enum has by now, where
// it does not change them itself: AlterEnum may have, before it or after.
func (o AlterColumn) settled(cur *schema.ColumnDef) AlterColumn {
	name := enumOf(&o.From.Type)
	if name == "" || name != enumOf(&o.To.Type) || o.From.Type.Kind != schema.EnumKind || o.To.Type.Kind != schema.EnumKind ||
		cur.Type.Kind != schema.EnumKind || len(cur.Type.Values) == 0 || !slices.Equal(o.From.Type.Values, o.To.Type.Values) {
		return o
	}
	from, to := *o.From, *o.To
	from.Type, to.Type = withValues(from.Type, cur.Type.Values), withValues(to.Type, cur.Type.Values)
	o.From, o.To = &from, &to
	return o
}

func (o AlterColumn) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err != nil {
		return err
	}
	cur, err := columnOf(c, t, o.To.Name)
	if err != nil {
		return err
	}
	put(t, o.settled(cur).To)
	return nil
}

func (o CreateIndex) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err == nil {
		t.Indexes = append(t.Indexes, indexIn(t, o.Index))
	}
	return err
}

func (o DropIndex) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err == nil {
		t.Indexes = slices.DeleteFunc(t.Indexes, func(x *schema.IndexDef) bool { return x.Name == o.Name })
	}
	return err
}

func (o RenameIndex) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err != nil {
		return err
	}
	for _, x := range t.Indexes {
		if x.Name == o.From {
			x.Name = o.To
		}
	}
	return nil
}

func (o AddPrimaryKey) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err == nil {
		setKey(t, o.Columns)
	}
	return err
}

func (o AddUnique) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err == nil {
		t.Uniques = append(t.Uniques, &schema.UniqueDef{Name: o.Unique.Name, Columns: own(t, o.Unique.Columns)})
	}
	return err
}

func (o AddCheck) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err == nil {
		t.Checks = append(t.Checks, &schema.CheckDef{Name: o.Check.Name, Cond: o.Check.Cond})
	}
	return err
}

func (o AddForeignKey) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err == nil {
		t.ForeignKeys = append(t.ForeignKeys, keyIn(t, o.Key))
	}
	return err
}

func (o DropConstraint) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err != nil {
		return err
	}
	before := len(t.Uniques) + len(t.Checks) + len(t.ForeignKeys)
	switch o.Kind {
	case schema.PrimaryKeyConstraint:
		if len(t.PrimaryKey) == 0 {
			return noSuch("primary key of", o.Table.String())
		}
		setKey(t, nil)
		return nil
	case schema.UniqueConstraint:
		t.Uniques = slices.DeleteFunc(t.Uniques, func(u *schema.UniqueDef) bool { return u.Name == o.Name && o.means(AddUnique{o.Table, u}) })
	case schema.CheckConstraint:
		t.Checks = slices.DeleteFunc(t.Checks, func(k *schema.CheckDef) bool { return k.Name == o.Name && o.means(AddCheck{o.Table, k}) })
	case schema.ForeignKeyConstraint:
		t.ForeignKeys = slices.DeleteFunc(t.ForeignKeys, func(k *schema.ForeignKeyDef) bool { return k.Name == o.Name && o.means(AddForeignKey{o.Table, k}) })
	}
	if len(t.Uniques)+len(t.Checks)+len(t.ForeignKeys) == before {
		return noSuch(o.Kind.String(), o.Table.String()+"."+o.Name)
	}
	return nil
}

// means reports whether it is the constraint to drop: several of a table may have
// no name, and are told apart by what they were.
func (o DropConstraint) means(has Operation) bool {
	if o.Name != "" || o.Was == nil {
		return true
	}
	was, err := printOps([]Operation{o.Was})
	if err != nil {
		return false
	}
	is, err := printOps([]Operation{has})
	return err == nil && is == was
}

func (o RenameConstraint) apply(c *schema.Catalog) error {
	t, err := table(c, o.Table)
	if err != nil {
		return err
	}
	found := false
	to := func(name *string) {
		if *name == o.From {
			*name, found = o.To, true
		}
	}
	for _, u := range t.Uniques {
		to(&u.Name)
	}
	for _, k := range t.Checks {
		to(&k.Name)
	}
	for _, k := range t.ForeignKeys {
		to(&k.Name)
	}
	if !found {
		return noSuch("constraint", o.Table.String()+"."+o.From)
	}
	return nil
}

func (o Exec) apply(*schema.Catalog) error { return nil }
func (o Run) apply(*schema.Catalog) error  { return nil }

// clone copies a catalog, for work on it.
func clone(c *schema.Catalog) *schema.Catalog {
	n := &schema.Catalog{Schemas: slices.Clone(c.Schemas), Views: slices.Clone(c.Views)}
	for _, e := range c.Enums {
		d := *e
		n.Enums = append(n.Enums, &d)
	}
	for _, t := range c.Tables {
		n.Tables = append(n.Tables, t.Clone())
	}
	for _, t := range c.Triggers {
		d := *t
		n.Triggers = append(n.Triggers, &d)
	}
	return n
}
