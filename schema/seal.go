package schema

import (
	"fmt"
	"slices"
	"strings"
)

// OnSeal has f called when the Metadata is next sealed, once, before the tables
// are checked. Package rel resolves its relations so. f may use the Metadata and
// define tables, but must not seal it.
func (m *Metadata) OnSeal(f func() error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hooks = append(m.hooks, f)
}

// Seal ends the definition of the tables defined so far: names are given to
// unnamed constraints, and what an init added and foreign keys are checked.
// Whatever uses the Metadata first calls it (an engine, CreateAll, a migration);
// calling it again costs nothing. Definitions on a sealed table panic; new tables
// may still be defined. The error is a *DefineError with the faults of all
// tables, or what a hook returned; the next call then tries again.
func (m *Metadata) Seal() error {
	m.sealing.Lock()
	defer m.sealing.Unlock()
	if err := m.runHooks(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.open) == 0 {
		return nil
	}
	var failed []*DefineError
	for _, t := range m.open { // of all, before foreign keys look for what is unique
		t.uniqueAmongLive()
	}
	for _, t := range m.open {
		if faults := t.check(); len(faults) > 0 {
			failed = append(failed, &DefineError{Table: t.QualifiedName(), Faults: faults})
		}
	}
	if faults := m.sharedNames(); len(faults) > 0 {
		failed = append(failed, &DefineError{Table: "model", Faults: faults})
	}
	switch len(failed) {
	case 0:
	case 1:
		return failed[0]
	default:
		all := &DefineError{}
		var tables []string
		for _, e := range failed {
			tables = append(tables, e.Table)
			for _, f := range e.Faults {
				all.Faults = append(all.Faults, e.Table+": "+f)
			}
		}
		all.Table = strings.Join(tables, ", ")
		return all
	}
	for _, t := range m.open {
		t.sealed.Store(true)
	}
	m.open = nil
	return nil
}

// runHooks calls the hooks without the lock, those too that hooks add, and keeps
// the ones not done for the next Seal.
func (m *Metadata) runHooks() error {
	for {
		m.mu.Lock()
		if len(m.hooks) == 0 {
			m.mu.Unlock()
			return nil
		}
		h := m.hooks[0]
		m.mu.Unlock()
		if err := h(); err != nil {
			return err
		}
		m.mu.Lock()
		m.hooks = m.hooks[1:]
		m.mu.Unlock()
	}
}

// check names what has no name and returns the table's faults.
func (t *TableDef) check() (faults []string) {
	t.faults = nil
	t.finishColumns()
	faults, t.faults = t.faults, nil
	for _, u := range t.Uniques {
		if u.Name == "" {
			u.Name = conventionName("uq", append([]string{t.Name}, columnNames(u.Columns)...)...)
		}
	}
	for _, ix := range t.Indexes {
		if ix.Name == "" {
			parts := []string{t.Name}
			for _, p := range ix.Parts {
				if p.Column != nil {
					parts = append(parts, p.Column.Name)
				} else {
					parts = append(parts, "expr")
				}
			}
			ix.Name = conventionName("ix", parts...)
		}
	}
	for _, fk := range t.ForeignKeys {
		if fk.Name == "" {
			fk.Name = conventionName("fk", append([]string{t.Name}, columnNames(fk.Columns)...)...)
		}
		faults = append(faults, fk.faults()...)
	}
	return append(faults, t.checkNames()...)
}

// checkNames finds names that no database takes and constraints of one name.
func (t *TableDef) checkNames() (faults []string) {
	seen := map[string]bool{}
	check := func(what, name string) {
		if err := validName(name); err != "" {
			faults = append(faults, what+" name "+err)
		}
		if seen[name] {
			faults = append(faults, "two constraints or indexes are named "+name+"; give one of them another Name")
		}
		seen[name] = true
	}
	for _, u := range t.Uniques {
		check("unique constraint", u.Name)
	}
	for _, ix := range t.Indexes {
		check("index", ix.Name)
	}
	for _, fk := range t.ForeignKeys {
		check("foreign key", fk.Name)
	}
	for _, c := range t.Checks {
		check("check constraint", c.Name)
	}
	return faults
}

// sharedNames finds what tables of one schema must not share: names of tables,
// indexes and unique constraints live in one space there, and an enum's name
// stands for one list of values.
func (m *Metadata) sharedNames() (faults []string) {
	type key struct{ schema, name string }
	owner := map[key]string{}
	enums := map[key]*ColumnDef{}
	for _, t := range m.tables {
		owner[key{t.Schema, t.Name}] = "table " + t.Name
	}
	for _, t := range m.tables {
		claim := func(what, name string) {
			k := key{t.Schema, name}
			if other, taken := owner[k]; taken && !strings.HasSuffix(other, " of "+t.Name) {
				faults = append(faults, fmt.Sprintf("%s of %s has the name of %s, %s: give it another Name", what, t.Name, other, name))
			}
			owner[k] = what + " of " + t.Name
		}
		for _, u := range t.Uniques {
			claim("unique constraint", u.Name)
		}
		for _, ix := range t.Indexes {
			claim("index", ix.Name)
		}
		for _, c := range t.Columns {
			if c.Type.Kind != EnumKind {
				continue
			}
			k := key{t.Schema, c.Type.EnumName}
			if d := enums[k]; d != nil && !slices.Equal(d.Type.Values, c.Type.Values) {
				faults = append(faults, fmt.Sprintf("columns %s.%s and %s.%s share the enum %s, but not its values", d.Table.Name, d.Name, t.Name, c.Name, k.name))
			}
			enums[k] = c
		}
	}
	return faults
}

func columnNames(cs []*ColumnDef) []string {
	names := make([]string, len(cs))
	for i, c := range cs {
		names[i] = c.Name
	}
	return names
}
