package columns

import (
	"database/sql"
	"encoding/json"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
	"github.com/google/uuid"
)

type allRecords struct {
	schema.Table[Record]
	CreatedAt expr.Column[Record, time.Time]
	UpdatedAt expr.Nullable[Record, time.Time]
	ID        expr.Column[Record, uuid.UUID]
	Level     expr.Column[Record, Level]
	Name      expr.Column[Record, Text]
	Nick      expr.Column[Record, sql.NullString]
	Secret    expr.Nullable[Record, Secret]
	Raw       expr.Column[Record, []byte]
	Document  expr.Column[Record, json.RawMessage]
	Options   expr.Column[Record, schema.JSON[map[string]any]]
	Maybe     expr.Nullable[Record, schema.JSON[[]int]]
	Tags      expr.Column[Record, []string]
	Blobs     expr.Column[Record, [][]byte]
	Data      expr.Column[Record, map[string]int]
	Flag      expr.Nullable[Record, bool]
	Ratio     expr.Column[Record, float32]
	Key       expr.Column[Record, [16]byte]
	Depth     expr.Column[Record, uint8]
}

var AllRecords = schema.Define("all_records", func(t *allRecords) {
	schema.Column(t.ID).PrimaryKey()
})

type categories struct {
	schema.Table[Category]
	ID expr.Column[Category, int32]
}

var Categories = schema.Define("categories", func(t *categories) {
	schema.Column(t.ID).PrimaryKey()
})

type weathers struct {
	schema.Table[Weather]
	ID expr.Column[Weather, int64]
}

var Weathers = schema.Define("weathers", func(t *weathers) {
	schema.Column(t.ID).PrimaryKey()
})
