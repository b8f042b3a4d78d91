package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/glebarez/go-sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/migrate"
	"github.com/dormer-orm/dormer/schema"
)

type User struct {
	ID   int64
	Name string
	Nick *string
}

type users struct {
	schema.Table[User]
	ID   expr.Column[User, int64]
	Name expr.Column[User, string]
	Nick expr.Nullable[User, string]
}

// model is users with nicknames.
func model() *schema.Metadata {
	m := schema.NewMetadata()
	schema.Define("users", func(t *users) {
		schema.Column(t.ID).PrimaryKey()
		schema.Text(t.Name).Size(100)
		schema.Text(t.Nick).Size(50)
	}, schema.In(m))
	return m
}

var first = migrate.Revision{
	ID: "aa01", Message: "users",
	Upgrade: func(op *migrate.Op) {
		op.CreateTable("users",
			schema.Col("id", schema.BigInt()).Identity(),
			schema.Col("name", schema.Varchar(100)), schema.Key("id"))
	},
	Downgrade: func(op *migrate.Op) { op.DropTable("users") },
}

var second = migrate.Revision{
	ID: "ab02", Parents: []string{"aa01"}, Message: "nicknames",
	Upgrade: func(op *migrate.Op) {
		op.AddColumn("users", schema.Col("nick", schema.Varchar(50)).Nullable())
	},
	Downgrade: func(op *migrate.Op) { op.DropColumn("users", "nick") },
}

func empty(id string, parents ...string) migrate.Revision {
	return migrate.Revision{ID: id, Parents: parents, Message: "step " + id}
}

func setOf(list ...migrate.Revision) (s migrate.Set) {
	for _, r := range list {
		s.Add(r)
	}
	return s
}

// line is two revisions in a row, fork two heads after the second.
func line() migrate.Set { return setOf(first, second) }

func fork() migrate.Set {
	left, right := empty("cc03", "ab02"), empty("cd04", "ab02")
	left.Labels = []string{"left"}
	return setOf(first, second, left, right)
}

// shell runs commands of one program on one database.
type shell struct {
	*testing.T
	set  migrate.Set
	meta *schema.Metadata
	url  string
	opts []Option
}

// do runs a command and returns what it wrote. code is what it must return.
func (s *shell) do(code int, args ...string) (out, err string) {
	s.Helper()
	var o, e bytes.Buffer
	all := args
	if s.url != "" {
		all = append([]string{"--url", s.url}, args...)
	}
	if got := Run(s.Context(), all, &o, &e, s.set, s.meta, s.opts...); got != code {
		s.Fatalf("%q: returned %d, want %d\n%s%s", args, got, code, &o, &e)
	}
	return o.String(), e.String()
}

// says runs a command that succeeds and compares its answer.
func (s *shell) says(want string, args ...string) {
	s.Helper()
	if out, _ := s.do(0, args...); strings.TrimSpace(out) != strings.TrimSpace(want) {
		s.Errorf("%q says\n%s\nwant\n%s", args, out, want)
	}
}

// fails runs a command that fails by code with all these words in one line.
func (s *shell) fails(code int, words string, args ...string) {
	s.Helper()
	out, err := s.do(code, args...)
	if !strings.Contains(err, words) {
		s.Errorf("%q fails by %q, want %q", args, err, words)
	}
	lines := strings.Count(strings.TrimSpace(err), "\n") + 1
	if lines > code || out != "" {
		s.Errorf("%q wrote %d lines and %q:\n%s", args, lines, out, err)
	}
}

// onEach runs a test on an empty SQLite database, and on one of PostgreSQL where
// DORMER_TEST_POSTGRES names a server.
func onEach(t *testing.T, set func() migrate.Set, f func(s *shell)) {
	t.Helper()
	t.Setenv("DORMER_URL", "")
	t.Run("sqlite", func(t *testing.T) {
		f(&shell{T: t, set: set(), meta: model(), url: "sqlite:///" + filepath.Join(t.TempDir(), "test.db")})
	})
	server := os.Getenv("DORMER_TEST_POSTGRES")
	if server == "" {
		return
	}
	t.Run("postgres", func(t *testing.T) {
		f(&shell{T: t, set: set(), meta: model(), url: newPostgres(t, server)})
	})
}

func newPostgres(t *testing.T, server string) string {
	t.Helper()
	u, err := url.Parse(server)
	must(t, err)
	name := "dormer_cli_" + strings.ToLower(rand.Text())
	execAll(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { execAll(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u.Path = "/" + name
	return u.String()
}

func execAll(t *testing.T, url string, statements ...string) {
	t.Helper()
	db, err := engine.Open(url, engine.Metadata(schema.NewMetadata()))
	must(t, err)
	defer func() { must(t, db.Close()) }()
	c, err := db.Acquire(context.Background(), "test")
	must(t, err)
	defer c.Release()
	for _, s := range statements {
		must(t, c.ExecDDL(context.Background(), s))
	}
}

// one reads one text.
func one(t *testing.T, url, query string) (text string) {
	t.Helper()
	db, err := engine.Open(url, engine.Metadata(schema.NewMetadata()))
	must(t, err)
	defer func() { must(t, db.Close()) }()
	must(t, db.Get(context.Background(), &text, query))
	return text
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
