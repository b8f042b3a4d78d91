package migrate

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// onEach runs a test on each database.
func onEach(t *testing.T, f func(t *testing.T, d database)) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) { f(t, d) })
	}
}

// column is the first column of a query's rows.
func column(t testing.TB, db *engine.Engine, query string) string {
	t.Helper()
	var out []string
	if _, err := db.QueryRows(t.Context(), query, nil, func(v []driver.Value) error {
		out = append(out, asText(v[0]))
		return nil
	}); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.Join(out, " ")
}

func versions(t testing.TB, db *engine.Engine) string {
	t.Helper()
	return column(t, db, "SELECT version_num FROM dormer_version ORDER BY version_num")
}

// userTables lists the tables that are not migrations' own.
func userTables(t testing.TB, db *engine.Engine) string {
	t.Helper()
	c, err := Inspect(t.Context(), db, dialect.InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, def := range c.Tables {
		if !ownTable(def.Name) {
			out = append(out, def.Name)
		}
	}
	return strings.Join(out, " ")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wants checks that an error is of the kind and says what it should.
func wants(t testing.TB, err, kind error, words ...string) {
	t.Helper()
	if err == nil || kind != nil && !errors.Is(err, kind) {
		t.Errorf("error %v, want %v", err, kind)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%v\nwant %q in it", err, w)
		}
	}
}

func makes(name string) Revision {
	return Revision{
		Upgrade: func(op *Op) {
			op.CreateTable(name, schema.Col("id", schema.BigInt()), schema.Col("note", schema.Varchar(50)).Nullable(), schema.Key("id"))
		},
		Downgrade: func(op *Op) { op.DropTable(name) },
	}
}

// setOfTables makes each revision of a set in setOf's notation make a table of its
// name.
func setOfTables(t testing.TB, text string) Set {
	t.Helper()
	s := setOf(t, text)
	for i, a := range s.list {
		r := makes("t_" + a.rev.ID)
		s.list[i].rev.Upgrade, s.list[i].rev.Downgrade = r.Upgrade, r.Downgrade
	}
	return s
}

// followed adds a revision behind the last one.
func followed(s Set, id string, up, down func(*Op)) Set {
	r := Revision{ID: id, Message: "message of " + id, Upgrade: up, Downgrade: down}
	if n := len(s.list); n > 0 {
		r.Parents = []string{s.list[n-1].rev.ID}
	}
	s.Add(r)
	return s
}

func TestUpgradeAndDowngrade(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		db, ctx := d.open(t), t.Context()
		s := setOfTables(t, linear)
		var log []string
		note := OnStep(func(_ context.Context, s Step) error { log = append(log, s.String()); return nil })
		for _, c := range []struct {
			down                     bool
			target, versions, tables string
		}{
			{false, "+2", "b", "t_a t_b"},
			{false, "head", "d", "t_a t_b t_c t_d"},
			{false, "head", "d", "t_a t_b t_c t_d"},
			{true, "-1", "c", "t_a t_b t_c"},
			{true, "a", "a", "t_a"},
			{false, "c", "c", "t_a t_b t_c"},
			{true, "base", "", ""},
			{true, "base", "", ""},
			{false, "heads", "d", "t_a t_b t_c t_d"},
		} {
			run := Upgrade
			if c.down {
				run = Downgrade
			}
			must(t, run(ctx, db, s, c.target, note))
			if got := versions(t, db); got != c.versions {
				t.Errorf("%s: versions %s, want %s", c.target, got, c.versions)
			}
			if got := userTables(t, db); got != c.tables {
				t.Errorf("%s: tables %s, want %s", c.target, got, c.tables)
			}
		}
		if len(log) != 4+1+2+2+3+4 || log[0] != "upgrade <base> -> a (current)" || !strings.HasPrefix(log[4], "downgrade c -> d (head)") {
			t.Errorf("%d steps: %q", len(log), log)
		}
		if n := column(t, db, "SELECT count(*) FROM dormer_revision WHERE doing = '' AND length(checksum) = 64 AND length(applied_at) = 20"); n != "4" {
			t.Errorf("%s records", n)
		}
	})
}

func TestUpToDateTakesOneStatement(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		var n atomic.Int32
		db, ctx := d.open(t, engine.Observer(func(context.Context, engine.Statement) { n.Add(1) })), t.Context()
		s := setOfTables(t, linear)
		must(t, Upgrade(ctx, db, s, "head"))
		n.Store(0)
		must(t, Upgrade(ctx, db, s, "head"))
		if n.Load() != 1 {
			t.Errorf("%d statements", n.Load())
		}
	})
}

// A program that starts with a database that is up to date sends three statements at
// most, what sets its first connection up among them.
func TestUpToDateAtTheStart(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		url, s := d.url(t), setOfTables(t, linear)
		must(t, Upgrade(t.Context(), openURL(t, url), s, "head"))
		var sent []string
		db := openURL(t, url, engine.Observer(func(_ context.Context, st engine.Statement) { sent = append(sent, st.SQL) }))
		must(t, Upgrade(t.Context(), db, s, "head"))
		if len(sent) > 3 {
			t.Errorf("%d statements: %q", len(sent), sent)
		}
	})
}

// The version table has a row for each head, as the reference has it.
func TestVersionRows(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		for _, c := range []struct {
			set   string
			steps []string // targets; - before a downgrade's
			rows  []string
		}{
			{branched, []string{"a", "one@head", "b2", "heads", "-one@a", "heads", "-base"}, []string{"a", "c1", "b2 c1", "c1 c2", "c2", "c1 c2", ""}},
			{merged, []string{"c1", "m", "n", "-m", "-c1", "head", "-b2"}, []string{"c1", "m", "n", "m", "c1 c2", "n", "b2 c1"}},
			{dependent, []string{"a1", "a2", "base_data@head", "heads", "-a1", "heads", "-base_data@base", "-base"},
				[]string{"a1", "a2", "a2 b2", "a3 b2 c1", "a1 b2 c1", "a3 b2 c1", "a1 c1", ""}},
		} {
			db := d.open(t)
			s := setOfTables(t, c.set)
			for i, target := range c.steps {
				var err error
				if down, ok := strings.CutPrefix(target, "-"); ok {
					err = Downgrade(t.Context(), db, s, down)
				} else {
					err = Upgrade(t.Context(), db, s, target)
				}
				if err != nil {
					t.Fatalf("%s: %v", target, err)
				}
				if got := versions(t, db); got != c.rows[i] {
					t.Errorf("%s: rows %s, want %s", target, got, c.rows[i])
				}
			}
		}
	})
}

// Two programs that start at once run each revision once.
func TestMigratorsAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		for _, opts := range [][]RunOption{nil, {TransactionPerRevision()}} {
			url := d.url(t)
			db := openURL(t, url)
			execAll(t, db, "CREATE TABLE ran (id VARCHAR(10))")
			var s Set
			for i := range 6 {
				id := fmt.Sprintf("r%d", i)
				s = followed(s, id, func(op *Op) {
					op.Exec("INSERT INTO ran VALUES ('" + id + "')")
					op.CreateTable("t_"+id, schema.Col("id", schema.BigInt()), schema.Col("n", schema.BigInt()).Nullable(), schema.Key("id"))
					op.CreateIndex("t_"+id, schema.IndexOn("x_"+id, "n")).Concurrently() // waits for whoever has a snapshot
					op.Run(func(context.Context, *uow.UnitOfWork) error { time.Sleep(5 * time.Millisecond); return nil })
				}, nil)
			}
			var wg sync.WaitGroup
			errs := make([]error, 4)
			for i := range errs {
				own := openURL(t, url)
				wg.Go(func() { errs[i] = Upgrade(t.Context(), own, s, "head", opts...) })
			}
			wg.Wait()
			must(t, errors.Join(errs...))
			if got := column(t, db, "SELECT id FROM ran ORDER BY id"); got != "r0 r1 r2 r3 r4 r5" {
				t.Errorf("ran: %s", got)
			}
		}
	})
}

func TestLockTimeoutSaysWhoWaits(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		url := d.url(t)
		one, two := openURL(t, url), openURL(t, url)
		inside, over := make(chan bool), make(chan bool)
		s := followed(Set{}, "a", func(op *Op) {
			op.Run(func(context.Context, *uow.UnitOfWork) error { close(inside); <-over; return nil })
		}, nil)
		done := make(chan error)
		go func() { done <- Upgrade(t.Context(), one, s, "head") }()
		<-inside
		start := time.Now()
		var log strings.Builder
		err := Upgrade(t.Context(), two, s, "head", LockTimeout(60*time.Millisecond), Logger(slog.New(slog.NewTextHandler(&log, nil))))
		if !strings.Contains(log.String(), "waiting for another migrator") || strings.Contains(log.String(), "holders") != (d.name == "postgres") {
			t.Errorf("the log says %s", &log)
		}
		wants(t, err, dialect.ErrLockTimeout, "another", "--lock-timeout")
		if d.name == "postgres" {
			wants(t, err, nil, "session ", " of ")
		}
		if e := time.Since(start); e > 2*time.Second {
			t.Errorf("it took %s", e)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		wants(t, Upgrade(ctx, two, s, "head"), context.DeadlineExceeded)
		close(over)
		must(t, <-done)
		must(t, Upgrade(t.Context(), two, s, "head"))
	})
}

type account struct {
	ID   int64
	Name string
}

type accounts struct {
	schema.Table[account]
	ID   expr.Column[account, int64]
	Name expr.Column[account, string]
}

var accountsMeta = schema.NewMetadata()

var _ = schema.Define("accounts", func(t *accounts) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Size(50)
}, schema.In(accountsMeta))

// Repositories of the engine that migrates join the migration's transaction.
func TestRunJoinsTheTransaction(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		db, ctx := d.open(t, engine.Metadata(accountsMeta)), t.Context()
		people := repo.New[account](db)
		boom := errors.New("boom")
		fail := true
		s := followed(Set{}, "a", func(op *Op) {
			op.CreateTable("accounts", schema.Col("id", schema.BigInt()).Identity(), schema.Col("name", schema.Varchar(50)), schema.Key("id"))
			op.Run(func(ctx context.Context, tx *uow.UnitOfWork) error {
				if err := people.Add(ctx, &account{Name: "of the program's repository"}); err != nil {
					return err
				}
				if err := repo.New[account](tx.Engine()).Add(ctx, &account{Name: "of the unit's"}); err != nil {
					return err
				}
				return uow.Run(ctx, db, func(ctx context.Context, inner *uow.UnitOfWork) error {
					if inner != tx {
						return errors.New("another unit of work")
					}
					return nil
				})
			})
			op.Run(func(ctx context.Context, tx *uow.UnitOfWork) error {
				if n, err := people.Count(ctx); n != 2 || err != nil {
					return fmt.Errorf("%d accounts, %v", n, err)
				}
				if fail {
					return boom
				}
				return nil
			})
		}, func(op *Op) { op.DropTable("accounts") })
		wants(t, Upgrade(ctx, db, s, "head"), boom, "revision a", "all was rolled back")
		if got := userTables(t, db); got != "" {
			t.Errorf("tables %s after a failure", got)
		}
		fail = false
		must(t, Upgrade(ctx, db, s, "head"))
		if n, err := people.Count(ctx); n != 2 || err != nil {
			t.Errorf("%d accounts, %v", n, err)
		}
	})
}

func TestRunThatPanicsLeavesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		db := d.open(t)
		s := followed(setOfTables(t, "a"), "b", func(op *Op) {
			op.Run(func(context.Context, *uow.UnitOfWork) error { panic("oh") })
		}, nil)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = Upgrade(t.Context(), db, s, "head")
		}()
		if got := userTables(t, db); got != "" {
			t.Errorf("tables %s", got)
		}
		must(t, Upgrade(t.Context(), db, s, "a", LockTimeout(time.Second))) // the lock was given back
	})
}

func TestStatementThatFailsInTheMiddle(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		s := followed(setOfTables(t, "a\nb < a"), "c", func(op *Op) {
			op.CreateTable("t_c", schema.Col("id", schema.BigInt()), schema.Key("id"))
			op.Exec("INSERT INTO nowhere VALUES (1)")
			op.CreateTable("t_late", schema.Col("id", schema.BigInt()), schema.Key("id"))
		}, nil)
		t.Run("per run", func(t *testing.T) {
			db := d.open(t)
			err := Upgrade(t.Context(), db, s, "head")
			var se *StepError
			if !errors.As(err, &se) || se.Revision != "c" || se.SQL != "INSERT INTO nowhere VALUES (1)" || len(se.Applied) != 0 || !errors.Is(err, dialect.ErrUndefinedTable) {
				t.Errorf("%#v", err)
			}
			wants(t, err, nil, "upgrade of revision c (message of c) in file run_test.go", "INSERT INTO nowhere", "all was rolled back")
			if got := userTables(t, db); got != "" {
				t.Errorf("tables %s", got)
			}
		})
		t.Run("per revision", func(t *testing.T) {
			db := d.open(t)
			err := Upgrade(t.Context(), db, s, "head", TransactionPerRevision())
			wants(t, err, nil, "it was rolled back; a, b before it stay")
			if got := userTables(t, db) + " at " + versions(t, db); got != "t_a t_b at b" {
				t.Errorf("%s", got)
			}
		})
	})
}

func TestDataThatWouldBeLost(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		for _, c := range []struct {
			name, rows, loses string
			up                func(op *Op)
		}{
			{"a table with rows", "INSERT INTO t_a (id) VALUES (1)", "the rows of table t_a", func(op *Op) { op.DropTable("t_a") }},
			{"an empty table", "", "", func(op *Op) { op.DropTable("t_a") }},
			{"a column with values", "INSERT INTO t_a (id, note) VALUES (1, 'x')", "the values of column t_a.note", func(op *Op) { op.DropColumn("t_a", "note") }},
			{"a column without", "INSERT INTO t_a (id) VALUES (1)", "", func(op *Op) { op.DropColumn("t_a", "note") }},
			{"under other names", "INSERT INTO t_a (id, note) VALUES (1, 'x')", "the values of column u.remark", func(op *Op) {
				op.RenameTable("t_a", "u")
				op.RenameColumn("u", "note", "remark")
				op.DropColumn("u", "remark")
			}},
		} {
			t.Run(c.name, func(t *testing.T) {
				db, ctx := d.open(t), t.Context()
				first := setOfTables(t, "a")
				must(t, Upgrade(ctx, db, first, "head"))
				if c.rows != "" {
					execAll(t, db, c.rows)
				}
				s := followed(first, "b", c.up, nil)
				err := Upgrade(ctx, db, s, "head")
				if c.loses == "" {
					must(t, err)
					return
				}
				var le *DataLossError
				if !errors.As(err, &le) || le.Revision != "b" || le.Loses != c.loses {
					t.Errorf("%v", err)
				}
				wants(t, err, nil, "run_test.go", "--allow-data-loss")
				if got := versions(t, db) + " " + userTables(t, db); got != "a t_a" {
					t.Errorf("%s", got)
				}
				must(t, Upgrade(ctx, db, s, "head", AllowDataLoss()))
			})
		}
	})
}

func TestStatesThatCannotBeUpgraded(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		ctx := t.Context()
		t.Run("edited", func(t *testing.T) {
			db := d.open(t)
			must(t, Upgrade(ctx, db, followed(setOfTables(t, "a"), "b", makes("x").Upgrade, nil), "head"))
			s := followed(followed(setOfTables(t, "a"), "b", makes("y").Upgrade, nil), "c", makes("z").Upgrade, nil)
			err := Upgrade(ctx, db, s, "head")
			var ee *EditedError
			if !errors.As(err, &ee) || !slices.Equal(ee.Revisions, []string{"b"}) {
				t.Errorf("%v", err)
			}
			wants(t, err, nil, "run_test.go", "--allow-edited", "stamp")
			list, err := Current(ctx, db, s)
			if err != nil || len(list) != 1 || !list[0].Edited || !strings.Contains(list[0].String(), "edited") {
				t.Errorf("%v, %v", list, err)
			}
			must(t, Upgrade(ctx, db, s, "head", AllowEdited()))
			must(t, Stamp(ctx, db, s, []string{"head"}))
			must(t, Upgrade(ctx, db, s, "head"))
		})
		t.Run("ahead", func(t *testing.T) {
			db := d.open(t)
			must(t, Upgrade(ctx, db, setOfTables(t, linear), "head"))
			for _, err := range []error{
				Upgrade(ctx, db, setOfTables(t, "a\nb < a"), "head"), Downgrade(ctx, db, setOfTables(t, "a\nb < a"), "base"),
				CheckHeads(ctx, db, setOfTables(t, "a\nb < a")), Stamp(ctx, db, setOfTables(t, "a\nb < a"), []string{"a"}),
			} {
				wants(t, err, ErrAhead, "'d'", "ahead of this program")
				wants(t, err, ErrUnknownVersion)
			}
		})
		t.Run("unknown", func(t *testing.T) {
			db := d.open(t)
			s := setOfTables(t, "a")
			must(t, EnsureVersion(ctx, db))
			execAll(t, db, "INSERT INTO dormer_version VALUES ('nobody''s')")
			err := Upgrade(ctx, db, s, "head")
			wants(t, err, ErrUnknownVersion, "can't locate revision identified by 'nobody's'", "--purge")
			if errors.Is(err, ErrAhead) {
				t.Error("said to be ahead")
			}
			_, err = Current(ctx, db, s)
			wants(t, err, ErrUnknownVersion)
			must(t, Stamp(ctx, db, s, []string{"a"}, Purge()))
			if got := versions(t, db); got != "a" {
				t.Errorf("versions %s", got)
			}
		})
		t.Run("no way back", func(t *testing.T) {
			db := d.open(t)
			s := followed(setOfTables(t, "a"), "b", makes("x").Upgrade, nil)
			s = followed(s, "empty", nil, nil)
			must(t, Upgrade(ctx, db, s, "head"))
			must(t, Downgrade(ctx, db, s, "b"))
			wants(t, Downgrade(ctx, db, s, "a"), ErrIrreversible, "revision b", "run_test.go")
		})
		t.Run("SQL that ends the transaction", func(t *testing.T) {
			for _, sql := range []string{"COMMIT", "/* x */ rollback", "DELETE FROM t_a; COMMIT"} {
				db := d.open(t)
				s := followed(setOfTables(t, "a"), "b", func(op *Op) { op.CreateTable("x", schema.Col("id", schema.BigInt())); op.Exec(sql) }, nil)
				wants(t, Upgrade(ctx, db, s, "head"), nil, "revision b", "operation 2", sql, "all was rolled back")
				if got := userTables(t, db); got != "" {
					t.Errorf("%s: tables %s", sql, got)
				}
				wants(t, UpgradeSQL(new(strings.Builder), db.Dialect(), s, "head"), nil, "revision b", sql)
			}
		})
		t.Run("range online", func(t *testing.T) {
			wants(t, Upgrade(ctx, d.open(t), setOfTables(t, "a"), "base:a"), ErrRangeOnline, "range revision not allowed")
		})
		t.Run("a revision whose function panics", func(t *testing.T) {
			s := followed(Set{}, "a", func(op *Op) { panic("oh") }, nil)
			wants(t, Upgrade(ctx, d.open(t), s, "head"), nil, "revision a", "run_test.go", "oh")
		})
		t.Run("the version row is changed meanwhile", func(t *testing.T) {
			db := d.open(t)
			s := followed(setOfTables(t, "a"), "b", func(op *Op) { op.Exec("DELETE FROM dormer_version") }, nil)
			must(t, Upgrade(ctx, db, s, "a"))
			wants(t, Upgrade(ctx, db, s, "b"), ErrVersionRows, "0 rows instead of 1")
		})
		t.Run("the record's table is missing", func(t *testing.T) {
			db := d.open(t)
			execAll(t, db, "CREATE TABLE dormer_version (version_num VARCHAR(32) PRIMARY KEY)", "INSERT INTO dormer_version VALUES ('a')")
			s := setOfTables(t, "a\nb < a")
			must(t, Upgrade(ctx, db, s, "head"))
			if got := versions(t, db) + " " + userTables(t, db); got != "b t_b" {
				t.Errorf("%s", got)
			}
		})
	})
}

func TestHostileNames(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		db, ctx := d.open(t), t.Context()
		name := `t"; DROP TABLE x; --'`
		s := followed(Set{}, "a", func(op *Op) {
			op.CreateTable(name, schema.Col(`c"'`, schema.BigInt()), schema.Key(`c"'`))
		}, func(op *Op) { op.DropTable(name) })
		s.list[0].rev.Message = "'; DROP TABLE dormer_version; --\n"
		must(t, Upgrade(ctx, db, s, "head"))
		if got := userTables(t, db); got != name {
			t.Errorf("%q", got)
		}
		must(t, Downgrade(ctx, db, s, "base"))
		wants(t, Upgrade(ctx, db, s, "a'; DROP TABLE dormer_version; --"), ErrUnknownRevision)
	})
}
