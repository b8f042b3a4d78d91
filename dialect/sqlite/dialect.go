package sqlite

import (
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dormer-orm/dormer/dialect"
)

// Dialect is SQLite. Its zero value is ready, and it is safe for concurrent use.
type Dialect struct{}

// New returns the dialect.
func New() Dialect { return Dialect{} }

var _ dialect.Dialect = Dialect{}

// timeLayout is how times are stored.
const timeLayout = "2006-01-02 15:04:05.000000"

// Name is "sqlite".
func (Dialect) Name() string { return "sqlite" }

// Capabilities says what SQLite can do.
func (Dialect) Capabilities() dialect.Capabilities { return capabilities }

var capabilities = dialect.Capabilities{
	InProcess:            true,
	Explain:              "EXPLAIN QUERY PLAN ",
	ExplainTree:          true,
	BoolsAreNumbers:      true,
	DocumentsAreText:     true,
	DecimalsAreText:      true,
	MaxParams:            maxParams,
	MaxMembers:           500,
	OneRowByResults:      true,
	OuterAggregatesApart: true,
	// There is but one level, the strictest.
	Isolation:        []sql.IsolationLevel{sql.LevelReadUncommitted, sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSerializable},
	UpdateSeesItself: true,
	WindowFunctions:  true,
	OffsetNeedsLimit: "-1",
	Distinct:         "IS NOT",
	NotDistinct:      "IS",
	Returning:        true,
	OnConflict:       true,
	SingleWriter:     true,
	ReadOnlyOn:       "PRAGMA query_only = ON",
	ReadOnlyOff:      "PRAGMA query_only = OFF",
	LastInsertID:     true,
	KeyReservation:   dialect.KeysByMax,
	DeferForeignKeys: "PRAGMA defer_foreign_keys = ON",
	TransactionalDDL: true,
	RebuildBegin:     []string{"PRAGMA foreign_keys = OFF"},
	RebuildEnd:       []string{"PRAGMA legacy_alter_table = OFF", "PRAGMA foreign_keys = ON"},
	ForeignKeyCheck:  "PRAGMA foreign_key_check",
	CountViolations:  []string{"DROP TABLE IF EXISTS temp.dormer_violations", "CREATE TEMP TABLE dormer_violations AS " + countViolations},
	RefuseViolations: []string{refuseViolations, "DROP TABLE temp.dormer_violations"},
	IdentityClause:   "PRIMARY KEY",
	IdentityOption:   "AUTOINCREMENT",
	InlineIdentity:   true,
	VirtualColumns:   true,
}

// AppendQuoted appends ident in double quotes.
func (Dialect) AppendQuoted(b []byte, ident string) []byte {
	b = append(b, '"')
	for i := 0; i < len(ident); i++ {
		switch ident[i] {
		case '"':
			b = append(b, '"', '"')
		case 0:
			b = append(b, "\uFFFD"...)
		default:
			b = append(b, ident[i])
		}
	}
	return append(b, '"')
}

// AppendPlaceholder appends ?: numbered ones are slow to bind.
func (Dialect) AppendPlaceholder(b []byte, _ int) []byte { return append(b, '?') }

// AppendLiteral appends v as SQL text.
func (Dialect) AppendLiteral(b []byte, v driver.Value) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "NULL"...), nil
	case bool:
		if v {
			return append(b, "TRUE"...), nil
		}
		return append(b, "FALSE"...), nil
	case int64:
		if v == math.MinInt64 {
			// Its digits alone are no integer to SQLite.
			return append(b, "(-9223372036854775807 - 1)"...), nil
		}
		return strconv.AppendInt(b, v, 10), nil
	case float64:
		return appendFloat(b, v)
	case string:
		if strings.IndexByte(v, 0) >= 0 {
			return b, fmt.Errorf("a text with a NUL cannot be written as a literal")
		}
		b = append(b, '\'')
		for i := 0; i < len(v); i++ {
			if v[i] == '\'' {
				b = append(b, '\'')
			}
			b = append(b, v[i])
		}
		return append(b, '\''), nil
	case []byte:
		b = append(b, "X'"...)
		b = hex.AppendEncode(b, v)
		return append(b, '\''), nil
	case time.Time:
		b = append(b, '\'')
		b = v.UTC().AppendFormat(b, timeLayout)
		return append(b, '\''), nil
	}
	return b, fmt.Errorf("a %T cannot be written as a literal", v)
}

// appendFloat writes f so that SQLite reads a REAL.
func appendFloat(b []byte, f float64) ([]byte, error) {
	switch {
	case math.IsNaN(f):
		return b, fmt.Errorf("NaN cannot be stored: SQLite takes it for NULL")
	case math.IsInf(f, 1):
		return append(b, "9e999"...), nil
	case math.IsInf(f, -1):
		return append(b, "-9e999"...), nil
	}
	mark := len(b)
	b = strconv.AppendFloat(b, f, 'g', -1, 64)
	if !strings.ContainsAny(string(b[mark:]), ".e") {
		b = append(b, ".0"...)
	}
	return b, nil
}
