package postgres_test

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
)

func TestDSN(t *testing.T) {
	t.Setenv("PGSSLMODE", "")
	os.Unsetenv("PGSSLMODE")
	for in, want := range map[string]string{
		"postgres://u:p%40%2F@h:5433/db?application_name=x": "postgres://u:p%40%2F@h:5433/db?application_name=x&sslmode=prefer&timezone=UTC",
		"postgres://u@[::1]/db?sslmode=disable":             "postgres://u@[::1]/db?sslmode=disable&timezone=UTC",
		"postgres:///db?host=/tmp&TimeZone=Asia/Tokyo":      "postgres:///db?TimeZone=Asia%2FTokyo&host=%2Ftmp&sslmode=prefer",
	} {
		u, err := dialect.ParseURL(in)
		if err != nil {
			t.Fatal(err)
		}
		if got, shared, err := postgres.New().DSN(u, "postgres"); got != want || shared || err != nil {
			t.Errorf("%s became %s, %v, %v; want %s", in, got, shared, err, want)
		}
	}
	t.Setenv("PGSSLMODE", "verify-full")
	if got, _, _ := postgres.New().DSN(&dialect.URL{Host: "h"}, "postgres"); strings.Contains(got, "sslmode") {
		t.Errorf("%s overrides PGSSLMODE", got)
	}
}

func TestDSNConnects(t *testing.T) {
	url := os.Getenv("DORMER_TEST_POSTGRES")
	if url == "" {
		t.Skip("DORMER_TEST_POSTGRES is not set")
	}
	u, err := dialect.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	u.Query.Del("sslmode")
	dsn, _, err := postgres.New().DSN(u, "postgres")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var zone string
	if err := db.QueryRow("SHOW timezone").Scan(&zone); err != nil || zone != "UTC" {
		t.Errorf("zone %q, %v", zone, err)
	}
}
