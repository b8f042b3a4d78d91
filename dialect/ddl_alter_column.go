package dialect

import (
	"strings"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// addColumn adds a column with what guards it.
func (r *ddl) addColumn(c *schema.ColumnDef) ([]string, error) {
	t := c.Table
	fail := func(err error) ([]string, error) {
		return nil, within("table "+t.QualifiedName(), err)
	}
	if err := CheckTable(t); err != nil {
		return fail(err)
	}
	if err := CheckName(c.Name); err != nil {
		return fail(err)
	}
	if !r.caps.AlterTable {
		if why := r.addsLittle(c); why != "" {
			return fail(within("column "+c.Name, r.unsupported("ALTER TABLE ADD COLUMN of "+why)))
		}
	}
	s, err := r.column(c)
	if err != nil {
		return fail(err)
	}
	check, err := r.enumCheck(c)
	if err != nil {
		return fail(err)
	}
	if check != "" {
		s += " " + check
	}
	return []string{"ALTER TABLE " + r.table(t) + " ADD COLUMN " + s}, nil
}

// addsLittle says why a column cannot be added where ALTER TABLE adds but columns
// whose value is the same constant in all rows, "" if it can.
func (r *ddl) addsLittle(c *schema.ColumnDef) string {
	_, constant := c.ServerDefault.(*expr.ParamNode)
	switch {
	case c.Identity, c.PrimaryKey:
		return "a key"
	case c.Computed != nil && c.Stored:
		return "a stored computed column"
	case c.Computed != nil:
		return ""
	case c.ServerDefault != nil && !constant:
		return "a default that is no constant"
	case c.ServerDefault == nil && !c.Nullable:
		return "a column that takes no NULL and has no default"
	case c.ServerDefault == nil:
		return ""
	}
	switch s, err := r.defaultValue(c); {
	case err != nil:
		return "" // the column itself will say so
	case strings.HasPrefix(s, "("):
		return "a default that is no constant"
	case s == "NULL" && !c.Nullable:
		return "a column that takes no NULL with a default of NULL"
	}
	return ""
}

// columnText is what DDL says of a column, in parts that compare.
type columnText struct {
	typ, collation, def, computed, check string
}

func (r *ddl) columnText(c *schema.ColumnDef) (s columnText, err error) {
	if s.typ, err = r.d.ColumnType(c); err != nil {
		return s, err
	}
	if s.collation = c.Collation; s.collation != "" {
		if err = CheckName(s.collation); err != nil {
			return s, within("collation", err)
		}
	}
	if c.Computed != nil {
		if s.computed, err = Inline(r.d, c.Computed); err != nil {
			return s, within("computed", err)
		}
		s.computed += choose(c.Stored, " STORED", " VIRTUAL")
	}
	if c.ServerDefault != nil {
		if s.def, err = r.defaultValue(c); err != nil {
			return s, within("default", err)
		}
	}
	s.check, err = r.enumCheck(c)
	return s, err
}

// alterColumn makes the changes in the order in which each finds what it needs:
// the default goes before the type changes and comes back after it, rows are
// filled before NULL is refused, a column is NOT NULL before it is an identity.
func (r *ddl) alterColumn(op schema.AlterColumn) ([]string, error) {
	from, to := op.From, op.To
	if err := CheckName(to.Name); err != nil {
		return nil, err
	}
	was, is, err := r.bothTexts(from, to)
	if err != nil {
		return nil, err
	}
	same := was == is && from.Nullable == to.Nullable && from.Identity == to.Identity
	if same && op.Using == nil && !r.caps.AlterTable && keptOtherwise(&from.Type, &to.Type) && to.Computed == nil {
		// Types of one spelling need not keep their values in one form.
		using, err := r.d.Conversion(from, to)
		if err != nil {
			return nil, err
		}
		same = using == ""
	}
	switch {
	case same && op.Using == nil && op.Backfill == nil:
		return nil, nil
	case !r.caps.AlterTable:
		return nil, r.unsupported("ALTER TABLE ALTER COLUMN")
	case is.computed != "" && is.computed != was.computed:
		return r.recompute(to)
	}
	table, col := r.table(to.Table), r.name(to.Name)
	alter := "ALTER TABLE " + table + " "
	typed := was.typ != is.typ || was.collation != is.collation || op.Using != nil
	var list, actions []string
	act := func(cond bool, s string) {
		if cond {
			actions = append(actions, s)
		}
	}
	guarded := was.check != "" && (was.check != is.check || typed)
	act(guarded, "DROP CONSTRAINT "+r.name(EnumCheckName(from)))
	act(was.computed != "" && is.computed == "", "ALTER COLUMN "+col+" DROP EXPRESSION")
	act(from.Identity && !to.Identity, "ALTER COLUMN "+col+" DROP IDENTITY IF EXISTS")
	act(was.def != "" && (typed || was.def != is.def), "ALTER COLUMN "+col+" DROP DEFAULT")
	if typed {
		s, err := r.retype(op, is)
		if err != nil {
			return nil, err
		}
		act(true, s)
	}
	act(is.def != "" && (typed || was.def != is.def), "ALTER COLUMN "+col+" SET DEFAULT "+is.def)
	if len(actions) > 0 {
		list = append(list, alter+strings.Join(actions, ", "))
	}
	if op.Backfill != nil {
		s, err := r.value(to, op.Backfill)
		if err != nil {
			return nil, within("backfill", err)
		}
		list = append(list, "UPDATE "+table+" SET "+col+" = "+s+" WHERE "+col+" IS NULL")
		list = append(list, r.caps.FireDeferred...)
	}
	actions = nil
	act(from.Nullable && !to.Nullable, "ALTER COLUMN "+col+" SET NOT NULL")
	act(!from.Nullable && to.Nullable && !to.PrimaryKey, "ALTER COLUMN "+col+" DROP NOT NULL")
	act(is.check != "" && (guarded || was.check != is.check), "ADD "+is.check)
	if len(actions) > 0 {
		list = append(list, alter+strings.Join(actions, ", "))
	}
	if !from.Identity && to.Identity {
		list = append(list, alter+"ALTER COLUMN "+col+" ADD "+r.caps.IdentityClause)
	}
	if to.Identity && (!from.Identity || op.Using != nil) {
		restart, err := r.d.RestartIdentity(table, to.Name)
		if err != nil {
			return nil, err
		}
		list = append(list, restart)
	}
	return list, nil
}

// keptOtherwise reports whether the values of types may have different forms.
func keptOtherwise(a, b *schema.Type) bool {
	return a.Kind != b.Kind || a.Precision != b.Precision || a.Scale != b.Scale
}

func (r *ddl) bothTexts(from, to *schema.ColumnDef) (was, is columnText, err error) {
	if was, err = r.columnText(from); err == nil {
		is, err = r.columnText(to)
	}
	return was, is, err
}

// retype is the part of ALTER TABLE that changes a column's type.
func (r *ddl) retype(op schema.AlterColumn, is columnText) (string, error) {
	s := "ALTER COLUMN " + r.name(op.To.Name) + " TYPE " + is.typ
	if is.collation != "" {
		s += " COLLATE " + r.name(is.collation)
	}
	if is.computed != "" {
		return s, nil // its values are computed again
	}
	using, err := "", error(nil)
	if op.Using != nil {
		using, err = Inline(r.d, op.Using)
	} else {
		using, err = r.d.Conversion(op.From, op.To)
	}
	if using != "" {
		s += " USING " + using
	}
	return s, err
}

// recompute makes a column anew whose values are computed in another way: not all
// versions of databases can change the expression. What needs the column in the
// table goes with it.
func (r *ddl) recompute(to *schema.ColumnDef) ([]string, error) {
	add, err := r.addColumn(to)
	if err != nil {
		return nil, err
	}
	return append([]string{"ALTER TABLE " + r.table(to.Table) + " DROP COLUMN " + r.name(to.Name)}, add...), nil
}

// rebuildTable renders the parts of a table that is made anew.
func (r *ddl) rebuildTable(op schema.RebuildTable) ([]string, error) {
	if r.caps.AlterTable {
		return nil, r.unsupported("rebuilding a table, which ALTER TABLE changes in place")
	}
	temp := &schema.TableDef{Schema: op.To.Schema, Name: "dormer_new_" + op.To.Name}
	b := Rebuild{Op: op, Temp: temp.Name, TempTable: r.table(temp), Table: r.table(op.From)}
	var err error
	if b.Create, err = r.createTable(schema.CreateTable{Table: op.To, ForeignKeys: op.To.ForeignKeys}, b.TempTable); err != nil {
		return nil, err
	}
	for i, c := range op.To.Columns {
		if i >= len(op.Copy) || op.Copy[i] == nil {
			continue
		}
		s, err := r.value(c, op.Copy[i])
		if err != nil {
			return nil, within("column "+c.Name, err)
		}
		b.Columns, b.Values = append(b.Columns, r.name(c.Name)), append(b.Values, s)
	}
	for _, x := range op.To.Indexes {
		s, err := r.createIndex(x, "")
		if err != nil {
			return nil, err
		}
		b.Indexes = append(b.Indexes, s)
	}
	return r.d.Rebuild(b), nil
}
