package schema

import (
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

	sealing sync.Mutex // held by Seal, which lets hooks use the Metadata
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

// Entity returns the table of an entity type: the first one defined in m, or else the one in
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
	if t.Entity == nil { // an association
		return true
	}
	entities.Lock()
	defer entities.Unlock()
	if entities.m == nil {
		entities.m = make(map[reflect.Type][]*TableDef)
	}
	entities.m[t.Entity] = append(entities.m[t.Entity], t)
	return true
}
