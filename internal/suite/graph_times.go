package suite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Times that come with a relation, in every type that a field may have.

var timesMeta = schema.NewMetadata()

// Clock has strikes; its key is a time.
type Clock struct {
	Made    time.Time
	Name    string
	Strikes rel.Many[Strike]
}

type clocks struct {
	schema.Table[Clock]
	Made    expr.Column[Clock, time.Time]
	Name    expr.Column[Clock, string]
	Strikes rel.ToMany[Clock, Strike]
}

var Clocks = schema.Define("clocks", func(t *clocks) { schema.Column(t.Made).PrimaryKey() }, schema.In(timesMeta))

// Strike has times.
type Strike struct {
	ID        int64
	ClockMade time.Time
	At        time.Time
	Heard     *time.Time
	Logged    sql.Null[time.Time]
	Clock     rel.One[Clock]
}

type strikes struct {
	schema.Table[Strike]
	ID        expr.Column[Strike, int64]
	ClockMade expr.Column[Strike, time.Time]
	At        expr.Column[Strike, time.Time]
	Heard     expr.Nullable[Strike, time.Time]
	Logged    expr.Nullable[Strike, time.Time]
	Clock     rel.ToOne[Strike, Clock]
}

var Strikes = schema.Define("strikes", func(t *strikes) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.ClockMade).References(Clocks.Made)
	rel.Via(t.Clock, t.ClockMade).BackPopulates(Clocks.Strikes)
}, schema.In(timesMeta))

var moments = []time.Time{
	time.Date(2026, 11, 23, 12, 30, 0, 123_456_000, time.UTC), time.Date(1999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	time.Date(1970, 1, 1, 0, 0, 0, 1000, time.UTC), time.Date(1886, 3, 4, 5, 6, 7, 8000, time.UTC),
}

// TestTimesComeWithRelations reads through relations what was written.
func (s *suite) TestTimesComeWithRelations(t *testing.T) {
	f := on(t, s.open(t, Clocks, Strikes))
	cs, ss := repo.NewKeyed(f.db, Clocks.Made), repo.NewKeyed(f.db, Strikes.ID)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		for i, at := range moments {
			c := &Clock{Made: at, Name: fmt.Sprint(i)}
			for j, m := range moments {
				st := &Strike{At: m}
				if j%2 == 0 {
					st.Heard, st.Logged = ptr(m), sql.Null[time.Time]{V: m, Valid: true}
				}
				f.must(c.Strikes.Add(st))
			}
			f.must(cs.Add(ctx, c))
		}
		return nil
	})
	check := func(all []*Clock) {
		t.Helper()
		eq(f, len(all), len(moments))
		for _, c := range all {
			sts, ok := c.Strikes.Loaded()
			eq(f, ok, true)
			eq(f, len(sts), len(moments))
			for j, st := range sts {
				want := moments[j]
				if !st.At.Equal(want) || !st.ClockMade.Equal(c.Made) || st.At.Location() != time.UTC ||
					(st.Heard != nil) != (j%2 == 0) || st.Logged.Valid != (j%2 == 0) ||
					j%2 == 0 && (!st.Heard.Equal(want) || !st.Logged.V.Equal(want)) {
					t.Errorf("strike %d of %v is %+v instead of %v", j, c.Made, st, want)
				}
				if of, ok := st.Clock.Loaded(); !ok || of != c {
					t.Errorf("the clock of strike %d is %v, %v", j, of, ok)
				}
			}
		}
	}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		all, err := cs.Query().OrderBy(Clocks.Name.Asc()).With(Clocks.Strikes).All(ctx)
		f.must(err)
		check(all)
		p, err := tx.Plan(ctx) // what was read is clean
		f.must(err)
		eq(f, len(p.Changes()), 0)
		return nil
	})
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		all, err := cs.Query().All(ctx)
		f.must(err)
		_, err = all[0].Strikes.Load(ctx)
		f.must(err)
		check(all)
		return nil
	})
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { // the key is a time in the other direction
		sts, err := ss.Query().OrderBy(Strikes.ID.Asc()).All(ctx)
		f.must(err)
		c, err := sts[len(sts)-1].Clock.Load(ctx)
		f.must(err)
		eq(f, c.Name, fmt.Sprint(len(moments)-1))
		limited, err := cs.Query().OrderBy(Clocks.Made.Asc()).With(Clocks.Strikes.OrderBy(Strikes.At.Desc()).Limit(2)).All(ctx)
		f.must(err)
		got, _ := limited[0].Strikes.Loaded()
		eq(f, len(got), 2)
		eq(f, got[0].At.Equal(moments[4]), true)
		return nil
	})
}

// TestTimesOfOtherTypesAreTakenAsTheyAre reads columns that another program has made
// with a type of their own, in a session of a far zone.
func (s *suite) TestTimesOfOtherTypesAreTakenAsTheyAre(t *testing.T) {
	f := on(t, s.open(t, Clocks, Strikes))
	if f.db.Dialect().Name() != "postgres" {
		eq(f, f.db.Dialect().Name(), "sqlite") // has one type of text
		return
	}
	ctx := t.Context()
	for _, q := range []string{
		`ALTER TABLE strikes ALTER COLUMN at TYPE timestamp USING at AT TIME ZONE 'UTC'`,
		`ALTER TABLE strikes ALTER COLUMN heard TYPE date USING (heard AT TIME ZONE 'UTC')::date`,
		`INSERT INTO clocks (made, name) VALUES ('2026-01-02 03:04:05Z', 'x')`,
		`INSERT INTO strikes (clock_made, at, heard) VALUES ('2026-01-02 03:04:05Z', '2026-07-08 09:10:11', '2026-07-09')`,
	} {
		_, err := f.db.Exec(ctx, q)
		f.must(err)
	}
	cs := repo.NewKeyed(f.db, Clocks.Made)
	read := func() (*Strike, error) {
		var st *Strike
		err := uow.Run(ctx, f.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			if _, err := tx.Exec(ctx, "SET LOCAL TIME ZONE 'Pacific/Kiritimati'"); err != nil {
				return err
			}
			c, err := cs.Query().With(Clocks.Strikes).One(ctx)
			if err != nil {
				return err
			}
			sts, _ := c.Strikes.Loaded()
			st = sts[0]
			return nil
		})
		return st, err
	}
	st, err := read()
	f.must(err)
	eq(f, st.At.Equal(time.Date(2026, 7, 8, 9, 10, 11, 0, time.UTC)), true)
	eq(f, st.Heard.Equal(time.Date(2026, 7, 9, 0, 0, 0, 0, time.UTC)), true)
	eq(f, st.Logged.Valid, false)

	_, err = f.db.Exec(ctx, "UPDATE strikes SET at = 'infinity'")
	f.must(err)
	_, err = read()
	if err == nil || !strings.Contains(err.Error(), "column at") || !strings.Contains(err.Error(), "infinite") {
		t.Errorf("an infinite time is %v", err)
	}
	_, err = f.db.Exec(ctx, "UPDATE strikes SET at = '2026-07-08'")
	f.must(err)
	_, err = read()
	f.must(err)

	for _, q := range []string{ // types that the program has made of PostgreSQL's
		`CREATE DOMAIN moment AS timestamp NOT NULL`,
		`CREATE DOMAIN day AS date`,
		`ALTER TABLE strikes ALTER COLUMN at TYPE moment, ALTER COLUMN heard TYPE day`,
	} {
		_, err := f.db.Exec(ctx, q)
		f.must(err)
	}
	st, err = read()
	f.must(err)
	eq(f, st.At.Equal(time.Date(2026, 7, 8, 0, 0, 0, 0, time.UTC)), true)
	eq(f, st.Heard.Equal(time.Date(2026, 7, 9, 0, 0, 0, 0, time.UTC)), true)
}
