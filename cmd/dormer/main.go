// Command dormer begins migrations, prints databases, and keeps handles up to date.
//
//	dormer init                     a folder of revisions and the command that runs them
//	dormer inspect URL              a database as text, -format mermaid or go
//	dormer handles ./model          the structs of handles that entities lack; -check compares
//	dormer version
//	dormer completion bash
//
// The commands that change a database are those of the module's own command, which
// init writes: only that has the module's revisions and model.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "github.com/glebarez/go-sqlite"
	_ "github.com/lib/pq"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
