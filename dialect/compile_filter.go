package dialect

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// ErrFilter is the kind of a *FilterError, for errors.Is.
var ErrFilter = errors.New("dialect: filter without its parameter")

// FilterError says that a filter of a table cannot be applied: its parameter has no
// value, or one of another type. It is returned before any SQL is sent, so that no
// statement runs without the filter.
type FilterError struct {
	Filter, Table, Parameter string
	// Reason says what is wrong with the parameter's value, without the value.
	Reason string
	// Flush says that a flush has the error, for which only its context turns filters
	// off.
	Flush bool
}

func (e *FilterError) Error() string {
	of := ""
	if e.Filter != "" {
		of = fmt.Sprintf("filter %s of table %s: ", e.Filter, e.Table)
	}
	by := "Unfiltered"
	if e.Flush {
		by = "repo.WithoutFilter in the context of the flush"
	}
	return fmt.Sprintf("%sparameter %s %s: give it one by repo.WithParameter, or turn the filter off by %s", of, e.Parameter, e.Reason, by)
}

// Is reports whether target is ErrFilter.
func (e *FilterError) Is(target error) bool { return target == ErrFilter }

// FilterValue returns the value of a parameter among those of a statement, which
// may be nil. The error is a *FilterError, for the caller to complete.
func FilterValue(on *expr.Filters, name string, typ reflect.Type) (any, error) {
	var v any
	if on != nil {
		v = on.Values[name]
	}
	switch {
	case v == nil:
		return nil, &FilterError{Parameter: name, Reason: "has no value"}
	case reflect.TypeOf(v) != typ:
		return nil, &FilterError{Parameter: name, Reason: fmt.Sprintf("has a value of type %T, not %s", v, typ)}
	}
	return v, nil
}

// A filter is applied, or left out, or turned round.
const (
	filterOff byte = iota
	filterOn
	filterTurned
)

// filterMode says what a statement does about a filter. main: of the table that it
// reads first, or writes.
func filterMode(f *schema.FilterDef, on *expr.Filters, main bool) byte {
	switch {
	case on == nil:
		return filterOn
	case on.Only && f.Kind == schema.DeletedFilter:
		return choose2(main, filterTurned, filterOff)
	case on.Live && main && f.Kind == schema.DeletedFilter:
		return filterOn
	case on.All:
		return filterOff
	case slices.Contains(on.Off, f.Name):
		return filterOff
	}
	return filterOn
}

func choose2(cond bool, yes, no byte) byte {
	if cond {
		return yes
	}
	return no
}

// filtersOf are the filters of a source's table; none of a query's rows.
func filtersOf(src *expr.Source) []*schema.FilterDef {
	if src == nil || src.Query != nil {
		return nil
	}
	def, _ := src.Def.(*schema.TableDef)
	if def == nil {
		return nil
	}
	return def.Filters
}

// filters reports whether filters are applied to a source.
func filters(src *expr.Source, on *expr.Filters, main bool) bool {
	for _, f := range filtersOf(src) {
		if filterMode(f, on, main) != filterOff {
			return true
		}
	}
	return false
}

// filtersWithin are the filters that a statement within another applies: what the
// outer one turns off is off, and the inner one's say is added.
func filtersWithin(outer, own *expr.Filters) *expr.Filters {
	if own == nil {
		if outer == nil || !outer.Only && !outer.Live {
			return outer
		}
		inner := *outer // Only and Live are of the outer one's first table
		if inner.Only {
			inner.Off = append(slices.Clip(outer.Off), expr.FilterDeleted)
		}
		inner.Only, inner.Live = false, false
		return &inner
	}
	if outer == nil {
		return own
	}
	inner := *own
	inner.All = own.All || outer.All
	inner.Off = append(slices.Clip(outer.Off), own.Off...)
	if outer.Only && !own.Only {
		inner.Off = append(inner.Off, expr.FilterDeleted)
	}
	if inner.Values == nil {
		inner.Values = outer.Values
	}
	return &inner
}

// derivedForJoin reports whether a source of a FROM with these joins is filtered by
// a subquery in its place: rows that a condition would take from the result after
// the join must not take part in it. at is -1 for FROM.
func derivedForJoin(joins []expr.JoinClause, at int) bool {
	if at >= 0 {
		return joins[at].Kind == expr.RightJoin || joins[at].Kind == expr.FullJoin
	}
	for _, j := range joins {
		if j.Kind == expr.RightJoin || j.Kind == expr.FullJoin {
			return true
		}
	}
	return false
}

// nameFiltered gives the sources that are filtered by a subquery a name of their
// own, where that of their table has a schema.
func (c *Compiler) nameFiltered(s *expr.SelectStmt, from int) {
	for i := range c.sources[from:] {
		o := &c.sources[from+i]
		if o.alias == "" && o.src.Alias == "" && o.src.Schema != "" && derivedForJoin(s.Joins, i-1) && filters(o.src, c.filters, i == 0) {
			o.alias = o.src.Label()
		}
	}
}

// filtered writes a source as FROM names it, with its filters where they have to
// be applied before it is joined.
func (c *Compiler) filtered(s *expr.SelectStmt, at int, o occurrence) error {
	if !derivedForJoin(s.Joins, at) || !filters(o.src, c.filters, at < 0) {
		return c.source(o)
	}
	c.Text("(SELECT * FROM ")
	if o.src.Schema != "" {
		if err := c.Name(o.src.Schema); err != nil {
			return err
		}
		c.Text(".")
	}
	if err := c.Name(o.src.Name); err != nil {
		return err
	}
	qualify := c.qualify
	c.qualify = false
	err := c.filter(o, at < 0, " WHERE ")
	c.qualify = qualify
	if err != nil {
		return err
	}
	c.Text(") AS ")
	return c.Name(o.label())
}

// filter writes the filters of a source, the first after the text before, the
// others after AND.
func (c *Compiler) filter(o occurrence, main bool, before string) error {
	for _, f := range filtersOf(o.src) {
		mode := filterMode(f, c.filters, main)
		if mode == filterOff {
			continue
		}
		c.Text(before)
		before = " AND "
		was, bound, guarded := c.filtering, c.bound, c.guarded
		c.filtering, c.bound, c.guarded = f, o, false
		var err error
		if mode == filterTurned {
			err = c.expr(&expr.NullNode{X: f.Column.Ref, Not: true}, precAnd)
		} else {
			err = c.expr(f.Cond, precAnd)
		}
		c.filtering, c.bound, c.guarded = was, bound, guarded
		if err != nil {
			return err
		}
	}
	return nil
}

// filterParam is the value of a filter's parameter as a parameter of the statement.
func (c *Compiler) filterParam(n *expr.FilterParamNode) (*expr.ParamNode, error) {
	if c.filtering == nil {
		return nil, fmt.Errorf("parameter %s of no filter: expr.Parameter stands in schema.Filter alone", n.Name)
	}
	v, err := FilterValue(c.filters, n.Name, n.Type)
	if err != nil {
		e := err.(*FilterError)
		e.Filter, e.Table = c.filtering.Name, c.bound.src.Name
		return nil, e
	}
	return &expr.ParamNode{Value: v, Like: n.Like}, nil
}

// whereFiltered writes a condition and the filters of a source, where there are
// any.
func (c *Compiler) whereFiltered(n expr.Node, o occurrence, main bool) error {
	on := filters(o.src, c.filters, main)
	if n == nil {
		if on {
			return c.filter(o, main, " WHERE ")
		}
		return nil
	}
	c.Text(" WHERE ")
	if !on {
		return c.Expr(n)
	}
	if err := c.expr(n, precAnd); err != nil {
		return err
	}
	guarded := c.guarded
	c.guarded = false
	err := c.filter(o, main, " AND ")
	c.guarded = guarded
	return err
}

// filter adds the filters of a source to the key, and their parameters.
func (s *shape) filter(src *expr.Source, main bool) error {
	for _, f := range filtersOf(src) {
		mode := filterMode(f, s.filters, main)
		s.tag(mode)
		if mode == filterOff {
			continue
		}
		if err := s.node(f.Cond); err != nil {
			return err
		}
	}
	return nil
}

func (s *shape) filterParam(n *expr.FilterParamNode) error {
	v, err := FilterValue(s.filters, n.Name, n.Type)
	if err != nil {
		return errNoShape // the compiler has the words
	}
	return s.param(v, n.Like)
}
