package migrate

import (
	"errors"
	"fmt"
	"strings"
)

// What can be wrong with where a database is, for errors.Is.
var (
	// ErrUnknownVersion: the database is at a revision that the program does not
	// have.
	ErrUnknownVersion = errors.New("migrate: the database is at a revision that this program does not have")
	// ErrAhead: that revision follows ones that the program does have.
	ErrAhead = errors.New("migrate: the database is ahead of this program")
	// ErrVersionRows: a row of the version table was changed by somebody else.
	ErrVersionRows = errors.New("migrate: the version table was changed by another program in the meantime")
	// ErrNotAtHeads: not all heads are applied.
	ErrNotAtHeads = errors.New("migrate: database is not on all head revisions")
)

// VersionError says that the database is at revisions that the program does not
// have. errors.Is finds ErrUnknownVersion, ErrUnknownRevision and, where it was
// newer code that went there, ErrAhead.
type VersionError struct {
	Revisions []string
	Ahead     bool
	// AppliedAt is when the first of them was applied, as it was recorded.
	AppliedAt string
}

// Error names the rows and what to do.
func (e *VersionError) Error() string {
	list := "'" + strings.Join(e.Revisions, "', '") + "'"
	if e.Ahead {
		when := ""
		if e.AppliedAt != "" {
			when = " at " + e.AppliedAt
		}
		return fmt.Sprintf("migrate: the database is ahead of this program: revision %s was applied%s by a newer one: run that program, whose downgrade leads back too", list, when)
	}
	return fmt.Sprintf("migrate: can't locate revision identified by %s, which the database's table %s names: restore the revision's file, see that this is the right database, or, if its schema is known to be that of another revision, write that down with stamp --purge", list, versionTable)
}

// Is reports whether target is one of the error's kinds.
func (e *VersionError) Is(target error) bool {
	return target == ErrUnknownVersion || target == ErrUnknownRevision || e.Ahead && target == ErrAhead
}

// InterruptedError says that a run has ended in the middle of a revision, and that
// what was asked for cannot go on from there.
type InterruptedError struct {
	Revision, File string
	// Doing is the direction of the run that ended, Operations how many operations
	// of the revision it has done.
	Doing      string
	Operations int
	// Edited: the revision was changed since.
	Edited bool
}

// Error says what was left and what to do.
func (e *InterruptedError) Error() string {
	state := fmt.Sprintf("migrate: the %s of revision %s (file %s) was interrupted after %d of its operations", e.Doing, e.Revision, e.File, e.Operations)
	if e.Edited {
		return state + ", and the file was edited since: undo the edit to finish it, or finish it by hand and stamp the revision that the schema then has"
	}
	return fmt.Sprintf("%s: finish it with %s to that revision first, or finish it by hand and stamp the revision that the schema then has", state, e.Doing)
}

// place finds the database's revisions among the program's.
func (g *graph) place(r *record) (place, error) {
	var rows []*node
	var unknown []string
	for _, id := range r.rows {
		if n := g.byID[id]; n != nil {
			rows = append(rows, n)
		} else {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) == 0 {
		return placeAt(rows), nil
	}
	e := &VersionError{Revisions: unknown, AppliedAt: r.revs[unknown[0]].appliedAt}
	for _, id := range unknown {
		e.Ahead = e.Ahead || g.follows(r, id)
	}
	return place{}, e
}

// follows reports whether the record leads from an unknown revision to a known one.
func (g *graph) follows(r *record, id string) bool {
	seen := map[string]bool{}
	list := []string{id}
	for len(list) > 0 {
		id, list = list[0], list[1:]
		if seen[id] {
			continue
		}
		seen[id] = true
		if g.byID[id] != nil {
			return true
		}
		list = append(list, r.revs[id].parents...)
	}
	return false
}

// interrupted finds a revision that a run has left half done, nil for none.
func (g *graph) interrupted(r *record) (*node, recorded) {
	for _, n := range g.nodes {
		if rec := r.revs[n.ID]; rec.doing != "" {
			return n, rec
		}
	}
	return nil, recorded{}
}

func interruptedError(n *node, r recorded, edited bool) error {
	return &InterruptedError{Revision: n.ID, File: n.base(), Doing: r.doing, Operations: r.operations, Edited: edited}
}
