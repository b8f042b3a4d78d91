package migrate

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Revision is one step of a database's history: what to do to get there from its
// parents, and back. It is plain data, added to a Set by an init function.
type Revision struct {
	// ID names the revision: letters, digits and underscores. It stands last in
	// the file's name.
	ID string
	// Parents are the ids of the revisions before this one: none for the first of
	// a history or branch, several for a merge.
	Parents []string
	// DependsOn are ids or labels of revisions of other branches that must be
	// applied before, while the branches stay apart.
	DependsOn []string
	// Labels name the branch that the revision stands on.
	Labels []string
	// Message is the revision's title.
	Message string
	// Upgrade notes what leads here from the parents, Downgrade what leads back.
	// A nil Upgrade changes nothing; without Downgrade there is no way back, unless
	// there is nothing to undo. They may be called any number of times, and must
	// note the same operations each time.
	Upgrade, Downgrade func(*Op)
}

// String is the id with the message.
func (r Revision) String() string {
	if r.Message == "" {
		return r.ID
	}
	return fmt.Sprintf("%s (%s)", r.ID, r.Message)
}

// Info is what commands tell of a revision. The fields about the database are
// zero where none was asked.
type Info struct {
	ID        string
	Parents   []string
	DependsOn []string
	// Labels are those of all branches that the revision is part of.
	Labels  []string
	Message string
	// File is the path of the file that adds the revision, as it was compiled.
	File string
	// Children are the revisions that name this one as a parent.
	Children []string
	// Head: no revision has it as a parent. Branch: several have. Merge: it has
	// several parents itself.
	Head, Branch, Merge bool

	// Applied: the database has it. Current: it is one of the database's heads.
	Applied, Current bool
	// AppliedAt is when it was applied, as far as that was recorded.
	AppliedAt time.Time
	// Edited: its operations are no longer those that were applied.
	Edited bool
	// Interrupted says how far a run got that did not end, "" if none did.
	Interrupted string
}

func (n *node) info() Info {
	i := Info{
		ID: n.ID, Parents: slices.Clone(n.Parents), DependsOn: slices.Clone(n.DependsOn), Labels: n.sortedLabels(),
		Message: n.Message, File: n.file, Children: ids(n.children),
		Head: len(n.children) == 0, Branch: len(n.children) > 1, Merge: len(n.parents) > 1,
	}
	return i
}

// String is one line, as history lists it: parents -> id (labels) (head), message.
func (i Info) String() string {
	var b strings.Builder
	from := strings.Join(i.Parents, ", ")
	if from == "" {
		from = "<base>"
	}
	fmt.Fprintf(&b, "%s -> %s", from, i.ID)
	b.WriteString(i.marks())
	if i.Message != "" {
		b.WriteString(", " + i.Message)
	}
	return b.String()
}

func (i Info) marks() string {
	var b strings.Builder
	if len(i.Labels) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(i.Labels, ", "))
	}
	for _, m := range []struct {
		is   bool
		mark string
	}{{i.Head, "head"}, {i.Branch, "branchpoint"}, {i.Merge, "mergepoint"}, {i.Current, "current"}, {i.Edited, "edited since it was applied"}, {i.Interrupted != "", "interrupted"}} {
		if m.is {
			fmt.Fprintf(&b, " (%s)", m.mark)
		}
	}
	return b.String()
}

// Verbose is all of it, on several lines.
func (i Info) Verbose() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Revision: %s%s\n", i.ID, i.marks())
	line := func(name string, list []string) {
		if len(list) > 0 {
			fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(list, ", "))
		}
	}
	switch {
	case len(i.Parents) == 0:
		b.WriteString("Parent: <base>\n")
	case i.Merge:
		line("Merges", i.Parents)
	default:
		line("Parent", i.Parents)
	}
	line("Depends on", i.DependsOn)
	if i.Branch {
		line("Branches into", i.Children)
	}
	if i.File != "" {
		fmt.Fprintf(&b, "Path: %s\n", i.File)
	}
	if !i.AppliedAt.IsZero() {
		fmt.Fprintf(&b, "Applied: %s\n", i.AppliedAt.Format(time.RFC3339))
	}
	if i.Interrupted != "" {
		fmt.Fprintf(&b, "Interrupted: %s\n", i.Interrupted)
	}
	if i.Message != "" {
		fmt.Fprintf(&b, "\n    %s\n", i.Message)
	}
	return b.String()
}

// base is the name of the revision's file, for messages.
func (n *node) base() string {
	if n.file == "" {
		return "an unknown file"
	}
	return filepath.Base(n.file)
}
