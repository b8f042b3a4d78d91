package repo

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Columns are the results of a Selection and the fields that take them; Into makes
// them.
type Columns struct{ targets []Target }

// Target is one field and the expression that fills it; To and ToNull make it.
type Target struct {
	addr  uintptr
	typ   reflect.Type
	src   expr.Any
	whole schema.Handle // of ToEntity
}

// To fills the field at dst with src. That src may be NULL says its type, and the
// field has to be a pointer then: the compiler checks it. dst must point into the
// struct that Select's function was given.
func To[R any](dst *R, src expr.Yields[R]) Target {
	return Target{addr: reflect.ValueOf(dst).Pointer(), typ: reflect.TypeFor[R](), src: src}
}

// ToNull is To for fields of type sql.Null.
func ToNull[V any](dst *sql.Null[V], src expr.Yields[*V]) Target {
	return Target{addr: reflect.ValueOf(dst).Pointer(), typ: reflect.TypeFor[sql.Null[V]](), src: src}
}

// ToEntity fills the field at dst with the entity of each row of a table, or of an
// alias of it, beside other values. In a unit of work entities are managed, as a
// query of a repository has them: one row, one pointer. Where an outer join found no
// row, the field is nil.
func ToEntity[E any](dst **E, table schema.Of[E]) Target {
	return Target{addr: reflect.ValueOf(dst).Pointer(), typ: reflect.TypeFor[*E](), whole: table}
}

// Into lists what a Selection reads.
func Into(targets ...Target) Columns { return Columns{targets} }

// projected is what one run of Select's function found.
type projected struct {
	nodes []expr.Node
	defs  []*schema.ColumnDef
	typ   reflect.Type
	err   error
	// entities are those read beside values; their columns come after those of
	// defs.
	entities []uow.EntityPart
	reading  *reading
}

// reading is what is kept from one run of a query for the next.
type reading struct {
	last atomic.Pointer[readingOf]
	rows atomic.Int32 // of the last run, at most maxExpected
}

// readingOf is the reading of rows of a database.
type readingOf struct {
	d dialect.Dialect
	p *uow.Projection
}

// maxExpected is the number of rows that room is made for at once.
const maxExpected = 16 << 10

// soloRows is the number of rows up to which room is made for them as they come.
const soloRows = 16

// projection reads rows into the struct.
func (p *projected) projection(db *engine.Engine) *uow.Projection {
	if p.reading == nil {
		return p.newProjection(db)
	}
	if r := p.reading.last.Load(); r != nil && r.d == db.Dialect() {
		return r.p
	}
	r := &readingOf{db.Dialect(), p.newProjection(db)}
	p.reading.last.Store(r)
	return r.p
}

// expected is the number of rows that room is made for at the first one.
func (p *projected) expected() int {
	if p.reading == nil {
		return 0
	}
	if n := int(p.reading.rows.Load()); n > soloRows {
		return n
	}
	return 0
}

// came notes how many rows came.
func (p *projected) came(n int) {
	if p.reading != nil && int(p.reading.rows.Load()) != n {
		p.reading.rows.Store(int32(min(n, maxExpected)))
	}
}

func (p *projected) newProjection(db *engine.Engine) *uow.Projection {
	return uow.NewProjection(&schema.TableDef{Name: p.typ.String(), Entity: p.typ, Columns: p.defs}, db.Dialect(), p.entities...)
}

func (p *projected) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("repo: Select into %s: %w", p.typ, fmt.Errorf(format, args...))
	}
}

// project runs f once on a scratch value, of which only addresses matter.
func project[S any](f func(*S) Columns) *projected {
	p := &projected{typ: reflect.TypeFor[S](), reading: &reading{}}
	if p.typ.Kind() != reflect.Struct {
		p.fail("it is no struct")
		return p
	}
	if f == nil {
		p.fail("no function says what goes where")
		return p
	}
	scratch := new(S)
	cols, err := run(f, scratch)
	if err != nil {
		p.fail("%w", err)
		return p
	}
	if len(cols.targets) == 0 {
		p.fail("it reads nothing: name fields and expressions with Into and To")
	}
	base := reflect.ValueOf(scratch).Pointer()
	taken := map[string]bool{}
	var whole []expr.Node
	for i, t := range cols.targets {
		path, ok := "", false
		if t.addr >= base {
			path, ok = fieldAt(p.typ, t.addr-base, t.typ)
		}
		switch {
		case !ok:
			p.fail("target %d is no field of the struct that the function was given", i+1)
		case taken[path]:
			p.fail("field %s is filled twice", path)
		case t.src == nil && t.whole == nil:
			p.fail("field %s has no expression", path)
		case t.whole != nil && (schema.DefOf(t.whole) == nil || schema.SourceOf(t.whole).Query != nil):
			p.fail("field %s: no table that schema.Define made", path)
		}
		if p.err != nil {
			return p
		}
		taken[path] = true
		if t.whole != nil {
			p.entities = append(p.entities, uow.EntityPart{Table: schema.DefOf(t.whole), First: len(whole), Offset: t.addr - base})
			whole = append(whole, columnsOf(t.whole)...)
			continue
		}
		p.add(path, t.addr-base, t)
	}
	for i := range p.entities {
		p.entities[i].First += len(p.nodes)
	}
	p.nodes = append(p.nodes, whole...)
	return p
}

// columnsOf are all columns of a table's occurrence.
func columnsOf(h schema.Handle) (out []expr.Node) {
	def, src := schema.DefOf(h), schema.SourceOf(h)
	for _, c := range def.Columns {
		if src == def.Source {
			out = append(out, c.Ref)
			continue
		}
		out = append(out, expr.NewColumnRef(src, c.Name, c))
	}
	return out
}

func run[S any](f func(*S) Columns, scratch *S) (cols Columns, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("its function panicked, as it does for fields of an embedded pointer: %v", r)
		}
	}()
	return f(scratch), nil
}

// fieldAt finds the exported field of a type at an offset, through embedded and
// nested structs.
func fieldAt(t reflect.Type, off uintptr, want reflect.Type) (string, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Offset == off && f.Type == want {
			return f.Name, true
		}
		if f.Type.Kind() == reflect.Struct && off >= f.Offset && off < f.Offset+f.Type.Size() {
			if path, ok := fieldAt(f.Type, off-f.Offset, want); ok {
				return f.Name + "." + path, true
			}
		}
	}
	return "", false
}

// add makes the column that reads an expression into a field.
func (p *projected) add(path string, off uintptr, t Target) {
	n := expr.NodeOf(t.src)
	c := &schema.ColumnDef{Name: path, Field: path, Position: len(p.defs), Offset: off, GoType: t.typ, Table: &schema.TableDef{Name: p.typ.String()}}
	switch {
	case t.typ.Kind() == reflect.Pointer:
		c.GoType, c.Null, c.Nullable = t.typ.Elem(), schema.NullPointer, true
	case t.typ.PkgPath() == "database/sql" && t.typ.Kind() == reflect.Struct && t.typ.NumField() == 2 && t.typ.Field(0).Name == "V":
		c.GoType, c.Null, c.Nullable = t.typ.Field(0).Type, schema.NullStruct, true
	}
	typ, ok := schema.TypeOf(c.GoType)
	if !ok {
		p.fail("field %s: no column can be read into %s", path, t.typ)
		return
	}
	if def := originOf(n); def != nil && def.GoType == c.GoType {
		typ = def.Type
	} else if def != nil {
		ok = false
	}
	if t, computed := dialect.DecimalType(n); computed && ok {
		typ = t
	}
	c.Type = typ
	p.nodes, p.defs = append(p.nodes, n), append(p.defs, c)
}

// originOf is the column whose values an expression has, nil where it makes its
// own.
func originOf(n expr.Node) *schema.ColumnDef {
	switch n := n.(type) {
	case *expr.ColumnRef:
		return dialect.ColumnOf(n)
	case *expr.CallNode:
		switch n.Name {
		case expr.FuncOptional, expr.FuncNullIf, expr.FuncCoalesce, expr.FuncGreatest, expr.FuncLeast:
			if len(n.Args) > 0 {
				return originOf(n.Args[0])
			}
		}
	case *expr.AggNode:
		switch n.Name {
		case "max", "min", "sum", "lag", "lead", "first_value", "last_value", "nth_value":
			return originOf(n.Arg)
		case expr.AggMode, expr.AggPercentileDisc:
			if len(n.Within) == 1 {
				return originOf(n.Within[0].X)
			}
		}
	case *expr.WindowNode:
		if n.Func != nil {
			return originOf(n.Func)
		}
	case *expr.CollateNode:
		return originOf(n.X)
	case *expr.CaseNode:
		return originOfCase(n)
	case *expr.SubqueryNode:
		if n.Kind == expr.SubqueryValue && n.Stmt != nil && len(n.Stmt.Columns) == 1 {
			return originOf(n.Stmt.Columns[0])
		}
	case *expr.RelatedNode:
		return dialect.ColumnOf(n)
	}
	return nil
}

// originOfCase is the column whose values the branches of a CASE have, nil where they
// are those of columns of several types.
func originOfCase(n *expr.CaseNode) (def *schema.ColumnDef) {
	for i := range len(n.When) + 1 {
		x := n.Else
		if i < len(n.When) {
			x = n.When[i].Then
		}
		c := originOf(x)
		switch {
		case def == nil:
			def = c
		case c != nil && (c.Type.Kind != def.Type.Kind || c.Type.Size != def.Type.Size || c.Type.EnumName != def.Type.EnumName):
			return nil
		}
	}
	return def
}

// errNoFrom says what a Selection lacks.
var errNoFrom = errors.New("it reads from no table: say From")
