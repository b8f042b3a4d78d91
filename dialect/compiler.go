package dialect

import (
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Compiled is a statement as SQL text and the driver values of its
// placeholders, in their order.
type Compiled struct {
	SQL  string
	Args []any
	// Writes: a common table expression of the statement writes, whatever the
	// statement itself does.
	Writes bool
}

// Compile turns a statement into SQL. What cannot be built (a zero expression, a
// column whose source is not in FROM, a construct that the dialect lacks) is an
// error, before the database sees anything. It is safe for concurrent use.
func Compile(d Dialect, stmt expr.Statement) (Compiled, error) {
	c := compilers.Get().(*Compiler)
	c.d, c.caps = d, d.Capabilities()
	out, err := c.compile(stmt)
	if c.release() {
		compilers.Put(c)
	}
	return out, err
}

func (c *Compiler) compile(stmt expr.Statement) (Compiled, error) {
	if err := c.statement(stmt); err != nil {
		return Compiled{}, compileError(err)
	}
	// A cache has no text for more: those of one shape have as many.
	if n, most := len(c.args), c.caps.MaxParams; most > 0 && n > most {
		return Compiled{}, compileError(c.Unsupported(fmt.Sprintf("a statement of %d parameters, %d being the most (put the rows of repo.Rows into a table, or give a column's values to In, which sends a list as one),", n, most)))
	}
	return Compiled{SQL: string(c.buf), Args: append([]any(nil), c.args...), Writes: c.writes}, nil
}

// compilers are compilers of statements, kept for their memory.
var compilers = sync.Pool{New: func() any { return &Compiler{buf: make([]byte, 0, 512)} }}

// maxKept is the length of a text whose memory is kept, in bytes.
const maxKept = 64 << 10

// release leaves nothing of its statement in a compiler, and reports whether its
// memory is worth keeping. It writes no more than it must, since a compiler that is
// kept is written under the eyes of the garbage collector.
func (c *Compiler) release() bool {
	if cap(c.buf) > maxKept || cap(c.args)*16 > maxKept {
		return false
	}
	clear(c.args)
	clear(c.sources[:cap(c.sources)])
	c.args, c.buf, c.written, c.sources = c.args[:0], c.buf[:0], c.written[:0], c.sources[:0]
	c.placed.from, c.placed.to = 0, 0
	c.above, c.qualify, c.inline, c.inner, c.writes, c.guarded, c.clause = 0, false, false, false, false, false, 0
	c.alone, c.rowwise = false, false
	c.statements = c.statements[:0]
	c.planned, c.simple, c.names, c.filters, c.filtering = nil, nil, nil, nil, nil
	if c.again.nodes != nil {
		c.again = again{}
	}
	c.again.off = false
	c.bound = occurrence{}
	return true
}

// Inline renders one expression for DDL: literals in the text, columns without
// their table.
func Inline(d Dialect, n expr.Node) (string, error) {
	c := newCompiler(d)
	c.inline = true
	if err := c.expr(n, precLowest); err != nil {
		return "", compileError(err)
	}
	return string(c.buf), nil
}

func compileError(err error) error {
	return fmt.Errorf("dialect: compile: %w", err)
}

// Compiler writes one statement. The dialects use its exported methods to render
// what they spell in their own way. It belongs to one goroutine.
type Compiler struct {
	binder
	caps Capabilities
	buf  []byte
	// placed is where the last placeholder stands.
	placed struct{ from, to int }
	// known are parts that were written before, nil where none are kept.
	known *fragments
	// written is a copy of what was written last.
	written []byte
	// sources are the tables that may be named, those of an inner scope after
	// those of the outer; qualify says that columns carry their table's name.
	// The first above of them are those of the statements around this one.
	sources []occurrence
	qualify bool
	above   int
	// statements are those around, the outermost first.
	statements []surrounding
	// simple is a statement that reads no other.
	simple *expr.SelectStmt
	// What the shape of the statement has found out: alone, that there is no other
	// within; rowwise, that nothing in it is made of several rows.
	alone, rowwise bool
	// inline writes literals in place of placeholders, and takes columns of any
	// source.
	inline bool
	// inner says that a subquery is being written, whose results have names, if
	// they are read by them.
	inner bool
	names []string
	// again are the expressions that are written as they were the first time.
	again again
	// writes: a common table expression writes.
	writes bool
	// clause is the part of a SELECT that is being written.
	clause clause
	// guarded refuses conditions of nothing, as UPDATE and DELETE want.
	guarded bool
	// filters are those of the statement that is being written; filtering is the
	// one whose condition is, and bound what its table's columns mean there.
	filters   *expr.Filters
	filtering *schema.FilterDef
	bound     occurrence
}

func newCompiler(d Dialect) *Compiler {
	return &Compiler{binder: binder{d: d}, caps: d.Capabilities(), buf: make([]byte, 0, 256)}
}

// Text writes SQL as it is.
func (c *Compiler) Text(s string) { c.buf = append(c.buf, s...) }

// Literal writes a value into the text, safely quoted.
func (c *Compiler) Literal(v any) error {
	b, err := c.d.AppendLiteral(c.buf, v)
	if err != nil {
		return err
	}
	c.buf = b
	return nil
}

// Name writes a quoted identifier.
func (c *Compiler) Name(ident string) error {
	if err := CheckName(ident); err != nil {
		return err
	}
	c.buf = c.d.AppendQuoted(c.buf, ident)
	return nil
}

// Expr writes an expression that stands by itself: an argument of a function, a
// whole condition.
func (c *Compiler) Expr(n expr.Node) error { return c.expr(n, precLowest) }

// Operand writes an expression that an operator binds: what binds more loosely
// than a primary expression gets parentheses.
func (c *Compiler) Operand(n expr.Node) error { return c.expr(n, precConcat) }

// Typed writes an expression where the context gives a parameter no type: the
// parameter is cast where the dialect needs that.
func (c *Compiler) Typed(n expr.Node) error { return c.typed(n, precLowest) }

// TypedOperand is Operand and Typed in one.
func (c *Compiler) TypedOperand(n expr.Node) error { return c.typed(n, precConcat) }

// TypedPrimary is Typed, with parentheses around all that an operator could tear
// apart.
func (c *Compiler) TypedPrimary(n expr.Node) error { return c.typed(n, precPrimary) }

// Placeholder writes the placeholder of the next argument.
func (c *Compiler) Placeholder(arg any) error {
	if c.inline {
		return c.Literal(arg)
	}
	c.args = append(c.args, arg)
	c.placed.from = len(c.buf)
	c.buf = c.d.AppendPlaceholder(c.buf, len(c.args))
	c.placed.to = len(c.buf)
	return nil
}

// ParamValue returns the value that a parameter has for the driver, for dialects
// that write something else in its place.
func (c *Compiler) ParamValue(p *expr.ParamNode) (any, error) { return c.encodeParam(p) }

// Inline reports whether literals are written in place of placeholders.
func (c *Compiler) Inline() bool { return c.inline }

// Unsupported returns the error that the dialect lacks a construct.
func (c *Compiler) Unsupported(construct string) error {
	return &UnsupportedError{Construct: construct, Dialect: c.d.Name()}
}

// CheckName returns an error for a name that no database takes: an empty one, or
// one with a NUL.
func CheckName(ident string) error {
	if ident == "" {
		return errors.New("empty name")
	}
	for i := 0; i < len(ident); i++ {
		if ident[i] == 0 {
			return fmt.Errorf("name %q contains a NUL", ident)
		}
	}
	return nil
}

// columnDef is the definition behind a reference, nil where there is none.
func columnDef(ref *expr.ColumnRef) *schema.ColumnDef {
	if ref == nil {
		return nil
	}
	d, _ := ref.Def.(*schema.ColumnDef)
	return d
}

// typeOfGo is the type that stands for a Go type in a CAST.
func typeOfGo(t reflect.Type) (*schema.Type, bool) {
	if k, ok := goKinds[t.Kind()]; ok {
		return &schema.Type{Kind: k}, true
	}
	switch {
	case t == timeType:
		return &schema.Type{Kind: schema.TimeKind}, true
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return &schema.Type{Kind: schema.BytesKind}, true
	case t.Kind() == reflect.Array && t.Len() == 16 && t.Elem().Kind() == reflect.Uint8:
		return &schema.Type{Kind: schema.UUIDKind}, true
	}
	return nil, false
}

var goKinds = map[reflect.Kind]schema.Kind{
	reflect.Bool: schema.BoolKind,
	reflect.Int:  schema.Int64Kind, reflect.Int8: schema.Int16Kind, reflect.Int16: schema.Int16Kind,
	reflect.Int32: schema.Int32Kind, reflect.Int64: schema.Int64Kind,
	reflect.Uint: schema.Int64Kind, reflect.Uint8: schema.Int16Kind, reflect.Uint16: schema.Int32Kind,
	reflect.Uint32: schema.Int64Kind, reflect.Uint64: schema.Int64Kind,
	reflect.Float32: schema.Float32Kind, reflect.Float64: schema.Float64Kind,
	reflect.String: schema.TextKind,
}
