package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dormer-orm/dormer/internal/commandline"
	"github.com/dormer-orm/dormer/internal/vet"
)

func vetCommand(stdout, stderr io.Writer) *cobra.Command {
	var fix, diff, json bool
	var tags string
	var only, skip []string
	names := checks()
	c := &cobra.Command{
		Use:   "vet [package]...",
		Short: "Find mistakes with Dormer that compile",
		Long: "Find mistakes with Dormer that compile, in packages and their tests. The checks:\n\n" + described() +
			"\nIt is go vet with this program as its -vettool.",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			for _, n := range slices.Concat(only, skip) {
				if !slices.Contains(names, n) {
					return &commandline.UsageError{Command: c.CommandPath(), Err: fmt.Errorf("there is no check %q: use %s", n, strings.Join(names, ", "))}
				}
			}
			self, err := os.Executable()
			if err != nil {
				return fmt.Errorf("vet: find this program, which go vet calls: %w", err)
			}
			line := []string{"vet", "-vettool=" + self}
			for name, on := range map[string]bool{"-fix": fix || diff, "-diff": diff, "-json": json} {
				if on {
					line = append(line, name)
				}
			}
			if tags != "" {
				line = append(line, "-tags="+tags)
			}
			for _, n := range only {
				line = append(line, "-"+n)
			}
			for _, n := range skip {
				line = append(line, "-"+n+"=false")
			}
			cmd := exec.CommandContext(c.Context(), "go", append(append(line, "--"), args...)...)
			cmd.Stdout, cmd.Stderr = stdout, stderr
			cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
			err = cmd.Run()
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
				return commandline.ErrSaid
			}
			if err != nil {
				return fmt.Errorf("vet: run go vet: %w", err)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&fix, "fix", false, "in place of reporting what has a fix that is certain, apply it")
	c.Flags().BoolVar(&diff, "diff", false, "print the fixes as a diff, apply none, and fail if there are any")
	c.Flags().BoolVar(&json, "json", false, "report as JSON, and do not fail")
	c.Flags().StringVar(&tags, "tags", "", "build tags, as go build has them")
	c.Flags().StringSliceVar(&only, "only", nil, "checks to run (default all)")
	c.Flags().StringSliceVar(&skip, "skip", nil, "checks not to run")
	c.MarkFlagsMutuallyExclusive("only", "skip")
	for _, flag := range []string{"only", "skip"} {
		if err := c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // the flag is not there: a mistake in this function
		}
	}
	return c
}

// checks are the names of the checks.
func checks() []string {
	var names []string
	for _, a := range vet.Analyzers() {
		names = append(names, a.Name)
	}
	return names
}

// described is a line for each check.
func described() string {
	var b strings.Builder
	for _, a := range vet.Analyzers() {
		first, _, _ := strings.Cut(a.Doc, "\n")
		fmt.Fprintf(&b, "  %-16s %s\n", a.Name, first)
	}
	return b.String()
}
