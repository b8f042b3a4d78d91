package schema

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/dormer-orm/dormer/expr"
)

// Option is an option of Define.
type Option func(*TableDef)

// Schema puts the table into a schema of the database.
func Schema(name string) Option { return func(t *TableDef) { t.Schema = name } }

// In puts the table into another Metadata than Default. A nil m means Default.
func In(m *Metadata) Option {
	return func(t *TableDef) {
		if m != nil {
			t.Metadata = m
		}
	}
}

// Comment gives the table a comment, where the database keeps comments.
func Comment(text string) Option { return func(t *TableDef) { t.Comment = text } }

// Define makes a table of entity E. T is a struct that embeds Table[E] and has a
// typed handle for each column that expressions use; Define binds the handles
// to E's fields by name, runs f, in which definitions such as Column and Index
// complete the table, and returns the handles.
//
// Every exported field of E is a column, with a handle or without, but for those
// tagged db:"-" and containers of package rel; embedded structs are flattened.
// The column's name is the db tag or else ColumnName of the field.
//
// Define is meant for package variables. It panics with a *DefineError that
// lists every fault of the table at once.
func Define[E, T any, PT interface {
	*T
	Of[E]
}](name string, f func(PT), opts ...Option) PT {
	handles := PT(new(T))
	def := &TableDef{Name: name, Entity: reflect.TypeFor[E](), Metadata: Default, defining: true}
	for _, o := range opts {
		if o != nil {
			o(def)
		}
	}
	def.Source = expr.NewSource(def.Schema, name, "", def)
	if err := validName(name); err != "" {
		def.fault("table name: %s", err)
	}
	if def.Entity.Kind() != reflect.Struct {
		def.fault("entity %s is no struct", def.Entity)
		panic(def.defineError())
	}
	def.readFields(def.Entity, "", 0)
	handles.setTable(def, def.Source)
	def.bindHandles(reflect.ValueOf(handles).Elem())
	if len(def.faults) == 0 && f != nil {
		f(handles)
	}
	def.finish()
	if len(def.faults) > 0 {
		panic(def.defineError())
	}
	def.defining = false
	if !def.Metadata.add(def) {
		def.fault("the Metadata has a table of that name already")
		panic(def.defineError())
	}
	return handles
}

func (t *TableDef) fault(format string, args ...any) {
	t.faults = append(t.faults, fmt.Sprintf(format, args...))
}

func (t *TableDef) defineError() *DefineError {
	return &DefineError{Table: t.QualifiedName(), Faults: t.faults}
}

// must records a fault while the table is being defined; afterwards, in an init,
// it panics.
func (t *TableDef) must(ok bool, format string, args ...any) bool {
	if ok {
		return true
	}
	t.fault(format, args...)
	if !t.defining {
		panic(t.defineError())
	}
	return false
}

func (t *TableDef) mustBeOpen(column string) {
	if t.sealed {
		where := t.QualifiedName()
		if column != "" {
			where += "." + column
		}
		panic(&DefineError{Table: where, Faults: []string{"definition after the model was sealed by its first use (an engine, CreateAll, a migration): define in package variables or init"}})
	}
}

func validName(name string) string {
	switch {
	case name == "":
		return "is empty"
	case strings.ContainsRune(name, 0):
		return "contains NUL"
	case len(name) > maxName:
		return fmt.Sprintf("%q is longer than %d bytes, PostgreSQL's limit", name, maxName)
	}
	return ""
}

// readFields makes a column of each mapped field of struct type st.
func (t *TableDef) readFields(st reflect.Type, path string, offset uintptr) {
	for i := range st.NumField() {
		f := st.Field(i)
		tag, tagged := f.Tag.Lookup("db")
		tag, _, _ = strings.Cut(tag, ",")
		if tag == "-" {
			continue
		}
		_, null, typ, known := classify(f.Type)
		if f.Anonymous && f.Type.Kind() == reflect.Struct && !known && !tagged {
			t.readFields(f.Type, path+f.Name+".", offset+f.Offset)
			continue
		}
		if !f.IsExported() {
			continue
		}
		if c, ok := container(f.Type); ok {
			target, many := c.DescribeContainer()
			t.Relations = append(t.Relations, &RelationDef{
				Name: f.Name, Offset: offset + f.Offset, Table: t, Target: target, Many: many,
			})
			continue
		}
		if !known {
			t.fault("field %s: type %s is no column: use a type that Dormer knows, one with Scan and Value, schema.JSON[…], or tag it db:\"-\"", path+f.Name, f.Type)
			continue
		}
		name := tag
		if name == "" {
			name = ColumnName(f.Name)
		}
		if err := validName(name); err != "" {
			t.fault("field %s: column name %s", path+f.Name, err)
		}
		if dup := t.Column(name); dup != nil {
			t.fault("fields %s and %s are both column %s", dup.Field, path+f.Name, name)
			continue
		}
		if dup := t.byField(f.Name); dup != nil {
			t.fault("fields %s and %s have one name, so that a handle could mean either; tag one of them db:\"-\"", dup.Field, path+f.Name)
		}
		c := &ColumnDef{
			Table: t, Name: name, Position: len(t.Columns), Type: typ,
			Field: path + f.Name, Offset: offset + f.Offset, Null: null,
			Nullable: null != NotNull,
		}
		c.GoType, _, _, _ = classify(f.Type)
		if null == NotNull && zeroIsNull(c.GoType) {
			c.Nullable = true
		}
		c.Ref = expr.NewColumnRef(t.Source, name, c)
		t.Columns = append(t.Columns, c)
	}
}

func container(t reflect.Type) (RelationContainer, bool) {
	if !t.Implements(containerType) {
		return nil, false
	}
	return reflect.Zero(t).Interface().(RelationContainer), true
}

func (t *TableDef) byField(name string) *ColumnDef {
	for _, c := range t.Columns {
		if c.Field == name || strings.HasSuffix(c.Field, "."+name) {
			return c
		}
	}
	return nil
}

// bindHandles binds each handle in v, a struct of handles, to the field of its
// name.
func (t *TableDef) bindHandles(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous && isTable(f.Type) {
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			t.bindHandles(v.Field(i))
			continue
		}
		if !f.IsExported() {
			continue
		}
		switch h := addr(v.Field(i)).(type) {
		case expr.Handle:
			t.bindColumn(f.Name, h)
		case RelationHandle:
			t.bindRelation(f.Name, h)
		}
	}
}

func (t *TableDef) bindColumn(name string, h expr.Handle) {
	entity, value, nullable := expr.Describe(h)
	want := handleName(entity, value, nullable)
	if entity != t.Entity {
		t.fault("handle %s: it is %s, but the table is of entity %s", name, want, t.Entity)
		return
	}
	c := t.byField(name)
	if c == nil {
		t.fault("handle %s: entity %s has no mapped field of that name", name, t.Entity)
		return
	}
	if c.GoType != value || (c.Null != NotNull) != nullable {
		t.fault("handle %s: it is %s, but field %s.%s is %s: write %s", name, want, t.Entity, c.Field, c.fieldType(),
			handleName(t.Entity, c.GoType, c.Null != NotNull))
		return
	}
	expr.Bind(h, c.Ref)
}

func (c *ColumnDef) fieldType() string {
	switch c.Null {
	case NullPointer:
		return "*" + c.GoType.String()
	case NullStruct:
		return "sql.Null[" + c.GoType.String() + "]"
	}
	return c.GoType.String()
}

func handleName(entity, value reflect.Type, nullable bool) string {
	kind := "expr.Column"
	if nullable {
		kind = "expr.Nullable"
	}
	return fmt.Sprintf("%s[%s, %s]", kind, entity, value)
}

func (t *TableDef) bindRelation(name string, h RelationHandle) {
	entity, target, many := h.DescribeRelation()
	if entity != t.Entity {
		t.fault("relation %s: it is of entity %s, but the table is of entity %s", name, entity, t.Entity)
		return
	}
	for _, r := range t.Relations {
		if r.Name != name {
			continue
		}
		if r.Target != target || r.Many != many {
			t.fault("relation %s: the handle is %s, but field %s.%s is %s", name,
				relationName("To", target, many), t.Entity, name, relationName("", r.Target, r.Many))
			return
		}
		h.BindRelation(r, t.Source)
		return
	}
	t.fault("relation %s: entity %s has no container field of that name", name, t.Entity)
}

func relationName(prefix string, target reflect.Type, many bool) string {
	if many {
		return fmt.Sprintf("rel.%sMany[%s]", prefix, target)
	}
	return fmt.Sprintf("rel.%sOne[%s]", prefix, target)
}

// finish applies what follows from all definitions together and checks it.
func (t *TableDef) finish() {
	if len(t.Columns) == 0 && len(t.faults) == 0 {
		t.fault("entity %s has no mapped field", t.Entity)
	}
	if len(t.PrimaryKey) == 0 && len(t.faults) == 0 {
		t.fault("no primary key: write schema.Column(t.…).PrimaryKey() or schema.PrimaryKey(t.…, …)")
	}
	t.giveIdentity()
	for _, c := range t.Columns {
		c.finish()
	}
}

// giveIdentity makes a lone integer key one whose values the database makes,
// unless something else makes them.
func (t *TableDef) giveIdentity() {
	if len(t.PrimaryKey) != 1 {
		return
	}
	c := t.PrimaryKey[0]
	if c.identitySaid || c.HasDefault() || IsScanner(c.GoType) {
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
	if c.HasDefault() && c.Zero == ZeroUnsaid {
		if c.Null == NotNull && c.zeroIsValue() {
			t.fault("field %s: it has a default, and the zero value of %s may be meant: make the field a pointer or sql.Null (nil takes the default), or say .ZeroIsDefault() or .KeepZero()", c.Field, c.GoType)
		}
		c.Zero = ZeroTakesDefault
	}
	if c.Zero != ZeroUnsaid && !c.HasDefault() {
		t.fault("field %s: ZeroIsDefault and KeepZero are for columns with a default", c.Field)
	}
	if c.Type.Kind == EnumKind && c.Null == NotNull && !c.HasDefault() && c.GoType.Kind() == reflect.String {
		found := false
		for _, v := range c.Type.Values {
			found = found || v == ""
		}
		if !found {
			t.fault("field %s: the enum's zero value \"\" is none of its values: give it a default, or make the field a pointer", c.Field)
		}
	}
}

// zeroIsValue reports whether Go's zero value is one that a program may mean.
func (c *ColumnDef) zeroIsValue() bool {
	switch c.Type.Kind {
	case BoolKind, Int16Kind, Int32Kind, Int64Kind, Float32Kind, Float64Kind, TextKind, DecimalKind:
		return true
	case EnumKind:
		for _, v := range c.Type.Values {
			if v == "" {
				return true
			}
		}
	}
	return false
}
