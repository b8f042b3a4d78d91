// Package watch lets the conformance suite see the statements of an engine that
// dormertest opened. It stands between the two and knows neither.
package watch

import (
	"context"
	"sync"

	"github.com/dormer-orm/dormer/engine"
)

// Log keeps an engine's statements while it is recording. It is safe for
// concurrent use.
type Log struct {
	mu        sync.Mutex
	recording bool
	list      []engine.Statement
}

// Observe is the engine's observer.
func (l *Log) Observe(_ context.Context, s engine.Statement) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.recording {
		l.list = append(l.list, s)
	}
}

// Take starts the recording and returns what was recorded since the last call.
func (l *Log) Take() []engine.Statement {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list, l.recording = nil, true
	return list
}

type key struct{}

// Keep makes l the log that Of finds.
func Keep(db *engine.Engine, l *Log) { db.Value(key{}, func() any { return l }) }

// Of returns the log of an engine, which records nothing where the engine was
// not opened by dormertest.
func Of(db *engine.Engine) *Log {
	return db.Value(key{}, func() any { return new(Log) }).(*Log)
}
