package cli

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the answers into docs/migrations.md")

const page = "../../docs/migrations.md"

// ids are those that the page has in place of random ones, in the order in which
// they come up.
var ids = []string{"9f8e7d6c5b4a", "a1b2c3d4e5f6", "b7c8d9e0f1a2", "c3d4e5f6a7b8", "d9e0f1a2b3c4", "e5f6a7b8c9d0"}

const day = "20261122"

// tutorial is a module that goes through the page. A block of shell is commands,
// after "$ ", with their answers; "exits 1" behind its language says so. A block of
// Go that begins with a file's name is that file: to be written, or, if the name is
// followed by ", written", as a command has left it.
type tutorial struct {
	*testing.T
	dir  string
	env  []string
	real []string // the ids that came up
}

func TestTutorial(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds some twenty programs")
	}
	if _, err := exec.LookPath("sh"); err != nil || runtime.GOOS == "windows" {
		t.Skip("the page's commands are for a shell")
	}
	u := &tutorial{T: t, dir: t.TempDir()}
	u.begin()
	text, err := os.ReadFile(page)
	must(t, err)
	out := regexp.MustCompile("(?ms)^```(sh|go)( exits 1)?\n(.*?)^```$").ReplaceAllStringFunc(string(text), func(block string) string {
		head, body, _ := strings.Cut(block, "\n")
		body = strings.TrimSuffix(body, "```")
		if t.Failed() && !*update {
			return block // one step needs the one before
		}
		got := ""
		if strings.HasPrefix(head, "```sh") {
			got = u.shell(body, strings.HasSuffix(head, "exits 1"))
		} else {
			got = u.file(body)
		}
		if got != body && !*update {
			t.Errorf("the page has\n%s\nbut it is\n%s", body, got)
		}
		return head + "\n" + got + "```"
	})
	if *update {
		must(t, os.WriteFile(page, []byte(out), 0o666))
	}
	if len(u.real) != 5 {
		t.Errorf("%d revisions were written", len(u.real))
	}
	if got := one(t, u.database(), "SELECT name || coalesce(nickname, '!') FROM users"); got != "Cy!" {
		t.Errorf("the revisions left %q", got)
	}
}

func (u *tutorial) database() string { return "sqlite:///" + filepath.Join(u.dir, "blog.db") }

// begin makes the module, the program dormer, and what is installed by hand.
func (u *tutorial) begin() {
	bin := filepath.Join(u.dir, "bin")
	u.env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "DORMER_URL=", "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	root, err := filepath.Abs("../..")
	must(u.T, err)
	build := exec.Command("go", "build", "-o", bin+string(filepath.Separator), "./cmd/dormer")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		u.Fatalf("%v\n%s", err, out)
	}
	u.dir = filepath.Join(u.dir, "blog")
	newModule(u.T, u.dir)
}

// newModule makes a module that uses this repository, with the sums of what that
// needs, so that nothing is loaded.
func newModule(t *testing.T, dir string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	must(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	must(t, err)
	text := strings.Replace(string(mod), "module "+ours+"\n", "module example.org/blog\n", 1)
	put(t, filepath.Join(dir, "go.mod"), text+"\nrequire "+ours+" v0.0.0\n\nreplace "+ours+" => "+root+"\n")
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	must(t, err)
	put(t, filepath.Join(dir, "go.sum"), string(sum))
}

func put(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o777))
	must(t, os.WriteFile(path, []byte(text), 0o666))
}

// goRun does what go run does, but for keeping every program in the build cache.
const goRun = `goRun() {
	program=$1; shift
	go build -o ../bin/ran "$program" || return 1
	../bin/ran "$@" || { echo "exit status $?" >&2; return 1; }
}
`

// shell runs a block's commands and returns the block with their answers.
func (u *tutorial) shell(body string, fails bool) string {
	u.Helper()
	var out strings.Builder
	for l := range strings.Lines(body) {
		command, ok := strings.CutPrefix(strings.TrimSuffix(l, "\n"), "$ ")
		if !ok {
			continue // of an answer
		}
		out.WriteString("$ " + command + "\n")
		if v, ok := strings.CutPrefix(command, "export "); ok {
			u.env = append(u.env, v)
			continue
		}
		if command == "go mod tidy" { // it would ask the network; -mod=mod does what is needed
			continue
		}
		if strings.Contains(command, "migrate merge") { // a row for the revisions to change
			execAll(u.T, u.database(), "INSERT INTO users (name, nickname) VALUES (' Cy ', '')")
		}
		cmd := exec.Command("sh", "-c", goRun+strings.ReplaceAll(u.toReal(command), "go run ", "goRun "))
		cmd.Dir, cmd.Env = u.dir, u.env
		var b bytes.Buffer
		cmd.Stdout, cmd.Stderr = &b, &b
		if err := cmd.Run(); (err != nil) != fails {
			u.Errorf("%s: %v\n%s", command, err, &b)
		}
		out.WriteString(u.toPage(b.String()))
	}
	return out.String()
}

// file writes a block's file, or returns the block as the file is.
func (u *tutorial) file(body string) string {
	u.Helper()
	first, rest, _ := strings.Cut(body, "\n")
	name, written := strings.CutSuffix(strings.TrimPrefix(first, "// "), ", written")
	if name == first {
		u.Fatalf("a block of Go that names no file:\n%s", body)
	}
	path := filepath.Join(u.dir, filepath.FromSlash(name))
	if strings.HasPrefix(name, "migrations/"+day) {
		found, err := filepath.Glob(filepath.Join(u.dir, "migrations", "*"+u.toReal(strings.TrimPrefix(name, "migrations/"+day))))
		if err != nil || len(found) != 1 {
			u.Fatalf("%s is %q", name, found)
		}
		path = found[0]
	}
	if !written {
		put(u.T, path, u.toReal(rest))
		return body
	}
	text, err := os.ReadFile(path)
	must(u.T, err)
	return first + "\n" + u.toPage(string(text))
}

var (
	hex   = regexp.MustCompile(`[0-9a-f]+`)
	dated = regexp.MustCompile(`\b20\d{6}_`)
)

func (u *tutorial) toPage(text string) string {
	text = hex.ReplaceAllStringFunc(text, func(id string) string {
		if len(id) != 12 {
			return id
		}
		i := slices.Index(u.real, id)
		if i < 0 {
			i = len(u.real)
			u.real = append(u.real, id)
		}
		return ids[i]
	})
	return dated.ReplaceAllString(text, day+"_")
}

func (u *tutorial) toReal(text string) string {
	return hex.ReplaceAllStringFunc(text, func(id string) string {
		if i := slices.Index(ids, id); i >= 0 && i < len(u.real) {
			return u.real[i]
		}
		return id
	})
}
