package columns

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"time"

	"github.com/dormer-orm/dormer/schema"
	"github.com/google/uuid"
)

type Level int16

type Stamps struct {
	CreatedAt time.Time
	UpdatedAt sql.Null[time.Time]
}

type Secret struct{ text string }

func (s *Secret) Scan(v any) error {
	s.text, _ = v.(string)
	return nil
}

func (s Secret) Value() (driver.Value, error) { return s.text, nil }

type (
	Text  = string
	inner struct{ Depth uint8 }
)

// Record has a column of each kind.
//
//dormer:entity all_records
type Record struct {
	Stamps
	*Hidden  `db:"-"`
	ID       uuid.UUID
	Level    Level
	Name     Text
	Nick     sql.NullString
	Secret   *Secret
	Raw      []byte
	Document json.RawMessage
	Options  schema.JSON[map[string]any]
	Maybe    *schema.JSON[[]int]
	Tags     []string
	Blobs    [][]byte
	Data     map[string]int
	Flag     *bool
	Ratio    float32 `db:"quota"`
	Key      [16]byte
	Ignored  chan int `db:"-"`
	Of       struct {
		A int
	} `db:"-"`
	private int
	inner
}

type Hidden struct{ X chan int }

type Category struct {
	ID int32
}

//dormer:entity
type Weather struct{ ID int64 }

func (r Record) Private() int { return r.private }
