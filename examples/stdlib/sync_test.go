package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// onDatabases runs a test on a new SQLite file, and on a new database of the
// server that DORMER_TEST_POSTGRES names, if any.
func onDatabases(t *testing.T, f func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) {
		f(t, "sqlite:///"+filepath.Join(t.TempDir(), "stdlib.db"))
	})
	server := os.Getenv("DORMER_TEST_POSTGRES")
	if server == "" {
		return
	}
	t.Run("postgres", func(t *testing.T) {
		name := fmt.Sprintf("stdlib_%d", os.Getpid())
		byHand(t, server, "DROP DATABASE IF EXISTS "+name, "CREATE DATABASE "+name)
		t.Cleanup(func() { byHand(t, server, "DROP DATABASE "+name) })
		host, query, _ := strings.Cut(server, "?")
		f(t, host[:strings.LastIndex(host, "/")+1]+name+"?"+query)
	})
}

func TestSecondRunWritesNothing(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		json := newTree(t).json()
		first := mustRun(t, "15 inserted, 0 updated, 0 deleted", "-db", url, "-json", json)
		if len(first.writes()) == 0 {
			t.Error("the first run's writes were not seen")
		}
		for range 2 {
			if w := mustRun(t, "0 inserted, 0 updated, 0 deleted", "-db", url, "-json", json).writes(); w != nil {
				t.Errorf("a run without changes sent %q", w)
			}
		}
	})
}

// TestStored compares what is stored with what the tree holds, word by word.
func TestStored(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		mustRun(t, "15 inserted, 0 updated, 0 deleted", "-db", url, "-json", newTree(t).json())
		const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		got := rows(t, url)
		for i, r := range got {
			if cut := strings.LastIndexByte(r, ' '); strings.HasPrefix(r, "file ") && !strings.HasSuffix(r, empty) {
				got[i] = r[:cut]
			}
		}
		want := []string{
			"file a GoFiles a.go 10 1",
			"file a TestGoFiles a_test.go 9 1",
			"file b GoFiles b.go 11 2",
			"file b SFiles b_s.s 0 0 " + empty,
			"file net/c GoFiles c.go 1000 100",
			"import b Imports a",
			"import net/c Imports C",
			"import net/c Imports a",
			"import net/c Imports b",
			"import net/c Imports unsafe",
			"package C  unlisted",
			"package a a Package a is first.",
			"package b b ",
			"package net/c c Package c's last.",
			"package unsafe  unlisted",
		}
		if !slices.Equal(got, want) {
			t.Errorf("stored\n%s", strings.Join(got, "\n"))
		}
	})
}

// TestChanges has the library change between runs, then the database.
func TestChanges(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		tr := newTree(t)
		synced := func(want string) {
			t.Helper()
			json := tr.json()
			mustRun(t, want, "-db", url, "-json", json)
			fresh := "sqlite:///" + filepath.Join(t.TempDir(), "fresh.db")
			if r := run(t, "-db", fresh, "-json", json); r.code != 0 {
				t.Fatal(r.stderr)
			}
			if got, want := rows(t, url), rows(t, fresh); !slices.Equal(got, want) {
				t.Errorf("stored\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			mustRun(t, "0 inserted, 0 updated, 0 deleted", "-db", url, "-json", json)
		}
		synced("15 inserted, 0 updated, 0 deleted")

		tr.write("a/a.go", "package A\n") // same size, same lines
		synced("0 inserted, 1 updated, 0 deleted")

		tr.list[1]["Doc"] = "Package b is second."
		tr.list[1]["SFiles"] = nil
		tr.list[1]["IgnoredOtherFiles"] = []string{"b_s.s"} // of another kind: another row
		synced("1 inserted, 1 updated, 1 deleted")

		// unsafe becomes a package, and is no longer there for its importer only.
		tr.add("unsafe", "", nil, map[string]string{"unsafe.go": "package unsafe\n"})
		synced("1 inserted, 1 updated, 0 deleted")

		// a goes, with two files; it stays for those who import it.
		tr.list = tr.list[1:]
		synced("0 inserted, 1 updated, 2 deleted")

		// Tests import, too, what the code imports and the package itself.
		tr.list[1]["TestImports"] = []string{"a", "testing"}
		tr.list[1]["XTestImports"] = []string{"net/c", "a"}
		synced("5 inserted, 0 updated, 0 deleted")
		tr.list[1]["TestImports"] = []string{"a"}
		tr.list[1]["XTestImports"] = []string{"net/c"}
		synced("0 inserted, 0 updated, 3 deleted")

		byHand(t, url,
			"UPDATE files SET lines = 7, size = 8 WHERE name = 'c.go'",
			"UPDATE packages SET doc = 'x'",
			"DELETE FROM imports WHERE import_id = (SELECT id FROM packages WHERE path = 'b')",
			"DELETE FROM packages WHERE path = 'unsafe'", // its file goes too, and its import
			"INSERT INTO packages (path, name, doc, listed) SELECT 'zz', 'zz', '', listed FROM packages WHERE path = 'b'",
			"INSERT INTO files (package_id, kind, name, size, lines, sum) SELECT id, 'HFiles', 'z.h', 1, 1, 'z' FROM packages WHERE path = 'zz'",
			"INSERT INTO imports (imported_by_id, import_id) SELECT id, id FROM packages WHERE path = 'zz'",
			"INSERT INTO imports (imported_by_id, import_id) SELECT p.id, z.id FROM packages p, packages z WHERE p.path = 'b' AND z.path = 'zz'",
		)
		synced("4 inserted, 5 updated, 4 deleted")

		// b goes with two files and an import, and nobody imports a and b any more.
		tr.list = tr.list[1:]
		tr.list[0]["Imports"] = []string{"C", "unsafe"}
		tr.list[0]["TestImports"] = nil
		synced("0 inserted, 0 updated, 8 deleted")
	})
}

// TestFailuresLeaveNoTrace has a run fail at each of its writes.
func TestFailuresLeaveNoTrace(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		tr := newTree(t)
		mustRun(t, "15 inserted, 0 updated, 0 deleted", "-db", url, "-json", tr.json())
		before := rows(t, url)
		tr.add("d", "", []string{"a"}, map[string]string{"d.go": "package d\n"})
		tr.write("a/a.go", "package aa\n")
		tr.list[2]["Imports"] = []string{"C", "a", "unsafe"}
		tr.list = slices.Delete(tr.list, 1, 2) // b goes, with its files and its import
		json := tr.json()
		for _, at := range []string{"BEGIN", `SELECT "id"`, `INSERT INTO "packages"`, `INSERT INTO "files"`, `INSERT INTO "imports"`, `DELETE FROM "imports"`, `DELETE FROM "files"`, `DELETE FROM "packages"`} {
			ctx, cancel := context.WithCancel(t.Context())
			hit := false
			r := runUntil(t, ctx, func(s engine.Statement) {
				if strings.HasPrefix(s.SQL, at) {
					hit = true
					cancel()
				}
			}, "-db", url, "-json", json)
			cancel()
			if !hit {
				t.Errorf("no %s was sent: %q", at, r.sql)
			}
			refused(t, r, "interrupted; the database is as it was")
			if got := rows(t, url); !slices.Equal(got, before) {
				t.Errorf("interrupted at %s, stored\n%s", at, strings.Join(got, "\n"))
			}
		}
		tr.list[0]["Name"] = "b\x00" // no database text
		refused(t, run(t, "-db", url, "-json", tr.json()), "packages")
		tr.list[0]["Name"] = "b"
		tr.list[0]["ImportPath"] = strings.Repeat("b", 501)
		refused(t, run(t, "-db", url, "-json", tr.json()), "path")
		if got := rows(t, url); !slices.Equal(got, before) {
			t.Errorf("stored\n%s", strings.Join(got, "\n"))
		}
	})
}

// TestInterruptedFirstRun leaves neither tables nor a file.
func TestInterruptedFirstRun(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		json := newTree(t).json()
		r := runUntil(t, ctx, func(s engine.Statement) {
			if strings.HasPrefix(s.SQL, `INSERT INTO "files"`) {
				cancel()
			}
		}, "-db", url, "-json", json)
		refused(t, r, "interrupted; the database is as it was")
		if path, ok := strings.CutPrefix(url, "sqlite:///"); ok {
			if names := fileNames(t, filepath.Dir(path)); names != nil {
				t.Errorf("left %v", names)
			}
		}
		mustRun(t, "15 inserted, 0 updated, 0 deleted", "-db", url, "-json", json) // and no tables, or types, in the way
	})
}

func TestInterruptedAfterSync(t *testing.T) {
	url := "sqlite:///" + filepath.Join(t.TempDir(), "stdlib.db")
	json := newTree(t).json()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := runUntil(t, ctx, func(s engine.Statement) {
		if strings.HasPrefix(s.SQL, "SELECT count") {
			cancel()
		}
	}, "-db", url, "-json", json)
	if r.code != 1 || r.stderr != "stdlib: interrupted after the sync was done\n" {
		t.Errorf("exit code %d, said %q", r.code, r.stderr)
	}
	mustRun(t, "0 inserted, 0 updated, 0 deleted", "-db", url, "-json", json)
}

// TestAtOnce has several runs begin with nothing: one writes, the others find
// it done.
func TestAtOnce(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		json := newTree(t).json()
		results := make([]result, 4)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() { results[i] = run(t, "-db", url, "-json", json) })
		}
		wg.Wait()
		wrote := 0
		for _, r := range results {
			switch {
			case r.code != 0:
				t.Error(r.stderr)
			case r.first() == "15 inserted, 0 updated, 0 deleted":
				wrote++
			case r.first() != "0 inserted, 0 updated, 0 deleted":
				t.Errorf("said %q", r.first())
			}
		}
		if got := rows(t, url); wrote != 1 || len(got) != 15 {
			t.Errorf("%d runs wrote, %d rows stored", wrote, len(got))
		}
	})
}

// TestReport reads the report of the small library.
func TestReport(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		r := mustRun(t, "15 inserted, 0 updated, 0 deleted", "-db", url, "-json", newTree(t).json(), "-stream")
		for _, want := range []string{
			"\n3 packages, 5 files, 5 imports\n",
			"\n      3    103  1021 B  GoFiles\n",
			"\n      5    104  1030 B  all\n",
			"tests aside):\n      2  a\n      1  b\n\n",
			"\n1 packages import unsafe:\n  net/c\n",
			"largest files:\n  1000 B  100 lines  net/c/c.go\n",
			"\nstreamed 5 files, 1030 B\n",
		} {
			if !strings.Contains(r.stdout, want) {
				t.Errorf("no %q in\n%s", want, r.stdout)
			}
		}
		_, summary, _ := strings.Cut(r.stdout, "SQL statements")
		total := 0
		for _, phase := range []string{"open", "list", "read", "sync", "report", "stream", "all"} {
			i := strings.Index(summary, phase+" ")
			if i < 0 {
				t.Errorf("no phase %s in\n%s", phase, r.stdout)
				continue
			}
			var took string
			n := -1
			if _, err := fmt.Sscan(summary[i+len(phase):], &took, &n); err != nil {
				t.Errorf("phase %s: %v", phase, err)
			}
			if phase == "all" && (n != total || n != len(r.sql)) {
				t.Errorf("%d statements in all, %d by phases, %d seen", n, total, len(r.sql))
			}
			total += n
		}
	})
}

func TestEcho(t *testing.T) {
	json := newTree(t).json()
	r := run(t, "-db", "sqlite://:memory:", "-json", json, "-echo")
	if r.code != 0 || strings.Count(r.stderr, "\n") != len(r.sql) || !strings.Contains(r.stderr, "\nBEGIN IMMEDIATE -- 0 arguments") {
		t.Errorf("exit code %d, %d statements, echo:\n%s", r.code, len(r.sql), r.stderr)
	}
}

// TestReadsOnce has a file in two lists, a list that names it twice, and imports
// under their short names.
func TestReadsOnce(t *testing.T) {
	tr := newTree(t)
	tr.list[0]["IgnoredGoFiles"] = []string{"a.go", "a.go"}
	tr.list[2]["Imports"] = []string{"short", "a", "net/a"}
	tr.list[2]["ImportMap"] = map[string]string{"short": "b", "net/a": "a"}
	list, err := listFile(t.Context(), tr.json(), func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	var read atomic.Int64
	lib, err := readLibrary(t.Context(), list, func(_, of int) { read.Add(1) })
	if err != nil || read.Load() != 5 || len(lib.files["a"]) != 3 {
		t.Fatalf("%d files read, a has %d: %v", read.Load(), len(lib.files["a"]), err)
	}
	for _, f := range lib.files["a"] {
		if f.Name == "a.go" && (f.Size != 10 || f.Sum == "") {
			t.Errorf("%+v", f)
		}
	}
	if paths := lib.imports["net/c"][ByCode]; !slices.Equal(paths, []string{"b", "a"}) {
		t.Errorf("imports %q", paths)
	}
}

// TestServices uses the services as a program of its own would.
func TestServices(t *testing.T) {
	url := "sqlite:///" + filepath.Join(t.TempDir(), "stdlib.db")
	mustRun(t, "15 inserted, 0 updated, 0 deleted", "-db", url, "-json", newTree(t).json())
	db, err := engine.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := newServices(db)
	err = uow.Run(t.Context(), db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		list, err := s.packages.Importers(ctx, "a")
		if err != nil || len(list) != 2 || list[0].Path != "b" || list[1].Path != "net/c" {
			t.Errorf("importers %v: %v", list, err)
		}
		same, err := s.packages.Get(ctx, list[0].ID)
		if err != nil || same != list[0] {
			t.Errorf("another pointer for the same package: %v", err)
		}
		if _, err := s.files.Get(ctx, 999); !errors.Is(err, repo.ErrNotFound) {
			t.Errorf("no error for a file that is not there: %v", err)
		}
		if none, err := s.packages.Importers(ctx, "nobody"); err != nil || len(none) != 0 {
			t.Errorf("importers of nobody %v: %v", none, err)
		}
		return nil
	}, uow.ReadOnly())
	if err != nil {
		t.Fatal(err)
	}
}

// TestStandardLibrary runs over the real one: the program's main job.
func TestStandardLibrary(t *testing.T) {
	onDatabases(t, func(t *testing.T, url string) {
		count := func(format string) (lines []string) {
			out, err := exec.Command("go", "list", "-f", format, "std").Output()
			if err != nil {
				t.Fatal(err)
			}
			return strings.Fields(string(out))
		}
		packages, imports := count("{{.ImportPath}}"), count("{{range .Imports}}{{.}} {{end}}")
		unsafe := 0
		for _, i := range imports {
			if i == "unsafe" {
				unsafe++
			}
		}
		r := run(t, "-db", url, "-stream")
		if r.code != 0 {
			t.Fatal(r.stderr)
		}
		for _, want := range []string{
			fmt.Sprintf("\n%d packages, ", len(packages)),
			fmt.Sprintf("\n%d packages import unsafe:\n", unsafe),
			fmt.Sprintf("%7d  unsafe\n", unsafe),
		} {
			if !strings.Contains(r.stdout, want) {
				t.Errorf("no %q in\n%s", want, r.stdout)
			}
		}
		var inserted int
		if _, err := fmt.Sscanf(r.first(), "%d inserted, 0 updated, 0 deleted", &inserted); err != nil || inserted < len(packages)+len(imports) {
			t.Errorf("said %q: %v", r.first(), err)
		}
		if got := len(rows(t, url)); got != inserted {
			t.Errorf("%d rows stored, %d inserted", got, inserted)
		}
		if w := mustRun(t, "0 inserted, 0 updated, 0 deleted", "-db", url).writes(); w != nil {
			t.Errorf("the second run sent %q", w)
		}
	})
}
