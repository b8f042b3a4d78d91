package bench

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/uow"
)

func newEntries(n int) []*Entry {
	es := make([]*Entry, n)
	for i := range es {
		e := Entry(newUser(i))
		es[i] = &e
	}
	return es
}

// fill puts n rows into the emptied table of entries.
func (s *Store) fill(ctx context.Context, n int) error {
	if err := s.clear(ctx); err != nil {
		return err
	}
	return uow.Run(ctx, s.DB, func(ctx context.Context, _ *uow.UnitOfWork) error {
		return s.Entries.Add(ctx, newEntries(n)...)
	})
}

// insert adds a thousand entries in a unit of work and checks their keys.
func (s *Store) insert(ctx context.Context, es []*Entry) error {
	err := uow.Run(ctx, s.DB, func(ctx context.Context, _ *uow.UnitOfWork) error { return s.Entries.Add(ctx, es...) })
	if err == nil && es[len(es)-1].ID == 0 {
		err = fmt.Errorf("an entry has no key")
	}
	return err
}

// Writes counts the statements of flushes of a thousand entities. Few are
// promised on PostgreSQL alone: SQLite binds parameters too slowly for long
// statements.
func (s *Store) Writes(ctx context.Context, _ Settings) ([]Result, error) {
	limit := 2.0
	if s.Name == "SQLite" {
		limit = 0
	}
	if err := s.clear(ctx); err != nil {
		return nil, err
	}
	inserts, err := s.Statements(ctx, func(ctx context.Context, _ *uow.UnitOfWork) error {
		return s.Entries.Add(ctx, newEntries(1000)...)
	})
	if err != nil {
		return nil, err
	}
	updates, err := s.Statements(ctx, func(ctx context.Context, _ *uow.UnitOfWork) error {
		es, err := s.Entries.Query().All(ctx)
		for _, e := range es {
			e.Name += "!"
			e.Age++
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	n, err := s.Entries.Untracked().Count(ctx, expr.HasSuffix(Entries.Name, "!"))
	if err != nil || n != 1000 {
		return nil, fmt.Errorf("%d of 1000 rows were updated: %v", n, err)
	}
	return []Result{
		{What: "insert 1,000, generated keys", Database: s.Name, Got: float64(inserts), Limit: limit, Unit: "statements"},
		{What: "flush 1,000 changed alike", Database: s.Name, Got: float64(updates - 1), Limit: limit, Unit: "statements"},
	}, nil
}

// Inserts compares a flush of a thousand new entities with as many executions of
// a prepared INSERT in one transaction. The keys come back on both sides: to
// hand-written code by LastInsertId and, for information, by RETURNING.
func (s *Store) Inserts(ctx context.Context, set Settings) ([]Result, error) {
	var es []*Entry
	before := func() error {
		es = newEntries(1000)
		return s.clear(ctx)
	}
	var out []Result
	for _, base := range []struct {
		unit   string
		limit  float64
		insert func(context.Context, *sql.DB, []*Entry) error
	}{{"× hand-written", 0.8, handInsert}, {"× hand-written RETURNING", 0, handInsertReturning}} {
		c, err := compare(set.Rounds, 5,
			side{before, func() error { return base.insert(ctx, s.Hand, es) }},
			side{before, func() error { return s.insert(ctx, es) }})
		if err != nil {
			return nil, err
		}
		out = append(out, Result{What: "insert 1,000, generated keys", Database: s.Name, Got: c.Ratio, Limit: base.limit, Unit: base.unit, Noisy: true, Detail: c.detail()})
	}
	return out, nil
}
