package sqlite_test

import (
	"fmt"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/sqlite"
)

func ExampleDialect_DSN() {
	for _, s := range []string{"sqlite://blog.db", "sqlite:////srv/blog.db", "sqlite://:memory:", "sqlite://blog.db?mode=ro"} {
		u, err := dialect.ParseURL(s)
		if err != nil {
			fmt.Println(err)
			return
		}
		dsn, shared, err := sqlite.New().DSN(u, "sqlite")
		fmt.Println(dsn, shared, err)
	}
	// Output:
	// blog.db false <nil>
	// /srv/blog.db false <nil>
	// :memory: true <nil>
	// file:blog.db?mode=ro false <nil>
}
