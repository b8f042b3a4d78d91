package migrate

import (
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// parts compares constraints or indexes of one kind. Those of one name are the
// same or are replaced; of the rest, those that differ by their name alone are
// renamed. One that the database has without a name is left so.
func parts[T any](have, want []T, name func(T) string, same func(h, w T) bool) (drop, add []T, kept [][2]T) {
	left := slices.Clone(have)
	var open []T
	for _, w := range want {
		i := slices.IndexFunc(left, func(h T) bool { return name(h) == name(w) })
		if i < 0 {
			open = append(open, w)
			continue
		}
		if h := left[i]; same(h, w) {
			kept = append(kept, [2]T{h, w})
		} else {
			drop, add = append(drop, h), append(add, w)
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, w := range open {
		i := slices.IndexFunc(left, func(h T) bool { return same(h, w) })
		if i < 0 {
			add = append(add, w)
			continue
		}
		kept = append(kept, [2]T{left[i], w})
		left = slices.Delete(left, i, i+1)
	}
	return append(drop, left...), add, kept
}

// partNamed finds a part by its name.
func partNamed[T any](list []T, name func(T) string, want string) (found T, ok bool) {
	i := slices.IndexFunc(list, func(x T) bool { return name(x) == want })
	if i < 0 {
		return found, false
	}
	return list[i], true
}

func uniqueName(u *schema.UniqueDef) string         { return u.Name }
func checkName(k *schema.CheckDef) string           { return k.Name }
func indexName(x *schema.IndexDef) string           { return x.Name }
func foreignKeyName(k *schema.ForeignKeyDef) string { return k.Name }

func (c *compared) key() {
	h, w := names(c.have.PrimaryKey), names(c.want.PrimaryKey)
	if slices.Equal(h, w) {
		return
	}
	if len(h) > 0 {
		c.note(phaseDropConstraint, DropConstraint{c.name(), schema.PrimaryKeyConstraint, "", AddPrimaryKey{c.name(), h}})
		c.freed = append(c.freed, h)
	}
	if len(w) > 0 {
		c.note(phaseAddKey, AddPrimaryKey{c.name(), w})
	}
}

// renamePart renames a constraint that has a name and gets another.
func (c *compared) renamePart(from, to string) {
	if from != to && from != "" {
		c.note(phaseRenamePart, RenameConstraint{c.name(), from, to})
	}
}

func (c *compared) uniques() {
	drop, add, kept := parts(c.have.Uniques, c.want.Uniques, uniqueName, func(h, w *schema.UniqueDef) bool {
		return slices.Equal(names(h.Columns), names(w.Columns))
	})
	for _, u := range drop {
		c.note(phaseDropConstraint, DropConstraint{c.name(), schema.UniqueConstraint, u.Name, AddUnique{c.name(), u}})
		c.freed = append(c.freed, names(u.Columns))
	}
	for _, u := range add {
		if !c.redundant(u, kept) {
			c.note(phaseAddKey, AddUnique{c.name(), u})
		}
	}
	for _, k := range kept {
		if c.needs(names(k[0].Columns)...) && k[0].Name != "" {
			c.note(phaseDropConstraint, DropConstraint{c.name(), schema.UniqueConstraint, k[0].Name, AddUnique{c.name(), k[0]}})
			c.freed = append(c.freed, names(k[0].Columns))
			c.note(phaseAddKey, AddUnique{c.name(), k[1]})
			continue
		}
		c.renamePart(k[0].Name, k[1].Name)
	}
}

// redundant reports whether the key or a constraint that stays is of the same
// columns: databases leave such a constraint out of CREATE TABLE without a word.
func (c *compared) redundant(u *schema.UniqueDef, kept [][2]*schema.UniqueDef) bool {
	same := func(cols []*schema.ColumnDef) bool { return slices.Equal(names(cols), names(u.Columns)) }
	return same(c.want.PrimaryKey) && same(c.have.PrimaryKey) ||
		slices.ContainsFunc(kept, func(k [2]*schema.UniqueDef) bool { return same(k[1].Columns) })
}

// needs reports whether one of the columns is made anew.
func (c *compared) needs(columns ...string) bool {
	return slices.ContainsFunc(columns, func(s string) bool { return slices.Contains(c.remade, s) })
}

// remakes reports whether an expression names a column that is made anew.
func (c *compared) remakes(list ...expr.Node) bool {
	return slices.ContainsFunc(c.remade, func(col string) bool {
		return slices.ContainsFunc(list, func(n expr.Node) bool { return n != nil && mentions(n, col) })
	})
}

func (c *compared) checks() {
	want := c.want.Checks
	if c.tried != nil { // without those that the database reads as the guard of an enum
		want = slices.DeleteFunc(slices.Clone(want), func(w *schema.CheckDef) bool {
			_, ok := partNamed(c.tried.Checks, checkName, w.Name)
			return !ok
		})
	}
	drop, add, kept := parts(c.have.Checks, want, checkName, func(h, w *schema.CheckDef) bool {
		return c.sameText(h.Cond, w.Cond) || c.anyTried(func(t *schema.TableDef) bool {
			k, ok := partNamed(t.Checks, checkName, w.Name)
			return ok && c.sameText(h.Cond, k.Cond)
		})
	})
	for _, k := range drop {
		c.note(phaseDropConstraint, DropConstraint{c.name(), schema.CheckConstraint, k.Name, AddCheck{c.name(), k}})
	}
	for _, k := range add {
		c.note(phaseAddConstraint, AddCheck{c.name(), k})
	}
	for _, k := range kept {
		if (c.remakes(k[0].Cond) || c.across(k[0].Cond) || c.respelledCheck(k[1].Name)) && k[0].Name != "" {
			c.note(phaseDropConstraint, DropConstraint{c.name(), schema.CheckConstraint, k[0].Name, AddCheck{c.name(), k[0]}})
			c.note(phaseAddConstraint, AddCheck{c.name(), k[1]})
			continue
		}
		c.renamePart(k[0].Name, k[1].Name)
	}
}

// across reports whether an expression is of several columns that change their types
// one after the other, so that it would be of types on the way that do not compare.
func (c *compared) across(list ...expr.Node) bool {
	if !c.caps.AlterTable {
		return false
	}
	return slices.ContainsFunc(list, func(n expr.Node) bool {
		if n == nil {
			return false
		}
		count, apart := 0, false
		for name, other := range c.retyped {
			if mentions(n, name) {
				count, apart = count+1, apart || other
			}
		}
		return count > 1 && apart
	})
}

// anyTried reports whether it is so of the table as the database reads it.
func (c *compared) anyTried(is func(*schema.TableDef) bool) bool {
	return c.tried != nil && is(c.tried) || c.former != nil && is(c.former)
}

// respelledCheck reports whether the database reads a CHECK in another way once the
// types of columns have changed.
func (c *compared) respelledCheck(name string) bool {
	if !c.recast || c.tried == nil || c.former == nil {
		return false
	}
	is, ok := partNamed(c.tried.Checks, checkName, name)
	was, known := partNamed(c.former.Checks, checkName, name)
	return ok && known && !c.sameText(is.Cond, was.Cond)
}

// respelledIndex is respelledCheck of an index.
func (c *compared) respelledIndex(name string) bool {
	if !c.recast || c.tried == nil || c.former == nil {
		return false
	}
	is, ok := partNamed(c.tried.Indexes, indexName, name)
	was, known := partNamed(c.former.Indexes, indexName, name)
	return ok && known && !c.sameIndex(is, was)
}

func (c *compared) indexes() {
	drop, add, kept := parts(c.have.Indexes, c.want.Indexes, indexName, func(h, w *schema.IndexDef) bool {
		return c.sameIndex(h, w) || c.anyTried(func(t *schema.TableDef) bool {
			x, ok := partNamed(t.Indexes, indexName, w.Name)
			return ok && c.sameIndex(h, x)
		})
	})
	for _, k := range kept {
		h, w := k[0], k[1]
		switch {
		case c.needs(append(indexColumns(h), names(h.Include)...)...) || c.remakes(append(indexExprs(h), h.Where)...) || c.across(append(indexExprs(h), h.Where)...) || c.respelledIndex(w.Name):
			drop, add = append(drop, h), append(add, w)
		case h.Name != w.Name:
			c.note(phaseRenamePart, RenameIndex{c.name(), h.Name, w.Name})
		}
	}
	for _, x := range drop {
		c.note(phaseDropIndex, DropIndex{Table: c.name(), Name: x.Name, Was: x})
		if x.Unique {
			c.freed = append(c.freed, indexColumns(x))
		}
	}
	for _, x := range add {
		phase := phaseAddConstraint
		if x.Unique {
			phase = phaseAddKey // foreign keys may point to it
		}
		c.note(phase, CreateIndex{Table: c.name(), Index: x})
	}
}

func indexExprs(x *schema.IndexDef) []expr.Node {
	var out []expr.Node
	for _, p := range x.Parts {
		if p.Expr != nil {
			out = append(out, p.Expr)
		}
	}
	return out
}

func indexColumns(x *schema.IndexDef) []string {
	var out []string
	for _, p := range x.Parts {
		if p.Column != nil {
			out = append(out, p.Column.Name)
		}
	}
	return out
}

func (c *compared) sameIndex(a, b *schema.IndexDef) bool {
	return a.Unique == b.Unique && a.Method == b.Method &&
		(!c.caps.IndexInclude || slices.Equal(names(a.Include), names(b.Include))) &&
		c.sameText(a.Where, b.Where) &&
		slices.EqualFunc(a.Parts, b.Parts, func(p, q schema.IndexPart) bool {
			if p.Desc != q.Desc || p.Nulls != q.Nulls || p.Class != q.Class || (p.Column == nil) != (q.Column == nil) {
				return false
			}
			if p.Column != nil {
				return p.Column.Name == q.Column.Name
			}
			return c.sameText(p.Expr, q.Expr)
		})
}

func (c *compared) foreignKeys() {
	drop, add, kept := parts(c.have.ForeignKeys, c.want.ForeignKeys, foreignKeyName, func(h, w *schema.ForeignKeyDef) bool {
		return slices.Equal(names(h.Columns), names(w.Columns)) && nameOf(h.RefTable) == nameOf(w.RefTable) &&
			slices.Equal(names(h.RefColumns), names(w.RefColumns)) &&
			h.OnDelete == w.OnDelete && h.OnUpdate == w.OnUpdate && h.Deferrable == w.Deferrable
	})
	for _, k := range drop {
		c.note(phaseDropForeignKey, dropForeignKey(c.name(), k))
	}
	for _, k := range add {
		c.note(phaseAddForeignKey, AddForeignKey{c.name(), k})
	}
	for _, k := range kept {
		c.kept = append(c.kept, keptKey{k[0], k[1]})
	}
}

// moveKeys takes foreign keys out of the way that stay: of columns whose type
// becomes one that does not compare with the old one, and to a key that is
// replaced. Where a foreign key is part of its table nothing is in the way.
func (d *differ) moveKeys(both []*compared) {
	retyped := map[Table]map[string]bool{}
	freed := map[Table][][]string{}
	for _, c := range both {
		retyped[c.name()], freed[c.name()] = c.retyped, c.freed
	}
	for _, c := range both {
		for _, k := range c.kept {
			moved := c.needs(names(k.have.Columns)...) || slices.ContainsFunc(k.have.Columns, func(x *schema.ColumnDef) bool { return c.retyped[x.Name] }) ||
				slices.ContainsFunc(k.have.RefColumns, func(x *schema.ColumnDef) bool { return retyped[nameOf(k.have.RefTable)][x.Name] }) ||
				slices.ContainsFunc(freed[nameOf(k.have.RefTable)], func(key []string) bool { return sameSet(key, names(k.have.RefColumns)) })
			switch {
			case k.have.Name == "":
			case moved && d.caps.AlterForeignKeys:
				d.add(phaseDropForeignKey, dropForeignKey(c.name(), k.have))
				d.add(phaseAddForeignKey, AddForeignKey{c.name(), k.want})
			case k.have.Name != k.want.Name:
				d.add(phaseRenamePart, RenameConstraint{c.name(), k.have.Name, k.want.Name})
			}
		}
	}
}

func sameSet(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}
