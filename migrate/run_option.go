package migrate

import (
	"context"
	"log/slog"
	"time"
)

// RunOption is an option of the functions that change a database.
type RunOption func(*runOptions)

type runOptions struct {
	patience    time.Duration
	perRevision bool
	lossy       bool
	edited      bool
	purge       bool
	onStep      []func(context.Context, Step) error
	log         *slog.Logger
}

const defaultPatience = 5 * time.Minute

func optionsOf(opts []RunOption) runOptions {
	o := runOptions{patience: defaultPatience, log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// LockTimeout is how long to wait for another migrator, 5 minutes by default; 0
// waits until the context ends.
func LockTimeout(d time.Duration) RunOption { return func(o *runOptions) { o.patience = d } }

// TransactionPerRevision commits after each revision. By default a run is one
// transaction: all of it, or nothing. What cannot be in a transaction, such as
// CREATE INDEX CONCURRENTLY, commits what comes before it in either case.
func TransactionPerRevision() RunOption { return func(o *runOptions) { o.perRevision = true } }

// AllowDataLoss lets an upgrade drop tables and columns that hold something.
func AllowDataLoss() RunOption { return func(o *runOptions) { o.lossy = true } }

// AllowEdited lets an upgrade go on although applied revisions were edited.
func AllowEdited() RunOption { return func(o *runOptions) { o.edited = true } }

// Purge has Stamp empty the version table first, whatever is in it.
func Purge() RunOption { return func(o *runOptions) { o.purge = true } }

// Step is a revision that was applied or taken back.
type Step struct {
	Revision Info
	Down     bool
}

// OnStep calls f after each revision, in its transaction: an error ends the run as
// one of the revision's own would. f must not use the engine.
func OnStep(f func(context.Context, Step) error) RunOption {
	return func(o *runOptions) { o.onStep = append(o.onStep, f) }
}

// Logger tells of each revision before it runs, and of what is waited for. Nil means
// nobody.
func Logger(l *slog.Logger) RunOption {
	return func(o *runOptions) {
		if l != nil {
			o.log = l
		}
	}
}
