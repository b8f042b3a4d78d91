package dialect

import (
	"fmt"
	"strings"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// RenderDDL returns the statements that make a change, in order: none where the
// database has nothing of the kind. Expressions stand in the text with their
// constants quoted, since DDL takes no parameters.
func RenderDDL(d Dialect, op schema.DDL) ([]string, error) {
	r := &ddl{d: d, caps: d.Capabilities()}
	list, err := r.render(op)
	if err != nil {
		return nil, fmt.Errorf("dialect: %w", err)
	}
	return list, nil
}

// ddl renders one operation.
type ddl struct {
	d    Dialect
	caps Capabilities
}

func (r *ddl) render(op schema.DDL) ([]string, error) {
	switch op := op.(type) {
	case schema.CreateSchema:
		return only(r.caps.Schemas, "CREATE SCHEMA "+r.name(op.Name)), CheckName(op.Name)
	case schema.CreateEnum:
		if !r.caps.NativeEnums {
			return nil, nil
		}
		values, err := r.literals(op.Values)
		if err != nil {
			return nil, fmt.Errorf("enum %s: %w", op.Name, err)
		}
		return []string{"CREATE TYPE " + r.name(op.Name) + " AS ENUM (" + values + ")"}, CheckName(op.Name)
	case schema.CreateTable:
		s, err := r.createTable(op, r.table(op.Table))
		return []string{s}, err
	case schema.CreateIndex:
		s, err := r.createIndex(op.Index, "")
		return []string{s}, err
	case schema.CommentTable:
		return r.comment("TABLE "+r.table(op.Table), op.Table.Comment)
	case schema.CommentColumn:
		return r.comment("COLUMN "+r.table(op.Column.Table)+"."+r.name(op.Column.Name), op.Column.Comment)
	case schema.AddForeignKey:
		if !r.caps.AlterForeignKeys {
			return nil, r.unsupported("ALTER TABLE ADD FOREIGN KEY")
		}
		s, err := r.foreignKey(op.Key)
		return []string{"ALTER TABLE " + r.table(op.Key.Table) + " ADD " + s}, err
	case schema.DropForeignKey:
		if !r.caps.AlterForeignKeys {
			return nil, r.unsupported("ALTER TABLE DROP CONSTRAINT")
		}
		return []string{"ALTER TABLE " + r.table(op.Key.Table) + " DROP CONSTRAINT " + r.name(op.Key.Name)}, CheckName(op.Key.Name)
	case schema.DeferForeignKeys:
		return only(r.caps.DeferForeignKeys != "", r.caps.DeferForeignKeys), nil
	case schema.DropTable:
		return []string{"DROP TABLE " + r.table(op.Table)}, CheckTable(op.Table)
	case schema.DropEnum:
		return only(r.caps.NativeEnums, "DROP TYPE "+r.name(op.Name)), CheckName(op.Name)
	}
	return r.renderChange(op)
}

func only(cond bool, s string) []string {
	if cond {
		return []string{s}
	}
	return nil
}

func (r *ddl) unsupported(what string) error {
	return &UnsupportedError{Construct: what, Dialect: r.d.Name()}
}

func (r *ddl) name(s string) string { return string(r.d.AppendQuoted(nil, s)) }

func (r *ddl) table(t *schema.TableDef) string {
	if t.Schema != "" {
		return r.name(t.Schema) + "." + r.name(t.Name)
	}
	return r.name(t.Name)
}

func (r *ddl) names(cols []*schema.ColumnDef) string {
	list := make([]string, len(cols))
	for i, c := range cols {
		list[i] = r.name(c.Name)
	}
	return strings.Join(list, ", ")
}

func (r *ddl) literal(v any) (string, error) {
	b, err := r.d.AppendLiteral(nil, v)
	return string(b), err
}

func (r *ddl) literals(values []string) (string, error) {
	list := make([]string, len(values))
	for i, v := range values {
		s, err := r.literal(v)
		if err != nil {
			return "", err
		}
		list[i] = s
	}
	return strings.Join(list, ", "), nil
}

func (r *ddl) comment(on, text string) ([]string, error) {
	s, err := r.literal(text)
	return only(r.caps.Comments, "COMMENT ON "+on+" IS "+s), err
}

// createTable makes op.Table under the name that is given as it is quoted.
func (r *ddl) createTable(op schema.CreateTable, name string) (string, error) {
	t := op.Table
	if err := CheckTable(t); err != nil {
		return "", err
	}
	var lines []string
	fail := func(err error) (string, error) {
		return "", fmt.Errorf("table %s: %w", t.QualifiedName(), err)
	}
	add := func(s string, err error) error {
		lines = append(lines, s)
		return err
	}
	for _, c := range t.Columns {
		if err := add(r.column(c)); err != nil {
			return fail(err)
		}
	}
	if len(t.PrimaryKey) > 0 && !(r.caps.InlineIdentity && LoneIdentity(t) != nil) {
		lines = append(lines, "PRIMARY KEY ("+r.names(t.PrimaryKey)+")")
	}
	for _, u := range t.Uniques {
		if err := add(r.constraint(u.Name), nil); err != nil {
			return fail(err)
		}
		lines[len(lines)-1] += "UNIQUE (" + r.names(u.Columns) + ")"
	}
	for _, c := range t.Columns {
		if s, err := r.enumCheck(c); err != nil {
			return fail(err)
		} else if s != "" {
			lines = append(lines, s)
		}
	}
	for _, k := range t.Checks {
		s, err := Inline(r.d, k.Cond)
		if err != nil {
			return fail(fmt.Errorf("check %s: %w", k.Name, err))
		}
		lines = append(lines, r.constraint(k.Name)+"CHECK ("+s+")")
	}
	for _, k := range op.ForeignKeys {
		if err := add(r.foreignKey(k)); err != nil {
			return fail(err)
		}
	}
	s := "CREATE TABLE " + name + " (\n\t" + strings.Join(lines, ",\n\t") + "\n)"
	if _, after := r.options(t); after != "" {
		s += " " + after
	}
	return s, nil
}

// options parts a table's options into what follows the identity column's clause
// and what follows the closing parenthesis.
func (r *ddl) options(t *schema.TableDef) (identity, after string) {
	if !r.caps.InlineIdentity || t.Options == "" {
		return "", t.Options
	}
	var rest []string
	for _, o := range strings.Split(t.Options, ",") {
		if o = strings.TrimSpace(o); strings.EqualFold(o, r.caps.IdentityOption) {
			identity = " " + r.caps.IdentityOption
		} else {
			rest = append(rest, o)
		}
	}
	return identity, strings.Join(rest, ", ")
}

// constraint is what comes before a constraint; one without a name gets the
// database's.
func (r *ddl) constraint(name string) string {
	if name == "" {
		return ""
	}
	return "CONSTRAINT " + r.name(name) + " "
}

// enumCheck guards an enum's column where the database has no enums; it is "" for
// other columns.
func (r *ddl) enumCheck(c *schema.ColumnDef) (string, error) {
	if c.Type.Kind != schema.EnumKind || len(c.Type.Values) == 0 || c.Type.Custom != "" || r.caps.NativeEnums && c.Type.EnumName != "" {
		return "", nil
	}
	values, err := r.literals(c.Type.Values)
	return r.constraint(EnumCheckName(c)) + "CHECK (" + r.name(c.Name) + " IN (" + values + "))", err
}

// EnumCheckName is the name of the CHECK that guards an enum's column where the
// database has no enum types.
func EnumCheckName(c *schema.ColumnDef) string { return "ck_" + c.Table.Name + "_" + c.Name }

func (r *ddl) column(c *schema.ColumnDef) (string, error) {
	typ, err := r.d.ColumnType(c)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(r.name(c.Name) + " " + typ)
	if c.Collation != "" {
		if err := CheckName(c.Collation); err != nil {
			return "", fmt.Errorf("column %s: collation: %w", c.Name, err)
		}
		b.WriteString(" COLLATE " + r.name(c.Collation))
	}
	if c.Identity {
		if c == LoneIdentity(c.Table) || !r.caps.InlineIdentity {
			b.WriteString(" " + r.caps.IdentityClause)
			if identity, _ := r.options(c.Table); r.caps.InlineIdentity {
				b.WriteString(identity)
			}
			return b.String(), nil
		}
		return "", fmt.Errorf("column %s: %w", c.Name, r.unsupported("an identity column that is not the whole primary key"))
	}
	if c.Computed != nil {
		s, err := Inline(r.d, c.Computed)
		if err != nil {
			return "", fmt.Errorf("column %s: computed: %w", c.Name, err)
		}
		b.WriteString(" GENERATED ALWAYS AS (" + s + ")")
		if !c.Stored && !r.caps.VirtualColumns {
			return "", fmt.Errorf("column %s: %w", c.Name, r.unsupported("a computed column that is not stored"))
		}
		b.WriteString(choose(c.Stored, " STORED", " VIRTUAL"))
	}
	if c.ServerDefault != nil {
		s, err := r.defaultValue(c)
		if err != nil {
			return "", fmt.Errorf("column %s: default: %w", c.Name, err)
		}
		b.WriteString(" DEFAULT " + s)
	}
	if !c.Nullable {
		b.WriteString(" NOT NULL")
	}
	return b.String(), nil
}

// defaultValue is a DEFAULT: a constant as it is, all else in parentheses, which
// SQLite wants.
func (r *ddl) defaultValue(c *schema.ColumnDef) (string, error) {
	s, err := r.value(c, c.ServerDefault)
	if _, ok := c.ServerDefault.(*expr.ParamNode); ok || err != nil {
		return s, err
	}
	return "(" + s + ")", nil
}

// value is an expression whose constants have the stored form of their column.
func (r *ddl) value(c *schema.ColumnDef, n expr.Node) (string, error) {
	if p, ok := n.(*expr.ParamNode); ok && p.Like == nil {
		n = &expr.ParamNode{Value: p.Value, Like: &expr.ColumnRef{Name: c.Name, Def: c}}
	}
	return Inline(r.d, n)
}

var actions = map[schema.Action]string{
	schema.Restrict: "RESTRICT", schema.Cascade: "CASCADE", schema.SetNull: "SET NULL", schema.SetDefault: "SET DEFAULT",
}

func (r *ddl) foreignKey(k *schema.ForeignKeyDef) (string, error) {
	if len(k.Columns) == 0 || len(k.Columns) != len(k.RefColumns) || k.RefTable == nil {
		return "", fmt.Errorf("foreign key %s: its columns and those that it points to do not pair up", k.Name)
	}
	s := r.constraint(k.Name) + "FOREIGN KEY (" + r.names(k.Columns) + ") REFERENCES " + r.refTable(k) + " (" + r.names(k.RefColumns) + ")"
	if a := actions[k.OnDelete]; a != "" {
		s += " ON DELETE " + a
	}
	if a := actions[k.OnUpdate]; a != "" {
		s += " ON UPDATE " + a
	}
	if k.Deferrable {
		s += " DEFERRABLE INITIALLY DEFERRED"
	}
	return s, CheckTable(k.RefTable)
}

// refTable is the table pointed to. Where schemas are attached databases, a
// foreign key stays inside its own and takes no schema.
func (r *ddl) refTable(k *schema.ForeignKeyDef) string {
	if !r.caps.Schemas {
		return r.name(k.RefTable.Name)
	}
	return r.table(k.RefTable)
}

// createIndex makes an index; how stands between INDEX and its name.
func (r *ddl) createIndex(x *schema.IndexDef, how string) (string, error) {
	fail := func(err error) (string, error) { return "", fmt.Errorf("index %s: %w", x.Name, err) }
	if err := CheckName(x.Name); err != nil {
		return fail(err)
	}
	if len(x.Parts) == 0 {
		return fail(fmt.Errorf("no columns"))
	}
	var b strings.Builder
	b.WriteString(choose(x.Unique, "CREATE UNIQUE INDEX ", "CREATE INDEX ") + how)
	if r.caps.Schemas || x.Table.Schema == "" {
		b.WriteString(r.name(x.Name) + " ON " + r.table(x.Table))
	} else {
		b.WriteString(r.name(x.Table.Schema) + "." + r.name(x.Name) + " ON " + r.name(x.Table.Name))
	}
	if x.Method != "" {
		if !r.caps.IndexMethods {
			return fail(r.unsupported("index method " + x.Method))
		}
		if err := checkFunction(x.Method); err != nil {
			return fail(err)
		}
		b.WriteString(" USING " + x.Method)
	}
	for i, p := range x.Parts {
		b.WriteString(choose(i == 0, " (", ", "))
		s, err := r.indexPart(p)
		if err != nil {
			return fail(err)
		}
		b.WriteString(s)
	}
	b.WriteString(")")
	if len(x.Include) > 0 && r.caps.IndexInclude {
		// Included columns only save a look into the table: a database without
		// them is slower and no different.
		b.WriteString(" INCLUDE (" + r.names(x.Include) + ")")
	}
	if x.Where != nil {
		s, err := Inline(r.d, x.Where)
		if err != nil {
			return fail(err)
		}
		b.WriteString(" WHERE " + s)
	}
	return b.String(), nil
}

func (r *ddl) indexPart(p schema.IndexPart) (string, error) {
	var s string
	if p.Column != nil {
		s = r.name(p.Column.Name)
	} else {
		e, err := Inline(r.d, p.Expr)
		if err != nil {
			return "", err
		}
		s = "(" + e + ")"
	}
	if p.Class != "" {
		if !r.caps.IndexMethods {
			return "", r.unsupported("operator class " + p.Class)
		}
		if err := checkFunction(p.Class); err != nil {
			return "", err
		}
		s += " " + p.Class
	}
	s += choose(p.Desc, " DESC", "")
	switch p.Nulls {
	case expr.NullsFirst, expr.NullsLast:
		if !r.caps.IndexNulls {
			return "", r.unsupported("NULLS FIRST or LAST in an index")
		}
		s += choose(p.Nulls == expr.NullsFirst, " NULLS FIRST", " NULLS LAST")
	}
	return s, nil
}
