package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
)

func TestOpenErrors(t *testing.T) {
	for url, want := range map[string][]string{
		"":                               {"is empty", "sqlite://"},
		"oracle://u:SECRET@h/d":          {`unknown scheme "oracle"`, "sqlite://"},
		"mysql://u:SECRET@h/d":           {"mysql is not supported by this version"},
		"postgres+pgx://u:SECRET@h/d":    {`import _ "github.com/jackc/pgx/v5/stdlib"`, "u:xxxxx@h"},
		"postgres+nosuch://u:SECRET@h/d": {`no driver "nosuch"`, "postgres, pgx"},
		"postgres://u:SECRET/x@h/d":      {"percent-encoded"},
		"sqlite+sqlite3://blog.db":       {`import _ "github.com/mattn/go-sqlite3"`},
	} {
		e, err := engine.Open(url)
		if err == nil {
			_ = e.Close()
			t.Errorf("Open(%q) succeeded", url)
			continue
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("Open(%q): %v, want it to say %s", url, err, w)
			}
		}
		if strings.Contains(err.Error(), "SECRET") {
			t.Errorf("Open(%q) prints the password: %v", url, err)
		}
	}
}

func TestOpenIsLazy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lazy.db")
	e := open(t, "sqlite:///"+path)
	if _, err := os.Stat(path); err == nil {
		t.Fatal("Open created the file")
	}
	if err := e.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
}

func TestUnreachableServer(t *testing.T) {
	e := open(t, "postgres://ann:SECRET@127.0.0.1:1/app?sslmode=disable")
	err := e.Ping(t.Context())
	if err == nil || strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), "ann:xxxxx@127.0.0.1:1") {
		t.Fatalf("Ping: %v", err)
	}
	if strings.Contains(fmt.Sprint(e), "SECRET") {
		t.Errorf("%v prints the password", e)
	}
}

func TestUnwritableFile(t *testing.T) {
	e := open(t, "sqlite:///"+filepath.Join(t.TempDir(), "no", "such", "dir.db"))
	if err := e.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "dir.db") {
		t.Fatalf("Ping: %v, want it to name the file", err)
	}
}

func TestNotADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.txt")
	text := []byte(strings.Repeat("these are notes, not a database\n", 100))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	e := open(t, "sqlite:///"+path)
	err := e.Ping(t.Context())
	if err == nil || !strings.Contains(err.Error(), "notes.txt") || !strings.Contains(err.Error(), "not a database") {
		t.Errorf("Ping: %v", err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, text) {
		t.Error("the file was changed")
	}
	if n := e.DB().Stats().OpenConnections; n != 0 {
		t.Errorf("%d connections stayed open", n)
	}
}

func TestMetadata(t *testing.T) {
	if e := open(t, "sqlite://:memory:"); e.Metadata() != schema.Default {
		t.Error("without the option Metadata is not schema.Default")
	}
	m := schema.NewMetadata()
	if e := open(t, "sqlite://:memory:", engine.Metadata(m)); e.Metadata() != m {
		t.Error("the option's Metadata is not used")
	}
}

func TestSetUpRunsOncePerConnection(t *testing.T) {
	var s seen
	e := open(t, "sqlite://:memory:", engine.Observer(s.observe))
	for range 3 {
		var on int
		if err := e.Get(t.Context(), &on, "PRAGMA foreign_keys"); err != nil || on != 1 {
			t.Fatalf("foreign_keys = %d, %v", on, err)
		}
	}
	n := 0
	for _, text := range s.texts() {
		if strings.Contains(text, "PRAGMA foreign_keys =") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the set-up ran %d times on one connection", n)
	}
}

func TestWALForFiles(t *testing.T) {
	var mode string
	if err := file(t).Get(t.Context(), &mode, "PRAGMA journal_mode"); err != nil || mode != "wal" {
		t.Fatalf("journal_mode = %q, %v", mode, err)
	}
}

func TestMemoryIsOneDatabase(t *testing.T) {
	e := open(t, "sqlite://:memory:", engine.PoolSize(7), engine.PoolOverflow(7), engine.ConnMaxIdleTime(1), engine.ConnMaxLifetime(1))
	mustExec(t, e, "CREATE TABLE t (id INTEGER)")
	done := make(chan error)
	for range 8 {
		go func() {
			_, err := e.Exec(context.Background(), "INSERT INTO t VALUES (1)")
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := count(t, e); n != 8 {
		t.Errorf("%d rows, want 8", n)
	}
}

func TestRawSQLByColumnNames(t *testing.T) {
	e := open(t, "sqlite://:memory:")
	mustExec(t, e, "CREATE TABLE t (user_id INTEGER, http_port INTEGER)")
	type row struct {
		UserID   int64
		HTTPPort int64
	}
	if _, err := e.NamedExec(t.Context(), "INSERT INTO t VALUES (:user_id, :http_port)", row{7, 80}); err != nil {
		t.Fatal(err)
	}
	var rows []row
	if err := e.Select(t.Context(), &rows, "SELECT * FROM t"); err != nil || len(rows) != 1 || rows[0] != (row{7, 80}) {
		t.Fatalf("%v, %v", rows, err)
	}
}

func TestLoggerLeavesArgumentsOut(t *testing.T) {
	for _, withArgs := range []bool{false, true} {
		var buf bytes.Buffer
		opts := []engine.Option{engine.Logger(slog.New(slog.NewTextHandler(&buf, &slog.HandlerOptions{Level: slog.LevelDebug})))}
		if withArgs {
			opts = append(opts, engine.LogArgs())
		}
		e := open(t, "sqlite://:memory:", opts...)
		if _, err := e.ExecRaw(t.Context(), "SELECT ?", engine.Args("SECRET")); err != nil {
			t.Fatal(err)
		}
		if _, err := e.ExecRaw(t.Context(), "nonsense ?", engine.Args("SECRET")); err == nil {
			t.Fatal("nonsense succeeded")
		}
		out := buf.String()
		if got := strings.Contains(out, "SECRET"); got != withArgs {
			t.Errorf("LogArgs %v: arguments logged: %v\n%s", withArgs, got, out)
		}
		for _, want := range []string{"msg=sql", `sql="SELECT ?"`, "duration=", "rows=", "level=DEBUG", "level=WARN", "err="} {
			if !strings.Contains(out, want) {
				t.Errorf("log lacks %s:\n%s", want, out)
			}
		}
	}
}

func TestValueIsMadeOnce(t *testing.T) {
	e := open(t, "sqlite://:memory:")
	type key struct{}
	calls := 0
	for range 3 {
		if v := e.Value(key{}, func() any { calls++; return 5 }); v != 5 {
			t.Fatalf("Value = %v", v)
		}
	}
	if calls != 1 {
		t.Errorf("make was called %d times", calls)
	}
}

func TestObserverSeesHandWrittenSQLOnce(t *testing.T) {
	var s seen
	e := file(t, engine.Observer(s.observe))
	s.take()
	ctx := t.Context()
	mustExec(t, e, "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
	var names []string
	if err := e.Select(ctx, &names, "SELECT name FROM t WHERE id < ?", 9); err != nil {
		t.Fatal(err)
	}
	st, err := e.DB().PreparexContext(ctx, "SELECT name FROM t WHERE id = ?")
	if err != nil {
		t.Fatal(err)
	}
	if err := st.GetContext(ctx, &names[0], 2); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, st := range s.take() {
		got = append(got, fmt.Sprintf("%s|%d|%d", st.SQL, st.Args, st.Rows))
	}
	want := []string{
		"INSERT INTO t VALUES (1, 'a'), (2, 'b')|0|2",
		"SELECT name FROM t WHERE id < ?|1|2",
		"SELECT name FROM t WHERE id = ?|1|1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("observed %q, want %q", got, want)
	}
}

func TestTranslatedErrors(t *testing.T) {
	e := file(t)
	mustExec(t, e, "INSERT INTO t VALUES (1, 'ann')")
	_, err := e.Exec(t.Context(), "INSERT INTO t VALUES (2, 'ann')")
	isUnique(t, "Exec", err)
	_, err = e.ExecRaw(t.Context(), "INSERT INTO t VALUES (2, ?)", engine.Args("ann"))
	isUnique(t, "ExecRaw", err)
	if strings.Contains(err.Error(), "ann") {
		t.Errorf("the message holds the argument: %v", err)
	}
	if !strings.HasPrefix(err.Error(), "engine: exec INSERT INTO t VALUES (2, ?): ") {
		t.Errorf("message: %v", err)
	}
}

func isUnique(t *testing.T, what string, err error) {
	t.Helper()
	var v *dialect.UniqueViolation
	if !asType(err, &v) {
		t.Errorf("%s: %v is no UniqueViolation", what, err)
	}
}
