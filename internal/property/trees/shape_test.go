package trees_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

var dialects = []dialect.Dialect{sqlite.New(), postgres.New()}

// offline is a generator without databases, of trees that are less deep.
func (w *world) offline(shape, values []byte) *gen {
	g := w.gen(shape, values)
	g.nest = 2
	return g
}

var (
	aliasLock sync.Mutex
	kept      = map[string]any{}
)

// aliased is an alias that was made before under that name: each call of schema.As is
// an occurrence of its own, and so another shape.
func aliased[T any](key string, make func() T) T {
	aliasLock.Lock()
	defer aliasLock.Unlock()
	if h, ok := kept[key]; ok {
		return h.(T)
	}
	h := make()
	kept[key] = h
	return h
}

// keys tells whether statements share a shape, by what a cache keeps: two of one
// shape take one place.
type keys struct {
	d     dialect.Dialect
	cache *dialect.Cache
}

// same reports whether two statements have one key, and fails where the cache gives
// either another text or other arguments than the compiler.
func (k *keys) same(t TB, a, b *expr.SelectStmt) (shared, known bool) {
	t.Helper()
	one := dialect.NewCache(k.d, 4)
	for i, s := range []*expr.SelectStmt{a, b} {
		want, err := dialect.Compile(k.d, s)
		for _, c := range []*dialect.Cache{one, k.cache} {
			got, cerr := c.Compile(s)
			if (err == nil) != (cerr == nil) {
				t.Fatalf("%s: the cache says %v, the compiler %v", k.d.Name(), cerr, err)
			}
			if err == nil && (got.SQL != want.SQL || !reflect.DeepEqual(got.Args, want.Args)) {
				t.Fatalf("%s: statement %d of two that share a key:\n%s\n%#v\nis taken for\n%s\n%#v", k.d.Name(), i, want.SQL, want.Args, got.SQL, got.Args)
			}
		}
		if err != nil {
			return false, false
		}
		alone := dialect.NewCache(k.d, 1) // which keeps what has a shape
		if _, err := alone.Compile(s); err != nil || alone.Len() == 0 {
			return false, false
		}
	}
	return one.Len() == 1, true
}

func text(t TB, d dialect.Dialect, s *expr.SelectStmt) string {
	t.Helper()
	c, err := dialect.Compile(d, s)
	if err != nil {
		return ""
	}
	return c.SQL
}

// Trees that differ in one choice, and so little, share a key only where they share
// their text. Of all trees of the run that hold, too: they go through one cache.
func TestShapesDiffer(t *testing.T) {
	w := open(t)
	all := map[string]*keys{}
	for _, d := range dialects {
		all[d.Name()] = &keys{d, dialect.NewCache(d, 100_000)}
	}
	pairs, differ := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		shape, values := tapes(t)
		for range 10 {
			other := bytes.Clone(shape)
			at := rapid.IntRange(0, min(len(shape)-1, 60)).Draw(t, "place")
			other[at] = rapid.Byte().Draw(t, "choice")
			a, b := w.offline(shape, values).statement(), w.offline(other, values).statement()
			if a == nil || b == nil {
				continue
			}
			for _, d := range dialects {
				shared, known := all[d.Name()].same(t, a, b)
				if !known {
					continue
				}
				pairs++
				one, two := text(t, d, a), text(t, d, b)
				if one != two {
					differ++
				}
				if shared && one != two {
					t.Fatalf("%s: one key for\n%s\n%s", d.Name(), one, two)
				}
			}
			shape = other
		}
	})
	t.Logf("%d pairs, %d of different texts", pairs, differ)
	if pairs < 100 || differ < 50 {
		t.Errorf("%d pairs, %d of different texts: too few to mean anything", pairs, differ)
	}
}

// Values, the length of a list and the numbers of LIMIT and OFFSET are no part of a
// shape, nor of a text. They are hostile in one of two trees.
func TestShapesOfValues(t *testing.T) {
	w := open(t)
	known := 0
	rapid.Check(t, func(t *rapid.T) {
		for range 10 {
			shape, values := tapes(t)
			other := slices.Concat(values[1:], values[:1], rapid.SliceOfN(rapid.Byte(), 8, 64).Draw(t, "other values"))
			one, two := w.offline(shape, []byte{0}), w.offline(shape, other)
			one.plainGroups, two.plainGroups = true, true
			a, b := one.statement(), two.statement()
			if a == nil || b == nil {
				continue
			}
			for _, d := range dialects {
				if one, two := text(t, d, a), text(t, d, b); one != two {
					t.Fatalf("%s: values change the text:\n%s\n%s", d.Name(), one, two)
				}
				k := &keys{d, dialect.NewCache(d, 4)}
				shared, is := k.same(t, a, b)
				if is {
					known++
				}
				if is && !shared {
					t.Fatalf("%s: values are part of the key of\n%s", d.Name(), text(t, d, a))
				}
			}
		}
	})
	if known < 100 {
		t.Errorf("%d statements with a shape: too few to mean anything", known)
	}
}

// Statements that have no shape, of queries in FROM and in conditions, have texts
// that no value changes either.
func TestValuesStayOutOfTexts(t *testing.T) {
	w := open(t)
	rapid.Check(t, func(t *rapid.T) {
		for range 5 {
			shape, values := tapes(t)
			plain, hostile := w.gen(shape, []byte{0}), w.gen(shape, values)
			plain.plainGroups, hostile.plainGroups = true, true
			a, b := plain.query(), hostile.query()
			for _, d := range dialects {
				one, _, err := a.sql(d)
				two, _, err2 := b.sql(d)
				if (err == nil) != (err2 == nil) || one != two {
					t.Fatalf("%s: values change the text:\n%s, %v\n%s, %v", d.Name(), one, err, two, err2)
				}
			}
		}
	})
}

// statement is that of a random selection of tables alone, nil where it is not such.
func (g *gen) statement() *expr.SelectStmt {
	q := g.selection()
	if q.stmt == nil {
		return nil
	}
	return q.stmt
}

// The statement that a plan builds is the one that its Selection has: else the tests
// of shapes would be of something else.
func TestStatementsAreTheSelections(t *testing.T) {
	w := open(t)
	rapid.Check(t, func(t *rapid.T) {
		shape, values := tapes(t)
		q := w.gen(shape, values).selection()
		if q.stmt == nil {
			return
		}
		for _, d := range dialects {
			want, _, err := q.sql(d)
			if err == nil && text(t, d, q.stmt) != want {
				t.Fatalf("%s:\n%s\n%s", d.Name(), text(t, d, q.stmt), want)
			}
		}
	})
}

// One query is extended and compiled by several goroutines, through one cache, and
// stays what it was.
func TestTreesAreShared(t *testing.T) {
	w := open(t)
	rapid.Check(t, func(t *rapid.T) {
		shape, values := tapes(t)
		p := w.gen(shape, values).plan(asked{kinds: midKinds, notNull: midNotNull})
		base := selectMid(p)
		extra := w.gen(shape, values).condOf(p)
		for _, d := range dialects {
			before, args, err := base.SQL(d)
			if err != nil {
				return
			}
			longer, _, _ := base.Where(extra.expr()).Limit(3).SQL(d)
			cache := dialect.NewCache(d, 8)
			stmt := p.stmt()
			var wg sync.WaitGroup
			faults := make(chan string, 64)
			for i := range 8 {
				wg.Go(func() {
					for range 4 {
						if i%2 == 0 {
							if got, _, _ := base.Where(extra.expr()).Limit(3).SQL(d); got != longer {
								faults <- got
							}
						} else if got, _, _ := base.OrderBy(p.outs[0].k.ascending(p.outs[0])).SQL(d); got == "" && !p.distinct {
							faults <- "an extended query has no text"
						}
						if stmt != nil {
							if c, err := cache.Compile(stmt); err != nil || c.SQL != before {
								faults <- c.SQL
							}
						}
					}
				})
			}
			wg.Wait()
			close(faults)
			for f := range faults {
				t.Fatalf("%s: several goroutines made\n%s\nof\n%s", d.Name(), f, before)
			}
			after, args2, _ := base.SQL(d)
			if after != before || !reflect.DeepEqual(args, args2) {
				t.Fatalf("%s: what was extended is changed:\n%s\n%s", d.Name(), before, after)
			}
		}
	})
}

// condOf is another condition on a plan's rows.
func (g *gen) condOf(p *plan) (c cond) {
	g.nest = 0
	g.within(p.places, false, func() { c = g.cond(2) })
	return c
}

func (k kind) ascending(x val) expr.Ordering { return of[k].order(x, false) }

// Names of tables, aliases and queries are quoted, whatever is in them.
func FuzzNames(f *testing.F) {
	w := open(f)
	for _, s := range append([]string{"a", `"`, `""`, "select", "a.b", "ö", "x; DROP TABLE things", "-- ", "/*", "$1", "?", "\\", "'", "a\tb", "_v", "v0", "u", "things", "Things"}, aliases...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !validName(name) {
			t.Skip()
		}
		x := schema.As(Things, name)
		at := thingsAt(x)
		p := &plan{places: []*place{at}, limit: -1, offset: -1}
		for _, i := range []int{0, 2, 5, 7, 10, 12} { // such as Mid has
			p.outs = append(p.outs, at.leaves[i])
		}
		p.where = []cond{{nodeOf(x.Parts.Any(Parts.N.GtTo(x.N))), func(e *env) tri {
			own := e.find(at.src)
			return truth(len(filtered(at.rels[0].rows(own), func(r *record) bool { return r.vals[2].(int64) > own.vals[1].(int64) })) > 0)
		}}}
		// And as a query's name, around the alias. A common table expression that is
		// called as a table would hide it, and is refused.
		for i, of := range []*plan{p, named(repo.As[mids], p, name), named(repo.CTE[mids], p, name)} {
			sel := selectMid(of)
			if i == 2 && slices.ContainsFunc([]string{schema.SourceOf(Things).Name, schema.SourceOf(Parts).Name}, func(table string) bool { return strings.EqualFold(table, name) }) {
				if _, _, err := sel.SQL(dialects[0]); err == nil || !strings.Contains(err.Error(), "give it another name") {
					t.Fatalf("a common table expression with a table's name: %v", err)
				}
				continue
			}
			w.check(t, query{sql: sel.SQL, run: runMid(sel), want: func() [][]any { return of.rows(nil) }}, new(told))
			if n := len(of.rows(nil)); n == 0 {
				t.Fatalf("query %d finds nothing", i)
			}
		}
	})
}

// named reads a plan's rows by a name.
func named(as func(repo.Selection[Mid], string) *mids, p *plan, name string) *plan {
	at := midsAt(as(selectMid(p), name), p.outs, func(e *env) []*record { return asRecords(p.rows(nil)) })
	return &plan{places: []*place{at}, outs: at.leaves, limit: -1, offset: -1}
}

// validName leaves out what no database takes, and what PostgreSQL would cut.
func validName(s string) bool {
	return s != "" && len(s) <= 60 && utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
