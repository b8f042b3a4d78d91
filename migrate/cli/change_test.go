package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/migrate"
)

func TestUpThereAndBack(t *testing.T) {
	onEach(t, line, func(s *shell) {
		s.says("", "current")
		if _, err := s.do(0, "upgrade", "head"); err != "Running upgrade <base> -> aa01, users\nRunning upgrade aa01 -> ab02, nicknames\n" {
			s.Errorf("told %q", err)
		}
		s.says("aa01 -> ab02 (head), nicknames", "current")
		if _, err := s.do(0, "upgrade", "head"); err != "Nothing to do.\n" {
			s.Errorf("told %q", err)
		}
		if _, err := s.do(0, "downgrade", "-1"); err != "Running downgrade ab02 -> aa01, nicknames\n" {
			s.Errorf("told %q", err)
		}
		s.says("aa01 -> ab02 (head), nicknames\n<base> -> aa01 (current), users", "history", "-i")
		s.says("aa01 -> ab02 (head), nicknames\n<base> -> aa01 (current), users", "history", "-r", "current:head", "-q")
		if out, err := s.do(0, "-q", "upgrade", "+1"); out+err != "" {
			s.Errorf("-q wrote %q", out+err)
		}
		s.do(0, "upgrade", "--transaction-per-revision", "--lock-timeout", "3s", "heads")
		s.do(0, "downgrade", "base")
		s.says("", "current", "-v")
		if _, err := s.do(0, "current"); !strings.Contains(err, "at base") {
			s.Errorf("told %q", err)
		}
	})
}

func TestDataIsKept(t *testing.T) {
	drop := migrate.Revision{ID: "bb03", Parents: []string{"ab02"}, Upgrade: func(op *migrate.Op) { op.DropColumn("users", "nick") }}
	onEach(t, func() migrate.Set { return setOf(first, second, drop) }, func(s *shell) {
		s.do(0, "upgrade", "ab02")
		execAll(s.T, s.url, "INSERT INTO users (name, nick) VALUES ('Ann', 'A')")
		s.fails(1, "allow the loss with AllowDataLoss (--allow-data-loss)", "-q", "upgrade", "head")
		s.says("aa01 -> ab02, nicknames", "current")
		s.do(0, "upgrade", "head", "--allow-data-loss")
		s.says("ab02 -> bb03 (head)", "current")
		s.fails(1, "has no downgrade", "-q", "downgrade", "-1")
	})
}

func TestEditedRevisions(t *testing.T) {
	onEach(t, line, func(s *shell) {
		s.do(0, "upgrade", "aa01")
		edited := first
		edited.Upgrade = func(op *migrate.Op) { first.Upgrade(op); op.Exec("SELECT 1") }
		s.set = setOf(edited, second)
		s.fails(1, "(--allow-edited)", "-q", "upgrade", "head")
		s.do(0, "upgrade", "head", "--allow-edited")
	})
}

func TestSQLIsWritten(t *testing.T) {
	t.Setenv("DORMER_URL", "")
	for _, dialect := range []string{"sqlite", "postgres"} {
		s := &shell{T: t, set: line(), meta: model()}
		out, err := s.do(0, "upgrade", "head", "--sql", "--dialect", dialect)
		for _, want := range []string{"BEGIN;", `CREATE TABLE "users"`, "-- Running upgrade aa01 -> ab02, nicknames", `"nick"`, "dormer_version", "COMMIT;"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", dialect, want, out)
			}
		}
		if err != "" {
			t.Errorf("told %q", err)
		}
		out, _ = s.do(0, "upgrade", "aa01:head", "--sql", "--dialect", dialect)
		if strings.Contains(out, "CREATE TABLE") || !strings.Contains(out, `"nick"`) {
			t.Errorf("%s: %s", dialect, out)
		}
		out, _ = s.do(0, "downgrade", "head:base", "--sql", "--dialect", dialect)
		if !strings.Contains(out, `DROP TABLE "users"`) {
			t.Errorf("%s: %s", dialect, out)
		}
		out, _ = s.do(0, "stamp", "head", "--sql", "--dialect", dialect)
		if !strings.Contains(out, "ab02") || strings.Contains(out, `"users"`) {
			t.Errorf("%s: %s", dialect, out)
		}
	}
}

// The SQL takes the dialect of the URL, and nothing is asked of the database.
func TestSQLAsksNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s := &shell{T: t, set: line(), meta: model(), url: "sqlite:///" + path}
	if out, _ := s.do(0, "upgrade", "head", "--sql"); !strings.Contains(out, "CREATE TABLE") {
		t.Error(out)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the database was made")
	}
	s.url = "postgres://nobody@127.0.0.1:1/none"
	if out, _ := s.do(0, "downgrade", "head:aa01", "--sql"); !strings.Contains(out, "DROP COLUMN") {
		t.Error(out)
	}
}

// SQL that was written does what a run does.
func TestSQLThatIsRun(t *testing.T) {
	onEach(t, line, func(s *shell) {
		for _, args := range [][]string{{"upgrade", "head", "--sql"}, {"downgrade", "head:aa01", "--sql"}, {"upgrade", "aa01:head", "--sql"}} {
			out, _ := s.do(0, args...)
			var list []string
			for _, stmt := range strings.Split(out, ";\n") {
				var kept []string
				for _, l := range strings.Split(stmt, "\n") {
					if !strings.HasPrefix(l, "--") {
						kept = append(kept, l)
					}
				}
				if text := strings.TrimSpace(strings.Join(kept, "\n")); text != "" && text != "BEGIN" && text != "COMMIT" {
					list = append(list, text)
				}
			}
			execAll(s.T, s.url, list...)
		}
		s.says("aa01 -> ab02 (head), nicknames", "current", "--check-heads")
		s.says("No new upgrade operations detected.", "check")
	})
}

func TestStamps(t *testing.T) {
	onEach(t, fork, func(s *shell) {
		s.do(0, "stamp", "aa01")
		s.says("<base> -> aa01, users", "current")
		s.fails(1, "multiple head", "stamp", "head")
		s.do(0, "stamp", "heads")
		s.do(0, "current", "--check-heads")
		s.set = line()
		s.fails(1, "the database is ahead of this program: revision 'cc03', 'cd04' was applied", "current")
		s.fails(1, "ahead of this program", "stamp", "head")
		execAll(s.T, s.url, "DELETE FROM dormer_version", "INSERT INTO dormer_version (version_num) VALUES ('9999')")
		s.fails(1, "can't locate revision identified by '9999'", "current")
		s.fails(1, "stamp --purge", "upgrade", "head")
		s.do(0, "stamp", "--purge", "head")
		s.says("aa01 -> ab02 (head), nicknames", "current")
		s.do(0, "stamp", "base")
		s.says("", "current")
		s.fails(2, "--purge with --sql is not allowed", "stamp", "head", "--purge", "--sql")
	})
}

func TestEnsureVersion(t *testing.T) {
	onEach(t, line, func(s *shell) {
		s.do(0, "ensure-version")
		execAll(s.T, s.url, "DELETE FROM dormer_version")
		s.do(0, "ensure_version")
	})
}

func TestCheckFindsDifferences(t *testing.T) {
	onEach(t, line, func(s *shell) {
		s.fails(1, "target database is not up to date", "check")
		s.do(0, "upgrade", "head")
		s.says("No new upgrade operations detected.", "check")
		s.set = setOf(first)
		s.do(0, "stamp", "--purge", "head")
		execAll(s.T, s.url, "ALTER TABLE users DROP COLUMN nick")
		out, err := s.do(1, "check")
		if !strings.Contains(out, `op.AddColumn("users", schema.Col("nick", schema.Varchar(50)).Nullable())`) || !strings.Contains(err, "new upgrade operations detected") {
			s.Errorf("%s%s", out, err)
		}
		s.opts = []Option{Compare(migrate.OnlyTables(func(_, name string) bool { return name != "users" }))}
		s.says("No new upgrade operations detected.", "check")
	})
}

// A run that is interrupted fails, and leaves nothing.
func TestInterrupted(t *testing.T) {
	onEach(t, line, func(s *shell) {
		ctx, cancel := context.WithCancel(s.Context())
		cancel()
		if code := Run(ctx, []string{"--url", s.url, "upgrade", "head"}, io.Discard, io.Discard, s.set, s.meta); code != 1 {
			s.Errorf("returned %d", code)
		}
		s.says("", "current")
	})
}
