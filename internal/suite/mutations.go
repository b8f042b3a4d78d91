package suite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/internal/suite/watch"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// Tests of mechanisms that a database needs only on a bad day: its rows come back
// in another order, a trigger of its own swallows them.

// backwards is a connection of the suite's whose results come back in reverse,
// which every statement without ORDER BY allows.
type backwards struct{ driver.Conn }

func (c backwards) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
}

func (c backwards) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c backwards) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
	if err != nil || strings.Contains(query, "ORDER BY") {
		return rows, err
	}
	return reversed(rows)
}

// Close leaves the connection to the pool that it was borrowed from.
func (c backwards) Close() error { return nil }

// reversedRows are the rows of a result, the last one first.
type reversedRows struct {
	columns []string
	rows    [][]driver.Value
}

func reversed(rows driver.Rows) (driver.Rows, error) {
	r := &reversedRows{columns: rows.Columns()}
	for {
		vals := make([]driver.Value, len(r.columns))
		err := rows.Next(vals)
		if err == io.EOF {
			slices.Reverse(r.rows)
			return r, rows.Close()
		}
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		for i, v := range vals {
			if b, ok := v.([]byte); ok {
				vals[i] = slices.Clone(b)
			}
		}
		r.rows = append(r.rows, vals)
	}
}

func (r *reversedRows) Columns() []string { return r.columns }
func (r *reversedRows) Close() error      { return nil }

func (r *reversedRows) Next(dest []driver.Value) error {
	if len(r.rows) == 0 {
		return io.EOF
	}
	copy(dest, r.rows[0])
	r.rows = r.rows[1:]
	return nil
}

// borrowed hands out one connection of another pool.
type borrowed struct {
	conn driver.Conn
	of   driver.Driver
}

func (b borrowed) Connect(context.Context) (driver.Conn, error) { return backwards{b.conn}, nil }
func (b borrowed) Driver() driver.Driver                        { return b.of }

// reverse opens the fixture's database a second time, with results in reverse, on
// a connection that the fixture's own pool lacks until the test ends.
func (f *fix) reverse(opts ...engine.Option) *engine.Engine {
	f.Helper()
	held, err := f.db.DB().Conn(f.ctx)
	f.must(err)
	var conn driver.Conn
	f.must(held.Raw(func(c any) error { conn = c.(driver.Conn); return nil }))
	pool := sql.OpenDB(borrowed{conn, f.db.DB().Driver()})
	pool.SetMaxOpenConns(1)
	f.Cleanup(func() {
		f.must(pool.Close())
		f.must(held.Close())
	})
	opts = append(opts, engine.PoolSize(1), engine.PoolOverflow(0))
	return engine.New(f.db.Dialect(), sqlx.NewDb(pool, f.db.DB().DriverName()), opts...)
}

func (s *suite) TestS53_ReturnedRowsInAnyOrder(t *testing.T) {
	f := s.start(t)
	db := f.reverse(engine.Metadata(meta))
	stamped, docs := repo.NewKeyed(db, Stampeds.ID), repo.NewKeyed(db, Docs.ID)
	var es []*Stamped
	var ds []*Doc
	for i := range 40 {
		es = append(es, &Stamped{Name: fmt.Sprint("name", i)})
		ds = append(ds, &Doc{Title: fmt.Sprint("doc", i)})
	}
	f.must(uow.Run(f.ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(stamped.Add(ctx, es...))
		f.must(docs.Add(ctx, ds...))
		f.must(tx.Flush(ctx))
		for i, e := range es {
			eq(f, e.Loud, fmt.Sprint("NAME", i))
			e.Name += "!"
		}
		for i, d := range ds {
			d.Body = fmt.Sprint("body", i)
		}
		f.must(tx.Flush(ctx))
		for i, e := range es {
			eq(f, e.Loud, fmt.Sprintf("NAME%d!", i))
			var name, title string
			f.must(tx.Get(ctx, &name, db.Rebind("SELECT name FROM stamped WHERE id = ?"), e.ID))
			f.must(tx.Get(ctx, &title, db.Rebind("SELECT title FROM docs WHERE id = ? AND version = 2"), ds[i].ID))
			eq(f, []string{name, title}, []string{e.Name, ds[i].Title})
		}
		f.must(stamped.Delete(ctx, es...))
		return docs.Delete(ctx, ds...)
	}))
}

func (s *suite) TestS77_VersionsOfTheDatabaseInAnyOrder(t *testing.T) {
	db := s.open(t, Tickets)
	f := &fix{T: t, db: db, log: watch.Of(db), ctx: t.Context()}
	for _, q := range revisionTriggers[db.Dialect().Capabilities().SingleWriter] {
		f.sql(q)
	}
	db = f.reverse(engine.Metadata(db.Metadata()))
	tickets := repo.NewKeyed(db, Tickets.ID)
	one, two := &Ticket{Title: "1"}, &Ticket{Title: "2"}
	f.must(uow.Run(f.ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		f.must(tickets.Add(ctx, one, two))
		f.must(tx.Flush(ctx))
		one.Title = "alone"
		f.must(tx.Flush(ctx))
		one.Title, two.Title = "a", "b"
		f.must(tx.Flush(ctx))
		eq(f, []int64{one.Revision, two.Revision}, []int64{114, 107})
		one.Title, two.Title = "c", "d" // by the versions just read
		return nil
	}))
}

// Triggers that swallow each row named "lost", by database.
var swallowing = map[bool][]string{
	true: {
		"CREATE TRIGGER lose_%[1]s BEFORE INSERT ON %[1]s WHEN new.%[2]s = 'lost' BEGIN SELECT RAISE(IGNORE); END",
	},
	false: {
		"CREATE FUNCTION lose_%[1]s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.%[2]s = 'lost' THEN RETURN NULL; END IF; RETURN new; END $$",
		"CREATE TRIGGER lose_%[1]s BEFORE INSERT ON %[1]s FOR EACH ROW EXECUTE FUNCTION lose_%[1]s()",
	},
}

func (s *suite) TestS53_TooFewRowsAreAnError(t *testing.T) {
	f := s.start(t)
	for table, column := range map[string]string{"items": "name", "stamped": "name", "words": "text"} {
		for _, q := range swallowing[f.db.Dialect().Capabilities().SingleWriter] {
			f.sql(fmt.Sprintf(q, table, column))
		}
	}
	for what, add := range map[string]func(ctx context.Context) error{
		"one, with its key made":      func(ctx context.Context) error { return f.items.Add(ctx, &Item{Name: "lost"}) },
		"one, with its key chosen":    func(ctx context.Context) error { return f.words.Add(ctx, &Word{Text: "lost"}) },
		"one, with columns read back": func(ctx context.Context) error { return f.stamped.Add(ctx, &Stamped{Name: "lost"}) },
		"of several":                  func(ctx context.Context) error { return f.items.Add(ctx, &Item{Name: "a"}, &Item{Name: "lost"}) },
		"of several, columns read back": func(ctx context.Context) error {
			return f.stamped.Add(ctx, &Stamped{Name: "a"}, &Stamped{Name: "lost"})
		},
		"of several, with chosen keys": func(ctx context.Context) error { return f.words.Add(ctx, &Word{Text: "a"}, &Word{Text: "lost"}) },
		"by InsertAll": func(ctx context.Context) error {
			return second(f.items.InsertAll(ctx, slices.Values([]*Item{{Name: "a"}, {Name: "lost"}})))
		},
		"by InsertAll, one with its key": func(ctx context.Context) error {
			return second(f.words.InsertAll(ctx, slices.Values([]*Word{{Text: "lost"}})))
		},
	} {
		err := uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error { return add(ctx) })
		if err == nil {
			t.Errorf("%s: a row that was not inserted is no error", what)
			continue
		}
		f.says(err, "insert")
	}
	eq(f, f.number("SELECT (SELECT count(*) FROM items) + (SELECT count(*) FROM stamped) + (SELECT count(*) FROM words)"), 0)
}

func (s *suite) TestS41_LinksAndCascadesAreFlushedBeforeQueries(t *testing.T) {
	n := s.net(t)
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		m, c := &Member{Name: "m"}, &Circle{Name: "c"}
		n.must(n.members.Add(ctx, m))
		n.must(n.circles.Add(ctx, c))
		p := &Post{Title: "p"}
		n.must(n.posts.Add(ctx, p))
		n.must(p.Tags.Add(&Tag{Word: "t"}))
		n.must(p.Comments.Add(&Comment{Text: "x"}))
		return tx.Flush(ctx)
	})
	n.run(func(ctx context.Context, tx *uow.UnitOfWork) error { // nothing but a row of the association is pending
		m, err := n.members.First(ctx)
		n.must(err)
		c, err := n.circles.First(ctx)
		n.must(err)
		n.must(m.Circles.Add(c))
		in, err := n.members.Count(ctx, Members.Circles.Any())
		n.must(err)
		eq(n.fix, in, 1)
		n.must(m.Circles.Remove(c))
		in, err = n.members.Count(ctx, Members.Circles.Any())
		n.must(err)
		eq(n.fix, in, 0)
		return nil
	})
	for what, count := range map[string]func(ctx context.Context) (int64, error){
		"the relation's cascade": func(ctx context.Context) (int64, error) { return n.comments.Count(ctx) },
		"the database's cascade": func(ctx context.Context) (int64, error) { return n.tags.Count(ctx) },
	} {
		for _, known := range []bool{true, false} {
			n.is(n.fails(func(ctx context.Context, tx *uow.UnitOfWork) error {
				if known { // the unit has rows of that table already
					_, err := n.comments.Find(ctx)
					n.must(err)
					_, err = n.tags.Find(ctx)
					n.must(err)
				}
				p, err := n.posts.First(ctx)
				n.must(err)
				n.must(n.posts.Delete(ctx, p))
				left, err := count(ctx)
				n.must(err)
				if left != 0 {
					t.Errorf("%s, known %v: a query counts %d rows that the pending deletion takes", what, known, left)
				}
				return errUndo
			}), errUndo)
		}
	}
	for _, known := range []bool{true, false} {
		n.is(n.fails(func(ctx context.Context, tx *uow.UnitOfWork) error { // a collection set that was not loaded
			if known {
				_, err := n.comments.Find(ctx)
				n.must(err)
			}
			p, err := n.posts.First(ctx)
			n.must(err)
			n.must(p.Comments.Set())
			left, err := n.comments.Count(ctx)
			n.must(err)
			eq(n.fix, left, 0)
			return errUndo
		}), errUndo)
	}
}

func (s *suite) TestS20_DeleteAddDelete(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		e, err := f.items.Get(ctx, ids[0])
		f.must(err)
		f.must(f.items.Delete(ctx, e))
		f.must(f.items.Add(ctx, e))
		f.must(f.items.Delete(ctx, e))
		p, err := tx.Plan(ctx)
		f.must(err)
		eq(f, len(p.Changes()), 1)
		return nil
	})
	eq(f, f.text("SELECT name FROM items"), "bob")
}

func (s *suite) TestS60_ASwitchedRowKeepsItsServerDefault(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.defaulted.Add(ctx, &Defaulted{ID: 1, Plain: 1, Rank: ptr(int64(9))})
	})
	b := &Defaulted{ID: 1, Plain: 2}
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, err := f.defaulted.Get(ctx, int64(1))
		f.must(err)
		f.must(f.defaulted.Delete(ctx, a))
		f.must(f.defaulted.Add(ctx, b))
		f.must(tx.Flush(ctx))
		eq(f, b.Made.Equal(a.Made) && !b.Made.IsZero(), true)
		eq(f, []any{*b.Rank, *b.Status}, []any{int64(9), "new"})
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM defaulted WHERE rank = 9 AND plain = 2 AND status = 'new'"), 1)
}

func (s *suite) TestS35_WhatWasFlushedInsideIsExpired(t *testing.T) {
	f := s.start(t)
	ids := f.seed("ann", "bob")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a, err := f.items.Get(ctx, ids[0])
		f.must(err)
		_, err = f.items.Get(ctx, ids[1])
		f.must(err)
		f.is(tx.Savepoint(ctx, func(ctx context.Context) error {
			a.Name = "inside"
			f.must(tx.Flush(ctx))
			return errUndo
		}), errUndo)
		eq(f, a.Name, "ann")
		f.sent()
		_, err = f.items.Get(ctx, ids[1])
		f.must(err)
		f.quiet("a get of what was not touched inside")
		got, err := f.items.Get(ctx, ids[0])
		f.must(err)
		eq(f, got == a, true)
		eq(f, len(f.sent()), 1)
		return nil
	})
}
