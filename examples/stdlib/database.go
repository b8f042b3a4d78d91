package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// tables are the program's own.
var tables = []*schema.TableDef{schema.DefOf(Packages), schema.DefOf(Files), schema.DefOf(Imports), schema.DefOf(TestImports), schema.DefOf(XTestImports)}

// database is an engine with what the program must know to leave the database as
// it was.
type database struct {
	*engine.Engine
	file string // of SQLite, "" otherwise
	made bool   // the file is this run's
	opts []engine.Option
	// empty says that there were no tables.
	empty bool
}

// openDatabase opens a database and makes sure that it is the program's or
// empty. It writes nothing and makes no file.
func openDatabase(ctx context.Context, url string, opts ...engine.Option) (*database, error) {
	e, err := engine.Open(url, opts...)
	if err != nil {
		return nil, err
	}
	db := &database{Engine: e, opts: opts}
	err = e.Metadata().Seal() // or the tables of imports have no columns yet
	if err == nil {
		err = db.look(ctx, url)
	}
	if err != nil {
		_ = e.Close()
		return nil, err
	}
	return db, nil
}

func (db *database) look(ctx context.Context, url string) (err error) {
	if db.Dialect().Name() != "sqlite" || db.Shared() {
		db.empty, err = isEmpty(ctx, db, db.Engine)
		return err
	}
	u, err := dialect.ParseURL(url)
	if err != nil {
		return err
	}
	db.file = u.Host + u.Path
	if u.Host == "" {
		db.file = u.Database()
	}
	f, err := os.OpenFile(db.file, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		db.empty = true
		return nil
	}
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	db.empty, err = db.glance(ctx, u)
	return err
}

// glance looks into the file over a pool of its own, since the engine's turns on
// the write-ahead log, which changes the file for good: not for the database of
// another program.
func (db *database) glance(ctx context.Context, u *dialect.URL) (empty bool, err error) {
	d := sqlite.New()
	dsn, _, err := d.DSN(u, "sqlite")
	if err != nil {
		return false, err
	}
	pool, err := sqlx.Open("sqlite", dsn)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	e := engine.New(d, pool, db.opts...)
	empty, err = isEmpty(ctx, e, e)
	var failed *engine.StatementError
	if errors.As(err, &failed) { // the statement says nothing about the file
		err = failed.Err
	}
	if err != nil {
		return false, inTheWay("open "+db.String(), err, fmt.Errorf("%s: %w", db, err))
	}
	return empty, nil
}

// inTheWay says what was being done where another program's lock was in the way,
// after waiting for it; of other errors it returns otherwise.
func inTheWay(doing string, err, otherwise error) error {
	if errors.Is(err, dialect.ErrSerialization) || errors.Is(err, dialect.ErrLockTimeout) {
		return fmt.Errorf("%s: another program has locked the database or writes to it: try again when it is done", doing)
	}
	return otherwise
}

// makeFile makes the file of a SQLite database that does not exist. The system
// says better than SQLite why it cannot be.
func (db *database) makeFile() error {
	if db.file == "" {
		return nil
	}
	f, err := os.OpenFile(db.file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	db.made = true
	return f.Close()
}

// close closes the database. After a sync that failed it takes away the file
// that this run made, unless somebody else has put tables into it meanwhile.
func (db *database) close(failed bool) error {
	err := db.Close()
	if !failed || !db.made {
		return err
	}
	u := &dialect.URL{Scheme: "sqlite", Host: db.file}
	if empty, gerr := db.glance(context.Background(), u); gerr != nil || !empty {
		return errors.Join(err, gerr)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if rerr := os.Remove(db.file + suffix); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
			err = errors.Join(err, rerr)
		}
	}
	return err
}

// catalogs ask for all tables and views with their columns.
var catalogs = map[string]string{
	"sqlite": `SELECT m.name AS table_name, coalesce(c.name, '') AS column_name
		FROM sqlite_master m LEFT JOIN pragma_table_info(m.name) c
		WHERE m.type IN ('table', 'view') AND substr(m.name, 1, 7) <> 'sqlite_' ORDER BY 1, 2`,
	"postgres": `SELECT c.relname AS table_name, coalesce(a.attname, '') AS column_name
		FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1, 2`,
}

// isEmpty reports whether the database has no tables. One that has others than
// the program's own is an error; beside its own it may have more.
func isEmpty(ctx context.Context, q interface {
	Select(ctx context.Context, dest any, query string, args ...any) error
}, db *engine.Engine) (bool, error) {
	var rows []struct{ TableName, ColumnName string }
	if err := q.Select(ctx, &rows, catalogs[db.Dialect().Name()]); err != nil {
		return false, err
	}
	if len(rows) == 0 {
		return true, nil
	}
	found := make(map[string]map[string]bool)
	for _, r := range rows {
		if found[r.TableName] == nil {
			found[r.TableName] = make(map[string]bool)
		}
		found[r.TableName][r.ColumnName] = true
	}
	for _, t := range tables {
		cols := found[t.Name]
		if cols == nil {
			return false, fmt.Errorf("this is the database of something else: it has a table %q but no table %q; name an empty or a new one with -db", rows[0].TableName, t.Name)
		}
		for _, c := range t.Columns {
			if !cols[c.Name] {
				return false, fmt.Errorf("this is the database of something else, or of another version of this program: its table %q has no column %q; name an empty or a new one with -db", t.Name, c.Name)
			}
		}
		if len(cols) != len(t.Columns) {
			return false, fmt.Errorf("this is the database of something else, or of another version of this program: its table %q has %d columns, not %d; name an empty or a new one with -db", t.Name, len(cols), len(t.Columns))
		}
	}
	return false, nil
}

// prepareTables lets one sync write at a time, looks again now that nobody else
// can change the tables, and makes them in an empty database. db.CreateAll would
// do that in a transaction of its own; here a sync that fails must take the
// tables back with it, so their DDL, which is data, is run in the sync's own.
func prepareTables(ctx context.Context, tx *uow.UnitOfWork) error {
	db := tx.Engine()
	if lock := db.Dialect().SchemaLock(); lock != "" {
		if _, err := tx.Exec(ctx, lock); err != nil {
			return err
		}
	}
	empty, err := isEmpty(ctx, tx, db)
	if err != nil || !empty {
		return err
	}
	for _, op := range schema.PlanCreate(tables, db.Dialect().Capabilities().AlterForeignKeys) {
		list, err := dialect.RenderDDL(db.Dialect(), op)
		if err != nil {
			return err
		}
		for _, ddl := range list {
			if _, err := tx.Exec(ctx, ddl); err != nil {
				return fmt.Errorf("create tables: %w", err)
			}
		}
	}
	return nil
}

// oneLine is an error's text without line breaks.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
