package dialect

import (
	"errors"
	"slices"

	"github.com/dormer-orm/dormer/schema"
)

// Complete fills in what a database left out of a violation and the model knows:
// the constraint's name from table and columns (SQLite does not tell it), or the
// table and columns from the constraint's name. tables are those of the model. The
// error is completed in place and returned; call it before others can see it.
func Complete(err error, tables []*schema.TableDef) error {
	var u *UniqueViolation
	var k *CheckViolation
	switch {
	case errors.As(err, &u):
		completeUnique(&u.Violation, tables)
	case errors.As(err, &k):
		completeCheck(&k.Violation, tables)
	}
	return err
}

func completeUnique(v *Violation, tables []*schema.TableDef) {
	for _, t := range tables {
		if v.Table != "" && t.Name != v.Table {
			continue
		}
		for _, u := range t.Uniques {
			if fill(v, t, u.Name, columnNames(u.Columns)) {
				return
			}
		}
		for _, x := range t.Indexes {
			if !x.Unique {
				continue
			}
			var cols []string
			for _, p := range x.Parts {
				if p.Column != nil {
					cols = append(cols, p.Column.Name)
				}
			}
			if len(cols) != len(x.Parts) {
				cols = nil // columns alone do not say what is unique
			}
			if fill(v, t, x.Name, cols) {
				return
			}
		}
		if slices.Equal(v.Columns, columnNames(t.PrimaryKey)) && v.Table == t.Name && v.Constraint == "" {
			v.Constraint = t.Name + "_pkey"
			return
		}
	}
}

func completeCheck(v *Violation, tables []*schema.TableDef) {
	for _, t := range tables {
		if v.Table != "" && t.Name != v.Table {
			continue
		}
		for _, k := range t.Checks {
			if k.Name == v.Constraint && v.Constraint != "" {
				v.Table = t.Name
				return
			}
		}
	}
}

// fill completes v if it is about the constraint given.
func fill(v *Violation, t *schema.TableDef, name string, cols []string) bool {
	switch {
	case v.Constraint == "" && v.Table == t.Name && len(cols) > 0 && slices.Equal(v.Columns, cols):
		v.Constraint = name
	case v.Constraint == name && name != "":
		v.Table = t.Name
		if len(v.Columns) == 0 {
			v.Columns = cols
		}
	default:
		return false
	}
	return true
}

func columnNames(cols []*schema.ColumnDef) []string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.Name
	}
	return names
}
