package migrate

import (
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// surroundings are what has to go before a change of a column, and is made again
// after it. views are the columns whose views have to, too, tables those whose parts
// do.
type surroundings struct {
	before, after []schema.DDL
	views         []*schema.ColumnDef
	tables        []*schema.TableDef
}

// keep is the change with what keeps all that its statements take away on the way.
func (s surroundings) keep(d dialect.Dialect, sql []string) (_ []string, err error) {
	if len(s.tables) > 0 {
		if sql, err = d.KeepNotes(s.tables, sql); err != nil {
			return nil, err
		}
	}
	if len(s.views) > 0 {
		return d.KeepViews(s.views, sql)
	}
	return sql, nil
}

// aroundColumn finds what a change of a column would take away or fail on: what
// needs a column that is made anew, and the columns computed of one whose type
// changes.
func (l *lowering) aroundColumn(o AlterColumn) (s surroundings, err error) {
	again, err := l.recomputes(o)
	if err != nil || !again && sameType(o.From, o.To) {
		return s, err
	}
	c := l.seen()
	if c == nil {
		return s, nil
	}
	t, err := table(c, o.Table)
	if err != nil {
		return s, err
	}
	if again {
		s.after = missing(t, without(t, o.To.Name))
		if o.To.Comment != "" && o.To.Comment == o.From.Comment {
			_, to := with(t, o.To)
			s.after = append(s.after, schema.CommentColumn{Column: to})
		}
		s.views, s.tables = l.viewed(t, o.To.Name), []*schema.TableDef{t}
		return s, nil
	}
	s = aroundType(t, []string{o.To.Name}, false)
	s.views = l.viewed(t, append(dropped(s), o.To.Name)...)
	return s, nil
}

// viewed are columns of a table that there are views over, as far as their texts say.
func (l *lowering) viewed(t *schema.TableDef, names ...string) (list []*schema.ColumnDef) {
	if len(l.views(nameOf(t))) == 0 {
		return nil
	}
	for _, name := range names {
		if c := t.Column(name); c != nil {
			list = append(list, c)
		}
	}
	return list
}

// dropped are the columns that go.
func dropped(s surroundings) (names []string) {
	for _, op := range s.before {
		if o, ok := op.(schema.DropColumn); ok {
			names = append(names, o.Column.Name)
		}
	}
	return names
}

// recomputes reports whether a column is made anew, since it is computed in another
// way.
func (l *lowering) recomputes(o AlterColumn) (bool, error) {
	if o.To.Computed == nil {
		return false, nil
	}
	if o.From.Computed == nil || o.From.Stored != o.To.Stored {
		return true, nil
	}
	was, err := dialect.Inline(l.d, o.From.Computed)
	if err != nil {
		return false, err
	}
	is, err := dialect.Inline(l.d, o.To.Computed)
	return was != is, err
}

func sameType(a, b *schema.ColumnDef) bool {
	return a.Collation == b.Collation && a.Type.Kind == b.Type.Kind && a.Type.Size == b.Type.Size && a.Type.Precision == b.Type.Precision &&
		a.Type.Scale == b.Type.Scale && a.Type.EnumName == b.Type.EnumName && a.Type.Custom == b.Type.Custom && a.Type.Elem == b.Type.Elem
}

// aroundType drops, before the type of columns changes, the columns computed of
// them, and for an enum that is made anew also what compares them with its values.
func aroundType(t *schema.TableDef, names []string, enum bool) (s surroundings) {
	uses := func(n expr.Node) bool {
		return n != nil && slices.ContainsFunc(names, func(name string) bool { return mentions(n, name) })
	}
	left := t
	if enum {
		left = t.Clone()
		for _, k := range t.Checks {
			if uses(k.Cond) && k.Name != "" {
				s.before = append(s.before, schema.DropConstraint{Table: t, Kind: schema.CheckConstraint, Name: k.Name})
				left.Checks = slices.DeleteFunc(left.Checks, func(x *schema.CheckDef) bool { return x.Name == k.Name })
			}
		}
		for _, x := range t.Indexes {
			if uses(x.Where) || slices.ContainsFunc(x.Parts, func(p schema.IndexPart) bool { return uses(p.Expr) }) {
				s.before = append(s.before, schema.DropIndex{Index: x})
				left.Indexes = slices.DeleteFunc(left.Indexes, func(y *schema.IndexDef) bool { return y.Name == x.Name })
			}
		}
	}
	for _, c := range t.Columns {
		if uses(c.Computed) {
			s.before = append(s.before, schema.DropColumn{Column: c})
			s.after = append(s.after, schema.AddColumn{Column: c})
			if c.Comment != "" {
				s.after = append(s.after, schema.CommentColumn{Column: c})
			}
			left = without(left, c.Name)
		}
	}
	s.after = append(s.after, missing(t, left)...)
	if len(s.before) > 0 {
		s.tables = []*schema.TableDef{t}
	}
	return s
}

// without is the table as the database leaves it when a column is dropped.
func without(t *schema.TableDef, column string) *schema.TableDef {
	left := t.Clone()
	_ = DropColumn{Table: nameOf(t), Name: column}.apply(&schema.Catalog{Tables: []*schema.TableDef{left}})
	return left
}

// missing makes again what a table had and has no longer.
func missing(t, left *schema.TableDef) (list []schema.DDL) {
	if len(t.PrimaryKey) > 0 && len(left.PrimaryKey) == 0 {
		list = append(list, schema.AddPrimaryKey{Table: t})
	}
	for _, u := range t.Uniques {
		if !slices.ContainsFunc(left.Uniques, func(x *schema.UniqueDef) bool { return x.Name == u.Name }) {
			list = append(list, schema.AddUnique{Table: t, Unique: u})
		}
	}
	for _, k := range t.Checks {
		if !slices.ContainsFunc(left.Checks, func(x *schema.CheckDef) bool { return x.Name == k.Name }) {
			list = append(list, schema.AddCheck{Table: t, Check: k})
		}
	}
	for _, x := range t.Indexes {
		if !slices.ContainsFunc(left.Indexes, func(y *schema.IndexDef) bool { return y.Name == x.Name }) {
			list = append(list, schema.CreateIndex{Index: x})
		}
	}
	for _, k := range t.ForeignKeys {
		if !slices.ContainsFunc(left.ForeignKeys, func(x *schema.ForeignKeyDef) bool { return x.Name == k.Name }) {
			list = append(list, schema.AddForeignKey{Key: k})
		}
	}
	return list
}
