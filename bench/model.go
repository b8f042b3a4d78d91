package bench

import (
	"fmt"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// User is the entity that is read: ten columns of the usual types.
type User struct {
	ID        int64
	Name      string
	Email     string
	City      string
	Bio       string
	Active    bool
	Age       int
	Score     float64
	CreatedAt time.Time
	Nickname  *string
}

type users struct {
	schema.Table[User]
	ID       expr.Column[User, int64]
	Name     expr.Column[User, string]
	Email    expr.Column[User, string]
	City     expr.Column[User, string]
	Age      expr.Column[User, int]
	Score    expr.Column[User, float64]
	Nickname expr.Nullable[User, string]
}

// Users is the table that is read. Its rows stay as they were seeded.
var Users = schema.Define("bench_users", func(t *users) { schema.Column(t.ID).PrimaryKey() })

// Entry is User again, in a table that is written.
type Entry User

type entries struct {
	schema.Table[Entry]
	ID   expr.Column[Entry, int64]
	Name expr.Column[Entry, string]
	Age  expr.Column[Entry, int]
}

// Entries is the table that is written.
var Entries = schema.Define("bench_entries", func(t *entries) { schema.Column(t.ID).PrimaryKey() })

// Big is User again, in a table of a great many rows.
type Big User

type bigs struct {
	schema.Table[Big]
	ID expr.Column[Big, int64]
}

// Bigs is the table that is streamed.
var Bigs = schema.Define("bench_bigs", func(t *bigs) { schema.Column(t.ID).PrimaryKey() })

// newUser makes the i-th user, without a key; every other one has a nickname.
func newUser(i int) User {
	u := User{
		Name:      fmt.Sprintf("User number %d", i),
		Email:     fmt.Sprintf("user%d@example.com", i),
		City:      "Neustadt an der Waldnaab"[:8+i%16],
		Bio:       "Likes long walks, short queries and tables in third normal form.",
		Active:    i%3 != 0,
		Age:       18 + i%60,
		Score:     float64(i) * 0.25,
		CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC).Add(time.Duration(i) * time.Minute),
	}
	if i%2 == 0 {
		nick := fmt.Sprintf("nick%d", i)
		u.Nickname = &nick
	}
	return u
}
