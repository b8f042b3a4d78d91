package migrate

import (
	"context"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Op collects the operations of a revision: its methods change nothing, they note
// what is to be changed. A table's name may be qualified by its schema, with a
// point in between. An Op is for one goroutine.
type Op struct{ list []Operation }

// Operations returns what was noted, in order.
func (op *Op) Operations() []Operation { return slices.Clone(op.list) }

// Add notes operations as data.
func (op *Op) Add(list ...Operation) { op.list = append(op.list, list...) }

// at splits schema.table.
func at(name string) Table {
	if s, t, ok := strings.Cut(name, "."); ok {
		return Table{s, t}
	}
	return Table{"", name}
}

// CreateSchema makes a schema, where the database has any.
func (op *Op) CreateSchema(name string) { op.Add(CreateSchema{name}) }

// DropSchema drops an empty schema.
func (op *Op) DropSchema(name string) { op.Add(DropSchema{name}) }

// CreateEnum makes an enum type, where the database has any.
func (op *Op) CreateEnum(name string, values ...string) { op.Add(CreateEnum{name, values}) }

// DropEnum drops an enum type. was are its values, which the reverse needs.
func (op *Op) DropEnum(name string, was ...string) { op.Add(DropEnum{name, was}) }

// AlterEnum changes an enum type's values. A value that is dropped must be in no
// row any more. columns are those of the type, as table.column: a database without
// enum types does not know which they are, and takes all for them, without columns,
// that have just the old values.
func (op *Op) AlterEnum(name string, from, to []string, columns ...string) {
	op.Add(AlterEnum{name, from, to, columns})
}

// CreateTable makes a table with its columns, constraints and indexes.
func (op *Op) CreateTable(name string, parts ...schema.TablePart) {
	t := at(name)
	if t.Schema != "" {
		parts = append([]schema.TablePart{schema.InSchema(t.Schema)}, parts...)
	}
	op.Add(CreateTable{schema.NewTable(t.Name, parts...)})
}

// DropTable drops a table with its indexes. was describes it for the reverse, as
// CreateTable does; without it there is none.
func (op *Op) DropTable(name string, was ...schema.TablePart) {
	t := at(name)
	d := DropTable{Table: t}
	if len(was) > 0 {
		d.Was = schema.NewTable(t.Name, append([]schema.TablePart{schema.InSchema(t.Schema)}, was...)...)
	}
	op.Add(d)
}

// RenameTable gives a table another name in its schema.
func (op *Op) RenameTable(from, to string) { op.Add(RenameTable{at(from), to}) }

// CommentTable sets a table's comment; from is the one that it has.
func (op *Op) CommentTable(table, from, to string) { op.Add(CommentTable{at(table), from, to}) }

// AddColumn adds a column. Rows that are there take its default, NULL, or what the
// result's Backfill says.
func (op *Op) AddColumn(table string, c *schema.ColumnSpec) *Pending {
	op.Add(AddColumn{Table: at(table), Column: c.Def()})
	return op.pending()
}

// DropColumn drops a column with the indexes and constraints that need it. was
// describes it for the reverse; without it there is none.
func (op *Op) DropColumn(table, name string, was ...*schema.ColumnSpec) {
	d := DropColumn{Table: at(table), Name: name}
	if len(was) > 0 {
		d.Was = was[0].Def()
	}
	op.Add(d)
}

// RenameColumn gives a column another name.
func (op *Op) RenameColumn(table, from, to string) { op.Add(RenameColumn{at(table), from, to}) }

// AlterColumn changes what from says of a column into what to says: type,
// nullability, default, identity, computed expression, collation, comment. The
// name stays.
func (op *Op) AlterColumn(table string, from, to *schema.ColumnSpec) *Pending {
	op.Add(AlterColumn{Table: at(table), From: from.Def(), To: to.Def()})
	return op.pending()
}

// CreateIndex makes an index.
func (op *Op) CreateIndex(table string, x *schema.IndexSpec) *Pending {
	t := at(table)
	op.Add(CreateIndex{Table: t, Index: x.Def(schema.NewTable(t.Name, schema.InSchema(t.Schema)))})
	return op.pending()
}

// DropIndex drops an index. was describes it for the reverse; without it there is
// none.
func (op *Op) DropIndex(table, name string, was ...*schema.IndexSpec) *Pending {
	t := at(table)
	d := DropIndex{Table: t, Name: name}
	if len(was) > 0 {
		d.Was = was[0].Def(schema.NewTable(t.Name, schema.InSchema(t.Schema)))
	}
	op.Add(d)
	return op.pending()
}

// RenameIndex gives an index another name.
func (op *Op) RenameIndex(table, from, to string) { op.Add(RenameIndex{at(table), from, to}) }

// AddPrimaryKey makes columns that a table has its primary key.
func (op *Op) AddPrimaryKey(table string, columns ...string) {
	op.Add(AddPrimaryKey{at(table), columns})
}

// AddUnique adds a UNIQUE constraint.
func (op *Op) AddUnique(table, name string, columns ...string) {
	op.Add(addUnique(at(table), name, columns))
}

func addUnique(t Table, name string, columns []string) AddUnique {
	def := schema.NewTable(t.Name, schema.InSchema(t.Schema), schema.UniqueKey(name, columns...))
	return AddUnique{t, def.Uniques[0]}
}

// AddCheck adds a CHECK.
func (op *Op) AddCheck(table, name string, cond expr.Node) {
	op.Add(AddCheck{at(table), &schema.CheckDef{Name: name, Cond: cond}})
}

// AddForeignKey adds a foreign key.
func (op *Op) AddForeignKey(table string, key *schema.ForeignKeySpec) {
	t := at(table)
	op.Add(AddForeignKey{t, key.Def(schema.NewTable(t.Name, schema.InSchema(t.Schema)))})
}

// DropPrimaryKey drops a table's primary key, of the columns was.
func (op *Op) DropPrimaryKey(table string, was ...string) {
	d := DropConstraint{Table: at(table), Kind: schema.PrimaryKeyConstraint}
	if len(was) > 0 {
		d.Was = AddPrimaryKey{d.Table, was}
	}
	op.Add(d)
}

// DropUnique drops a UNIQUE constraint, of the columns was.
func (op *Op) DropUnique(table, name string, was ...string) {
	d := DropConstraint{Table: at(table), Kind: schema.UniqueConstraint, Name: name}
	if len(was) > 0 {
		d.Was = addUnique(d.Table, name, was)
	}
	op.Add(d)
}

// DropCheck drops a CHECK. was is its condition for the reverse; without it there
// is none.
func (op *Op) DropCheck(table, name string, was ...expr.Node) {
	d := DropConstraint{Table: at(table), Kind: schema.CheckConstraint, Name: name}
	if len(was) > 0 {
		d.Was = AddCheck{d.Table, &schema.CheckDef{Name: name, Cond: was[0]}}
	}
	op.Add(d)
}

// DropForeignKey drops a foreign key. was describes it for the reverse; without it
// there is none.
func (op *Op) DropForeignKey(table, name string, was ...*schema.ForeignKeySpec) {
	d := DropConstraint{Table: at(table), Kind: schema.ForeignKeyConstraint, Name: name}
	if len(was) > 0 {
		d.Was = AddForeignKey{d.Table, was[0].Def(schema.NewTable(d.Table.Name, schema.InSchema(d.Table.Schema)))}
	}
	op.Add(d)
}

// RenameConstraint gives a constraint another name.
func (op *Op) RenameConstraint(table, from, to string) {
	op.Add(RenameConstraint{at(table), from, to})
}

// Exec runs a statement of SQL as it is. other has the text of dialects that spell
// it in another way: a dialect's name and the text in turn, "" to run nothing
// there. It has no reverse: write one into the other direction.
func (op *Op) Exec(sql string, other ...string) {
	e := Exec{SQL: sql}
	for i := 0; i+1 < len(other); i += 2 {
		if e.On == nil {
			e.On = map[string]string{}
		}
		e.On[other[i]] = other[i+1]
	}
	op.Add(e)
}

// Run runs code in the migration's transaction, to change rows: repositories and
// queries join it by ctx. The code sees the tables as they are at that point. It
// cannot be part of SQL written offline.
func (op *Op) Run(f func(ctx context.Context, tx *uow.UnitOfWork) error) { op.Add(Run{f}) }

// Pending is the operation noted last, for what few of them need.
type Pending struct {
	op *Op
	i  int
}

func (op *Op) pending() *Pending { return &Pending{op, len(op.list) - 1} }

// Backfill is the value that rows take which would hold NULL otherwise: of a
// column that is added, or one that takes no NULL any more. v is a constant or the
// result of schema.SQL.
func (p *Pending) Backfill(v any) *Pending {
	n, ok := v.(expr.Node)
	if !ok {
		n = &expr.ParamNode{Value: v}
	}
	switch o := p.op.list[p.i].(type) {
	case AddColumn:
		o.Backfill = n
		p.op.list[p.i] = o
	case AlterColumn:
		o.Backfill = n
		p.op.list[p.i] = o
	}
	return p
}

// Using converts a column's values to its new type, in place of the database's own
// conversion. n is the result of schema.SQL.
func (p *Pending) Using(n expr.Node) *Pending {
	if o, ok := p.op.list[p.i].(AlterColumn); ok {
		o.Using = n
		p.op.list[p.i] = o
	}
	return p
}

// Concurrently makes or drops an index without keeping writers away, outside a
// transaction, where the database can.
func (p *Pending) Concurrently() *Pending {
	switch o := p.op.list[p.i].(type) {
	case CreateIndex:
		o.Concurrently = true
		p.op.list[p.i] = o
	case DropIndex:
		o.Concurrently = true
		p.op.list[p.i] = o
	}
	return p
}
