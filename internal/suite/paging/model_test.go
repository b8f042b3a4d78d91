package paging_test

import (
	"database/sql"
	"testing"
	"time"

	_ "github.com/glebarez/sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/suite/both"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

type (
	amount string
	status string
	level  int16

	// Thing has a column of each kind that can be ordered by, plain and nullable.
	Thing struct {
		ID     int64
		Name   string
		Nick   *string
		Level  level
		Big    uint64
		Count  sql.Null[int32]
		Score  float64
		Ratio  *float32
		Active bool
		Flag   *bool
		At     time.Time
		Seen   *time.Time
		Price  amount
		Rate   *amount
		Huge   amount
		Token  [16]byte
		Mark   *[16]byte
		Status status
		Data   []byte
		Tags   []string
		Code   string
		Alias  *string
		KindID int64
		Kind   rel.One[Kind]
		Parts  rel.Many[Part]
	}
	things struct {
		schema.Table[Thing]
		ID     expr.Column[Thing, int64]
		Name   expr.Column[Thing, string]
		Nick   expr.Nullable[Thing, string]
		Level  expr.Column[Thing, level]
		Big    expr.Column[Thing, uint64]
		Count  expr.Nullable[Thing, int32]
		Score  expr.Column[Thing, float64]
		Ratio  expr.Nullable[Thing, float32]
		Active expr.Column[Thing, bool]
		Flag   expr.Nullable[Thing, bool]
		At     expr.Column[Thing, time.Time]
		Seen   expr.Nullable[Thing, time.Time]
		Price  expr.Column[Thing, amount]
		Rate   expr.Nullable[Thing, amount]
		Huge   expr.Column[Thing, amount]
		Token  expr.Column[Thing, [16]byte]
		Mark   expr.Nullable[Thing, [16]byte]
		Status expr.Column[Thing, status]
		Data   expr.Column[Thing, []byte]
		Tags   expr.Column[Thing, []string]
		Code   expr.Column[Thing, string]
		Alias  expr.Nullable[Thing, string]
		KindID expr.Column[Thing, int64]
		Kind   rel.ToOne[Thing, Kind]
		Parts  rel.ToMany[Thing, Part]
	}

	Kind struct {
		ID    int64
		Title string
	}
	kinds struct {
		schema.Table[Kind]
		ID    expr.Column[Kind, int64]
		Title expr.Column[Kind, string]
	}

	Part struct {
		ID      int64
		Label   string
		ThingID int64
		Thing   rel.One[Thing]
	}
	parts struct {
		schema.Table[Part]
		ID      expr.Column[Part, int64]
		Label   expr.Column[Part, string]
		ThingID expr.Column[Part, int64]
		Thing   rel.ToOne[Part, Thing]
	}

	// Ledger has a key that SQLite orders as floating-point numbers.
	Ledger struct {
		Number amount
		Year   int32
		Note   string
	}
	ledgers struct {
		schema.Table[Ledger]
		Number expr.Column[Ledger, amount]
		Year   expr.Column[Ledger, int32]
		Note   expr.Column[Ledger, string]
	}

	Job struct {
		ID   int64
		Done bool
		By   int64
	}
	jobs struct {
		schema.Table[Job]
		ID   expr.Column[Job, int64]
		Done expr.Column[Job, bool]
		By   expr.Column[Job, int64]
	}
)

var meta = schema.NewMetadata()

var Kinds = schema.Define("kinds", func(t *kinds) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(meta))

var Things = schema.Define("things", func(t *things) {
	schema.Column(t.ID).PrimaryKey()
	schema.Decimal(t.Price, 12, 2)
	schema.Decimal(t.Rate, 12, 3)
	schema.Decimal(t.Huge, 30, 2)
	schema.Enum(t.Status, "new", "it's", "done", "")
	schema.Text(t.Code).Unique()
	schema.Text(t.Alias).Unique()
	schema.Column(t.KindID).References(Kinds.ID)
	rel.Via(t.Kind, t.KindID)
}, schema.In(meta))

var Parts = schema.Define("parts", func(t *parts) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.ThingID).References(Things.ID)
	rel.Via(t.Thing, t.ThingID).BackPopulates(Things.Parts)
}, schema.In(meta))

var Ledgers = schema.Define("ledgers", func(t *ledgers) {
	schema.PrimaryKey(t.Number, t.Year)
	schema.Decimal(t.Number, 30, 1)
}, schema.In(meta))

var Jobs = schema.Define("jobs", func(t *jobs) {
	schema.Column(t.ID).PrimaryKey()
}, schema.In(meta))

// databases runs f on each database that is there.
func databases(t *testing.T, f func(t *testing.T, db *engine.Engine)) {
	t.Helper()
	both.Databases(t, f, Kinds, Things, Parts, Ledgers, Jobs)
}

func ptr[V any](v V) *V { return &v }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
