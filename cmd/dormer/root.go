package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// usageError is a mistake in the arguments.
type usageError struct {
	command string
	err     error
}

func (e *usageError) Error() string { return e.err.Error() }

// errSaid is a failure of which everything has been written.
var errSaid = errors.New("said")

// run runs a command line and returns the program's exit code: 0, 1 for a failure,
// 2 for arguments that are wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := commands(stdout, stderr)
	root.SetArgs(longFlags(root, args))
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && strings.HasPrefix(err.Error(), "unknown command") { // cobra's, which has no type
		err = &usageError{root.CommandPath(), err}
	}
	var u *usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSaid):
		return 1
	case errors.As(err, &u):
		fmt.Fprintf(stderr, "dormer: %v\nRun '%s --help' for usage.\n", err, u.command)
		return 2
	}
	fmt.Fprintln(stderr, err)
	return 1
}

func commands(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:           "dormer",
		Short:         "Begin migrations, print databases, keep handles up to date",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return &usageError{c.CommandPath(), err} })
	root.AddCommand(initCommand(stdout, stderr), inspectCommand(stdout), handlesCommand(stdout, stderr), &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run:   func(*cobra.Command, []string) { fmt.Fprintln(stdout, "dormer", version()) },
	})
	for _, c := range root.Commands() {
		args := c.Args
		c.Args = func(c *cobra.Command, list []string) error {
			if err := args(c, list); err != nil {
				return &usageError{c.CommandPath(), err}
			}
			return nil
		}
	}
	return root
}

// version is that of the module which the program was built of.
func version() string {
	b, ok := debug.ReadBuildInfo()
	if !ok || b.Main.Version == "" {
		return "(devel)"
	}
	return b.Main.Version
}

// longFlags lets a long flag have one dash, as Go's own commands have it.
func longFlags(root *cobra.Command, args []string) []string {
	cmd, _, err := root.Find(args)
	if err != nil {
		cmd = root
	}
	out := append([]string(nil), args...)
	for i, a := range out {
		if a == "--" {
			break
		}
		if len(a) > 2 && a[0] == '-' && a[1] != '-' {
			name, _, _ := strings.Cut(a[1:], "=")
			if cmd.Flags().Lookup(name) != nil {
				out[i] = "-" + a
			}
		}
	}
	return out
}
