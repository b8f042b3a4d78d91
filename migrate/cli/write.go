package cli

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/migrate"
)

func (p *program) revision() *cobra.Command {
	var o migrate.RevisionOptions
	var sql bool
	c := &cobra.Command{
		Use:   "revision",
		Short: "Write the file of a new revision",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if sql && o.Autogenerate {
				return usage(c, "--sql with --autogenerate is not allowed: the database is what the model is compared with")
			}
			if o.Autogenerate {
				if err := p.compares(); err != nil {
					return err
				}
			}
			o.Dir, o.Metadata, o.Compare, o.Edit = p.files(), p.meta, p.compare, p.edit
			if !o.Autogenerate {
				return p.write(migrate.NewRevision(c.Context(), nil, p.set, o))
			}
			return p.with(func(c *cobra.Command, db *engine.Engine, _ []string) error {
				w, err := migrate.NewRevision(c.Context(), db, p.set, o)
				if err == nil && len(w.Operations) == 0 && w.Path != "" {
					p.say("No changes were found: the revision is empty.")
				}
				return p.write(w, err)
			})(c, nil)
		},
	}
	f := c.Flags()
	f.StringVarP(&o.Message, "message", "m", "", "the revision's title")
	f.BoolVar(&o.Autogenerate, "autogenerate", false, "fill it with what the model has and the database lacks")
	f.BoolVar(&sql, "sql", false, "ask no database (which is so without --autogenerate)")
	f.StringVar(&o.Head, "head", "", "the revision that it comes after, or <branch>@head, or base to begin another history")
	f.BoolVar(&o.Splice, "splice", false, "let it come after a revision that is no head")
	f.StringSliceVar(&o.DependsOn, "depends-on", nil, "revisions of other branches that must be applied before")
	p.naming(c, &o)
	p.complete(c, "head", "depends-on")
	return c
}

func (p *program) naming(c *cobra.Command, o *migrate.RevisionOptions) {
	c.Flags().StringSliceVar(&o.Labels, "branch-label", nil, "a name for the branch")
	c.Flags().StringVar(&o.ID, "rev-id", "", "the revision's id, in place of a new one")
}

func (p *program) merge() *cobra.Command {
	var o migrate.RevisionOptions
	c := &cobra.Command{
		Use:   "merge [revision]...",
		Short: "Write a revision that joins several heads, all of them unless some are named",
		Args:  cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"heads"}
			}
			o.Dir = p.files()
			return p.write(migrate.Merge(p.set, args, o))
		},
		ValidArgsFunction: p.targets("heads"),
	}
	c.Flags().StringVarP(&o.Message, "message", "m", "", "the revision's title")
	c.Flags().BoolVar(&o.Splice, "splice", false, "let it come after revisions that are no heads")
	p.naming(c, &o)
	return c
}

// write tells of a file that was written.
func (p *program) write(w *migrate.Written, err error) error {
	if err != nil {
		return err
	}
	for _, n := range w.Notes {
		p.say("%s", n)
	}
	if w.Path == "" {
		p.say("No revision was written.")
		return nil
	}
	fmt.Fprintln(p.out, relative(w.Path))
	for _, o := range w.Operations {
		if lost := o.Loses(); lost != "" {
			p.say("It loses %s: upgrade refuses that where there is any, unless --allow-data-loss is given.", lost)
		}
	}
	return nil
}

func (p *program) editFile() *cobra.Command {
	return &cobra.Command{
		Use:   "edit [revision]",
		Short: "Open a revision's file in $EDITOR",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			target := "head"
			if len(args) > 0 {
				target = args[0]
			}
			editor := strings.Fields(os.Getenv("VISUAL"))
			if len(editor) == 0 {
				editor = strings.Fields(os.Getenv("EDITOR"))
			}
			if len(editor) == 0 {
				return fmt.Errorf("migrate: edit: no editor: set EDITOR, as in EDITOR=vi")
			}
			path, err := p.file(c, target)
			if err != nil {
				return err
			}
			cmd := exec.CommandContext(c.Context(), editor[0], append(editor[1:], path)...)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = c.InOrStdin(), p.out, p.err
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("migrate: edit: %s: %w", editor[0], err)
			}
			return nil
		},
		ValidArgsFunction: p.targets("head", "current"),
	}
}

// file is the path of the one revision that a target names.
func (p *program) file(c *cobra.Command, target string) (path string, err error) {
	if !strings.Contains(target, "current") {
		return migrate.File(p.set, target)
	}
	err = p.with(func(c *cobra.Command, db *engine.Engine, _ []string) error {
		list, err := migrate.Show(c.Context(), db, p.set, target)
		if err != nil {
			return err
		}
		if len(list) != 1 {
			return fmt.Errorf("migrate: edit: %s is %d revisions: name one of them by its id", target, len(list))
		}
		path, err = migrate.File(p.set, list[0].ID)
		return err
	})(c, nil)
	return path, err
}
