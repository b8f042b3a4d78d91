package dialect_test

import (
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// each runs f on every database at hand that has the model's tables.
func each(t *testing.T, f func(t *testing.T, d dialect.Dialect, db *sql.DB)) {
	for _, d := range dialects {
		t.Run(d.Name(), func(t *testing.T) {
			db := opened(t, d)
			if db == nil {
				t.Skip("DORMER_TEST_POSTGRES is not set")
			}
			f(t, d, db)
		})
	}
}

func count(t testing.TB, d dialect.Dialect, db *sql.DB, cond expr.Cond) int {
	t.Helper()
	c, err := dialect.Compile(d, from(cond))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(dump(t, db, c.SQL, c.Args...), "\n")
}

// add inserts a person whose values are changed by column.
func add(t testing.TB, d dialect.Dialect, db *sql.DB, i int, change map[string]any) {
	t.Helper()
	def := schema.DefOf(People)
	cols := columns(def, every...)
	vals := values(i)
	for k, c := range cols {
		if v, ok := change[c.Name]; ok {
			vals[k] = v
		}
	}
	run(t, db, d.InsertOne(def, cols, nil), encode(t, d, cols, vals)...)
}

// A list of 100,000 values is as good as one of three, and values that JSON or
// text could bend are found exactly.
func TestLongLists(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		n := 100_000
		if raceEnabled { // the driver for SQLite takes twenty times as long; still more than parameters may be
			n = 40_000
		}
		r := rand.New(rand.NewPCG(1, 2))
		floats := make([]float64, n)
		for i := range floats {
			for floats[i] = math.Float64frombits(r.Uint64()); math.IsNaN(floats[i]) || math.IsInf(floats[i], 0); {
				floats[i] = math.Float64frombits(r.Uint64())
			}
		}
		texts := make([]string, n)
		blobs := make([][]byte, n)
		tokens := make([][16]byte, n)
		times := make([]time.Time, n)
		for i := range n {
			texts[i] = fmt.Sprintf(`t%d "\,{}é`, i)
			blobs[i] = []byte(fmt.Sprintf("%d\x00\xff", i))
			tokens[i][0], tokens[i][1], tokens[i][15] = byte(i), byte(i>>8), byte(i>>16)
			times[i] = noon.Add(time.Duration(i) * time.Microsecond)
		}
		for i := range 50 {
			k := i * n / 50
			add(t, d, db, i, map[string]any{"id": int64(k), "name": texts[k], "score": floats[k], "data": blobs[k], "token": tokens[k], "created": times[k], "email": nil, "active": true})
		}
		for name, cond := range map[string][2]expr.Cond{
			"ints":   {People.ID.In(ints(n)...), People.ID.NotIn(ints(n)...)},
			"texts":  {People.Name.In(texts...), People.Name.NotIn(texts...)},
			"floats": {People.Score.In(floats...), People.Score.NotIn(floats...)},
			"blobs":  {People.Data.In(blobs...), People.Data.NotIn(blobs...)},
			"uuids":  {People.Token.In(tokens...), People.Token.NotIn(tokens...)},
			"times":  {People.Created.In(times...), People.Created.NotIn(times...)},
			"bools":  {People.Active.In(true, true, true, true, true, true, true, true, true), People.Active.NotIn(true, true, true, true, true, true, true, true, true)},
		} {
			if in, out := count(t, d, db, cond[0]), count(t, d, db, cond[1]); in != 50 || out != 0 {
				t.Errorf("%s: %d rows are in the list and %d are not, of 50", name, in, out)
			}
		}
	})
}

// A long list of rows finds each row of it and none that is made of two.
func TestLongListsOfRows(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		for _, n := range []int{1, 2, 20_000} {
			run(t, db, "DELETE FROM people")
			cols := []*expr.ColumnRef{People.ID.Ref(), People.Name.Ref(), People.Score.Ref(), People.Data.Ref(), People.Token.Ref(), People.Created.Ref(), People.Active.Ref()}
			in, mixed := &expr.RowInNode{Columns: cols, Values: make([][]any, len(cols))}, &expr.RowInNode{Columns: cols, Values: make([][]any, len(cols))}
			row := func(i int) []any {
				return []any{int64(i), fmt.Sprintf(`t%d "\,{}é`, i), float64(i) / 3, []byte(fmt.Sprintf("%d\x00\xff", i)), [16]byte{1, byte(i), byte(i >> 8)}, noon.Add(time.Duration(i) * time.Microsecond), i%2 == 0}
			}
			for i := range n {
				a, b := row(i), row(i+1)
				for j := range cols {
					in.Values[j] = append(in.Values[j], a[j])
					if j == i%len(cols) {
						mixed.Values[j] = append(mixed.Values[j], b[j])
					} else {
						mixed.Values[j] = append(mixed.Values[j], a[j])
					}
				}
			}
			for i := range 50 {
				v := row(i * n / 50)
				if n < 50 {
					if i == n {
						break
					}
					v = row(i)
				}
				add(t, d, db, i, map[string]any{"id": v[0], "name": v[1], "score": v[2], "data": v[3], "token": v[4], "created": v[5], "active": v[6], "email": nil})
			}
			found := func(in *expr.RowInNode) int { return count(t, d, db, expr.NewExpr[Person](in)) }
			if got := found(in); got != min(n, 50) {
				t.Errorf("%d rows are found of %d in a list of %d", got, min(n, 50), n)
			}
			if got := found(mixed); got != 0 {
				t.Errorf("%d rows are found that are not in a list of %d", got, n)
			}
		}
	})
}

// matches is what Like means.
func matches(s, pattern []rune) bool {
	if len(pattern) == 0 {
		return len(s) == 0
	}
	switch p := pattern[0]; {
	case p == '%':
		for i := 0; i <= len(s); i++ {
			if matches(s[i:], pattern[1:]) {
				return true
			}
		}
		return false
	case p == '_':
		return len(s) > 0 && matches(s[1:], pattern[1:])
	case p == '\\' && len(pattern) > 1:
		pattern = pattern[1:]
		fallthrough
	default:
		return len(s) > 0 && s[0] == pattern[0] && matches(s[1:], pattern[1:])
	}
}

func TestLikeMeansTheSame(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		r := rand.New(rand.NewPCG(3, 4))
		word := func(alphabet []rune, n int) string {
			rs := make([]rune, r.IntN(n))
			for i := range rs {
				rs[i] = alphabet[r.IntN(len(alphabet))]
			}
			return string(rs)
		}
		letters := []rune(`aAé*?[]^-%_\`)
		for i := range 40 {
			add(t, d, db, i, map[string]any{"name": word(letters, 6) + strconv.Itoa(i%2), "email": nil})
		}
		var names []string
		rows, err := db.Query("SELECT name FROM people")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			names = append(names, s)
		}
		found := 0
		for range 400 {
			p := word([]rune(`aAé*?[]^-%%%__\01`), 6)
			if strings.Count(p, `\`) > 0 && strings.HasSuffix(p, `\`) {
				p += "%"
			}
			want, folded := 0, 0
			for _, s := range names {
				if matches([]rune(s), []rune(p)) {
					want++
				}
				if matches([]rune(strings.ToLower(s)), []rune(strings.ToLower(p))) {
					folded++
				}
			}
			found += want
			if got := count(t, d, db, expr.Like(People.Name, p)); got != want {
				t.Errorf("%q matches %d rows, want %d", p, got, want)
			}
			if got := count(t, d, db, expr.ILike(People.Name, p)); got != folded {
				t.Errorf("%q without case matches %d rows, want %d", p, got, folded)
			}
			part := word(letters, 3)
			for k, n := 0, 0; ; k++ {
				if k == len(names) {
					if got := count(t, d, db, expr.Contains(People.Name, part)); got != n {
						t.Errorf("%q is contained in %d rows, want %d", part, got, n)
					}
					break
				}
				if strings.Contains(names[k], part) {
					n++
				}
			}
		}
		if found == 0 {
			t.Error("no pattern matched anything")
		}
		// A pattern that is a column: no escapes.
		run(t, db, "DELETE FROM people")
		for i, c := range []struct{ name, pattern string }{{"a*b", "a*_"}, {"aXb", "a*_"}, {"a[b", "%[b"}, {"q?", "q?"}, {"qx", "q?"}, {"ab", "A%"}} {
			add(t, d, db, i, map[string]any{"name": c.name, "email": c.pattern + strings.Repeat("%", i)})
		}
		c, err := dialect.Compile(d, with(from(nil), func(s *expr.SelectStmt) { s.Where = &expr.LikeNode{X: People.Name.Ref(), Pattern: People.Email.Ref()} }))
		if err != nil {
			t.Fatal(err)
		}
		if got := dump(t, db, c.SQL+" ORDER BY 1", c.Args...); got != "100|\n102|\n103|\n" {
			t.Errorf("by a column's pattern: %q", got)
		}
	})
}

// one evaluates an expression over one person.
func one(t testing.TB, d dialect.Dialect, db *sql.DB, x expr.Any, dst any) {
	t.Helper()
	c, err := dialect.Compile(d, value(x))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow(c.SQL, c.Args...).Scan(dst); err != nil {
		t.Fatalf("%s\n%v", c.SQL, err)
	}
}

func TestTimesMeanTheSame(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		r := rand.New(rand.NewPCG(5, 6))
		at := []time.Time{
			time.Date(2024, 2, 29, 23, 59, 59, 999999000, time.UTC),
			time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC),
			time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
		}
		for range 30 {
			at = append(at, time.UnixMicro(r.Int64N(4e15)-2e15).UTC())
		}
		instant := func(x expr.Any) time.Time {
			var v any
			one(t, d, db, x, &v)
			if s, ok := v.(string); ok {
				u, err := time.Parse("2006-01-02 15:04:05.000000", s)
				if err != nil {
					t.Fatal(err)
				}
				return u
			}
			return v.(time.Time).UTC()
		}
		for i, at := range at {
			run(t, db, "DELETE FROM people")
			add(t, d, db, i, map[string]any{"created": at, "email": nil})
			for name, c := range map[string]struct {
				x    expr.Any
				want int
			}{
				"year": {expr.Year(People.Created), at.Year()}, "month": {expr.Month(People.Created), int(at.Month())}, "day": {expr.Day(People.Created), at.Day()},
				"hour": {expr.Hour(People.Created), at.Hour()}, "minute": {expr.Minute(People.Created), at.Minute()}, "second": {expr.Second(People.Created), at.Second()},
				"weekday": {expr.Weekday(People.Created), int(at.Weekday())},
			} {
				var got int
				if one(t, d, db, c.x, &got); got != c.want {
					t.Errorf("%s of %v is %d, want %d", name, at, got, c.want)
				}
			}
			y, mo, da := at.Date()
			for name, c := range map[string]struct {
				x    expr.Any
				want time.Time
			}{
				"year": {expr.TruncYear(People.Created), time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)}, "month": {expr.TruncMonth(People.Created), time.Date(y, mo, 1, 0, 0, 0, 0, time.UTC)},
				"day": {expr.TruncDay(People.Created), time.Date(y, mo, da, 0, 0, 0, 0, time.UTC)}, "hour": {expr.TruncHour(People.Created), at.Truncate(time.Hour)},
				"minute": {expr.TruncMinute(People.Created), at.Truncate(time.Minute)},
			} {
				if got := instant(c.x); !got.Equal(c.want) {
					t.Errorf("%v cut to the %s is %v, want %v", at, name, got, c.want)
				}
			}
			for _, by := range []time.Duration{time.Microsecond, -time.Microsecond, 999999 * time.Microsecond, -1500 * time.Millisecond, 48 * time.Hour, time.Duration(r.Int64N(2e18) - 1e18).Truncate(time.Microsecond)} {
				want := at.Add(by)
				if want.Year() < 1 || want.Year() > 9999 {
					continue
				}
				if got := instant(expr.AddDuration(People.Created, by)); !got.Equal(want) {
					t.Errorf("%v + %v is %v, want %v", at, by, got, want)
				}
			}
		}
		var is bool
		if one(t, d, db, expr.AddDuration(People.Created, 0).EqTo(People.Created), &is); !is {
			t.Error("a time moved by nothing is another one")
		}
	})
}

// Numbers in tuples of plain values are compared as numbers.
func TestTuplesOfValuesMeanTheSame(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		add(t, d, db, 1, nil)
		pair := expr.Tuple2(expr.NewValue[Person, int64, int64](expr.NodeOf(expr.Val(int64(-7)))), expr.NewValue[Person, string, string](expr.NodeOf(expr.Val("a"))))
		for name, c := range map[string]struct {
			cond expr.Cond
			want int
		}{"-7 and -1": {pair.Lt(-1, "a"), 1}, "-7 and 10": {pair.Gt(10, "a"), 0}, "equal": {pair.Eq(-7, "a"), 1}, "texts": {pair.Lt(-7, "b"), 1}} {
			if got := count(t, d, db, c.cond); got != c.want {
				t.Errorf("%s: %d rows, want %d", name, got, c.want)
			}
		}
	})
}

func TestNumbersMeanTheSame(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		for _, c := range []struct {
			age   int32
			score float64
		}{{7, 2.5}, {-7, -2.5}, {8, 0.5}, {-8, -0.5}, {0, 1e15 + 0.5}, {1, 1.23456789}, {2, -3.999}} {
			run(t, db, "DELETE FROM people")
			add(t, d, db, 1, map[string]any{"age": c.age, "score": c.score})
			for name, x := range map[string]struct {
				x    expr.Any
				want float64
			}{
				"/ 2":     {expr.Div(People.Age, 2), float64(c.age / 2)},
				"% 3":     {expr.Mod(People.Age, 3), float64(c.age % 3)},
				"- - 1":   {expr.Sub(People.Age, -1), float64(c.age + 1)},
				"& 6 | 1": {expr.BitOr(expr.BitAnd(People.Age, 6), 1), float64(c.age&6 | 1)},
				"neg":     {expr.Neg(expr.Neg(People.Age)), float64(c.age)},
				"a-(b-c)": {expr.SubTo(People.Age, expr.Sub(People.Age, 3)), 3},
				"round":   {expr.Round(People.Score), math.Round(c.score)},
				"floor":   {expr.Floor(People.Score), math.Floor(c.score)},
				"ceil":    {expr.Ceil(People.Score), math.Ceil(c.score)},
				"abs":     {expr.Abs(People.Score), math.Abs(c.score)},
				"cast":    {expr.Cast[int64](People.Score), math.Trunc(c.score)},
			} {
				var got float64
				if one(t, d, db, x.x, &got); got != x.want {
					t.Errorf("%s of %d, %v is %v, want %v", name, c.age, c.score, got, x.want)
				}
			}
		}
		var got float64
		if one(t, d, db, expr.RoundTo(People.Score, 2), &got); got != -4 {
			t.Errorf("rounded to two digits: %v", got)
		}
	})
}

// Decimals are ordered as numbers though they may be kept as text.
func TestDecimalsAreOrdered(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		for i, p := range []Price{"9.00", "10.00", "-0.50", "-10.00", "0.05", "9999999999.99"} {
			add(t, d, db, i, map[string]any{"balance": p, "email": nil})
		}
		for _, c := range []struct {
			cond expr.Cond
			want int
		}{
			{People.Balance.Lt("10.00"), 4}, {People.Balance.Gt("9.00"), 2}, {People.Balance.Between("-0.50", "9.00"), 3},
			{People.Balance.Eq("9"), 1}, {People.Balance.In("9", "10.0"), 2}, {People.Balance.GeTo(People.Balance), 6},
		} {
			if got := count(t, d, db, c.cond); got != c.want {
				t.Errorf("%d rows, want %d", got, c.want)
			}
		}
		c, err := dialect.Compile(d, with(from(nil), func(s *expr.SelectStmt) { s.OrderBy = []expr.OrderTerm{People.Balance.Asc().Term()} }))
		if err != nil {
			t.Fatal(err)
		}
		if got := dump(t, db, c.SQL); got != "103|\n102|\n104|\n100|\n101|\n105|\n" {
			t.Errorf("order %q", got)
		}
	})
}
