package values_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
)

type (
	pick  struct{ N int64 }
	picks struct {
		schema.Table[pick]
		N expr.Column[pick, int64]
	}
)

// A statement with more parameters than the database takes is not sent to it.
func TestMoreParametersThanThereCanBe(t *testing.T) {
	both.Databases(t, func(t *testing.T, db *engine.Engine) {
		most := db.Dialect().Capabilities().MaxParams
		list := make([]pick, most+1)
		for i := range list {
			list[i].N = int64(i)
		}
		count := func(rows []pick) (int64, error) {
			ns, err := repo.SelectValue(expr.CountAll()).From(repo.Rows[picks]("picks", rows...)).All(context.Background(), db)
			if len(ns) != 1 {
				return 0, err
			}
			return ns[0], err
		}
		for range 2 { // compiled, and from the cache
			if n, err := count(list[:most]); err != nil || n != int64(most) {
				t.Errorf("as many as there can be: %d, %v", n, err)
			}
			_, err := count(list)
			var u *dialect.UnsupportedError
			if !errors.As(err, &u) || !strings.Contains(u.Construct, fmt.Sprintf("%d parameters, %d being the most", most+1, most)) {
				t.Errorf("one more: %.300v", err)
			}
		}
	}, Items)
}
