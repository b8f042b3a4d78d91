package engine_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	_ "github.com/glebarez/sqlite"

	"github.com/dormer-orm/dormer/engine"
)

// TestManyEnginesOpenOneNewFile opens a file that nobody has opened from many
// engines at once: each switches it to the write-ahead log, for which SQLite
// does not wait by itself.
func TestManyEnginesOpenOneNewFile(t *testing.T) {
	for round := range 8 {
		url := "sqlite:///" + filepath.Join(t.TempDir(), fmt.Sprintf("new%d.db", round))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				db, err := engine.Open(url)
				if err != nil {
					t.Error(err)
					return
				}
				defer db.Close()
				if _, err := db.ExecContext(context.Background(), "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY)"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
}
