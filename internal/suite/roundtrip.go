package suite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// hostile are texts that careless code breaks on.
var hostile = []string{
	"", "'", `"`, `\`, "''", `\'`, "%", "_", "NULL", "null", "{}", `{"a"}`, "a,b", ";", "--", "/*", "$1", "?", ":x", "@p", "`", "\t\r\n", " ", "  x  ",
	"Robert'); DROP TABLE alls;--", "日本語", "e\u0301", "\u202e", "😀", "\x01", "\x7f", "\ufeff", "\u0000"[:0], `\x41`, `\000`, "0x41", "1e5", "true",
}

// samples are entities of boundary values.
func samples() []*All {
	zero := &All{}
	full := func(sign int64, i int) *All {
		text := hostile[i%len(hostile)]
		b := []byte{0, 255, '\'', '"', '\\', byte(i)}
		at := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
		if sign > 0 {
			at = time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
		}
		price := decimal.RequireFromString("999999999.999")
		e := &All{
			Int: math.MaxInt, I8: math.MaxInt8, I16: math.MaxInt16, I32: math.MaxInt32, U: math.MaxInt64, U8: math.MaxUint8, U16: math.MaxUint16,
			U32: math.MaxUint32, U64: math.MaxInt64, F32: math.MaxFloat32, F64: math.MaxFloat64, S: text, B: true, Data: b, At: at, Raw: [16]byte(bytes.Repeat([]byte{255}, 16)),
			Status: status(text), Level: math.MaxInt16, Blob: b, Doc: schema.JSON[shape]{V: shape{text, []any{1.5, nil, text}}}, RawJSON: json.RawMessage(`{"a":9007199254740993}`),
			Map: map[string]int{text: i}, Ints: []int64{math.MaxInt64, 0, math.MinInt64}, Texts: hostile, Bools: []bool{true, false}, Floats: []float64{0.1, math.MaxFloat64, -1e-300},
			Blobs: [][]byte{b, {}}, Times: []time.Time{at}, UUIDs: [][16]byte{{1}, {}}, Price: price, Amount: "99999999.99", Enum: "open", Point: point{math.MaxInt64, math.MinInt64},
			NullStr: sql.NullString{String: text, Valid: true},
			PInt:    ptr(1), PI8: ptr(int8(-128)), PI16: ptr(int16(-32768)), PI32: ptr(int32(math.MinInt32)), PI64: ptr(int64(math.MinInt64)), PU: ptr(uint(1)), PU8: ptr(uint8(255)),
			PU16: ptr(uint16(65535)), PU32: ptr(uint32(math.MaxUint32)), PU64: ptr(uint64(math.MaxInt64)), PF32: ptr(float32(0.1)), PF64: ptr(0.1), PS: ptr(text), PB: ptr(false), PData: ptr(b),
			PAt: ptr(at), PRaw: &[16]byte{1}, PDoc: &schema.JSON[shape]{V: shape{Name: text}}, PTexts: &[]string{text}, PPrice: &price, PPoint: &point{1, 2}, PEnum: ptr(status("it's")),
			NInt: some(0), NI8: some(int8(0)), NI16: some(int16(1)), NI32: some(int32(1)), NI64: some(int64(1)), NU8: some(uint8(0)), NU64: some(uint64(5)), NF32: some(float32(0)),
			NF64: some(0.0), NS: some(text), NB: some(false), NData: some([]byte{}), NAt: some(at), NRaw: some([16]byte{}), NDoc: some(schema.JSON[shape]{V: shape{Name: text}}), NInts: some([]int64{}),
			NPrice: some(decimal.RequireFromString("0.001")), NPoint: some(point{}),
		}
		if sign < 0 {
			e.Int, e.I8, e.I16, e.I32, e.F32, e.F64, e.Level = math.MinInt, math.MinInt8, math.MinInt16, math.MinInt32, -math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat64, math.MinInt16
			e.U, e.U8, e.U16, e.U32, e.U64 = 0, 0, 0, 0, 0
			e.Price, e.Amount, e.Enum, e.B = price.Neg(), "-0.01", "", false
		}
		return e
	}
	out := []*All{zero}
	for i := range hostile {
		out = append(out, full(int64(1-2*(i%2)), i))
	}
	return out
}

// seen is an entity as text, in which equal values look equal.
func seen(e *All) string {
	var b strings.Builder
	v := reflect.ValueOf(e).Elem()
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; name != "ID" {
			fmt.Fprintf(&b, "%s=%s\n", name, seenValue(v.Field(i)))
		}
	}
	return b.String()
}

func seenValue(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case decimal.Decimal:
		return x.StringFixed(3)
	case time.Time:
		return x.Format(time.RFC3339Nano)
	case json.RawMessage:
		return compacted(x)
	case amount:
		d, _ := decimal.NewFromString(string(x))
		return d.StringFixed(2)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return "nil"
		}
		return "&" + seenValue(v.Elem())
	case reflect.Struct:
		s := "{"
		for i := range v.NumField() {
			s += seenValue(v.Field(i)) + " "
		}
		return s + "}"
	case reflect.Map: // nil is stored empty, as a slice is
		return fmt.Sprintf("%q", fmt.Sprint(v.Interface()))
	case reflect.Slice:
		s := "["
		for i := range v.Len() {
			s += seenValue(v.Index(i)) + " "
		}
		return s + "]"
	}
	return fmt.Sprintf("%#v", v.Interface())
}

func compacted(x []byte) string {
	var b bytes.Buffer
	if err := json.Compact(&b, x); err != nil {
		return string(x)
	}
	if s := b.String(); s != "null" {
		return s
	}
	return ""
}

func (s *suite) TestEveryTypeByEveryWritePath(t *testing.T) {
	f := s.start(t)
	want := samples()
	compare := func(path string, got []*All) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: %d rows, want %d", path, len(got), len(want))
		}
		for i := range want {
			g, w := strings.Split(seen(got[i]), "\n"), strings.Split(seen(want[i]), "\n")
			for j := range w {
				if g[j] != w[j] {
					t.Errorf("%s: sample %d: %s, want %s", path, i, g[j], w[j])
				}
			}
		}
	}
	read := func() []*All {
		es, err := f.alls.Untracked().Query().OrderBy(Alls.ID.Asc()).All(f.ctx)
		f.must(err)
		return es
	}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		es := samples()
		for _, e := range es {
			f.must(f.alls.Add(ctx, e))
			f.must(tx.Flush(ctx))
		}
		compare("in memory after the flush", es)
		p, err := tx.Plan(ctx)
		f.must(err)
		eq(f, len(p.Changes()), 0)
		return nil
	})
	compare("single insert", read())
	f.sql("DELETE FROM alls")

	es := samples()
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.alls.Add(ctx, es...) })
	compare("grouped insert", read())
	compare("in memory", es)

	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error { // reading makes nothing dirty
		got, err := f.alls.Query().OrderBy(Alls.ID.Asc()).All(ctx)
		f.must(err)
		compare("tracked", got)
		p, err := tx.Plan(ctx)
		f.must(err)
		if n := len(p.Changes()); n != 0 {
			t.Errorf("%d entities are dirty after loading: %s", n, p)
		}
		return nil
	})

	// Every column by UPDATE, one by one and grouped: each row gets the values of
	// its mirror image.
	for _, single := range []bool{true, false} {
		f.sql("DELETE FROM alls")
		f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			es, rev := samples(), samples()
			for i := range es {
				*es[i] = *rev[len(es)-1-i]
				f.must(f.alls.Add(ctx, es[i]))
			}
			f.must(tx.Flush(ctx))
			for i, w := range samples() {
				w.ID = es[i].ID
				*es[i] = *w
				if single {
					f.must(tx.Flush(ctx))
				}
			}
			return nil
		})
		compare(fmt.Sprint("update, single ", single), read())
	}

	f.sql("DELETE FROM alls")
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		_, err := f.alls.InsertAll(ctx, each(samples()...))
		return err
	})
	compare("InsertAll", read())

	// By upsert: new rows, and then each gets the values of its mirror image.
	f.sql("DELETE FROM alls")
	for _, mirrored := range []bool{true, false} {
		es := samples()
		for i, e := range samples() {
			if mirrored {
				es[len(es)-1-i] = e
			}
		}
		for i := range es {
			es[i].ID = int64(i + 1)
		}
		f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
			n, err := f.alls.Upsert(each(es...)).Update().Exec(ctx)
			eq(f, n, int64(len(es)))
			return err
		})
	}
	compare("Upsert", read())
	got, err := f.alls.Untracked().Upsert(each(read()...)).Update().All(f.ctx)
	f.must(err)
	compare("what Upsert returned", got)
}

func (s *suite) TestTimesAreSettled(t *testing.T) {
	f := s.start(t)
	at := time.Date(2024, 3, 31, 2, 30, 0, 123456789, time.FixedZone("odd", 5*3600+45*60))
	e := &All{At: at, PAt: ptr(at), NAt: some(at)}
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return f.alls.Add(ctx, e) })
	want := at.UTC().Truncate(time.Microsecond)
	eq(f, []time.Time{e.At, *e.PAt, e.NAt.V}, []time.Time{want, want, want})
	got, err := f.alls.Untracked().First(f.ctx, Alls.At.Eq(at)) // a parameter is settled alike
	f.must(err)
	eq(f, got.At, want)
}

func (s *suite) TestValuesThatDoNotFit(t *testing.T) {
	f := s.start(t)
	for name, e := range map[string]*All{
		"NUL":                {S: "a\x00b"},
		"NUL in a pointer":   {PS: ptr("\x00")},
		"NUL in an array":    {Texts: []string{"\x00"}},
		"invalid UTF-8":      {S: "\xff"},
		"text too long":      {S: strings.Repeat("本", 41)},
		"uint64 too large":   {U64: math.MaxUint64},
		"decimal scale":      {Price: decimal.RequireFromString("0.0001")},
		"decimal precision":  {Price: decimal.RequireFromString("1000000000")},
		"decimal text":       {Amount: "x"},
		"enum":               {Enum: "ajar"},
		"raw JSON":           {RawJSON: json.RawMessage("{")},
		"year":               {At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"pointer to an enum": {PEnum: ptr(status(""))},
	} {
		for _, path := range []string{"single", "grouped", "update", "insert all"} {
			f.log.Take()
			good := &All{S: "good"}
			err := uow.Run(f.ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
				c := *e
				switch path {
				case "single":
					return f.alls.Add(ctx, &c)
				case "grouped":
					return f.alls.Add(ctx, good, &c, &All{})
				case "insert all":
					return second(f.alls.InsertAll(ctx, each(good, &c)))
				}
				f.must(f.alls.Add(ctx, good))
				f.must(tx.Flush(ctx))
				f.log.Take()
				id := good.ID
				*good = c
				good.ID = id
				return tx.Flush(ctx)
			})
			if err == nil {
				t.Errorf("%s, %s: no error", name, path)
				continue
			}
			v := as[*schema.ValueError](f, err)
			eq(f, v.Table, "alls")
			for _, w := range f.writes() {
				if strings.HasPrefix(w, "INSERT INTO \"alls\"") && path != "update" {
					t.Errorf("%s, %s: sent %s", name, path, w)
				}
			}
			for _, secret := range []string{"ajar", "本"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%s: the message tells the value: %v", name, err)
				}
			}
		}
	}
	eq(f, f.number("SELECT count(*) FROM alls"), 0)
}

func (s *suite) TestOverflowOnRead(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.smalls.Add(ctx, &Small{ID: 1, Tiny: 1}, &Small{ID: 2, Tiny: 2}, &Small{ID: 3, Tiny: 3})
	})
	f.sql("UPDATE smalls SET tiny = 300 WHERE id = 2")
	for name, read := range map[string]func(ctx context.Context) error{
		"query":     func(ctx context.Context) error { return second(f.smalls.Find(ctx)) },
		"get":       func(ctx context.Context) error { return second(f.smalls.Get(ctx, 2)) },
		"untracked": func(ctx context.Context) error { return second(f.smalls.Untracked().Find(ctx)) },
		"stream": func(ctx context.Context) (last error) {
			for _, err := range f.smalls.Query().Stream(ctx) {
				last = err
			}
			return last
		},
	} {
		f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
			err := read(ctx)
			e := as[*schema.ReadError](f, err)
			f.says(err, "smalls", "tiny", "int8")
			_ = e
			// The unit goes on, and what was read in part is not found.
			one, err := f.smalls.Get(ctx, 1)
			if err != nil || one.Tiny != 1 {
				t.Errorf("%s: afterwards: %v, %v", name, one, err)
			}
			return nil
		})
	}
	f.idle()
}

func (s *suite) TestNullIntoANonNullField(t *testing.T) {
	f := s.start(t)
	f.sql("DROP TABLE softly")
	f.sql("DROP TABLE words")
	f.sql("CREATE TABLE words (text TEXT PRIMARY KEY, meaning TEXT)")
	f.sql("INSERT INTO words VALUES ('a', NULL)")
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		as[*schema.ReadError](f, second(f.words.Find(ctx)))
		err := second(f.words.Get(ctx, "a"))
		as[*schema.ReadError](f, err)
		f.says(err, "words", "meaning", "NULL")
		return nil
	})
}
