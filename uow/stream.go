package uow

import (
	"context"
	"database/sql/driver"
	"errors"
	"iter"
	"slices"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/rel"
)

// streamBatch is the number of rows that a stream reads at a time.
const streamBatch = 256

// Stream is Entity.Stream.
func (n Untyped) Stream(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, tracked bool, with ...*rel.Eager) iter.Seq2[field.Ptr, error] {
	return func(yield func(field.Ptr, error) bool) {
		var src source
		var err error
		switch {
		case len(with) > 0 && (u == nil || !tracked):
			err = errors.New("relations are loaded for tracked streams in a unit of work only")
		case u == nil:
			src, err = n.openCursor(ctx, s)
		default:
			if err = u.mayLock(s); err == nil {
				src, err = n.openPages(ctx, u, s, tracked)
			}
		}
		if err != nil {
			yield(nil, opError("stream", n.m.name, err))
			return
		}
		defer src.close()
		if p, ok := src.(*pages); ok {
			p.with = with
		}
		for {
			es, more, err := src.next(ctx)
			for _, e := range es {
				if !yield(e, nil) {
					return
				}
			}
			if err != nil {
				yield(nil, opError("stream", n.m.name, err))
				return
			}
			if !more {
				return
			}
		}
	}
}

// source gives the entities of a stream batch by batch. more says that next may
// be called again.
type source interface {
	next(ctx context.Context) (es []field.Ptr, more bool, err error)
	close()
}

// cursorSource reads driver rows that stay open between batches.
type cursorSource struct {
	m   *mapper
	cur interface {
		Fetch(ctx context.Context, max int, row func([]driver.Value) error) (bool, error)
		Close() error
	}
}

func (n Untyped) openCursor(ctx context.Context, s *expr.SelectStmt) (source, error) {
	c, err := CompileIn(ctx, n.m.cache, s)
	if err != nil {
		return nil, err
	}
	cur, err := n.db.OpenCursor(ctx, "stream of "+n.m.name, c.SQL, named(c.Args))
	if err != nil {
		return nil, err
	}
	return &cursorSource{m: n.m, cur: cur}, nil
}

func (c *cursorSource) next(ctx context.Context) ([]field.Ptr, bool, error) {
	l := &loader{m: c.m}
	more, err := c.cur.Fetch(ctx, streamBatch, l.row)
	if ferr := l.finish(ctx, nil); ferr != nil && err == nil {
		err = ferr
	}
	return l.out, more, err
}

func (c *cursorSource) close() { _ = c.cur.Close() }

// dropClean lets go of an entity that came by a stream and has nothing to flush.
func (u *UnitOfWork) dropClean(st *state) bool {
	switch st.status {
	case gone:
		return true
	case persistent:
		if c, err := st.isChanged(); err == nil && !c {
			if k := st.key(); st.in.has(k, st) {
				st.in.ids.Delete(k)
			}
			u.forget(st)
			return true
		}
	case deleted:
		return u.open.Load() == 0
	}
	return false
}

// dropStreamed lets go of streamed entities whose changes were flushed. While a
// savepoint is open they are kept, since it may be rolled back.
func (u *UnitOfWork) dropStreamed() {
	if len(u.streamed) == 0 || u.open.Load() > 0 {
		return
	}
	rest := u.streamed[:0]
	for _, st := range u.streamed {
		if !u.dropClean(st) {
			rest = append(rest, st)
		} else {
			u.forget(st)
		}
	}
	clear(u.streamed[len(rest):])
	u.streamed = rest
	kept := u.journal[:0]
	for _, x := range u.journal {
		if x.st != nil && (x.st.status != gone || !x.st.stream) {
			kept = append(kept, x)
		}
	}
	clear(u.journal[len(kept):])
	u.journal = kept
}

// retain has an entity that came by a stream stay, since it is asked for.
func (u *UnitOfWork) retain(st *state) {
	if st.stream {
		st.stream = false
		u.streamed = slices.DeleteFunc(u.streamed, func(x *state) bool { return x == st })
	}
}
