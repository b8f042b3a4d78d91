package postgres

import (
	"errors"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
)

// Translate turns an error of lib/pq or pgx into a typed one.
func (Dialect) Translate(err error) error {
	if err == nil || dialect.Translated(err) {
		return err
	}
	var state interface {
		error
		SQLState() string
	}
	if !errors.As(err, &state) {
		if dialect.IsConnectionLost(err) {
			return &dialect.ConnectionLost{Err: err}
		}
		return err
	}
	code := state.SQLState()
	v := dialect.Violation{
		Constraint: dialect.ErrorField(state, "Constraint", "ConstraintName"),
		Table:      dialect.ErrorField(state, "Table", "TableName"),
		Err:        err,
	}
	column := dialect.ErrorField(state, "Column", "ColumnName")
	detail := dialect.ErrorField(state, "Detail")
	switch code {
	case "23505", "23P01":
		v.Columns = detailColumns(detail)
		return &dialect.UniqueViolation{Violation: v}
	case "23503":
		// Where a row pointed to was to go, the detail has that table's columns.
		if strings.Contains(detail, "is not present") {
			v.Columns = detailColumns(detail)
		}
		return &dialect.ForeignKeyViolation{Violation: v}
	case "23502":
		if column != "" {
			v.Columns = []string{column}
		}
		return &dialect.NotNullViolation{Violation: v}
	case "23514":
		return &dialect.CheckViolation{Violation: v}
	case "40001":
		return &dialect.SerializationFailure{Err: err}
	case "40P01":
		return &dialect.Deadlock{Err: err}
	case "55P03":
		return &dialect.LockTimeout{Err: err}
	case "57014":
		return &dialect.Canceled{Err: err}
	case "57P01", "57P02", "57P03", "57P05", "25P03":
		return &dialect.ConnectionLost{Err: err}
	case "42P01":
		return &dialect.UndefinedTable{Table: relation(dialect.ErrorField(state, "Message")), Err: err}
	case "22001", "22003", "22007", "22008", "22012", "22021", "22P02", "22P05", "2201B":
		return &dialect.ValueRejected{Table: v.Table, Column: column, Err: err}
	case "42804", "42846":
		return &dialect.TypeMismatch{Err: err}
	case refused:
		return &dialect.Refused{Message: dialect.ErrorField(state, "Message"), Err: err}
	case "42P06", "42P07", "42701", "42710":
		return &dialect.Exists{Err: err}
	case "2BP01":
		return &dialect.DependedOn{Detail: detail, Err: err}
	case "0A000":
		// Of all that is not supported the routine tells this apart, in whatever
		// language the server speaks: a view, function, trigger or policy uses a column
		// whose type was to change. The second one says so since version 17.
		switch dialect.ErrorField(state, "Routine") {
		case "ATExecAlterColumnType", "RememberAllDependentForRebuilding":
			return &dialect.DependedOn{Detail: detail, Err: err}
		}
	case "25006":
		return &dialect.ReadOnlyViolation{Err: err}
	}
	if strings.HasPrefix(code, "08") {
		return &dialect.ConnectionLost{Err: err}
	}
	return err
}

// detailColumns reads the column names of "Key (a, b)=(1, 2) already exists.".
// An expression gives none.
func detailColumns(detail string) []string {
	_, rest, ok := strings.Cut(detail, "(")
	if !ok {
		return nil
	}
	var cols []string
	for {
		name, tail, ok := columnName(rest)
		if !ok {
			return nil
		}
		cols = append(cols, name)
		switch {
		case strings.HasPrefix(tail, ", "):
			rest = tail[2:]
		case strings.HasPrefix(tail, ")"):
			return cols
		default:
			return nil
		}
	}
}

// columnName takes one name, quoted or not, off the front of s.
func columnName(s string) (name, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		i := strings.IndexAny(s, `,()" `)
		if i <= 0 {
			return "", "", false
		}
		return s[:i], s[i:], true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		return b.String(), s[i+1:], b.Len() > 0
	}
	return "", "", false
}

// relation is the bare name in `relation "schema.name" does not exist`.
func relation(message string) string {
	_, rest, ok := strings.Cut(message, `"`)
	i := strings.LastIndexByte(rest, '"')
	if !ok || i < 0 {
		return ""
	}
	name := rest[:i]
	if j := strings.LastIndexByte(name, '.'); j >= 0 {
		name = name[j+1:]
	}
	return name
}
