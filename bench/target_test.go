package bench

import (
	"os"
	"testing"
	"time"
)

// TestTargets checks the targets that do not depend on the machine: allocations,
// statements, memory. DORMER_BENCH_ASSERT=1 takes ten rounds instead of one,
// streams a million rows, and checks the times as well.
func TestTargets(t *testing.T) {
	set, strict := Settings{Rounds: 1, StreamRows: 100_000}, os.Getenv("DORMER_BENCH_ASSERT") == "1"
	if strict {
		set = Settings{Rounds: Rounds, StreamRows: 1_000_000}
	}
	rs, err := All(t.Context(), set, open(t)...)
	if err != nil {
		t.Fatal(err)
	}
	Print(t.Output(), rs)
	for _, r := range rs {
		if !r.Met() && (strict || !r.Noisy) {
			t.Error("missed: " + r.String())
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want float64
	}{{nil, 0}, {[]float64{7}, 7}, {[]float64{9, 1, 5}, 5}, {[]float64{8, 2, 4, 6}, 5}} {
		if got := median(c.in); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.in, got, c.want)
		}
	}
}

func TestCompare(t *testing.T) {
	sleep := func(d time.Duration) side { return side{run: func() error { time.Sleep(d); return nil }} }
	c, err := compare(3, 1, sleep(10*time.Millisecond), sleep(40*time.Millisecond))
	if err != nil || c.Ratio < 1.5 || c.Ratio > 8 {
		t.Errorf("40 ms against 10 ms are a ratio of %v, %v", c.Ratio, err)
	}
}

// TestHandWrittenReadsTheSame keeps the comparison honest: both sides read the
// same values.
func TestHandWrittenReadsTheSame(t *testing.T) {
	ctx := t.Context()
	for _, s := range open(t) {
		st, err := s.Hand.PrepareContext(ctx, handSelect+" ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		hand, err := handLoad(ctx, st)
		if err := checkRows(len(hand), err); err != nil {
			t.Fatal(err)
		}
		ours, err := s.Users.Untracked().Query().OrderBy(Users.ID.Asc()).All(ctx)
		if err := checkRows(len(ours), err); err != nil {
			t.Fatal(err)
		}
		for i := range hand {
			a, b := hand[i], *ours[i]
			sameNick := (a.Nickname == nil) == (b.Nickname == nil) && (a.Nickname == nil || *a.Nickname == *b.Nickname)
			sameTime := a.CreatedAt.Equal(b.CreatedAt)
			a.Nickname, b.Nickname, a.CreatedAt, b.CreatedAt = nil, nil, time.Time{}, time.Time{}
			if a != b || !sameNick || !sameTime {
				t.Fatalf("%s: row %d is %+v by hand and %+v by Dormer", s.Name, i, hand[i], *ours[i])
			}
		}
	}
}
