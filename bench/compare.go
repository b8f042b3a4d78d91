package bench

import (
	"runtime"
	"slices"
	"time"
)

// Rounds is the number of rounds that a ratio is the median of.
const Rounds = 10

// side is one of the two that are compared: before is not timed.
type side struct {
	before func() error
	run    func() error
}

// Comparison is the outcome of compare.
type Comparison struct {
	Base, Ours time.Duration // medians of a run
	Ratio      float64       // the median of the rounds' ratios
}

// compare runs both sides in turn, inner times in each of the rounds, and swaps
// who begins. A warm-up run of each comes first.
func compare(rounds, inner int, base, ours side) (Comparison, error) {
	time1 := func(s side) (time.Duration, error) {
		runtime.GC() // so that neither pays for the other's garbage
		var sum time.Duration
		for range inner {
			if s.before != nil {
				if err := s.before(); err != nil {
					return 0, err
				}
			}
			start := time.Now()
			err := s.run()
			sum += time.Since(start)
			if err != nil {
				return 0, err
			}
		}
		return sum / time.Duration(inner), nil
	}
	var bases, ourses []time.Duration
	var ratios []float64
	for i := -1; i < rounds; i++ {
		var took [2]time.Duration
		for j := range 2 {
			k := (i + j) & 1
			var err error
			if took[k], err = time1([2]side{base, ours}[k]); err != nil {
				return Comparison{}, err
			}
		}
		if i < 0 {
			continue
		}
		bases, ourses = append(bases, took[0]), append(ourses, took[1])
		ratios = append(ratios, float64(took[1])/float64(took[0]))
	}
	return Comparison{Base: median(bases), Ours: median(ourses), Ratio: median(ratios)}, nil
}

func median[N time.Duration | float64](ns []N) N {
	if len(ns) == 0 {
		return 0
	}
	slices.Sort(ns)
	if n := len(ns); n%2 == 0 {
		return (ns[n/2-1] + ns[n/2]) / 2
	}
	return ns[len(ns)/2]
}
