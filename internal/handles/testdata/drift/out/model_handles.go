package drift

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

type dogs struct {
	schema.Table[Dog]
	ID      expr.Column[Dog, int64]
	OwnerID expr.Column[Dog, int64]
	Owner   rel.ToOne[Dog, Owner]
}

var Dogs = schema.Define("dogs", func(t *dogs) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.OwnerID).References(Owners.ID)
	rel.Via(t.Owner, t.OwnerID).BackPopulates(Owners.Dogs)
})
