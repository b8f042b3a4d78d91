package postgres

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/dormer-orm/dormer/schema"
)

// AppendPackedColumn reads times as the bytes of a record of one field. Drivers
// that ask for times as text take longer to read one than all else of a short row,
// and timestamptz_send alone would take a column of type timestamp for one of the
// session's zone: the record says of which type its field is.
func (Dialect) AppendPackedColumn(b []byte, c *schema.ColumnDef, qualified string) ([]byte, bool) {
	if c.Type.Kind != schema.TimeKind {
		return b, false
	}
	b = append(b, "record_send(ROW("...)
	b = append(b, qualified...)
	return append(b, "))"...), true
}

// Object identifiers of PostgreSQL's types, from its catalogue pg_type.
const (
	oidDate        = 1082
	oidTimestamp   = 1114
	oidTimestampTZ = 1184
)

// epoch is the moment from which PostgreSQL counts, in seconds of Unix.
const epoch = 946684800

// Unpack reads the bytes of a record of one time, in the form that PostgreSQL's
// record_send gives it: the number of fields, the field's type and length, and its
// value; big-endian, and -1 as the length of NULL. Infinite times have no time.Time
// and are an error.
func (Dialect) Unpack(v driver.Value) (t time.Time, null bool, err error) {
	b, ok := v.([]byte)
	if !ok || len(b) < 12 || binary.BigEndian.Uint32(b) != 1 {
		return t, false, errors.New("a time did not come in the form of record_send")
	}
	oid, size, value := binary.BigEndian.Uint32(b[4:]), int32(binary.BigEndian.Uint32(b[8:])), b[12:]
	switch {
	case size == -1 && len(value) == 0:
		return t, true, nil
	case int(size) != len(value):
	case size == 8 && (oid == oidTimestampTZ || oid == oidTimestamp):
		n := int64(binary.BigEndian.Uint64(value))
		if n == math.MaxInt64 || n == math.MinInt64 {
			return t, false, errInfinite
		}
		s, us := n/1e6, n%1e6
		return time.Unix(s+epoch, us*1000).UTC(), false, nil
	case size == 4 && oid == oidDate:
		n := int32(binary.BigEndian.Uint32(value))
		if n == math.MaxInt32 || n == math.MinInt32 {
			return t, false, errInfinite
		}
		return time.Unix(int64(n)*86400+epoch, 0).UTC(), false, nil
	}
	return t, false, errors.New("the column is of a type that is no time")
}

var errInfinite = errors.New("the time is infinite, which a time.Time cannot be")
