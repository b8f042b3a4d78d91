package property_test

import (
	"testing"

	_ "github.com/glebarez/sqlite"

	"github.com/dormer-orm/dormer/dormertest"
	"github.com/dormer-orm/dormer/internal/property"
)

func TestSQLite(t *testing.T) { property.Run(t, dormertest.SQLite) }

func TestGraphOnSQLite(t *testing.T) { property.RunGraph(t, dormertest.SQLite) }
