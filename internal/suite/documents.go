package suite

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Paper has documents that pass through as the program wrote them, in all forms.
type Paper struct {
	ID    int64
	Raw   json.RawMessage
	Maybe *json.RawMessage
	Any   schema.JSON[any]
	Map   map[string]any
	Mixed schema.JSON[mixed]
	Raws  []schema.JSON[json.RawMessage]
}

type mixed struct {
	Any   any
	Raw   json.RawMessage
	N     json.Number
	F     float64
	At    time.Time
	Inner *mixed `json:",omitempty"`
}

type papers struct {
	schema.Table[Paper]
	ID  expr.Column[Paper, int64]
	Raw expr.Column[Paper, json.RawMessage]
	Any expr.Column[Paper, schema.JSON[any]]
}

var Papers = schema.Define("papers", func(t *papers) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(meta))

// document makes random JSON texts, with what databases change: keys that are
// equal, unsorted or escaped, numbers in every form, space.
func document(depth int) *rapid.Generator[string] {
	keys := rapid.SampledFrom([]string{`""`, `"a"`, `"b"`, `"aa"`, `"\u0061"`, `"é"`, `"\u00e9"`, `"\""`, `"日本"`, `"\ud83d\ude00"`, `"\/<>&"`})
	leaf := rapid.OneOf(keys, rapid.SampledFrom([]string{
		"null", "true", "false", "{}", "[]", "0", "-0", "-0.0", "1", "-1", "2.50", "3e2", "3.10E+1", "1e-7", "123456789012345678901234567890", "0.1e1", "9007199254740993", "1e22",
		`"\b\f\n\r\t\\"`, `"\u2028\u007f\u001f"`, `"\\u0000"`, `"\\ud800"`,
	}))
	if depth == 0 {
		return leaf
	}
	return rapid.OneOf(leaf, rapid.Custom(func(t *rapid.T) string {
		return "[ " + strings.Join(rapid.SliceOfN(document(depth-1), 0, 3).Draw(t, "elements"), ",") + "]"
	}), rapid.Custom(func(t *rapid.T) string {
		var members []string
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			members = append(members, keys.Draw(t, "key")+": "+document(depth-1).Draw(t, "value"))
		}
		return "{" + strings.Join(members, " ,") + "}"
	}))
}

// paper makes an entity of documents, as a program would have them in memory.
func paper(t *rapid.T) *Paper {
	raw := func() json.RawMessage { return json.RawMessage(document(3).Draw(t, "document")) }
	loose := func() any {
		switch rapid.IntRange(0, 4).Draw(t, "form") {
		case 0:
			return raw()
		case 1:
			return map[string]int{"b": 1, "a": 2}
		case 2:
			return []any{int64(7), json.Number("1.50e1"), map[string]any{"x": uint8(1)}}
		case 3:
			return struct{ B, A any }{1, raw()}
		}
		var v any
		if err := json.Unmarshal(raw(), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	p := &Paper{Raw: raw(), Any: schema.JSON[any]{V: loose()}, Map: map[string]any{"k": loose(), "a": raw()}, Raws: []schema.JSON[json.RawMessage]{{V: raw()}, {V: raw()}}}
	if rapid.Bool().Draw(t, "maybe") {
		p.Maybe = ptr(raw())
	}
	p.Mixed.V = mixed{
		Any: loose(), Raw: raw(), N: "2.50e1", F: rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1.5, 1e300}).Draw(t, "float"), At: time.Date(2024, 1, 2, 3, 4, 5, 600, time.UTC),
		Inner: &mixed{Raw: raw(), N: "1"},
	}
	return p
}

// TestDocumentsByEveryWritePath has every way of writing store the same values,
// and a flushed entity equal its row.
func (s *suite) TestDocumentsByEveryWritePath(t *testing.T) {
	f := on(t, s.open(t, Papers))
	defer f.idle()
	all := repo.NewKeyed(f.db, Papers.ID)
	rapid.Check(t, func(rt *rapid.T) {
		n := 3
		made := make([]*Paper, n)
		for i := range made {
			made[i] = paper(rt)
		}
		// copies are entities of the values as they were made, with no part in common.
		copies := func() []*Paper {
			out := make([]*Paper, n)
			for i, p := range made {
				c := *p
				c.Map = map[string]any{}
				for k, v := range p.Map {
					c.Map[k] = v
				}
				c.Raws = append([]schema.JSON[json.RawMessage](nil), p.Raws...)
				if p.Maybe != nil {
					c.Maybe = ptr(append(json.RawMessage(nil), *p.Maybe...))
				}
				in := *p.Mixed.V.Inner
				c.Mixed.V.Inner = &in
				out[i] = &c
			}
			return out
		}
		read := func() []*Paper {
			es, err := all.Untracked().Query().OrderBy(Papers.ID.Asc()).All(f.ctx)
			if err != nil {
				rt.Fatal(err)
			}
			return es
		}
		var first []*Paper
		compare := func(path string, memory []*Paper) {
			rows := read()
			for i := range rows {
				id := rows[i].ID
				if memory != nil && !reflect.DeepEqual(memory[i], rows[i]) {
					rt.Fatalf("%s: the flushed entity\n%+v is no longer its row\n%+v", path, memory[i], rows[i])
				}
				if rows[i].ID = 0; first != nil && !reflect.DeepEqual(rows[i], first[i]) {
					rt.Fatalf("%s: row\n%+v, by a single insert\n%+v", path, rows[i], first[i])
				}
				rows[i].ID = id
			}
			if len(rows) != n {
				rt.Fatalf("%s: %d rows", path, len(rows))
			}
			if first == nil {
				for _, r := range rows {
					r.ID = 0
				}
				first = rows
			}
		}
		clean := func(ctx context.Context, path string, tx *uow.UnitOfWork) {
			p, err := tx.Plan(ctx)
			if err != nil || len(p.Changes()) != 0 {
				rt.Fatalf("%s: dirty: %v, %v", path, p, err)
			}
		}
		for _, path := range []string{"single", "grouped", "update, single", "update, grouped", "insert all", "update where"} {
			var memory []*Paper
			err := uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
				if _, err := tx.Exec(ctx, "DELETE FROM papers"); err != nil {
					return err
				}
				memory = copies()
				switch path {
				case "single":
					for _, e := range memory {
						if err := all.Add(ctx, e); err != nil {
							return err
						}
						if err := tx.Flush(ctx); err != nil {
							return err
						}
					}
				case "grouped":
					if err := all.Add(ctx, memory...); err != nil {
						return err
					}
				case "insert all":
					list := memory
					memory = nil
					return second(all.InsertAll(ctx, each(list...)))
				case "update where":
					list := memory
					for i, e := range list {
						raw, loose := e.Raw, e.Any
						e.Raw, e.Any = json.RawMessage("1"), schema.JSON[any]{}
						if err := all.Add(ctx, e); err != nil {
							return err
						}
						if err := tx.Flush(ctx); err != nil {
							return err
						}
						if _, err := all.UpdateWhere(ctx, Papers.ID.Eq(e.ID), Papers.Raw.Set(raw), Papers.Any.Set(loose)); err != nil {
							return err
						}
						list[i] = nil
					}
					memory = nil
				default:
					list := memory
					memory = make([]*Paper, n)
					for i := range memory {
						memory[i] = &Paper{Raw: json.RawMessage(`"base"`), Any: schema.JSON[any]{V: "base"}, Map: map[string]any{"base": 1}}
						memory[i].Mixed.V.N = "99"
					}
					if err := all.Add(ctx, memory...); err != nil {
						return err
					}
					if err := tx.Flush(ctx); err != nil {
						return err
					}
					for i, e := range memory {
						list[i].ID = e.ID
						*e = *list[i]
						if path == "update, single" {
							if err := tx.Flush(ctx); err != nil {
								return err
							}
						}
					}
				}
				if err := tx.Flush(ctx); err != nil {
					return err
				}
				clean(ctx, path, tx)
				return nil
			})
			if err != nil {
				rt.Fatalf("%s: %v", path, err)
			}
			compare(path, memory)
			err = uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
				if _, err := all.Find(ctx); err != nil {
					return err
				}
				clean(ctx, path+", read", tx)
				return nil
			})
			if err != nil {
				rt.Fatal(err)
			}
		}
	})
}

// TestDocumentsAreTheSameOnEveryDatabase says what a document becomes.
func (s *suite) TestDocumentsAreTheSameOnEveryDatabase(t *testing.T) {
	f := on(t, s.open(t, Papers))
	defer f.idle()
	all := repo.NewKeyed(f.db, Papers.ID)
	for in, want := range map[string]string{
		`{"b":1,"a":2.50,"a":3e2}`: `{"a": 300, "b": 1}`,
		`["\u0041\/",-0,1.50e1]`:   `["A/", 0, 15.0]`,
		`"\ud83d\ude00\ufffd"`:     "\"😀\ufffd\"",
	} {
		e := &Paper{Raw: json.RawMessage(in)}
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return all.Add(ctx, e) })
		eq(f, string(e.Raw), want)
		got, err := all.Untracked().Get(f.ctx, e.ID)
		f.must(err)
		eq(f, string(got.Raw), want)
		eq(f, f.number("SELECT count(*) FROM papers WHERE CAST(raw AS text) = '"+want+"'"), 1)
	}
}

// TestDocumentsThatNoDatabaseKeeps are refused before SQL, by every write path.
func (s *suite) TestDocumentsThatNoDatabaseKeeps(t *testing.T) {
	f := on(t, s.open(t, Papers))
	defer f.idle()
	all := repo.NewKeyed(f.db, Papers.ID)
	for _, bad := range []string{`"\ud800"`, `{"\udc00":1}`, `"\ud800\ud800"`, `"\u0000"`, `1e100000`, `1e-99999`, "{", "\"\xff\"", strings.Repeat("[", 1100) + strings.Repeat("]", 1100)} {
		raw := json.RawMessage(bad)
		for name, e := range map[string]*Paper{
			"raw": {Raw: raw}, "pointer": {Maybe: &raw}, "any": {Any: schema.JSON[any]{V: raw}}, "map": {Map: map[string]any{"a": raw}},
			"mixed": {Mixed: schema.JSON[mixed]{V: mixed{Raw: raw}}}, "array": {Raws: []schema.JSON[json.RawMessage]{{V: raw}}},
		} {
			for _, path := range []string{"add", "update", "insert all", "update where"} {
				if path == "update where" && name != "raw" {
					continue
				}
				err := uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
					c := *e
					switch path {
					case "add":
						f.log.Take()
						return all.Add(ctx, &c)
					case "insert all":
						f.log.Take()
						return second(all.InsertAll(ctx, each(&c)))
					case "update where":
						f.log.Take()
						return second(all.UpdateWhere(ctx, Papers.ID.Eq(1), Papers.Raw.Set(raw)))
					}
					good := &Paper{}
					f.must(all.Add(ctx, good))
					f.must(tx.Flush(ctx))
					f.log.Take()
					c.ID = good.ID
					*good = c
					return tx.Flush(ctx)
				})
				if err == nil {
					t.Errorf("%.20s in %s, %s: no error", bad, name, path)
					continue
				}
				as[*schema.ValueError](f, err)
				if w := f.writes(); len(w) != 0 {
					t.Errorf("%.20s in %s, %s: sent %q", bad, name, path, w)
				}
			}
		}
	}
}
