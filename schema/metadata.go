package schema

import (
	"cmp"
	"reflect"
	"slices"
	"sync"
)

// Metadata is a collection of tables that refer to each other: a program's
// model. It is safe for concurrent use.
type Metadata struct {
	mu     sync.Mutex
	tables []*TableDef
	open   []*TableDef // defined but not sealed
	hooks  []func() error
}

// Default is the Metadata that Define fills unless told otherwise.
var Default = NewMetadata()

// NewMetadata returns an empty Metadata, for models that must be kept apart:
// pass In(m) to Define and engine.Metadata(m) to the engine.
func NewMetadata() *Metadata { return &Metadata{} }

// entities finds tables by entity, over every Metadata.
var entities struct {
	sync.RWMutex
	m map[reflect.Type][]*TableDef
}

// Tables returns the tables in the order of their definition. The slice is the
// caller's own.
func (m *Metadata) Tables() []*TableDef {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.tables)
}

// Lookup returns the table of that name, nil if there is none. The schema ""
// is the default one.
func (m *Metadata) Lookup(schema, name string) *TableDef {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lookup(schema, name)
}

func (m *Metadata) lookup(schema, name string) *TableDef {
	for _, t := range m.tables {
		if t.Name == name && t.Schema == schema {
			return t
		}
	}
	return nil
}

// Entity returns the table of an entity type: the one in m, or else the one in
// another Metadata if there is exactly one; nil otherwise. A nil Metadata looks
// in all.
func (m *Metadata) Entity(entity reflect.Type) *TableDef {
	entities.RLock()
	defer entities.RUnlock()
	all := entities.m[entity]
	for _, t := range all {
		if t.Metadata == m {
			return t
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	return nil
}

func (m *Metadata) add(t *TableDef) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lookup(t.Schema, t.Name) != nil {
		return false
	}
	m.tables = append(m.tables, t)
	m.open = append(m.open, t)
	entities.Lock()
	defer entities.Unlock()
	if entities.m == nil {
		entities.m = make(map[reflect.Type][]*TableDef)
	}
	entities.m[t.Entity] = append(entities.m[t.Entity], t)
	return true
}

// OnSeal has f called when the Metadata is next sealed, once. Package rel
// resolves its relations so.
func (m *Metadata) OnSeal(f func() error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hooks = append(m.hooks, f)
}

// Seal ends the definition of the tables defined so far: names are given to
// unnamed constraints and foreign keys are checked. Whatever uses the Metadata
// first calls it (an engine, CreateAll, a migration); calling it again costs
// nothing. Definitions on a sealed table panic; new tables may still be
// defined. The error is a *DefineError.
func (m *Metadata) Seal() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.open) == 0 && len(m.hooks) == 0 {
		return nil
	}
	hooks := m.hooks
	for _, h := range hooks {
		if err := h(); err != nil {
			return err
		}
	}
	m.hooks = nil
	for _, t := range m.open {
		if err := t.seal(); err != nil {
			return err
		}
	}
	for _, t := range m.open {
		t.sealed = true
	}
	m.open = nil
	return nil
}

func (t *TableDef) seal() error {
	var faults []string
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
	faults = append(faults, t.duplicateNames()...)
	if faults != nil {
		return &DefineError{Table: t.QualifiedName(), Faults: faults}
	}
	return nil
}

func (t *TableDef) duplicateNames() (faults []string) {
	seen := map[string]bool{}
	check := func(name string) {
		if seen[name] {
			faults = append(faults, "two constraints or indexes are named "+name+"; give one of them another Name")
		}
		seen[name] = true
	}
	for _, u := range t.Uniques {
		check(u.Name)
	}
	for _, ix := range t.Indexes {
		check(ix.Name)
	}
	for _, fk := range t.ForeignKeys {
		check(fk.Name)
	}
	for _, c := range t.Checks {
		check(c.Name)
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
