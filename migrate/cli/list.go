package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/migrate"
)

// print lists revisions, one a line, or verbose with an empty line between.
func (p *program) print(list []migrate.Info, verbose bool) {
	for i, r := range list {
		r.File = relative(r.File)
		switch {
		case !verbose:
			fmt.Fprintln(p.out, r)
		case i > 0:
			fmt.Fprintf(p.out, "\n%s", r.Verbose())
		default:
			fmt.Fprint(p.out, r.Verbose())
		}
	}
}

func (p *program) current() *cobra.Command {
	var verbose, heads bool
	c := &cobra.Command{
		Use:   "current",
		Short: "List the revisions that the database is at",
		Args:  cobra.NoArgs,
		RunE: p.with(func(c *cobra.Command, db *engine.Engine, _ []string) error {
			list, err := migrate.Current(c.Context(), db, p.set)
			if err != nil {
				return err
			}
			for i := range list {
				list[i].Current = false // that it is goes without saying
			}
			p.print(list, verbose)
			if len(list) == 0 {
				p.say("The database is at base: no revision is applied.")
			}
			if heads {
				return migrate.CheckHeads(c.Context(), db, p.set)
			}
			return nil
		}),
	}
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "tell more of each")
	c.Flags().BoolVar(&heads, "check-heads", false, "fail unless the database has all heads")
	return c
}

func (p *program) history() *cobra.Command {
	var verbose, indicate bool
	var span string
	c := &cobra.Command{
		Use:   "history",
		Short: "List the revisions, the latest first",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if span != "" && !strings.Contains(span, ":") {
				return usage(c, "history range must be [start]:[end], [start]:, or :[end], not %s", span)
			}
			if !indicate && !strings.Contains(span, "current") {
				list, err := migrate.History(c.Context(), nil, p.set, span)
				p.print(list, verbose)
				return err
			}
			return p.with(func(c *cobra.Command, db *engine.Engine, _ []string) error {
				list, err := migrate.History(c.Context(), db, p.set, span)
				p.print(list, verbose)
				return err
			})(c, args)
		},
	}
	c.Flags().StringVarP(&span, "rev-range", "r", "", "a range, [start]:[end]; the ends may be relative, and current")
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "tell more of each")
	c.Flags().BoolVarP(&indicate, "indicate-current", "i", false, "mark what the database is at")
	return c
}

func (p *program) heads() *cobra.Command {
	var verbose, resolve bool
	c := &cobra.Command{
		Use:   "heads",
		Short: "List the revisions that no other comes after",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			list, err := migrate.Heads(p.set, resolve)
			p.print(list, verbose)
			return err
		},
	}
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "tell more of each")
	c.Flags().BoolVar(&resolve, "resolve-dependencies", false, "leave out those that others depend on")
	return c
}

func (p *program) branches() *cobra.Command {
	var verbose bool
	c := &cobra.Command{
		Use:   "branches",
		Short: "List the revisions that several others come after",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := migrate.Branches(p.set)
			if err != nil {
				return err
			}
			for _, r := range list {
				p.print([]migrate.Info{r}, verbose)
				for _, id := range r.Children {
					child, err := migrate.Show(c.Context(), nil, p.set, id)
					if err != nil {
						return err
					}
					fmt.Fprintf(p.out, "    %s\n", child[0])
				}
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "tell more of each")
	return c
}

func (p *program) show() *cobra.Command {
	return &cobra.Command{
		Use:   "show <revision>",
		Short: "Tell all of a revision: an id, head, heads, or current",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if !strings.Contains(args[0], "current") {
				list, err := migrate.Show(c.Context(), nil, p.set, args[0])
				p.print(list, true)
				return err
			}
			return p.with(func(c *cobra.Command, db *engine.Engine, args []string) error {
				list, err := migrate.Show(c.Context(), db, p.set, args[0])
				p.print(list, true)
				return err
			})(c, args)
		},
		ValidArgsFunction: p.targets("head", "heads", "current"),
	}
}

// targets completes an argument: words, ids, and branches.
func (p *program) targets(words ...string) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		out := append([]cobra.Completion(nil), words...)
		list, err := migrate.History(c.Context(), nil, p.set, "")
		if err != nil {
			return out, cobra.ShellCompDirectiveNoFileComp
		}
		seen := map[string]bool{}
		for _, r := range list {
			out = append(out, cobra.CompletionWithDesc(r.ID, r.Message))
			for _, l := range r.Labels {
				if !seen[l] {
					out = append(out, l+"@head")
				}
				seen[l] = true
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// complete completes flags that name revisions.
func (p *program) complete(c *cobra.Command, flags ...string) {
	for _, f := range flags {
		if err := c.RegisterFlagCompletionFunc(f, p.targets("head")); err != nil {
			panic(err) // the flag is not there: a mistake in this package
		}
	}
}
