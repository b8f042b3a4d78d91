package integration_test

import (
	"testing"

	"github.com/dormer-orm/dormer/dormertest"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/integration/containers"
	"github.com/dormer-orm/dormer/internal/suite"
	"github.com/dormer-orm/dormer/schema"
)

func TestSuiteOnPostgres(t *testing.T) {
	url := containers.Postgres(t)
	suite.Run(t, func(t testing.TB, tables ...schema.Handle) *engine.Engine {
		return dormertest.Open(t, url, tables...)
	})
}
