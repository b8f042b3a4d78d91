package migrate

import (
	"slices"

	"github.com/dormer-orm/dormer/schema"
)

// A database without enum types keeps the values of an enum's columns and not its
// name. It is found in the revisions where they are known, else in the model, and
// of columns that the model no longer has in the convention.

// history is an option by which the comparison knows the enums of columns from the
// revisions that the database has, which are all of them.
func (g *graph) history() (DiffOption, error) {
	c := &schema.Catalog{}
	for _, n := range g.nodes {
		ops, err := n.operations(false)
		if err != nil {
			return nil, err
		}
		for _, o := range ops {
			_ = o.apply(c) // what hand-written SQL has made is not known
		}
	}
	types := map[Table]map[string]schema.Type{}
	for _, t := range c.Tables {
		types[nameOf(t)] = map[string]schema.Type{}
		for _, col := range t.Columns {
			types[nameOf(t)][col.Name] = col.Type
		}
	}
	return func(o *diffOptions) { o.history = types }, nil
}

// nameless are the columns whose enum's name the revisions do not say, with the
// one that it has by convention, which goes by what they are called before renames.
type nameless map[*schema.ColumnDef]string

// recallEnums gives the columns read the enums that revisions made them of, and the
// types of which the database has the spelling alone.
func (d *differ) recallEnums() nameless {
	left := nameless{}
	if d.caps.NativeEnums {
		return left
	}
	for _, t := range d.have.Tables {
		for _, h := range t.Columns {
			was, known := d.history[nameOf(t)][h.Name]
			unnamed := h.Type.Kind == schema.EnumKind && h.Type.Custom == "" && h.Type.EnumName == ""
			switch {
			case unnamed && known && was.Kind == schema.EnumKind:
				h.Type.EnumName = was.EnumName
			case unnamed:
				left[h] = schema.EnumTypeName(t.Name, h.Name)
			case !known || h.Type.Kind == schema.EnumKind || !d.spelledAlike(h, was):
			case enumOf(&was) != "":
				if was.Kind == schema.ArrayKind {
					h.Type = was
				}
			case was.Kind != schema.EnumKind:
				d.recall(h, was)
			}
		}
	}
	return left
}

// recall gives a column the type that revisions made it of, which the database
// spells as others: decimals, documents and texts are all TEXT on SQLite.
func (d *differ) recall(h *schema.ColumnDef, was schema.Type) {
	probe := *h
	probe.Type = was
	h.ServerDefault = d.defaultAs(h, &probe)
	h.Type = was
	d.recalled[h] = true
}

// keptAlike reports whether a column whose type is known from the revisions stays of
// it, as far as the spelling does not tell.
func (d *differ) keptAlike(h, w *schema.ColumnDef) bool {
	return !d.recalled[h] || keptAlike(&h.Type, &w.Type)
}

func keptAlike(a, b *schema.Type) bool {
	switch {
	case a.Custom != "" || b.Custom != "" || enumOf(a) != "" || enumOf(b) != "" || a.Kind == schema.EnumKind || b.Kind == schema.EnumKind:
		return true // the rest is compared elsewhere
	case a.Kind == schema.ArrayKind && b.Kind == schema.ArrayKind:
		return a.Elem == nil || b.Elem == nil || keptAlike(a.Elem, b.Elem)
	}
	return a.Kind == b.Kind && a.Precision == b.Precision && a.Scale == b.Scale
}

// spelledAlike reports whether the database spells the column's type as another.
func (d *differ) spelledAlike(h *schema.ColumnDef, t schema.Type) bool {
	probe := *h
	probe.Type = t
	a, err := d.dialect.ColumnType(h)
	if err != nil {
		return false
	}
	b, err := d.dialect.ColumnType(&probe)
	return err == nil && a == b
}

// nameEnums names the rest, once the columns are called as in the model. One that
// the model calls by convention was so before a rename.
func (d *differ) nameEnums(left nameless) {
	for _, t := range d.have.Tables {
		w := d.wants(t)
		for _, h := range t.Columns {
			name, ok := left[h]
			if ok && w != nil {
				if c := w.Column(h.Name); c != nil && c.Type.Kind == schema.EnumKind && c.Type.EnumName != schema.EnumTypeName(w.Name, c.Name) {
					name = c.Type.EnumName
				}
			}
			if ok {
				h.Type.EnumName = name
			}
		}
	}
}

// wants is the table that the model has by the name of one that is there.
func (d *differ) wants(t *schema.TableDef) *schema.TableDef {
	i := slices.IndexFunc(d.want, func(w *schema.TableDef) bool { return nameOf(w) == nameOf(t) })
	if i < 0 {
		return nil
	}
	return d.want[i]
}

// standIns are the enum types that columns stand for. Where they do not agree on
// the values, those are taken that are not as wanted yet. Columns of lists have no
// values to go by.
func (d *differ) standIns(wanted map[string][]string) (list []*schema.EnumDef) {
	add := func(t *schema.Type) {
		name := enumOf(t)
		if name == "" {
			return
		}
		for t.Elem != nil {
			t = t.Elem
		}
		i := slices.IndexFunc(list, func(e *schema.EnumDef) bool { return e.Name == name })
		switch {
		case i < 0:
			list = append(list, &schema.EnumDef{Name: name, Values: t.Values})
		case slices.Equal(list[i].Values, wanted[name]):
			list[i].Values = t.Values
		}
	}
	for _, t := range d.have.Tables {
		for _, h := range t.Columns {
			add(&h.Type)
		}
	}
	for _, t := range d.have.Tables {
		w := d.wants(t)
		if w == nil {
			continue
		}
		for _, h := range t.Columns {
			c := w.Column(h.Name)
			if c == nil || c.Type.Kind != schema.ArrayKind || h.Type.Kind == schema.ArrayKind || !d.spelledAlike(h, c.Type) {
				continue
			}
			if name := enumOf(&c.Type); !slices.ContainsFunc(list, func(e *schema.EnumDef) bool { return e.Name == name }) {
				add(&c.Type)
			}
		}
	}
	return list
}

// anotherEnum reports whether a column is to be of another enum, where the database
// does not tell them apart.
func (c *compared) anotherEnum(h, w *schema.ColumnDef) bool {
	name := enumOf(&h.Type)
	return !c.caps.NativeEnums && name != "" && name != enumOf(&w.Type)
}

// sameEnum reports whether a column stays of its enum: a change of the values is
// one of the type, not the column's.
func (c *compared) sameEnum(h, w *schema.ColumnDef) bool {
	name := enumOf(&h.Type)
	return !c.caps.NativeEnums && name != "" && name == enumOf(&w.Type)
}
