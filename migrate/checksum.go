package migrate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// operations calls a revision's function and returns what it noted.
func (n *node) operations(down bool) (ops []Operation, err error) {
	f, what := n.Upgrade, "Upgrade"
	if down {
		f, what = n.Downgrade, "Downgrade"
	}
	if f == nil {
		return nil, nil
	}
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("migrate: revision %s in file %s: %s panicked: %v", n.ID, n.base(), what, v)
		}
	}()
	var op Op
	f(&op)
	return op.Operations(), nil
}

// checksum sums up what a revision does in both directions, on whatever database.
// Of code that it runs only the presence counts.
func (n *node) checksum() (string, error) {
	h := sha256.New()
	for _, down := range []bool{false, true} {
		ops, err := n.operations(down)
		if err != nil {
			return "", err
		}
		text, err := printOps(ops)
		if err != nil {
			return "", fmt.Errorf("migrate: revision %s in file %s: %w", n.ID, n.base(), err)
		}
		fmt.Fprintf(h, "%v %d\n%s", down, len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// EditedError says that revisions do something else now than when they were
// applied.
type EditedError struct {
	Revisions, Files []string
}

// Error names the files and what to do.
func (e *EditedError) Error() string {
	return fmt.Sprintf("migrate: applied revisions were edited afterwards: %s (%s): undo the edit and write a new revision for the change; to accept the files as they are, stamp the current revision again, or go on once with AllowEdited (--allow-edited)",
		strings.Join(e.Revisions, ", "), strings.Join(e.Files, ", "))
}

// edited finds the applied revisions whose operations are no longer those that
// were recorded.
func (r *record) edited(at place) ([]*node, error) {
	var out []*node
	for _, n := range at.applied.ordered() {
		was, known := r.revs[n.ID]
		if !known || was.checksum == "" {
			continue
		}
		now, err := n.checksum()
		if err != nil {
			return nil, err
		}
		if now != was.checksum {
			out = append(out, n)
		}
	}
	return slices.Clip(out), nil
}

func editedError(list []*node) error {
	if len(list) == 0 {
		return nil
	}
	e := &EditedError{}
	for _, n := range list {
		e.Revisions, e.Files = append(e.Revisions, n.ID), append(e.Files, n.base())
	}
	return e
}
