package main

import "github.com/dormer-orm/dormer/schema"

type account struct{ ID int64 }

var _ = schema.Define[account]("users", func(t *users) {}) // want `wrong type for method entity`

func main() {}
