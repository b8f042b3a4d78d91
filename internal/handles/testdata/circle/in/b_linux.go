package circle

import . "github.com/dormer-orm/dormer/rel"

type people struct{}

type Song struct {
	ID       int64
	SingerID int64
	Singer   One[Person]
}

var _ people
