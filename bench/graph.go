package bench

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Writer has articles.
type Writer struct {
	ID       int64
	Name     string
	Email    string
	Age      int
	Articles rel.Many[Article]
}

type writers struct {
	schema.Table[Writer]
	ID       expr.Column[Writer, int64]
	Name     expr.Column[Writer, string]
	Articles rel.ToMany[Writer, Article]
}

// Writers is the table of parents.
var Writers = schema.Define("bench_writers", func(t *writers) { schema.Column(t.ID).PrimaryKey() })

// Article has a writer.
type Article struct {
	ID        int64
	WriterID  int64
	Title     string
	Body      string
	Words     int
	CreatedAt time.Time
	Writer    rel.One[Writer]
}

type articles struct {
	schema.Table[Article]
	ID       expr.Column[Article, int64]
	WriterID expr.Column[Article, int64]
	Writer   rel.ToOne[Article, Writer]
}

// Articles is the table of children.
var Articles = schema.Define("bench_articles", func(t *articles) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.WriterID).References(Writers.ID)
	schema.Index(t.WriterID)
	rel.Via(t.Writer, t.WriterID).BackPopulates(Writers.Articles)
})

// handWriter and handArticle are what one writes without Dormer.
type handWriter struct {
	ID          int64
	Name, Email string
	Age         int
	Articles    []*handArticle
}

type handArticle struct {
	ID, WriterID int64
	Title, Body  string
	Words        int
	CreatedAt    time.Time
	Writer       *handWriter
}

// Parents is the number of writers that are seeded, Children that of each one's
// articles.
const (
	Parents  = 10_000
	Children = 10
)

func newGraph(n int) []*Writer {
	ws := make([]*Writer, n)
	for i := range ws {
		as := make([]*Article, Children)
		for j := range as {
			as[j] = &Article{
				Title: fmt.Sprintf("Article %d of writer %d", j, i), Body: "A few words that say nothing in particular.",
				Words: 8 + j, CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Add(time.Duration(i) * time.Second),
			}
		}
		ws[i] = &Writer{Name: fmt.Sprintf("Writer %d", i), Email: fmt.Sprintf("w%d@example.com", i), Age: 20 + i%50, Articles: rel.Of(as...)}
	}
	return ws
}

// seedGraph writes the writers and their articles in one flush and counts its
// statements.
func (s *Store) seedGraph(ctx context.Context, n int) (int64, error) {
	for _, table := range []string{"bench_articles", "bench_writers"} {
		if _, err := s.Hand.ExecContext(ctx, "DELETE FROM "+table); err != nil {
			return 0, err
		}
	}
	sent, err := s.Statements(ctx, func(ctx context.Context, _ *uow.UnitOfWork) error { return s.Writers.Add(ctx, newGraph(n)...) })
	if err != nil {
		return 0, err
	}
	tidy := "ANALYZE"
	if s.Name == "PostgreSQL" {
		tidy = "VACUUM ANALYZE" // now, and not by itself while something is measured
	}
	_, err = s.Hand.ExecContext(ctx, tidy)
	return sent, err
}

// handEager reads writers and their articles by two queries, in one transaction
// as a unit of work does, and joins them by a map.
func (s *Store) handEager(ctx context.Context, first *sql.Stmt, second func(n int) (*sql.Stmt, error), limit int) ([]*handWriter, error) {
	if _, err := second(limit); err != nil { // before the one connection is taken
		return nil, err
	}
	tx, err := s.Hand.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	ws, err := handStitch(ctx, tx, first, second, limit)
	if err != nil {
		return nil, err
	}
	return ws, tx.Commit()
}

// handStitch does so on what runs statements: a transaction, or nil for the pool.
func handStitch(ctx context.Context, tx *sql.Tx, first *sql.Stmt, second func(n int) (*sql.Stmt, error), limit int) ([]*handWriter, error) {
	on := func(st *sql.Stmt) *sql.Stmt {
		if tx == nil {
			return st
		}
		return tx.StmtContext(ctx, st)
	}
	rows, err := on(first).QueryContext(ctx, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ws []*handWriter
	byID := map[int64]*handWriter{}
	var ids []any
	for rows.Next() {
		w := new(handWriter)
		if err := rows.Scan(&w.ID, &w.Name, &w.Email, &w.Age); err != nil {
			return nil, err
		}
		ws, ids, byID[w.ID] = append(ws, w), append(ids, w.ID), w
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close() // PostgreSQL takes one query at a time
	st, err := second(len(ids))
	if err != nil {
		return nil, err
	}
	more, err := on(st).QueryContext(ctx, ids...)
	if err != nil {
		return nil, err
	}
	defer more.Close()
	for more.Next() {
		a := new(handArticle)
		if err := more.Scan(&a.ID, &a.WriterID, &a.Title, &a.Body, &a.Words, &a.CreatedAt); err != nil {
			return nil, err
		}
		a.Writer = byID[a.WriterID]
		a.Writer.Articles = append(a.Writer.Articles, a)
	}
	return ws, more.Err()
}

// eager reads writers with their articles in a unit of work.
func (s *Store) eager(ctx context.Context, limit int) error {
	return uow.Run(ctx, s.DB, func(ctx context.Context, _ *uow.UnitOfWork) error {
		ws, err := s.Writers.Query().OrderBy(Writers.ID.Asc()).Limit(limit).With(Writers.Articles).All(ctx)
		return checkGraph(len(ws), limit, err)
	})
}

func checkGraph(got, want int, err error) error {
	if err == nil && got != want {
		err = fmt.Errorf("%d of %d writers", got, want)
	}
	return err
}

// Graphs measures relations.
func (s *Store) Graphs(ctx context.Context, set Settings) ([]Result, error) {
	limit := 4.0
	if s.Name == "SQLite" {
		limit = 0
	}
	sent, err := s.seedGraph(ctx, 1000)
	if err != nil {
		return nil, err
	}
	out := []Result{{What: "insert 1,000 parents with 10 children each", Database: s.Name, Got: float64(sent), Limit: limit, Unit: "statements"}}
	if _, err := s.seedGraph(ctx, Parents); err != nil {
		return nil, err
	}
	first, err := s.Hand.PrepareContext(ctx, s.placeholders("SELECT id, name, email, age FROM bench_writers ORDER BY id LIMIT ?"))
	if err != nil {
		return nil, err
	}
	defer first.Close()
	prepared := map[int]*sql.Stmt{}
	defer func() {
		for _, st := range prepared {
			_ = st.Close()
		}
	}()
	second := func(n int) (*sql.Stmt, error) {
		if st := prepared[n]; st != nil {
			return st, nil
		}
		st, err := s.Hand.PrepareContext(ctx, s.placeholders("SELECT id, writer_id, title, body, words, created_at FROM bench_articles WHERE writer_id IN (?"+strings.Repeat(", ?", n-1)+") ORDER BY id"))
		prepared[n] = st
		return st, err
	}
	c, err := compare(set.Rounds, set.Rounds*8, // long rounds: a target close to what is reached wants a steady figure
		side{run: func() error {
			ws, err := s.handEager(ctx, first, second, 100)
			return checkGraph(len(ws), 100, err)
		}},
		side{run: func() error { return s.eager(ctx, 100) }})
	if err != nil {
		return nil, err
	}
	bare, err := compare(set.Rounds, 20,
		side{run: func() error {
			ws, err := handStitch(ctx, nil, first, second, 100)
			return checkGraph(len(ws), 100, err)
		}},
		side{run: func() error { return s.eager(ctx, 100) }})
	if err != nil {
		return nil, err
	}
	n, err := s.Statements(ctx, func(ctx context.Context, _ *uow.UnitOfWork) error {
		_, err := s.Writers.Query().OrderBy(Writers.ID.Asc()).Limit(100).With(Writers.Articles).All(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	walk, err := s.Statements(ctx, func(ctx context.Context, _ *uow.UnitOfWork) error {
		as, err := s.Articles.Query().Limit(10_000).All(ctx)
		for _, a := range as {
			if w, err := a.Writer.Load(ctx); err != nil || w == nil {
				return fmt.Errorf("article %d has no writer: %w", a.ID, err)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out = append(out,
		Result{What: "100 parents with 10 children each, eagerly", Database: s.Name, Got: c.Ratio, Limit: 0.95, Unit: "× hand-written", Noisy: true, Detail: c.detail()},
		Result{What: "100 parents with 10 children each, eagerly", Database: s.Name, Got: bare.Ratio, Unit: "× hand-written without a transaction", Noisy: true, Detail: bare.detail()},
		Result{What: "100 parents with 10 children each, eagerly", Database: s.Name, Got: float64(n), Limit: 2, Unit: "statements"},
		Result{What: "10,000 children, the parent of each by Load", Database: s.Name, Got: float64(walk), Limit: 2, Unit: "statements"})
	each := func(parents int) (float64, error) {
		var times []float64
		for range max(3, set.Rounds/2) {
			start := time.Now()
			if err := s.eager(ctx, parents); err != nil {
				return 0, err
			}
			times = append(times, float64(time.Since(start))/float64(parents))
		}
		return slices.Min(times), nil
	}
	few, err := each(100)
	if err != nil {
		return nil, err
	}
	for _, parents := range []int{1000, 10_000} {
		many, err := each(parents)
		if err != nil {
			return nil, err
		}
		out = append(out, Result{What: fmt.Sprintf("%d parents with 10 children each, eagerly, each parent", parents), Database: s.Name, Got: many / few, Limit: 2, Unit: "× of 100 parents", Noisy: true,
			Detail: fmt.Sprintf("%v against %v", time.Duration(many), time.Duration(few))})
	}
	return out, nil
}

// placeholders numbers the placeholders where the database wants it.
func (s *Store) placeholders(q string) string {
	if s.Name == "SQLite" {
		return q
	}
	var b strings.Builder
	n := 0
	for _, r := range q {
		if r == '?' {
			n++
			fmt.Fprintf(&b, "$%d", n)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
