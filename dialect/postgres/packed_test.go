package postgres_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/schema"
)

// The bytes are those of PostgreSQL 15.
func TestUnpack(t *testing.T) {
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	for in, want := range map[string]any{
		"00000001 000004a0 00000008 0000000000000000":     day(2000, 1, 1),
		"00000001 000004a0 00000008 000303f02ac63035":     time.Date(2026, 11, 23, 13, 16, 14, 797877000, time.UTC),
		"00000001 000004a0 00000008 ffffffffffffffff":     time.Date(1999, 12, 31, 23, 59, 59, 999999000, time.UTC),
		"000303f02ac63035":                                time.Date(2026, 11, 23, 13, 16, 14, 797877000, time.UTC),
		"7fffffffffffffff":                                "infinite",
		"8000000000000000":                                "infinite",
		"00000001 0000045a 00000008 000000141dd76000":     day(2000, 1, 2),
		"00000001 00004e20 00000008 000000141dd76000":     "no time", // domains come as what they are over
		"00000001 0000043a 00000004 ffffffff":             day(1999, 12, 31),
		"00000001 0000043a 00000004 00000001":             day(2000, 1, 2),
		"00000001 000004a0 ffffffff":                      nil,
		"00000001 000004a0 00000008 7fffffffffffffff":     "infinite",
		"00000001 000004a0 00000008 8000000000000000":     "infinite",
		"00000001 0000045a 00000008 7fffffffffffffff":     "infinite",
		"00000001 0000043a 00000004 7fffffff":             "infinite",
		"00000001 00000019 00000004 61626364":             "no time",
		"00000001 00000019 0000000a 323030302d30312d3032": day(2000, 1, 2),
		"00000001 00000413 0000000a 323030302d30312d3032": day(2000, 1, 2),
		"00000001 000004a0 00000004 00000000":             "no time",
		"00000001 000004a0 00000008 0000":                 "no time",
		"00000002 000004a0 ffffffff 000004a0 ffffffff":    "form",
		"00000001": "form",
		"":         "form",
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(in, " ", ""))
		if err != nil {
			t.Fatal(in, err)
		}
		got, null, err := postgres.New().Unpack(b)
		switch want := want.(type) {
		case string:
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, %v instead of an error about %q", in, got, err, want)
			}
		case time.Time:
			if err != nil || null || !got.Equal(want) || got.Location() != time.UTC {
				t.Errorf("%s: %v, %v instead of %v", in, got, err, want)
			}
		default:
			if !null || err != nil {
				t.Errorf("%s: %v, %v instead of NULL", in, got, err)
			}
		}
	}
	if _, null, err := postgres.New().Unpack(nil); err != nil || !null {
		t.Error("NULL is not unpacked as NULL", err)
	}
	if v, _, err := postgres.New().Unpack("2026-01-01"); err == nil {
		t.Errorf("text is unpacked as %v", v)
	}
	if _, ok := postgres.New().AppendPackedColumn(nil, &schema.ColumnDef{Type: schema.Type{Kind: schema.TextKind}}, []byte("x")); ok {
		t.Error("a text is packed")
	}
}
