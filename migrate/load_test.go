package migrate

import (
	"testing"
	"time"
)

// quick runs f up to three times and fails where it takes longer than limit each
// time. On a machine that does other work too, the limit is as much longer as work
// takes there; the race detector has none.
func quick(t *testing.T, limit time.Duration, f func()) {
	t.Helper()
	for try := 1; ; try++ {
		before := slowdown()
		start := time.Now()
		f()
		took := time.Since(start)
		by := (before + slowdown()) / 2
		t.Logf("it took %v, and work takes %.2f times as long as on a quiet machine", took.Round(time.Millisecond), by)
		allowed := time.Duration(float64(limit) * by)
		if took <= allowed || raceEnabled {
			return
		}
		if try == 3 {
			t.Errorf("it took %v, more than %v", took, allowed)
			return
		}
	}
}

// slowdown is how many times as long as on a quiet machine work takes now. A piece
// of it is so short that most are done without a break, the quickest surely; where
// others want the processor, some pieces are kept waiting.
func slowdown() float64 {
	const pieces = 200
	var shortest, all time.Duration
	x := uint64(1)
	for range pieces {
		start := time.Now()
		for range 1_000_000 {
			x = x*6364136223846793005 + 1442695040888963407
		}
		took := time.Since(start)
		all += took
		if shortest == 0 || took < shortest {
			shortest = took
		}
	}
	if x == 0 {
		return 1 // never: it keeps the loop from being left out
	}
	return float64(all) / float64(pieces*shortest)
}
