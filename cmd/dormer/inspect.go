package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/internal/commandline"
	"github.com/dormer-orm/dormer/migrate"
	"github.com/dormer-orm/dormer/schema"
)

func inspectCommand(stdout io.Writer) *cobra.Command {
	var format string
	var schemas, tables []string
	var all bool
	c := &cobra.Command{
		Use:   "inspect <url>",
		Short: "Print what a database has",
		Long: `Print what a database has: as text, as a Mermaid diagram of entities and their
relations, or as Go, a package whose model makes the same tables.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			switch format {
			case "text", "mermaid", "go":
			default:
				return &commandline.UsageError{Command: c.CommandPath(), Err: fmt.Errorf("there is no format %q: use text, mermaid or go", format)}
			}
			for _, t := range tables {
				if _, err := path.Match(t, ""); err != nil {
					return &commandline.UsageError{Command: c.CommandPath(), Err: fmt.Errorf("--table %s: %w", t, err)}
				}
			}
			text, err := inspect(c.Context(), existing(args[0]), format, dialect.InspectOptions{
				Schemas: schemas,
				Tables:  func(_, name string) bool { return (all || !kept(name)) && matches(tables, name) },
			})
			if err != nil {
				return err
			}
			fmt.Fprintln(stdout, strings.TrimSuffix(text, "\n"))
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, mermaid or go")
	c.Flags().StringSliceVar(&schemas, "schema", nil, "schemas to read (default all)")
	c.Flags().StringSliceVar(&tables, "table", nil, "tables to read, * stands for any text (default all)")
	c.Flags().BoolVar(&all, "all", false, "print the tables that migrations keep, too")
	if err := c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]cobra.Completion{"text", "mermaid", "go"}, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is not there: a mistake in this function
	}
	return c
}

// kept reports whether a table is one in which migrations keep their books.
func kept(name string) bool { return name == "dormer_version" || name == "dormer_revision" }

func matches(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, _ := path.Match(p, name); ok {
			return true
		}
	}
	return len(patterns) == 0
}

// existing has SQLite open a file that is there, in place of making one.
func existing(url string) string {
	u, err := dialect.ParseURL(url)
	if err != nil || u.Scheme != "sqlite" || u.Query.Has("mode") || u.Host == ":memory:" {
		return url
	}
	if len(u.Query) > 0 {
		return url + "&mode=rw"
	}
	return strings.TrimSuffix(url, "?") + "?mode=rw"
}

func inspect(ctx context.Context, url, format string, o dialect.InspectOptions) (_ string, err error) {
	db, err := engine.Open(url, engine.Metadata(schema.NewMetadata()))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	c, err := migrate.Inspect(ctx, db, o)
	if err != nil {
		return "", err
	}
	return migrate.Describe(c, format)
}
