package migrate

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
)

// lock takes the session's migration lock, where the database has one. The function
// returned gives it back.
func (m *migrator) lock(ctx context.Context) (func(), error) {
	l := m.d.MigrationLock()
	if l.Try == "" {
		return func() {}, nil
	}
	err := m.patiently(ctx, func() (bool, error) {
		got, err := m.ask(ctx, l.Try)
		return got, err
	})
	if err != nil {
		return nil, err
	}
	return func() {
		// A session that keeps the lock would keep everybody out.
		if got, err := m.ask(context.WithoutCancel(ctx), l.Release); err != nil || !got {
			m.c.Discard()
		}
	}, nil
}

// begin begins a transaction. Where that takes the lock, it is tried again.
func (m *migrator) begin(ctx context.Context) error {
	l := m.d.MigrationLock()
	m.known = nil
	if l.Try != "" || l.Impatient == "" {
		return m.c.Begin(ctx, engine.TxOptions{})
	}
	if _, err := m.c.Exec(ctx, l.Impatient, nil); err != nil {
		return err
	}
	err := m.patiently(ctx, func() (bool, error) {
		err := m.c.Begin(ctx, engine.TxOptions{})
		if errors.Is(err, dialect.ErrSerialization) {
			return false, nil
		}
		return err == nil, err
	})
	if _, perr := m.c.Exec(context.WithoutCancel(ctx), l.Patient, nil); err == nil {
		err = perr
	}
	return err
}

// patiently tries until it works, the time is up or the context has ended.
func (m *migrator) patiently(ctx context.Context, try func() (bool, error)) error {
	start, wait, told := time.Now(), 10*time.Millisecond, false
	for {
		got, err := try()
		if err != nil || got {
			return err
		}
		if !told {
			told = true
			var who []any
			if list := m.holders(ctx); len(list) > 0 {
				who = []any{"holders", list}
			}
			m.o.log.InfoContext(ctx, "migrate: waiting for another migrator", who...)
		}
		left := wait
		if m.o.patience > 0 {
			left = min(wait, m.o.patience-time.Since(start))
		}
		if left <= 0 {
			return &LockError{Waited: time.Since(start), Holders: m.holders(ctx)}
		}
		if err := pause(ctx, left); err != nil {
			return &LockError{Waited: time.Since(start), Holders: m.holders(context.WithoutCancel(ctx)), Err: err}
		}
		wait = min(2*wait, 200*time.Millisecond)
	}
}

// holders asks who has the lock, for a message: that nobody can say is no error.
func (m *migrator) holders(ctx context.Context) (list []string) {
	if q := m.d.MigrationLock().Holder; q != "" {
		_, _ = m.c.Query(ctx, q, nil, func(v []driver.Value) error {
			list = append(list, asText(v[0]))
			return nil
		})
	}
	return list
}

// ask runs a query for one boolean; no row is false.
func (m *migrator) ask(ctx context.Context, query string, args ...any) (yes bool, err error) {
	_, err = m.c.Query(ctx, query, engine.Args(args...), func(v []driver.Value) error {
		yes = asBool(v[0])
		return nil
	})
	return yes, err
}
