package integration_test

import (
	"testing"

	"github.com/dormer-orm/dormer/dormertest"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/integration/containers"
	"github.com/dormer-orm/dormer/internal/property"
	"github.com/dormer-orm/dormer/schema"
)

func TestPropertyOnPostgres(t *testing.T) {
	url := containers.Postgres(t)
	property.Run(t, func(t testing.TB, tables ...schema.Handle) *engine.Engine {
		return dormertest.Open(t, url, tables...)
	})
}

func TestPropertyOfGraphsOnPostgres(t *testing.T) {
	url := containers.Postgres(t)
	property.RunGraph(t, func(t testing.TB, tables ...schema.Handle) *engine.Engine {
		return dormertest.Open(t, url, tables...)
	})
}
