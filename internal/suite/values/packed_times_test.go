package values_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

type (
	// Shift has breaks, whose time may be of any type of the database.
	Shift struct {
		ID     int64
		Breaks rel.Many[Break]
	}
	Break struct {
		ID      int64
		ShiftID int64
		At      time.Time
		Till    *time.Time
		Shift   rel.One[Shift]
	}
	shifts struct {
		schema.Table[Shift]
		ID     expr.Column[Shift, int64]
		Breaks rel.ToMany[Shift, Break]
	}
	breaks struct {
		schema.Table[Break]
		ID      expr.Column[Break, int64]
		ShiftID expr.Column[Break, int64]
		At      expr.Column[Break, time.Time]
		Till    expr.Nullable[Break, time.Time]
		Shift   rel.ToOne[Break, Shift]
	}
)

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shiftsOf are the two tables; the times' type is typ, where it is not empty.
func shiftsOf(typ string) (*shifts, *breaks) {
	m := schema.NewMetadata()
	ss := schema.Define("shifts", func(t *shifts) { schema.Column(t.ID).PrimaryKey() }, schema.In(m))
	return ss, schema.Define("breaks", func(t *breaks) {
		schema.Column(t.ID).PrimaryKey()
		schema.Column(t.ShiftID).References(ss.ID)
		if typ != "" {
			schema.Column(t.At).Type(typ)
			schema.Column(t.Till).Type(typ)
		}
		rel.Via(t.Shift, t.ShiftID).BackPopulates(ss.Breaks)
	}, schema.In(m))
}

// asRelated reads the only break through its shift, in one way and the other.
func asRelated(t *testing.T, db *engine.Engine, ss *shifts) (with, load *Break, err error) {
	t.Helper()
	all := repo.NewKeyed(db, ss.ID)
	s, err := all.Untracked().Query().With(ss.Breaks).One(t.Context())
	if err != nil {
		return nil, nil, err
	}
	bs, _ := s.Breaks.Loaded()
	err = uow.Run(t.Context(), db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		s, err := all.Query().One(ctx)
		if err != nil {
			return err
		}
		got, err := s.Breaks.Load(ctx)
		if err == nil {
			load = got[0]
		}
		return err
	})
	return bs[0], load, err
}

// TestTimesOfDeclaredTypesComeWithRelations has the types that a column may declare:
// relations bring what a query of the column brings.
func TestTimesOfDeclaredTypesComeWithRelations(t *testing.T) {
	at := time.Date(2024, 5, 6, 13, 14, 15, 123456000, time.UTC)
	for _, typ := range []string{"time", "timetz", "date", "timestamp", "text", "varchar(40)", "timestamptz", "timestamp(3)", "timestamptz(3)"} {
		ss, bs := shiftsOf(typ)
		t.Run(typ, func(t *testing.T) {
			both.Databases(t, func(t *testing.T, db *engine.Engine) {
				_, err := db.Exec(t.Context(), "INSERT INTO shifts (id) VALUES (1)")
				noError(t, err)
				noError(t, uow.Run(t.Context(), db, func(ctx context.Context, _ *uow.UnitOfWork) error {
					return repo.NewKeyed(db, bs.ID).Add(ctx, &Break{ID: 1, ShiftID: 1, At: at})
				}))
				plain, err := repo.NewKeyed(db, bs.ID).Untracked().Query().One(t.Context())
				noError(t, err)
				with, load, err := asRelated(t, db, ss)
				noError(t, err)
				if !with.At.Equal(plain.At) || !load.At.Equal(plain.At) || with.Till != nil || load.Till != nil {
					t.Errorf("%v with a relation, %v by loading it, %v alone", with, load, plain)
				}
			}, ss, bs)
		})
	}
}

// TestTimesOfUndeclaredTypes has columns that another program has made: what can be
// read without a cost to others is read, and else the error says what to declare.
func TestTimesOfUndeclaredTypes(t *testing.T) {
	ss, bs := shiftsOf("")
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		if db.Dialect().Name() != "postgres" {
			t.Skip("has one type of text")
		}
		exec := func(q string) {
			t.Helper()
			_, err := db.Exec(t.Context(), q)
			noError(t, err)
		}
		exec(`CREATE DOMAIN words AS text`)
		exec(`CREATE DOMAIN few AS varchar(40)`)
		exec(`CREATE DOMAIN fewer AS few`)
		exec(`CREATE DOMAIN hour AS time`)
		exec(`CREATE DOMAIN instant AS timestamptz`)
		exec(`INSERT INTO shifts (id) VALUES (1)`)
		for _, typ := range []string{"text", "varchar(30)", "words", "few", "fewer", "instant", "timestamp(3)", "timestamptz(3)"} {
			exec(`ALTER TABLE breaks DROP COLUMN at, ADD COLUMN at ` + typ + `, DROP COLUMN till, ADD COLUMN till ` + typ)
			exec(`INSERT INTO breaks (id, shift_id, at) VALUES (1, 1, '2024-05-06 13:14:15.25+00')`)
			plain, err := repo.NewKeyed(db, bs.ID).Untracked().Query().One(t.Context())
			noError(t, err)
			with, load, err := asRelated(t, db, ss)
			noError(t, err)
			want := time.Date(2024, 5, 6, 13, 14, 15, 250000000, time.UTC)
			if !plain.At.Equal(want) || !with.At.Equal(want) || !load.At.Equal(want) || with.Till != nil {
				t.Errorf("%s: %v alone, %v with a relation, %v by loading it", typ, plain.At, with.At, load.At)
			}
			exec(`DELETE FROM breaks`)
		}
		for _, typ := range []string{"time", "timetz", "hour"} {
			exec(`ALTER TABLE breaks DROP COLUMN at, ADD COLUMN at ` + typ)
			exec(`INSERT INTO breaks (id, shift_id, at) VALUES (1, 1, '13:14:15')`)
			if _, err := repo.NewKeyed(db, bs.ID).Untracked().Query().One(t.Context()); err != nil {
				t.Errorf("%s alone: %v", typ, err)
			}
			_, _, err := asRelated(t, db, ss)
			if !errors.Is(err, dialect.ErrTypeMismatch) || !strings.Contains(err.Error(), "declare it by Type") {
				t.Errorf("%s with a relation: %v", typ, err)
			}
			exec(`DELETE FROM breaks`)
		}
	}, ss, bs)
}

// TestYearsThatAreTooFar reads times that another program has written: a year of
// other than four digits is the same error wherever it is read.
func TestYearsThatAreTooFar(t *testing.T) {
	ss, bs := shiftsOf("")
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		exec := func(q string) {
			t.Helper()
			_, err := db.Exec(t.Context(), q)
			noError(t, err)
		}
		exec(`INSERT INTO shifts (id) VALUES (1)`)
		far := []string{"294270-01-01 00:00:00+00", "10000-01-01 00:00:00+00", "0002-12-31 23:59:59.999999+00 BC"}
		near := []string{"9999-12-31 23:59:59.999999+00", "0001-01-01 00:00:00+00 BC"}
		for i, text := range append(far, near...) {
			exec(fmt.Sprintf(`INSERT INTO breaks (id, shift_id, at) VALUES (1, 1, '%s')`, text))
			_, plain := repo.NewKeyed(db, bs.ID).Untracked().Query().One(t.Context())
			_, value := repo.SelectValue(bs.At).From(bs).One(t.Context(), db)
			_, _, related := asRelated(t, db, ss)
			for how, err := range map[string]error{"alone": plain, "as a value": value, "with a relation": related} {
				var re *schema.ReadError
				switch {
				case i >= len(far):
					noError(t, err)
				case !errors.As(err, &re) || re.Column != "at" && how != "as a value":
					t.Errorf("%s %s: %v", text, how, err)
				case db.Dialect().Name() == "postgres" && !strings.Contains(err.Error(), "four digits"):
					t.Errorf("%s %s: %v", text, how, err)
				}
			}
			exec(`DELETE FROM breaks`)
		}
	}, ss, bs)
}

// TestTimesBeyondTheYears computes times that Dormer does not keep.
func TestTimesBeyondTheYears(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		put(t, db, Item{At: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)})
		for _, n := range []int{1, -9999*12 - 12} {
			var re *schema.ReadError
			if at, err := repo.SelectValue(expr.AddMonths(Items.At, n)).From(Items).One(t.Context(), db); !errors.As(err, &re) {
				t.Errorf("%d months: %v, %v", n, at, err)
			}
		}
	}, Items)
}
