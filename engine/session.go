package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync/atomic"
)

// session is a driver connection with what the engine knows about it: which
// optional interfaces it has, its prepared statements, whether it is bad. It
// belongs to whoever holds the connection; openRows and rowsErr alone are others',
// too: database/sql closes rows whose context ends from a goroutine of its own.
type session struct {
	e        *Engine
	dc       driver.Conn
	execCtx  driver.ExecerContext
	queryCtx driver.QueryerContext
	//lint:ignore SA1019 what older drivers have
	exec1 driver.Execer
	//lint:ignore SA1019 what older drivers have
	query1  driver.Queryer
	checker driver.NamedValueChecker

	stmts  *stmtCache // nil: none are kept
	schema int64      // the engine's schema count that stmts were prepared under
	born   int64      // the engine's generation this connection was opened in
	bad    bool       // the driver reported ErrBadConn
	cause  error      // the first such error

	txCtx    context.Context       // of the call that is ending a transaction
	openRows atomic.Int32          // rows of hand-written SQL not closed yet
	rowsErr  atomic.Pointer[error] // the first that such rows gave, since the transaction began
	box      *boxState             // set on a sandbox's connection
}

func newSession(e *Engine, dc driver.Conn, stmts int) *session {
	s := &session{e: e, dc: dc, stmts: newStmtCache(stmts)}
	s.execCtx, _ = dc.(driver.ExecerContext)
	s.queryCtx, _ = dc.(driver.QueryerContext)
	//lint:ignore SA1019 as database/sql does
	s.exec1, _ = dc.(driver.Execer)
	//lint:ignore SA1019 as database/sql does
	s.query1, _ = dc.(driver.Queryer)
	s.checker, _ = dc.(driver.NamedValueChecker)
	return s
}

// note keeps in mind that the driver gave the connection up.
func (s *session) note(err error) error {
	if err != nil && errors.Is(err, driver.ErrBadConn) {
		if !s.bad {
			s.cause = err
		}
		s.bad = true
		s.e.outdate(s.born)
	}
	return err
}

// query opens rows. once is a statement to close after them, or nil.
func (s *session) query(ctx context.Context, sql string, args []driver.NamedValue, keep bool) (rows driver.Rows, once driver.Stmt, err error) {
	if s.box != nil {
		return s.box.query(ctx, s, sql, args, keep)
	}
	return s.queryHere(ctx, sql, args, keep)
}

func (s *session) queryHere(ctx context.Context, sql string, args []driver.NamedValue, keep bool) (rows driver.Rows, once driver.Stmt, err error) {
	if keep && s.stmts != nil {
		st, err := s.prepared(ctx, sql, len(args))
		if err != nil {
			return nil, nil, s.note(err)
		}
		if st != nil {
			nv, err := s.convertArgs(st, args)
			if err != nil {
				return nil, nil, err
			}
			rows, err := stmtQuery(ctx, st, nv)
			return rows, nil, s.dropStale(sql, err)
		}
	}
	if s.queryCtx != nil || s.query1 != nil {
		nv, err := s.convertArgs(nil, args)
		if err != nil {
			return nil, nil, err
		}
		rows, err := s.directQuery(ctx, sql, nv)
		if err != driver.ErrSkip {
			return rows, nil, s.note(err)
		}
	}
	st, err := connPrepare(ctx, s.dc, sql)
	if err != nil {
		return nil, nil, s.note(err)
	}
	nv, err := s.convertArgs(st, args)
	if err == nil {
		rows, err = stmtQuery(ctx, st, nv)
	}
	if err != nil {
		_ = st.Close()
		return nil, nil, s.note(err)
	}
	return rows, st, nil
}

// exec runs a statement without rows.
func (s *session) exec(ctx context.Context, sql string, args []driver.NamedValue, keep bool) (driver.Result, error) {
	if s.box != nil {
		return s.box.exec(ctx, s, sql, args, keep)
	}
	return s.execHere(ctx, sql, args, keep)
}

func (s *session) execHere(ctx context.Context, sql string, args []driver.NamedValue, keep bool) (driver.Result, error) {
	if keep && s.stmts != nil {
		st, err := s.prepared(ctx, sql, len(args))
		if err != nil {
			return nil, s.note(err)
		}
		if st != nil {
			nv, err := s.convertArgs(st, args)
			if err != nil {
				return nil, err
			}
			res, err := stmtExec(ctx, st, nv)
			return res, s.dropStale(sql, err)
		}
	}
	if s.execCtx != nil || s.exec1 != nil {
		nv, err := s.convertArgs(nil, args)
		if err != nil {
			return nil, err
		}
		res, err := s.directExec(ctx, sql, nv)
		if err != driver.ErrSkip {
			return res, s.note(err)
		}
	}
	st, err := connPrepare(ctx, s.dc, sql)
	if err != nil {
		return nil, s.note(err)
	}
	defer st.Close()
	nv, err := s.convertArgs(st, args)
	if err != nil {
		return nil, err
	}
	res, err := stmtExec(ctx, st, nv)
	return res, s.note(err)
}

// prepared finds the text's statement or prepares it. It returns nil for a
// text better sent as it is: one without arguments that was never seen before,
// for which preparing is a round trip more, and all but queries and writes, such
// as FETCH, whose columns depend on more than its text.
func (s *session) prepared(ctx context.Context, sql string, nargs int) (driver.Stmt, error) {
	if now := s.e.schemaCount.Load(); now != s.schema {
		s.stmts.clear()
		s.schema = now
	}
	known := s.stmts.get(sql)
	if known != nil && known.stmt != nil {
		return known.stmt, nil
	}
	if known == nil && !preparable(sql) {
		return nil, nil
	}
	if known == nil && nargs == 0 {
		s.stmts.add(sql, nil)
		return nil, nil
	}
	st, err := connPrepare(ctx, s.dc, sql)
	if err != nil {
		return nil, err
	}
	if known == nil {
		s.stmts.add(sql, st)
	} else {
		known.stmt = st
	}
	return st, nil
}

// dropStale forgets a kept statement that the database no longer accepts.
func (s *session) dropStale(sql string, err error) error {
	if err != nil && s.stmts != nil && staleStatement(err) {
		if known := s.stmts.get(sql); known != nil {
			s.stmts.drop(known)
		}
	}
	return s.note(err)
}

func (s *session) directQuery(ctx context.Context, sql string, args []driver.NamedValue) (driver.Rows, error) {
	if s.queryCtx != nil {
		return s.queryCtx.QueryContext(ctx, sql, args)
	}
	vals, err := plainValues(ctx, args)
	if err != nil {
		return nil, err
	}
	return s.query1.Query(sql, vals)
}

func (s *session) directExec(ctx context.Context, sql string, args []driver.NamedValue) (driver.Result, error) {
	if s.execCtx != nil {
		return s.execCtx.ExecContext(ctx, sql, args)
	}
	vals, err := plainValues(ctx, args)
	if err != nil {
		return nil, err
	}
	return s.exec1.Exec(sql, vals)
}

// close closes the kept statements with their connection. A server frees them
// by itself, and each would cost a round trip.
func (s *session) close() {
	if s.stmts != nil && !s.bad && s.e.dialect.Capabilities().InProcess {
		s.stmts.clear()
	}
	s.stmts = nil
}

func connPrepare(ctx context.Context, dc driver.Conn, sql string) (driver.Stmt, error) {
	if p, ok := dc.(driver.ConnPrepareContext); ok {
		return p.PrepareContext(ctx, sql)
	}
	st, err := dc.Prepare(sql)
	if err == nil && ctx.Err() != nil {
		_ = st.Close()
		return nil, ctx.Err()
	}
	return st, err
}

func stmtQuery(ctx context.Context, st driver.Stmt, args []driver.NamedValue) (driver.Rows, error) {
	if q, ok := st.(driver.StmtQueryContext); ok {
		return q.QueryContext(ctx, args)
	}
	vals, err := plainValues(ctx, args)
	if err != nil {
		return nil, err
	}
	//lint:ignore SA1019 what older drivers have
	return st.Query(vals)
}

func stmtExec(ctx context.Context, st driver.Stmt, args []driver.NamedValue) (driver.Result, error) {
	if x, ok := st.(driver.StmtExecContext); ok {
		return x.ExecContext(ctx, args)
	}
	vals, err := plainValues(ctx, args)
	if err != nil {
		return nil, err
	}
	//lint:ignore SA1019 what older drivers have
	return st.Exec(vals)
}

// plainValues strips names for drivers that know neither names nor contexts.
func plainValues(ctx context.Context, args []driver.NamedValue) ([]driver.Value, error) {
	vals := make([]driver.Value, len(args))
	for i := range args {
		if args[i].Name != "" {
			return nil, errors.New("the driver does not support named arguments")
		}
		vals[i] = args[i].Value
	}
	return vals, ctx.Err()
}
