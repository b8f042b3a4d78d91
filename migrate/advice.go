package migrate

import (
	"errors"
	"strings"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

// advised adds to the failure of a step what to do about it. ops are those that
// were lowered together, of which the step does some.
func (m *migrator) advised(failure error, ops []Operation, doing string) error {
	var e *StepError
	if !errors.As(failure, &e) {
		return failure
	}
	for _, o := range ops {
		if !strings.Contains(", "+doing+", ", ", "+about(o)+", ") {
			continue
		}
		unmask(e.Err, tableOf(o))
		if e.hint == "" {
			e.hint = m.advice(o, e)
		}
	}
	return failure
}

// unmask names the table where the error names the one that is to replace it.
func unmask(err error, t Table) {
	var v *dialect.Violation
	var unique *dialect.UniqueViolation
	var null *dialect.NotNullViolation
	switch {
	case errors.As(err, &unique):
		v = &unique.Violation
	case errors.As(err, &null):
		v = &null.Violation
	default:
		return
	}
	if v.Table == "dormer_new_"+t.Name {
		v.Table = t.Name
	}
}

// advice is what to do where rows or other objects stand in an operation's way, ""
// where nothing is known.
func (m *migrator) advice(o Operation, e *StepError) string {
	err := e.Err
	if opaque(o) {
		return ""
	}
	if errors.Is(err, dialect.ErrDependedOn) {
		return "drop what depends on it before, by op.Exec, and make it again afterwards where it is still wanted"
	}
	if errors.Is(err, dialect.ErrExists) && !strings.Contains(e.SQL, "dormer_new_") {
		return "where the database was made in another way, and has all that the revision makes, write that down by stamp " + e.Revision + "; else drop it, or rename it, before"
	}
	if !m.caps.AlterTable && rebuildable(o) && (strings.HasPrefix(e.SQL, "SELECT 1 FROM ") || strings.HasPrefix(e.SQL, "EXPLAIN ")) {
		return "a view or trigger uses what goes: drop it before, by op.Exec, and make it again afterwards where it is still wanted"
	}
	if errors.Is(err, dialect.ErrUnique) {
		switch o.(type) {
		case AddUnique, AddPrimaryKey, CreateIndex, AlterColumn:
			return "rows that are there have the same values: change or delete them before, by op.Exec"
		}
	}
	switch o := o.(type) {
	case AlterColumn:
		column := "column " + o.Table.String() + "." + o.To.Name
		switch {
		case errors.Is(err, dialect.ErrTypeMismatch):
			return column + " is not converted to its new type unless someone says how: say it by Using"
		case errors.Is(err, dialect.ErrValue), o.To.Type.Kind == schema.EnumKind && violates(err, o.Table, o.To):
			return column + " holds a value, or has a default, that does not fit its new type: change the values before, by op.Exec, or say how to convert them by Using"
		}
		if names := m.users(o); len(names) > 0 && !dialect.Translated(err) {
			return "what stays beside it must fit its new type, and it is used by " + strings.Join(names, ", ") + ": drop those before that do not fit it, and add them again after the last change"
		}
	case AlterEnum:
		if !errors.Is(err, dialect.ErrValue) && !errors.Is(err, dialect.ErrCheck) || m.known == nil {
			return ""
		}
		for _, c := range enumColumns(m.known, o) {
			t := nameOf(c.Table)
			if violates(err, t, c) || strings.HasPrefix(e.SQL, "ALTER TABLE "+m.quoted(t)+" ALTER COLUMN "+string(m.d.AppendQuoted(nil, c.Name))+" ") {
				return "column " + t.String() + "." + c.Name + " holds a value, or has a default, that enum " + o.Name + " has no longer: change the values before, by op.Exec"
			}
		}
	case AddCheck:
		var v *dialect.CheckViolation
		if errors.As(err, &v) && v.Constraint == o.Check.Name {
			return "rows that are there do not meet it: change or delete them before, by op.Exec"
		}
	case AddForeignKey:
		if errors.Is(err, dialect.ErrForeignKey) {
			return "rows that are there point to none: change or delete them before, by op.Exec"
		}
	}
	return ""
}

// violates reports whether an error is that of the check of an enum's values.
func violates(err error, t Table, c *schema.ColumnDef) bool {
	var v *dialect.CheckViolation
	if !errors.As(err, &v) {
		return false
	}
	of := *c
	of.Table = &schema.TableDef{Schema: t.Schema, Name: t.Name}
	return v.Constraint == dialect.EnumCheckName(&of)
}

// users are the CHECKs and indexes with expressions of a column that changes.
func (m *migrator) users(o AlterColumn) (names []string) {
	if m.known == nil {
		return nil
	}
	t, err := table(m.known, o.Table)
	if err != nil {
		return nil
	}
	s := aroundType(t, []string{o.To.Name}, true)
	for _, op := range s.before {
		switch op := op.(type) {
		case schema.DropConstraint:
			names = append(names, "check "+op.Name)
		case schema.DropIndex:
			names = append(names, "index "+op.Index.Name)
		}
	}
	return names
}
