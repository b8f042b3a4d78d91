package uow

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// ExchangeError says that a row could not be set aside while others of the flush
// take its unique value: none of the columns has a value that no row has. Make one
// of them nullable, or flush in between where that helps. A foreign key takes the
// keys of its parents only: the place of one that no row refers to serves, too.
type ExchangeError struct {
	// Entity is the entity's Go type, Table its table, Key its key.
	Entity, Table, Key string
	// Columns are the unique columns.
	Columns []string
	// Parents is the table that one of them refers to, "" where none is a foreign
	// key.
	Parents string
	// Err is what the database said to the last attempt, nil where there was
	// nothing to be tried.
	Err error
}

func (e *ExchangeError) Error() string {
	do := "flush in between, or make one of them nullable"
	if e.Parents != "" {
		do = fmt.Sprintf("make one of them nullable, exchange what the rows hold in their other columns, or have a row of %s that no row refers to", e.Parents)
	}
	return fmt.Sprintf("uow: update %s key %s: rows exchange values of the unique columns %s of %s, which take no value to set a row aside with: %s",
		e.Entity, e.Key, strings.Join(e.Columns, ", "), e.Table, do)
}

// Unwrap returns what the database said.
func (e *ExchangeError) Unwrap() error { return e.Err }

// asideValues are values that a column may be given for the moment, far ones
// first: they are no other row's as far as chance allows.
func (u *UnitOfWork) asideValues(ctx context.Context, m *mapper, f *field.Field) ([]driver.Value, error) {
	if fk := m.foreignKeyOf(f.Col); fk != nil {
		return u.freeParent(ctx, fk, f.Col)
	}
	var r [16]byte
	if _, err := rand.Read(r[:]); err != nil {
		return nil, err
	}
	n := int64(binary.BigEndian.Uint32(r[:]) >> 1)
	switch t := f.Col.Type; t.Kind {
	case schema.Int16Kind, schema.Int32Kind, schema.Int64Kind:
		return u.asideIntegers(ctx, m, f, n)
	case schema.TextKind:
		s := hex.EncodeToString(r[:])
		if t.Size > 0 && t.Size < len(s) {
			return []driver.Value{s[:t.Size], s[len(s)-t.Size:], s[:1]}, nil
		}
		return []driver.Value{s}, nil
	case schema.EnumKind:
		vs := make([]driver.Value, len(t.Values))
		for i, v := range t.Values {
			vs[i] = v
		}
		return vs, nil
	case schema.BoolKind:
		return []driver.Value{true, false}, nil
	case schema.Float64Kind, schema.Float32Kind:
		return []driver.Value{float64(n) + 0.5, -float64(n) - 0.5, float64(n) / (1 << 31)}, nil
	case schema.DecimalKind:
		digits := max(1, min(9, t.Precision-t.Scale))
		s := fmt.Sprint(n % int64(math.Pow10(digits)))
		return []driver.Value{s, "-" + s}, nil
	case schema.UUIDKind:
		return []driver.Value{f.UUIDValue(r)}, nil
	case schema.BytesKind:
		return []driver.Value{r[:]}, nil
	case schema.TimeKind:
		return []driver.Value{f.TimeValue(time.Unix(-60_000_000_000+n, 0)), f.TimeValue(time.Unix(200_000_000_000+n, 0))}, nil
	}
	return nil, nil
}

// asideIntegers are far integers, of either sign, and those next to the ones in
// use, which pass where a CHECK bounds the column. A narrow column's may all be
// in use: then any that is not.
func (u *UnitOfWork) asideIntegers(ctx context.Context, m *mapper, f *field.Field, n int64) ([]driver.Value, error) {
	low, high := integersOf(f.Col)
	var vs []driver.Value
	if span := uint64(high) - uint64(low); span > math.MaxUint8 {
		n %= int64(min(span>>3, 1_000_000_000))
		vs = append(vs, high-n, low+n)
	}
	used := map[int64]bool{}
	name := string(m.dialect.AppendQuoted(nil, f.Col.Name))
	text := dialect.NewWriter(m.dialect).Text("SELECT DISTINCT " + name + " FROM ").Table(m.def).Text(" ORDER BY " + name + " DESC LIMIT 1000").String()
	least, most := int64(math.MaxInt64), int64(math.MinInt64)
	if _, err := u.conn.Query(ctx, text, nil, func(vals []driver.Value) error {
		if v, ok := vals[0].(int64); ok {
			used[v] = true
			least, most = min(least, v), max(most, v)
		}
		return nil
	}); err != nil || len(used) == 0 {
		return vs, err
	}
	if most < high {
		vs = append(vs, most+1)
	}
	if least > low {
		vs = append(vs, least-1)
	}
	for v, gaps := most, 0; v > least && gaps < 3; v-- {
		if !used[v] {
			vs = append(vs, v)
			gaps++
		}
	}
	return vs, nil
}

// integersOf are the least and the greatest integer that both the column and its
// Go type hold.
func integersOf(c *schema.ColumnDef) (low, high int64) {
	low, high = math.MinInt64, math.MaxInt64
	switch c.Type.Kind {
	case schema.Int16Kind:
		low, high = math.MinInt16, math.MaxInt16
	case schema.Int32Kind:
		low, high = math.MinInt32, math.MaxInt32
	}
	switch c.GoType.Kind() {
	case reflect.Int8:
		low, high = math.MinInt8, math.MaxInt8
	case reflect.Uint8:
		low, high = 0, math.MaxUint8
	case reflect.Uint16:
		low, high = 0, min(high, math.MaxUint16)
	case reflect.Uint32:
		low, high = 0, min(high, math.MaxUint32)
	case reflect.Uint, reflect.Uint64:
		low = 0
	case reflect.Int16:
		low, high = math.MinInt16, math.MaxInt16
	case reflect.Int32:
		low, high = math.MinInt32, math.MaxInt32
	}
	return low, high
}

// freeParent is the key of a row that no row refers to by a foreign key: the one
// value, besides NULL, that it takes without being another row's. A foreign key
// of several columns has none.
func (u *UnitOfWork) freeParent(ctx context.Context, fk *schema.ForeignKeyDef, c *schema.ColumnDef) ([]driver.Value, error) {
	if len(fk.Columns) != 1 {
		return nil, nil
	}
	w := dialect.NewWriter(u.db.Dialect())
	w.Text("SELECT ").Name(fk.RefColumns[0].Name).Text(" FROM ").Table(fk.RefTable).Text(" WHERE ").Name(fk.RefColumns[0].Name)
	w.Text(" NOT IN (SELECT ").Name(c.Name).Text(" FROM ").Table(fk.Table).Text(" WHERE ").Name(c.Name).Text(" IS NOT NULL) LIMIT 1")
	var vs []driver.Value
	_, err := u.conn.Query(ctx, w.String(), nil, func(vals []driver.Value) error {
		vs = cloneValues(vals)
		return nil
	})
	return vs, err
}
