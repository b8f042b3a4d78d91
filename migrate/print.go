package migrate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// printOps returns the Go source of the calls that make the operations, one
// after the other: without comments, so that it stays the same as long as the
// operations do, and without regard to a dialect. Run it in a function that has an
// op *Op. Code that op.Run runs is printed as nil.
func printOps(ops []Operation) (string, error) {
	var p printer
	if err := p.operations(ops); err != nil {
		return "", err
	}
	return p.String(), nil
}

// printer writes Go source and notes which packages it names.
type printer struct {
	strings.Builder
	schema, expr, migrate bool
	comments              bool // say what to look at
}

func (p *printer) operations(ops []Operation) error {
	for _, o := range ops {
		call, err := p.operation(o)
		if err != nil {
			return fmt.Errorf("migrate: print %T: %w", o, err)
		}
		p.WriteString("op." + call)
		if note := remark(o); note != "" && p.comments {
			p.WriteString(" // " + strings.Join(strings.Fields(note), " "))
		}
		p.WriteByte('\n')
	}
	return nil
}

// remark is what whoever reads a revision should see.
func remark(o Operation) string {
	if lost := o.Loses(); lost != "" {
		return "loses data: " + lost
	}
	switch o := o.(type) {
	case AddColumn:
		c := o.Column
		switch {
		case o.Backfill != nil:
			return "rows that are there get the value of Backfill"
		case !c.Nullable && !c.Identity && c.ServerDefault == nil && c.Computed == nil:
			return "fails where there are rows: say what they get, with Backfill"
		}
	case AlterColumn:
		if o.From.Nullable && !o.To.Nullable && o.Backfill == nil {
			return "fails where a row holds NULL: say what it gets, with Backfill"
		}
	}
	return ""
}

func (p *printer) operation(o Operation) (string, error) {
	switch o := o.(type) {
	case CreateSchema:
		return call("CreateSchema", quote(o.Name)), nil
	case DropSchema:
		return call("DropSchema", quote(o.Name)), nil
	case CreateEnum:
		return call("CreateEnum", quoted(o.Name, o.Values)...), nil
	case DropEnum:
		return call("DropEnum", quoted(o.Name, o.Was)...), nil
	case AlterEnum:
		return call("AlterEnum", append([]string{quote(o.Name), list(o.From), list(o.To)}, quotedAll(o.Columns)...)...), nil
	case CreateTable, DropTable, RenameTable, CommentTable:
		return p.tableOperation(o)
	case AddColumn, DropColumn, RenameColumn, AlterColumn:
		return p.columnOperation(o)
	case CreateIndex, DropIndex, RenameIndex:
		return p.indexOperation(o)
	case AddPrimaryKey, AddUnique, AddCheck, AddForeignKey, DropConstraint, RenameConstraint:
		return p.constraintOperation(o)
	case Exec:
		args := []string{quote(o.SQL)}
		for _, d := range slices.Sorted(maps.Keys(o.On)) {
			args = append(args, quote(d), quote(o.On[d]))
		}
		return call("Exec", args...), nil
	case Run:
		return call("Run", "nil"), nil
	}
	return "", fmt.Errorf("unknown operation")
}

func (p *printer) tableOperation(o Operation) (string, error) {
	switch o := o.(type) {
	case CreateTable:
		return p.wholeTable("CreateTable", nameOf(o.Table), o.Table)
	case DropTable:
		return p.wholeTable("DropTable", o.Table, o.Was)
	case RenameTable:
		t, err := tableName(o.Table)
		return call("RenameTable", t, quote(o.To)), err
	case CommentTable:
		t, err := tableName(o.Table)
		return call("CommentTable", t, quote(o.From), quote(o.To)), err
	}
	return "", fmt.Errorf("unknown operation")
}

func (p *printer) columnOperation(o Operation) (string, error) {
	switch o := o.(type) {
	case AddColumn:
		t, err := tableName(o.Table)
		if err != nil {
			return "", err
		}
		c, err := p.column(o.Column)
		if err != nil {
			return "", err
		}
		fill, err := p.chained("Backfill", o.Column, o.Backfill)
		return call("AddColumn", t, c) + fill, err
	case DropColumn:
		t, err := tableName(o.Table)
		if err != nil || o.Was == nil {
			return call("DropColumn", t, quote(o.Name)), err
		}
		c, err := p.column(o.Was)
		return call("DropColumn", t, quote(o.Name), c), err
	case RenameColumn:
		t, err := tableName(o.Table)
		return call("RenameColumn", t, quote(o.From), quote(o.To)), err
	case AlterColumn:
		t, err := tableName(o.Table)
		if err != nil {
			return "", err
		}
		from, err := p.column(o.From)
		if err != nil {
			return "", err
		}
		to, err := p.column(o.To)
		if err != nil {
			return "", err
		}
		using, err := p.chained("Using", o.To, o.Using)
		if err != nil {
			return "", err
		}
		fill, err := p.chained("Backfill", o.To, o.Backfill)
		return call("AlterColumn", t, from, to) + using + fill, err
	}
	return "", fmt.Errorf("unknown operation")
}

func (p *printer) indexOperation(o Operation) (string, error) {
	concurrently := func(yes bool) string {
		if yes {
			return ".Concurrently()"
		}
		return ""
	}
	switch o := o.(type) {
	case CreateIndex:
		t, err := tableName(o.Table)
		if err != nil {
			return "", err
		}
		x, err := p.index(o.Index)
		return call("CreateIndex", t, x) + concurrently(o.Concurrently), err
	case DropIndex:
		t, err := tableName(o.Table)
		if err != nil {
			return "", err
		}
		args := []string{t, quote(o.Name)}
		if o.Was != nil {
			x, err := p.index(o.Was)
			if err != nil {
				return "", err
			}
			args = append(args, x)
		}
		return call("DropIndex", args...) + concurrently(o.Concurrently), nil
	case RenameIndex:
		t, err := tableName(o.Table)
		return call("RenameIndex", t, quote(o.From), quote(o.To)), err
	}
	return "", fmt.Errorf("unknown operation")
}

func (p *printer) constraintOperation(o Operation) (string, error) {
	switch o := o.(type) {
	case AddPrimaryKey:
		t, err := tableName(o.Table)
		return call("AddPrimaryKey", append([]string{t}, quotedAll(o.Columns)...)...), err
	case AddUnique:
		t, err := tableName(o.Table)
		return call("AddUnique", append([]string{t}, quoted(o.Unique.Name, names(o.Unique.Columns))...)...), err
	case AddCheck:
		t, err := tableName(o.Table)
		if err != nil {
			return "", err
		}
		cond, err := p.sql(o.Check.Cond)
		return call("AddCheck", t, quote(o.Check.Name), cond), err
	case AddForeignKey:
		t, err := tableName(o.Table)
		return call("AddForeignKey", t, p.foreignKey(o.Key)), err
	case DropConstraint:
		return p.dropConstraint(o)
	case RenameConstraint:
		t, err := tableName(o.Table)
		return call("RenameConstraint", t, quote(o.From), quote(o.To)), err
	}
	return "", fmt.Errorf("unknown operation")
}

func (p *printer) dropConstraint(o DropConstraint) (string, error) {
	t, err := tableName(o.Table)
	if err != nil {
		return "", err
	}
	args := []string{t, quote(o.Name)}
	var name string
	switch o.Kind {
	case schema.PrimaryKeyConstraint:
		was, _ := o.Was.(AddPrimaryKey)
		if o.Name != "" { // which no method of Op takes
			p.migrate, p.schema = true, true
			s := "Add(migrate.DropConstraint{Table: migrate.Table{Schema: " + quote(o.Table.Schema) + ", Name: " + quote(o.Table.Name) +
				"}, Kind: schema.PrimaryKeyConstraint, Name: " + quote(o.Name)
			if o.Was != nil {
				s += ", Was: migrate.AddPrimaryKey{Table: migrate.Table{Schema: " + quote(was.Table.Schema) + ", Name: " + quote(was.Table.Name) +
					"}, Columns: " + list(was.Columns) + "}"
			}
			return s + "})", nil
		}
		name, args = "DropPrimaryKey", append(args[:1], quotedAll(was.Columns)...)
	case schema.UniqueConstraint:
		name = "DropUnique"
		if was, ok := o.Was.(AddUnique); ok {
			args = append(args, quotedAll(names(was.Unique.Columns))...)
		}
	case schema.CheckConstraint:
		name = "DropCheck"
		if was, ok := o.Was.(AddCheck); ok {
			cond, err := p.sql(was.Check.Cond)
			if err != nil {
				return "", err
			}
			args = append(args, cond)
		}
	case schema.ForeignKeyConstraint:
		name = "DropForeignKey"
		if was, ok := o.Was.(AddForeignKey); ok {
			args = append(args, p.foreignKey(was.Key))
		}
	default:
		return "", fmt.Errorf("constraint %s is of no kind", o.Name)
	}
	return call(name, args...), nil
}

// tableName is the literal that Op's methods read a table from. A name that holds
// a point stands behind another one in the default schema.
func tableName(t Table) (string, error) {
	switch {
	case strings.Contains(t.Schema, "."):
		return "", fmt.Errorf("schema %s: operations cannot name a schema that has a point in its name", t.Schema)
	case t.Schema == "" && strings.Contains(t.Name, "."):
		return quote("." + t.Name), nil
	}
	return quote(t.String()), nil
}

func call(name string, args ...string) string { return name + "(" + strings.Join(args, ", ") + ")" }

func quoted(name string, more []string) []string {
	return append([]string{quote(name)}, quotedAll(more)...)
}

func quotedAll(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = quote(v)
	}
	return out
}

func list(values []string) string {
	return "[]string{" + strings.Join(quotedAll(values), ", ") + "}"
}

// quote is the Go literal of a text, in the form that needs no escapes where one
// does.
func quote(s string) string {
	if strings.ContainsAny(s, `"\`) && strconv.CanBackquote(s) && !strings.Contains(s, "\t") {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

func names(cols []*schema.ColumnDef) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.Name
	}
	return out
}
