package circle

import (
	"github.com/dormer-orm/dormer/expr"
	. "github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

type people struct{}

type Song struct {
	ID       int64
	SingerID int64
	Singer   One[Person]
}

var _ people

type songs struct {
	schema.Table[Song]
	ID       expr.Column[Song, int64]
	SingerID expr.Column[Song, int64]
	Singer   ToOne[Song, Person]
}

var Songs = schema.Define("songs", func(t *songs) {
	schema.Column(t.ID).PrimaryKey()
})

func init() {
	schema.ForeignKey(Songs.SingerID, People.ID)
	Via(Songs.Singer, Songs.SingerID).BackPopulates(People.Songs)
}
