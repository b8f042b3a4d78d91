package sqlite

import (
	"errors"
	"reflect"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
)

// The result codes that errors are told apart by; the low byte is the primary
// code.
const (
	codeBusy       = 5
	codeLocked     = 6
	codeReadOnly   = 8
	codeInterrupt  = 9
	codeCantOpen   = 14
	codeTooBig     = 18
	codeConstraint = 19
	codeMismatch   = 20
	codeCheck      = 275
	codeForeignKey = 787
	codeNotNull    = 1299
	codePrimaryKey = 1555
	codeUnique     = 2067
	codeRowID      = 2579
)

// Translate turns an error of a SQLite driver into a typed one.
func (Dialect) Translate(err error) error {
	if err == nil || dialect.Translated(err) {
		return err
	}
	code, ok := resultCode(err)
	if !ok {
		if dialect.IsConnectionLost(err) {
			return &dialect.ConnectionLost{Err: err}
		}
		return err
	}
	switch code & 0xff {
	case codeBusy, codeLocked:
		return &dialect.SerializationFailure{Err: err}
	case codeReadOnly:
		return &dialect.ReadOnlyViolation{Err: err}
	case codeCantOpen:
		return &cannotOpen{err}
	case codeInterrupt:
		return &dialect.Canceled{Err: err}
	case codeTooBig, codeMismatch:
		return &dialect.ValueRejected{Err: err}
	case codeConstraint:
		return constraint(code, err)
	}
	text := trimCode(err.Error())
	if _, rest, ok := strings.Cut(text, ": '"+refused); ok {
		return &dialect.Refused{Message: strings.ReplaceAll(strings.TrimSuffix(rest, "'"), "''", "'"), Err: err}
	}
	if strings.Contains(text, ": '"+badDecimal) || strings.HasSuffix(text, "integer overflow") {
		return &dialect.ValueRejected{Err: err}
	}
	if _, rest, ok := strings.Cut(text, "error in "); ok && (strings.Contains(rest, " after drop column: ") || strings.Contains(rest, " after rename: ")) {
		return &dialect.DependedOn{Err: err}
	}
	if strings.HasSuffix(text, " already exists") || strings.Contains(text, "duplicate column name: ") {
		return &dialect.Exists{Err: err}
	}
	if _, rest, ok := strings.Cut(err.Error(), "no such table: "); ok {
		return &dialect.UndefinedTable{Table: tableName(trimCode(rest)), Err: err}
	}
	return err
}

// constraint reads which constraint was violated from the text, which is the one
// place that names table and columns.
func constraint(code int, err error) error {
	text := err.Error()
	v := dialect.Violation{Err: err}
	after := func(what string) (string, bool) {
		_, rest, ok := strings.Cut(text, what+" constraint failed: ")
		return trimCode(rest), ok
	}
	if rest, ok := after("UNIQUE"); ok || code == codeUnique || code == codePrimaryKey || code == codeRowID {
		if name, ok := strings.CutPrefix(rest, "index '"); ok {
			v.Constraint = strings.TrimSuffix(name, "'")
		} else {
			v.Table, v.Columns = tableColumns(rest)
		}
		return &dialect.UniqueViolation{Violation: v}
	}
	if rest, ok := after("NOT NULL"); ok || code == codeNotNull {
		v.Table, v.Columns = tableColumns(rest)
		return &dialect.NotNullViolation{Violation: v}
	}
	if rest, ok := after("CHECK"); ok || code == codeCheck {
		v.Constraint = rest
		return &dialect.CheckViolation{Violation: v}
	}
	if code == codeForeignKey || strings.Contains(text, "FOREIGN KEY constraint failed") {
		return &dialect.ForeignKeyViolation{Violation: v}
	}
	return err
}

// tableName is the name without that of its database, which SQLite puts before
// some: one of its own, since the dialect opens no other. A name may have any
// character, a dot or space too.
func tableName(s string) string {
	for _, db := range []string{"main.", "temp."} {
		if name, ok := strings.CutPrefix(s, db); ok {
			return name
		}
	}
	return s
}

// trimCode cuts " (2067)" off the end, as some drivers write it.
func trimCode(s string) string {
	if i := strings.LastIndex(s, " ("); i >= 0 && strings.HasSuffix(s, ")") {
		if code := s[i+2 : len(s)-1]; code != "" && strings.Trim(code, "0123456789") == "" {
			return s[:i]
		}
	}
	return s
}

// tableColumns reads "t.a, t.b".
func tableColumns(s string) (table string, cols []string) {
	for _, p := range strings.Split(s, ", ") {
		i := strings.LastIndexByte(p, '.')
		if i < 0 {
			return table, cols
		}
		table = p[:i]
		cols = append(cols, p[i+1:])
	}
	return table, cols
}

// resultCode finds SQLite's result code: the Code method of glebarez's and
// modernc's errors, the ExtendedCode field of mattn's.
func resultCode(err error) (int, bool) {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		return coded.Code(), true
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		v := reflect.Indirect(reflect.ValueOf(e))
		if v.Kind() != reflect.Struct {
			continue
		}
		for _, name := range []string{"ExtendedCode", "Code"} {
			if f := v.FieldByName(name); f.IsValid() && f.CanInt() && f.Int() != 0 {
				return int(f.Int()), true
			}
		}
	}
	return 0, false
}

// cannotOpen replaces a text that speaks of memory, which is what the drivers
// make of SQLite's code.
type cannotOpen struct{ err error }

func (e *cannotOpen) Error() string {
	return "sqlite: cannot open the database file: is its folder there, and may it be read and written?"
}
func (e *cannotOpen) Unwrap() error { return e.err }
