package field

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

type (
	status string
	level  int16
	amount string
	blob   []byte
	key16  [16]byte
	point  struct{ X, Y int64 }
	doc    struct {
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

// all has every Go type that a column may have, plain, as a pointer and as
// sql.Null.
type all struct {
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
	UUID    uuid.UUID
	Key     key16
	Status  status
	Level   level
	Blob    blob
	Doc     schema.JSON[doc]
	Any     schema.JSON[any]
	RawJSON json.RawMessage
	Map     map[string]int
	Ints    []int64
	Texts   []string
	Bools   []bool
	Floats  []float64
	Blobs   [][]byte
	Times   []time.Time
	UUIDs   []uuid.UUID
	Price   decimal.Decimal
	Amount  amount
	Enum    status
	Point   point
	NullStr sql.NullString
	NullID  uuid.NullUUID

	PInt    *int
	PI8     *int8
	PU64    *uint64
	PF64    *float64
	PS      *string
	PB      *bool
	PData   *[]byte
	PAt     *time.Time
	PUUID   *uuid.UUID
	PStatus *status
	PDoc    *schema.JSON[doc]
	PTexts  *[]string
	PPrice  *decimal.Decimal
	PPoint  *point
	PEnum   *status

	NInt   sql.Null[int]
	NI8    sql.Null[int8]
	NF32   sql.Null[float32]
	NS     sql.Null[string]
	NB     sql.Null[bool]
	NData  sql.Null[[]byte]
	NAt    sql.Null[time.Time]
	NUUID  sql.Null[uuid.UUID]
	NDoc   sql.Null[schema.JSON[doc]]
	NInts  sql.Null[[]int64]
	NPrice sql.Null[decimal.Decimal]
}

type alls struct {
	schema.Table[all]
	ID     expr.Column[all, int64]
	S      expr.Column[all, string]
	Price  expr.Column[all, decimal.Decimal]
	Amount expr.Column[all, amount]
	Enum   expr.Column[all, status]
	PPrice expr.Nullable[all, decimal.Decimal]
	NPrice expr.Nullable[all, decimal.Decimal]
	PEnum  expr.Nullable[all, status]
}

var allTable = schema.Define("all", func(t *alls) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.S).Size(20)
	schema.Decimal(t.Price, 12, 3)
	schema.Decimal(t.PPrice, 12, 3)
	schema.Decimal(t.NPrice, 12, 3)
	schema.Decimal(t.Amount, 10, 2)
	schema.Enum(t.Enum, "", "open", "closed")
	schema.Enum(t.PEnum, "open", "closed")
}, schema.In(schema.NewMetadata()))

// The forms in which values travel to the two families of databases.
var wires = map[string]func(*schema.Type) schema.Wire{
	"sqlite": func(t *schema.Type) schema.Wire {
		switch t.Kind {
		case schema.BoolKind, schema.Int16Kind, schema.Int32Kind, schema.Int64Kind:
			return schema.WireInt
		case schema.Float32Kind, schema.Float64Kind:
			return schema.WireFloat
		case schema.BytesKind:
			return schema.WireBytes
		case schema.TimeKind:
			return schema.WireTimeText
		case schema.UUIDKind:
			return schema.WireUUIDText
		case schema.JSONKind, schema.ArrayKind:
			return schema.WireJSONText
		}
		return schema.WireText
	},
	"postgres": func(t *schema.Type) schema.Wire {
		switch t.Kind {
		case schema.BoolKind:
			return schema.WireBool
		case schema.Int16Kind, schema.Int32Kind, schema.Int64Kind:
			return schema.WireInt
		case schema.Float32Kind, schema.Float64Kind:
			return schema.WireFloat
		case schema.BytesKind:
			return schema.WireBytes
		case schema.TimeKind:
			return schema.WireTime
		case schema.UUIDKind:
			return schema.WireUUIDText
		case schema.JSONKind:
			return schema.WireJSONText
		case schema.ArrayKind:
			return schema.WireArray
		}
		return schema.WireText
	},
}

// asDriver is how a driver may hand the value v back: as bytes for text, as the
// drivers for PostgreSQL do, or unchanged.
func asDriver(v driver.Value, textAsBytes bool) driver.Value {
	if s, ok := v.(string); ok && textAsBytes {
		return []byte(s)
	}
	return v
}

func layoutOf(name string) *Layout {
	return New(schema.DefOf(allTable), wires[name], reflect.TypeFor[int64]())
}

func (l *Layout) field(name string) *Field {
	for _, f := range l.Fields {
		if f.Col.Field == name {
			return f
		}
	}
	panic("no field " + name)
}

func ptr[T any](v T) *T { return &v }

func some[T any](v T) sql.Null[T] { return sql.Null[T]{V: v, Valid: true} }
