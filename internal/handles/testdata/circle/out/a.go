package circle

import "github.com/dormer-orm/dormer/rel"

type Person struct {
	ID          int64
	FavouriteID *int64
	Favourite   rel.One[Song]
	Songs       rel.Many[Song]
	type_       int
}

func (p Person) Type() int { return p.type_ }
