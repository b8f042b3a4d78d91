package migrate

import (
	"context"
	"fmt"
)

// keeps returns a *DataLossError where the operation takes away something that is
// there. before are operations of the same part, which have not run yet.
func (m *migrator) keeps(ctx context.Context, n *node, before []Operation, o Operation) error {
	if o.Loses() == "" {
		return nil
	}
	var t Table
	column := ""
	switch o := o.(type) {
	case DropTable:
		t = o.Table
	case DropColumn:
		t, column = o.Table, o.Name
	case AlterColumn:
		t, column = o.Table, o.From.Name
	default:
		return &DataLossError{n.ID, n.base(), o.Loses()}
	}
	t, column, there := origin(before, t, column)
	if !there {
		return nil
	}
	query := "SELECT EXISTS (SELECT 1 FROM " + m.quoted(t)
	if column != "" {
		query += " WHERE " + string(m.d.AppendQuoted(nil, column)) + " IS NOT NULL"
	}
	holds, err := m.ask(ctx, query+")")
	if err == nil && holds {
		err = &DataLossError{n.ID, n.base(), o.Loses()}
	}
	return err
}

func (m *migrator) quoted(t Table) string {
	var b []byte
	if t.Schema != "" {
		b = append(m.d.AppendQuoted(b, t.Schema), '.')
	}
	return string(m.d.AppendQuoted(b, t.Name))
}

// origin is what a table and column are called before the operations; there is
// false where these make them. column is "" for the table alone.
func origin(before []Operation, t Table, column string) (_ Table, _ string, there bool) {
	for i := len(before) - 1; i >= 0; i-- {
		switch o := before[i].(type) {
		case RenameTable:
			if t.Schema == o.Table.Schema && t.Name == o.To {
				t = o.Table
			}
		case RenameColumn:
			if t == o.Table && column == o.To {
				column = o.From
			}
		case CreateTable:
			if t == nameOf(o.Table) {
				return t, column, false
			}
		case AddColumn:
			if t == o.Table && column == o.Column.Name {
				return t, column, false
			}
		}
	}
	return t, column, true
}

// String says what the step is, as a line of a log.
func (s Step) String() string {
	if s.Down {
		return fmt.Sprintf("downgrade %s", s.Revision)
	}
	return fmt.Sprintf("upgrade %s", s.Revision)
}
