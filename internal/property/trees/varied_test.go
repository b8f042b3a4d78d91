package trees_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
)

// varied copies statements with one thing changed in their trees: a flag, an operator,
// a kind or a number of a node, or which column stands in a place.
type varied struct {
	at   int // of which of them, -1 for none
	n    int // those that were met
	refs []*expr.ColumnRef
	to   int // which column comes in
}

// path is that of the packages whose structs are copied: sources, which compare by
// their identity, and columns are kept.
var path = reflect.TypeFor[expr.SelectStmt]().PkgPath()

func (v *varied) here() bool {
	v.n++
	return v.n-1 == v.at
}

func (v *varied) copy(x reflect.Value) reflect.Value {
	out := reflect.New(x.Type()).Elem()
	out.Set(x)
	switch x.Kind() {
	case reflect.Interface:
		if e := x.Elem(); !x.IsNil() && e.Kind() == reflect.Pointer {
			out.Set(v.copy(e))
		}
	case reflect.Pointer:
		switch p := x.Interface().(type) {
		case *expr.ColumnRef:
			if v.at < 0 {
				v.refs = append(v.refs, p)
			}
			if v.here() {
				out.Set(reflect.ValueOf(v.refs[v.to%len(v.refs)]))
			}
		case *expr.Source, *expr.Query, *expr.Filters:
		default:
			if !x.IsNil() && x.Type().Elem().PkgPath() == path {
				out.Set(reflect.New(x.Type().Elem()))
				out.Elem().Set(v.copy(x.Elem()))
			}
		}
	case reflect.Slice:
		switch x.Type().Elem().Kind() {
		case reflect.Interface, reflect.Pointer, reflect.Struct:
			out.Set(reflect.MakeSlice(x.Type(), x.Len(), x.Len()))
			for i := range x.Len() {
				out.Index(i).Set(v.copy(x.Index(i)))
			}
		}
	case reflect.Struct:
		for i := range x.NumField() {
			if x.Type().Field(i).IsExported() && x.Type().PkgPath() == path {
				out.Field(i).Set(v.copy(x.Field(i)))
			}
		}
	case reflect.Bool:
		out.SetBool(x.Bool() != v.here())
	case reflect.Uint8:
		if v.here() {
			out.SetUint(x.Uint() ^ 1)
		}
	case reflect.Int, reflect.Int64:
		if v.here() {
			out.SetInt(x.Int() ^ 1)
		}
	}
	return out
}

func (v *varied) of(s *expr.SelectStmt) *expr.SelectStmt {
	return v.copy(reflect.ValueOf(s)).Interface().(*expr.SelectStmt)
}

// A statement of which one thing is changed shares the key only where the text is the
// same: whatever a node has that the text goes by is part of the key.
func TestShapesHaveAllOfANode(t *testing.T) {
	w := open(t)
	differ := 0
	rapid.Check(t, func(t *rapid.T) {
		shape, values := tapes(t)
		a := w.offline(shape, values).statement()
		all := &varied{at: -1}
		if text(t, dialects[0], all.of(a)) != text(t, dialects[0], a) {
			t.Fatalf("a copy has another text than\n%s", text(t, dialects[0], a))
		}
		for i := range min(all.n, 60) {
			at := i
			if all.n > 60 {
				at = rapid.IntRange(0, all.n-1).Draw(t, "place")
			}
			b := (&varied{at: at, refs: all.refs, to: rapid.IntRange(0, 20).Draw(t, "column")}).of(a)
			for _, d := range dialects {
				k := &keys{d, dialect.NewCache(d, 4)}
				shared, known := k.same(t, a, b)
				one, two := text(t, d, a), text(t, d, b)
				if known && one != two {
					differ++
				}
				if shared && one != two {
					t.Fatalf("%s: one key for\n%s\n%s", d.Name(), one, two)
				}
			}
		}
	})
	t.Logf("%d pairs of different texts", differ)
	if differ < 1000 {
		t.Errorf("%d pairs of different texts: too few to mean anything", differ)
	}
}
