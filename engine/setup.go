package engine

import (
	"database/sql/driver"
	"reflect"
	"runtime"
	"sync"
	"weak"
)

// setUp remembers which connections of a foreign pool have had the dialect's
// set-up, by weak pointers: a pool tells nobody when it closes a connection, and
// a plain map would keep them all.
type setUp struct {
	mu   sync.Mutex
	seen map[weak.Pointer[byte]]struct{}
}

// first reports whether the connection was not seen before, and marks it. A
// connection that is no pointer cannot be marked and is always the first.
func (m *setUp) first(dc driver.Conn) bool {
	v := reflect.ValueOf(dc)
	if v.Kind() != reflect.Pointer {
		return true
	}
	p := (*byte)(v.UnsafePointer())
	key := weak.Make(p)
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.seen[key]; ok {
		return false
	}
	if m.seen == nil {
		m.seen = make(map[weak.Pointer[byte]]struct{})
	}
	m.seen[key] = struct{}{}
	runtime.AddCleanup(p, m.remove, key)
	return true
}

// forget takes the mark off again.
func (m *setUp) forget(dc driver.Conn) {
	if v := reflect.ValueOf(dc); v.Kind() == reflect.Pointer {
		m.remove(weak.Make((*byte)(v.UnsafePointer())))
	}
}

func (m *setUp) remove(key weak.Pointer[byte]) {
	m.mu.Lock()
	delete(m.seen, key)
	m.mu.Unlock()
}
