package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// parts writes indexes, CHECKs and options: by handles where they can say it, else
// by name and in SQL.
func (w *goWriter) parts(t *goTable) error {
	var more []string
	for _, f := range t.fields {
		c := f.col
		if c.Type.Kind == schema.EnumKind && c.Type.Custom == "" && f.typ.Kind != schema.EnumKind && f.col.Type.EnumName == "" {
			values, err := w.enumValues(c)
			if err != nil {
				return err
			}
			more = append(more, fmt.Sprintf("schema.CheckThat(%s, schema.SQL(%s))", quote(w.checkName(t, dialect.EnumCheckName(c))), quote(values)))
		}
	}
	for _, k := range t.def.Checks {
		s, err := dialect.Inline(w.d, k.Cond)
		if err != nil {
			return err
		}
		more = append(more, fmt.Sprintf("schema.CheckThat(%s, schema.SQL(%s))", quote(w.checkName(t, k.Name)), quote(s)))
	}
	for _, x := range t.def.Indexes {
		plain := x.Where == nil && !slices.ContainsFunc(x.Parts, func(p schema.IndexPart) bool { return p.Expr != nil || p.Class != "" })
		if plain {
			w.index(t, x)
			continue
		}
		spec, err := w.indexSpec(t, x)
		if err != nil {
			return err
		}
		more = append(more, spec)
	}
	if t.def.Options != "" {
		more = append(more, "schema.WithOptions("+quote(t.def.Options)+")")
	}
	if len(more) > 0 {
		w.say("schema.With(t,\n%s,\n)", strings.Join(more, ",\n"))
	}
	return nil
}

// enumValues is the condition that guards an enum's column.
func (w *goWriter) enumValues(c *schema.ColumnDef) (string, error) {
	var list []string
	for _, v := range c.Type.Values {
		b, err := w.d.AppendLiteral(nil, v)
		if err != nil {
			return "", err
		}
		list = append(list, string(b))
	}
	return string(w.d.AppendQuoted(nil, c.Name)) + " IN (" + strings.Join(list, ", ") + ")", nil
}

// checkName is a CHECK's name, or one for a CHECK that has none, or that of
// another constraint of its table.
func (w *goWriter) checkName(t *goTable, name string) string {
	if !saysName(name) {
		return t.constraintNames().take(fmt.Sprintf("ck_%s_1", shortened(t.def.Name)))
	}
	return t.constraintNames().take(name, shortened(name)+"_2")
}

// constraintNames are those that are not to be given to a CHECK.
func (t *goTable) constraintNames() nameSet {
	if t.checks == nil {
		t.checks = nameSet{}
		for _, u := range t.def.Uniques {
			t.checks[u.Name] = true
		}
		for _, x := range t.def.Indexes {
			t.checks[x.Name] = true
		}
		for _, k := range t.foreignKeys {
			t.checks[k.def.Name] = true
		}
	}
	return t.checks
}

// index writes an index over columns.
func (w *goWriter) index(t *goTable, x *schema.IndexDef) {
	var cols []*schema.ColumnDef
	var parts []string
	ordered := false
	for _, p := range x.Parts {
		cols = append(cols, p.Column)
		part := "t." + t.field(p.Column).name
		if p.Desc || p.Nulls != expr.NullsDefault {
			ordered = true
		}
		parts = append(parts, part)
	}
	call := "schema.Index("
	if ordered {
		call = "schema.IndexBy("
		for i, p := range x.Parts {
			parts[i] += map[bool]string{true: ".Desc()", false: ".Asc()"}[p.Desc]
			switch p.Nulls {
			case expr.NullsFirst:
				parts[i] += ".NullsFirst()"
			case expr.NullsLast:
				parts[i] += ".NullsLast()"
			}
		}
	}
	call += strings.Join(parts, ", ") + ")"
	if x.Unique {
		call += ".Unique()"
	}
	if len(x.Include) > 0 {
		call += ".Include(" + w.handles("t", t, x.Include) + ")"
	}
	if x.Method != "" {
		call += ".Method(" + quote(x.Method) + ")"
	}
	if name := w.constraintName("ix", t, x.Name, cols); name != "" {
		call += ".Name(" + quote(name) + ")"
	}
	w.say("%s", call)
}

// indexSpec describes an index with expressions.
func (w *goWriter) indexSpec(t *goTable, x *schema.IndexDef) (string, error) {
	name := w.constraintName("ix", t, x.Name, nil)
	if name == "" {
		name = x.Name
	}
	s := "schema.IndexOn(" + quote(name) + ")"
	for _, p := range x.Parts {
		nulls := map[expr.NullsOrder]string{expr.NullsDefault: "expr.NullsDefault", expr.NullsFirst: "expr.NullsFirst", expr.NullsLast: "expr.NullsLast"}[p.Nulls]
		if p.Column != nil {
			s += fmt.Sprintf(".Then(%s, %v, %s)", quote(p.Column.Name), p.Desc, nulls) + classOf(p)
			continue
		}
		text, err := dialect.Inline(w.d, p.Expr)
		if err != nil {
			return "", err
		}
		s += fmt.Sprintf(".ThenBy(schema.SQL(%s), %v, %s)", quote(text), p.Desc, nulls) + classOf(p)
	}
	if x.Unique {
		s += ".Unique()"
	}
	if len(x.Include) > 0 {
		s += ".Include(" + strings.Join(quotedAll(names(x.Include)), ", ") + ")"
	}
	if x.Method != "" {
		s += ".Method(" + quote(x.Method) + ")"
	}
	if x.Where != nil {
		text, err := dialect.Inline(w.d, x.Where)
		if err != nil {
			return "", err
		}
		s += ".Where(schema.SQL(" + quote(text) + "))"
	}
	return s, nil
}
