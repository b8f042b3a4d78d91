package drift

import (
	"time" // of the entity

	"github.com/dormer-orm/dormer/rel"
)

type Owner struct {
	ID    int64
	Name  *string
	Born  time.Time
	Grade int
	Cats  rel.Many[Cat]
	Dogs  rel.Many[Dog]
}

type Cat struct {
	ID      int64
	OwnerID int64
	Weight  float64
	Owner   rel.One[Owner]
}

type Dog struct {
	ID      int64
	OwnerID int64
	Owner   rel.One[Owner]
}
