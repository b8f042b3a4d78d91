package values_test

import (
	"math"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
)

// What a duration has below a microsecond is cut off towards zero, by every database.
func TestAddDurationBelowMicroseconds(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		at := time.Date(2026, 3, 4, 5, 6, 7, 123456000, time.UTC)
		put(t, db, Item{At: at})
		for d, want := range map[time.Duration]int64{
			1: 0, 499: 0, 500: 0, 501: 0, 999: 0, -1: 0, -500: 0, -999: 0, 1000: 1, 1499: 1, 1500: 1, 1999: 1, -1001: -1, -1500: -1, -1999: -1, -2000: -2,
			time.Second + 999: 1e6, -time.Second - 999: -1e6, time.Minute - 1: 60e6 - 1, 100*365*24*time.Hour + 1999: 100*365*24*3600e6 + 1,
		} {
			got := read(t, db, expr.MicrosecondsSince(expr.AddDuration(Items.At, d), at))
			same(t, d.String(), got, []*int64{&want})
		}
		// Above 272 years a microsecond is not told from the next.
		for _, d := range []time.Duration{math.MaxInt64, math.MinInt64} {
			got := read(t, db, expr.MicrosecondsSince(expr.AddDuration(Items.At, d), at))[0]
			if off := *got - d.Microseconds(); off < -2 || off > 2 {
				t.Errorf("%v: %d microseconds off", d, off)
			}
		}
	}, Items)
}
