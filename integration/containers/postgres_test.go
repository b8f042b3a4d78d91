package containers

import (
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/lib/pq"
)

func open(t *testing.T) (*sql.DB, string) {
	t.Helper()
	u := Postgres(t)
	db, err := sql.Open("postgres", u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, u
}

func TestPostgresIsStartedOnce(t *testing.T) {
	urls := make([]string, 8)
	var all sync.WaitGroup
	for i := range urls {
		all.Go(func() { urls[i] = Postgres(t) })
	}
	all.Wait()
	for _, u := range urls {
		if u != urls[0] {
			t.Fatalf("two servers: %q and %q", urls[0], u)
		}
	}
	if n := len(containersOf(t, testEngine(t), os.Getpid())); n != 1 {
		t.Fatalf("%d containers of this process, expected 1", n)
	}
}

func TestPostgresURL(t *testing.T) {
	u, err := url.Parse(Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "postgres" || u.Hostname() != "127.0.0.1" || u.Port() == "" || u.RawQuery != "sslmode=disable" {
		t.Errorf("url = %s", u.Redacted())
	}
}

// The password is asked for, so that a test of wrong credentials tests something.
func TestPostgresAsksForThePassword(t *testing.T) {
	u, err := url.Parse(Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), "wrong")
	db, err := sql.Open("postgres", u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.PingContext(t.Context()); err == nil || !strings.Contains(err.Error(), "password") {
		t.Fatalf("ping with a wrong password: %v", err)
	}
}

// The image that is built and the one that is pulled are chosen in two places.
func TestOfficialImageIsTheOneThatBuildKnows(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "images", postgres.spec.name, "official"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(text)); got != postgres.spec.official {
		t.Errorf("images/%s/official says %q, the package %q", postgres.spec.name, got, postgres.spec.official)
	}
}

func TestImageByEnvironment(t *testing.T) {
	engine := testEngine(t)
	t.Setenv("DORMER_POSTGRES_IMAGE", "example/postgres:99")
	if got := postgres.spec.image(t.Context(), engine); got != "example/postgres:99" {
		t.Errorf("image = %q", got)
	}
}

func TestPause(t *testing.T) {
	db, u := open(t)
	var one int
	if err := db.QueryRowContext(t.Context(), `SELECT 1`).Scan(&one); err != nil {
		t.Fatal(err)
	}

	resume := Pause(t, u)
	// Without a context that ends: lib/pq would ask the paused server to cancel, and wait for its answer.
	answer := make(chan error, 1)
	go func() { answer <- db.QueryRow(`SELECT 1`).Scan(&one) }()
	select {
	case err := <-answer:
		t.Errorf("a paused server answered: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	resume()
	resume()
	select {
	case err := <-answer:
		if err != nil {
			t.Errorf("after resume: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("no answer 10 s after resume")
	}
}

func TestKill(t *testing.T) {
	db, u := open(t)
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)`); err != nil {
		t.Fatal(err)
	}

	revive := Kill(t, u)
	if err := db.PingContext(t.Context()); err == nil {
		t.Error("a dead server answered")
	}
	revive()
	revive()
	var n int
	if err := db.QueryRowContext(t.Context(), `SELECT n FROM kept`).Scan(&n); err != nil || n != 7 {
		t.Errorf("after the crash: n = %d, %v", n, err)
	}
	if _, err := db.ExecContext(t.Context(), `DROP TABLE kept`); err != nil {
		t.Error(err)
	}
}

func TestRestart(t *testing.T) {
	db, u := open(t)
	const started = `SELECT pg_postmaster_start_time()`
	var before, after time.Time
	if err := db.QueryRowContext(t.Context(), started).Scan(&before); err != nil {
		t.Fatal(err)
	}
	Restart(t, u)
	if err := db.QueryRowContext(t.Context(), started).Scan(&after); err != nil {
		t.Fatal(err)
	}
	if !after.After(before) {
		t.Errorf("started at %v and again at %v", before, after)
	}
}
