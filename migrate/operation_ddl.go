package migrate

import (
	"slices"

	"github.com/dormer-orm/dormer/schema"
)

// The changes of the schema that operations are. Tables are described as they were
// before, so that a dialect which makes a table anew knows what to keep.

func (o CreateSchema) ddl(*schema.Catalog) ([]schema.DDL, error) {
	return []schema.DDL{schema.CreateSchema{Name: o.Name}}, nil
}

func (o DropSchema) ddl(*schema.Catalog) ([]schema.DDL, error) {
	return []schema.DDL{schema.DropSchema{Name: o.Name}}, nil
}

func (o CreateEnum) ddl(*schema.Catalog) ([]schema.DDL, error) {
	return []schema.DDL{schema.CreateEnum{Name: o.Name, Values: o.Values}}, nil
}

func (o DropEnum) ddl(*schema.Catalog) ([]schema.DDL, error) {
	return []schema.DDL{schema.DropEnum{Name: o.Name}}, nil
}

func (o AlterEnum) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	d := schema.AlterEnum{Name: o.Name, From: o.From, To: o.To}
	if c != nil {
		d.Columns = enumColumns(c, o)
	}
	return []schema.DDL{d}, nil
}

// enumOf is the name of the enum type that a type or its elements are of.
func enumOf(t *schema.Type) string {
	for t.Kind == schema.ArrayKind && t.Elem != nil {
		t = t.Elem
	}
	if t.Kind != schema.EnumKind || t.Custom != "" {
		return ""
	}
	return t.EnumName
}

func (o CreateTable) ddl(*schema.Catalog) ([]schema.DDL, error) {
	t := o.Table
	list := []schema.DDL{schema.CreateTable{Table: t, ForeignKeys: t.ForeignKeys}}
	for _, x := range t.Indexes {
		list = append(list, schema.CreateIndex{Index: x})
	}
	if t.Comment != "" {
		list = append(list, schema.CommentTable{Table: t})
	}
	for _, c := range t.Columns {
		if c.Comment != "" {
			list = append(list, schema.CommentColumn{Column: c})
		}
	}
	return list, nil
}

func (o DropTable) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	return []schema.DDL{schema.DropTable{Table: t}}, err
}

func (o RenameTable) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	return []schema.DDL{schema.RenameTable{Table: t, To: o.To}}, err
}

func (o CommentTable) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	if err != nil {
		return nil, err
	}
	t = t.Clone()
	t.Comment = o.To
	return []schema.DDL{schema.CommentTable{Table: t}}, nil
}

// with returns the table as it is with the column in place of the one of its name,
// or at the end, and the column in it.
func with(t *schema.TableDef, c *schema.ColumnDef) (*schema.TableDef, *schema.ColumnDef) {
	n := t.Clone()
	put(n, c)
	return n, n.Column(c.Name)
}

// put puts a column into a table, in place of the one of its name or at the end.
func put(t *schema.TableDef, c *schema.ColumnDef) {
	if old := t.Column(c.Name); old != nil {
		pos, key := old.Position, old.PrimaryKey
		*old = *c
		old.Table, old.Position, old.PrimaryKey, old.Ref = t, pos, key, nil
		return
	}
	d := *c
	d.Table, d.Position, d.PrimaryKey, d.Ref = t, len(t.Columns), false, nil
	t.Columns = append(t.Columns, &d)
}

func (o AddColumn) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	if err != nil {
		return nil, err
	}
	_, col := with(t, o.Column)
	list := []schema.DDL{schema.AddColumn{Column: col}}
	if o.Backfill != nil {
		first := *o.Column
		first.Nullable, first.ServerDefault = true, nil
		_, loose := with(t, &first)
		list = []schema.DDL{schema.AddColumn{Column: loose}, schema.AlterColumn{From: loose, To: col, Backfill: o.Backfill}}
	}
	if col.Comment != "" {
		list = append(list, schema.CommentColumn{Column: col})
	}
	return list, nil
}

// columnOf finds a column of a table, or describes one of that name alone where
// nothing is known of the database.
func columnOf(c *schema.Catalog, t *schema.TableDef, name string) (*schema.ColumnDef, error) {
	if col := t.Column(name); col != nil {
		return col, nil
	}
	if c == nil {
		_, col := with(t, &schema.ColumnDef{Name: name})
		return col, nil
	}
	return nil, noSuch("column", nameOf(t).String()+"."+name)
}

func (o DropColumn) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	if err != nil {
		return nil, err
	}
	col, err := columnOf(c, t, o.Name)
	return []schema.DDL{schema.DropColumn{Column: col}}, err
}

func (o RenameColumn) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	if err != nil {
		return nil, err
	}
	col, err := columnOf(c, t, o.From)
	return []schema.DDL{schema.RenameColumn{Column: col, To: o.To}}, err
}

func (o AlterColumn) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	if err != nil {
		return nil, err
	}
	cur, err := columnOf(c, t, o.From.Name)
	if err != nil {
		return nil, err
	}
	o = o.settled(cur)
	_, from := with(t, o.From)
	_, to := with(t, o.To)
	list := []schema.DDL{schema.AlterColumn{From: from, To: to, Using: o.Using, Backfill: o.Backfill}}
	if from.Comment != to.Comment {
		list = append(list, schema.CommentColumn{Column: to})
	}
	return list, nil
}

// indexIn is the index as one of the table's.
func indexIn(t *schema.TableDef, x *schema.IndexDef) *schema.IndexDef {
	y := *x
	y.Table, y.Parts, y.Include = t, slices.Clone(x.Parts), own(t, x.Include)
	for i, p := range y.Parts {
		if p.Column != nil {
			y.Parts[i].Column = own(t, []*schema.ColumnDef{p.Column})[0]
		}
	}
	return &y
}

// own are the table's columns of the names of others; what it lacks stays as it
// is, for the database to refuse.
func own(t *schema.TableDef, cols []*schema.ColumnDef) []*schema.ColumnDef {
	out := slices.Clone(cols)
	for i, c := range cols {
		if mine := t.Column(c.Name); mine != nil {
			out[i] = mine
		}
	}
	return out
}

func (o CreateIndex) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	if err != nil {
		return nil, err
	}
	if o.Concurrently {
		return []schema.DDL{schema.CreateIndexConcurrently{Index: indexIn(t, o.Index)}}, nil
	}
	return []schema.DDL{schema.CreateIndex{Index: indexIn(t, o.Index)}}, nil
}

func (o DropIndex) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	x := &schema.IndexDef{Name: o.Name, Table: t}
	if o.Concurrently {
		return []schema.DDL{schema.DropIndexConcurrently{Index: x}}, err
	}
	return []schema.DDL{schema.DropIndex{Index: x}}, err
}

func (o RenameIndex) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	if err != nil {
		return nil, err
	}
	x := &schema.IndexDef{Name: o.From, Table: t}
	for _, y := range t.Indexes {
		if y.Name == o.From {
			x = y
		}
	}
	return []schema.DDL{schema.RenameIndex{Index: x, To: o.To}}, nil
}

func (o AddPrimaryKey) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	if err != nil {
		return nil, err
	}
	t = t.Clone()
	setKey(t, o.Columns)
	return []schema.DDL{schema.AddPrimaryKey{Table: t}}, nil
}

// setKey makes columns the table's key, none of none.
func setKey(t *schema.TableDef, names []string) {
	for _, c := range t.PrimaryKey {
		c.PrimaryKey = false
	}
	t.PrimaryKey = nil
	for _, n := range names {
		c := t.Column(n)
		if c == nil {
			c = &schema.ColumnDef{Table: t, Name: n}
		}
		c.PrimaryKey, c.Nullable = true, false
		t.PrimaryKey = append(t.PrimaryKey, c)
	}
}

func (o AddUnique) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	if err != nil {
		return nil, err
	}
	return []schema.DDL{schema.AddUnique{Table: t, Unique: &schema.UniqueDef{Name: o.Unique.Name, Columns: own(t, o.Unique.Columns)}}}, nil
}

func (o AddCheck) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	return []schema.DDL{schema.AddCheck{Table: t, Check: o.Check}}, err
}

func (o AddForeignKey) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	if err != nil {
		return nil, err
	}
	return []schema.DDL{schema.AddForeignKey{Key: keyIn(t, o.Key)}}, nil
}

// keyIn is the foreign key as one of the table's.
func keyIn(t *schema.TableDef, k *schema.ForeignKeyDef) *schema.ForeignKeyDef {
	n := *k
	n.Table, n.Columns = t, own(t, k.Columns)
	if k.RefTable.Name == t.Name && k.RefTable.Schema == t.Schema {
		n.RefTable, n.RefColumns = t, own(t, k.RefColumns)
	}
	return &n
}

func (o DropConstraint) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	if err != nil {
		return nil, err
	}
	if o.Kind == schema.ForeignKeyConstraint {
		for _, k := range t.ForeignKeys {
			if k.Name == o.Name {
				return []schema.DDL{schema.DropForeignKey{Key: k}}, nil
			}
		}
	}
	return []schema.DDL{schema.DropConstraint{Table: t, Kind: o.Kind, Name: o.Name}}, nil
}

func (o RenameConstraint) ddl(c *schema.Catalog) ([]schema.DDL, error) {
	t, err := table(c, o.Table)
	return []schema.DDL{schema.RenameConstraint{Table: t, Name: o.From, To: o.To}}, err
}

func (o Exec) ddl(*schema.Catalog) ([]schema.DDL, error) { return nil, nil }
func (o Run) ddl(*schema.Catalog) ([]schema.DDL, error)  { return nil, nil }
