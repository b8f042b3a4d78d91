package postgres

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// AppendPackedColumn reads times as bytes. Drivers that ask for times as text take
// longer to read one than all else of a short row. timestamptz_send alone would take
// a column of type timestamp or date for one of the session's zone, so that it is
// asked only where the column is of its type; others come as a record of one field,
// which says of which type that is, and takes the database twice as long. The cast
// is none for such a column; it lets the branch that is never taken stand for a column
// of text. COALESCE of one value is the value, but not of a domain any more.
//
// A column with a type of its own is not packed: it may be one that is no time, such
// as time, which only the driver reads.
func (Dialect) AppendPackedColumn(b []byte, c *schema.ColumnDef, qualified []byte) ([]byte, bool) {
	if c.Type.Kind != schema.TimeKind || c.Type.Custom != "" {
		return b, false
	}
	return fmt.Appendf(b, "CASE WHEN pg_typeof(%s) = %d THEN timestamptz_send(CAST(%s AS timestamptz)) ELSE record_send(ROW(COALESCE(%s, NULL))) END",
		qualified, oidTimestampTZ, qualified, qualified), true
}

// Object identifiers of PostgreSQL's types, from its catalogue pg_type.
const (
	oidText        = 25
	oidVarchar     = 1043
	oidDate        = 1082
	oidTimestamp   = 1114
	oidTimestampTZ = 1184
)

// epoch is the moment from which PostgreSQL counts, in seconds of Unix.
const epoch = 946684800

// Unpack reads what AppendPackedColumn asks for: eight bytes, or those of a record of
// one time or its text, in the form that PostgreSQL's record_send gives it: the number of fields,
// the field's type and length, and its value; big-endian, and -1 as the length of
// NULL. Infinite times have no time.Time and are an error.
func (Dialect) Unpack(v driver.Value) (t time.Time, null bool, err error) {
	b, ok := v.([]byte)
	switch {
	case v == nil:
		return t, true, nil
	case ok && len(b) == 8:
		t, err = unpackMoment(b)
		return t, false, err
	case len(b) < 12 || binary.BigEndian.Uint32(b) != 1:
		return t, false, errors.New("a time did not come in the form of timestamptz_send or record_send")
	}
	oid, size, value := binary.BigEndian.Uint32(b[4:]), int32(binary.BigEndian.Uint32(b[8:])), b[12:]
	switch {
	case size == -1 && len(value) == 0:
		return t, true, nil
	case int(size) != len(value):
	case size == 8 && (oid == oidTimestampTZ || oid == oidTimestamp):
		t, err = unpackMoment(value)
		return t, false, err
	case size == 4 && oid == oidDate:
		n := int32(binary.BigEndian.Uint32(value))
		if n == math.MaxInt32 || n == math.MinInt32 {
			return t, false, errInfinite
		}
		return time.Unix(int64(n)*86400+epoch, 0).UTC(), false, nil
	case oid == oidText || oid == oidVarchar:
		t, err = field.ParseTime(string(value))
		return t, false, err
	}
	return t, false, errors.New("the column is of a type that is no time")
}

// unpackMoment reads microseconds since the epoch.
func unpackMoment(b []byte) (time.Time, error) {
	n := int64(binary.BigEndian.Uint64(b))
	if n == math.MaxInt64 || n == math.MinInt64 {
		return time.Time{}, errInfinite
	}
	return time.Unix(n/1e6+epoch, n%1e6*1000).UTC(), nil
}

var errInfinite = errors.New("the time is infinite, which a time.Time cannot be")
