package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dormer-orm/dormer/migrate/cli"
)

func initCommand(stdout, stderr io.Writer) *cobra.Command {
	var o cli.InitOptions
	c := &cobra.Command{
		Use:   "init [folder]",
		Short: "Write a folder of revisions and the command that runs them",
		Long: "Write a folder of revisions, migrations unless another is named, and the command\nthat runs them, cmd/migrate. Both are relative to the module's root. The packages\n" +
			"that define tables and the drivers are those found in the module.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.Dir = args[0]
			}
			s, err := cli.Init(c.Context(), o)
			if err != nil {
				return err
			}
			for _, f := range s.Files {
				fmt.Fprintln(stdout, relative(f))
			}
			command := relative(filepath.Dir(s.Files[len(s.Files)-1]))
			if len(s.Models) == 0 {
				fmt.Fprintf(stderr, "No package defines tables yet: import yours in %s.\n", relative(s.Files[len(s.Files)-1]))
			}
			for _, m := range s.Mains {
				fmt.Fprintf(stderr, "The tables of %s are not part of it: it is a program, which nothing can import. Move them to a package of their own.\n", m)
			}
			fmt.Fprintf(stderr, "Run go mod tidy, then: go run ./%s revision --autogenerate -m \"first\" --url sqlite://app.db\n", filepath.ToSlash(command))
			return nil
		},
	}
	c.Flags().StringVar(&o.Command, "command", "", "the folder of the command (default cmd/migrate)")
	c.Flags().StringSliceVar(&o.Models, "model", nil, "import paths of the packages that define tables")
	c.Flags().StringSliceVar(&o.Drivers, "driver", nil, "import paths of database drivers")
	return c
}

// relative is a path as the user would write it.
func relative(path string) string {
	dir, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(dir, path); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return path
}
