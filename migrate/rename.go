package migrate

import (
	"slices"

	"github.com/dormer-orm/dormer/schema"
)

// pair is an old name and a new one.
type pair struct{ from, to string }

// renames finds which declared renames are to be made, in an order in which each
// new name is free: those whose old name is there and whose new one is not. have
// are the names that are there, wanted the new ones, each with the old name
// declared or "".
func renames(have []string, wanted []pair) []pair {
	have = slices.Clone(have)
	has := func(name string) bool { return name != "" && slices.Contains(have, name) }
	var out []pair
	for found := true; found; {
		found = false
		for _, w := range wanted {
			if !has(w.from) || has(w.to) {
				continue
			}
			have[slices.Index(have, w.from)] = w.to
			out = append(out, w)
			found = true
		}
	}
	return out
}

// renameAll makes the declared renames in the catalog and notes them.
func (d *differ) renameAll() error {
	for _, name := range d.schemas() {
		var have []string
		var wanted []pair
		for _, t := range d.have.Tables {
			if t.Schema == name {
				have = append(have, t.Name)
			}
		}
		for _, t := range d.want {
			if t.Schema == name {
				wanted = append(wanted, pair{t.RenamedFrom, t.Name})
			}
		}
		d.swapped("table", have, wanted)
		for _, r := range renames(have, wanted) {
			if err := d.rename(RenameTable{Table{name, r.from}, r.to}); err != nil {
				return err
			}
		}
	}
	for _, t := range d.want {
		h := d.have.Table(t.Schema, t.Name)
		if h == nil {
			continue
		}
		var wanted []pair
		for _, c := range t.Columns {
			wanted = append(wanted, pair{c.RenamedFrom, c.Name})
		}
		d.swapped("column of table "+nameOf(t).String(), names(h.Columns), wanted)
		for _, r := range renames(names(h.Columns), wanted) {
			if err := d.rename(RenameColumn{nameOf(t), r.from, r.to}); err != nil {
				return err
			}
		}
	}
	link(d.have.Tables)
	return nil
}

// swapped notes names that change places: each of them is taken, as it is once the
// change is made, so that nobody can tell whether it is.
func (d *differ) swapped(what string, have []string, wanted []pair) {
	for i, w := range wanted {
		if slices.Contains(have, w.from) && slices.Contains(have, w.to) && slices.Contains(wanted[i+1:], pair{w.to, w.from}) {
			d.notes = append(d.notes, "the names "+w.from+" and "+w.to+" of a "+what+" are declared to change places, which is not compared: rename one to a third name in a revision of its own")
		}
	}
}

func (d *differ) rename(o Operation) error {
	d.add(phaseRename, o)
	return o.apply(d.have)
}

// schemas are those of the tables wanted.
func (d *differ) schemas() []string {
	var out []string
	for _, t := range d.want {
		if !slices.Contains(out, t.Schema) {
			out = append(out, t.Schema)
		}
	}
	return out
}

// link has foreign keys between the tables point to these, not to others of their
// names.
func link(tables []*schema.TableDef) {
	byName := map[Table]*schema.TableDef{}
	for _, t := range tables {
		byName[nameOf(t)] = t
	}
	for _, t := range tables {
		for _, k := range t.ForeignKeys {
			ref := byName[nameOf(k.RefTable)]
			if ref == nil || ref == k.RefTable {
				continue
			}
			k.RefTable, k.RefColumns = ref, own(ref, k.RefColumns)
		}
	}
}
