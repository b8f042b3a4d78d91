package corpus

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/glebarez/sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/dormertest"
	"github.com/dormer-orm/dormer/engine"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// cases are those of one construct, by name.
type cases map[string]build

// build is a case: a built or a sent.
type build interface {
	statements(t *testing.T, d *database) (list []statement, err error)
}

// query is what has SQL for a dialect.
type query interface {
	SQL(d dialect.Dialect) (string, []any, error)
}

// built is a query that says its SQL.
type built func() query

// sent is a call that sends statements, in a unit of work that ctx carries and that
// is rolled back.
type sent func(ctx context.Context, db *engine.Engine) error

// statement is SQL and its arguments.
type statement struct {
	sql  string
	args []any
}

// constructs are all cases, by construct.
var constructs = map[string]cases{}

// construct names the cases of a construct.
func construct(name string, cs cases) struct{} {
	if constructs[name] != nil {
		panic("corpus: construct " + name + " is there twice")
	}
	constructs[name] = cs
	return struct{}{}
}

// database is a dialect, and a database of it where one is at hand.
type database struct {
	name    string
	dialect dialect.Dialect
	db      *engine.Engine
}

func databases(t *testing.T) []*database {
	lite := &database{name: "sqlite", dialect: sqlite.Dialect{}, db: dormertest.SQLite(t, tables...)}
	pg := &database{name: "postgres", dialect: postgres.Dialect{}}
	if url := os.Getenv("DORMER_TEST_POSTGRES"); url != "" {
		pg.db = dormertest.Open(t, url, tables...)
	}
	for _, d := range []*database{lite, pg} {
		if d.db != nil {
			seed(t, d.db)
		}
	}
	return []*database{lite, pg}
}

func TestCorpus(t *testing.T) {
	sources := readSources(t)
	dbs := databases(t)
	if dbs[1].db == nil {
		t.Run("postgres", func(t *testing.T) {
			t.Skip("DORMER_TEST_POSTGRES is not set: statements are not run on PostgreSQL")
		})
	}
	for _, name := range slices.Sorted(maps.Keys(constructs)) {
		t.Run(name, func(t *testing.T) {
			for _, c := range slices.Sorted(maps.Keys(constructs[name])) {
				t.Run(c, func(t *testing.T) {
					compare(t, filepath.Join("testdata", fileOf(name), fileOf(c)+".golden"), sources[name][c], constructs[name][c], dbs)
				})
			}
		})
	}
	t.Run("files", filesHaveCases)
}

// fileOf is the name of a construct's folder or of a case's file, without its end.
func fileOf(name string) string { return strings.NewReplacer(" ", "_", ",", "", "'", "").Replace(name) }

// compare holds a case against its file, or rewrites that.
func compare(t *testing.T, path, source string, c build, dbs []*database) {
	if source == "" {
		t.Fatal("the case has no source: construct takes the cases as a literal, each a func literal")
	}
	was, err := os.ReadFile(path)
	if err != nil && !(*update && errors.Is(err, fs.ErrNotExist)) {
		t.Fatalf("%v: write it with -update", err)
	}
	before := sections(string(was))
	var b strings.Builder
	fmt.Fprintf(&b, "-- query --\n%s\n", source)
	for _, d := range dbs {
		text := before[d.name]
		if _, isSent := c.(sent); d.db != nil || !isSent {
			text = outcome(t, c, d)
		}
		fmt.Fprintf(&b, "\n-- %s --\n%s\n", d.name, text)
	}
	got := b.String()
	if got == string(was) {
		return
	}
	if !*update {
		t.Errorf("%s:\n%s", path, difference(got, string(was)))
		return
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
		t.Fatal(err)
	}
}

// outcome is what a file says of one database.
func outcome(t *testing.T, c build, d *database) string {
	list, err := c.statements(t, d)
	var b strings.Builder
	for i, s := range list {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(s.sql)
		for i, a := range s.args {
			fmt.Fprintf(&b, "\n$%d = %s", i+1, show(a))
		}
		b.WriteByte('\n')
	}
	if err != nil {
		if len(list) > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "error: %v\n", err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// sections are the parts of a file by their headings.
func sections(text string) map[string]string {
	out := map[string]string{}
	heading := ""
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(strings.TrimSuffix(line, " --\n"), "-- "); ok && strings.HasSuffix(line, " --\n") {
			heading = name
			continue
		}
		out[heading] += line
	}
	for name, text := range out {
		out[name] = strings.TrimSpace(text)
	}
	return out
}

// difference is the first line that differs.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d:\n got  %s\n want %s", i+1, a, b)
		}
	}
	return ""
}

// filesHaveCases fails for what lies in testdata without belonging to a case.
func filesHaveCases(t *testing.T) {
	wanted := map[string]bool{}
	for name, cs := range constructs {
		for c := range cs {
			path := filepath.Join("testdata", fileOf(name), fileOf(c)+".golden")
			if wanted[path] {
				t.Errorf("two cases have the file %s", path)
			}
			wanted[path] = true
		}
	}
	n := 0
	err := filepath.WalkDir("testdata", func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil || e.IsDir():
			return err
		case !wanted[path]:
			t.Errorf("file %s is of no case", path)
		}
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 300 {
		t.Errorf("%d files: the corpus has shrunk", n)
	}
}
