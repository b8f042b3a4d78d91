package trees_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dormertest"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/repo"
)

// world is the databases at hand, with the same rows.
type world struct {
	dbs       []*engine.Engine
	byteOrder bool
}

func open(t testing.TB) *world {
	t.Helper()
	w := &world{byteOrder: true}
	w.add(t, dormertest.Open(t, "sqlite://:memory:", Things, Parts, Tags, Tagged))
	if url := os.Getenv("DORMER_TEST_POSTGRES"); url != "" {
		db := dormertest.Open(t, url, Things, Parts, Tags, Tagged)
		w.add(t, db)
		if _, err := db.DB().Exec("ANALYZE"); err != nil {
			t.Fatal(err)
		}
		// SQLite orders texts by their bytes, and so does PostgreSQL in databases
		// whose locale says so; in others texts are not ordered here.
		var locale string
		if err := db.DB().QueryRow("SELECT datcollate FROM pg_database WHERE datname = current_database()").Scan(&locale); err != nil {
			t.Fatal(err)
		}
		w.byteOrder = slices.Contains([]string{"C", "POSIX", "C.UTF-8", "C.utf8"}, locale)
	}
	return w
}

func (w *world) add(t testing.TB, db *engine.Engine) {
	t.Helper()
	ctx := t.Context()
	own := repo.OwnUnit()
	if err := errors.Join(repo.New[Thing](db, own).Add(ctx, makeThings()...), repo.New[Part](db, own).Add(ctx, makeParts()...), repo.New[Tag](db, own).Add(ctx, makeTags()...)); err != nil {
		t.Fatal(err)
	}
	for _, p := range pairs {
		if _, err := db.DB().Exec(fmt.Sprintf("INSERT INTO tagged (thing_id, tag_id) VALUES (%d, %d)", p[0], p[1])); err != nil {
			t.Fatal(err)
		}
	}
	w.dbs = append(w.dbs, db)
}

func thingValues(t *Thing) []any {
	return []any{t.ID, t.N, null(t.M), t.Big, t.F, null(t.G), t.S, null(t.O), t.Code, t.B, null(t.C), t.At, null(t.Seen), blob(t.Y), nullBlob(t.Z), t.Price, null(t.Cost), null(t.BossID)}
}

// gen makes the generator of a shape and of values.
func (w *world) gen(shape, values []byte) *gen {
	return &gen{s: &tape{bytes: shape}, v: &tape{bytes: values, round: true}, nest: 3, byteOrder: w.byteOrder, db: w.dbs[0]}
}

// tapes draws what a tree is made of. rapid draws small bytes more often than large
// ones: which choices these are is drawn, too.
func tapes(t *rapid.T) (shape, values []byte) {
	shape = rapid.SliceOfN(rapid.Byte(), 30, 300).Draw(t, "shape")
	values = rapid.SliceOfN(rapid.Byte(), 8, 64).Draw(t, "values")
	of := rand.New(rand.NewPCG(uint64(rapid.Byte().Draw(t, "choices")), 0)).Perm(255)
	for i, b := range shape {
		if b > 0 {
			shape[i] = byte(of[b-1] + 1)
		}
	}
	return shape, values
}

// TB is what rapid and package testing have in common.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// told counts what was tried.
type told struct{ queries, rows, unsupported, long, late int }

// patience is how long a database may take for a query.
const patience = 5 * time.Second

// meant is what a query means, and whether that can be said in reasonable time.
func meant(q query) (want [][]any, ok bool) {
	defer func() {
		switch r := recover(); r {
		case nil:
		case any(errTooLong):
			want, ok = nil, false
		default:
			panic(r)
		}
	}()
	work = 0
	return q.want(), true
}

// check runs a query on all databases and compares the rows with what is meant.
func (w *world) check(t TB, q query, told *told) {
	t.Helper()
	told.queries++
	results, ok := meant(q)
	if !ok {
		told.long++
		return
	}
	var want []string
	for _, r := range results {
		want = append(want, show(r))
	}
	told.rows += len(want)
	if !q.total {
		slices.Sort(want)
	}
	for _, db := range w.dbs {
		text, args, err := q.sql(db.Dialect())
		if lacking := (*dialect.UnsupportedError)(nil); errors.As(err, &lacking) {
			told.unsupported++
			continue
		}
		if err != nil {
			t.Fatalf("%s: does not compile: %v", db.Dialect().Name(), err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		rows, err := q.run(ctx, db)
		late := ctx.Err() != nil
		cancel()
		if err != nil && late {
			told.late++
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s\n%#v", db.Dialect().Name(), err, text, args)
		}
		got := make([]string, 0, len(rows))
		for _, r := range rows {
			got = append(got, show(r))
		}
		if !q.total {
			slices.Sort(got)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s:\n%s\n%#v\ngot  %d rows:\n%s\nwant %d rows:\n%s", db.Dialect().Name(), text, args, len(got), strings.Join(got, "\n"), len(want), strings.Join(want, "\n"))
		}
	}
}

// Whatever is asked, each database takes it and answers what it means.
func TestMeaning(t *testing.T) {
	w := open(t)
	var told told
	rapid.Check(t, func(t *rapid.T) {
		for range 10 {
			shape, values := tapes(t)
			w.check(t, w.gen(shape, values).query(), &told)
		}
	})
	t.Logf("%d queries, %d rows, %d that a database lacks, %d too long to say what they mean, %d too long for a database", told.queries, told.rows, told.unsupported, told.long, told.late)
	if told.rows < told.queries {
		t.Errorf("%d rows of %d queries: too few to mean anything", told.rows, told.queries)
	}
	if (told.long+told.late)*25 > told.queries {
		t.Errorf("%d and %d of %d queries take too long: too many", told.long, told.late, told.queries)
	}
}

// FuzzMeaning is TestMeaning of shapes and values that the fuzzer chooses.
func FuzzMeaning(f *testing.F) {
	w := open(f)
	r := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		shape, values := make([]byte, 50+r.IntN(300)), make([]byte, 20)
		for i := range shape {
			shape[i] = byte(r.Uint32())
		}
		for i := range values {
			values[i] = byte(r.Uint32())
		}
		f.Add(shape, values)
	}
	f.Fuzz(func(t *testing.T, shape, values []byte) {
		if len(shape) > 1000 {
			t.Skip("a longer tree says no more, and takes long")
		}
		w.check(t, w.gen(shape, values).query(), new(told))
	})
}
