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
		s.tables = append(s.tables, a.tables...)
	}
	s.aroundKeys(c, columns)
	// The columns computed of the enum are dropped, so they need not be converted.
	s.before = append(s.before, schema.AlterEnum{Name: o.Name, From: o.From, To: o.To, Columns: columns})
	sql, err := l.render(append(s.before, s.after...))
	if err == nil {
		sql, err = s.keep(l.d, sql)
	}
	l.emit(step{sql: sql, about: about(o), loses: o.Loses()})
	return err
}

// aroundKeys drops the foreign keys of columns that change their type one after the
// other, between which there would be two types on the way.
func (s *surroundings) aroundKeys(c *schema.Catalog, columns []*schema.ColumnDef) {
	changes := func(t *schema.TableDef, list []*schema.ColumnDef) bool {
		return slices.ContainsFunc(list, func(x *schema.ColumnDef) bool {
			return slices.ContainsFunc(columns, func(y *schema.ColumnDef) bool { return nameOf(y.Table) == nameOf(t) && y.Name == x.Name })
		})
	}
	var drop []schema.DDL
	for _, t := range c.Tables {
		touched := false
		for _, k := range t.ForeignKeys {
			if k.Name == "" || !changes(t, k.Columns) && !changes(k.RefTable, k.RefColumns) {
				continue
			}
			drop = append(drop, schema.DropConstraint{Table: t, Kind: schema.ForeignKeyConstraint, Name: k.Name})
			touched = true
			if !slices.ContainsFunc(s.after, func(op schema.DDL) bool { a, ok := op.(schema.AddForeignKey); return ok && a.Key == k }) {
				s.after = append(s.after, schema.AddForeignKey{Key: k})
			}
		}
		if touched && !slices.Contains(s.tables, t) {
			s.tables = append(s.tables, t)
		}
	}
	s.before = append(drop, s.before...)
}
