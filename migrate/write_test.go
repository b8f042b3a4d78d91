package migrate

import (
	"errors"
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/schema"
)

var day = time.Date(2026, 11, 22, 23, 59, 0, 0, time.UTC)

func TestRevisionFile(t *testing.T) {
	dir := t.TempDir()
	var up, down Op
	up.AddColumn("users", schema.Col("nickname", schema.Varchar(50)).Nullable())
	down.DropColumn("users", "nickname", schema.Col("nickname", schema.Varchar(50)).Nullable())
	path, err := writeRevision(dir, "migrations", draft{
		Revision: Revision{ID: "a1b2c3d4e5f6", Parents: []string{"9f8e7d6c5b4a"}, Labels: []string{"main"}, DependsOn: []string{"other"}, Message: `add "nickname"`},
		up:       up.Operations(), down: down.Operations(), notes: []string{"a note\nof two lines"}, when: day,
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `package migrations

import (
	"github.com/dormer-orm/dormer/migrate"
	"github.com/dormer-orm/dormer/schema"
)

// a note of two lines
func init() {
	Revisions.Add(migrate.Revision{
		ID:        "a1b2c3d4e5f6",
		Parents:   []string{"9f8e7d6c5b4a"},
		DependsOn: []string{"other"},
		Labels:    []string{"main"},
		Message:   ` + "`add \"nickname\"`" + `,
		Upgrade: func(op *migrate.Op) {
			op.AddColumn("users", schema.Col("nickname", schema.Varchar(50)).Nullable())
		},
		Downgrade: func(op *migrate.Op) {
			op.DropColumn("users", "nickname", schema.Col("nickname", schema.Varchar(50)).Nullable()) // loses data: the values of column users.nickname
		},
	})
}
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if name := filepath.Base(path); name != "20261122_add_nickname_a1b2c3d4e5f6.go" {
		t.Errorf("the file is %s", name)
	}
	if _, err := writeRevision(dir, "migrations", draft{Revision: Revision{ID: "a1b2c3d4e5f6", Message: `add "nickname"`}, when: day}); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a file that is there: %v", err)
	}
}

// No message has Go leave the file out on any machine.
func TestFileNamesThatGoTakes(t *testing.T) {
	for message, want := range map[string]string{
		"":                                  "20261122_0123456789ab.go",
		"add test":                          "20261122_add_test_0123456789ab.go",
		"for Windows":                       "20261122_for_windows_0123456789ab.go",
		"js":                                "20261122_js_0123456789ab.go",
		"linux amd64":                       "20261122_linux_amd64_0123456789ab.go",
		"../../etc/passwd":                  "20261122_etc_passwd_0123456789ab.go",
		"Größe ändern":                      "20261122_gr_e_ndern_0123456789ab.go",
		"日本語":                               "20261122_0123456789ab.go",
		"_hidden .dot":                      "20261122_hidden_dot_0123456789ab.go",
		strings.Repeat("x", 100):            "20261122_" + strings.Repeat("x", 40) + "_0123456789ab.go",
		strings.Repeat("twelve words ", 12): "20261122_twelve_words_twelve_words_twelve_words_0123456789ab.go",
	} {
		d := draft{Revision: Revision{ID: "0123456789ab", Message: message}, when: day}
		name := d.fileName()
		if name != want {
			t.Errorf("%q: %s, want %s", message, name, want)
		}
		dir := t.TempDir()
		if _, err := writeRevision(dir, "m", d); err != nil {
			t.Errorf("%q: %v", message, err)
		}
		for _, machine := range []string{"linux", "windows", "js", "plan9"} {
			c := build.Default
			c.GOOS = machine
			if ok, err := c.MatchFile(dir, name); !ok || err != nil {
				t.Errorf("%q: Go on %s leaves out %s: %v", message, machine, name, err)
			}
		}
	}
	for _, id := range []string{"test", "x_test", "windows", "js", "amd64", "linux_arm64"} {
		_, err := writeRevision(t.TempDir(), "m", draft{Revision: Revision{ID: id, Message: "m"}, when: day})
		if err == nil || !strings.Contains(err.Error(), "Go would leave out") {
			t.Errorf("id %s: %v", id, err)
		}
	}
	if _, err := writeRevision(filepath.Join(t.TempDir(), "none"), "", draft{when: day}); err == nil || !strings.Contains(err.Error(), "path does not exist") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestPackageOfTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "9 lives")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if p := packageOf(dir); p != "migrations" {
		t.Error(p)
	}
	if err := os.WriteFile(filepath.Join(dir, "x_test.go"), []byte("package other_test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "y.go"), []byte("package lives\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p := packageOf(dir); p != "lives" {
		t.Error(p)
	}
}

func written(t *testing.T, w *Written, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(w.Path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// twoHeads is a graph of two heads, b and c, after a.
func twoHeads() (s Set) {
	s.Add(Revision{ID: "a"})
	s.Add(Revision{ID: "b", Parents: []string{"a"}, Labels: []string{"left"}})
	s.Add(Revision{ID: "c", Parents: []string{"a"}})
	return s
}

func TestNewRevisionInTheGraph(t *testing.T) {
	for name, c := range map[string]struct {
		o    RevisionOptions
		want string // of the file, or of the error
		kind error
	}{
		"two heads":    {RevisionOptions{}, "b, c", ErrMultipleHeads},
		"one of them":  {RevisionOptions{Head: "c"}, `Parents: []string{"c"}`, nil},
		"a branch":     {RevisionOptions{Head: "left@head"}, `Parents: []string{"b"}`, nil},
		"no head":      {RevisionOptions{Head: "a"}, "please specify splice", ErrNotHead},
		"splice":       {RevisionOptions{Head: "a", Splice: true, Labels: []string{"third"}}, `Labels:  []string{"third"}`, nil},
		"base":         {RevisionOptions{Head: "base"}, "ID:        \"", nil},
		"unknown":      {RevisionOptions{Head: "zz"}, "can't locate revision identified by 'zz'", ErrUnknownRevision},
		"depends":      {RevisionOptions{Head: "c", DependsOn: []string{"left"}}, `DependsOn: []string{"left"}`, nil},
		"depends on ?": {RevisionOptions{Head: "c", DependsOn: []string{"zz"}}, "zz", ErrUnknownRevision},
		"id taken":     {RevisionOptions{Head: "c", ID: "b"}, "there more than once", ErrDuplicate},
		"label taken":  {RevisionOptions{Head: "c", Labels: []string{"a"}}, "there more than once", ErrDuplicate},
		"bad id":       {RevisionOptions{Head: "c", ID: "a-b"}, `"a-b"`, ErrRevisionID},
	} {
		c.o.Dir, c.o.Message = t.TempDir(), "m"
		if c.o.Head == "base" {
			c.o.DependsOn = []string{"a"}
		}
		w, err := NewRevision(t.Context(), nil, twoHeads(), c.o)
		if c.kind != nil {
			if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		text := written(t, w, err)
		if !strings.Contains(text, c.want) || name == "base" && strings.Contains(text, "Parents") {
			t.Errorf("%s:\n%s", name, text)
		}
		if len(w.ID) != 12 || !strings.HasSuffix(w.Path, "_"+w.ID+".go") {
			t.Errorf("%s: id %s in %s", name, w.ID, w.Path)
		}
	}
	if _, err := NewRevision(t.Context(), nil, twoHeads(), RevisionOptions{Autogenerate: true, Head: "c"}); !errors.Is(err, ErrNoMetadata) {
		t.Errorf("autogenerate without a model: %v", err)
	}
}

func TestMergeWritesARevisionOfTwoParents(t *testing.T) {
	w, err := Merge(twoHeads(), []string{"heads"}, RevisionOptions{Dir: t.TempDir()})
	text := written(t, w, err)
	if !strings.Contains(text, `Parents: []string{"b", "c"}`) || !strings.Contains(text, `Message: "merge b and c"`) || strings.Contains(text, "Upgrade") {
		t.Error(text)
	}
	if _, err := Merge(twoHeads(), []string{"b"}, RevisionOptions{}); err == nil {
		t.Error("one revision was joined")
	}
	if _, err := Merge(twoHeads(), []string{"a", "b"}, RevisionOptions{}); !errors.Is(err, ErrNotHead) {
		t.Errorf("a revision that is no head: %v", err)
	}
}

// A file that Go leaves out, by its name or a build tag, is found by whoever is
// given the Set.
func TestRevisionFilesCompileAndAreFoundWhenLeftOut(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a program")
	}
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gomod, err := os.ReadFile(filepath.Join(here, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	gosum, err := os.ReadFile(filepath.Join(here, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	_, requires, _ := strings.Cut(string(gomod), "\n")
	put("go.mod", "module written\n"+requires+"\nrequire github.com/dormer-orm/dormer v0.0.0\nreplace github.com/dormer-orm/dormer => "+here+"\n")
	put("go.sum", string(gosum))
	put("migrations/revisions.go", "package migrations\n\nimport \"github.com/dormer-orm/dormer/migrate\"\n\nvar Revisions migrate.Set\n")
	put("main.go", `package main

import (
	"fmt"

	"github.com/dormer-orm/dormer/migrate"
	"written/migrations"
)

func main() {
	heads, err := migrate.Heads(migrations.Revisions, false)
	fmt.Println(heads, err)
}
`)
	folder := filepath.Join(dir, "migrations")
	var up Op
	for _, o := range everything() {
		up.Add(o)
	}
	if _, err := writeRevision(folder, "", draft{Revision: Revision{ID: "aaaaaaaaaaaa", Message: "all kinds"}, up: up.Operations(), when: day}); err != nil {
		t.Fatal(err)
	}
	if _, err := writeRevision(folder, "", draft{Revision: Revision{ID: "bbbbbbbbbbbb", Parents: []string{"aaaaaaaaaaaa"}, Message: "an empty test"}, when: day}); err != nil {
		t.Fatal(err)
	}
	run := func() string {
		t.Helper()
		cmd := exec.Command("go", "run", "-mod=mod", ".")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	if out := run(); !strings.Contains(out, "aaaaaaaaaaaa -> bbbbbbbbbbbb (head), an empty test") {
		t.Error(out)
	}
	put("migrations/20261123_add_windows.go", "package migrations\n\nimport \"github.com/dormer-orm/dormer/migrate\"\n\nfunc init() { Revisions.Add(migrate.Revision{ID: \"windows\"}) }\n")
	put("migrations/20261123_tagged_cccccccccccc.go", "//go:build never\n\npackage migrations\n\nimport \"github.com/dormer-orm/dormer/migrate\"\n\nfunc init() { Revisions.Add(migrate.Revision{ID: \"cccccccccccc\"}) }\n")
	if out := run(); !strings.Contains(out, "20261123_add_windows.go") || !strings.Contains(out, "20261123_tagged_cccccccccccc.go") {
		t.Error(out)
	}
}
