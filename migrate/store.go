package migrate

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
)

// The tables that migrations keep in the database: a row for each head, and one for
// each revision that was applied, with what was done.
const (
	versionTable  = "dormer_version"
	revisionTable = "dormer_revision"
)

func versionDef() *schema.TableDef {
	return schema.NewTable(versionTable, schema.Col("version_num", schema.Varchar(maxID)), schema.Key("version_num"))
}

func revisionDef() *schema.TableDef {
	return schema.NewTable(revisionTable,
		schema.Col("id", schema.Varchar(maxID)), schema.Col("parents", schema.LongText()), schema.Col("checksum", schema.Varchar(64)),
		schema.Col("applied_at", schema.Varchar(32)), schema.Col("doing", schema.Varchar(16)), schema.Col("operations", schema.Int()),
		schema.Key("id"))
}

// record is what the database says of its revisions.
type record struct {
	versions, revisions bool // the tables are there
	rows                []string
	revs                map[string]recorded
}

// recorded is a revision's row. doing is the direction of a run that has done so
// many operations of it and not ended, "" once it is applied.
type recorded struct {
	parents             []string
	checksum, appliedAt string
	doing               string
	operations          int
}

// store reads and writes the tables.
type store struct{ d dialect.Dialect }

const readRecord = "SELECT 0, version_num, '', '', '', '', 0 FROM " + versionTable +
	" UNION ALL SELECT 1, id, parents, checksum, applied_at, doing, operations FROM " + revisionTable

// read reads all by one statement. On a connection in a transaction that an error
// would end, the tables must be there.
func (s store) read(ctx context.Context, c *engine.Conn) (*record, error) {
	r, err := s.readBy(ctx, c, readRecord)
	if !errors.Is(err, dialect.ErrUndefinedTable) {
		return r, err
	}
	for _, t := range []struct{ name, query string }{
		{versionTable, "SELECT 0, version_num, '', '', '', '', 0 FROM " + versionTable},
		{revisionTable, ""},
	} {
		there := false
		query, args := s.d.TableExists("", t.name)
		if _, err := c.Query(ctx, query, engine.Args(args...), func(v []driver.Value) error {
			there = asBool(v[0])
			return nil
		}); err != nil {
			return nil, err
		}
		if t.query == "" {
			r.revisions = there
		} else if there {
			if r, err = s.readBy(ctx, c, t.query); err != nil {
				return nil, err
			}
		} else {
			r = &record{revs: map[string]recorded{}}
		}
	}
	return r, nil
}

func (s store) readBy(ctx context.Context, c *engine.Conn, query string) (*record, error) {
	r := &record{versions: true, revisions: true, revs: map[string]recorded{}}
	_, err := c.Query(ctx, query, nil, func(v []driver.Value) error {
		id := asText(v[1])
		if asNumber(v[0]) == 0 {
			r.rows = append(r.rows, id)
			return nil
		}
		rec := recorded{checksum: asText(v[3]), appliedAt: asText(v[4]), doing: asText(v[5]), operations: int(asNumber(v[6]))}
		if p := asText(v[2]); p != "" {
			rec.parents = strings.Split(p, ",")
		}
		r.revs[id] = rec
		return nil
	})
	slices.Sort(r.rows)
	return r, err
}

func asText(v driver.Value) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

func asNumber(v driver.Value) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case bool:
		if v {
			return 1
		}
	case []byte:
		n := int64(0)
		_, _ = fmt.Sscan(string(v), &n)
		return n
	}
	return 0
}

func asBool(v driver.Value) bool { return asNumber(v) != 0 }

func (r recorded) when() time.Time {
	t, _ := time.Parse(time.RFC3339, r.appliedAt)
	return t
}

// write is a statement and how many rows it must concern, -1 for any number.
type write struct {
	sql  string
	rows int64
}

// create makes the tables that are not there.
func (s store) create(r *record) (list []write, err error) {
	for _, t := range []struct {
		there bool
		def   *schema.TableDef
	}{{r.versions, versionDef()}, {r.revisions, revisionDef()}} {
		if t.there {
			continue
		}
		texts, err := dialect.RenderDDL(s.d, schema.CreateTable{Table: t.def})
		if err != nil {
			return nil, err
		}
		for _, sql := range texts {
			list = append(list, write{sql, -1})
		}
	}
	r.versions, r.revisions = true, true
	return list, nil
}

// literal quotes what a revision is recorded with: it was checked, or is the
// database's own.
func (s store) literal(v any) string {
	b, err := s.d.AppendLiteral(nil, v)
	if err != nil {
		return "NULL" // no id has a NUL in it
	}
	return string(b)
}

// move brings the rows of the version table from what they are to what they are to
// be: each statement must find its row, or someone else has been at work.
func (s store) move(r *record, to []string) (list []write) {
	to = slices.Sorted(slices.Values(to))
	var gone, come []string
	for _, id := range r.rows {
		if !slices.Contains(to, id) {
			gone = append(gone, id)
		}
	}
	for _, id := range to {
		if !slices.Contains(r.rows, id) {
			come = append(come, id)
		}
	}
	if len(gone) > 0 && len(come) > 0 {
		list = append(list, write{"UPDATE " + versionTable + " SET version_num = " + s.literal(come[0]) + " WHERE version_num = " + s.literal(gone[0]), 1})
		gone, come = gone[1:], come[1:]
	}
	for _, id := range gone {
		list = append(list, write{"DELETE FROM " + versionTable + " WHERE version_num = " + s.literal(id), 1})
	}
	for _, id := range come {
		list = append(list, write{"INSERT INTO " + versionTable + " (version_num) VALUES (" + s.literal(id) + ")", 1})
	}
	r.rows = to
	return list
}

// note records a revision: as applied, or how far a run in the direction doing has
// got.
func (s store) note(r *record, n *node, checksum, doing string, operations int) write {
	was, known := r.revs[n.ID]
	r.revs[n.ID] = recorded{parents: n.Parents, checksum: checksum, appliedAt: was.appliedAt, doing: doing, operations: operations}
	if known {
		clock := ""
		if doing == "" {
			clock = ", applied_at = " + s.d.Clock()
		}
		return write{fmt.Sprintf("UPDATE %s SET parents = %s, checksum = %s%s, doing = %s, operations = %d WHERE id = %s",
			revisionTable, s.literal(strings.Join(n.Parents, ",")), s.literal(checksum), clock, s.literal(doing), operations, s.literal(n.ID)), 1}
	}
	return write{fmt.Sprintf("INSERT INTO %s (id, parents, checksum, applied_at, doing, operations) VALUES (%s, %s, %s, %s, %s, %d)",
		revisionTable, s.literal(n.ID), s.literal(strings.Join(n.Parents, ",")), s.literal(checksum), s.d.Clock(), s.literal(doing), operations), 1}
}

// forget takes a revision's record away.
func (s store) forget(r *record, id string) write {
	delete(r.revs, id)
	return write{"DELETE FROM " + revisionTable + " WHERE id = " + s.literal(id), -1}
}

// do runs the statements.
func (s store) do(ctx context.Context, c *engine.Conn, list ...write) error {
	for _, w := range list {
		if w.rows < 0 && strings.HasPrefix(w.sql, "CREATE") {
			if err := c.ExecDDL(ctx, w.sql); err != nil {
				return err
			}
			continue
		}
		res, err := c.Exec(ctx, w.sql, nil)
		if err != nil {
			return err
		}
		if w.rows >= 0 && res.RowsAffected != w.rows {
			return &engine.StatementError{Op: "exec", SQL: w.sql, Err: fmt.Errorf("%w: %d rows instead of %d", ErrVersionRows, res.RowsAffected, w.rows)}
		}
	}
	return nil
}
