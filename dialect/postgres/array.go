package postgres

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"time"
)

// AppendArrayElem appends one element of an array literal, as AppendArrayElem
// the function does.
func (Dialect) AppendArrayElem(b []byte, v driver.Value) []byte { return AppendArrayElem(b, v) }

// AppendArrayElem appends one element of PostgreSQL's array literal, quoted as
// needed; braces and commas are the caller's. Floats come back exactly; times
// are written in UTC to the microsecond.
func AppendArrayElem(b []byte, v driver.Value) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "NULL"...)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return appendFloat(b, v)
	case bool:
		if v {
			return append(b, 't')
		}
		return append(b, 'f')
	case string:
		return appendQuotedElem(b, v)
	case []byte:
		if v == nil {
			return append(b, "NULL"...)
		}
		b = append(b, `"\\x`...)
		b = hex.AppendEncode(b, v)
		return append(b, '"')
	case time.Time:
		b = append(b, '"')
		b = appendTime(b, v)
		return append(b, '"')
	}
	return appendQuotedElem(b, fmt.Sprint(v))
}

func appendQuotedElem(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

// appendFloat writes the shortest text that reads back as f.
func appendFloat(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64)
}

// appendTime writes t in UTC. Years have at least four digits, and those before
// the year one are counted backwards from 1 BC.
func appendTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, bc := t.Year(), t.Year() <= 0
	if bc {
		year = 1 - year
	}
	if year < 10000 {
		b = append(b, "0000"[:4-digits(year)]...)
	}
	b = strconv.AppendInt(b, int64(year), 10)
	b = t.AppendFormat(b, "-01-02 15:04:05.000000+00")
	if bc {
		b = append(b, " BC"...)
	}
	return b
}

func digits(n int) int {
	d := 1
	for n >= 10 {
		n /= 10
		d++
	}
	return d
}
