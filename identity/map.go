package identity

// Map finds values by the keys of one table's rows. The zero Map is empty and
// ready. It is not safe for concurrent use: it belongs to one unit of work.
type Map[E any] struct {
	ints  ints[E]
	texts map[string]E
	uuids map[[16]byte]E
	codes map[string]E
}

// Get returns the value of key k. It allocates nothing.
func (m *Map[E]) Get(k Key) (e E, ok bool) {
	switch k.kind {
	case intKind:
		return m.ints.get(k.n)
	case textKind:
		e, ok = m.texts[k.s]
	case uuidKind:
		e, ok = m.uuids[k.u]
	case bytesKind:
		e, ok = m.codes[string(k.b)]
	}
	return e, ok
}

// GetInt is Get for the key Int(n), for paths where each row counts.
func (m *Map[E]) GetInt(n int64) (e E, ok bool) { return m.ints.get(n) }

// AtInt returns the place of the value of the key Int(n), which is made, with the
// zero value, where there was none: found tells. The place is good until the map
// changes.
func (m *Map[E]) AtInt(n int64) (place *E, found bool) { return m.ints.at(n) }

// Grow makes room for n integer keys more, which is cheaper than to grow by and
// by. It does nothing for a map that has many already.
func (m *Map[E]) Grow(n int) {
	if m.ints.len() <= n/4 {
		m.ints.grow(m.ints.len() + n)
	}
}

// PutInt is Put for the key Int(n).
func (m *Map[E]) PutInt(n int64, e E) {
	place, _ := m.ints.at(n)
	*place = e
}

// DeleteInt is Delete for the key Int(n).
func (m *Map[E]) DeleteInt(n int64) { m.ints.delete(n) }

// Put sets the value of key k. A zero key is ignored.
func (m *Map[E]) Put(k Key, e E) {
	switch k.kind {
	case intKind:
		m.PutInt(k.n, e)
	case textKind:
		put(&m.texts, k.s, e)
	case uuidKind:
		put(&m.uuids, k.u, e)
	case bytesKind:
		put(&m.codes, string(k.b), e)
	}
}

func put[K comparable, E any](m *map[K]E, k K, e E) {
	if *m == nil {
		*m = make(map[K]E)
	}
	(*m)[k] = e
}

// Delete forgets key k.
func (m *Map[E]) Delete(k Key) {
	switch k.kind {
	case intKind:
		m.ints.delete(k.n)
	case textKind:
		delete(m.texts, k.s)
	case uuidKind:
		delete(m.uuids, k.u)
	case bytesKind:
		delete(m.codes, string(k.b))
	}
}

// Len counts the keys.
func (m *Map[E]) Len() int { return m.ints.len() + len(m.texts) + len(m.uuids) + len(m.codes) }

// Clear forgets all keys.
func (m *Map[E]) Clear() { *m = Map[E]{} }
