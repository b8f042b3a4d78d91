package schema

import (
	"cmp"
	"slices"
)

// SortTables puts tables into foreign-key order, the ones pointed to first.
// Where a cycle leaves no such order, tables keep the order of their names
// within it. The result has the tables given and no others.
func SortTables(tables []*TableDef) []*TableDef {
	rest := slices.Clone(tables)
	slices.SortStableFunc(rest, func(a, b *TableDef) int { return cmp.Compare(a.QualifiedName(), b.QualifiedName()) })
	in := map[*TableDef]bool{}
	for _, t := range rest {
		in[t] = true
	}
	state := map[*TableDef]int{}
	var out []*TableDef
	var visit func(t *TableDef)
	visit = func(t *TableDef) {
		if state[t] != 0 {
			return
		}
		state[t] = 1
		for _, fk := range t.ForeignKeys {
			if fk.RefTable != t && in[fk.RefTable] {
				visit(fk.RefTable)
			}
		}
		out = append(out, t)
	}
	for _, t := range rest {
		visit(t)
	}
	return out
}
