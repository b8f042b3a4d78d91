package identity

// Map finds values by the keys of one table's rows. The zero Map is empty and
// ready. It is not safe for concurrent use: it belongs to one unit of work.
type Map[E any] struct {
	ints  map[int64]E
	texts map[string]E
	uuids map[[16]byte]E
	codes map[string]E
}

// Get returns the value of key k. It allocates nothing.
func (m *Map[E]) Get(k Key) (e E, ok bool) {
	switch k.kind {
	case intKind:
		e, ok = m.ints[k.n]
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
func (m *Map[E]) GetInt(n int64) (e E, ok bool) {
	e, ok = m.ints[n]
	return e, ok
}

// Grow makes room for n integer keys at once, which is cheaper than to grow by
// and by. It does nothing for a map that has many already.
func (m *Map[E]) Grow(n int) {
	if len(m.ints) > n/4 {
		return
	}
	grown := make(map[int64]E, n)
	for k, e := range m.ints {
		grown[k] = e
	}
	m.ints = grown
}

// PutInt is Put for the key Int(n).
func (m *Map[E]) PutInt(n int64, e E) { put(&m.ints, n, e) }

// Put sets the value of key k. A zero key is ignored.
func (m *Map[E]) Put(k Key, e E) {
	switch k.kind {
	case intKind:
		put(&m.ints, k.n, e)
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
		delete(m.ints, k.n)
	case textKind:
		delete(m.texts, k.s)
	case uuidKind:
		delete(m.uuids, k.u)
	case bytesKind:
		delete(m.codes, string(k.b))
	}
}

// Len counts the keys.
func (m *Map[E]) Len() int { return len(m.ints) + len(m.texts) + len(m.uuids) + len(m.codes) }

// Clear forgets all keys.
func (m *Map[E]) Clear() { *m = Map[E]{} }
