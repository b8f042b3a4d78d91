package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/uow"
)

// check returns an error unless the library has a package of the path that a flag
// names, or one that imports it. "" is a flag that was not given.
func (lib *library) check(flag, path string) error {
	if path == "" {
		return nil
	}
	var near []string
	for _, p := range lib.packages {
		if p.Path == path {
			return nil
		}
		if strings.HasSuffix(p.Path, "/"+path) {
			near = append(near, p.Path)
		}
	}
	slices.Sort(near)
	hint := ""
	if len(near) > 0 {
		hint = ": did you mean " + strings.Join(near[:min(len(near), 3)], " or ") + "?"
	}
	return fmt.Errorf("%s: there is no package %q%s", flag, path, hint)
}

// Graph returns all packages by path, with what they import and who imports
// them, tests aside. It takes three statements, however many packages there are.
func (s PackageService) Graph(ctx context.Context) (map[string]*Package, error) {
	all, err := s.Query().With(
		Packages.Imports.OrderBy(Packages.Path.Asc()),
		Packages.ImportedBy.OrderBy(Packages.Path.Asc()),
	).All(ctx)
	if err != nil {
		return nil, err
	}
	byPath := make(map[string]*Package, len(all))
	for _, p := range all {
		byPath[p.Path] = p
	}
	return byPath, nil
}

// explain prints how from comes to import why, and what why imports. Without a
// from it is the package furthest from why.
func (p *program) explain(ctx context.Context, s services, why, from string) error {
	before := p.statements.Load()
	var graph map[string]*Package
	if err := uow.Run(ctx, s.db, func(ctx context.Context, _ *uow.UnitOfWork) (err error) {
		graph, err = s.packages.Graph(ctx)
		return err
	}, uow.ReadOnly()); err != nil {
		return err
	}
	sent := p.statements.Load() - before

	// The entities stay as they were loaded, so the rest is walking.
	target := graph[why]
	away, furthest := distances(target)
	start := furthest
	if from != "" {
		start = graph[from]
	}
	_, reached := away[start]
	fmt.Fprintln(p.stdout)
	switch {
	case from == "" && start == target:
		fmt.Fprintf(p.stdout, "no package imports %s\n", why)
	case !reached:
		fmt.Fprintf(p.stdout, "%s does not import %s, nor does what it imports\n", from, why)
	default:
		fmt.Fprintf(p.stdout, "the shortest import path from %s to %s has %s:\n  %s\n",
			start.Path, why, counted(away[start], "step"), strings.Join(route(start, away), " → "))
	}

	imports, _ := target.Imports.Loaded()
	if len(imports) == 0 {
		fmt.Fprintf(p.stdout, "\n%s imports nothing\n", why)
	} else {
		t := importTree{done: make(map[*Package]bool)}
		t.grow(target, 0)
		fmt.Fprintf(p.stdout, "\n%s imports %s, and with what these import %d:\n", why, counted(len(imports), "package"), len(t.done)-1)
		if _, err := io.WriteString(p.stdout, t.text.String()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(p.stdout, "\nloaded in %s, BEGIN and COMMIT included\n", counted(int(sent), "SQL statement"))
	return err
}

// distances are how many imports lead from each package that imports p, through
// others or not, to p; and the package from which it is most, the first of them
// by path.
func distances(p *Package) (away map[*Package]int, furthest *Package) {
	away = map[*Package]int{p: 0}
	furthest = p
	for level := []*Package{p}; len(level) > 0; {
		var next []*Package
		for _, q := range level {
			importers, _ := q.ImportedBy.Loaded()
			for _, r := range importers {
				if _, seen := away[r]; !seen {
					away[r] = away[q] + 1
					next = append(next, r)
				}
			}
		}
		if len(next) > 0 {
			furthest = slices.MinFunc(next, func(a, b *Package) int { return strings.Compare(a.Path, b.Path) })
		}
		level = next
	}
	return away, furthest
}

// route is the shortest path from a package to where the distance is 0; of
// several, the first by path.
func route(p *Package, away map[*Package]int) []string {
	paths := []string{p.Path}
	for away[p] > 0 {
		imports, _ := p.Imports.Loaded()
		for _, q := range imports {
			if n, ok := away[q]; ok && n == away[p]-1 {
				p = q
				break
			}
		}
		paths = append(paths, p.Path)
	}
	return paths
}

// importTree is what a package imports, each package with its own imports where it
// comes first, and marked where it comes again.
type importTree struct {
	text strings.Builder
	done map[*Package]bool
}

func (t *importTree) grow(p *Package, depth int) {
	t.text.WriteString(strings.Repeat("  ", depth) + p.Path)
	if t.done[p] {
		t.text.WriteString(" (above)\n")
		return
	}
	t.text.WriteByte('\n')
	t.done[p] = true
	imports, _ := p.Imports.Loaded()
	for _, q := range imports {
		t.grow(q, depth+1)
	}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
