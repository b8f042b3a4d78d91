package values_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
)

// docs are documents whose part "v" is of every kind.
var docs = []string{
	`{"v": "text", "list": [1, {"k": "in"}, null]}`, `{"v": ""}`, `{"v": "größer \"x\" \\"}`, `{"v": 12}`, `{"v": -9007199254740993}`, `{"v": 9223372036854775807}`,
	`{"v": 9223372036854775808}`, `{"v": 1.5}`, `{"v": -2.0}`, `{"v": 1e20}`, `{"v": true}`, `{"v": false}`, `{"v": null}`, `{"v": [1]}`, `{"v": {"v": "x"}}`, `{}`, `[]`, `["v"]`, `"v"`, `7`, `null`,
	`{"a.b": "dot", "a\"b": "quote", "a'b": "tick", "a\\b": "slash", "": "empty", "0": "zero", "[0]": "bracket", "$": "dollar", "é": "accent", "a\nb": "line"}`,
}

// part follows a path in Go, telling nothing from null.
func part(doc string, path ...any) (v any, there bool) {
	d := json.NewDecoder(strings.NewReader(doc))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				return nil, false
			}
			if v, ok = m[p]; !ok {
				return nil, false
			}
		case int:
			l, ok := v.([]any)
			if ok && p < 0 {
				p += len(l)
			}
			if !ok || p < 0 || p >= len(l) {
				return nil, false
			}
			v = l[p]
		}
	}
	return v, true
}

func textAt(doc string, path ...any) *string {
	if v, _ := part(doc, path...); v != nil {
		if s, ok := v.(string); ok {
			return &s
		}
	}
	return nil
}

func intAt(doc string, path ...any) *int64 {
	v, _ := part(doc, path...)
	if n, ok := v.(json.Number); ok {
		if i, err := n.Int64(); err == nil {
			return &i
		}
		if f, _ := n.Float64(); f == float64(int64(f)) && f < 9e18 && f > -9e18 {
			return ptr(int64(f))
		}
	}
	return nil
}

func floatAt(doc string, path ...any) *float64 {
	v, _ := part(doc, path...)
	if n, ok := v.(json.Number); ok {
		f, _ := n.Float64()
		return &f
	}
	return nil
}

func boolAt(doc string, path ...any) *bool {
	v, _ := part(doc, path...)
	if b, ok := v.(bool); ok {
		return &b
	}
	return nil
}

func TestJSONPaths(t *testing.T) {
	var list []Item
	for _, d := range docs {
		it := Item{Doc: json.RawMessage(d)}
		if err := json.Unmarshal([]byte(d), &it.Data.V); err != nil {
			it.Data.V = map[string]any{"v": "other"}
		}
		list = append(list, it)
	}
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, list...)
		for _, path := range [][]any{
			{"v"}, {}, {0}, {-1}, {"v", 0}, {"v", "v"}, {"list", 0}, {"list", 1, "k"}, {"list", -2, "k"}, {"list", -9}, {"list", 2}, {"list", 99}, {"list", "0"}, {"none", "v"},
			{"a.b"}, {`a"b`}, {"a'b"}, {`a\b`}, {""}, {"0"}, {"[0]"}, {"$"}, {"é"}, {"a\nb"}, {"v') OR 1=1 --"}, {"$1"}, {"?"},
		} {
			name := show(path)
			same(t, "text at "+name, read(t, db, expr.JSON[string](Items.Doc, path...)), eachDoc(func(d string) *string { return textAt(d, path...) }))
			same(t, "int at "+name, read(t, db, expr.JSON[int64](Items.Doc, path...)), eachDoc(func(d string) *int64 { return intAt(d, path...) }))
			same(t, "float at "+name, read(t, db, expr.JSON[float64](Items.Doc, path...)), eachDoc(func(d string) *float64 { return floatAt(d, path...) }))
			same(t, "bool at "+name, read(t, db, expr.JSON[bool](Items.Doc, path...)), eachDoc(func(d string) *bool { return boolAt(d, path...) }))
			want := []int64{}
			for i, d := range docs {
				if _, there := part(d, path...); there {
					want = append(want, int64(i+1))
				}
			}
			same(t, "something at "+name, ids(t, db, expr.JSONExists(Items.Doc, path...)), want)
		}
		same(t, "of a schema.JSON", read(t, db, expr.JSON[string](Items.Data, "v"))[:3], []*string{ptr("text"), ptr(""), ptr(`größer "x" \`)})
		same(t, "in a condition", ids(t, db, expr.And(expr.JSON[int64](Items.Doc, "v").Ge(12), expr.JSON[float64](Items.Doc, "v").Lt(1e18))), []int64{4})
		same(t, "in an order and a group", total(t, db, expr.Max(expr.JSON[string](Items.Doc, "list", 1, "k"))), ptr("in"))
		if err := failure(db, expr.JSON[string](Items.S, "v")); err == nil || !strings.Contains(err.Error(), "column s of items is no JSON") {
			t.Errorf("of a text: %v", err)
		}
	}, Items)
}

func eachDoc[R any](f func(string) R) []R {
	out := make([]R, len(docs))
	for i, d := range docs {
		out[i] = f(d)
	}
	return out
}

func TestArrays(t *testing.T) {
	list := []Item{
		{Tags: []string{"a", "b"}, Nums: []int64{1, 2, 2}, Marks: []float64{0.5, 1}}, {Tags: []string{}, Nums: []int64{}, Marks: []float64{}},
		{Tags: []string{"", "größer", `"q"`, "a,b", "{x}"}, Nums: []int64{-9007199254740993, 9007199254740993}, Marks: []float64{1e300, 0.1}},
		{Tags: []string{"NULL", "null", "1", "true"}, Nums: []int64{0}, Marks: []float64{-0.25}}, {Tags: []string{"A", "a"}, Nums: []int64{2, 1}, Marks: []float64{3}},
	}
	has := func(all []string, v string) bool {
		for _, a := range all {
			if a == v {
				return true
			}
		}
		return false
	}
	where := func(f func(Item) bool) []int64 {
		out := []int64{}
		for i, it := range list {
			if f(it) {
				out = append(out, int64(i+1))
			}
		}
		return out
	}
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, list...)
		for _, v := range []string{"a", "b", "", "größer", `"q"`, "a,b", "{x}", "NULL", "null", "1", "true", "A", "none"} {
			same(t, "contains "+v, ids(t, db, expr.ArrayContains(Items.Tags, v)), where(func(i Item) bool { return has(i.Tags, v) }))
			same(t, "not "+v, ids(t, db, expr.Not(expr.ArrayContains(Items.Tags, v))), where(func(i Item) bool { return !has(i.Tags, v) }))
		}
		same(t, "number", ids(t, db, expr.ArrayContains(Items.Nums, 9007199254740993)), []int64{3})
		same(t, "number next to it", ids(t, db, expr.ArrayContains(Items.Nums, 9007199254740992)), []int64{})
		same(t, "float", ids(t, db, expr.ArrayContains(Items.Marks, 0.1)), []int64{3})
		same(t, "whole float", ids(t, db, expr.ArrayContains(Items.Marks, 1)), []int64{1})
		for _, vs := range [][]string{{}, {"a"}, {"a", "a"}, {"b", "a"}, {"a", "A"}, {"none", "a"}, {"none"}} {
			all, one := 0, 0
			same(t, "all of "+show(vs), ids(t, db, expr.ArrayContainsAll(Items.Tags, vs...)), where(func(i Item) bool {
				all = 0
				for _, v := range vs {
					if has(i.Tags, v) {
						all++
					}
				}
				return all == len(vs)
			}))
			same(t, "one of "+show(vs), ids(t, db, expr.ArrayOverlaps(Items.Tags, vs...)), where(func(i Item) bool {
				one = 0
				for _, v := range vs {
					if has(i.Tags, v) {
						one++
					}
				}
				return one > 0
			}))
		}
		same(t, "numbers", ids(t, db, expr.ArrayContainsAll(Items.Nums, 1, 2)), []int64{1, 5})
		same(t, "length", read(t, db, expr.ArrayLength(Items.Tags)), each(list, func(i Item) int64 { return int64(len(i.Tags)) }))
		same(t, "by length", ids(t, db, expr.ArrayLength(Items.Nums).Gt(2)), []int64{1})
	}, Items)
}

func TestTuples(t *testing.T) {
	list := []Item{{N: 1, S: "a", O: ptr("x"), Price: "9.00"}, {N: 1, S: "b", Price: "10.00"}, {N: 2, S: "a", O: ptr("y"), Price: "-0.50"}, {N: -3, S: "", O: ptr(""), Price: "9.00"}}
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, list...)
		place := expr.Tuple2(Items.N, Items.S)
		for name, c := range map[string]struct {
			cond expr.Expr[Item]
			want []int64
		}{
			"eq": {place.Eq(1, "b"), []int64{2}}, "ne": {place.Ne(1, "b"), []int64{1, 3, 4}}, "lt": {place.Lt(1, "b"), []int64{1, 4}}, "le": {place.Le(1, "b"), []int64{1, 2, 4}},
			"gt": {place.Gt(1, "a"), []int64{2, 3}}, "ge": {place.Ge(1, "a"), []int64{1, 2, 3}},
			"in": {place.In(place.Of(1, "a"), place.Of(2, "a"), place.Of(2, "b")), []int64{1, 3}}, "not in": {place.NotIn(place.Of(1, "a"), place.Of(2, "a")), []int64{2, 4}},
			"in nothing": {place.In(), []int64{}}, "not in nothing": {place.NotIn(), []int64{1, 2, 3, 4}},
			"nullable":           {expr.Tuple2(Items.N, Items.O).In(expr.PairValue[int64, string]{A: 1, B: "x"}, expr.PairValue[int64, string]{A: -3, B: ""}), []int64{1, 4}},
			"not nullable":       {expr.Tuple2(Items.N, Items.O).NotIn(expr.PairValue[int64, string]{A: 1, B: "x"}), []int64{3, 4}},
			"of values":          {expr.Tuple2(expr.Add(Items.N, 1), expr.Upper(Items.S)).In(expr.PairValue[int64, string]{A: 2, B: "A"}, expr.PairValue[int64, string]{A: 3, B: "A"}), []int64{1, 3}},
			"not of values":      {expr.Tuple2(expr.Add(Items.N, 1), expr.Upper(Items.S)).NotIn(expr.PairValue[int64, string]{A: 2, B: "A"}), []int64{2, 3, 4}},
			"of values, nothing": {expr.Or(expr.Tuple2(expr.Add(Items.N, 1), Items.S).In(), expr.Tuple2(expr.Add(Items.N, 1), Items.S).NotIn()), []int64{1, 2, 3, 4}},
			"three":              {expr.Tuple3(Items.N, Items.S, Items.ID).Gt(1, "a", 1), []int64{2, 3}},
			"three in":           {expr.Tuple3(Items.N, Items.S, Items.ID).In(expr.TripleValue[int64, string, int64]{A: 1, B: "b", C: 2}), []int64{2}},
			"decimals":           {expr.Tuple2(Items.Price, Items.ID).Lt("10.00", 1), []int64{1, 3, 4}}, "decimals too": {expr.Tuple2(Items.Price, Items.N).Ge("9.00", 1), []int64{1, 2}},
			"decimals, as values": {expr.Tuple2(Items.Price, Items.N).Eq("9", 1), []int64{1}},
		} {
			same(t, name, ids(t, db, c.cond), c.want)
		}
		var many []expr.PairValue[int64, string]
		for i := range int64(40_000) {
			many = append(many, place.Of(i, "a"))
		}
		same(t, "in many", ids(t, db, place.In(many...)), []int64{1, 3})
		same(t, "not in many", ids(t, db, place.NotIn(many...)), []int64{2, 4})
	}, Items)
}

func TestUserFunctions(t *testing.T) {
	list := []Item{{S: "abc", Small: 5, O: ptr("x")}, {S: "größer", Small: -5}}
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, list...)
		same(t, "of a column", read(t, db, expr.FuncOf[string]("upper", Items.O)), []*string{ptr("X"), nil})
		same(t, "given a value", read(t, db, expr.Coalesce(expr.FuncOf[int64]("abs", Items.Small), 0)), []int64{5, 5})
		same(t, "of arguments cast by their type", read(t, db, expr.FuncOf[string]("substr", Items.S, expr.Val(int32(2)), expr.Val(int32(1)))), []*string{ptr("b"), ptr("r")})
		same(t, "in a condition", ids(t, db, expr.FuncOf[string]("upper", Items.S).Eq("ABC")), []int64{1})
		same(t, "without columns", total(t, db, expr.Max(expr.Func[string]("replace", expr.Val("a?b"), expr.Val("?"), expr.Val("'")))), ptr("a'b"))
		err := failure(db, expr.FuncOf[string]("pg_catalog.upper", Items.S))
		if schemas := db.Dialect().Capabilities().Schemas; schemas && err != nil || !schemas && !errors.Is(err, dialect.ErrUnsupported) {
			t.Errorf("in a schema: %v", err)
		}
		for _, name := range []string{"", "a b", "upper(", `u"`, "a.b.c", ".a", "a.", "1a", "é", "lower('x') --"} {
			if err := failure(db, expr.Func[string](name)); err == nil || !strings.Contains(err.Error(), "a name of letters, digits and _") {
				t.Errorf("%q: %v", name, err)
			}
		}
		if err := failure(db, expr.Func[string]("lower", nil)); err == nil || !strings.Contains(err.Error(), "nil used as an expression") {
			t.Errorf("nil: %v", err)
		}
		if err := failure(db, expr.Func[string]("upper", Items.O)); err == nil || !strings.Contains(err.Error(), "NULL into a field of type string") {
			t.Errorf("NULL after all: %v", err)
		}
	}, Items)
}
