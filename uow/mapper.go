package uow

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// mapper is what an engine knows about a table: how entities lie in memory and
// the statements that never change. It is immutable but for its statement
// cache, and safe for concurrent use.
type mapper struct {
	index   int
	def     *schema.TableDef
	name    string // the entity's Go type, for messages
	tracked *field.Layout
	plain   *field.Layout
	key     []*field.Field
	keyMade []bool // of each part of the key: zero says that it is yet to be made
	intKey  bool   // the key is one integer
	// typical is the number of rows that the last long result had.
	typical   atomic.Int32
	hooks     hookSet
	relations []*relation
	uniques   [][]*field.Field
	computed  []*field.Field // columns that the database computes
	soft      *field.Field   // the time of deletion, nil where the table has none
	tenants   []*schema.FilterDef
	columns   []expr.Node // of a SELECT
	byKey     string
	byKeyUp   string // locking
	dialect   dialect.Dialect
	cache     *dialect.Cache // the engine's

	mu   sync.Mutex
	text map[string]string // statements by shape
}

// mappers are an engine's mappers.
type mappers struct {
	mu    sync.Mutex
	byDef map[*schema.TableDef]*mapper
	all   []*mapper
	rank  map[*schema.TableDef]int
	cache *dialect.Cache
	live  registry
}

type mappersKey struct{}

func mappersOf(db *engine.Engine) *mappers {
	return db.Value(mappersKey{}, func() any {
		return &mappers{byDef: map[*schema.TableDef]*mapper{}, cache: dialect.NewCache(db.Dialect(), 1024)}
	}).(*mappers)
}

// of returns the mapper of a table, sealing its model first.
func (ms *mappers) of(db *engine.Engine, def *schema.TableDef) (*mapper, error) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if m := ms.byDef[def]; m != nil {
		return m, nil
	}
	if err := def.Metadata.Seal(); err != nil {
		return nil, err
	}
	m := newMapper(db.Dialect(), def)
	m.cache = ms.cache
	m.index = len(ms.all)
	ms.all = append(ms.all, m)
	ms.byDef[def] = m
	ms.rank = nil
	return m, nil
}

// rankOf is a table's place in foreign-key order.
func (ms *mappers) rankOf(def *schema.TableDef) int {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if ms.rank == nil {
		ms.rank = map[*schema.TableDef]int{}
		var defs []*schema.TableDef
		seen := map[*schema.Metadata]bool{}
		for _, m := range ms.all {
			if !seen[m.def.Metadata] {
				seen[m.def.Metadata] = true
				defs = append(defs, m.def.Metadata.Tables()...)
			}
		}
		for i, t := range schema.SortTables(defs) {
			ms.rank[t] = i
		}
	}
	return ms.rank[def]
}

func newMapper(d dialect.Dialect, def *schema.TableDef) *mapper {
	m := &mapper{
		def: def, name: def.Entity.String(), dialect: d, text: map[string]string{},
		tracked: field.New(def, d.Wire, reflect.TypeFor[state]()),
		plain:   field.New(def, d.Wire, nil),
		hooks:   hooksOf(def.Entity),
	}
	for _, c := range def.PrimaryKey {
		m.key = append(m.key, m.tracked.Fields[c.Position])
		m.keyMade = append(m.keyMade, madeByInsert(c, nil))
	}
	m.relations = relationsOf(m)
	m.intKey = len(m.key) == 1 && m.key[0].IsInteger()
	m.uniques = m.uniquesOf()
	if def.SoftDelete != nil {
		m.soft = m.tracked.Fields[def.SoftDelete.Position]
	}
	m.tenants = def.Tenants()
	for _, c := range def.Columns {
		if c.Computed != nil {
			m.computed = append(m.computed, m.tracked.Fields[c.Position])
		}
		m.columns = append(m.columns, c.Ref)
	}
	w := dialect.NewWriter(d)
	w.Text("SELECT ")
	for i, c := range def.Columns {
		if i > 0 {
			w.Text(", ")
		}
		w.Text(string(d.AppendReadColumn(nil, c, d.AppendQuoted(nil, c.Name))))
	}
	w.Text(" FROM ").Table(def).Text(" WHERE ")
	for i, c := range def.PrimaryKey {
		if i > 0 {
			w.Text(" AND ")
		}
		w.Name(c.Name).Text(" = ").Param()
	}
	m.byKey = w.String()
	m.byKeyUp = m.byKey
	if d.Capabilities().RowLocks {
		m.byKeyUp += " FOR UPDATE"
	}
	return m
}

// stmt returns the statement of that shape, making it once.
func (m *mapper) stmt(shape string, build func() (string, error)) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.text[shape]; ok {
		return s, nil
	}
	s, err := build()
	if err != nil {
		return "", err
	}
	if len(m.text) > 4096 { // shapes come from changed columns, 2ⁿ at worst
		clear(m.text)
	}
	m.text[shape] = s
	return s, nil
}

// keyOfRow makes the key of a row read from the database. The key may refer to
// scratch, which is returned for the next call.
func (m *mapper) keyOfRow(scratch []byte, vals []driver.Value) (identity.Key, []byte, error) {
	if len(m.key) == 1 {
		f := m.key[0]
		v := vals[f.Col.Position]
		if v == nil {
			return identity.Key{}, scratch, nil
		}
		k, err := f.KeyOfValue(v)
		return k, scratch, m.keyError(err)
	}
	b := scratch[:0]
	var err error
	for _, f := range m.key {
		v := vals[f.Col.Position]
		if v == nil {
			return identity.Key{}, b, nil
		}
		if b, err = f.AppendKeyValue(b, v); err != nil {
			return identity.Key{}, b, m.keyError(err)
		}
	}
	return identity.Encoded(b), b, nil
}

// madeByInsert reports whether a column that holds zero gets its value by an
// INSERT: its own, or that of the row that a relation refers to.
func madeByInsert(c *schema.ColumnDef, seen []*schema.ColumnDef) bool {
	if c.Identity || c.HasDefault() && c.Zero == schema.ZeroTakesDefault {
		return true
	}
	for _, f := range c.Table.Filters {
		if f.Kind == schema.TenantFilter && f.Column == c {
			return true
		}
	}
	if slices.Contains(seen, c) {
		return false
	}
	seen = append(seen, c)
	for _, r := range c.Table.Relations {
		l := rel.LinkOf(r)
		if l == nil || l.Association != nil || l.Child != r {
			continue
		}
		if i := slices.Index(l.Columns, c); i >= 0 && i < len(l.Targets) && madeByInsert(l.Targets[i], seen) {
			return true
		}
	}
	return false
}

// keyOfEntity makes an entity's key from its fields; the zero key where part of
// it is yet to be made.
func (m *mapper) keyOfEntity(e field.Ptr) (identity.Key, error) {
	for i, f := range m.key {
		if m.keyMade[i] && f.IsZero(e) {
			return identity.Key{}, nil
		}
	}
	if len(m.key) == 1 {
		if k, ok := m.key[0].FastKey(m.key[0].Value(e)); ok {
			return k, nil
		}
	}
	var b []byte
	var err error
	for _, f := range m.key {
		if b, err = f.AppendKeyPart(b, f.Value(e)); err != nil {
			return identity.Key{}, m.keyError(err)
		}
	}
	if len(m.key) == 1 {
		v, err := m.key[0].Load(e)
		if err != nil {
			return identity.Key{}, err
		}
		k, err := m.key[0].KeyOfValue(v)
		return k, m.keyError(err)
	}
	return identity.Encoded(b), nil
}

// keyOfSnapshot makes the key of the row that a snapshot is of.
func (m *mapper) keyOfSnapshot(s field.Ptr) identity.Key {
	if len(m.key) == 1 {
		k, err := m.key[0].SnapshotKey(s)
		if err != nil {
			return identity.Key{}
		}
		return k
	}
	var b []byte
	var err error
	for _, f := range m.key {
		if b, err = f.AppendSnapshotKey(b, s); err != nil {
			return identity.Key{}
		}
	}
	return identity.Encoded(b)
}

// keyOfParts checks a key given at run time and returns it with the arguments of
// a query by key.
func (m *mapper) keyOfParts(parts []any) (identity.Key, []driver.NamedValue, error) {
	if len(parts) != len(m.key) {
		return identity.Key{}, nil, fmt.Errorf("%w: %s has %d key parts, got %d", ErrKey, m.name, len(m.key), len(parts))
	}
	args := make([]driver.NamedValue, len(parts))
	var b []byte
	for i, f := range m.key {
		v, err := f.Part(parts[i])
		if err != nil {
			return identity.Key{}, nil, fmt.Errorf("%w: %v", ErrKey, err)
		}
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
		if len(parts) == 1 {
			k, err := f.KeyOfValue(v)
			if err != nil {
				return k, nil, fmt.Errorf("%w: %v", ErrKey, err)
			}
			return k, args, nil
		}
		if b, err = f.AppendKeyValue(b, v); err != nil {
			return identity.Key{}, nil, fmt.Errorf("%w: %v", ErrKey, err)
		}
	}
	return identity.Encoded(b), args, nil
}

func (m *mapper) keyError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w of %s: %v", ErrKey, m.name, err)
}

// snapshotArgs appends the values of fields in a snapshot as arguments.
func snapshotArgs(args []driver.NamedValue, fs []*field.Field, s field.Ptr) []driver.NamedValue {
	for _, f := range fs {
		args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: f.SnapshotValue(s)})
	}
	return args
}

// BeforeInserter is implemented by entities that want to be told before their
// row is inserted: to set fields, or to refuse by an error, which fails the
// flush. ctx carries the unit of work.
type BeforeInserter interface {
	BeforeInsert(ctx context.Context) error
}

// BeforeUpdater is told before an entity's row is updated, as BeforeInserter is.
type BeforeUpdater interface {
	BeforeUpdate(ctx context.Context) error
}

// BeforeDeleter is told before an entity's row is deleted, as BeforeInserter is.
type BeforeDeleter interface {
	BeforeDelete(ctx context.Context) error
}

// AfterLoader is told after an entity was read from the database, at its first
// load and at each refresh. Changing fields then is a change like any other.
type AfterLoader interface {
	AfterLoad(ctx context.Context) error
}

type hookSet struct{ insert, update, delete, load bool }

func hooksOf(t reflect.Type) hookSet {
	p := reflect.PointerTo(t)
	return hookSet{
		insert: p.Implements(reflect.TypeFor[BeforeInserter]()),
		update: p.Implements(reflect.TypeFor[BeforeUpdater]()),
		delete: p.Implements(reflect.TypeFor[BeforeDeleter]()),
		load:   p.Implements(reflect.TypeFor[AfterLoader]()),
	}
}
