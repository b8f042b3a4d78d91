package migrate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// column writes a column's definition if it needs one.
func (w *goWriter) column(t *goTable, f *goField) error {
	c := f.col
	begin := "schema.Column(t." + f.name + ")"
	var calls []string
	say := func(format string, args ...any) { calls = append(calls, fmt.Sprintf(format, args...)) }
	must := false
	switch f.typ.Kind {
	case schema.EnumKind:
		begin = fmt.Sprintf("schema.Enum(t.%s, %s)", f.name, strings.Join(quotedAll(c.Type.Values), ", "))
		if c.Type.EnumName != "" {
			say("Named(%s)", quote(c.Type.EnumName))
		}
		must = true
	case schema.DecimalKind:
		begin = fmt.Sprintf("schema.Decimal(t.%s, %d, %d)", f.name, f.typ.Precision, f.typ.Scale)
		must = true
	case schema.TextKind:
		if f.typ.Size > 0 && f.custom == "" {
			say("Size(%d)", f.typ.Size)
		}
		if c.Collation != "" && f.goType == "string" {
			say("Collation(%s)", quote(c.Collation))
		}
		if len(calls) > 0 {
			begin = "schema.Text(t." + f.name + ")"
		}
	}
	if f.custom != "" {
		say("Type(%s)", quote(f.custom))
	}
	lone := len(t.def.PrimaryKey) == 1 && t.def.PrimaryKey[0] == c
	if lone {
		say("PrimaryKey()")
	}
	whole := strings.HasPrefix(f.goType, "int")
	identity := c.Identity
	if serial.MatchString(w.text(c.ServerDefault)) && whole && !f.nullable {
		identity = true
		w.say("// In the database %s is a serial: models have identities, and a comparison makes it one.", f.name)
	}
	if c.PrimaryKey && c.Nullable {
		w.say("// In the database key column %s takes NULL: keys of models never do, and a comparison makes it NOT NULL.", f.name)
	}
	inKey := slices.ContainsFunc(t.def.ForeignKeys, func(k *schema.ForeignKeyDef) bool { return slices.Contains(k.Columns, c) })
	switch {
	case identity && whole && (!lone || inKey):
		begin = "schema.Number(t." + f.name + ")"
		say("Identity()")
	case lone && whole && !identity && c.ServerDefault == nil && c.Computed == nil && !inKey:
		say("NoIdentity()")
	}
	if err := w.values(t, f, identity, say); err != nil {
		return err
	}
	if c.Comment != "" {
		say("Comment(%s)", quote(c.Comment))
	}
	if c.Collation != "" && f.goType != "string" {
		w.say("// Column %s has collation %s.", f.name, oneLine(c.Collation))
	}
	if must || len(calls) > 0 {
		w.say("%s", strings.Join(append([]string{begin}, calls...), "."))
	}
	return nil
}

// serial is the default of a PostgreSQL serial.
var serial = regexp.MustCompile(`^nextval\('.*'::regclass\)$`)

// text is an expression as the database has it, "" for none.
func (w *goWriter) text(n expr.Node) string {
	if n == nil {
		return ""
	}
	s, err := dialect.Inline(w.d, n)
	if err != nil {
		return ""
	}
	return s
}

// values writes what fills a column.
func (w *goWriter) values(t *goTable, f *goField, identity bool, say func(string, ...any)) error {
	c := f.col
	switch {
	case c.Computed != nil:
		s, err := w.sql(t, f, c.Computed)
		if err != nil {
			return err
		}
		if !c.Stored {
			w.say("// In the database %s is virtual: models store computed columns.", f.name)
		}
		say("Computed(%s)", s)
	case identity:
	case c.ServerDefault != nil:
		v, err := w.defaultValue(t, f)
		if err != nil {
			return err
		}
		say("ServerDefault(%s)", v)
		if rule := zeroRule(f); rule != "" {
			say(rule)
		}
	case f.typ.Kind == schema.EnumKind && !f.nullable && !slices.Contains(c.Type.Values, ""):
		// A Go string begins empty, which is none of the values.
		say("Default(%s)", quote(c.Type.Values[0]))
	}
	return nil
}

// zeroRule says what Go's zero value means beside a default, where Define asks:
// a number or a bool is what it is, an empty text or key takes the default.
func zeroRule(f *goField) string {
	if f.nullable {
		return ""
	}
	switch f.typ.Kind {
	case schema.EnumKind:
		if slices.Contains(f.col.Type.Values, "") {
			return "ZeroIsDefault()"
		}
	case schema.TextKind, schema.DecimalKind:
		return "ZeroIsDefault()"
	case schema.BoolKind, schema.Int16Kind, schema.Int32Kind, schema.Int64Kind, schema.Float32Kind, schema.Float64Kind:
		if f.col.PrimaryKey {
			return "ZeroIsDefault()"
		}
		return "KeepZero()"
	}
	return ""
}

// sql is a column's expression as text of the database.
func (w *goWriter) sql(t *goTable, f *goField, n expr.Node) (string, error) {
	s, err := dialect.Inline(w.d, n)
	return fmt.Sprintf("expr.NewValue[%s, %s, %s](schema.SQL(%s))", t.entity, f.goType, f.declared(), quote(s)), err
}

// constantText is 'it”s', with the cast that PostgreSQL prints after it.
var constantText = regexp.MustCompile(`^'((?:[^'\\]|'')*)'(::[a-z ]+)?$`)

// negative is a number as PostgreSQL prints it.
var negative = regexp.MustCompile(`^'(-[0-9]+)'::(?:smallint|integer|bigint)$`)

// defaultValue is a default: a constant that Go can say, or text.
func (w *goWriter) defaultValue(t *goTable, f *goField) (string, error) {
	text, err := dialect.Inline(w.d, f.col.ServerDefault)
	if err != nil {
		return "", err
	}
	switch f.typ.Kind {
	case schema.Int16Kind, schema.Int32Kind, schema.Int64Kind:
		if m := negative.FindStringSubmatch(text); m != nil {
			text = m[1]
		}
		bits := map[schema.Kind]int{schema.Int16Kind: 16, schema.Int32Kind: 32, schema.Int64Kind: 64}[f.typ.Kind]
		if n, err := strconv.ParseInt(text, 10, bits); err == nil && strconv.FormatInt(n, 10) == text {
			return fmt.Sprintf("expr.Val[%s](%s)", f.goType, text), nil
		}
	case schema.BoolKind:
		for _, v := range []bool{true, false} {
			if said := strings.ToUpper(strconv.FormatBool(v)); text == said || w.d.Capabilities().NativeEnums && strings.EqualFold(text, said) {
				return fmt.Sprintf("expr.Val(%v)", v), nil
			}
		}
	case schema.TextKind, schema.EnumKind:
		if m := constantText.FindStringSubmatch(text); m != nil && f.goType == "string" {
			return "expr.Val(" + quote(strings.ReplaceAll(m[1], "''", "'")) + ")", nil
		}
	}
	return w.sql(t, f, f.col.ServerDefault)
}
