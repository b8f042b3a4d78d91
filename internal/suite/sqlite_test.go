package suite

import (
	"testing"

	_ "github.com/glebarez/sqlite"

	"github.com/dormer-orm/dormer/dormertest"
)

func TestSQLite(t *testing.T) { Run(t, dormertest.SQLite) }
