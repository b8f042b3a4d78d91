package migrate

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// perform runs the operations of a revision, or those that an earlier run has left.
// Where tables can be altered each is lowered by itself, so that it is known how far
// a run has got; elsewhere they go together, so that a table is rebuilt once.
func (m *migrator) perform(ctx context.Context, n *node, ops []Operation, sum string) error {
	i := 0
	if left := m.rec.revs[n.ID]; left.doing != "" {
		i = min(left.operations, len(ops))
		m.partly = i
	}
	for i < len(ops) {
		j := i + 1
		for !m.caps.AlterTable && j < len(ops) && !opaque(ops[j-1]) {
			j++
		}
		if err := m.part(ctx, n, ops, i, j, sum); err != nil {
			return err
		}
		i = j
	}
	return nil
}

// opaque reports whether nobody can tell what the database has after the operation.
func opaque(o Operation) bool {
	switch o.(type) {
	case Exec, Run:
		return true
	}
	return false
}

// part runs ops[i:j].
func (m *migrator) part(ctx context.Context, n *node, ops []Operation, i, j int, sum string) error {
	number := i + 1
	if j-i > 1 {
		number = 0
	}
	seg := ops[i:j]
	if !m.down && !m.o.lossy {
		for k, o := range seg {
			if err := m.keeps(ctx, n, seg[:k], o); err != nil {
				return m.wrong(n, i+k+1, o.Loses(), err)
			}
		}
	}
	if err := statements(m.d, seg); err != nil {
		return m.wrong(n, j, "", err) // an Exec stands last
	}
	steps, err := lowerPart(m.d, ops, i, j, func() (*schema.Catalog, error) {
		if m.known == nil {
			known, err := inspect(ctx, m.c, dialect.InspectOptions{})
			if err != nil {
				return nil, err
			}
			m.known = known
		}
		return m.known, nil
	})
	if err != nil {
		return m.wrong(n, number, "", err)
	}
	for _, s := range steps {
		switch {
		case s.outside:
			err = m.outside(ctx, n, i, s, sum)
		case s.run != nil:
			err = m.code(ctx, s.run)
		default:
			err = m.send(ctx, s.sql)
		}
		if err != nil {
			return m.advised(m.wrong(n, number, s.about, err), seg, s.about)
		}
	}
	for _, o := range seg {
		if m.known != nil && (opaque(o) || o.apply(m.known) != nil) {
			m.known = nil // the next look is at the database
		}
	}
	return nil
}

// statements checks that each Exec is one statement, which leaves the transaction
// alone: of several, a driver may run but some.
func statements(d dialect.Dialect, ops []Operation) error {
	for _, o := range ops {
		e, ok := o.(Exec)
		if !ok {
			continue
		}
		text, ok := e.On[d.Name()]
		if !ok {
			text = e.SQL
		}
		err := engine.OneStatement(text)
		if err == nil && engine.ControlsTransaction(text) {
			err = errTransaction
		}
		if err != nil {
			return &engine.StatementError{Op: "exec", SQL: text, Err: err}
		}
	}
	return nil
}

var errTransaction = errors.New("the migration's transaction is not a revision's to begin or end: TransactionPerRevision makes each revision one")

// send runs statements in the transaction.
func (m *migrator) send(ctx context.Context, list []string) error {
	for _, sql := range list {
		if err := m.c.ExecDDL(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// code runs a revision's function in the transaction.
func (m *migrator) code(ctx context.Context, f func(context.Context, *uow.UnitOfWork) error) (err error) {
	joined, err := m.c.Joined()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, joined.Close()) }()
	return uow.Run(ctx, joined, f)
}

// outside runs what cannot be in a transaction. What comes before it is committed,
// and how far the run has got is recorded, before and after. A run that was killed
// in between is not known to have done it, so that it is done again: an index that
// was left half made is dropped first, one that is there stays.
func (m *migrator) outside(ctx context.Context, n *node, i int, s step, sum string) error {
	if err := m.store.do(ctx, m.c, m.store.note(m.rec, n, sum, m.what, i)); err != nil {
		return err
	}
	if err := m.commit(ctx); err != nil {
		return err
	}
	m.partly = i
	if err := m.send(ctx, s.sql); err != nil {
		return err
	}
	if err := m.store.do(context.WithoutCancel(ctx), m.c, m.store.note(m.rec, n, sum, m.what, i+1)); err != nil {
		return err
	}
	m.partly = i + 1
	known := m.known
	err := m.begin(ctx)
	m.known = known
	return err
}

// rebuilds reports whether a run may have to rebuild a table.
func (m *migrator) rebuilds(list []*node) bool {
	if m.caps.AlterTable || len(m.caps.RebuildBegin) == 0 {
		return false
	}
	return slices.ContainsFunc(list, func(n *node) bool {
		ops, _ := n.operations(m.down) // an error is found when it runs
		return slices.ContainsFunc(ops, mayRebuild)
	})
}

// mayRebuild is false for what SQLite does without touching another table's rows.
func mayRebuild(o Operation) bool {
	switch o := o.(type) {
	case CreateTable, CreateIndex, DropIndex, RenameIndex, CommentTable, CreateEnum, DropEnum, Exec, Run:
		return false
	case AddColumn:
		c := o.Column
		return o.Backfill != nil || !c.Nullable || c.ServerDefault != nil || c.Computed != nil || c.Identity || len(c.Type.Values) > 0
	}
	return true
}

// unguard leaves foreign keys unguarded until the function returned is called.
func (m *migrator) unguard(ctx context.Context) (func(), error) {
	end := func() {
		for _, sql := range m.caps.RebuildEnd {
			if _, err := m.c.Exec(context.WithoutCancel(ctx), sql, nil); err != nil {
				m.c.Discard() // whoever gets it next expects them to be guarded
			}
		}
	}
	for _, sql := range m.caps.RebuildBegin {
		if _, err := m.c.Exec(ctx, sql, nil); err != nil {
			end()
			return nil, err
		}
	}
	if q := m.d.RebuildReady(); q != "" {
		guarded, err := m.ask(ctx, q)
		if err == nil && guarded {
			err = fmt.Errorf("migrate: %s: tables cannot be rebuilt inside a transaction, as a sandbox is: use a database of its own", m.what)
		}
		if err != nil {
			end()
			return nil, err
		}
	}
	return end, nil
}

// violations counts the rows that point to none, by their tables.
func (m *migrator) violations(ctx context.Context) map[string]int {
	found := map[string]int{}
	if m.caps.ForeignKeyCheck != "" {
		// A key that was broken from the start is no reason to stop.
		_, _ = m.c.Query(ctx, m.caps.ForeignKeyCheck, nil, func(v []driver.Value) error {
			found[asText(v[0])+" point to "+asText(v[2])]++
			return nil
		})
	}
	return found
}

// guarded checks what was not guarded.
func (m *migrator) guarded(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for what, count := range m.violations(ctx) {
		if count > m.broken[what] {
			return fmt.Errorf("%w: %d rows of %s, where there is no such row", dialect.ErrForeignKey, count-m.broken[what], what)
		}
	}
	return nil
}
