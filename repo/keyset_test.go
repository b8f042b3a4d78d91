package repo

import (
	"database/sql/driver"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// TestValuesOfForgedCursors: a cursor's sum is no signature, so that values which
// are none of the order's columns are refused before the database sees them.
func TestValuesOfForgedCursors(t *testing.T) {
	col := func(name string, nullable bool, goValue any) orderedBy {
		typ, ok := schema.TypeOf(reflect.TypeOf(goValue))
		if !ok {
			t.Fatalf("no type of %T", goValue)
		}
		return orderedBy{nullable: nullable, def: &schema.ColumnDef{Name: name, Type: typ, GoType: reflect.TypeOf(goValue)}}
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	for name, c := range map[string]struct {
		by        orderedBy
		good, bad []driver.Value
	}{
		"int16": {col("n", false, int16(0)), []driver.Value{int64(-32768)}, []driver.Value{int64(40000), "5", 5.0, nil, true}},
		"text":  {col("s", true, ""), []driver.Value{"", "é", nil}, []driver.Value{"\x00", "\xff", int64(1), []byte("a")}},
		"float": {col("f", false, 0.0), []driver.Value{0.1, math.Inf(1), math.NaN()}, []driver.Value{int64(1), "0.1"}},
		"bool":  {col("b", false, false), []driver.Value{true}, []driver.Value{int64(1), "true"}},
		"time":  {col("t", false, at), []driver.Value{at}, []driver.Value{"2026-03-01 12:00:00", int64(1), at.AddDate(9000, 0, 0)}},
		"uuid":  {col("u", false, [16]byte{}), []driver.Value{"00000000-0000-0000-0000-000000000001"}, []driver.Value{"1", "", "00000000-0000-0000-0000-00000000000G", []byte{1}}},
		"bytes": {col("d", false, []byte{}), []driver.Value{[]byte{0, 255}}, []driver.Value{"ab", int64(1)}},
		"free":  {orderedBy{nullable: true}, []driver.Value{nil, int64(1), 1.5, "x", true, at}, []driver.Value{[]byte("x")}},
	} {
		o := &keyset{d: postgres.New(), terms: []orderedBy{c.by}}
		for _, v := range c.good {
			if !o.fits([]driver.Value{v}) {
				t.Errorf("%s: %v was refused", name, v)
			}
		}
		for _, v := range c.bad {
			if o.fits([]driver.Value{v}) {
				t.Errorf("%s: %v of type %T was taken", name, v, v)
			}
		}
	}
}

// TestAfter is the condition for each kind of term, of the last one and of one
// before it.
func TestAfter(t *testing.T) {
	x, rest := &expr.ColumnRef{Name: "x"}, &expr.ConstNode{Value: true}

	for _, c := range []struct {
		by          orderedBy
		v           driver.Value
		last, first string
	}{
		{orderedBy{x: x}, int64(1), "x>1", "(x>=1 and (x>1 or TRUE))"},
		{orderedBy{x: x, desc: true}, int64(1), "x<1", "(x<=1 and (x<1 or TRUE))"},
		{orderedBy{x: x, nullable: true, nullsFirst: true}, int64(1), "x>1", "(x>=1 and (x>1 or TRUE))"},
		{orderedBy{x: x, nullable: true}, int64(1), "(x>1 or x is null)", "((x>=1 or x is null) and ((x>1 or x is null) or TRUE))"},
		{orderedBy{x: x, nullable: true}, nil, "FALSE", "(x is null and TRUE)"},
		{orderedBy{x: x, nullable: true, nullsFirst: true}, nil, "x is not null", "(x is not null or TRUE)"},
	} {
		if got := inShort(c.by.after(c.v, nil)); got != c.last {
			t.Errorf("%+v after %v: %s, want %s", c.by, c.v, got, c.last)
		}
		if got := inShort(c.by.after(c.v, rest)); got != c.first {
			t.Errorf("%+v after %v, or the rest: %s, want %s", c.by, c.v, got, c.first)
		}
	}
}

// inShort is a condition in short.
func inShort(n expr.Node) string {
	switch n := n.(type) {
	case *expr.ColumnRef:
		return n.Name
	case *expr.ParamNode:
		return fmt.Sprint(n.Value)
	case *expr.ConstNode:
		return strings.ToUpper(fmt.Sprint(n.Value))
	case *expr.NullNode:
		return inShort(n.X) + map[bool]string{false: " is null", true: " is not null"}[n.Not]
	case *expr.CompareNode:
		return inShort(n.Left) + map[expr.CompareOp]string{expr.OpGt: ">", expr.OpGe: ">=", expr.OpLt: "<", expr.OpLe: "<="}[n.Op] + inShort(n.Right)
	case *expr.LogicNode:
		return "(" + inShort(n.Args[0]) + map[bool]string{false: " and ", true: " or "}[n.Or] + inShort(n.Args[1]) + ")"
	}
	return fmt.Sprintf("%T", n)
}
