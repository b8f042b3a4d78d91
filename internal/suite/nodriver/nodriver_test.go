// Package nodriver is a test binary that no driver is linked into.
package nodriver

import (
	"database/sql"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dormertest"
)

// fatal is a testing.TB that keeps what a test died of.
type fatal struct {
	testing.TB
	msg string
}

func (f *fatal) Fatalf(format string, args ...any) {
	f.msg = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestMissingDriverIsNamed(t *testing.T) {
	if d := sql.Drivers(); len(d) != 0 {
		t.Fatalf("drivers %q are linked into a binary that imports none", d)
	}
	for name, call := range map[string]func(testing.TB){
		"github.com/glebarez/sqlite": func(tb testing.TB) { dormertest.SQLite(tb) },
		"github.com/lib/pq":          func(tb testing.TB) { dormertest.Open(tb, "postgres://u:secret@localhost/db") },
	} {
		f := &fatal{TB: t}
		done := make(chan struct{})
		go func() { defer close(done); call(f) }()
		<-done
		if !strings.Contains(f.msg, name) || strings.Contains(f.msg, "secret") {
			t.Errorf("%q does not name %s, or tells the password", f.msg, name)
		}
	}
}
