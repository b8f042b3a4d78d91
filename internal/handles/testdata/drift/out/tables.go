package drift

import (
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// owners has handles that are out of date.
type owners struct {
	schema.Table[Owner]                           // the table
	ID                  expr.Column[Owner, int64] // the key

	// Name may be missing now.
	Name  expr.Nullable[Owner, string]
	Born  expr.Column[Owner, time.Time]
	Grade expr.Column[Owner, int]
	Cats  rel.ToMany[Owner, Cat]
	Dogs  rel.ToMany[Owner, Dog]
	Extra func() // of the program's own
}

var Owners = schema.Define("drift_owners", func(t *owners) {
	schema.Column(t.ID).PrimaryKey()
})

type cats struct {
	schema.Table[Cat]
	keyed[Cat]
	OwnerID expr.Column[Cat, int64]
	Weight  expr.Column[Cat, float64]
	Owner   rel.ToOne[Cat, Owner]
}

type keyed[E any] struct {
	ID expr.Column[E, int64]
}

var Cats = schema.Define("drift_cats", func(t *cats) {
	schema.Column(t.ID).PrimaryKey()
})
