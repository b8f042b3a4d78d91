package engine_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"log"
	"time"

	"github.com/dormer-orm/dormer/engine"
)

func ExampleOpen() {
	ctx := context.Background()
	db, err := engine.Open("sqlite://:memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	if _, err := db.Exec(ctx, "CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT)"); err != nil {
		log.Fatal(err)
	}
	if _, err := db.Exec(ctx, "INSERT INTO posts (title) VALUES (?), (?)", "Hello", "World"); err != nil {
		log.Fatal(err)
	}
	var posts []struct {
		ID    int64
		Title string
	}
	if err := db.Select(ctx, &posts, "SELECT * FROM posts ORDER BY id"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(posts)
	// Output: [{1 Hello} {2 World}]
}

func ExampleObserver() {
	db, err := engine.Open("sqlite://:memory:", engine.Observer(func(_ context.Context, st engine.Statement) {
		fmt.Println(st.SQL, st.Rows, st.Err)
	}), engine.PoolTimeout(time.Second))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(context.Background()); err != nil {
		log.Fatal(err)
	}
	var n int
	_ = db.Get(context.Background(), &n, "SELECT 40 + 2")
	// Output:
	// PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON 0 <nil>
	// SELECT 40 + 2 1 <nil>
}

func ExampleEngine_Acquire() {
	ctx := context.Background()
	db, err := engine.Open("sqlite://:memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	c, err := db.Acquire(ctx, "example")
	if err != nil {
		log.Fatal(err)
	}
	defer c.Release() // rolls back what was not committed
	if err := c.Begin(ctx, engine.TxOptions{}); err != nil {
		log.Fatal(err)
	}
	_, err = c.Query(ctx, "SELECT ? UNION SELECT ?", engine.Args(1, 2), func(row []driver.Value) error {
		fmt.Println(row[0])
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := c.Commit(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1
	// 2
}
