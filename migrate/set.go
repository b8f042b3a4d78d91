package migrate

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Set is the revisions of a program. The zero value is ready; it may be copied,
// and must not be added to while it is in use. What is wrong with the revisions is
// a *SetError of the first function that is given the Set.
type Set struct{ list []*added }

type added struct {
	rev  Revision
	file string
}

// Add adds a revision, usually in an init function of a file of its own, whose name
// is remembered for messages.
func (s *Set) Add(r Revision) {
	_, file, _, _ := runtime.Caller(1)
	s.list = append(slices.Clip(s.list), &added{r, file}) // a copy shares nothing
}

// Identity is equal for copies of one Set that hold the same revisions, and for no
// others: a key for what is kept per Set.
func (s Set) Identity() any {
	if len(s.list) == 0 {
		return nil
	}
	return s.list[len(s.list)-1]
}

// Len is the number of revisions.
func (s Set) Len() int { return len(s.list) }

// Dir is the folder of the revisions' files, as it was when the program was built;
// "" where there are none, or they were built by -trimpath.
func (s Set) Dir() string {
	for _, a := range slices.Backward(s.list) {
		if filepath.IsAbs(a.file) {
			return filepath.Dir(a.file)
		}
	}
	return ""
}

// mark is what a revision's file holds.
var mark = []byte("migrate.Revision{")

// checkFiles finds files that bear another revision's id, and files of revisions
// that are not part of the program. Files named in some other way may hold any
// number of revisions, as those of a test do; the folder is looked at if it is
// there.
func (s Set) checkFiles() error {
	dirs := map[string]map[string]bool{}
	for _, a := range s.list {
		name := filepath.Base(a.file)
		if !revisionFile(name) {
			continue
		}
		if strings.TrimSuffix(name, ".go") != a.rev.ID && !strings.HasSuffix(name, "_"+a.rev.ID+".go") {
			return &SetError{Kind: ErrFileName, Revisions: []string{a.rev.ID}, Files: []string{name}}
		}
		if filepath.IsAbs(a.file) {
			dirs[filepath.Dir(a.file)] = map[string]bool{}
		}
	}
	if len(dirs) == 0 {
		return nil
	}
	for _, a := range s.list {
		if known := dirs[filepath.Dir(a.file)]; known != nil {
			known[filepath.Base(a.file)] = true
		}
	}
	var out []string
	for dir, known := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // the program runs elsewhere
		}
		for _, e := range entries {
			name := e.Name()
			if e.IsDir() || filepath.Ext(name) != ".go" || known[name] || strings.HasPrefix(name, ".") || !dated(name) && !revisionFile(name) {
				continue
			}
			if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil && bytes.Contains(text, mark) {
				out = append(out, name)
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	slices.Sort(out)
	return &SetError{Kind: ErrLeftOut, Files: out}
}

// revisionFile reports whether a file is named as those of revisions are: by a date
// and words, or by words and a generated id.
func revisionFile(name string) bool {
	stem, ok := strings.CutSuffix(name, ".go")
	if !ok || strings.HasSuffix(stem, "_test") {
		return false
	}
	if dated(name) {
		return true
	}
	id := stem[strings.LastIndexByte(stem, '_')+1:]
	return len(id) == 12 && len(id) < len(stem) && strings.Trim(id, "0123456789abcdef") == ""
}

func dated(name string) bool {
	date, _, ok := strings.Cut(name, "_")
	return ok && len(date) >= 8 && strings.Trim(date, "0123456789") == ""
}

// validID reports whether an id or label can be told from the rest of a target.
func validID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for _, r := range id {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	switch id {
	case "head", "heads", "base", "current":
		return false
	}
	return true
}

// maxID is how long an id may be.
const maxID = 128
