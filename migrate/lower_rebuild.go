package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// rebuild is a table that is made anew after the operations that it takes up.
type rebuild struct {
	table Table
	from  *schema.TableDef // as it is in the database
	// copied are the values of columns that do not keep those that they have: nil
	// for one that is left to its default.
	copied map[string]expr.Node
	about  []string
	loses  []string
}

// rebuildable reports whether an operation can become part of a rebuild.
func rebuildable(o Operation) bool {
	switch o.(type) {
	case AddColumn, DropColumn, AlterColumn, AddPrimaryKey, AddUnique, AddCheck, AddForeignKey, DropConstraint, RenameConstraint:
		return true
	}
	return false
}

// rebuilding is the rebuild of a table that still takes operations up.
func (l *lowering) rebuilding(t Table) *rebuild {
	for _, p := range l.pending {
		if p.table == t {
			return p
		}
	}
	return nil
}

// begin begins the rebuild of a table.
func (l *lowering) begin(t Table) (*rebuild, error) {
	c, err := l.catalog()
	if err != nil {
		return nil, err
	}
	def, err := table(c, t)
	if err != nil {
		return nil, err
	}
	delete(l.made, t)
	p := &rebuild{table: t, from: def.Clone(), copied: map[string]expr.Node{}}
	l.pending = append(l.pending, p)
	return p, nil
}

// join takes an operation up into a rebuild, or ends that and begins again.
func (l *lowering) join(p *rebuild, o Operation) error {
	again := false
	switch o := o.(type) {
	case AlterColumn:
		_, again = p.copied[o.To.Name]
	case AddPrimaryKey:
		again = slices.ContainsFunc(o.Columns, func(n string) bool {
			_, said := p.copied[n]
			return said && !l.numbers(p, n)
		})
	case DropTable:
		l.pending = slices.DeleteFunc(l.pending, func(x *rebuild) bool { return x == p })
		return l.lower(o, nil)
	}
	if again {
		if err := l.flush(); err != nil {
			return err
		}
		return l.lower(o, nil)
	}
	if err := l.values(p, o); err != nil {
		return err
	}
	p.about = append(p.about, about(o))
	if s := o.Loses(); s != "" {
		p.loses = append(p.loses, s)
	}
	return nil
}

// numbers reports whether a column that a rebuild adds is an identity: rows that are
// there take its values, which only the key makes.
func (l *lowering) numbers(p *rebuild, column string) bool {
	t := l.cat.Table(p.table.Schema, p.table.Name)
	if t == nil || p.from.Column(column) != nil {
		return false
	}
	c := t.Column(column)
	return c != nil && c.Identity
}

// values notes what columns take in place of what they have.
func (l *lowering) values(p *rebuild, o Operation) error {
	switch o := o.(type) {
	case AddColumn:
		c := o.Column
		switch {
		case o.Backfill != nil:
			p.copied[c.Name] = like(c, o.Backfill)
		case c.Nullable || c.ServerDefault != nil || c.Identity || c.Computed != nil:
			p.copied[c.Name] = nil
		default:
			no, err := l.d.Refusal(noValue(o.Table, c.Name))
			if err != nil {
				return err
			}
			p.copied[c.Name] = schema.SQL(no)
		}
	case DropColumn:
		p.copied[o.Name] = nil
	case AlterColumn:
		n, err := l.converted(p, o)
		if err != nil {
			return err
		}
		p.copied[o.To.Name] = n
	case AddPrimaryKey:
		for _, name := range o.Columns {
			if c := p.from.Column(name); c != nil && c.Nullable {
				n, err := l.never(l.quoted(name), keyNull(o.Table, strings.Join(o.Columns, ", ")))
				if err != nil {
					return err
				}
				p.copied[name] = n
			}
		}
	}
	return nil
}

// like is a constant in the stored form of its column.
func like(c *schema.ColumnDef, n expr.Node) expr.Node {
	if k, ok := n.(*expr.ParamNode); ok && k.Like == nil {
		return &expr.ParamNode{Value: k.Value, Like: &expr.ColumnRef{Name: c.Name, Def: c}}
	}
	return n
}

// never is a value that fails where it is NULL.
func (l *lowering) never(value, message string) (expr.Node, error) {
	no, err := l.d.Refusal(message)
	return schema.SQL("coalesce(" + value + ", " + no + ")"), err
}

// converted is a column's value as its new definition has it.
func (l *lowering) converted(p *rebuild, o AlterColumn) (expr.Node, error) {
	if o.To.Computed != nil {
		return nil, nil
	}
	_, from := with(p.from, o.From)
	_, to := with(p.from, o.To)
	value := l.quoted(o.To.Name)
	if o.Using != nil {
		s, err := dialect.Inline(l.d, o.Using)
		if err != nil {
			return nil, err
		}
		value = "(" + s + ")"
	} else {
		s, err := l.d.Conversion(from, to)
		if err != nil {
			return nil, err
		}
		if s != "" {
			value = s
		}
	}
	was := p.from.Column(o.From.Name)
	switch {
	case o.Backfill != nil:
		s, err := dialect.Inline(l.d, like(to, o.Backfill))
		if err != nil {
			return nil, err
		}
		return schema.SQL("coalesce(" + value + ", " + s + ")"), nil
	case !to.Nullable && (from.Nullable || was != nil && was.Nullable || o.Using != nil):
		return l.never(value, holdsNull(o.Table, o.To.Name))
	}
	return schema.SQL(value), nil
}

// flush ends the rebuilds that have begun.
func (l *lowering) flush() error {
	list := l.pending
	l.pending = nil
	for _, p := range list {
		def, err := table(l.cat, p.table)
		if err != nil {
			return err
		}
		to := def.Clone()
		op := schema.RebuildTable{From: p.from, To: to, Triggers: l.triggers(p.table), Views: l.views(p.table)}
		if p.table.Schema != "" && len(op.Triggers) > 0 {
			// Its text does not say in which database it is.
			return fmt.Errorf("migrate: table %s is made anew, and its trigger %s cannot be: drop and create the trigger by Exec", p.table, op.Triggers[0].Name)
		}
		for _, c := range to.Columns {
			if c.Identity && l.caps.InlineIdentity && dialect.LoneIdentity(to) != c {
				c.Identity = false // there is none but of the whole key
			}
			n, said := p.copied[c.Name]
			if !said && c.Computed == nil && p.from.Column(c.Name) != nil {
				n = schema.SQL(l.quoted(c.Name))
			}
			op.Copy = append(op.Copy, n)
		}
		sql, err := l.render([]schema.DDL{op})
		if err != nil {
			return err
		}
		l.emit(step{sql: sql, about: strings.Join(p.about, ", "), loses: strings.Join(p.loses, ", ")})
	}
	return nil
}

// triggers are those of the table, which go with it.
func (l *lowering) triggers(t Table) (list []*schema.TriggerDef) {
	for _, x := range l.cat.Triggers {
		if x.Schema == t.Schema && strings.EqualFold(x.Table, t.Name) {
			list = append(list, x)
		}
	}
	return list
}

// views are those that read the table, also by way of each other.
func (l *lowering) views(t Table) (list []*schema.ViewDef) {
	names := []string{t.Name}
	for i := 0; i < len(names); i++ {
		for _, v := range l.cat.Views {
			if !slices.Contains(list, v) && mentions(&expr.TextNode{SQL: v.SQL}, names[i]) {
				list, names = append(list, v), append(names, v.Name)
			}
		}
	}
	return list
}
