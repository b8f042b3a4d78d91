package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dormer-orm/dormer/uow"
)

// kindTotal is the sum of a kind of files.
type kindTotal struct {
	Kind               FileKind
	Files, Size, Lines int64
}

// report prints what the database knows, all from one read-only transaction.
func (s services) report(ctx context.Context, w io.Writer) error {
	return uow.Run(ctx, s.db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		for _, part := range []func(context.Context, *uow.UnitOfWork, io.Writer) error{
			s.totals, s.mostImported, s.unsafeImporters, s.largest,
		} {
			if err := part(ctx, tx, w); err != nil {
				return err
			}
		}
		return nil
	}, uow.ReadOnly())
}

// totals are sums, which no entity has, and rows of imports, which are none:
// hand-written SQL, whose columns go to fields by Dormer's names, in the unit's
// transaction.
func (s services) totals(ctx context.Context, tx *uow.UnitOfWork, w io.Writer) error {
	packages, err := s.packages.Listed().Count(ctx)
	if err != nil {
		return err
	}
	var imports int64
	if err := tx.Get(ctx, &imports, `SELECT (SELECT count(*) FROM imports) + (SELECT count(*) FROM test_imports) + (SELECT count(*) FROM x_test_imports)`); err != nil {
		return err
	}
	var kinds []kindTotal
	if err := tx.Select(ctx, &kinds, `SELECT kind, count(*) AS files, coalesce(sum(size), 0) AS size, coalesce(sum(lines), 0) AS lines
		FROM files GROUP BY kind ORDER BY count(*) DESC, CAST(kind AS text)`); err != nil {
		return err
	}
	var all kindTotal
	for _, k := range kinds {
		all.Files, all.Size, all.Lines = all.Files+k.Files, all.Size+k.Size, all.Lines+k.Lines
	}
	fmt.Fprintf(w, "\n%d packages, %d files, %d imports\n\n", packages, all.Files, imports)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "files\tlines\tsize\t  kind")
	for _, k := range kinds {
		fmt.Fprintf(t, "%d\t%d\t%s\t  %s\n", k.Files, k.Lines, bytesText(k.Size), k.Kind)
	}
	fmt.Fprintf(t, "%d\t%d\t%s\t  all\n", all.Files, all.Lines, bytesText(all.Size))
	return t.Flush()
}

func (s services) mostImported(ctx context.Context, _ *uow.UnitOfWork, w io.Writer) error {
	top, err := s.packages.MostImported(ctx, 10)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\nmost imported (by packages' own code, tests aside):\n")
	for _, p := range top {
		importers, _ := p.ImportedBy.Loaded()
		fmt.Fprintf(w, "%7d  %s\n", len(importers), p.Path)
	}
	return nil
}

func (s services) unsafeImporters(ctx context.Context, _ *uow.UnitOfWork, w io.Writer) error {
	list, err := s.packages.Importers(ctx, "unsafe")
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d packages import unsafe:\n", len(list))
	line := " "
	for _, p := range list {
		if len(line)+1+len(p.Path) > 100 {
			fmt.Fprintln(w, line)
			line = " "
		}
		line += " " + p.Path
	}
	if strings.TrimSpace(line) != "" {
		fmt.Fprintln(w, line)
	}
	return nil
}

func (s services) largest(ctx context.Context, _ *uow.UnitOfWork, w io.Writer) error {
	list, err := s.files.Largest(ctx, 10)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\nlargest files:\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, f := range list {
		p, _ := f.Package.Loaded()
		fmt.Fprintf(t, "%s\t%d lines\t  %s/%s\n", bytesText(f.Size), f.Lines, p.Path, f.Name)
	}
	return t.Flush()
}

// stream reads all files one by one, in constant memory.
func (s services) stream(ctx context.Context, w io.Writer) error {
	var n, size int64
	for f, err := range s.files.Untracked().Query().Stream(ctx) {
		if err != nil {
			return err
		}
		n++
		size += f.Size
	}
	_, err := fmt.Fprintf(w, "\nstreamed %d files, %s\n", n, bytesText(size))
	return err
}

// summary prints the phases.
func (p *program) summary() error {
	fmt.Fprintln(p.stdout)
	t := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "phase\ttime\tSQL statements\t")
	var all phase
	for _, ph := range p.phases {
		fmt.Fprintf(t, "%s\t%s\t%d\t\n", ph.name, ph.took.Round(time.Millisecond), ph.statements)
		all.took, all.statements = all.took+ph.took, all.statements+ph.statements
	}
	fmt.Fprintf(t, "all\t%s\t%d\t\n", all.took.Round(time.Millisecond), all.statements)
	return t.Flush()
}

// bytesText is a size for people.
func bytesText(n int64) string {
	switch {
	case n < 10_000:
		return fmt.Sprintf("%d B", n)
	case n < 10_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
