package docs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// row is a row of the table of states in docs/unit-of-work.md.
type row struct{ state, verb, sql, err, then, shown string }

// rows reads the table of states: the one whose head begins with State and Verb.
func rows(t *testing.T) (rs []row) {
	t.Helper()
	in := false
	for line := range strings.Lines(page(t, "docs/unit-of-work.md")) {
		if !strings.HasPrefix(line, "|") {
			in = false
			continue
		}
		var cs []string
		for _, c := range strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			cs = append(cs, strings.TrimSpace(c))
		}
		if strings.HasPrefix(line, "| State | Verb |") {
			in = true
		} else if in && !strings.HasPrefix(line, "|-") {
			if len(cs) != 7 {
				t.Fatalf("%d cells in %s", len(cs), line)
			}
			rs = append(rs, row{state: cs[0], verb: strings.Trim(cs[1], "`"), sql: cs[3], err: strings.Trim(cs[4], "`"), then: cs[5], shown: cs[6]})
		}
	}
	return rs
}

func page(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// world is a unit of work with one post in some state.
type world struct {
	*fix
	ctx   context.Context
	tx    *uow.UnitOfWork
	p     *Post
	other *uow.UnitOfWork
}

func (w *world) load() {
	p, err := w.posts.Get(w.ctx, 1)
	w.must(err)
	w.p = p
}

// states bring the post into a state.
var states = map[string]func(w *world){
	"unmanaged":                   func(w *world) { w.p = &Post{ID: 1, Title: "mine", AuthorID: 1, Version: 1} },
	"unmanaged, no key":           func(w *world) { w.p = &Post{Title: "mine", AuthorID: 1} },
	"unmanaged, no row":           func(w *world) { w.p = &Post{ID: 50, Title: "mine", AuthorID: 1} },
	"unmanaged, key managed here": func(w *world) { w.load(); w.p = &Post{ID: 1, Title: "mine", AuthorID: 1, Version: 1} },
	"in another unit": func(w *world) {
		w.p = &Post{ID: 1, Title: "mine", AuthorID: 1, Version: 1}
		w.other = uow.New(w.db)
		w.must(w.posts.Attach(uow.With(w.fix.ctx, w.other), w.p))
	},
	"new":             func(w *world) { w.p = &Post{Title: "new", AuthorID: 1}; w.must(w.posts.Add(w.ctx, w.p)) },
	"new, chosen key": func(w *world) { w.p = &Post{ID: 50, Title: "new", AuthorID: 1}; w.must(w.posts.Add(w.ctx, w.p)) },
	"managed":         func(w *world) { w.load() },
	"changed":         func(w *world) { w.load(); w.p.Title = "changed" },
	"expired":         func(w *world) { w.load(); w.must(w.tx.Commit(w.ctx)) },
	"expired, row gone": func(w *world) {
		w.load()
		w.must(w.tx.Commit(w.ctx))
		_, err := w.db.Exec(w.ctx, "DELETE FROM posts")
		w.must(err)
	},
	"marked":  func(w *world) { w.load(); w.must(w.posts.Delete(w.ctx, w.p)) },
	"deleted": func(w *world) { w.load(); w.must(w.posts.Delete(w.ctx, w.p)); w.must(w.tx.Flush(w.ctx)) },
}

// verbs do what the row says.
var verbs = map[string]func(w *world) error{
	"Add":         func(w *world) error { return w.posts.Add(w.ctx, w.p) },
	"Attach":      func(w *world) error { return w.posts.Attach(w.ctx, w.p) },
	"Delete":      func(w *world) error { return w.posts.Delete(w.ctx, w.p) },
	"Refresh":     func(w *world) error { return w.posts.Refresh(w.ctx, w.p) },
	"Detach":      func(w *world) error { return w.posts.Detach(w.ctx, w.p) },
	"Expect":      func(w *world) error { return w.posts.Expect(w.ctx, w.p, 1) },
	"Get":         func(w *world) error { return same(w.posts.Get(w.ctx, w.p.ID))(w.p) },
	"Find":        func(w *world) error { _, err := w.posts.Find(w.ctx); return err },
	"ForUpdate":   func(w *world) error { return same(w.posts.Where(Posts.ID.Eq(w.p.ID)).ForUpdate().One(w.ctx))(w.p) },
	"Reload":      func(w *world) error { return same(w.posts.Where(Posts.ID.Eq(w.p.ID)).Reload().One(w.ctx))(w.p) },
	"Set a field": func(w *world) error { w.p.Title = "set"; return nil },
	"Flush":       func(w *world) error { return w.tx.Flush(w.ctx) },
	"Commit":      func(w *world) error { return w.tx.Commit(w.ctx) },
	"Rollback":    func(w *world) error { return w.tx.Rollback(w.ctx) },
	"Clear":       func(w *world) error { return w.tx.Clear() },
	"Merge": func(w *world) error {
		m, err := w.posts.Merge(w.ctx, w.p)
		if err != nil {
			return err
		}
		n, err := uow.EntityOf[Post](w.db)
		w.must(err)
		if mine := n.Contains(w.tx, w.p); !n.Contains(w.tx, m) || mine != (m == w.p) {
			return fmt.Errorf("merge of an entity that is managed (%v) returned %p for %p", mine, m, w.p)
		}
		return nil
	},
}

// same says that a read gave the entity itself.
func same(got *Post, err error) func(want *Post) error {
	return func(want *Post) error {
		if err == nil && got != want {
			return errors.New("another pointer")
		}
		return err
	}
}

// faults are the errors of the table.
var faults = map[string]func(error) bool{
	"":                     func(err error) bool { return err == nil },
	"uow.ErrKey":           is(uow.ErrKey),
	"uow.ErrAttached":      is(uow.ErrAttached),
	"uow.ErrNotManaged":    is(uow.ErrNotManaged),
	"uow.ErrDeleted":       is(uow.ErrDeleted),
	"repo.ErrNotFound":     is(repo.ErrNotFound),
	"*uow.DuplicateError":  func(err error) bool { var e *uow.DuplicateError; return errors.As(err, &e) },
	"*uow.StaleError":      func(err error) bool { var e *uow.StaleError; return errors.As(err, &e) },
	"says: Detach instead": func(err error) bool { return err != nil && strings.Contains(err.Error(), "Detach it instead") },
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func TestTableOfStates(t *testing.T) {
	all := rows(t)
	if len(all) < 50 {
		t.Fatalf("%d rows", len(all))
	}
	seen := map[string]bool{}
	for _, r := range all {
		t.Run(r.state+" "+r.verb, func(t *testing.T) {
			bring, do, fails := states[r.state], verbs[r.verb], faults[r.err]
			if bring == nil || do == nil || fails == nil {
				t.Fatalf("no such state, verb or error: %+v", r)
			}
			f := start(t)
			w := &world{fix: f, tx: uow.New(f.db)}
			w.ctx = uow.With(f.ctx, w.tx)
			bring(w)
			f.log.take()
			err := do(w)
			if !fails(err) {
				t.Errorf("error %v, the table says %q", err, r.err)
			}
			if sent := strings.Join(f.log.take(), ", "); sent != r.sql {
				t.Errorf("sent %q, the table says %q", sent, r.sql)
			}
			if then := stateOf(w); then != r.then {
				t.Errorf("it is %s then, the table says %s", then, r.then)
			}
			f.must(w.tx.Close())
			f.must(w.other.Close())
		})
		seen[r.state], seen["verb "+r.verb] = true, true
	}
	for s := range states {
		if !seen[s] {
			t.Errorf("the table has no row for %s", s)
		}
	}
	for v := range verbs {
		if !seen["verb "+v] {
			t.Errorf("the table has no row for %s", v)
		}
	}
}

// TestPictureIsTheTable has every arrow of the picture stand in the table, but for
// those that begin outside.
func TestPictureIsTheTable(t *testing.T) {
	table := map[string]bool{}
	for _, r := range rows(t) {
		base, _, _ := strings.Cut(r.state, ",")
		if r.err == "" {
			table[base+" "+r.verb+" "+r.then] = true
		}
	}
	arrow := regexp.MustCompile(`(?m)^ +(\w+) --> (\w+): (.*)$`)
	arrows := arrow.FindAllStringSubmatch(page(t, "docs/unit-of-work.md"), -1)
	if len(arrows) < 20 {
		t.Errorf("%d arrows", len(arrows))
	}
	for _, a := range arrows {
		for _, verb := range strings.Split(a[3], ", ") {
			verb, _, _ = strings.Cut(verb, " (")
			if !table[strings.ToLower(a[1])+" "+verb+" "+strings.ToLower(a[2])] {
				t.Errorf("the table does not have %s --> %s: %s", a[1], a[2], verb)
			}
		}
	}
}

// stateOf tells an entity's state from outside. It may change it.
func stateOf(w *world) string {
	n, err := uow.EntityOf[Post](w.db)
	w.must(err)
	if !n.Contains(w.tx, w.p) {
		switch err := w.posts.Attach(w.ctx, w.p); {
		case errors.Is(err, uow.ErrDeleted):
			return "deleted"
		case errors.Is(err, uow.ErrAttached):
			return "in another unit"
		}
		return "unmanaged"
	}
	plan, err := w.tx.Plan(w.ctx)
	w.must(err)
	for _, c := range plan.Changes() {
		if c.Entity == w.p {
			return map[uow.Op]string{uow.Insert: "new", uow.Update: "changed", uow.Delete: "marked"}[c.Op]
		}
	}
	w.log.take()
	_, err = w.posts.Get(w.ctx, w.p.ID)
	if sent := w.log.take(); len(sent) > 0 || err != nil {
		return "expired"
	}
	return "managed"
}

// TestNamedTestsExist checks the names of tests that the pages give.
func TestNamedTestsExist(t *testing.T) {
	name := regexp.MustCompile("`([a-z/]+):\\s+([A-Za-z0-9_]+)`")
	decl := regexp.MustCompile(`(?m)^func (?:\(s \*suite\) )?(Test[A-Za-z0-9_]+)\(`)
	tests := map[string]map[string]bool{}
	for _, p := range []string{"docs/unit-of-work.md", "docs/relations.md", "docs/from-sqlalchemy.md", "docs/from-gorm.md"} {
		for _, m := range name.FindAllStringSubmatch(page(t, p), -1) {
			pkg, test := m[1], m[2]
			if pkg == "suite" {
				pkg, test = "internal/suite", "Test"+test
			}
			if tests[pkg] == nil {
				tests[pkg] = map[string]bool{}
				for _, d := range decl.FindAllStringSubmatch(source(t, "../../"+pkg), -1) {
					tests[pkg][d[1]] = true
				}
			}
			if !tests[pkg][test] {
				t.Errorf("%s: %s has no %s", p, pkg, test)
			}
		}
	}
	for _, r := range rows(t) {
		if !name.MatchString(r.shown) {
			t.Errorf("no test is named for %s, %s", r.state, r.verb)
		}
	}
	if n := len(tests["internal/suite"]); n < 100 {
		t.Errorf("the suite has %d tests", n)
	}
}
