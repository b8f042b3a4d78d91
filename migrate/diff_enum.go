package migrate

import (
	"maps"
	"slices"

	"github.com/dormer-orm/dormer/schema"
)

// enums compares enum types, where the database has any, and else those that its
// columns stand for: revisions are for all databases. One is dropped that only
// tables used which no longer do.
func (d *differ) enums(both []*compared, fresh []*schema.TableDef) {
	wanted := enumValues(d.want)
	if !d.caps.NativeEnums {
		d.have.Enums = d.standIns(wanted)
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		switch e := d.enum(name); {
		case e == nil:
			d.add(phaseEnum, CreateEnum{name, wanted[name]})
		default:
			d.alterEnum(both, name, e.Values, wanted[name])
		}
	}
	var known, others []*schema.TableDef
	for _, t := range d.have.Tables {
		compared := slices.ContainsFunc(both, func(c *compared) bool { return c.have == t })
		if compared || d.unknown && d.hasTable(t.Schema, t.Name) {
			known = append(known, t)
		} else {
			others = append(others, t)
		}
	}
	used, elsewhere := enumValues(known), enumValues(others)
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if e := d.enum(name); e != nil && wanted[name] == nil && elsewhere[name] == nil {
			d.add(phaseDropEnum, DropEnum{name, e.Values})
		}
	}
}

// alterEnum adds values before columns change and drops values afterwards, so that
// both old and new ones can be used in between, in this direction and the other.
// It names the columns, for databases that keep their values alone.
func (d *differ) alterEnum(both []*compared, name string, from, to []string) {
	var before, after []string
	for _, c := range both {
		for _, h := range c.have.Columns {
			if enumOf(&h.Type) != name {
				continue
			}
			of := c.name().String() + "." + h.Name
			before = append(before, of)
			if w := c.want.Column(h.Name); w != nil && enumOf(&w.Type) == name {
				after = append(after, of)
			}
		}
	}
	slices.Sort(before)
	slices.Sort(after)
	all := slices.Clone(from)
	for i, v := range to {
		if slices.Contains(all, v) {
			continue
		}
		at := 0
		if i > 0 {
			at = slices.Index(all, to[i-1]) + 1
		}
		all = slices.Insert(all, at, v)
	}
	if len(all) > len(from) {
		if len(all) == len(to) {
			all = to
		}
		d.add(phaseEnum, AlterEnum{name, from, all, before})
	}
	if !slices.Equal(all, to) {
		d.add(phaseDropEnum, AlterEnum{name, all, to, after})
	}
}

// enum is the enum type of that name in the default schema, where CreateEnum
// makes them.
func (d *differ) enum(name string) *schema.EnumDef {
	for _, e := range d.have.Enums {
		if e.Name == name && e.Schema == "" {
			return e
		}
	}
	return nil
}

// enumValues are the values of the enum types that tables use.
func enumValues(tables []*schema.TableDef) map[string][]string {
	out := map[string][]string{}
	for _, t := range tables {
		for _, c := range t.Columns {
			typ := &c.Type
			for typ.Kind == schema.ArrayKind && typ.Elem != nil {
				typ = typ.Elem
			}
			if name := enumOf(typ); name != "" {
				out[name] = typ.Values
			}
		}
	}
	return out
}
