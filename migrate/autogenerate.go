package migrate

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
)

// Why no revision is written, for errors.Is.
var (
	// ErrNotUpToDate: the database lacks revisions, so that a comparison with it
	// would find again what they do.
	ErrNotUpToDate = errors.New("migrate: target database is not up to date")
	// ErrNotHead: a new revision would begin a branch that was not asked for.
	ErrNotHead = errors.New("migrate: revision is not a head")
	// ErrNoMetadata: there is no model to compare with.
	ErrNoMetadata = errors.New("migrate: can't proceed with autogenerate: no Metadata is given")
)

// NewRevisionError says why no revision is written. errors.Is finds its Kind.
type NewRevisionError struct {
	Kind error
	// Revisions are the ids that it is about.
	Revisions []string
	// Err is what went wrong before, nil for nothing.
	Err error
}

// Error says what is wrong and what to do.
func (e *NewRevisionError) Error() string {
	ids := strings.Join(e.Revisions, ", ")
	switch e.Kind {
	case ErrMultipleHeads:
		return fmt.Sprintf("migrate: multiple heads are present: %s: say which one the new revision comes after (--head), or join them with merge", ids)
	case ErrNotHead:
		return fmt.Sprintf("migrate: revision %s is not a head revision; please specify splice (--splice) to create a new branch from this revision", ids)
	case ErrNotUpToDate:
		return "migrate: target database is not up to date: it lacks " + ids + ": run upgrade heads first"
	}
	return e.Kind.Error()
}

// Is reports whether target is the error's Kind.
func (e *NewRevisionError) Is(target error) bool { return target == e.Kind }

// Unwrap returns what went wrong before, or nil.
func (e *NewRevisionError) Unwrap() error { return e.Err }

// RevisionOptions say what revision is written and where. The zero value but for
// Dir is an empty revision after the only head.
type RevisionOptions struct {
	// Dir is the folder that the file goes to, "" for that of the Set's files.
	Dir string
	// Package is the file's package, "" for that of the folder's other files.
	Package string
	// Message is the revision's title.
	Message string
	// ID is the revision's id, "" for a new one.
	ID string
	// Head is what the revision comes after: "" for the only head, an id or the
	// beginning of one, <branch>@head, or base to begin another history.
	Head string
	// Splice lets it come after a revision that is no head, which begins a branch.
	Splice bool
	// Labels name the branch, DependsOn the revisions that must be applied before.
	Labels, DependsOn []string
	// Autogenerate fills the revision with what makes the database as Metadata
	// says. The database must have all heads.
	Autogenerate bool
	Metadata     *schema.Metadata
	// Compare are options of the comparison.
	Compare []DiffOption
	// Edit may change the operations of the comparison, down being those of the
	// way back. Where it returns false, no file is written. It may be nil.
	Edit func(up, down *[]Operation) (bool, error)
	// Now is the time that the file's name begins with, zero for the present.
	Now time.Time
}

// Written is a revision that was written.
type Written struct {
	ID string
	// Path is the file's, "" where Edit wanted none.
	Path string
	// Operations are those of the upgrade. Notes tell what could not be compared
	// exactly.
	Operations []Operation
	Notes      []string
}

// NewRevision writes the file of a new revision: an empty one, or one with what the
// model has and the database lacks. The program must be built again to have it. db
// may be nil for an empty one. An error is a *NewRevisionError, *TargetError or
// *SetError, or one of the database or file system; nothing is written then.
func NewRevision(ctx context.Context, db *engine.Engine, set Set, o RevisionOptions) (*Written, error) {
	g, err := set.graph()
	if err != nil {
		return nil, err
	}
	r, err := o.draft(g)
	if err != nil {
		return nil, err
	}
	if r.Parents, err = g.base(o.Head, o.Splice); err != nil {
		return nil, err
	}
	w := &Written{ID: r.ID}
	if o.Autogenerate {
		switch {
		case o.Metadata == nil:
			return nil, ErrNoMetadata
		case db == nil:
			return nil, errors.New("migrate: can't proceed with autogenerate: no database is given")
		}
		d, err := Check(ctx, db, set, o.Metadata, o.Compare...)
		if err != nil {
			return nil, err
		}
		r.up, r.notes = d.Operations, d.Notes
		var lost []Operation
		r.down, lost = d.Reverse()
		for _, op := range lost {
			of := ObjectOf(op)
			r.notes = append(r.notes, fmt.Sprintf("There is no downgrade: nothing says how to undo the change of %s %s.", of.Kind, of.Name))
		}
		r.oneWay = len(lost) > 0
		if o.Edit != nil {
			if ok, err := o.Edit(&r.up, &r.down); err != nil || !ok {
				return w, err
			}
			r.oneWay = r.oneWay && len(r.down) == 0
		}
		w.Operations, w.Notes = r.up, d.Notes
	}
	w.Path, err = writeRevision(o.dir(set), o.Package, r)
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Merge writes the file of a revision that joins others, which then are one head.
// revisions are ids, the beginnings of ids, branches, or heads. Head, Autogenerate
// and what belongs to it in the options mean nothing.
func Merge(set Set, revisions []string, o RevisionOptions) (*Written, error) {
	g, err := set.graph()
	if err != nil {
		return nil, err
	}
	r, err := o.draft(g)
	if err != nil {
		return nil, err
	}
	r.empty = true
	var parents []*node
	for _, target := range revisions {
		list, err := g.named(target, place{})
		if err != nil {
			return nil, err
		}
		for _, n := range list {
			if !slices.Contains(parents, n) {
				parents = append(parents, n)
			}
		}
	}
	if len(parents) < 2 {
		return nil, fmt.Errorf("migrate: merge: there are not two revisions to join: %s", strings.Join(ids(parents), ", "))
	}
	if err := onlyHeads(parents, o.Splice); err != nil {
		return nil, err
	}
	r.Parents = ids(parents)
	if r.Message == "" {
		r.Message = "merge " + strings.Join(r.Parents, " and ")
	}
	path, err := writeRevision(o.dir(set), o.Package, r)
	if err != nil {
		return nil, err
	}
	return &Written{ID: r.ID, Path: path}, nil
}

// Check compares a database with a model as autogenerate does: an empty Difference
// says that every change of the model has its revision. A database that lacks
// revisions is a *NewRevisionError, ErrNotUpToDate.
func Check(ctx context.Context, db *engine.Engine, set Set, meta *schema.Metadata, opts ...DiffOption) (*Difference, error) {
	if meta == nil {
		return nil, ErrNoMetadata
	}
	if err := CheckHeads(ctx, db, set); err != nil {
		var h *HeadsError
		if errors.As(err, &h) {
			return nil, &NewRevisionError{Kind: ErrNotUpToDate, Revisions: h.Missing, Err: err}
		}
		return nil, err
	}
	g, err := set.graph()
	if err != nil {
		return nil, err
	}
	history, err := g.history()
	if err != nil {
		return nil, err
	}
	return Diff(ctx, db, meta, append(opts[:len(opts):len(opts)], history)...)
}

func (o *RevisionOptions) dir(set Set) string {
	if o.Dir != "" {
		return o.Dir
	}
	if dir := set.Dir(); dir != "" {
		return dir
	}
	return "migrations"
}

// draft is the revision without its parents.
func (o *RevisionOptions) draft(g *graph) (draft, error) {
	r := draft{Revision: Revision{ID: o.ID, Labels: o.Labels, Message: o.Message}, when: o.Now}
	if r.when.IsZero() {
		r.when = time.Now()
	}
	if r.ID == "" {
		r.ID = g.newID()
	}
	for _, name := range append([]string{r.ID}, r.Labels...) {
		if !validID(name) {
			return r, &SetError{Kind: ErrRevisionID, Revisions: []string{r.ID}, Files: []string{"a new revision"}, Name: name}
		}
		n := g.byID[name]
		if n == nil {
			n = g.labels[name]
		}
		if n != nil {
			return r, &SetError{Kind: ErrDuplicate, Revisions: []string{n.ID, r.ID}, Files: []string{n.base(), "a new revision"}, Name: name}
		}
	}
	for _, name := range o.DependsOn {
		n, err := g.find(aim{text: name}, name, nil)
		if err != nil {
			return r, err
		}
		if g.labels[name] != n {
			name = n.ID
		}
		r.DependsOn = append(r.DependsOn, name)
	}
	return r, nil
}

// newID is an id that no revision has.
func (g *graph) newID() string {
	for {
		var b [6]byte
		rand.Read(b[:])
		if id := hex.EncodeToString(b[:]); g.byID[id] == nil && g.labels[id] == nil {
			return id
		}
	}
}

// base are the parents of a new revision.
func (g *graph) base(head string, splice bool) ([]string, error) {
	if head == "" {
		heads := g.heads()
		if len(heads) > 1 {
			return nil, &NewRevisionError{Kind: ErrMultipleHeads, Revisions: ids(heads)}
		}
		return ids(heads), nil
	}
	list, err := g.named(head, place{})
	if err != nil {
		return nil, err
	}
	return ids(list), onlyHeads(list, splice)
}

func onlyHeads(list []*node, splice bool) error {
	for _, n := range list {
		if len(n.children) > 0 && !splice {
			return &NewRevisionError{Kind: ErrNotHead, Revisions: []string{n.ID}}
		}
	}
	return nil
}
