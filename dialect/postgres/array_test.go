package postgres_test

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"math"
	"os"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"

	"github.com/dormer-orm/dormer/dialect/postgres"
)

func TestAppendArrayElem(t *testing.T) {
	east := time.FixedZone("", 3600)
	for want, v := range map[string]driver.Value{
		"NULL":                               nil,
		"-7":                                 int64(-7),
		"0.1":                                0.1,
		"1e+300":                             1e300,
		"NaN":                                math.NaN(),
		"Infinity":                           math.Inf(1),
		"-Infinity":                          math.Inf(-1),
		"t":                                  true,
		"f":                                  false,
		`""`:                                 "",
		`"NULL"`:                             "NULL",
		`"a\"b\\c,{}"`:                       `a"b\c,{}`,
		`"\\x00ff"`:                          []byte{0, 0xff},
		`"2026-03-01 11:00:00.123456+00"`:    time.Date(2026, 3, 1, 12, 0, 0, 123456789, east),
		`"0099-01-02 00:00:00.000000+00"`:    time.Date(99, 1, 2, 0, 0, 0, 0, time.UTC),
		`"0001-01-02 00:00:00.000000+00 BC"`: time.Date(0, 1, 2, 0, 0, 0, 0, time.UTC),
		`"0044-03-15 00:00:00.000000+00 BC"`: time.Date(-43, 3, 15, 0, 0, 0, 0, time.UTC),
		`"12345-01-02 00:00:00.000000+00"`:   time.Date(12345, 1, 2, 0, 0, 0, 0, time.UTC),
	} {
		if got := string(postgres.AppendArrayElem([]byte("x"), v)); got != "x"+want {
			t.Errorf("%v: %s, want %s", v, got[1:], want)
		}
	}
}

// Every element reads back: texts by a parser, and all by a server if there is
// one.
func FuzzAppendArrayElem(f *testing.F) {
	f.Add("a", []byte{0}, int64(1), 0.5, int64(0))
	f.Add(`{"\,NULL`, []byte(`\x`), int64(math.MinInt64), math.MaxFloat64, int64(-1e18))
	f.Add("é\n\t ", []byte{}, int64(math.MaxInt64), 5e-324, int64(250_000_000_000_000_000))
	var db *sql.DB
	if url := os.Getenv("DORMER_TEST_POSTGRES"); url != "" {
		var err error
		if db, err = sql.Open("postgres", url); err != nil {
			f.Fatal(err)
		}
		f.Cleanup(func() { db.Close() })
	}
	f.Fuzz(func(t *testing.T, s string, raw []byte, n int64, x float64, micros int64) {
		lit := func(v driver.Value) string { return "{" + string(postgres.AppendArrayElem(nil, v)) + "}" }
		var texts pq.StringArray
		if err := texts.Scan(lit(s)); err != nil || len(texts) != 1 || texts[0] != s {
			t.Fatalf("%q came back as %q, %v", s, texts, err)
		}
		if db == nil || !utf8.ValidString(s) || bytes.IndexByte([]byte(s), 0) >= 0 {
			return
		}
		// PostgreSQL's times end in the years 4713 BC and 294276.
		at := time.UnixMicro(micros % 9_000_000_000_000_000_000 / 1).UTC()
		if at.Year() < -4700 || at.Year() > 200000 {
			at = time.UnixMicro(micros % 1e15).UTC()
		}
		var gs string
		var gb []byte
		var gn, gt int64
		var gx float64
		err := db.QueryRow("SELECT ($1::text[])[1], ($2::bytea[])[1], ($3::bigint[])[1], ($4::double precision[])[1], (extract(epoch FROM ($5::timestamptz[])[1]) * 1000000)::bigint",
			lit(s), lit(raw), lit(n), lit(x), lit(at)).Scan(&gs, &gb, &gn, &gx, &gt)
		if err != nil {
			t.Fatal(err)
		}
		if gs != s || !bytes.Equal(gb, raw) || gn != n || math.Float64bits(gx) != math.Float64bits(x) && !math.IsNaN(x) || gt != at.UnixMicro() {
			t.Fatalf("came back as %q %x %d %v %d, want %q %x %d %v %d", gs, gb, gn, gx, gt, s, raw, n, x, at.UnixMicro())
		}
	})
}
