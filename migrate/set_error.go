package migrate

import (
	"errors"
	"fmt"
	"strings"
)

// What is wrong with a Set, for errors.Is; a *SetError has the detail.
var (
	ErrRevisionID    = errors.New("migrate: bad revision id or label")
	ErrFileName      = errors.New("migrate: a revision's file bears another id")
	ErrLeftOut       = errors.New("migrate: revision files are not part of the program")
	ErrDuplicate     = errors.New("migrate: duplicate revision id or label")
	ErrMissingParent = errors.New("migrate: a revision names one that is not there")
	ErrCycle         = errors.New("migrate: revisions form a cycle")
)

// SetError says what is wrong with the revisions of a Set. errors.Is finds its
// Kind.
type SetError struct {
	Kind error
	// Revisions are the ids concerned; of a cycle its members, in order.
	Revisions []string
	// Files are the names of their files.
	Files []string
	// Name is the id or label that was named: twice, or without being there.
	Name string
	// Dependency: it is about DependsOn, not Parents.
	Dependency bool
}

// Error says what is wrong, where, and what to do.
func (e *SetError) Error() string {
	files := strings.Join(e.Files, ", ")
	switch e.Kind {
	case ErrRevisionID:
		return fmt.Sprintf("migrate: %q in %s cannot name a revision or branch: use letters, digits and underscores, at most %d, and none of head, heads, base, current", e.Name, files, maxID)
	case ErrFileName:
		return fmt.Sprintf("migrate: file %s holds revision %s: its name must end in _%s.go, since Go leaves out files whose names end in words such as test or windows", files, e.Revisions[0], e.Revisions[0])
	case ErrLeftOut:
		return fmt.Sprintf("migrate: the folder has revisions that are not part of the program: %s: Go leaves out files whose names end in _test or in the name of a system or processor, or whose build tags do not hold; rename them so that the id stands last, or build the program again", files)
	case ErrDuplicate:
		return fmt.Sprintf("migrate: revision id or label %s is there more than once, in %s: give one of them another", e.Name, files)
	case ErrMissingParent:
		what := "parent"
		if e.Dependency {
			what = "revision it depends on"
		}
		return fmt.Sprintf("migrate: revision %s in file %s: its %s %s is not part of the program: restore that revision's file, or correct the id", e.Revisions[0], files, what, e.Name)
	case ErrCycle:
		what := "are each other's ancestors"
		if e.Dependency {
			what = "depend on each other"
		}
		if len(e.Revisions) == 1 {
			what = "is its own parent"
			if e.Dependency {
				what = "depends on itself"
			}
			return fmt.Sprintf("migrate: cycle: revision %s %s, in %s", e.Revisions[0], what, files)
		}
		return fmt.Sprintf("migrate: cycle: revisions %s %s, in %s", strings.Join(e.Revisions, ", "), what, files)
	}
	return e.Kind.Error()
}

// Is reports whether target is the error's kind.
func (e *SetError) Is(target error) bool { return target == e.Kind }
