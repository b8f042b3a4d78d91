package migrate

import (
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

// enumColumns are the columns of an enum. A database without enum types knows its
// columns by their values alone: they are those that the operation names, or that
// have these values.
func enumColumns(c *schema.Catalog, o AlterEnum) (list []*schema.ColumnDef) {
	native := c.Enum(o.Name) != nil
	for _, t := range c.Tables {
		for _, col := range t.Columns {
			unnamed := col.Type.Kind == schema.EnumKind && col.Type.EnumName == "" && col.Type.Custom == ""
			meant := !native && slices.Equal(col.Type.Values, o.From)
			if len(o.Columns) > 0 {
				meant = slices.Contains(o.Columns, nameOf(t).String()+"."+col.Name)
			}
			if enumOf(&col.Type) == o.Name || unnamed && meant {
				list = append(list, col)
			}
		}
	}
	return list
}

// alterEnum changes an enum. A value that is added cannot be used before the
// COMMIT, so it is added outside the transaction. Otherwise the type is made anew,
// with what compares its values; where there is no type, the tables are.
func (l *lowering) alterEnum(o AlterEnum) error {
	if l.caps.NativeEnums && dialect.AddsValues(o.From, o.To) {
		list, err := o.ddl(nil)
		if err != nil {
			return err
		}
		sql, err := l.render(list)
		l.emit(step{sql: sql, outside: true, about: about(o)})
		return err
	}
	c, err := l.catalog()
	if err != nil {
		return err
	}
	columns := enumColumns(c, o)
	byTable := map[*schema.TableDef][]string{}
	var tables []*schema.TableDef
	for _, col := range columns {
		if byTable[col.Table] == nil {
			tables = append(tables, col.Table)
		}
		byTable[col.Table] = append(byTable[col.Table], col.Name)
	}
	if !l.caps.NativeEnums {
		for _, t := range tables {
			p := l.rebuilding(nameOf(t))
			if p == nil {
				if p, err = l.begin(nameOf(t)); err != nil {
					return err
				}
			}
			p.about = append(p.about, about(o))
		}
		return nil
	}
	var s surroundings
	for _, t := range tables {
		a := aroundType(t, byTable[t], true)
		s.views = append(s.views, l.viewed(t, append(dropped(a), byTable[t]...)...)...)
		s.before, s.after = append(s.before, a.before...), append(s.after, a.after...)
	}
	// The columns computed of the enum are dropped, so they need not be converted.
	s.before = append(s.before, schema.AlterEnum{Name: o.Name, From: o.From, To: o.To, Columns: columns})
	sql, err := l.render(append(s.before, s.after...))
	if err == nil && len(s.views) > 0 {
		sql, err = l.d.KeepViews(s.views, sql)
	}
	l.emit(step{sql: sql, about: about(o), loses: o.Loses()})
	return err
}
