package property

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// world is one run: the model, and the unit of work beside it.
type world struct {
	*rapid.T
	db     *engine.Engine
	tables []*table
	steps  *int

	rows     rows
	entities []*entity // all that the program has pointers to
	byPtr    map[any]*entity
	fresh    []*entity // new and to be deleted, in the order of the calls
	levels   []*level
	made     int
	loads    int

	ctx     context.Context
	tx      *uow.UnitOfWork
	noFlush bool // in the step that is being taken
	joined  bool // tx belongs to Run, which alone ends it

	// early are tables where the program chose a key that the database will make
	// itself some day.
	early map[*table]bool
}

func newWorld(t *rapid.T, db *engine.Engine, ts []*table, steps *int) *world {
	w := &world{T: t, db: db, tables: ts, steps: steps, rows: rows{}, byPtr: map[any]*entity{}, early: map[*table]bool{}}
	for _, t := range ts {
		w.rows[t] = map[string]row{}
	}
	return w
}

// empty takes all rows out, and what is left of counters.
func empty(db *engine.Engine, ts []*table) error {
	ctx := context.Background()
	if db.Dialect().Name() == "postgres" {
		_, err := db.ExecContext(ctx, "TRUNCATE owners, children, words, docs, nodes, pairs RESTART IDENTITY")
		return err
	}
	if _, err := db.ExecContext(ctx, "UPDATE nodes SET parent_id = NULL"); err != nil {
		return err
	}
	for _, t := range slices.Backward(ts) {
		if _, err := db.ExecContext(ctx, "DELETE FROM "+t.name); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) name(e *entity) string {
	return fmt.Sprintf("%s#%d", strings.TrimSuffix(e.t.name, "s"), e.n)
}

// kindOf tells how a call failed.
func kindOf(err error) kind {
	var stale *uow.StaleError
	var duplicate *uow.DuplicateError
	var unique *dialect.UniqueViolation
	switch {
	case err == nil:
		return ""
	case errors.Is(err, uow.ErrRollbackOnly):
		return rollbackKind
	case errors.As(err, &stale):
		return staleKind
	case errors.As(err, &duplicate):
		return duplicateKind
	case errors.As(err, &unique) && strings.HasSuffix(unique.Constraint, "_pkey"):
		return takenKind
	case errors.Is(err, dialect.ErrUnique):
		return uniqueKind
	case errors.Is(err, dialect.ErrForeignKey):
		return foreignKind
	case errors.Is(err, uow.ErrDeleted):
		return deletedKind
	case errors.Is(err, uow.ErrNotManaged):
		return unmanagedKind
	case errors.Is(err, uow.ErrKey):
		return keyKind
	case errors.Is(err, repo.ErrNotFound):
		return missingKind
	case errors.Is(err, uow.ErrAttached):
		return attachedKind
	case strings.Contains(err.Error(), "is new and has no row yet"):
		return newKind
	}
	return otherKind
}

// want fails the test unless err is of the kind, "" for none.
func (w *world) want(what string, err error, k kind) {
	w.Helper()
	if got := kindOf(err); got != k {
		w.Fatalf("%s: got %v (%s), want %q", what, err, got, k)
	}
}

// failure is an error after which the transaction can only be rolled back. Hard
// ones the unit of work remembers, so that the program may drop them.
type failure struct {
	err  error
	hard bool
}

// settle compares what a flush came to with what was foretold, and has the model
// follow. A failure is to be handed on up to the next savepoint.
func (w *world) settle(what string, f *flush, err error) *failure {
	w.Helper()
	k := kindOf(err)
	switch {
	case err == nil && len(f.must) == 0:
		w.done(f)
		return nil
	case err == nil:
		w.Fatalf("%s succeeded, want %v", what, keysOf(f.must))
	case !f.must[k] && !f.may[k]:
		w.Fatalf("%s: got %v (%s), want %v", what, err, k, keysOf(f.must))
	}
	w.Logf("%s fails: %v", what, err)
	return &failure{err, true}
}

func keysOf(m map[kind]bool) (ks []kind) {
	for k := range m {
		ks = append(ks, k)
	}
	slices.Sort(ks)
	if ks == nil {
		ks = []kind{"success"}
	}
	return ks
}

// querier is an engine or a unit of work for hand-written queries.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// compareEntities checks every pointer that the program has.
func (w *world) compareEntities() {
	w.Helper()
	for _, e := range w.entities {
		if got := read(e.p); !slices.Equal(got, e.fields) {
			w.Fatalf("%s (%s) holds %v, want %v", w.name(e), e.status, show(got), show(e.fields))
		}
	}
}

// compareRows checks the database's rows, inside the transaction if there is one.
func (w *world) compareRows() {
	w.Helper()
	for _, t := range w.tables {
		names := make([]string, len(t.columns))
		for i, c := range t.columns {
			names[i] = c.name
		}
		text := "SELECT " + strings.Join(names, ", ") + " FROM " + t.name
		got := map[string]row{}
		read := func(q querier) error {
			rs, err := q.QueryContext(context.Background(), text)
			if err != nil {
				return err
			}
			defer rs.Close()
			for rs.Next() {
				r := make(row, len(names))
				dst := make([]any, len(names))
				for i := range r {
					dst[i] = &r[i]
				}
				if err := rs.Scan(dst...); err != nil {
					return err
				}
				for i := range r {
					if b, ok := r[i].([]byte); ok {
						r[i] = string(b)
					}
				}
				got[t.keyOf(r)] = r
			}
			return rs.Err()
		}
		var err error
		if w.tx != nil && w.tx.InTransaction() { // asking must not begin one
			err = w.tx.NoAutoflush(func() error { return read(w.tx) })
		} else {
			err = read(w.db.DB())
		}
		if err != nil {
			w.Fatalf("reading table %s: %v", t.name, err)
		}
		want := w.rows[t]
		for k, r := range want {
			if !slices.Equal(got[k], r) {
				w.Fatalf("table %s key %s: row %v, want %v", t.name, k, show(got[k]), show(r))
			}
		}
		if len(got) != len(want) {
			w.Fatalf("table %s has %d rows, want %d: %v", t.name, len(got), len(want), got)
		}
	}
}

func show(r row) string {
	if r == nil {
		return "none"
	}
	return fmt.Sprintf("%v", []value(r))
}
