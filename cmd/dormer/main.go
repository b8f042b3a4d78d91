// Command dormer begins migrations, prints databases, keeps handles up to date, and
// finds mistakes that compile.
//
//	dormer init                     a folder of revisions and the command that runs them
//	dormer inspect URL              a database as text, -format mermaid or go
//	dormer handles ./model          the structs of handles that entities lack; -check compares
//	dormer vet ./...                mistakes with Dormer that compile; -fix mends those it can
//	dormer version
//	dormer completion bash
//
// The commands that change a database are those of the module's own command, which
// init writes: only that has the module's revisions and model.
//
// It is a tool of go vet, too: go vet -vettool=$(which dormer) ./...
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "github.com/glebarez/go-sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/internal/vet"
)

func main() {
	if vetted() {
		vet.Unit()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// vetted reports whether go vet has called the program, as its tool.
func vetted() bool { return vet.IsUnit(os.Args[1:]) }
