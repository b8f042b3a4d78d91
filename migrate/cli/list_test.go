package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/internal/commandline"
	"github.com/dormer-orm/dormer/migrate"
	"github.com/dormer-orm/dormer/schema"
)

func TestLists(t *testing.T) {
	t.Setenv("DORMER_URL", "")
	merged := fork()
	merged.Add(empty("dd05", "cc03", "cd04"))
	s := &shell{T: t, set: merged}
	s.says(`cc03, cd04 -> dd05 (left) (head) (mergepoint), step dd05
ab02 -> cd04, step cd04
ab02 -> cc03 (left), step cc03
aa01 -> ab02 (branchpoint), nicknames
<base> -> aa01, users`, "history")
	s.says("ab02 -> cc03 (left), step cc03\naa01 -> ab02 (branchpoint), nicknames", "history", "-r", "ab02:cc03")
	s.says("cc03, cd04 -> dd05 (left) (head) (mergepoint), step dd05", "heads")
	s.says("aa01 -> ab02 (branchpoint), nicknames\n    ab02 -> cc03 (left), step cc03\n    ab02 -> cd04, step cd04", "branches")
	out, _ := s.do(0, "show", "ab")
	for _, want := range []string{"Revision: ab02 (branchpoint)\n", "Parent: aa01\n", "Branches into: cc03, cd04\n", "Path: cli_test.go\n", "    nicknames\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if out, _ = s.do(0, "heads", "-v"); !strings.Contains(out, "Merges: cc03, cd04\n") {
		t.Error(out)
	}
	if out, _ = s.do(0, "history", "-v"); strings.Count(out, "Revision: ") != 5 || strings.Count(out, "\n\nRevision: ") != 4 {
		t.Error(out)
	}
}

func TestHeadsThatOthersDependOn(t *testing.T) {
	dependent := empty("ee06", "cc03")
	dependent.DependsOn = []string{"cd04"}
	set := fork()
	set.Add(dependent)
	s := &shell{T: t, set: set}
	s.says("ab02 -> cd04 (head), step cd04\ncc03 -> ee06 (left) (head), step ee06", "heads")
	s.says("cc03 -> ee06 (left) (head), step ee06", "heads", "--resolve-dependencies")
}

func TestCurrentOfTheDatabase(t *testing.T) {
	onEach(t, line, func(s *shell) {
		s.do(0, "upgrade", "aa01")
		out, err := s.do(1, "current", "--check-heads")
		if out != "<base> -> aa01, users\n" || !strings.Contains(err, "database is not on all head revisions: it lacks ab02") {
			s.Errorf("%s%s", out, err)
		}
		if out, _ := s.do(0, "show", "current"); !strings.Contains(out, "Revision: aa01 (current)\n") || !strings.Contains(out, "Applied: ") {
			s.Error(out)
		}
	})
}

func TestEdit(t *testing.T) {
	onEach(t, line, func(s *shell) {
		s.Setenv("VISUAL", "")
		s.Setenv("EDITOR", "")
		s.fails(1, "no editor: set EDITOR", "edit", "head")
		s.Setenv("EDITOR", "echo -n editing")
		here, err := filepath.Abs("cli_test.go")
		must(s.T, err)
		s.says("editing "+here, "edit", "ab02")
		s.says("editing "+here, "edit")
		s.do(0, "upgrade", "aa01")
		s.says("editing "+here, "edit", "current")
		s.Setenv("VISUAL", "false")
		s.fails(1, "migrate: edit: false: exit status 1", "edit")
		s.fails(1, "can't locate revision identified by 'zz'", "edit", "zz")
	})
}

func TestRevisionsAreWritten(t *testing.T) {
	onEach(t, line, func(s *shell) {
		dir := s.TempDir()
		written := func(words []string, args ...string) {
			s.Helper()
			out, _ := s.do(0, append([]string{"--dir", dir}, args...)...)
			path := strings.TrimSpace(out)
			text, err := os.ReadFile(path)
			must(s.T, err)
			for _, w := range words {
				if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), w) {
					s.Errorf("%q wrote %s without %q:\n%s", args, path, w, text)
				}
			}
			must(s.T, os.Remove(path))
		}
		written([]string{`Parents: []string{"ab02"}`, "Message: `say \"hi\"`"}, "revision", "-m", `say "hi"`)
		written([]string{`ID: "ff07"`, `Labels: []string{"side"}`, `Parents: []string{"aa01"}`, `DependsOn: []string{"ab02"}`},
			"revision", "--head", "aa01", "--splice", "--branch-label", "side", "--rev-id", "ff07", "--depends-on", "ab", "--sql")
		s.fails(1, "please specify splice (--splice)", "--dir", dir, "revision", "--head", "aa01")
		s.fails(2, "--sql with --autogenerate is not allowed", "--dir", dir, "revision", "--autogenerate", "--sql")
		s.fails(1, "target database is not up to date", "--dir", dir, "revision", "--autogenerate")
		s.fails(1, "path does not exist: "+filepath.Join(dir, "none")+": run init first", "--dir", filepath.Join(dir, "none"), "revision")
		s.do(0, "upgrade", "head")
		written([]string{"Upgrade:"}, "revision", "--autogenerate", "-m", "nothing")
		if out, err := s.do(0, "--dir", dir, "revision", "--autogenerate"); !strings.Contains(err, "No changes were found") {
			s.Error(out, err)
		}
		execAll(s.T, s.url, "ALTER TABLE users DROP COLUMN nick", "ALTER TABLE users ADD COLUMN age INTEGER")
		out, err := s.do(0, "--dir", dir, "revision", "--autogenerate", "-m", "one gone")
		if !strings.Contains(err, "It loses") {
			s.Errorf("%s%s", out, err)
		}
		s.opts = []Option{Edit(func(up, down *[]migrate.Operation) (bool, error) { return false, nil })}
		if out, err := s.do(0, "--dir", dir, "revision", "--autogenerate"); out != "" || !strings.Contains(err, "No revision was written") {
			s.Error(out, err)
		}
		s.opts, s.meta = nil, schema.NewMetadata()
		s.fails(1, "no Metadata is given that has tables: import the package", "--dir", dir, "revision", "--autogenerate")
		s.fails(1, "no Metadata is given that has tables: import the package", "check")
		s.meta = nil
		s.fails(1, "can't proceed with autogenerate: no Metadata is given", "--dir", dir, "revision", "--autogenerate")
		s.set = fork()
		s.fails(1, "multiple heads are present", "--dir", dir, "revision", "-m", "which")
		written([]string{`Parents: []string{"cc03", "cd04"}`}, "merge", "-m", "join")
		written([]string{`Parents: []string{"cc03", "cd04"}`, `ID: "abcdef"`, `"joined"`}, "merge", "heads", "--rev-id", "abcdef", "--branch-label", "joined")
		s.fails(1, "not two revisions to join", "--dir", dir, "merge", "cc03")
	})
}

// A program without revisions, although there are some in its folder, was built
// without them.
func TestRevisionsThatGoLeftOut(t *testing.T) {
	dir := t.TempDir()
	s := &shell{T: t, meta: model(), url: "sqlite:///" + filepath.Join(dir, "x.db")}
	s.do(0, "--dir", dir, "upgrade", "heads")
	must(t, os.WriteFile(filepath.Join(dir, "revisions.go"), []byte("package migrations\n\nvar Revisions migrate.Set\n"), 0o666))
	s.do(0, "--dir", dir, "heads")
	must(t, os.WriteFile(filepath.Join(dir, "add_test.go"), []byte("package migrations\n\nfunc init() { Revisions.Add(migrate.Revision{}) }\n"), 0o666))
	for _, args := range [][]string{{"upgrade", "heads"}, {"heads"}, {"revision"}} {
		s.fails(1, "the folder has revisions that are not part of the program: add_test.go", append([]string{"--dir", dir}, args...)...)
	}
	s.do(0, "--dir", dir, "completion", "bash")
}

func TestMessages(t *testing.T) {
	onEach(t, fork, func(s *shell) {
		s.do(0, "upgrade", "ab02")
		for words, args := range map[string]string{
			"multiple head revisions are present for given argument 'head': cc03, cd04": "upgrade head",
			"<branch>@head": "upgrade head ",
			"can't locate revision identified by 'zz'":         "upgrade zz",
			"multiple revisions start with 'c'":                "upgrade c",
			"relative revision -3 didn't produce 3 migrations": "downgrade -3",
			"walked too far":                                  "upgrade cc03+2",
			"'cc03' is not a valid downgrade target":          "downgrade cc03",
			"range revision not allowed":                      "upgrade aa01:ab02",
			"range revision not allowed: 'ab02:aa01'":         "downgrade ab02:aa01",
			"downgrade with --sql requires <fromrev>:<torev>": "downgrade -1 --sql",
			"does not refer to ancestor/descendant revisions": "upgrade ab02:aa01 --sql",
			"can't locate revision identified by 'q'":         "show q",
			"ambiguous walk":                                  "upgrade +1",
		} {
			s.fails(1, words, strings.Fields(args)...)
		}
		s.do(0, "upgrade", "left@head")
		s.do(0, "upgrade", "heads")
		s.fails(1, "'-1' is ambiguous, since the database is at several revisions", "downgrade", "-1")
		s.do(0, "downgrade", "left@-1")
	})
}

func TestUsage(t *testing.T) {
	t.Setenv("DORMER_URL", "")
	s := &shell{T: t, set: line(), meta: model()}
	for args, words := range map[string]string{
		"upgrade":                        "accepts 1 arg(s), received 0",
		"upgrade head":                   "no database: give --url, or set DORMER_URL",
		"upgrade head --sql":             "give --dialect postgres or sqlite, --url, or set DORMER_URL",
		"upgrade head --sql --dialect x": "--dialect x is not known",
		"upgrade --nonsense":             "unknown flag: --nonsense",
		"nonsense":                       "unknown command \"nonsense\"",
		"history -r ab02":                "history range must be [start]:[end]",
		"stamp":                          "requires at least 1 arg(s)",
		"check now":                      "unknown command \"now\"",
		"--url":                          "flag needs an argument",
	} {
		s.fails(2, words, strings.Fields(args)...)
	}
	s.url = "sqlite:///" + filepath.Join(t.TempDir(), "x.db")
	s.fails(2, "--dialect is for --sql", "upgrade", "head", "--dialect", "sqlite")
	s.url = "oracle://x"
	s.fails(1, `unknown scheme "oracle"`, "upgrade", "head")
	s.url = ""
	if out, _ := s.do(0); !strings.Contains(out, "Available Commands:") {
		t.Error(out)
	}
	if out, _ := s.do(0, "help", "upgrade"); !strings.Contains(out, "--allow-data-loss") {
		t.Error(out)
	}
}

func TestWhereTheDatabaseComesFrom(t *testing.T) {
	dir := t.TempDir()
	s := &shell{T: t, set: line(), meta: model(), opts: []Option{URL("sqlite:///" + filepath.Join(dir, "option.db"))}}
	made := func(name string) {
		t.Helper()
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	t.Setenv("DORMER_URL", "")
	s.do(0, "upgrade", "head")
	made("option.db")
	t.Setenv("DORMER_URL", "sqlite:///"+filepath.Join(dir, "env.db"))
	s.do(0, "upgrade", "head")
	made("env.db")
	s.do(0, "upgrade", "head", "-url=sqlite:///"+filepath.Join(dir, "flag.db"))
	made("flag.db")
}

func TestCompletion(t *testing.T) {
	s := &shell{T: t, set: fork(), meta: schema.NewMetadata()}
	out, _ := s.do(0, "__complete", "upgrade", "")
	for _, want := range []string{"head\n", "+1\n", "ab02\tnicknames\n", "left@head\n", ":4\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if out, _ = s.do(0, "__complete", "revision", "--head", ""); !strings.Contains(out, "cd04\t") {
		t.Error(out)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if out, _ = s.do(0, "completion", shell); len(out) < 1000 {
			t.Errorf("%s: %s", shell, out)
		}
	}
}

func TestArgumentsOfTwoKinds(t *testing.T) {
	p := &program{set: line()}
	root := p.root()
	for in, want := range map[string]string{
		"downgrade -1":                   "downgrade -- -1",
		"downgrade -1 --sql":             "downgrade --sql -- -1",
		"--url x downgrade -12 -q":       "--url x downgrade -q -- -12",
		"upgrade -sql -dialect=sqlite h": "upgrade --sql --dialect=sqlite h",
		"history -r -3:current":          "history -r -3:current",
		"history -r -3":                  "history -r -3",
		"revision -m -1":                 "revision -m -1",
		"revision --message -1":          "revision --message -1",
		"revision -message=-1":           "revision --message=-1",
		"revision -mx":                   "revision -mx",
		"downgrade -- -1":                "downgrade -- -1",
		"downgrade -q -1 -- x":           "downgrade -q -- -1 x",
		"current -v":                     "current -v",
		"":                               "",
	} {
		if got := strings.Join(commandline.Arguments(root, strings.Fields(in)), " "); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}
