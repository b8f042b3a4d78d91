package integration_test

import (
	"database/sql"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// This file has the model that Atlas judges: tables with each construct that
// Define knows, which stay as they are, and gadgets, which change from step to step.

type (
	mood   string
	amount string
)

// every has a column of each type, with a default where a type may have one.
type every struct {
	ID        int64
	Yes       bool
	Maybe     *bool
	Tiny      int16
	Small     int32
	Big       int64
	Single    float32
	Double    float64
	Short     string
	Long      string
	Raw       []byte
	At        time.Time
	Gone      sql.Null[time.Time]
	UID       [16]byte
	Doc       schema.JSON[map[string]int]
	Price     amount
	Names     []string
	Counts    []int64
	Mood      mood
	Moods     []mood
	Twice     int64
	Custom    string
	Collated  string
	MixedCase string `db:"Mixed Case"`
	Order     int32
}

type everies struct {
	schema.Table[every]
	ID        expr.Column[every, int64]
	Yes       expr.Column[every, bool]
	Maybe     expr.Nullable[every, bool]
	Tiny      expr.Column[every, int16]
	Small     expr.Column[every, int32]
	Big       expr.Column[every, int64]
	Single    expr.Column[every, float32]
	Double    expr.Column[every, float64]
	Short     expr.Column[every, string]
	Long      expr.Column[every, string]
	At        expr.Column[every, time.Time]
	Price     expr.Column[every, amount]
	Doc       expr.Column[every, schema.JSON[map[string]int]]
	Mood      expr.Column[every, mood]
	Twice     expr.Column[every, int64]
	Custom    expr.Column[every, string]
	Collated  expr.Column[every, string]
	MixedCase expr.Column[every, string]
	Order     expr.Column[every, int32]
}

func defineEvery(m *schema.Metadata, caps dialect.Capabilities) {
	schema.Define("every", func(t *everies) {
		schema.Number(t.ID).PrimaryKey().Identity()
		schema.Column(t.Yes).ServerDefault(expr.Val(true)).KeepZero()
		schema.Number(t.Tiny).ServerDefault(expr.Val(int16(-3))).KeepZero()
		schema.Number(t.Small).ServerDefault(expr.Val(int32(5))).KeepZero().Comment("it's a column\nof numbers")
		schema.Number(t.Big).ServerDefault(expr.Val(int64(1) << 40)).KeepZero()
		schema.Number(t.Single).ServerDefault(expr.Val(float32(0.25))).KeepZero()
		schema.Number(t.Double).ServerDefault(expr.Val(-2.5)).KeepZero()
		schema.Text(t.Short).Size(50).ServerDefault(expr.Val(`it's "quoted" \ x`)).KeepZero()
		schema.Text(t.Long).ServerDefault(expr.Val("")).KeepZero()
		schema.Column(t.At).ServerDefault(expr.Now())
		schema.Decimal(t.Price, 12, 2).ServerDefault(expr.Val(amount("9.90"))).KeepZero()
		schema.Enum(t.Mood, "sad", "it's ok").Named("mood").ServerDefault(expr.Val(mood("sad"))).KeepZero()
		schema.Column(t.Twice).Computed(expr.MulTo(t.Big, t.Big))
		schema.Text(t.Custom).Type("char(3)")
		collation := "NOCASE"
		if caps.AlterTable {
			collation = "C"
		}
		schema.Text(t.Collated).Collation(collation)
		schema.Unique(t.Short, t.Small)
		schema.With(t, schema.CheckThat("ck_every", schema.SQL("small>0 AND short<>'x' OR maybe IN (true,false)")))
		schema.Index(t.Big, t.Long)
		schema.IndexBy(t.Tiny.Desc()).By(t.MixedCase.Asc()).Name("ix_every_order")
		schema.Index(expr.Lower(t.Long)).Unique().Where(t.Small.Gt(10)).Name("ix_every_part")
		if caps.IndexMethods {
			schema.Index(t.Doc).Method("gin").Name("ix_every_gin")
		}
		if caps.IndexInclude {
			schema.Index(t.Order).Include(t.Double, t.Single).Name("ix_every_include")
		}
		if caps.IndexNulls {
			schema.IndexBy(t.Small.Desc().NullsLast()).By(t.Maybe.Asc().NullsFirst()).Name("ix_every_nulls")
		}
	}, schema.In(m), schema.Comment("it's a table"))
}

// customer and order point to each other.
type customer struct {
	ID        int64
	Code      string
	LastOrder *int32
}

type customers struct {
	schema.Table[customer]
	ID        expr.Column[customer, int64]
	Code      expr.Column[customer, string]
	LastOrder expr.Nullable[customer, int32]
}

type order struct {
	ID       int32
	Customer int64
	Parent   *int32
}

type orders struct {
	schema.Table[order]
	ID       expr.Column[order, int32]
	Customer expr.Column[order, int64]
	Parent   expr.Nullable[order, int32]
}

// line has a key and a foreign key of two columns.
type line struct {
	A, C int64
	B    string
}

type lines struct {
	schema.Table[line]
	A, C expr.Column[line, int64]
	B    expr.Column[line, string]
}

// placed stands in a schema, where there are any, with a foreign key out of it.
type placed struct {
	ID    [16]byte
	Order *int32
	Mood  mood
}

type placeds struct {
	schema.Table[placed]
	ID    expr.Column[placed, [16]byte]
	Order expr.Nullable[placed, int32]
	Mood  expr.Column[placed, mood]
}

func defineShop(m *schema.Metadata, caps dialect.Capabilities) {
	c := schema.Define("customers", func(t *customers) {
		schema.Number(t.ID).PrimaryKey().NoIdentity()
		schema.Text(t.Code).Size(8)
		schema.Unique(t.Code, t.ID).Name("uq_customers_code")
	}, schema.In(m))
	o := schema.Define("orders", func(t *orders) {
		schema.Number(t.ID).PrimaryKey().Identity()
		schema.Column(t.Customer).References(c.ID).OnDelete(schema.Cascade).OnKeyUpdate(schema.Restrict)
		schema.ForeignKey(t.Parent, t.ID).OnDelete(schema.SetNull).Deferrable()
	}, schema.In(m))
	schema.ForeignKey(c.LastOrder, o.ID)
	schema.Define("lines", func(t *lines) {
		schema.PrimaryKey(t.B, t.A)
		schema.ForeignKey(t.B, c.Code).And(t.C, c.ID).OnUpdate(schema.Cascade).Name("fk_lines")
	}, schema.In(m))
	options := []schema.Option{schema.In(m)}
	if caps.Schemas {
		options = append(options, schema.Schema("some place"))
	}
	schema.Define("placed", func(t *placeds) {
		schema.Column(t.ID).PrimaryKey()
		schema.Column(t.Order).References(o.ID).OnDelete(schema.SetNull)
		schema.Enum(t.Mood, "high", "low").Default("low")
		schema.Index(t.Order)
	}, options...)
}
