package dialect_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
)

func TestParseURL(t *testing.T) {
	for _, c := range []struct {
		in, scheme, driver, user, password, host, port, path, database string
	}{
		{"postgres://ann:s%40cret%2F@db.example:5433/app?sslmode=disable", "postgres", "", "ann", "s@cret/", "db.example", "5433", "/app", "app"},
		{"postgresql+pgx://ann@[::1]:5432/app", "postgresql", "pgx", "ann", "", "::1", "5432", "/app", "app"},
		{"postgres:///app?host=%2Fvar%2Frun", "postgres", "", "", "", "", "", "/app", "app"},
		{"Postgres://h", "postgres", "", "", "", "h", "", "", ""},
		{"sqlite://blog.db", "sqlite", "", "", "", "blog.db", "", "", ""},
		{"sqlite://data/blog.db", "sqlite", "", "", "", "data", "", "/blog.db", "blog.db"},
		{"sqlite:///blog.db", "sqlite", "", "", "", "", "", "/blog.db", "blog.db"},
		{"sqlite:////srv/a%20b.db", "sqlite", "", "", "", "", "", "//srv/a b.db", "/srv/a b.db"},
		{"sqlite://:memory:", "sqlite", "", "", "", ":memory:", "", "", ""},
		{"sqlite+sqlite3:///:memory:", "sqlite", "sqlite3", "", "", "", "", "/:memory:", ":memory:"},
	} {
		u, err := dialect.ParseURL(c.in)
		if err != nil {
			t.Errorf("ParseURL(%q): %v", c.in, err)
			continue
		}
		got := [...]string{u.Scheme, u.Driver, u.User, u.Password, u.Host, u.Port, u.Path, u.Database()}
		want := [...]string{c.scheme, c.driver, c.user, c.password, c.host, c.port, c.path, c.database}
		if got != want {
			t.Errorf("ParseURL(%q) = %q, want %q", c.in, got, want)
		}
	}
}

func TestParseURLErrors(t *testing.T) {
	for in, want := range map[string]string{
		"":                                 "is empty",
		"blog.db":                          `no "://"`,
		"://x":                             "does not begin with a scheme",
		"1x://x":                           "does not begin with a scheme",
		"postgres+://x":                    `"+"`,
		"postgres://u:SECRET/x@h/db":       "percent-encoded",
		"postgres://u:SECRET%zz@h/db":      "percent-encoded",
		"postgres://u:SECRET?x@h:1/db":     "percent-encoded",
		"postgres://u:90210/SECRET@h/db":   "percent-encoded",
		"postgres://u:90210?SECRET@h/db":   "percent-encoded",
		"postgres://a@b:90210/SECRET@h/db": "percent-encoded",
		"postgres://h:SECRET":              "port is not a number",
		"postgres://h:70000":               "port is not a number",
		"postgres://[::1/db":               "never closed",
		"postgres://[::1]x/db":             "port number",
		"postgres://u:SECRET@h/db?a=%zz":   "percent-encoding",
		"postgres://u:SECRET@h/db\n":       "control character",
		"postgres://u:SECRET@h/100%SECRET": "percent-encoded",
	} {
		_, err := dialect.ParseURL(in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseURL(%q): %v, want it to say %q", in, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "SECRET") {
			t.Errorf("ParseURL(%q) prints the password: %v", in, err)
		}
	}
}

func TestURLHidesPasswords(t *testing.T) {
	u, err := dialect.ParseURL("postgres://ann:SECRET@h:1/app?sslpassword=SECRET&sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(struct{ U *dialect.URL }{u})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{u.String(), u.Redacted(), fmt.Sprintf("%v %+v %#v %s", u, u, u, u), string(text), u.LogValue().String()} {
		if strings.Contains(s, "SECRET") || !strings.Contains(s, "xxxxx") {
			t.Errorf("not redacted: %s", s)
		}
	}
	if want := "postgres://ann:xxxxx@h:1/app?sslmode=disable&sslpassword=xxxxx"; u.String() != want {
		t.Errorf("String() = %s, want %s", u, want)
	}
}

func TestSecrets(t *testing.T) {
	u, err := dialect.ParseURL("postgres://ann:one%40@h:1/app?sslpassword=two&sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	if got := u.Secrets(); !slices.Equal(got, []string{"one@", "two"}) {
		t.Errorf("%q", got)
	}
	if u, _ = dialect.ParseURL("sqlite://x.db"); u.Secrets() != nil {
		t.Errorf("%q", u.Secrets())
	}
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"postgres://a:b@h:1/d?x=y", "sqlite://:memory:", "x://[::1]:2//y", "a+b://%41"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := dialect.ParseURL(s)
		if err != nil || u.HasPassword {
			return
		}
		again, err := dialect.ParseURL(u.String())
		if err != nil {
			t.Skip("host with characters that the plain form cannot show")
		}
		if again.Path != u.Path || again.User != u.User || again.Scheme != u.Scheme {
			t.Errorf("%q: %#v became %#v", s, u, again)
		}
	})
}
