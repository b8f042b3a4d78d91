package rel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/schema"
)

// resolve finds what the columns of a link made by Via point to and checks it. The
// Metadata calls it when it is sealed, again after it failed.
func (l *Link) resolve() error {
	columns, targets, key, err := l.pairs()
	if err != nil {
		return err
	}
	for i, c := range columns {
		t := targets[i]
		switch {
		case t.Table.Entity != l.Child.Target:
			return l.fault(fmt.Sprintf("column %s refers to table %s, whose entity is %s and not %s", c.Name, t.Table.Name, t.Table.Entity, l.Child.Target))
		case t.GoType != c.GoType:
			return l.fault(fmt.Sprintf("column %s is %s, but %s.%s is %s", c.Name, c.GoType, t.Table.Name, t.Name, t.GoType))
		case l.Parent != nil && l.Parent.Table != t.Table:
			return l.fault(fmt.Sprintf("it back-populates a relation of %s, but refers to %s", l.Parent.Table.Name, t.Table.Name))
		}
	}
	if err := l.checkPassive(columns, targets[0].Table, key); err != nil {
		return err
	}
	l.Targets = targets
	if l.derived {
		l.Columns = columns
	}
	return nil
}

// pairs are the columns and what they point to, by the foreign key where there is
// one.
func (l *Link) pairs() (columns, targets []*schema.ColumnDef, key *schema.ForeignKeyDef, err error) {
	if l.derived {
		if key, err = l.onlyKey(); err != nil {
			return nil, nil, nil, err
		}
		return key.Columns, key.RefColumns, key, nil
	}
	for _, fk := range l.Child.Table.ForeignKeys {
		if len(fk.RefColumns) == len(fk.Columns) && sameColumns(fk.Columns, l.Columns) && (key == nil || !l.leadsTo(key.RefTable) && l.leadsTo(fk.RefTable)) {
			key = fk
		}
	}
	if key != nil {
		for _, c := range l.Columns {
			targets = append(targets, key.RefColumns[slices.Index(key.Columns, c)])
		}
		return l.Columns, targets, key, nil
	}
	t := l.target()
	switch {
	case t == nil:
		return nil, nil, nil, l.fault(fmt.Sprintf("%s has no table, or several: define one in this Metadata", l.Child.Target))
	case len(t.PrimaryKey) != len(l.Columns):
		return nil, nil, nil, l.fault(fmt.Sprintf("rel.Via names %s, but the key of %s is %s: name as many columns in its order, or say by References or schema.ForeignKey what they point to",
			listed(l.Columns), t.Name, listed(t.PrimaryKey)))
	}
	return l.Columns, t.PrimaryKey, nil, nil
}

// target is the table that the relation leads to, nil where that is not known.
func (l *Link) target() *schema.TableDef {
	if l.Parent != nil {
		return l.Parent.Table
	}
	return l.Child.Table.Metadata.Entity(l.Child.Target)
}

func (l *Link) leadsTo(t *schema.TableDef) bool {
	if l.Parent != nil {
		return l.Parent.Table == t
	}
	return t.Entity == l.Child.Target
}

// onlyKey is the one foreign key that leads to the relation's target.
func (l *Link) onlyKey() (*schema.ForeignKeyDef, error) {
	var keys []*schema.ForeignKeyDef
	for _, fk := range l.Child.Table.ForeignKeys {
		same := func(k *schema.ForeignKeyDef) bool { return sameColumns(k.Columns, fk.Columns) }
		if len(fk.RefColumns) == len(fk.Columns) && l.leadsTo(fk.RefTable) && !slices.ContainsFunc(keys, same) {
			keys = append(keys, fk)
		}
	}
	switch len(keys) {
	case 1:
		return keys[0], nil
	case 0:
		return nil, l.fault(fmt.Sprintf("no foreign key leads from %s to %s: say by which column it is joined, %s", l.Child.Table.Name, l.Child.Target, l.suggest()))
	}
	var ways []string
	for _, fk := range keys {
		ways = append(ways, l.via(fk.Columns))
	}
	return nil, l.fault(fmt.Sprintf("%d foreign keys lead from %s to %s: say by which one it is joined, %s",
		len(keys), l.Child.Table.Name, keys[0].RefTable.Name, strings.Join(ways, " or ")))
}

// suggest lists the columns that could hold the target's key, as code.
func (l *Link) suggest() string {
	t := l.target()
	if t == nil {
		return "rel.Via(t." + l.Child.Name + ", …)"
	}
	if len(t.PrimaryKey) == 1 {
		var ways []string
		for _, c := range l.Child.Table.Columns {
			if c.GoType == t.PrimaryKey[0].GoType && !(c.PrimaryKey && len(l.Child.Table.PrimaryKey) == 1) {
				ways = append(ways, l.via([]*schema.ColumnDef{c}))
			}
		}
		if len(ways) > 0 {
			return strings.Join(ways, " or ")
		}
	}
	return "rel.Via(t." + l.Child.Name + ", …) with a column for each of " + listed(t.PrimaryKey)
}

func (l *Link) via(columns []*schema.ColumnDef) string {
	code := "rel.Via(t." + l.Child.Name
	for _, c := range columns {
		code += ", t." + handle(c)
	}
	return code + ")"
}

// handle is the name of the column's handle.
func handle(c *schema.ColumnDef) string { return c.Field[strings.LastIndex(c.Field, ".")+1:] }

// checkPassive finds a Passive link whose foreign key does nothing to children.
func (l *Link) checkPassive(columns []*schema.ColumnDef, target *schema.TableDef, key *schema.ForeignKeyDef) error {
	if l.Ownership != Passive {
		return nil
	}
	has := "there is none over " + listed(columns)
	if key != nil {
		switch key.OnDelete {
		case schema.Cascade, schema.SetNull, schema.SetDefault:
			return nil
		}
		has = "that over " + listed(columns) + " has ON DELETE " + key.OnDelete.String()
	}
	how := "schema.ForeignKey(…).And(…).OnDelete(schema.Cascade)"
	if len(columns) == 1 {
		how = fmt.Sprintf("schema.Column(t.%s).References(…).OnDelete(schema.Cascade)", handle(columns[0]))
	}
	return l.fault(fmt.Sprintf("Passive leaves its rows to the foreign key to %s, but %s: write %s, with schema.SetNull or schema.SetDefault as you mean it, or say Own or Keep", target.Name, has, how))
}

// listed is the names of columns in parentheses.
func listed(columns []*schema.ColumnDef) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return "(" + strings.Join(names, ", ") + ")"
}

// sameColumns compares sets; neither has repetitions.
func sameColumns(a, b []*schema.ColumnDef) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(c *schema.ColumnDef) bool { return !slices.Contains(b, c) })
}
