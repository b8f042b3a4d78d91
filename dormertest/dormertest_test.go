package dormertest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	_ "github.com/glebarez/sqlite"
	"go.uber.org/goleak"

	"github.com/dormer-orm/dormer/dormertest"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type User struct {
	ID   int64
	Name string
}

type users struct {
	schema.Table[User]
	ID   expr.Column[User, int64]
	Name expr.Column[User, string]
}

var Users = schema.Define("users", func(t *users) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Name).Unique()
})

type Note struct {
	ID     int64
	UserID int64
}

type notes struct {
	schema.Table[Note]
	ID     expr.Column[Note, int64]
	UserID expr.Column[Note, int64]
}

var Notes = schema.Define("notes", func(t *notes) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.UserID).References(Users.ID)
})

type Other struct{ ID int64 }

type others struct {
	schema.Table[Other]
	ID expr.Column[Other, int64]
}

// Others has the name of another model's table.
var Others = schema.Define("users", func(t *others) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(schema.NewMetadata()))

func add(t *testing.T, db *engine.Engine, name string) {
	t.Helper()
	err := uow.Run(t.Context(), db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		return repo.New[User](db).Add(ctx, &User{Name: name})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func tables(t *testing.T, db *engine.Engine) string {
	t.Helper()
	var names []string
	if err := db.Select(t.Context(), &names, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`); err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	for i := range 8 {
		t.Run(fmt.Sprint("a name/that? is #hostile%20 ", i), func(t *testing.T) {
			t.Parallel()
			db := dormertest.SQLite(t, Users, Notes)
			add(t, db, "the same in each")
			if n, err := repo.New[User](db).Count(t.Context()); n != 1 || err != nil {
				t.Errorf("%d users, %v", n, err)
			}
		})
	}
}

func TestTablesNamedOrAll(t *testing.T) {
	if got := tables(t, dormertest.SQLite(t)); got != "notes users" {
		t.Errorf("all tables: %s", got)
	}
	if got := tables(t, dormertest.SQLite(t, Users)); got != "users" {
		t.Errorf("one table: %s", got)
	}
	db := dormertest.SQLite(t, Others)
	if db.Metadata() != schema.DefOf(Others).Metadata {
		t.Error("the engine has another Metadata than its tables")
	}
	var sql string
	if err := db.Get(t.Context(), &sql, `SELECT sql FROM sqlite_schema WHERE name = 'users'`); err != nil || strings.Contains(sql, "name") {
		t.Errorf("%s, %v", sql, err)
	}
}

func TestFileIsInTheTestsDirectory(t *testing.T) {
	named := filepath.Join(t.TempDir(), "mine.db")
	db := dormertest.Open(t, "sqlite:///"+named+"?_txlock=immediate", Users)
	add(t, db, "ann")
	if _, err := os.Stat(named); !os.IsNotExist(err) {
		t.Errorf("the file of the URL was touched: %v", err)
	}
	var mode string
	if err := db.Get(t.Context(), &mode, "PRAGMA journal_mode"); err != nil || mode != "wal" {
		t.Errorf("journal mode %s, %v", mode, err)
	}
}

func TestMemory(t *testing.T) {
	db := dormertest.Open(t, "sqlite://:memory:", Users)
	add(t, db, "ann")
	if !db.Shared() || tables(t, db) != "users" {
		t.Errorf("shared %v, tables %s", db.Shared(), tables(t, db))
	}
}

// fatal is a testing.TB that keeps what a test died of.
type fatal struct {
	testing.TB
	msg string
}

func (f *fatal) Fatalf(format string, args ...any) {
	f.msg = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestFailuresEndTheTest(t *testing.T) {
	for url, want := range map[string]string{
		"sqlite+sqlite3://x.db":           "github.com/mattn/go-sqlite3",
		"oracle://u:secret@localhost/x":   "unknown scheme",
		"postgres://u:secret@localhost/x": "github.com/lib/pq",
		"nonsense":                        "://",
	} {
		f := &fatal{TB: t}
		done := make(chan struct{})
		go func() { defer close(done); dormertest.Open(f, url) }()
		<-done
		if !strings.HasPrefix(f.msg, "dormertest: ") || !strings.Contains(f.msg, want) || strings.Contains(f.msg, "secret") {
			t.Errorf("%s: %q", url, f.msg)
		}
	}
}

func TestSandboxLeavesNothing(t *testing.T) {
	db := dormertest.SQLite(t)
	add(t, db, "before")
	for range 2 {
		box, err := db.Sandbox(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		add(t, box, "inside") // unique: the second round would fail
		if n, err := repo.New[User](box).Count(t.Context()); n != 2 || err != nil {
			t.Errorf("inside: %d users, %v", n, err)
		}
		if err := box.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := repo.New[User](db).Count(t.Context()); n != 1 || err != nil {
		t.Errorf("afterwards: %d users, %v", n, err)
	}
}
