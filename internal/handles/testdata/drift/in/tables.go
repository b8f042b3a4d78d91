package drift

import (
	"net/url"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// owners has handles that are out of date.
type owners struct {
	schema.Table[Owner]                           // the table
	ID                  expr.Column[Owner, int64] // the key
	// Site is gone, with its import.
	Site expr.Column[Owner, url.URL] // it was here

	// Name may be missing now.
	Name, Nick expr.Column[Owner, string]
	Grade      *expr.Column[Owner, int]
	Extra      func() // of the program's own
}

var Owners = schema.Define("drift_owners", func(t *owners) {
	schema.Column(t.ID).PrimaryKey()
})

type cats struct {
	schema.Table[Cat]
	keyed[Cat]
	Lives expr.Column[Cat, int]
	Owner expr.Column[Owner, int64]
}

type keyed[E any] struct {
	ID expr.Column[E, int64]
}

var Cats = schema.Define("drift_cats", func(t *cats) {
	schema.Column(t.ID).PrimaryKey()
})
