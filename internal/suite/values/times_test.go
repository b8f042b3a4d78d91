package values_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
)

func moments() []Item {
	at := func(y int, mo time.Month, d, h, mi, s, us int) time.Time {
		return time.Date(y, mo, d, h, mi, s, us*1000, time.UTC)
	}
	list := []time.Time{
		at(2024, 1, 31, 23, 59, 59, 999999), at(2023, 1, 31, 0, 0, 0, 0), at(2024, 2, 29, 12, 30, 0, 1), at(2023, 12, 31, 1, 2, 3, 4),
		at(1969, 12, 31, 23, 59, 59, 999999), at(1, 1, 1, 0, 0, 0, 1), at(9999, 12, 31, 23, 59, 59, 999999), at(2000, 3, 30, 0, 0, 0, 0),
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		list = append(list, time.UnixMicro(r.Int64N(4e15)-2e15).UTC())
	}
	var out []Item
	for i, t := range list {
		it := Item{At: t}
		if i%3 != 0 {
			it.Seen = ptr(list[len(list)-1-i])
		}
		out = append(out, it)
	}
	return out
}

// months is the calendar's rule: a day that the month lacks becomes its last.
func months(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month(), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

func within(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

func TestCalendar(t *testing.T) {
	all := moments()
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		for _, n := range []int{0, 1, -1, 11, 12, -12, 13, 25, 1200, -700} {
			var list []Item
			for _, it := range all {
				if within(months(it.At, n)) && within(months(it.At, 12*n)) && within(it.At.AddDate(0, 0, n)) && (it.Seen == nil || within(months(*it.Seen, n))) {
					list = append(list, it)
				}
			}
			put(t, db, list...)
			same(t, "months", read(t, db, expr.AddMonths(Items.At, n)), each(list, func(i Item) time.Time { return months(i.At, n) }))
			same(t, "months of NULL", read(t, db, expr.AddMonths(Items.Seen, n)), each(list, func(i Item) *time.Time {
				return mapped(i.Seen, func(s time.Time) time.Time { return months(s, n) })
			}))
			same(t, "years", read(t, db, expr.AddYears(Items.At, n)), each(list, func(i Item) time.Time { return months(i.At, 12*n) }))
			same(t, "days", read(t, db, expr.AddDays(Items.At, n)), each(list, func(i Item) time.Time { return i.At.AddDate(0, 0, n) }))
			for k, it := range list {
				if got := ids(t, db, expr.And(expr.AddMonths(Items.At, n).Eq(months(it.At, n)), Items.ID.Eq(int64(k+1)))); len(got) != 1 {
					t.Errorf("%v and %d months equals nothing", it.At, n)
				}
			}
		}
	}, Items)
}

func TestMicrosecondsBetweenTimes(t *testing.T) {
	list := moments()
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, list...)
		since := func(a, b time.Time) int64 { return a.UnixMicro() - b.UnixMicro() }
		for _, v := range []time.Time{time.Unix(0, 0), time.Date(2024, 2, 29, 1, 2, 3, 456789000, time.FixedZone("", 3600)), list[5].At, list[6].At} {
			same(t, "since", read(t, db, expr.MicrosecondsSince(Items.At, v)), each(list, func(i Item) int64 { return since(i.At, v) }))
			same(t, "since, of NULL", read(t, db, expr.MicrosecondsSince(Items.Seen, v)), each(list, func(i Item) *int64 {
				return mapped(i.Seen, func(s time.Time) int64 { return since(s, v) })
			}))
		}
		same(t, "since another", read(t, db, expr.MicrosecondsSinceTo(Items.At, Items.Seen)), each(list, func(i Item) *int64 {
			return mapped(i.Seen, func(s time.Time) int64 { return since(i.At, s) })
		}))
		if got := total(t, db, expr.Max(expr.MicrosecondsSinceTo(Items.At, expr.Now()))); got == nil || *got < 7000*365*86400*1_000_000 {
			t.Errorf("since now: %v", show(got))
		}
	}, Items)
}
