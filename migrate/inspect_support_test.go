package migrate

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/dormer-orm/dormer/engine"
)

// counter counts statements.
type counter struct{ n atomic.Int64 }

func (c *counter) observe(context.Context, engine.Statement) { c.n.Add(1) }

func contextWithCancel(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}
