package uow

import (
	"context"
	"errors"
	"fmt"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/internal/field"
)

// Stream is Project in batches: after each of them use is called, outside the
// connection and the unit, and takes the rows away; false ends the stream. Outside a
// unit of work, and in one on a database with cursors, memory holds one batch;
// elsewhere all rows are read first.
func (p *Projection) Stream(ctx context.Context, db *engine.Engine, u *UnitOfWork, s *expr.SelectStmt, grow func(n int), at func(i int) field.Ptr, use func() bool) error {
	switch {
	case u == nil:
		return p.streamAlone(ctx, db, s, grow, at, use)
	case db.Dialect().Capabilities().ServerCursors:
		return p.streamCursor(ctx, u, s, grow, at, use)
	}
	if err := p.Project(ctx, db, u, s, grow, at); err != nil {
		return err
	}
	use()
	return nil
}

// streamAlone reads on a connection of its own.
func (p *Projection) streamAlone(ctx context.Context, db *engine.Engine, s *expr.SelectStmt, grow func(n int), at func(i int) field.Ptr, use func() bool) error {
	c, err := CompileIn(ctx, mappersOf(db).cache, s)
	if err != nil {
		return opError("stream", "", err)
	}
	cur, err := db.OpenCursor(ctx, "stream of a selection", c.SQL, named(c.Args))
	if err != nil {
		return opError("stream", "", err)
	}
	defer cur.Close()
	for {
		r, err := p.begin(db, nil, grow, at)
		if err != nil {
			return err
		}
		more, err := cur.Fetch(ctx, streamBatch, r.row)
		if ferr := r.finish(ctx, nil); ferr != nil && err == nil {
			err = ferr
		}
		if !use() {
			return nil
		}
		if err != nil {
			return opError("stream", "", err)
		}
		if !more {
			return nil
		}
	}
}

// cursorOfUnit is a cursor of the server's in a unit's transaction.
type cursorOfUnit struct {
	u       *UnitOfWork
	name    string
	epoch   uint32
	rewinds int
}

func (p *Projection) streamCursor(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, grow func(n int), at func(i int) field.Ptr, use func() bool) (err error) {
	c, err := u.openCursor(ctx, s)
	if err != nil {
		return opError("stream", "", err)
	}
	defer func() { err = errors.Join(err, c.close(ctx)) }()
	for {
		r, more, err := c.next(ctx, p, grow, at)
		if r != nil && !use() {
			return nil
		}
		if err != nil || !more {
			return err
		}
	}
}

func (u *UnitOfWork) openCursor(ctx context.Context, s *expr.SelectStmt) (*cursorOfUnit, error) {
	if err := u.enter(); err != nil {
		return nil, err
	}
	defer u.leave()
	if s.Lock != expr.NoLock {
		return nil, errors.New("a stream of values takes no row locks: use All")
	}
	c, err := u.compile(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := u.autoflush(ctx, tablesOf(s)); err != nil {
		return nil, err
	}
	if err := u.begin(ctx); err != nil {
		return nil, err
	}
	u.cursors++
	out := &cursorOfUnit{u: u, name: fmt.Sprintf("dormer_stream_%d", u.cursors), epoch: u.epoch, rewinds: u.rewinds}
	if _, err := u.conn.Exec(ctx, "DECLARE "+out.name+" NO SCROLL CURSOR FOR "+c.SQL, named(c.Args)); err != nil {
		u.broke(err)
		return nil, err
	}
	return out, nil
}

// next reads the next batch; r is nil where nothing was read.
func (c *cursorOfUnit) next(ctx context.Context, p *Projection, grow func(n int), at func(i int) field.Ptr) (r *projecting, more bool, err error) {
	u := c.u
	if err := u.enter(); err != nil {
		return nil, false, opError("stream", "", err)
	}
	defer u.leave()
	if c.epoch != u.epoch {
		return nil, false, opError("stream", "", errStreamCut)
	}
	if r, err = p.begin(u.db, u, grow, at); err != nil {
		return nil, false, err
	}
	if err := u.fetch(ctx, r, fmt.Sprintf("FETCH %d FROM %s", streamBatch, c.name), nil); err != nil {
		return nil, false, err
	}
	return r, r.n == streamBatch, nil
}

// close closes the cursor unless the end of the transaction, or a rollback to a
// savepoint, has done so.
func (c *cursorOfUnit) close(ctx context.Context) error {
	u := c.u
	if u.enter() != nil {
		return nil // whoever is inside will find the transaction's end
	}
	defer u.leave()
	if u.conn == nil || u.failed != nil || c.epoch != u.epoch || c.rewinds != u.rewinds {
		return nil
	}
	if _, err := u.conn.Exec(context.WithoutCancel(ctx), "CLOSE "+c.name, nil); err != nil {
		u.broke(err)
		return opError("stream", "", err)
	}
	return nil
}
