package schema

import (
	"cmp"
	"slices"
)

// SortTables puts tables into foreign-key order, the ones pointed to first.
// Where a cycle leaves no such order, foreign keys that may be NULL are the
// ones set aside; where those do not end it, tables follow the order of their
// names. The result has the tables given and no others.
func SortTables(tables []*TableDef) []*TableDef {
	rest := slices.Clone(tables)
	slices.SortStableFunc(rest, func(a, b *TableDef) int { return cmp.Compare(a.QualifiedName(), b.QualifiedName()) })
	waiting := map[*TableDef]bool{}
	for _, t := range rest {
		waiting[t] = true
	}
	var out []*TableDef
	for len(rest) > 0 {
		i := slices.IndexFunc(rest, func(t *TableDef) bool { return !t.waitsFor(waiting, true) })
		if i < 0 {
			i = slices.IndexFunc(rest, func(t *TableDef) bool { return !t.waitsFor(waiting, false) })
		}
		i = max(i, 0)
		out = append(out, rest[i])
		delete(waiting, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	return out
}

// waitsFor reports whether a foreign key of t points to one of the tables;
// nullable says whether to count those that may be NULL.
func (t *TableDef) waitsFor(tables map[*TableDef]bool, nullable bool) bool {
	for _, fk := range t.ForeignKeys {
		if fk.RefTable == t || !tables[fk.RefTable] {
			continue
		}
		if nullable || !slices.ContainsFunc(fk.Columns, func(c *ColumnDef) bool { return c.Nullable }) {
			return true
		}
	}
	return false
}
