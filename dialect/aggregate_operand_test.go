package dialect_test

import (
	"database/sql"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
)

// What is made of an aggregate is of all rows, whatever a dialect writes it with, and
// has its arguments in a known shape too.
func TestOperandsOfAggregates(t *testing.T) {
	last := time.Date(2024, 1, 31, 23, 59, 59, 999999000, time.UTC)
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		cache := dialect.NewCache(d, 100)
		check := func(name string, x expr.Any, want int64) {
			t.Helper()
			stmt := value(x)
			compiled, err := dialect.Compile(d, stmt)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for range 2 {
				c, err := cache.Compile(stmt)
				if err != nil || c.SQL != compiled.SQL || !reflect.DeepEqual(c.Args, compiled.Args) {
					t.Fatalf("%s: the cache says %s %v, %v", name, c.SQL, c.Args, err)
				}
			}
			rows, err := db.Query(compiled.SQL, compiled.Args...)
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, compiled.SQL)
			}
			defer rows.Close()
			var got []int64
			for rows.Next() {
				var n int64
				if err := rows.Scan(&n); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				got = append(got, n)
			}
			if len(got) != 1 || got[0] != want {
				t.Errorf("%s: %v, want %d\n%s", name, got, want, compiled.SQL)
			}
		}
		since := func(x expr.Value[expr.Computed, time.Time, *time.Time], from time.Time) expr.Any {
			return expr.MicrosecondsSince(x, from)
		}
		for i, at := range []time.Time{last.AddDate(-1, 0, 0), last, last.AddDate(0, -1, 0)} {
			add(t, d, db, i, map[string]any{"created": at, "email": nil})
		}
		newest := expr.Max(People.Created).Value()
		for _, by := range []int64{1, 4} { // one shape of two values
			check("bit xor", expr.BitXor(expr.CountAll().Value(), by), 3^by)
		}
		check("bit xor of both", expr.BitXorTo(expr.CountAll().Value(), expr.BitXor(expr.CountAll().Value(), 6)), 6)
		check("since", since(newest, last.Add(-time.Second)), 1e6)
		for _, by := range []time.Duration{time.Microsecond, -time.Microsecond, 1500 * time.Millisecond, -49 * time.Hour} {
			check("duration", since(expr.AddDuration(newest, by), last), by.Microseconds())
		}
		for n, want := range map[int]time.Time{1: last.AddDate(0, 0, 29), -11: last.AddDate(0, 0, -337), 0: last, 13: last.AddDate(0, 0, 394)} {
			check("months", since(expr.AddMonths(newest, n), want), 0)
		}
		check("several", since(expr.AddMonths(expr.AddDays(newest, 1), 1), last.AddDate(0, 0, 30)), 0)
		check("in nothing", expr.Case(expr.CountAll().Value().In(), int64(1)).Else(2), 2)
		check("not in nothing", expr.Case(expr.CountAll().Value().NotIn(), int64(1)).Else(2), 1)
		run(t, db, "DELETE FROM people")
		add(t, d, db, 1, map[string]any{"created": time.Date(9999, 12, 31, 1, 2, 3, 0, time.UTC), "email": nil})
		check("months of the last year", since(expr.AddMonths(newest, -2), time.Date(9999, 10, 31, 1, 2, 3, 0, time.UTC)), 0)
		check("no months of the last", since(expr.AddMonths(newest, 0), time.Date(9999, 12, 31, 1, 2, 3, 0, time.UTC)), 0)
	})
}

// And what is made of a window's value is of that window.
func TestOperandsOfWindows(t *testing.T) {
	each(t, func(t *testing.T, d dialect.Dialect, db *sql.DB) {
		for i := range 3 {
			add(t, d, db, i, map[string]any{"email": nil})
		}
		s := value(expr.BitXor(expr.RowNumber().Over(expr.Window().OrderBy(People.ID.Asc())).Value(), 8))
		c, err := dialect.Compile(d, s)
		if err != nil {
			t.Fatal(err)
		}
		if got := dump(t, db, c.SQL, c.Args...); got != "9|\n10|\n11|\n" {
			t.Errorf("%s\n%s", c.SQL, got)
		}
	})
	array := expr.ArrayContains(expr.NewValue[Person, []string, *[]string](expr.NodeOf(expr.Lag(People.Tags, 1).Over(expr.Window()))), "a")
	var lacking *dialect.UnsupportedError
	for _, d := range dialects {
		if _, err := dialect.Compile(d, value(array)); d.Name() == "sqlite" && !errors.As(err, &lacking) {
			t.Errorf("arrays over a window: %v", err)
		}
	}
}
