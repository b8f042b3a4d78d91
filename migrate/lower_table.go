package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// creation is a table made by these operations, which no other than the makers of
// constraints have touched since.
type creation struct {
	def  *schema.TableDef
	step int
}

// lateKey is a foreign key that waits for the table that it points to.
type lateKey struct {
	to  Table
	key *schema.ForeignKeyDef
}

// creates reports whether operations make a table.
func creates(ops []Operation, t Table) bool {
	return slices.ContainsFunc(ops, func(o Operation) bool { c, ok := o.(CreateTable); return ok && nameOf(c.Table) == t })
}

// lateKeys are the foreign keys that wait after the operations done for a table that
// the rest make.
func lateKeys(d dialect.Dialect, done, rest []Operation) (list []lateKey) {
	for i, o := range done {
		c, ok := o.(CreateTable)
		if !ok || !d.Capabilities().AlterForeignKeys {
			continue
		}
		for _, k := range c.Table.ForeignKeys {
			if to := nameOf(k.RefTable); to != nameOf(c.Table) && !creates(done[i+1:], to) && creates(rest, to) {
				list = append(list, lateKey{to, k})
			}
		}
	}
	return list
}

// createTable makes a table. A foreign key to one that is made later waits for it,
// where the database looks at what keys point to.
func (l *lowering) createTable(o CreateTable, rest []Operation) error {
	name := nameOf(o.Table)
	list, err := o.ddl(l.cat)
	if err != nil {
		return err
	}
	if create, ok := list[0].(schema.CreateTable); ok && l.caps.AlterForeignKeys {
		create.ForeignKeys = nil
		for _, k := range o.Table.ForeignKeys {
			if to := nameOf(k.RefTable); to != name && creates(rest, to) {
				l.late = append(l.late, lateKey{to, k})
			} else {
				create.ForeignKeys = append(create.ForeignKeys, k)
			}
		}
		list[0] = create
	}
	for _, k := range l.late {
		if k.to == name {
			list = append(list, schema.AddForeignKey{Key: k.key})
		}
	}
	l.late = slices.DeleteFunc(l.late, func(k lateKey) bool { return k.to == name })
	sql, err := l.render(list)
	if err != nil {
		return err
	}
	l.made[name] = &creation{o.Table.Clone(), len(l.steps)}
	l.emit(step{sql: sql, about: about(o)})
	return nil
}

// amend puts a constraint into the CREATE TABLE of a table that these operations
// make, where it could only be added by a rebuild.
func (l *lowering) amend(t Table, o Operation) (bool, error) {
	made := l.made[t]
	if made == nil || l.caps.AlterTable {
		return false, nil
	}
	switch o.(type) {
	case AddForeignKey, AddUnique, AddCheck, AddPrimaryKey:
	default:
		return false, nil
	}
	if err := o.apply(&schema.Catalog{Tables: []*schema.TableDef{made.def}}); err != nil {
		return false, err
	}
	sql, err := l.render([]schema.DDL{schema.CreateTable{Table: made.def, ForeignKeys: made.def.ForeignKeys}})
	if err != nil {
		return false, err
	}
	l.steps[made.step].sql[0] = sql[0]
	l.steps[made.step].about += ", " + about(o)
	return true, nil
}

// rename gives a table or column another name. The CHECKs that guard enums are
// called after both, and are to be found under their names.
func (l *lowering) rename(o Operation) error {
	if err := l.flush(); err != nil {
		return err
	}
	t := tableOf(o)
	delete(l.made, t)
	list, err := o.ddl(l.cat)
	if err != nil {
		return err
	}
	sql, err := l.render(list)
	if err != nil {
		return err
	}
	was, is := l.guards(t, o)
	if len(was) > 0 && l.caps.AlterTable {
		for i := range was {
			s, err := l.render([]schema.DDL{schema.RenameConstraint{Table: is[i].Table, Name: dialect.EnumCheckName(was[i]), To: dialect.EnumCheckName(is[i])}})
			if err != nil {
				return err
			}
			sql = append(sql, s...)
		}
	}
	l.emit(step{sql: sql, about: about(o)})
	if len(was) > 0 && !l.caps.AlterTable {
		// The rebuild follows what has been renamed, which apply does next.
		def := is[0].Table
		l.pending = append(l.pending, &rebuild{table: nameOf(def), from: def, copied: map[string]expr.Node{}, about: []string{about(o)}})
	}
	return nil
}

// guards are the columns of a table whose CHECKs change their names, as they are
// before and after.
func (l *lowering) guards(t Table, o Operation) (was, is []*schema.ColumnDef) {
	c := l.seen()
	if c == nil {
		return nil, nil
	}
	def := c.Table(t.Schema, t.Name)
	if def == nil {
		return nil, nil
	}
	after := &schema.Catalog{Tables: []*schema.TableDef{def.Clone()}}
	if o.apply(after) != nil {
		return nil, nil
	}
	for i, col := range after.Tables[0].Columns {
		old := def.Columns[i]
		guarded := col.Type.Kind == schema.EnumKind && col.Type.Custom == "" && (col.Type.EnumName == "" || !l.caps.NativeEnums)
		if guarded && dialect.EnumCheckName(old) != dialect.EnumCheckName(col) {
			was, is = append(was, old), append(is, col)
		}
	}
	return was, is
}

// referred is an error where a table is to go that foreign keys of others point to,
// once the rest is done: databases that do not alter foreign keys drop it all the
// same, and the next row of such a table is refused for want of it.
func (l *lowering) referred(o Operation, rest []Operation) error {
	drop, ok := o.(DropTable)
	if !ok || l.caps.AlterForeignKeys {
		return nil
	}
	known := l.cat
	c := l.seen()
	if l.cat = known; c == nil { // what only this has asked for binds nobody else
		return nil
	}
	to := func(k *schema.ForeignKeyDef) bool {
		return k.RefTable.Schema == drop.Table.Schema && strings.EqualFold(k.RefTable.Name, drop.Table.Name)
	}
	after := clone(c)
	for _, x := range append([]Operation{o}, rest...) {
		if !opaque(x) {
			_ = x.apply(after) // an error is found when it is its turn
		}
	}
	for _, t := range after.Tables {
		if strings.EqualFold(t.Name, drop.Table.Name) && t.Schema == drop.Table.Schema {
			return nil // it is made anew
		}
	}
	for _, t := range after.Tables {
		if was := c.Table(t.Schema, t.Name); was == nil || !slices.ContainsFunc(was.ForeignKeys, to) {
			continue
		}
		if i := slices.IndexFunc(t.ForeignKeys, to); i >= 0 {
			which := "a foreign key"
			if name := t.ForeignKeys[i].Name; name != "" {
				which = "the foreign key " + name
			}
			return fmt.Errorf("%s of table %s points to it: drop that, or the table, in the same revision", which, nameOf(t))
		}
	}
	return nil
}
