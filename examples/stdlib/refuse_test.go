package main

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets a test run the program itself, for what only a process has.
func TestMain(m *testing.M) {
	if os.Getenv("STDLIB_RUN_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestBadCommandLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-nonsense"}, "-nonsense"},
		{[]string{"std"}, `unexpected argument "std"`},
		{[]string{"-from", "net/http"}, "-from needs -why"},
		{[]string{"-db", "stdlib.db"}, "sqlite://"},
		{[]string{"-db", "oracle://host/x"}, `unknown scheme "oracle"`},
		{[]string{"-db", "mysql://u:geheim@host/x"}, "mysql is not supported"},
		{[]string{"-db", "postgres+pgx://u:geheim@host/x"}, "github.com/jackc/pgx/v5/stdlib"},
		{[]string{"-db", "postgres://u:geheim@127.0.0.1:1/x"}, "postgres://u:xxxxx@127.0.0.1:1/x"},
		{[]string{"-db", "sqlite://u:geheim@host/x"}, "no user, password or port"},
	} {
		r := run(t, c.args...)
		refused(t, r, c.want)
		if strings.Contains(r.stderr, "geheim") {
			t.Errorf("%q prints the password: %s", c.args, r.stderr)
		}
	}
	if r := run(t, "-h"); r.code != 0 || !strings.Contains(r.stdout, "-stream") {
		t.Errorf("-h: exit code %d, %q", r.code, r.stdout)
	}
}

// TestBadFile has files that cannot be the database.
func TestBadFile(t *testing.T) {
	json := newTree(t).json()
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database\n", 100)), 0o666); err != nil {
		t.Fatal(err)
	}
	before := sumOf(t, text)
	for name, want := range map[string]string{
		dir:                                  "is a directory",
		text:                                 "notes.txt: file is not a database",
		filepath.Join(text, "x.db"):          "not a directory",
		filepath.Join(dir, "nowhere/x.db"):   "no such file or directory",
		"/proc/stdlib.db":                    "/proc/stdlib.db", // nobody can make one there
		filepath.Join(dir, "a\x00b.db"):      "",
		strings.Repeat("x", 300) + ".db":     "too long",
		filepath.Join(dir, "%zz", "stdlib1"): "",
	} {
		if runtime.GOOS != "linux" && strings.HasPrefix(name, "/proc") {
			continue
		}
		refused(t, run(t, "-db", "sqlite:///"+name, "-json", json), want)
	}
	if got := fileNames(t, dir); !slices.Equal(got, []string{"notes.txt"}) || sumOf(t, text) != before {
		t.Errorf("changed: %v", got)
	}
}

// TestReadOnlyFile is about a file that this user may not write.
func TestReadOnlyFile(t *testing.T) {
	tr := newTree(t)
	name := filepath.Join(t.TempDir(), "stdlib.db")
	mustRun(t, "15 inserted, 0 updated, 0 deleted", "-db", "sqlite:///"+name, "-json", tr.json())
	before := sumOf(t, name)
	tr.add("d", "", nil, nil)
	args := []string{"-db", "sqlite:///" + name + "?mode=ro", "-json", tr.json()}
	refused(t, run(t, args...), "read-only")
	if err := os.Chmod(name, 0o444); err != nil {
		t.Fatal(err)
	}
	if f, err := os.OpenFile(name, os.O_RDWR, 0); err == nil { // root may
		f.Close()
	} else {
		refused(t, run(t, "-db", "sqlite:///"+name, "-json", tr.json()), "permission denied")
	}
	if sumOf(t, name) != before {
		t.Error("the file changed")
	}
}

// TestLockedFile is about a file that another program holds for longer than
// SQLite waits: to read it, or to write to it.
func TestLockedFile(t *testing.T) {
	list := newTree(t).json()
	const theRest = ": another program has locked the database or writes to it: try again when it is done"
	for mode, doing := range map[string]string{"EXCLUSIVE": "open", "IMMEDIATE": "sync with"} {
		t.Run(mode, func(t *testing.T) {
			if mode == "IMMEDIATE" && testing.Short() {
				t.Skip("it waits four times")
			}
			t.Parallel()
			name := filepath.Join(t.TempDir(), "stdlib.db")
			mustRun(t, "15 inserted, 0 updated, 0 deleted", "-db", "sqlite:///"+name, "-json", list)
			db, err := sql.Open("sqlite", name)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			db.SetMaxOpenConns(1)
			if mode == "EXCLUSIVE" { // readers wait only where there is no write-ahead log
				if _, err := db.Exec("PRAGMA journal_mode = DELETE"); err != nil {
					t.Fatal(err)
				}
			}
			for _, s := range []string{"DELETE FROM files", "BEGIN " + mode} {
				if _, err := db.Exec(s); err != nil {
					t.Fatal(err)
				}
			}
			refused(t, run(t, "-db", "sqlite:///"+name, "-json", list), "stdlib: "+doing+" sqlite:///"+name+theRest)
		})
	}
}

// A report that cannot be written is an error, and the sync before it stands.
func TestReportThatCannotBeWritten(t *testing.T) {
	tr := newTree(t)
	name := filepath.Join(t.TempDir(), "stdlib.db")
	full := errors.New("no space left")
	var stderr bytes.Buffer
	p := program{stdout: fullDisk{full}, stderr: &stderr}
	if code := p.run(t.Context(), []string{"-db", "sqlite:///" + name, "-json", tr.json()}); code != 1 || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("exit code %d, %s", code, &stderr)
	}
	mustRun(t, "0 inserted, 0 updated, 0 deleted", "-db", "sqlite:///"+name, "-json", tr.json())
}

// fullDisk is a file on a disk that is full.
type fullDisk struct{ err error }

func (d fullDisk) Write([]byte) (int, error) { return 0, d.err }

// TestForeignDatabase leaves databases of other programs as they are, byte by
// byte where they are files.
func TestForeignDatabase(t *testing.T) {
	json := newTree(t).json()
	for _, c := range []struct {
		name, want string
		make       []string
	}{
		{"other tables", `it has a table "users" but no table "packages"`, []string{"CREATE TABLE users (id INTEGER)"}},
		{"a view", `it has a table "v" but no table "packages"`, []string{"CREATE VIEW v AS SELECT 1 AS x"}},
		{"one table of ours", `no table "files"`, []string{"CREATE TABLE packages (id INTEGER PRIMARY KEY, path TEXT, name TEXT, doc TEXT, listed BOOLEAN)"}},
		{"other columns", `its table "packages" has no column "path"`, []string{"CREATE TABLE packages (id INTEGER, weight INTEGER)"}},
		{"more columns", `its table "packages" has 6 columns, not 5`, []string{"CREATE TABLE packages (id INTEGER PRIMARY KEY, path TEXT, name TEXT, doc TEXT, listed BOOLEAN, x TEXT)"}},
		{"before relations", `of another version of this program: its table "packages" has no column "listed"`, []string{
			"CREATE TABLE packages (id INTEGER PRIMARY KEY, path VARCHAR(500) NOT NULL UNIQUE, name TEXT NOT NULL, doc TEXT NOT NULL)",
			"CREATE TABLE files (id INTEGER PRIMARY KEY, package_id BIGINT NOT NULL, kind TEXT NOT NULL, name VARCHAR(500) NOT NULL, size BIGINT NOT NULL, lines BIGINT NOT NULL, sum VARCHAR(64) NOT NULL)",
			"CREATE TABLE imports (id INTEGER PRIMARY KEY, package_id BIGINT NOT NULL, kind TEXT NOT NULL, path VARCHAR(500) NOT NULL, target_id BIGINT)",
			"INSERT INTO packages VALUES (1, 'a', 'a', '')",
		}},
		{"imports before relations", `its table "imports" has no column "imported_by_id"`, []string{
			"CREATE TABLE packages (id INTEGER PRIMARY KEY, path TEXT, name TEXT, doc TEXT, listed BOOLEAN)",
			"CREATE TABLE files (id INTEGER PRIMARY KEY, package_id BIGINT, kind TEXT, name TEXT, size BIGINT, lines BIGINT, sum TEXT)",
			"CREATE TABLE imports (id INTEGER PRIMARY KEY, package_id BIGINT, kind TEXT, path TEXT, target_id BIGINT)",
		}},
		{"no tests' imports", `no table "test_imports"`, []string{
			"CREATE TABLE packages (id INTEGER PRIMARY KEY, path TEXT, name TEXT, doc TEXT, listed BOOLEAN)",
			"CREATE TABLE files (id INTEGER PRIMARY KEY, package_id BIGINT, kind TEXT, name TEXT, size BIGINT, lines BIGINT, sum TEXT)",
			"CREATE TABLE imports (imported_by_id BIGINT, import_id BIGINT)",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			onDatabases(t, func(t *testing.T, url string) {
				name, isFile := strings.CutPrefix(url, "sqlite:///")
				if isFile {
					rawSQLite(t, name, c.make...)
				} else {
					byHand(t, url, c.make...)
				}
				before := ""
				if isFile {
					before = sumOf(t, name)
				}
				r := run(t, "-db", url, "-json", json)
				refused(t, r, c.want)
				if w := r.writes(); w != nil {
					t.Errorf("sent %q", w)
				}
				if isFile {
					if after := sumOf(t, name); after != before {
						t.Error("the file changed")
					}
					if got := fileNames(t, filepath.Dir(name)); len(got) != 1 {
						t.Errorf("left %v", got)
					}
				}
			})
		})
	}
}

// TestBadList has go list's output in every bad form. None may touch a database,
// old or new.
func TestBadList(t *testing.T) {
	tr := newTree(t)
	good := tr.text()
	old := filepath.Join(t.TempDir(), "old.db")
	mustRun(t, "15 inserted, 0 updated, 0 deleted", "-db", "sqlite:///"+old, "-json", tr.json())
	before := sumOf(t, old)
	tr.add("gone", "", nil, nil)
	tr.list[3]["GoFiles"] = []string{"gone.go"}
	missing := tr.text()
	for _, c := range []struct{ text, want string }{
		{"", "no packages"},
		{"\n\n", "no packages"},
		{good[:len(good)-5], "cut off after 2 packages"},
		{good[:len(good)/2], "cut off after 1 packages"},
		{good[:3], "cut off after 0 packages"},
		{"go: no such tool", "package 1: invalid character"},
		{good + "trailing", "package 4: invalid character"},
		{good + good, "package a is listed twice"},
		{`{"ImportPath": "x"}`, "no ImportPath or no Dir"},
		{`{}`, "no ImportPath or no Dir"},
		{`[]`, "package 1"},
		{`{"ImportPath": "x", "Dir": 5}`, "package 1"},
		{`{"ImportPath": "x", "Dir": "/", "GoFiles": {"a": 1}}`, "GoFiles"},
		{`{"ImportPath": "x", "Dir": "/", "Imports": [1]}`, "Imports"},
		{`{"ImportPath": "x", "Dir": "/", "ImportMap": 1}`, "ImportMap"},
		{`{"ImportPath": "x", "Dir": "/", "Error": {"Err": "cannot\nfind it"}}`, "package x: cannot; find it"},
		{missing, "gone.go: no such file or directory"},
		{strings.Replace(good, `"a.go"`, `"../a"`, 1), "is a directory"},
	} {
		tr.write("bad.json", c.text)
		fresh := filepath.Join(t.TempDir(), "new.db")
		for _, name := range []string{old, fresh} {
			refused(t, run(t, "-db", "sqlite:///"+name, "-json", filepath.Join(tr.dir, "bad.json")), c.want)
		}
		if got := fileNames(t, filepath.Dir(fresh)); got != nil {
			t.Errorf("left %v", got)
		}
		if sumOf(t, old) != before {
			t.Fatalf("the database changed by %q", c.text)
		}
	}
	refused(t, run(t, "-db", "sqlite://:memory:", "-json", filepath.Join(tr.dir, "none.json")), "no such file or directory")
}

// TestBadGo has a go command that is missing, or does not do what it should.
func TestBadGo(t *testing.T) {
	name := filepath.Join(t.TempDir(), "stdlib.db")
	t.Setenv("PATH", t.TempDir())
	refused(t, run(t, "-db", "sqlite:///"+name), "go command is not in PATH")
	for script, want := range map[string]string{
		`echo "go: cannot find GOROOT directory" >&2; echo "second line" >&2; exit 2`: "exit status 2: go: cannot find GOROOT directory; second line",
		`printf '{"Dir": "/", "ImportPath": "a"}{"Dir": "/usr'`:                       "cut off after 1 packages",
		`printf '{"Dir": "/", "ImportPath": "a"}{"Dir": "/usr'; exit 1`:               "go list: exit status 1",
		`printf '{"Dir": "/", "ImportPath": "a"}'; exit 1`:                            "go list: exit status 1",
		`i=0; echo x; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done`:   "package 1: invalid character",
		`kill -9 $$`: "signal: killed",
		`exit 0`:     "no packages",
	} {
		bin := t.TempDir()
		if err := os.WriteFile(filepath.Join(bin, "go"), []byte("#!/bin/sh\n"+script+"\n"), 0o777); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", bin)
		refused(t, run(t, "-db", "sqlite:///"+name), want)
	}
	if got := fileNames(t, filepath.Dir(name)); got != nil {
		t.Errorf("left %v", got)
	}
}

// TestSignal interrupts the real program, in the middle of its writes.
func TestSignal(t *testing.T) {
	name := filepath.Join(t.TempDir(), "stdlib.db")
	tr := newTree(t)
	for i := range 300 { // enough to be interrupted
		files := make(map[string]string)
		for j := range 40 {
			files[strings.Repeat("f", j+1)+".go"] = "package x\n"
		}
		tr.add("many/p"+strings.Repeat("x", i), "", []string{"a"}, files)
		if i == 100 { // more than a pipe holds: the program waits until we read on
			break
		}
	}
	json := tr.json()
	cmd := exec.Command(os.Args[0], "-db", "sqlite:///"+name, "-json", json, "-echo")
	cmd.Env = append(os.Environ(), "STDLIB_RUN_MAIN=1")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	var said strings.Builder
	buf := make([]byte, 512)
	sent := false
	for {
		n, err := stderr.Read(buf)
		said.Write(buf[:n])
		if !sent && strings.Contains(said.String(), `INTO "files"`) {
			sent = true
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			time.Sleep(300 * time.Millisecond) // for the signal to arrive
		}
		if err != nil {
			break
		}
	}
	_ = cmd.Wait()
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	if code := cmd.ProcessState.ExitCode(); code != 1 || lines[len(lines)-1] != "stdlib: interrupted; the database is as it was" {
		t.Errorf("exit code %d, last line %q", code, lines[len(lines)-1])
	}
	if got := fileNames(t, filepath.Dir(name)); got != nil {
		t.Errorf("left %v", got)
	}
}
