// Package commandline is what the commands of Dormer have in common: how arguments
// are read and how a failure is told.
package commandline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// ErrSaid is a failure of which everything has been written.
var ErrSaid = errors.New("said")

// UsageError is a mistake in the arguments of a command.
type UsageError struct {
	// Command is the command's path, as its user writes it.
	Command string
	Err     error
}

// Error is what is wrong.
func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *UsageError) Unwrap() error { return e.Err }

// Prepare makes mistakes in the arguments of the root's commands, which have all been
// added, usage errors, and leaves it to Run to tell of failures.
func Prepare(root *cobra.Command) {
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return &UsageError{c.CommandPath(), err} })
	for _, c := range root.Commands() {
		args := c.Args
		c.Args = func(c *cobra.Command, list []string) error {
			if err := args(c, list); err != nil {
				return &UsageError{c.CommandPath(), err}
			}
			return nil
		}
	}
}

// Run runs a command line and returns the program's exit code: 0, 1 for a failure, 2
// for arguments that are wrong, of which one line is written that begins with name.
func Run(ctx context.Context, root *cobra.Command, name string, args []string, stdout, stderr io.Writer) int {
	root.SetArgs(Arguments(root, args))
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && strings.HasPrefix(err.Error(), "unknown command") { // cobra's, which has no type
		err = &UsageError{root.CommandPath(), err}
	}
	var u *UsageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, ErrSaid):
		return 1
	case errors.As(err, &u):
		fmt.Fprintf(stderr, "%s: %s\nRun '%s --help' for usage.\n", name, strings.TrimPrefix(err.Error(), name+": "), u.Command)
		return 2
	}
	fmt.Fprintln(stderr, err)
	return 1
}
