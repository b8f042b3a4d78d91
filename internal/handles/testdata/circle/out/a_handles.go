package circle

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

type peopleHandles struct {
	schema.Table[Person]
	ID          expr.Column[Person, int64]
	FavouriteID expr.Nullable[Person, int64]
	Favourite   rel.ToOne[Person, Song]
	Songs       rel.ToMany[Person, Song]
}

var People = schema.Define("people", func(t *peopleHandles) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.FavouriteID).References(Songs.ID)
	rel.Via(t.Favourite, t.FavouriteID)
})
