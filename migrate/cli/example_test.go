package cli_test

import (
	"context"
	"fmt"
	"os"

	"github.com/dormer-orm/dormer/migrate"
	"github.com/dormer-orm/dormer/migrate/cli"
	"github.com/dormer-orm/dormer/schema"
)

// A program's main has one line, cli.Main(migrations.Revisions, schema.Default). Run
// is the same for a test, or for a program that has other commands too.
func ExampleRun() {
	var revisions migrate.Set
	revisions.Add(migrate.Revision{ID: "9f8e7d6c5b4a", Message: "first"})
	revisions.Add(migrate.Revision{ID: "a1b2c3d4e5f6", Parents: []string{"9f8e7d6c5b4a"}, Message: "add nickname"})
	code := cli.Run(context.Background(), []string{"history"}, os.Stdout, os.Stderr, revisions, schema.Default)
	fmt.Println("exit code", code)
	// Output:
	// 9f8e7d6c5b4a -> a1b2c3d4e5f6 (head), add nickname
	// <base> -> 9f8e7d6c5b4a, first
	// exit code 0
}
