package migrate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/dormer-orm/dormer/engine"
)

// Stamp writes down that the database is at the targets, without running anything:
// ids, head, heads, branches, or base for none. Revisions of the database that are
// neither before nor after a target stay, unless the target is base or Purge is
// given. base stands alone: beside others it is a *TargetError of ErrStampTarget. Checksums are recorded as the files are now, and a run that was
// interrupted counts as finished.
func Stamp(ctx context.Context, db *engine.Engine, set Set, targets []string, opts ...RunOption) error {
	return withMigrator(ctx, db, set, "stamp", opts, func(ctx context.Context, m *migrator) error {
		return m.write(ctx, func() ([]write, error) { return m.stamp(targets) })
	})
}

func (m *migrator) stamp(targets []string) (list []write, err error) {
	if len(targets) == 0 {
		return nil, errors.New("migrate: stamp: name the revision that the database is at, such as head or an id")
	}
	if list, err = m.store.create(m.rec); err != nil {
		return nil, err
	}
	if m.o.purge {
		list = append(list, write{"DELETE FROM " + versionTable, -1}, write{"DELETE FROM " + revisionTable, -1})
		m.rec.rows, m.rec.revs = nil, map[string]recorded{}
	}
	at, err := m.g.place(m.rec)
	if err != nil {
		return nil, err
	}
	to, err := m.g.stamped(targets, at)
	if err != nil {
		return nil, err
	}
	list = append(list, m.store.move(m.rec, ids(to.rows))...)
	for _, id := range slices.Sorted(maps.Keys(m.rec.revs)) {
		if n := m.g.byID[id]; n == nil || !to.applied[n] {
			list = append(list, m.store.forget(m.rec, id))
		}
	}
	for _, n := range to.applied.ordered() {
		sum, err := n.checksum()
		if err != nil {
			return nil, err
		}
		if was, known := m.rec.revs[n.ID]; known && was.checksum == sum && was.doing == "" {
			continue
		}
		list = append(list, m.store.note(m.rec, n, sum, "", 0))
	}
	return list, nil
}

// stamped is where a database is after a stamp: at the targets, and where it was on
// branches that they are not part of.
func (g *graph) stamped(targets []string, at place) (place, error) {
	var to []*node
	keep := true
	for _, target := range targets {
		a := parseTarget(target)
		if a.symbol == "base" && a.branch == "" && !a.relative {
			if others := slices.DeleteFunc(slices.Clone(targets), func(s string) bool { return s == target }); len(others) > 0 {
				return place{}, &TargetError{Kind: ErrStampTarget, Target: target, Candidates: others}
			}
			keep = false
			continue
		}
		if a.symbol == "base" && !a.relative { // the branch alone
			scope, err := g.scope(a)
			if err != nil {
				return place{}, err
			}
			gone := closure(within(g.bases(), scope), (*node).above)
			left := nodes{}
			for n := range at.applied {
				if !gone[n] {
					left[n] = true
				}
			}
			at = place{left, left.rows()}
			continue
		}
		list, err := g.named(target, at)
		if err != nil {
			var te *TargetError
			if errors.As(err, &te) && te.Kind == ErrMultipleHeads {
				return place{}, fmt.Errorf("migrate: stamp: multiple heads are present; please specify a single target revision, or 'heads' for all: %w", err)
			}
			return place{}, err
		}
		to = append(to, list...)
	}
	all := closure(to, (*node).below)
	if keep {
		for _, n := range at.rows {
			related := slices.ContainsFunc(to, func(t *node) bool {
				return closure([]*node{t}, (*node).below)[n] || closure([]*node{t}, (*node).above)[n]
			})
			if !related {
				for m := range closure([]*node{n}, (*node).below) {
					all[m] = true
				}
			}
		}
	}
	return place{all, all.rows()}, nil
}
