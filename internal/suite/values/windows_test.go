package values_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

var postgresDialect = postgres.New()

// A window computed in Go: the partitions by N, ordered by Small and, where the
// order is whole, the key.
type naive struct {
	list []Item
	// peers says that rows with one Small are equals.
	peers bool
}

func (w naive) partition(i int) []int {
	var rows []int
	for j := range w.list {
		if w.list[j].N == w.list[i].N {
			rows = append(rows, j)
		}
	}
	slices.SortStableFunc(rows, func(a, b int) int { return int(w.list[a].Small) - int(w.list[b].Small) })
	return rows
}

func (w naive) equal(a, b int) bool {
	return a == b || w.peers && w.list[a].Small == w.list[b].Small
}

// groups numbers the partition's rows by their equals.
func (w naive) groups(rows []int) []int {
	out := make([]int, len(rows))
	for k := 1; k < len(rows); k++ {
		out[k] = out[k-1]
		if !w.equal(rows[k-1], rows[k]) {
			out[k]++
		}
	}
	return out
}

// frame is the rows that a frame of so much before and after has, and what of them
// it excludes.
func (w naive) frame(i int, mode expr.FrameMode, from, to expr.Bound, exclude expr.FrameExclusion) []int {
	rows := w.partition(i)
	groups := w.groups(rows)
	at := slices.Index(rows, i)
	inside := func(k int) bool {
		pos := func(b expr.Bound, low bool) bool {
			var d, off int
			switch {
			case b.Place == -2:
				return low
			case b.Place == 2:
				return !low
			}
			off = int(b.Place) * int(b.Offset)
			switch mode {
			case expr.FrameRows:
				d = k - at
			case expr.FrameGroups:
				d = groups[k] - groups[at]
			default:
				d = int(w.list[rows[k]].Small) - int(w.list[i].Small)
			}
			if low {
				return d >= off
			}
			return d <= off
		}
		return pos(from, true) && pos(to, false)
	}
	var out []int
	for k, j := range rows {
		tied := groups[k] == groups[at]
		if !inside(k) || exclude == expr.ExcludeRow && j == i || exclude == expr.ExcludePeers && tied || exclude == expr.ExcludeTied && tied && j != i {
			continue
		}
		out = append(out, j)
	}
	return out
}

func windowItems() []Item {
	r := rand.New(rand.NewPCG(3, 4))
	var list []Item
	for range 24 {
		it := Item{N: r.Int64N(3), Small: int32(r.IntN(6)) - 2, F: float64(r.IntN(100)) / 4, S: fmt.Sprint("s", r.IntN(9))}
		if r.IntN(3) > 0 {
			it.M = ptr(r.Int64N(50))
		}
		list = append(list, it)
	}
	return list
}

var (
	partition = expr.Window().PartitionBy(Items.N)
	byRow     = partition.OrderBy(Items.Small.Asc(), Items.ID.Asc())
	byPeer    = partition.OrderBy(Items.Small.Asc())
)

func perRow[R any](list []Item, f func(i int) R) []R {
	out := make([]R, len(list))
	for i := range list {
		out[i] = f(i)
	}
	return out
}

func TestWindowFunctions(t *testing.T) {
	list := windowItems()
	rows, peers := naive{list, false}, naive{list, true}
	index := func(i int) int { return slices.Index(rows.partition(i), i) }
	before := func(i int) int64 { // that order before it
		n := int64(0)
		for _, j := range peers.partition(i) {
			if list[j].Small < list[i].Small {
				n++
			}
		}
		return n
	}
	shifted := func(by int) []*int32 {
		return perRow(list, func(i int) *int32 {
			p := rows.partition(i)
			if k := index(i) + by; k >= 0 && k < len(p) {
				return &list[p[k]].Small
			}
			return nil
		})
	}
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, list...)
		same(t, "row_number", read(t, db, expr.RowNumber().Over(byRow)), perRow(list, func(i int) int64 { return int64(index(i)) + 1 }))
		same(t, "rank", read(t, db, expr.Rank().Over(byPeer)), perRow(list, func(i int) int64 { return before(i) + 1 }))
		same(t, "dense_rank", read(t, db, expr.DenseRank().Over(byPeer)), perRow(list, func(i int) int64 {
			p := peers.partition(i)
			return int64(peers.groups(p)[slices.Index(p, i)]) + 1
		}))
		same(t, "percent_rank", read(t, db, expr.PercentRank().Over(byPeer)), perRow(list, func(i int) float64 {
			if n := len(peers.partition(i)); n > 1 {
				return float64(before(i)) / float64(n-1)
			}
			return 0
		}))
		same(t, "cume_dist", read(t, db, expr.CumeDist().Over(byPeer)), perRow(list, func(i int) float64 {
			n := 0
			for _, j := range peers.partition(i) {
				if list[j].Small <= list[i].Small {
					n++
				}
			}
			return float64(n) / float64(len(peers.partition(i)))
		}))
		for _, n := range []int{1, 2, 3, 100} {
			same(t, "ntile", read(t, db, expr.NTile(n).Over(byRow)), perRow(list, func(i int) int64 {
				size, at := len(rows.partition(i)), index(i)
				small, more := size/n, size%n
				if at < more*(small+1) {
					return int64(at/(small+1)) + 1
				}
				return int64(more+(at-more*(small+1))/small) + 1
			}))
		}
		for _, by := range []int{0, 1, 3} {
			same(t, "lag", read(t, db, expr.Lag(Items.Small, by).Over(byRow)), shifted(-by))
			same(t, "lead", read(t, db, expr.Lead(Items.Small, by).Over(byRow)), shifted(by))
			same(t, "lag or", read(t, db, expr.LagOr(Items.Small, by, -99).Over(byRow)), or(shifted(-by), -99))
			same(t, "lead or", read(t, db, expr.LeadOr(Items.Small, by, 7).Over(byRow)), or(shifted(by), 7))
		}
		same(t, "lag of NULL", read(t, db, expr.LagOr(Items.M, 1, -1).Over(byRow)), perRow(list, func(i int) *int64 {
			p := rows.partition(i)
			if k := index(i); k > 0 {
				return list[p[k-1]].M
			}
			return ptr[int64](-1)
		}))
		same(t, "lag of a decimal", read(t, db, expr.Lag(Items.Price, 0).Over(byRow))[0], ptr(Price("0.00")))
		same(t, "lag of a time", read(t, db, expr.Lead(Items.At, 0).Over(byRow))[0].Year(), 2026)

		window := byRow.Rows(expr.Preceding(1), expr.Following(1))
		near := func(i int) []int {
			return rows.frame(i, expr.FrameRows, expr.Preceding(1), expr.Following(1), 0)
		}
		same(t, "first", read(t, db, expr.FirstValue(Items.S).Over(window)), perRow(list, func(i int) *string { return &list[near(i)[0]].S }))
		same(t, "last", read(t, db, expr.LastValue(Items.M).Over(window)), perRow(list, func(i int) *int64 { return list[near(i)[len(near(i))-1]].M }))
		same(t, "third", read(t, db, expr.NthValue(Items.F, 3).Over(window)), perRow(list, func(i int) *float64 {
			if len(near(i)) < 3 {
				return nil
			}
			return &list[near(i)[2]].F
		}))
		same(t, "of no rows", read(t, db, expr.FirstValue(Items.S).Over(byRow.Rows(expr.Preceding(200), expr.Preceding(100)))), perRow(list, func(int) *string { return nil }))
		same(t, "without a window", read(t, db, expr.CountAll().Over(expr.Window())), perRow(list, func(int) int64 { return int64(len(list)) }))
		same(t, "filtered", read(t, db, expr.CountAll().Filter(Items.Small.Gt(0)).Over(partition)), perRow(list, func(i int) int64 {
			n := int64(0)
			for _, j := range rows.partition(i) {
				if list[j].Small > 0 {
					n++
				}
			}
			return n
		}))
		same(t, "condition", read(t, db, expr.BoolOr(Items.Small.Gt(1)).Over(byRow.Rows(expr.CurrentRow(), expr.CurrentRow()))), perRow(list, func(i int) *bool { return ptr(list[i].Small > 1) }))
	}, Items)
}

func or(list []*int32, v int32) []int32 {
	out := make([]int32, len(list))
	for i, p := range list {
		if out[i] = v; p != nil {
			out[i] = *p
		}
	}
	return out
}

// Every frame sees the rows that it should.
func TestFrames(t *testing.T) {
	list := windowItems()
	bounds := []expr.Bound{expr.UnboundedPreceding(), expr.Preceding(2), expr.Preceding(0), expr.CurrentRow(), expr.Following(1), expr.Following(3), expr.UnboundedFollowing()}
	exclusions := []func(expr.WindowSpec) expr.WindowSpec{
		func(w expr.WindowSpec) expr.WindowSpec { return w }, expr.WindowSpec.ExcludeCurrentRow, expr.WindowSpec.ExcludeGroup, expr.WindowSpec.ExcludeTies,
	}
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, list...)
		for mode, framed := range []func(expr.WindowSpec, expr.Bound, expr.Bound) expr.WindowSpec{expr.WindowSpec.Rows, expr.WindowSpec.Range, expr.WindowSpec.Groups} {
			window, in := byPeer, naive{list, true}
			if expr.FrameMode(mode) == expr.FrameRows {
				// Rows that order alike have no order of their own.
				window, in = byRow, naive{list, false}
			}
			for a, from := range bounds {
				for b, to := range bounds {
					if from.Place == 2 || to.Place == -2 || from.Place > to.Place {
						continue
					}
					for e, exclude := range exclusions {
						w := exclude(framed(window, from, to))
						want := perRow(list, func(i int) any {
							count, sum := int64(0), (*int64)(nil)
							for _, j := range in.frame(i, expr.FrameMode(mode), from, to, expr.FrameExclusion(e)) {
								count++
								if list[j].M != nil {
									if sum == nil {
										sum = new(int64)
									}
									*sum += *list[j].M
								}
							}
							return []any{count, sum}
						})
						type both struct {
							Count int64
							Sum   *int64
						}
						rows, err := repo.Select(func(r *both) repo.Columns {
							return repo.Into(repo.To(&r.Count, expr.CountAll().Over(w)), repo.To(&r.Sum, expr.Sum(Items.M).Over(w)))
						}).From(Items).OrderBy(Items.ID.Asc()).All(context.Background(), db)
						if err != nil {
							t.Fatalf("%d %d %d %d: %v", mode, a, b, e, err)
						}
						got := perRow(list, func(i int) any { return []any{rows[i].Count, rows[i].Sum} })
						same(t, fmt.Sprintf("mode %d from %d to %d excluding %d", mode, a, b, e), got, want)
					}
				}
			}
		}
	}, Items)
}

// Windows beside groups, in the order, and in arithmetic.
func TestWindowsInQueries(t *testing.T) {
	ctx := context.Background()
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, group...)
		type row struct {
			N, Count, Place int64
			Sum             *int64
		}
		rows, err := repo.Select(func(r *row) repo.Columns {
			return repo.Into(repo.To(&r.N, Items.N), repo.To(&r.Count, expr.CountAll()),
				repo.To(&r.Place, expr.Rank().Over(expr.Window().OrderBy(expr.CountAll().Desc(), Items.N.Asc()))),
				repo.To(&r.Sum, expr.Sum(expr.Count(Items.ID)).Over(expr.Window())))
		}).From(Items).GroupBy(Items.N).OrderBy(expr.RowNumber().Over(expr.Window().OrderBy(Items.N.Desc())).Asc()).All(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "beside groups", rows, []row{{5, 1, 3, ptr[int64](5)}, {2, 3, 1, ptr[int64](5)}, {1, 1, 2, ptr[int64](5)}})
		type share struct{ Share *float64 }
		shares, err := repo.Select(func(s *share) repo.Columns {
			return repo.Into(repo.To(&s.Share, expr.DivTo(expr.Optional(Items.F), expr.Max(Items.F).Over(expr.Window()))))
		}).From(Items).OrderBy(expr.Max(Items.F).Over(expr.Window().PartitionBy(Items.ID)).Desc()).Limit(2).All(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "in arithmetic", shares, []share{{ptr(1.0)}, {ptr(3 / 4.5)}})
	}, Items)
}

// Where databases know no window, it is an error that says so, before any SQL.
func TestWindowsOutOfPlace(t *testing.T) {
	number := expr.RowNumber().Over(expr.Window())
	text := func(f func(repo.Selection[cell[int64]]) repo.Selection[cell[int64]]) error {
		_, _, err := f(repo.Select(func(c *cell[int64]) repo.Columns { return repo.Into(repo.To(&c.V, expr.CountAll())) }).From(Items)).SQL(postgresDialect)
		return err
	}
	type selection = repo.Selection[cell[int64]]
	for says, err := range map[string]error{
		"row_number in WHERE or the condition of a join": text(func(q selection) selection { return q.Where(Items.N.EqTo(number)) }),
		"row_number in GROUP BY":                         text(func(q selection) selection { return q.GroupBy(number) }),
		"row_number in HAVING":                           text(func(q selection) selection { return q.Having(expr.CountAll().EqTo(number)) }),
		"row_number in an aggregate":                     text(func(q selection) selection { return q.Having(expr.Sum(number).Gt(1)) }),
		"row_number in a window":                         text(func(q selection) selection { return q.OrderBy(expr.Sum(number).Over(expr.Window()).Asc()) }),
		"aggregate count in WHERE":                       text(func(q selection) selection { return q.Where(expr.CountAll().Gt(1)) }),
		"aggregate sum in GROUP BY":                      text(func(q selection) selection { return q.GroupBy(expr.Sum(Items.N)) }),
		"aggregate sum in an aggregate":                  text(func(q selection) selection { return q.Having(expr.Max(expr.Sum(Items.N)).Gt(1)) }),
	} {
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "may stand in") {
			t.Errorf("%s: %v", says, err)
		}
	}
}

func TestRangesThatAreNone(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, group...)
		over := func(o expr.Ordering) error {
			return failure(db, expr.CountAll().Over(expr.Window().OrderBy(o).Range(expr.Preceding(1), expr.CurrentRow())))
		}
		for says, err := range map[string]error{"column s, which holds none": over(Items.S.Asc()), "column at, which holds none": over(Items.At.Desc())} {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", says, err)
			}
		}
		err := over(Items.Price.Asc())
		if kept := db.Dialect().Capabilities().InProcess; kept != errors.Is(err, dialect.ErrUnsupported) || !kept && err != nil {
			t.Errorf("over decimals: %v", err)
		}
		if err := over(Items.F.Desc()); err != nil {
			t.Errorf("over floats: %v", err)
		}
	}, Items)
}

// Rows that an outer join makes up have numbers too, but no values.
func TestWindowsOverOuterJoins(t *testing.T) {
	other := schema.As(Items, "other")
	text := func(x expr.Yields[int64]) error {
		_, _, err := repo.Select(func(c *cell[int64]) repo.Columns { return repo.Into(repo.To(&c.V, x)) }).
			From(Items).LeftJoin(other, expr.On(Items.N, other.ID)).SQL(postgresDialect)
		return err
	}
	window := expr.Window().PartitionBy(other.S).OrderBy(other.N.Asc())
	for name, err := range map[string]error{"number": text(expr.RowNumber().Over(window)), "count": text(expr.Count(other.N).Over(window)), "bucket": text(expr.NTile(2).Over(window))} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := text(expr.LagOr(other.N, 1, 0).Over(window)); err == nil || !strings.Contains(err.Error(), "other.n is NULL where the outer join") {
		t.Errorf("value: %v", err)
	}
}
