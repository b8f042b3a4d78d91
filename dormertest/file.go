package dormertest

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/engine"
)

// file makes a database that is a file, as a copy of the template's bytes.
func file(t testing.TB, s *set) (*engine.Engine, error) {
	tmpl := s.template()
	if err := tmpl.get(s.buildFile); err != nil {
		return nil, err
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, tmpl.file, 0o600); err != nil {
		return nil, err
	}
	db, err := s.open(fileURL(s.url, path))
	if err == nil {
		closing(t, db)
	}
	return db, err
}

// buildFile fills a file and keeps its bytes, so that no file is
// left when the process ends.
func (s *set) buildFile(tmpl *template) (err error) {
	dir, err := os.MkdirTemp("", "dormertest")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	db, err := s.open(fileURL(s.url, path))
	if err != nil {
		return err
	}
	err = s.fill(context.Background(), db)
	// Closing writes the log into the file.
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		tmpl.file, err = os.ReadFile(path)
	}
	return err
}

// fileURL is the set's URL with another file.
func fileURL(u, path string) string {
	scheme, _, _ := strings.Cut(u, "://")
	_, query, has := strings.Cut(u, "?")
	u = scheme + ":///" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	if has {
		u += "?" + query
	}
	return u
}

// inMemory makes a database that only its one connection sees.
func inMemory(t testing.TB, s *set) (*engine.Engine, error) {
	db, err := s.open(s.url)
	if err != nil {
		return nil, err
	}
	closing(t, db)
	return db, s.fill(context.Background(), db)
}
