package suite

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

type (
	status string
	level  int16
	amount string
	blob   []byte
	point  struct{ X, Y int64 }
	shape  struct {
		Name string
		N    any
	}
)

func (p point) Value() (driver.Value, error) { return fmt.Sprintf("%d,%d", p.X, p.Y), nil }

func (p *point) Scan(v any) error {
	switch v := v.(type) {
	case string:
		_, err := fmt.Sscanf(v, "%d,%d", &p.X, &p.Y)
		return err
	case []byte:
		return p.Scan(string(v))
	}
	return errors.New("no point")
}

// All has every Go type that a column may have, plain, as a pointer and as
// sql.Null.
type All struct {
	ID      int64
	Int     int
	I8      int8
	I16     int16
	I32     int32
	U       uint
	U8      uint8
	U16     uint16
	U32     uint32
	U64     uint64
	F32     float32
	F64     float64
	S       string
	B       bool
	Data    []byte
	At      time.Time
	Raw     [16]byte
	Status  status
	Level   level
	Blob    blob
	Doc     schema.JSON[shape]
	RawJSON json.RawMessage
	Map     map[string]int
	Ints    []int64
	Texts   []string
	Bools   []bool
	Floats  []float64
	Blobs   [][]byte
	Times   []time.Time
	UUIDs   [][16]byte
	Price   decimal.Decimal
	Amount  amount
	Enum    status
	Point   point
	NullStr sql.NullString

	PInt   *int
	PI8    *int8
	PI16   *int16
	PI32   *int32
	PI64   *int64
	PU     *uint
	PU8    *uint8
	PU16   *uint16
	PU32   *uint32
	PU64   *uint64
	PF32   *float32
	PF64   *float64
	PS     *string
	PB     *bool
	PData  *[]byte
	PAt    *time.Time
	PRaw   *[16]byte
	PDoc   *schema.JSON[shape]
	PTexts *[]string
	PPrice *decimal.Decimal
	PPoint *point
	PEnum  *status

	NInt   sql.Null[int]
	NI8    sql.Null[int8]
	NI16   sql.Null[int16]
	NI32   sql.Null[int32]
	NI64   sql.Null[int64]
	NU8    sql.Null[uint8]
	NU64   sql.Null[uint64]
	NF32   sql.Null[float32]
	NF64   sql.Null[float64]
	NS     sql.Null[string]
	NB     sql.Null[bool]
	NData  sql.Null[[]byte]
	NAt    sql.Null[time.Time]
	NRaw   sql.Null[[16]byte]
	NDoc   sql.Null[schema.JSON[shape]]
	NInts  sql.Null[[]int64]
	NPrice sql.Null[decimal.Decimal]
	NPoint sql.Null[point]
}

type alls struct {
	schema.Table[All]
	ID     expr.Column[All, int64]
	I8     expr.Column[All, int8]
	S      expr.Column[All, string]
	F64    expr.Column[All, float64]
	At     expr.Column[All, time.Time]
	Price  expr.Column[All, decimal.Decimal]
	Amount expr.Column[All, amount]
	Enum   expr.Column[All, status]
	PPrice expr.Nullable[All, decimal.Decimal]
	NPrice expr.Nullable[All, decimal.Decimal]
	PEnum  expr.Nullable[All, status]
}

var Alls = schema.Define("alls", func(t *alls) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.S).Size(40)
	schema.Decimal(t.Price, 12, 3)
	schema.Decimal(t.PPrice, 12, 3)
	schema.Decimal(t.NPrice, 12, 3)
	schema.Decimal(t.Amount, 10, 2)
	schema.Enum(t.Enum, "", "open", "closed")
	schema.Enum(t.PEnum, "open", "closed", "it's")
}, schema.In(meta))

func ptr[T any](v T) *T { return &v }

func some[T any](v T) sql.Null[T] { return sql.Null[T]{V: v, Valid: true} }
