package migrate

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"database/sql/driver"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// wholeTable is a call that takes a table's parts, each on a line of its own. A
// table of nil has none; one without parts is told from it by empty options.
func (p *printer) wholeTable(method string, name Table, t *schema.TableDef) (string, error) {
	at, err := tableName(name)
	if err != nil || t == nil {
		return call(method, at), err
	}
	parts, err := p.parts(t)
	if err != nil {
		return "", fmt.Errorf("table %s: %w", name, err)
	}
	if len(parts) == 0 {
		p.schema = true
		parts = []string{`schema.WithOptions("")`}
	}
	return method + "(" + at + ",\n\t" + strings.Join(parts, ",\n\t") + ",\n)", nil
}

// parts are the arguments of schema.NewTable, without the table's schema.
func (p *printer) parts(t *schema.TableDef) ([]string, error) {
	var parts []string
	add := func(s string, err error) error {
		parts = append(parts, s)
		return err
	}
	for _, c := range t.Columns {
		if err := add(p.column(c)); err != nil {
			return nil, err
		}
	}
	if len(t.PrimaryKey) > 0 {
		_ = add(call("schema.Key", quotedAll(names(t.PrimaryKey))...), nil)
	}
	for _, u := range t.Uniques {
		_ = add(call("schema.UniqueKey", quoted(u.Name, names(u.Columns))...), nil)
	}
	for _, k := range t.Checks {
		cond, err := p.sql(k.Cond)
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", k.Name, err)
		}
		_ = add(call("schema.CheckThat", quote(k.Name), cond), nil)
	}
	for _, k := range t.ForeignKeys {
		_ = add(p.foreignKey(k), nil)
	}
	for _, x := range t.Indexes {
		if err := add(p.index(x)); err != nil {
			return nil, err
		}
	}
	if t.Comment != "" {
		_ = add(call("schema.TableComment", quote(t.Comment)), nil)
	}
	if t.Options != "" {
		_ = add(call("schema.WithOptions", quote(t.Options)), nil)
	}
	p.schema = p.schema || len(parts) > 0
	return parts, nil
}

// column is a schema.Col with what is said of it.
func (p *printer) column(c *schema.ColumnDef) (string, error) {
	fail := func(err error) (string, error) { return "", fmt.Errorf("column %s: %w", c.Name, err) }
	p.schema = true
	typ, err := columnType(&c.Type)
	if err != nil {
		return fail(err)
	}
	s := call("schema.Col", quote(c.Name), typ)
	if c.Nullable {
		s += ".Nullable()"
	}
	if c.Identity {
		s += ".Identity()"
	}
	def, err := p.chained("Default", c, c.ServerDefault)
	if err != nil {
		return fail(err)
	}
	s += def
	if c.Computed != nil {
		e, err := p.sql(c.Computed)
		if err != nil {
			return fail(err)
		}
		s += call(".Computed", e, strconv.FormatBool(c.Stored))
	}
	if c.Collation != "" {
		s += call(".Collate", quote(c.Collation))
	}
	if c.Comment != "" {
		s += call(".Comment", quote(c.Comment))
	}
	return s, nil
}

var typeNames = map[schema.Kind]string{
	schema.BoolKind: "Bool", schema.Int16Kind: "SmallInt", schema.Int32Kind: "Int", schema.Int64Kind: "BigInt",
	schema.Float32Kind: "Real", schema.Float64Kind: "Double", schema.BytesKind: "Bytes", schema.TimeKind: "Timestamp",
	schema.UUIDKind: "UUID", schema.JSONKind: "Document",
}

func columnType(t *schema.Type) (string, error) {
	var s string
	switch {
	case (t.Kind == schema.TextKind || t.Kind == schema.InvalidKind) && t.Custom != "" && t.Size == 0:
		return call("schema.CustomType", quote(t.Custom)), nil
	case t.Kind == schema.TextKind && t.Size > 0:
		s = call("schema.Varchar", strconv.Itoa(t.Size))
	case t.Kind == schema.TextKind:
		s = call("schema.LongText")
	case t.Kind == schema.DecimalKind:
		s = call("schema.Numeric", strconv.Itoa(t.Precision), strconv.Itoa(t.Scale))
	case t.Kind == schema.EnumKind:
		s = call("schema.EnumType", quoted(t.EnumName, t.Values)...)
	case t.Kind == schema.ArrayKind && t.Elem != nil:
		elem, err := columnType(t.Elem)
		if err != nil {
			return "", err
		}
		s = call("schema.ArrayOf", elem)
	case typeNames[t.Kind] != "":
		s = call("schema." + typeNames[t.Kind])
	default:
		return "", fmt.Errorf("it has no type: kind %s", t.Kind)
	}
	if t.Custom != "" {
		s += call(".Of", quote(t.Custom))
	}
	return s, nil
}

func (p *printer) foreignKey(k *schema.ForeignKeyDef) string {
	p.schema = true
	s := call("schema.Reference", quote(k.Name), list(names(k.Columns)), quote(k.RefTable.Name), list(names(k.RefColumns)))
	if k.RefTable.Schema != "" {
		s += call(".Schema", quote(k.RefTable.Schema))
	}
	if k.OnDelete != schema.NoAction {
		s += call(".OnDelete", actionNames[k.OnDelete])
	}
	if k.OnUpdate != schema.NoAction {
		s += call(".OnUpdate", actionNames[k.OnUpdate])
	}
	if k.Deferrable {
		s += ".Deferrable()"
	}
	return s
}

var actionNames = map[schema.Action]string{
	schema.Restrict: "schema.Restrict", schema.Cascade: "schema.Cascade",
	schema.SetNull: "schema.SetNull", schema.SetDefault: "schema.SetDefault",
}

func (p *printer) index(x *schema.IndexDef) (string, error) {
	p.schema = true
	plain := 0
	args := []string{quote(x.Name)}
	for _, part := range x.Parts {
		if part.Column == nil || part.Desc || part.Nulls != expr.NullsDefault || part.Class != "" {
			break
		}
		args = append(args, quote(part.Column.Name))
		plain++
	}
	s := call("schema.IndexOn", args...)
	for _, part := range x.Parts[plain:] {
		order := []string{strconv.FormatBool(part.Desc), p.nulls(part.Nulls)}
		if part.Column != nil {
			s += call(".Then", append([]string{quote(part.Column.Name)}, order...)...) + classOf(part)
			continue
		}
		e, err := p.sql(part.Expr)
		if err != nil {
			return "", fmt.Errorf("index %s: %w", x.Name, err)
		}
		s += call(".ThenBy", append([]string{e}, order...)...) + classOf(part)
	}
	if x.Unique {
		s += ".Unique()"
	}
	if x.Method != "" {
		s += call(".Method", quote(x.Method))
	}
	if len(x.Include) > 0 {
		s += call(".Include", quotedAll(names(x.Include))...)
	}
	where, err := p.chained("Where", nil, x.Where)
	if err != nil {
		return "", fmt.Errorf("index %s: %w", x.Name, err)
	}
	return s + where, nil
}

// classOf is the call that gives a part its operator class, "" for none.
func classOf(part schema.IndexPart) string {
	if part.Class == "" {
		return ""
	}
	return call(".Class", quote(part.Class))
}

func (p *printer) nulls(o expr.NullsOrder) string {
	p.expr = true
	return [...]string{"expr.NullsDefault", "expr.NullsFirst", "expr.NullsLast"}[o]
}

// chained is a method call with an expression or a constant, nothing for nil. A
// constant of column c is a Go literal where that is as good.
func (p *printer) chained(method string, c *schema.ColumnDef, n expr.Node) (string, error) {
	if n == nil {
		return "", nil
	}
	v, ok := n.(*expr.ParamNode)
	if !ok || c == nil {
		s, err := p.sql(n)
		return call("."+method, s), err
	}
	if lit := literal(c, v.Value); lit != "" {
		return call("."+method, lit), nil
	}
	if v.Like == nil {
		n = &expr.ParamNode{Value: v.Value, Like: &expr.ColumnRef{Name: c.Name, Def: c}}
	}
	s, err := p.sql(n)
	return call("."+method, s), err
}

// literal is a constant in Go, "" where its stored form hangs on its Go type.
func literal(c *schema.ColumnDef, v any) string {
	if _, own := v.(driver.Valuer); own || v == nil {
		return ""
	}
	rv := reflect.ValueOf(v)
	if schema.IsScanner(rv.Type()) {
		return ""
	}
	switch c.Type.Kind {
	case schema.TextKind, schema.EnumKind:
		if rv.Kind() == reflect.String {
			return quote(rv.String())
		}
	case schema.BoolKind:
		if rv.Kind() == reflect.Bool {
			return strconv.FormatBool(rv.Bool())
		}
	case schema.Int16Kind, schema.Int32Kind, schema.Int64Kind:
		switch {
		case rv.CanInt() && rv.Int() == int64(int32(rv.Int())):
			return strconv.FormatInt(rv.Int(), 10)
		case rv.CanInt():
			return call("int64", strconv.FormatInt(rv.Int(), 10))
		case rv.CanUint() && rv.Uint() <= math.MaxInt32:
			return strconv.FormatUint(rv.Uint(), 10)
		}
	case schema.Float32Kind, schema.Float64Kind:
		if f := rv; f.CanFloat() && !math.IsInf(f.Float(), 0) && !math.IsNaN(f.Float()) {
			s := strconv.FormatFloat(f.Float(), 'g', -1, f.Type().Bits())
			if !strings.ContainsAny(s, ".e") {
				s += ".0"
			}
			return s
		}
	}
	return ""
}

// dialects are those whose text stands in a printed expression, the first one's as
// that of all others.
var dialects = []dialect.Dialect{postgres.New(), sqlite.New()}

// sql is an expression as a schema.SQL: for each dialect the text that it writes.
func (p *printer) sql(n expr.Node) (string, error) {
	p.schema = true
	text, ok := n.(*expr.TextNode)
	if !ok {
		var err error
		if text, err = neutralText(n); err != nil {
			return "", err
		}
	}
	args := []string{quote(text.SQL)}
	for _, d := range slices.Sorted(maps.Keys(text.On)) {
		if text.On[d] != text.SQL {
			args = append(args, quote(d), quote(text.On[d]))
		}
	}
	return call("schema.SQL", args...), nil
}

// neutralText writes an expression in each dialect. One that has no way to say it gets
// the text of the others, which its database will refuse.
func neutralText(n expr.Node) (*expr.TextNode, error) {
	var out *expr.TextNode
	var first error
	for _, d := range dialects {
		s, err := dialect.Inline(d, n)
		switch {
		case err != nil && first == nil:
			first = err
		case err != nil:
		case out == nil:
			out = &expr.TextNode{SQL: s}
		case s != out.SQL:
			out.On = map[string]string{d.Name(): s}
		}
	}
	if out == nil {
		return nil, first
	}
	return out, nil
}
