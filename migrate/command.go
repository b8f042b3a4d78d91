package migrate

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/engine"
)

// Current returns the revisions that the database's version table names, with what
// was recorded of them; none for a database that was never migrated. It changes
// nothing and makes no table. A revision that the program does not have is a
// *VersionError.
func Current(ctx context.Context, db *engine.Engine, set Set) (list []Info, err error) {
	err = withMigrator(ctx, db, set, "current", nil, func(ctx context.Context, m *migrator) error {
		if err := m.read(ctx); err != nil {
			return err
		}
		list, err = m.infos(m.at.rows)
		return err
	})
	return list, err
}

// infos tells of revisions and what the database has of them.
func (m *migrator) infos(of []*node) ([]Info, error) {
	edited, err := m.rec.edited(m.at)
	if err != nil {
		return nil, err
	}
	list := make([]Info, len(of))
	for i, n := range of {
		info := n.info()
		r := m.rec.revs[n.ID]
		info.Applied, info.Current, info.Edited = m.at.applied[n], slices.Contains(m.at.rows, n), slices.Contains(edited, n)
		if info.Applied {
			info.AppliedAt = r.when()
		}
		if r.doing != "" {
			info.Interrupted = fmt.Sprintf("%s, after %d operations", r.doing, r.operations)
		}
		list[i] = info
	}
	return list, nil
}

// HeadsError says which heads the database lacks. It is ErrNotAtHeads.
type HeadsError struct{ Missing []string }

func (e *HeadsError) Error() string {
	return ErrNotAtHeads.Error() + ": it lacks " + strings.Join(e.Missing, ", ") + ": run upgrade heads"
}

// Is reports whether target is ErrNotAtHeads.
func (e *HeadsError) Is(target error) bool { return target == ErrNotAtHeads }

// CheckHeads returns a *HeadsError unless the database has all heads.
func CheckHeads(ctx context.Context, db *engine.Engine, set Set) error {
	return withMigrator(ctx, db, set, "current", nil, func(ctx context.Context, m *migrator) error {
		if err := m.read(ctx); err != nil {
			return err
		}
		e := &HeadsError{}
		for _, n := range m.g.heads() {
			if !m.at.applied[n] {
				e.Missing = append(e.Missing, n.ID)
			}
		}
		if len(e.Missing) > 0 {
			return e
		}
		return nil
	})
}

// History lists the revisions of a range start:end, both included, or all under "",
// the latest first. An end may be left out, and be a branch, base, head, current, or
// relative to the other one, as -3:current and ae10:+2. db may be nil where the
// range does not name current: then nothing is told of a database. A range that is
// none is a *TargetError.
func History(ctx context.Context, db *engine.Engine, set Set, revisions string) (list []Info, err error) {
	if db == nil {
		g, err := set.graph()
		if err != nil {
			return nil, err
		}
		if strings.Contains(revisions, "current") {
			return nil, fmt.Errorf("migrate: history: the range %s needs a database", revisions)
		}
		of, err := g.span(revisions, place{})
		for _, n := range slices.Backward(of) {
			list = append(list, n.info())
		}
		return list, err
	}
	err = withMigrator(ctx, db, set, "history", nil, func(ctx context.Context, m *migrator) error {
		if err := m.read(ctx); err != nil {
			return err
		}
		of, err := m.g.span(revisions, m.at)
		if err != nil {
			return err
		}
		list, err = m.infos(of)
		slices.Reverse(list)
		return err
	})
	return list, err
}

// Heads lists the revisions that are no other one's parent; resolve leaves out those
// that others depend on.
func Heads(set Set, resolve bool) ([]Info, error) {
	return listed(set, func(n *node) bool { return len(n.children) == 0 && (!resolve || len(n.wanting) == 0) })
}

// Branches lists the revisions that several others have as a parent.
func Branches(set Set) ([]Info, error) {
	return listed(set, func(n *node) bool { return len(n.children) > 1 })
}

func listed(set Set, which func(*node) bool) (list []Info, err error) {
	g, err := set.graph()
	if err != nil {
		return nil, err
	}
	for _, n := range g.nodes {
		if which(n) {
			list = append(list, n.info())
		}
	}
	return list, nil
}

// Show returns the revisions that a target names: an id or the beginning of one,
// head, heads, a branch, or current, for which alone db is asked; else it may be
// nil.
func Show(ctx context.Context, db *engine.Engine, set Set, target string) (list []Info, err error) {
	if db != nil {
		err = withMigrator(ctx, db, set, "show", nil, func(ctx context.Context, m *migrator) error {
			if err := m.read(ctx); err != nil {
				return err
			}
			of, err := m.g.named(target, m.at)
			if err == nil {
				list, err = m.infos(of)
			}
			return err
		})
		return list, err
	}
	g, err := set.graph()
	if err != nil {
		return nil, err
	}
	if strings.Contains(target, "current") {
		return nil, fmt.Errorf("migrate: show: %s needs a database", target)
	}
	of, err := g.named(target, place{})
	for _, n := range of {
		list = append(list, n.info())
	}
	return list, err
}

// named resolves a target to revisions.
func (g *graph) named(target string, at place) ([]*node, error) {
	a := parseTarget(target)
	scope, err := g.scope(a)
	if err != nil {
		return nil, err
	}
	if a.relative {
		n, err := g.start(a, scope, at)
		if err == nil {
			n, err = g.walk(a, n, scope)
		}
		if err != nil || n == nil {
			return nil, err
		}
		return []*node{n}, nil
	}
	list, _, err := g.fixed(a, scope, at)
	return list, err
}

// File is the path of the one revision that a target names, for an editor. A program
// that was built with -trimpath, or elsewhere, does not know it.
func File(set Set, target string) (string, error) {
	g, err := set.graph()
	if err != nil {
		return "", err
	}
	list, err := g.named(target, place{})
	if err != nil {
		return "", err
	}
	if len(list) != 1 {
		return "", parseTarget(target).fail(ErrMultipleHeads, list...)
	}
	if !filepath.IsAbs(list[0].file) {
		return "", fmt.Errorf("migrate: where file %s is was left out of the program when it was built: run it by go run, without -trimpath", list[0].file)
	}
	return list[0].file, nil
}

// EnsureVersion makes the tables that migrations keep in the database, if they are
// not there, and nothing else.
func EnsureVersion(ctx context.Context, db *engine.Engine, opts ...RunOption) error {
	return withMigrator(ctx, db, Set{}, "ensure version", opts, func(ctx context.Context, m *migrator) error {
		return m.write(ctx, func() ([]write, error) { return m.store.create(m.rec) })
	})
}

// write runs statements under the lock, in a transaction. m.rec is what is there.
func (m *migrator) write(ctx context.Context, f func() ([]write, error)) error {
	unlock, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	session := m.d.MigrationLock().Try != ""
	if session {
		if m.rec, err = m.store.read(ctx, m.c); err != nil {
			return err
		}
	}
	if err := m.begin(ctx); err != nil {
		return err
	}
	defer func() { _ = m.c.Rollback(ctx) }()
	if !session {
		if m.rec, err = m.store.read(ctx, m.c); err != nil {
			return err
		}
	}
	list, err := f()
	if err == nil {
		err = m.store.do(ctx, m.c, list...)
	}
	if err != nil {
		return err
	}
	return m.c.Commit(ctx)
}
