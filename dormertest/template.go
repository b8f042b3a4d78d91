package dormertest

import (
	"fmt"
	"sync"

	"github.com/dormer-orm/dormer/schema"
)

// template is made by the first test that needs it; the others wait.
type template struct {
	mu   sync.Mutex
	made bool
	name string // on a server
	file []byte // of a file
}

var templates struct {
	sync.Mutex
	m map[templateKey]*template
}

// templateKey tells sets apart: by URL and tables, or by URL and revisions.
type templateKey struct {
	text      string
	revisions any
}

// template returns the set's template, made or not.
func (s *set) template() *template {
	key := templateKey{text: s.url}
	if s.revisions != nil {
		key.revisions = struct{ of any }{s.revisions.Identity()} // no tables are not no revisions
	}
	for _, h := range s.tables {
		// Not the table's name: several models may have tables of one name.
		key.text += fmt.Sprintf("\x00%p", schema.DefOf(h))
	}
	templates.Lock()
	defer templates.Unlock()
	if templates.m == nil {
		templates.m = map[templateKey]*template{}
	}
	t := templates.m[key]
	if t == nil {
		t = new(template)
		templates.m[key] = t
	}
	return t
}

// get makes the template unless it is made. A failure is not kept: a server may
// be there for the next test.
func (t *template) get(build func(*template) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.made {
		return nil
	}
	if err := build(t); err != nil {
		return err
	}
	t.made = true
	return nil
}

// lost notes that the server no longer has the template of that name.
func (t *template) lost(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.name == name {
		t.made = false
	}
}
