package dialect_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// A bool as text is the word on every database.
func TestCastOfBoolToText(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		for _, active := range []bool{true, false} {
			run(t, db, "DELETE FROM people")
			add(t, d, db, 1, map[string]any{"active": active, "age": int32(7)})
			want := map[bool]string{true: "true", false: "false"}[active]
			var got string
			if one(t, d, db, expr.Cast[string](People.Active), &got); got != want {
				t.Errorf("%v is %q", active, got)
			}
			if n := count(t, d, db, expr.Cast[Status](People.Active).Eq(Status(want))); n != 1 {
				t.Errorf("%d rows have the text %s", n, want)
			}
		}
		var got string
		if one(t, d, db, expr.Cast[string](People.Age), &got); got != "7" {
			t.Errorf("a number is %q", got)
		}
	})
}

// A slice as an argument of hand-written SQL is refused where the database has
// no arrays, also by a statement whose text is kept.
func TestSlicesInRaw(t *testing.T) {
	list := []int{1, 2}
	for _, d := range dialects {
		cache := dialect.NewCache(d, 10)
		if _, err := cache.Compile(from(expr.Raw[Person]("age IN (?)", 1))); err != nil {
			t.Fatal(err)
		}
		for _, arg := range []any{list, &list, []string{}, [][]byte{}, []schema.JSON[int]{}} {
			for name, compile := range map[string]func(expr.Statement) (dialect.Compiled, error){
				"fresh": func(s expr.Statement) (dialect.Compiled, error) { return dialect.Compile(d, s) },
				"kept":  cache.Compile,
			} {
				_, err := compile(from(expr.Raw[Person]("age IN (?)", arg)))
				var u *dialect.UnsupportedError
				if arrays := d.Wire(&schema.Type{Kind: schema.ArrayKind}) == schema.WireArray; arrays {
					if err != nil {
						t.Errorf("%s, %s: %T: %v", d.Name(), name, arg, err)
					}
				} else if !errors.As(err, &u) || !strings.Contains(err.Error(), "write a ? for each value") {
					t.Errorf("%s, %s: %T: %v", d.Name(), name, arg, err)
				}
			}
		}
		for _, arg := range []any{[]byte{1}, [16]byte{}, schema.JSON[[]int]{}, sql.NullString{}, nil, map[string]int{}} {
			if _, err := dialect.Compile(d, from(expr.Raw[Person]("age IN (?)", arg))); err != nil {
				t.Errorf("%s: %T: %v", d.Name(), arg, err)
			}
		}
	}
}

// A pattern that is none is an error of its kind.
func TestMalformedPattern(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		run(t, db, "DELETE FROM people")
		add(t, d, db, 1, nil)
		c, err := dialect.Compile(d, from(expr.Matches(People.Name, "(")))
		if errors.Is(err, dialect.ErrUnsupported) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		rows, err := db.Query(c.SQL, c.Args...)
		if err == nil {
			for rows.Next() {
			}
			err = rows.Err()
			rows.Close()
		}
		var v *dialect.ValueRejected
		if err = d.Translate(err); !errors.As(err, &v) {
			t.Errorf("%v", err)
		}
	})
}

// The differences that docs/differences.md names, as they are.
func TestCaseBeyondASCII(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		run(t, db, "DELETE FROM people")
		add(t, d, db, 1, map[string]any{"name": "aÄé"})
		folds := !d.Capabilities().InProcess
		var lower, upper string
		one(t, d, db, expr.Lower(People.Name), &lower)
		one(t, d, db, expr.Upper(People.Name), &upper)
		if folds && (lower != "aäé" || upper != "AÄÉ") || !folds && (lower != "aÄé" || upper != "AÄé") {
			t.Errorf("lower %s, upper %s", lower, upper)
		}
		if n := count(t, d, db, expr.ILike(People.Name, "AÄ%")); n != 1 {
			t.Errorf("ASCII is not folded")
		}
		if n := count(t, d, db, expr.ILike(People.Name, "aä%")); (n == 1) != folds {
			t.Errorf("%d rows", n)
		}
	})
}

func TestCastOfFloatToText(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		for f, want := range map[float64][2]string{1: {"1", "1.0"}, 1e20: {"1e+20", "1.0e+20"}, 2.5: {"2.5", "2.5"}} {
			run(t, db, "DELETE FROM people")
			add(t, d, db, 1, map[string]any{"score": f})
			var got string
			one(t, d, db, expr.Cast[string](People.Score), &got)
			if i := map[bool]int{true: 1}[d.Capabilities().InProcess]; got != want[i] {
				t.Errorf("%v is %s, want %s", f, got, want[i])
			}
		}
	})
}

// valueOf asks for an expression's value over the people, or for the database's
// error.
func valueOf(t testing.TB, d dialect.Dialect, db *sql.DB, x expr.Any) (string, error) {
	t.Helper()
	c, err := dialect.Compile(d, value(x))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := d.Translate(db.QueryRow(c.SQL, c.Args...).Scan(&v)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%T %v", v, v), nil
}

// differ checks what an expression gives on each database, SQLite's value first;
// "" is an error that is a dialect.ErrValue, "error …" one that says so.
func differ(t *testing.T, x expr.Any, sqlite, postgres string) {
	t.Helper()
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		run(t, db, "DELETE FROM people")
		add(t, d, db, 1, map[string]any{"id": int64(1), "name": "ten", "active": true, "score": 1.005, "age": int32(1)})
		want := postgres
		if d.Capabilities().InProcess {
			want = sqlite
		}
		got, err := valueOf(t, d, db, x)
		if says, ok := strings.CutPrefix(want, "error "); ok {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s, %v, want %s", got, err, want)
			}
			return
		}
		if got != want || want == "" && !errors.Is(err, dialect.ErrValue) {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
	})
}

func TestNullsInOrder(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		run(t, db, "DELETE FROM people")
		add(t, d, db, 1, map[string]any{"email": nil})
		email := "a@b.c"
		add(t, d, db, 2, map[string]any{"email": &email})
		for order, want := range map[expr.Order[Person]][2]bool{
			People.Email.Asc():              {true, false},
			People.Email.Desc():             {false, true},
			People.Email.Asc().NullsLast():  {false, false},
			People.Email.Desc().NullsLast(): {false, false},
			People.Email.Asc().NullsFirst(): {true, true},
		} {
			s := value(People.Email)
			s.OrderBy, s.Limit = []expr.OrderTerm{order.Term()}, 1
			c, err := dialect.Compile(d, s)
			if err != nil {
				t.Fatal(err)
			}
			var got sql.NullString
			if err := db.QueryRow(c.SQL, c.Args...).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if i := map[bool]int{false: 1}[d.Capabilities().InProcess]; got.Valid == want[i] {
				t.Errorf("%s: %v comes first", c.SQL, got)
			}
		}
	})
}

func TestRoundingOfAHalf(t *testing.T) {
	differ(t, expr.RoundTo(People.Score, 2), "float64 1", "float64 1.01")
}

func TestIntegerOverflow(t *testing.T) {
	differ(t, expr.Add(People.ID, math.MaxInt64), "float64 9.223372036854776e+18", "")
}

func TestCastOfTextToNumber(t *testing.T) {
	differ(t, expr.Cast[int64](People.Name), "int64 0", "")
}

func TestCastBetweenBoolAndNumber(t *testing.T) {
	differ(t, expr.Cast[int64](People.Active), "int64 1", "error cannot cast type boolean to bigint")
	differ(t, expr.Cast[bool](People.ID), "int64 1", "error cannot cast type bigint to boolean")
}
