package main

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/dormer-orm/dormer/internal/commandline"
)

// run runs a command line and returns the program's exit code: 0, 1 for a failure,
// 2 for arguments that are wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return commandline.Run(ctx, commands(stdout, stderr), "dormer", args, stdout, stderr)
}

func commands(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:     "dormer",
		Short:   "Begin migrations, print databases, keep handles up to date, find mistakes",
		Version: version(),
	}
	root.AddCommand(initCommand(stdout, stderr), inspectCommand(stdout), handlesCommand(stdout, stderr), vetCommand(stdout, stderr), &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run:   func(*cobra.Command, []string) { fmt.Fprintln(stdout, "dormer", version()) },
	})
	commandline.Prepare(root)
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
