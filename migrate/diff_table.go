package migrate

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// compared is a table that the database has and the model wants. tried is the
// table wanted as the database reads it, former the same with the types that its
// columns still have, since the database writes them into expressions; nil where
// it was not asked. An expression that it reads in two ways is made again when the
// types have changed: the database would keep the casts of the old ones.
type compared struct {
	*differ
	have, want, tried, former *schema.TableDef
	found                     []finding
	// kept are the foreign keys that stay, perhaps under another name.
	kept []keptKey
	// retyped are the columns whose type changes: true where the values become
	// something that does not compare with what they were. freed are the
	// columns that are no key any more.
	retyped map[string]bool
	freed   [][]string
	// recast: types change that the database tells apart in expressions. Casts
	// between types of text it leaves out and adds by itself.
	recast bool
	// remade are the computed columns that the database makes anew, for it cannot
	// change how they are computed, with all that needs them.
	remade []string
}

type finding struct {
	phase int
	op    Operation
}

type keptKey struct{ have, want *schema.ForeignKeyDef }

// same compares at a first look: what it finds alike is alike.
func (c *compared) same() bool {
	c.look()
	return len(c.found) == 0 && !slices.ContainsFunc(c.kept, func(k keptKey) bool { return k.have.Name != k.want.Name && k.have.Name != "" })
}

// table notes the changes that the table needs.
func (c *compared) table() {
	c.look()
	for _, f := range c.found {
		c.add(f.phase, f.op)
	}
}

func (c *compared) note(phase int, o Operation) { c.found = append(c.found, finding{phase, o}) }

func (c *compared) name() Table { return nameOf(c.have) }

func (c *compared) look() {
	c.found, c.kept, c.freed, c.remade, c.retyped, c.recast = nil, nil, nil, nil, map[string]bool{}, false
	c.columns()
	c.key()
	c.uniques()
	c.checks()
	c.indexes()
	c.foreignKeys()
	if c.caps.Comments && c.have.Comment != c.want.Comment {
		c.note(phaseComment, CommentTable{c.name(), c.have.Comment, c.want.Comment})
	}
}

// columns compares columns. Generated ones come after those that they may be made
// of, and go before them.
func (c *compared) columns() {
	list := slices.Clone(c.want.Columns)
	slices.SortStableFunc(list, func(a, b *schema.ColumnDef) int { return cmp.Compare(rank(a), rank(b)) })
	for _, w := range list {
		h := c.have.Column(w.Name)
		switch {
		case h != nil:
			c.column(h, w)
		case w.Computed != nil:
			c.note(phaseAddComputed, AddColumn{Table: c.name(), Column: w})
		default:
			c.note(phaseAddColumn, backfilled(AddColumn{Table: c.name(), Column: w}))
		}
	}
	for _, h := range c.have.Columns {
		switch o := (DropColumn{c.name(), h.Name, h}); {
		case c.want.Column(h.Name) != nil:
		case h.Computed != nil:
			c.note(phaseDropComputed, o)
		default:
			c.note(phaseDropColumn, o)
		}
	}
}

// rank puts computed columns after the others, of which the types are known then.
func rank(c *schema.ColumnDef) int {
	if c.Computed != nil {
		return 1
	}
	return 0
}

// plainly reports whether a column is of a type of that kind, not one spelled by
// hand.
func plainly(c *schema.ColumnDef, k schema.Kind) bool { return c.Type.Kind == k && c.Type.Custom == "" }

// ofRetyped reports whether an expression names a column whose type changes.
func (c *compared) ofRetyped(list ...expr.Node) bool {
	for name := range c.retyped {
		if slices.ContainsFunc(list, func(n expr.Node) bool { return mentions(n, name) }) {
			return true
		}
	}
	return false
}

// column compares a column. What is alike is described as the model has it, so
// that the change is of the rest alone.
func (c *compared) column(h, w *schema.ColumnDef) {
	var t, f *schema.ColumnDef
	if c.tried != nil {
		t = c.tried.Column(w.Name)
	}
	if c.former != nil {
		f = c.former.Column(w.Name)
	}
	from, changed := *w, false
	differs := func(same func(w *schema.ColumnDef) bool) bool {
		if same(w) || t != nil && same(t) {
			return false
		}
		changed = true
		return true
	}
	text := func(same func(w *schema.ColumnDef) bool) bool {
		return (f == nil || !same(f)) && differs(same)
	}
	if c.anotherEnum(h, w) {
		from.Type, changed = h.Type, true
	}
	if !c.keptAlike(h, w) || differs(func(w *schema.ColumnDef) bool { return c.sameType(h, w) }) {
		changed = true
		from.Type = h.Type
		c.retyped[w.Name] = c.family(h) != c.family(w)
		c.recast = c.recast || !plainly(h, schema.TextKind) || !plainly(w, schema.TextKind)
	}
	if differs(func(w *schema.ColumnDef) bool { return h.Nullable == w.Nullable }) {
		from.Nullable = h.Nullable
	}
	if differs(func(w *schema.ColumnDef) bool { return h.Identity == w.Identity }) {
		from.Identity = h.Identity
	}
	if differs(func(w *schema.ColumnDef) bool { return h.Collation == w.Collation }) {
		from.Collation = h.Collation
	}
	if c.caps.Comments && h.Comment != w.Comment {
		from.Comment, changed = h.Comment, true
	}
	if text(func(w *schema.ColumnDef) bool { return c.sameText(constantOf(h), constantOf(w)) }) {
		from.ServerDefault = c.defaultAs(h, &from)
	}
	if text(func(w *schema.ColumnDef) bool {
		return c.sameText(h.Computed, w.Computed) && (h.Computed == nil || h.Stored == w.Stored)
	}) {
		from.Computed, from.Stored = h.Computed, h.Stored
		if c.caps.AlterTable && w.Computed != nil {
			c.remade = append(c.remade, w.Name)
		}
	}
	switch again := c.recast && t != nil && f != nil && !c.sameText(t.Computed, f.Computed); {
	case c.caps.AlterTable && h.Computed != nil && w.Computed != nil && (again || changed && c.ofRetyped(h.Computed, w.Computed)):
		c.remade = append(c.remade, w.Name)
		c.note(phaseDropComputed, DropColumn{c.name(), h.Name, h})
		c.note(phaseAddComputed, AddColumn{Table: c.name(), Column: w})
	case changed:
		c.note(phaseAlterColumn, AlterColumn{Table: c.name(), From: &from, To: w})
	}
}

// sameType compares types as the database spells them.
func (c *compared) sameType(h, w *schema.ColumnDef) bool {
	if float := func(t *schema.Type) bool { // REAL has eight bytes on SQLite
		return t.Custom == "" && (t.Kind == schema.Float32Kind || t.Kind == schema.Float64Kind)
	}; c.dialect.Name() == "sqlite" && float(&h.Type) && float(&w.Type) {
		return true
	}
	a, err := c.dialect.ColumnType(h)
	if err != nil {
		return false
	}
	b, err := c.dialect.ColumnType(w)
	return err == nil && canonical(a) == canonical(b) && (c.sameEnum(h, w) || slices.Equal(c.guarded(h), c.guarded(w)))
}

// guarded are the values of an enum that a CHECK guards.
func (c *compared) guarded(col *schema.ColumnDef) []string {
	t := &col.Type
	if t.Kind != schema.EnumKind || t.Custom != "" || c.caps.NativeEnums && t.EnumName != "" {
		return nil
	}
	return t.Values
}

// family is what types that compare with each other have in common.
func (c *compared) family(col *schema.ColumnDef) string {
	switch t := &col.Type; {
	case t.Custom != "":
	case t.Kind == schema.Int16Kind, t.Kind == schema.Int32Kind, t.Kind == schema.Int64Kind:
		return schema.Int64Kind.String()
	case t.Kind == schema.TextKind, t.Kind == schema.DecimalKind:
		return t.Kind.String()
	}
	s, _ := c.dialect.ColumnType(col)
	return canonical(s)
}

var plainText = regexp.MustCompile(`^'((?:[^']|'')*)'(?:::[\w". ]+)?$`)

// plainDefaults makes constants of the defaults that are plain texts, which
// databases write with a type of their own: a revision is for all of them.
func plainDefaults(t *schema.TableDef) {
	for _, c := range t.Columns {
		n, ok := c.ServerDefault.(*expr.TextNode)
		if !ok || c.Type.Custom != "" || c.Type.Kind != schema.EnumKind && c.Type.Kind != schema.TextKind {
			continue
		}
		if m := plainText.FindStringSubmatch(n.SQL); m != nil {
			c.ServerDefault = &expr.ParamNode{Value: strings.ReplaceAll(m[1], "''", "'")}
		}
	}
}

// constantOf is a column's default with what a constant needs to be written as one
// of the column.
func constantOf(c *schema.ColumnDef) expr.Node {
	if p, ok := c.ServerDefault.(*expr.ParamNode); ok && p.Like == nil {
		return &expr.ParamNode{Value: p.Value, Like: &expr.ColumnRef{Name: c.Name, Def: c}}
	}
	return c.ServerDefault
}

// defaultAs is the default that the database has, for a description of the column
// whose type may be another one of the same spelling: a text of SQLite may be a
// decimal, which would write the constant in a form of its own.
func (d *differ) defaultAs(h, from *schema.ColumnDef) expr.Node {
	if _, ok := h.ServerDefault.(*expr.ParamNode); !ok {
		return h.ServerDefault
	}
	probe := *from
	probe.ServerDefault = h.ServerDefault
	was, err := dialect.Inline(d.dialect, constantOf(h))
	if err != nil {
		return h.ServerDefault
	}
	if is, err := dialect.Inline(d.dialect, constantOf(&probe)); err == nil && is == was {
		return h.ServerDefault
	}
	return schema.SQL(was)
}

// sameText compares expressions as text of the dialect.
func (c *compared) sameText(a, b expr.Node) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	s, err := dialect.Inline(c.dialect, a)
	if err != nil {
		return false
	}
	t, err := dialect.Inline(c.dialect, b)
	if err != nil || s == t {
		return err == nil
	}
	p, q := bare(s), bare(t)
	return slices.Equal(p, q) || slices.Equal(c.plain(p), c.plain(q))
}

// plain is an expression without the casts that mean nothing.
func (c *compared) plain(list []string) []string {
	return bare(strings.Join(c.dialect.PlainCasts(list, func(name string) bool {
		if quoted, ok := strings.CutPrefix(name, `"`); ok {
			name = strings.ReplaceAll(strings.TrimSuffix(quoted, `"`), `""`, `"`)
		}
		h, w := c.have.Column(name), c.want.Column(name)
		return h != nil && w != nil && plainly(h, schema.TextKind) && plainly(w, schema.TextKind)
	}), " "))
}

// backfilled is the operation with Go's zero value for the rows that are there,
// where the column takes no NULL and nothing else says what they get: it is what
// the program would read of a row that does not say.
func backfilled(o AddColumn) AddColumn {
	c := o.Column
	if o.Backfill == nil && !c.Nullable && !c.Identity && c.ServerDefault == nil && c.Computed == nil {
		o.Backfill = zeroOf(&c.Type)
	}
	return o
}

// zeroOf is a type's zero value, nil where that is not known.
func zeroOf(t *schema.Type) expr.Node {
	if t.Custom != "" {
		return nil
	}
	switch t.Kind {
	case schema.BoolKind:
		return &expr.ParamNode{Value: false}
	case schema.Int16Kind, schema.Int32Kind, schema.Int64Kind:
		return &expr.ParamNode{Value: int64(0)}
	case schema.Float32Kind, schema.Float64Kind:
		return &expr.ParamNode{Value: 0.0}
	case schema.TextKind:
		return &expr.ParamNode{Value: ""}
	case schema.EnumKind:
		if len(t.Values) > 0 {
			return &expr.ParamNode{Value: t.Values[0]}
		}
	case schema.DecimalKind:
		return schema.SQL("0", "sqlite", "'"+zeroes("0", t.Scale)+"'")
	case schema.BytesKind:
		return schema.SQL("''", "sqlite", "X''")
	case schema.TimeKind:
		return schema.SQL("'0001-01-01 00:00:00+00'", "sqlite", "'0001-01-01 00:00:00.000000'")
	case schema.UUIDKind:
		return schema.SQL("'00000000-0000-0000-0000-000000000000'")
	case schema.JSONKind:
		return schema.SQL("'null'")
	case schema.ArrayKind:
		return schema.SQL("'{}'", "sqlite", "'[]'")
	}
	return nil
}

func zeroes(s string, scale int) string {
	for i := range scale {
		if i == 0 {
			s += "."
		}
		s += "0"
	}
	return s
}
