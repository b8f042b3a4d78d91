package engine

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
)

func secretsFor(t *testing.T, raw string) (*secrets, string) {
	t.Helper()
	u, err := dialect.ParseURL(raw)
	if err != nil {
		t.Fatal(err)
	}
	dsn, _, err := postgres.New().DSN(u, "postgres")
	if err != nil {
		t.Fatal(err)
	}
	return secretsOf(u, raw, dsn), dsn
}

// Messages that a driver writes without the password in them stay whole,
// whatever the password.
func TestMessagesStayWhole(t *testing.T) {
	for _, password := range []string{"x", "e", "127", "", "password", "database", "connection", "postgres", "127.0.0.1", "nodb", "1", "Password", "u", "0.0.1:1", "does not", "xxxxx"} {
		s, _ := secretsFor(t, "postgres://"+url.UserPassword("u", password).String()+"@127.0.0.1:1/nodb")
		for _, text := range []string{
			`pq: database "nodb" does not exist`,
			"dial tcp 127.0.0.1:1: connect: connection refused",
			`pq: password authentication failed for user "u"`,
			`pq: Password authentication failed for user "postgres"`,
		} {
			err := errors.New(text)
			if got := s.hide(err); got != err {
				t.Errorf("password %q: %q became %q", password, text, got)
			}
		}
	}
}

// What a driver quotes of the URL is hidden in each form and once.
func TestQuotedURLIsHidden(t *testing.T) {
	for _, password := range []string{"x", "e", "hunter2!", "s@cret/ %", "127", `q"o'te`, "kennwort", "ü b"} {
		raw := "postgres://" + url.UserPassword("ann", password).String() + "@db.example:1/app?sslpassword=Topf%2FSecret9"
		s, dsn := secretsFor(t, raw)
		plain, query := "ann:"+password+"@db.example", url.QueryEscape(password)
		for text, want := range map[string]string{
			"parse " + raw + ": bad":                    "parse postgres://ann:xxxxx@db.example:1/app?sslpassword=xxxxx: bad",
			`parse "` + dsn + `": bad`:                  `parse "postgres://ann:xxxxx@db.example:1/app?sslpassword=xxxxx": bad`,
			"at " + plain + ":1":                        "at ann:xxxxx@db.example:1",
			"user=ann password=" + password + " host=h": "user=ann password=xxxxx host=h",
			"user=ann password='" + password + "'":      "user=ann password='xxxxx'",
			"?user=ann&pwd=" + query + "&b=c":           "?user=ann&pwd=xxxxx&b=c",
			"the key Topf/Secret9 is wrong":             "the key xxxxx is wrong",
			"nothing of it":                             "nothing of it",
		} {
			cause := errors.New(text)
			got := s.hide(cause)
			if got.Error() != want {
				t.Errorf("password %q: %q became %q, want %q", password, text, got, want)
			}
			if !errors.Is(got, cause) {
				t.Errorf("%q is not reached", text)
			}
		}
	}
}

// A bare password is hidden where it is a word of its own and no ordinary one.
func TestBarePasswordIsHidden(t *testing.T) {
	s, _ := secretsFor(t, "postgres://ann:hunter2-Z@h/app")
	for text, want := range map[string]string{
		"login with hunter2-Z failed": "login with xxxxx failed",
		`key "hunter2-Z"`:             `key "xxxxx"`,
		"hunter2-Z":                   "xxxxx",
		"xhunter2-Zy":                 "xhunter2-Zy",
	} {
		if got := s.hide(errors.New(text)).Error(); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// FuzzHide: whatever the password, a quoted URL does not show it, and what is
// put in its place is put there once.
func FuzzHide(f *testing.F) {
	f.Add("e")
	f.Add("xxxxx")
	f.Add("a:b@c/d?e=f&g")
	f.Fuzz(func(t *testing.T, password string) {
		raw := "postgres://" + url.UserPassword("u", password).String() + "@h/app"
		u, err := dialect.ParseURL(raw)
		if err != nil || password == "" {
			t.Skip()
		}
		dsn, _, err := postgres.New().DSN(u, "postgres")
		if err != nil {
			t.Fatal(err)
		}
		got := secretsOf(u, raw, dsn).hide(errors.New("parse " + dsn + " and " + raw)).Error()
		if want := "parse postgres://u:xxxxx@h/app and postgres://u:xxxxx@h/app"; got != want {
			t.Errorf("%q: %q", password, got)
		}
	})
}

// The whole way, through the driver.
func TestDriversMessagesStayWhole(t *testing.T) {
	for _, url := range []string{"postgres://u:x@127.0.0.1:1/nodb", "postgres://e:e@127.0.0.1:1/nodb", "postgres://u:127@127.0.0.1:1/nodb", "postgres://u@127.0.0.1:1/nodb?password=127"} {
		e, err := Open(url)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		if err := e.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "dial tcp 127.0.0.1:1: connect: connection refused") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// Errors about the URL itself tell nothing of the password, in whatever part of
// the URL it ended up.
func TestOpenErrorsHidePasswords(t *testing.T) {
	for _, raw := range []string{
		"postgres://u:90210/x@h/db", "postgres://u:90210?x@h/db", "postgres://u:90210?x=@h/db", "postgres://u:90210@h st/db", "postgres://u:90210@h<t/db", "postgres://u:90210@h:1x/db",
		"postgres://u:90210%zz@h/db", "postgres://u@h/db?password=90210%zz", "mysql://u:90210@h/db", "nosuch://u:90210@h/db", "sqlite://u:90210@h/db", "postgres://u:90210@h%zz/db",
		"postgres://u:90210@h/db?sslmode=nonsense", "postgres+nosuch://u:90210@h/db", "postgres+pgx://u:90210/x@h/db",
	} {
		e, err := Open(raw)
		if err == nil {
			err = e.Ping(t.Context())
			e.Close()
		}
		if err == nil || strings.Contains(err.Error(), "90210") {
			t.Errorf("%s: %v", raw, err)
		}
	}
}
