package dialect

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/dormer-orm/dormer/expr"
)

// DefaultCacheSize is how many shapes a Cache keeps unless told otherwise.
const DefaultCacheSize = 1024

// Cache compiles each shape of a statement once: arguments, the length of lists
// where the dialect passes them as one parameter, and the values of LIMIT and
// OFFSET are not part of a shape. It keeps a bounded number of shapes and is
// safe for concurrent use.
type Cache struct {
	d    Dialect
	size int
	mu   sync.RWMutex
	// texts is keyed by the shape's key.
	texts map[string]*cached
	pool  sync.Pool // of *worker
}

type cached struct {
	key    string
	sql    string
	writes bool
	used   atomic.Bool
}

// worker compiles one statement at a time.
type worker struct {
	shape
	c Compiler
	// bound are the arguments of the text that is put together.
	bound int
	// last is the text that was asked for last, which often is the next one too, and
	// its key.
	last    *cached
	lastKey string
	// typical is how many arguments the last statement had, if not many.
	typical int
}

// taken are the arguments of the statement, which are the caller's from now on.
func (w *worker) taken() []any {
	args := w.args
	w.args, w.typical = nil, min(len(args), 32)
	if len(args) == 0 {
		return nil
	}
	if cap(args) > 2*len(args)+4 {
		return slices.Clone(args)
	}
	return args[:len(args):len(args)]
}

func newWorker(d Dialect) *worker {
	return &worker{
		shape: *newShape(d),
		c: Compiler{
			binder: binder{d: d}, caps: d.Capabilities(), buf: make([]byte, 0, 512),
			known: &fragments{parts: map[partKey]part{}, results: map[*expr.Node]results{}},
		},
	}
}

// compile is Compile that keeps the parts of what it writes. shaped: the statement has
// a shape.
func (w *worker) compile(stmt expr.Statement, shaped bool) (Compiled, error) {
	c := &w.c
	if shaped {
		if w.assemble(stmt) {
			out := Compiled{SQL: string(c.buf), Args: w.taken()}
			c.buf = c.buf[:0]
			return out, nil
		}
		c.buf = c.buf[:0]
		c.planned, c.alone, c.rowwise = w.planned, !w.within, !w.aggregates
	}
	out, err := c.compile(stmt)
	if !c.release() {
		d, caps, known := c.d, c.caps, c.known
		*c = Compiler{binder: binder{d: d}, caps: caps, known: known}
	}
	return out, err
}

// NewCache returns an empty cache for d that keeps size shapes, or
// DefaultCacheSize where size is not above zero.
func NewCache(d Dialect, size int) *Cache {
	if size <= 0 {
		size = DefaultCacheSize
	}
	return &Cache{d: d, size: size, texts: make(map[string]*cached),
		pool: sync.Pool{New: func() any { return newWorker(d) }}}
}

// Dialect returns the dialect that the cache compiles for.
func (c *Cache) Dialect() Dialect { return c.d }

// Compile is Compile for the cache's dialect, with the same result and the same
// errors.
func (c *Cache) Compile(stmt expr.Statement) (Compiled, error) {
	w := c.pool.Get().(*worker)
	out, err := c.by(w, stmt)
	c.release(w)
	return out, err
}

func (c *Cache) by(w *worker, stmt expr.Statement) (Compiled, error) {
	s := &w.shape
	if s.args == nil {
		s.args = make([]any, 0, w.typical)
	}
	if err := s.statement(stmt); err != nil {
		// What has no shape is an error whose words the compiler has.
		return w.compile(stmt, false)
	}
	hit := w.last
	if hit == nil || string(s.key) != w.lastKey {
		hit = c.find(w)
	}
	if hit != nil {
		if !hit.used.Load() {
			hit.used.Store(true)
		}
		return Compiled{SQL: hit.sql, Args: w.taken(), Writes: hit.writes}, nil
	}
	args := len(s.args)
	out, err := w.compile(stmt, true)
	if err != nil {
		return Compiled{}, err
	}
	if len(out.Args) == args { // else one is bound more than once, which only the compiler does
		c.keep(string(s.key), out)
	}
	return out, nil
}

// find looks for the text of the worker's key, nil where there is none.
func (c *Cache) find(w *worker) *cached {
	c.mu.RLock()
	defer c.mu.RUnlock()
	hit := c.texts[string(w.key)]
	if hit != nil {
		w.last, w.lastKey = hit, hit.key
	}
	return hit
}

// release keeps a worker's memory for another statement.
func (c *Cache) release(w *worker) {
	if cap(w.args)*16 > maxKept || cap(w.key) > maxKept {
		return
	}
	w.reset()
	c.pool.Put(w)
}

// keep adds a text. When the cache is full, what was not used since the last
// time that it was full goes.
func (c *Cache) keep(key string, out Compiled) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.texts) >= c.size {
		if !c.anyUsed() {
			clear(c.texts)
		}
		for k, e := range c.texts {
			if !e.used.Swap(false) {
				delete(c.texts, k)
			}
		}
		for k := range c.texts { // all were in use: make room all the same
			if len(c.texts) < c.size {
				break
			}
			delete(c.texts, k)
		}
	}
	c.texts[key] = &cached{key: key, sql: out.SQL, writes: out.Writes}
}

func (c *Cache) anyUsed() bool {
	for _, e := range c.texts {
		if e.used.Load() {
			return true
		}
	}
	return false
}

// Len returns the number of shapes kept.
func (c *Cache) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.texts)
}
