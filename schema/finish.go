package schema

import (
	"fmt"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/dormer-orm/dormer/expr"
)

// finish applies what follows from all definitions together and checks it.
func (t *TableDef) finish() {
	if len(t.Columns) == 0 && len(t.faults) == 0 {
		t.fault("entity %s has no mapped field", t.Entity)
	}
	if len(t.PrimaryKey) == 0 && len(t.faults) == 0 {
		t.fault("no primary key: write schema.Column(t.…).PrimaryKey() or schema.PrimaryKey(t.…, …)")
	}
	t.finishColumns()
}

// finishColumns is run at the end of Define, and again at sealing for what an
// init has added.
func (t *TableDef) finishColumns() {
	t.giveIdentity()
	for _, c := range t.Columns {
		c.finish()
		if c.mayBeDecimal() {
			_, _, is := c.DecimalDigits()
			expr.DeclareDecimal(c.GoType, is)
		}
	}
	t.finishFilters()
}

// giveIdentity makes a lone integer key one whose values the database makes,
// unless something else makes them.
func (t *TableDef) giveIdentity() {
	for _, c := range t.Columns {
		if !c.identitySaid {
			c.Identity = false // given by an earlier round
		}
	}
	if len(t.PrimaryKey) != 1 {
		return
	}
	c := t.PrimaryKey[0]
	if c.identitySaid || c.HasDefault() || c.Computed != nil || c.IsVersion || IsScanner(c.GoType) {
		return
	}
	switch c.Type.Kind {
	case Int16Kind, Int32Kind, Int64Kind:
	default:
		return
	}
	for _, fk := range t.ForeignKeys {
		for _, fc := range fk.Columns {
			if fc == c {
				return
			}
		}
	}
	c.Identity = true
}

func (c *ColumnDef) finish() {
	t := c.Table
	if c.PrimaryKey && c.Nullable {
		t.fault("field %s: a primary key column cannot be nullable", c.Field)
	}
	n := 0
	for _, is := range []bool{c.Default != nil, c.DefaultFunc != nil, c.ServerDefault != nil, c.Computed != nil, c.Identity} {
		if is {
			n++
		}
	}
	if n > 1 {
		t.fault("field %s: more than one of Default, DefaultFunc, ServerDefault, Computed and identity", c.Field)
	}
	if c.Computed != nil && (c.OnUpdate != nil || c.IsVersion) {
		t.fault("field %s: a computed column is never written, by OnUpdate and Version neither", c.Field)
	}
	if c.MadeVersion && !c.IsVersion {
		t.fault("field %s: MadeByDatabase is for version columns", c.Field)
	}
	if c.MadeVersion {
		if c.Default != nil || c.DefaultFunc != nil || c.OnUpdate != nil {
			t.fault("field %s: the database makes the version: it takes no default of the program's and no OnUpdate", c.Field)
		}
		if c.ServerDefault != nil {
			c.Zero = ZeroTakesDefault
		}
	} else if c.IsVersion && c.HasDefault() {
		t.fault("field %s: a version column begins at 1 by itself and takes no default", c.Field)
	}
	if c.onDelete != NoAction || c.onKeyUpdate != NoAction {
		t.fault("field %s: OnDelete or OnKeyUpdate without References", c.Field)
	}
	if reason := c.unfitDefault(); reason != "" {
		t.fault("field %s: %s", c.Field, reason)
	}
	if c.HasDefault() && c.Zero == ZeroUnsaid {
		if c.Null == NotNull && c.zeroIsValue() && !zeroIsNull(c.GoType) {
			t.fault("field %s: it has a default, and the zero value of %s may be meant: make the field a pointer or sql.Null (nil takes the default), or say .ZeroIsDefault() or .KeepZero()", c.Field, c.GoType)
		} else {
			c.Zero = ZeroTakesDefault
		}
	}
	if c.Zero != ZeroUnsaid && !c.HasDefault() {
		t.fault("field %s: ZeroIsDefault and KeepZero are for columns with a default", c.Field)
	}
	if c.Type.Kind == EnumKind && c.Null == NotNull && !c.HasDefault() && c.GoType.Kind() == reflect.String && !t.associates {
		if !slices.Contains(c.Type.Values, "") {
			t.fault("field %s: the enum's zero value \"\" is none of its values: give it a default, or make the field a pointer", c.Field)
		}
	}
}

// unfitDefault says why the column could not keep its own Default.
func (c *ColumnDef) unfitDefault() string {
	v := reflect.ValueOf(c.Default)
	if c.Default == nil || v.Kind() != reflect.String || IsScanner(c.GoType) {
		return ""
	}
	switch {
	case c.Type.Kind == EnumKind && !slices.Contains(c.Type.Values, v.String()):
		return "its Default is none of the enum's values"
	case c.Type.Kind == TextKind && c.Type.Size > 0 && utf8.RuneCountInString(v.String()) > c.Type.Size:
		return fmt.Sprintf("its Default is longer than the column's %d characters", c.Type.Size)
	}
	return ""
}

// zeroIsValue reports whether Go's zero value is one that a program may mean.
func (c *ColumnDef) zeroIsValue() bool {
	switch c.Type.Kind {
	case BoolKind, Int16Kind, Int32Kind, Int64Kind, Float32Kind, Float64Kind, TextKind, DecimalKind:
		return true
	case EnumKind:
		return slices.Contains(c.Type.Values, "")
	}
	return false
}
