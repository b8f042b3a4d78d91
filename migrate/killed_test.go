package migrate

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// TestMain runs the migrator that a test kills, in a process of its own.
func TestMain(m *testing.M) {
	if url := os.Getenv("DORMER_TEST_KILLED"); url != "" {
		killedMigrator(url)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// longRun is a set whose run takes as long as code says at three points: in a
// transaction, after a part of it is done for good where the database cannot keep it
// in one, and in a later revision.
func longRun(at func(point string) error) Set {
	stop := func(op *Op, point string) {
		op.Run(func(context.Context, *uow.UnitOfWork) error { return at(point) })
	}
	s := followed(Set{}, "a", func(op *Op) {
		op.CreateTable("t_a", schema.Col("id", schema.BigInt()), schema.Col("n", schema.BigInt()).Nullable(), schema.Key("id"))
		op.Exec("INSERT INTO t_a (id) VALUES (1)")
		stop(op, "in a transaction")
	}, func(op *Op) { op.DropTable("t_a") })
	s = followed(s, "b", func(op *Op) {
		op.Exec("INSERT INTO t_a (id) VALUES (2)")
		op.CreateIndex("t_a", schema.IndexOn("x_n", "n")).Concurrently()
		op.Exec("INSERT INTO t_a (id) VALUES (3)")
		stop(op, "behind the index")
	}, func(op *Op) {
		op.Exec("DELETE FROM t_a WHERE id > 1")
		op.DropIndex("t_a", "x_n", schema.IndexOn("x_n", "n")).Concurrently()
	})
	return followed(s, "c", func(op *Op) {
		op.Exec("INSERT INTO t_a (id) VALUES (4)")
		op.AlterColumn("t_a", schema.Col("n", schema.BigInt()).Nullable(), schema.Col("n", schema.BigInt())).Backfill(7)
		stop(op, "in the last revision")
	}, func(op *Op) {
		op.AlterColumn("t_a", schema.Col("n", schema.BigInt()), schema.Col("n", schema.BigInt()).Nullable())
		op.Exec("DELETE FROM t_a WHERE id = 4")
	})
}

func killedMigrator(url string) {
	db, err := openForever(url)
	if err == nil {
		var opts []RunOption
		if os.Getenv("DORMER_TEST_EACH") != "" {
			opts = append(opts, TransactionPerRevision())
		}
		err = Upgrade(context.Background(), db, longRun(func(point string) error {
			if point == os.Getenv("DORMER_TEST_POINT") {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				time.Sleep(time.Minute)
			}
			return nil
		}), "head", opts...)
	}
	println("it was not killed", err)
}

// A migrator that is killed in mid-run leaves a database that the next run finishes.
func TestKilledMigrator(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		for _, each := range []string{"", "1"} {
			for _, point := range []string{"in a transaction", "behind the index", "in the last revision"} {
				t.Run(point+" "+each, func(t *testing.T) {
					url := d.url(t)
					cmd := exec.Command(os.Args[0])
					cmd.Env = append(os.Environ(), "DORMER_TEST_KILLED="+url, "DORMER_TEST_POINT="+point, "DORMER_TEST_EACH="+each)
					out, err := cmd.CombinedOutput()
					var exit *exec.ExitError
					if !errors.As(err, &exit) || !exit.Sys().(syscall.WaitStatus).Signaled() {
						t.Fatalf("%v\n%s", err, out)
					}
					db := openURL(t, url)
					s := longRun(func(string) error { return nil })
					if point == "behind the index" && d.name == "postgres" {
						list, err := History(t.Context(), db, s, "b:b")
						if err != nil || len(list) != 1 || list[0].Interrupted != "upgrade, after 2 operations" {
							t.Errorf("%+v, %v", list, err)
						}
						err = Downgrade(t.Context(), db, s, "base")
						var ie *InterruptedError
						if !errors.As(err, &ie) || ie.Revision != "b" || ie.Operations != 2 {
							t.Errorf("%v", err)
						}
						wants(t, err, nil, "upgrade of revision b (file run_test.go) was interrupted after 2 of its operations", "finish it with upgrade")
					}
					must(t, Upgrade(t.Context(), db, s, "head", LockTimeout(20*time.Second)))
					if got := versions(t, db) + " " + column(t, db, "SELECT id FROM t_a ORDER BY id") + " " + column(t, db, "SELECT n FROM t_a ORDER BY id"); got != "c 1 2 3 4 7 7 7 7" {
						t.Errorf("%s", got)
					}
					must(t, CheckHeads(t.Context(), db, s))
					must(t, Downgrade(t.Context(), db, s, "base"))
					if got := userTables(t, db); got != "" {
						t.Errorf("tables %s", got)
					}
				})
			}
		}
	})
}

// What cannot be in a transaction is done once, and a run that failed behind it, or
// in it, goes on there.
func TestStepsOutsideTransactions(t *testing.T) {
	onEach(t, func(t *testing.T, d database) {
		if d.name != "postgres" {
			t.Skip("every step of a migration is in a transaction")
		}
		db, ctx := d.open(t), t.Context()
		boom := errors.New("boom")
		fail := true
		s := followed(Set{}, "a", func(op *Op) {
			op.CreateTable("t", schema.Col("id", schema.BigInt()), schema.Col("n", schema.BigInt()), schema.Key("id"))
			op.Exec("INSERT INTO t VALUES (1, 5), (2, 5)")
		}, func(op *Op) { op.DropTable("t") })
		s = followed(s, "b", func(op *Op) {
			op.Exec("INSERT INTO t VALUES (3, 6)")
			op.CreateIndex("t", schema.IndexOn("x_n", "n").Unique()).Concurrently()
			op.Run(func(context.Context, *uow.UnitOfWork) error {
				if fail {
					return boom
				}
				return nil
			})
		}, func(op *Op) { op.DropIndex("t", "x_n").Concurrently() })

		err := Upgrade(ctx, db, s, "head")
		wants(t, err, dialect.ErrUnique, "operation 2", "the first 1 operations of the revision are done", "a before it stay")
		if got := versions(t, db) + " " + column(t, db, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'x_n'::regclass"); got != "a false" {
			t.Errorf("%s", got)
		}
		wants(t, Upgrade(ctx, db, s, "a"), nil, "was interrupted")
		execAll(t, db, "DELETE FROM t WHERE id = 2")
		err = Upgrade(ctx, db, s, "head")
		wants(t, err, boom, "the first 2 operations of the revision are done")
		if got := column(t, db, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'x_n'::regclass"); got != "true" {
			t.Errorf("the index is left invalid: %s", got)
		}

		other := followed(Set{}, "a", s.list[0].rev.Upgrade, s.list[0].rev.Downgrade)
		other = followed(other, "b", func(op *Op) { op.Exec("SELECT 1") }, nil)
		wants(t, Upgrade(ctx, db, other, "head"), nil, "edited since")

		fail = false
		must(t, Upgrade(ctx, db, s, "head"))
		if got := versions(t, db) + " " + column(t, db, "SELECT id FROM t ORDER BY id"); got != "b 1 3" {
			t.Errorf("%s", got)
		}
		must(t, Downgrade(ctx, db, s, "base"))
		if got := strings.TrimSpace(versions(t, db) + column(t, db, "SELECT id FROM dormer_revision")); got != "" {
			t.Errorf("left: %s", got)
		}
	})
}

func openForever(url string) (*engine.Engine, error) {
	return engine.Open(url, engine.Metadata(schema.NewMetadata()))
}
