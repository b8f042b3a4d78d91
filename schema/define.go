package schema

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

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

// RenamedFrom says that the table was called so before: a migration renames it in
// place of dropping one table and creating another.
func RenamedFrom(name string) Option { return func(t *TableDef) { t.RenamedFrom = name } }

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
	var run func()
	if f != nil {
		run = func() { f(handles) }
	}
	define(name, reflect.TypeFor[E](), reflect.ValueOf(handles), handles.setTable, run, opts)
	return handles
}

// define is Define of the handles that a value points to. f runs the definitions, nil
// for none.
func define(name string, entity reflect.Type, handles reflect.Value, setTable func(*TableDef, *expr.Source), f func(), opts []Option) {
	def := &TableDef{Name: name, Entity: entity, Metadata: Default, defining: true}
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
	if at := pointerToTable(handles.Type().Elem()); at != "" {
		def.fault("handles %s: embed schema.Table by value, not by the pointer %s", handles.Type().Elem(), at)
		panic(def.defineError())
	}
	def.readFields(def.Entity, "", 0)
	setTable(def, def.Source)
	def.bindHandles(handles.Elem())
	if f != nil {
		def.run(f)
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
}

// pointerToTable finds an embedded pointer on the way to schema.Table, through
// which nothing could be stored.
func pointerToTable(t reflect.Type) string {
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.Anonymous {
			continue
		}
		if f.Type.Kind() == reflect.Pointer && f.Type.Implements(handleType) {
			return f.Type.String()
		}
		if f.Type.Kind() == reflect.Struct && !isTableItself(f.Type) {
			if at := pointerToTable(f.Type); at != "" {
				return at
			}
		}
	}
	return ""
}

var handleType = reflect.TypeFor[Handle]()

// run calls the definitions. A *DefineError from within is one more fault of
// this table, so that all come out together; another panic goes on, unless
// earlier faults explain it.
func (t *TableDef) run(f func()) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case *DefineError:
			for _, fault := range v.Faults {
				if v.Table != "?" && v.Table != t.QualifiedName() {
					fault = v.Table + ": " + fault
				}
				t.fault("%s", fault)
			}
		default:
			if len(t.faults) == 0 {
				panic(v)
			}
		}
	}()
	f()
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
	if !t.defining {
		panic(&DefineError{Table: t.QualifiedName(), Faults: []string{fmt.Sprintf(format, args...)}})
	}
	t.fault(format, args...)
	return false
}

func (t *TableDef) mustBeOpen(column string) {
	if t.sealed.Load() {
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
	case !utf8.ValidString(name):
		return fmt.Sprintf("%q is not valid UTF-8", name)
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
		value, null, typ, known := classify(f.Type)
		if c, ok := container(f.Type); ok && f.IsExported() {
			target, many := c.DescribeContainer()
			t.Relations = append(t.Relations, &RelationDef{
				Name: f.Name, Offset: offset + f.Offset, Table: t, Target: target, Container: f.Type, Many: many,
			})
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Struct && !known && !tagged {
			t.readFields(f.Type, path+f.Name+".", offset+f.Offset)
			continue
		}
		if !f.IsExported() {
			continue
		}
		if !known && f.Anonymous {
			t.fault("field %s: embedded %s is no column, and only structs embedded by value without a db tag are flattened", path+f.Name, f.Type)
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
			Nullable: null != NotNull, GoType: value,
		}
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
