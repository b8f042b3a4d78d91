// Package trees_test makes queries at random, of all that package expr and the
// selections of package repo can say, and compares what SQLite and PostgreSQL make of
// them with what they mean by a plain evaluation in Go over the same rows. It also
// looks at the statements' texts: which of them share a shape, and that no value and
// no name ever gets into them.
//
// Each run takes other queries; rapid prints how to repeat a failure. For more of
// them:
//
//	go test ./internal/property/trees -rapid.checks=20000
//	go test ./internal/property/trees -fuzz=FuzzMeaning
package trees_test

import (
	"time"

	_ "github.com/glebarez/sqlite"
	_ "github.com/lib/pq"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// Price is a decimal: text on SQLite, numeric on PostgreSQL.
type Price string

// Thing has a column of each kind, most of them twice: never NULL, and nullable.
type Thing struct {
	ID     int64
	N      int64
	M      *int64
	Big    int64
	F      float64
	G      *float64
	S      string
	O      *string
	Code   string // ASCII
	B      bool
	C      *bool
	At     time.Time
	Seen   *time.Time
	Y      []byte
	Z      *[]byte
	Price  Price
	Cost   *Price
	BossID *int64
	Boss   rel.One[Thing]
	Staff  rel.Many[Thing]
	Parts  rel.Many[Part]
	Tags   rel.Many[Tag]
}

type things struct {
	schema.Table[Thing]
	ID     expr.Column[Thing, int64]
	N      expr.Column[Thing, int64]
	M      expr.Nullable[Thing, int64]
	Big    expr.Column[Thing, int64]
	F      expr.Column[Thing, float64]
	G      expr.Nullable[Thing, float64]
	S      expr.Column[Thing, string]
	O      expr.Nullable[Thing, string]
	Code   expr.Column[Thing, string]
	B      expr.Column[Thing, bool]
	C      expr.Nullable[Thing, bool]
	At     expr.Column[Thing, time.Time]
	Seen   expr.Nullable[Thing, time.Time]
	Y      expr.Column[Thing, []byte]
	Z      expr.Nullable[Thing, []byte]
	Price  expr.Column[Thing, Price]
	Cost   expr.Nullable[Thing, Price]
	BossID expr.Nullable[Thing, int64]
	Boss   rel.ToOne[Thing, Thing]
	Staff  rel.ToMany[Thing, Thing]
	Parts  rel.ToMany[Thing, Part]
	Tags   rel.ToMany[Thing, Tag]
}

// Part belongs to a thing. Its table and its columns have names that break out of
// whatever does not quote them.
type Part struct {
	ID      int64    `db:"i\"d"`
	ThingID int64    `db:"thing'; --"`
	N       int64    `db:"select"`
	M       *int64   `db:"a b"`
	F       *float64 `db:"?"`
	S       string   `db:"$1"`
	O       *string  `db:"/* é */"`
	Thing   rel.One[Thing]
}

type parts struct {
	schema.Table[Part]
	ID      expr.Column[Part, int64]
	ThingID expr.Column[Part, int64]
	N       expr.Column[Part, int64]
	M       expr.Nullable[Part, int64]
	F       expr.Nullable[Part, float64]
	S       expr.Column[Part, string]
	O       expr.Nullable[Part, string]
	Thing   rel.ToOne[Part, Thing]
}

// Tag is of many things.
type Tag struct {
	ID     int64
	Name   string
	Things rel.Many[Thing]
}

type tags struct {
	schema.Table[Tag]
	ID     expr.Column[Tag, int64]
	Name   expr.Column[Tag, string]
	Things rel.ToMany[Tag, Thing]
}

var meta = schema.NewMetadata()

var (
	Things = schema.Define("things", func(t *things) {
		schema.Column(t.ID).PrimaryKey()
		schema.Decimal(t.Price, 12, 2)
		schema.Decimal(t.Cost, 12, 2)
		schema.Column(t.BossID).References(t.ID)
		rel.Via(t.Boss, t.BossID).BackPopulates(t.Staff)
	}, schema.In(meta))

	Parts = schema.Define(`pa"rts; DROP TABLE things; --`, func(t *parts) {
		schema.Column(t.ID).PrimaryKey()
		schema.Column(t.ThingID).References(Things.ID)
		rel.Via(t.Thing, t.ThingID).BackPopulates(Things.Parts)
	}, schema.In(meta))

	Tags = schema.Define("tags", func(t *tags) {
		schema.Column(t.ID).PrimaryKey()
	}, schema.In(meta))

	Tagged = rel.ManyToMany("tagged", Things.Tags, Tags.Things)
)

// The texts are such as end strings, comments and statements, match patterns, or look
// like placeholders and numbers; some are equal. None has a NUL, which PostgreSQL
// does not keep and Dormer refuses.
var texts = []string{
	"", "a", "it's", `say "hi"`, `50%`, `under_score`, `back\slash`, `\%`, "é\u0301", "日本語", "ı𝄞", "\t\r\n\x01\x7f",
	"'; DROP TABLE things; --", "/* */ -- $1 ?", "?", "$1", ":name @p", "NULL", "  spaced  ", "a", "[a-z]*?", "E'\\\\'", "{1,2}", "A", "ab", "0",
}

// codes are texts of ASCII alone, since case and its absence beyond it are the
// databases' own.
var codes = []string{"", "a", "A", "aB%_", "Z\\z", "it's", " x ", "AbAb", "?1", "a"}

var (
	numbers = []int64{0, 1, -1, 2, 3, -7, 10, 100, -100, 1000, 3, 2}
	larges  = []int64{0, 1 << 53, 1<<53 + 1, -1<<53 - 1, 9_000_000_000_000_000, -9_000_000_000_000_000, 1 << 31, -1<<31 - 1}
	floats  = []float64{0, 0.25, -0.5, 1, 2.5, -3.75, 100, -1000.25, 1, 0.75}
	days    = []time.Time{
		time.Date(2024, 2, 29, 23, 59, 59, 999999000, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 1000, time.UTC),
		time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2023, 1, 31, 12, 30, 0, 500000000, time.UTC), time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC),
		time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2060, 6, 15, 6, 7, 8, 9000, time.UTC),
	}
	blobs  = []string{"", "\x00", "a", "'\"\\", "\xff\xfe\x00", "a", "\\x41"}
	prices = []Price{"0.00", "9.00", "10.00", "-0.50", "-10.00", "9999999999.99", "0.05", "9.00"}
	// amounts are written into statements. Those that no column is beside have but so
	// many digits, which are part of the shape by classes.
	amounts = []Price{"0.00", "9.00", "10.00", "-0.50", "-10.00", "9999999.99", "0.05", "9.00"}
)

// nth is a value of a list by its place, and nil once in some places.
func nth[V any](of []V, i int) V { return of[i%len(of)] }

func sometimes[V any](of []V, i, every int) *V {
	if i%every == 0 {
		return nil
	}
	v := of[(i*3+1)%len(of)]
	return &v
}

func makeThings() (out []*Thing) {
	for i := range 13 {
		t := &Thing{ID: int64(i + 1), N: nth(numbers, i), M: sometimes(numbers, i, 3), Big: nth(larges, i), F: nth(floats, i), G: sometimes(floats, i, 4),
			S: nth(texts, 2*i), O: sometimes(texts, i, 3), Code: nth(codes, i), B: i%3 == 1, At: nth(days, i), Seen: sometimes(days, i, 3),
			Y: []byte(nth(blobs, i)), Price: nth(prices, i), Cost: sometimes(prices, i, 3)}
		if i%4 != 0 {
			c := i%4 == 1
			t.C = &c
		}
		if i%3 != 0 {
			z := []byte(nth(blobs, i*3))
			t.Z = &z
		}
		if i > 2 {
			boss := int64(i/3 + 1)
			t.BossID = &boss
		}
		out = append(out, t)
	}
	return out
}

func makeParts() (out []*Part) {
	for i := range 11 {
		out = append(out, &Part{ID: int64(i + 1), ThingID: int64(i*i%7 + 1), N: nth(numbers, i*2+1), M: sometimes(numbers, i, 3), F: sometimes(floats, i+1, 3),
			S: nth(texts, 3*i), O: sometimes(texts, i+1, 3)})
	}
	return out
}

func makeTags() (out []*Tag) {
	for i := range 4 {
		out = append(out, &Tag{ID: int64(i + 1), Name: nth(texts, i*5+2)})
	}
	return out
}

// pairs are which thing has which tag.
var pairs = [][2]int64{{1, 1}, {1, 2}, {2, 2}, {3, 1}, {3, 2}, {3, 3}, {5, 3}, {7, 1}, {12, 2}}
