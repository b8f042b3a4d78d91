package corpus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/uow"
)

// statements asks the query for its SQL, and has the database prepare and run it.
func (f built) statements(t *testing.T, d *database) ([]statement, error) {
	q := f()
	text, args, err := q.SQL(d.dialect)
	if again, args2, err2 := f().SQL(d.dialect); again != text || !reflect.DeepEqual(args, args2) || fmt.Sprint(err) != fmt.Sprint(err2) {
		t.Errorf("built again it is\n%s\n%v %v", again, args2, err2)
	}
	if err != nil {
		return nil, err
	}
	if _, not := q.(unrun); d.db != nil && !not {
		if err := tried(t.Context(), d.db, text, args); err != nil {
			t.Errorf("%s: %s\n%v\n%v", d.name, text, args, err)
		}
	}
	return []statement{{text, args}}, nil
}

// tried prepares a statement and runs it in a transaction that is rolled back.
func tried(ctx context.Context, db *engine.Engine, text string, args []any) error {
	tx, err := db.DB().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	stmt, err := tx.PrepareContext(ctx, text)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	defer func() { _ = stmt.Close() }()
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
	}
	return rows.Err()
}

var errUndo = errors.New("undo")

// statements runs the call and notes what the engine sends meanwhile.
func (f sent) statements(t *testing.T, d *database) ([]statement, error) {
	n := &notes{}
	db := engine.New(d.db.Dialect(), d.db.DB(), engine.Logger(slog.New(n)), engine.LogArgs(), engine.Metadata(meta))
	var failed error
	err := uow.Run(t.Context(), db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		if err := restarted(ctx, d, tx); err != nil {
			return err
		}
		n.on = true
		failed = f(ctx, db)
		n.on = false
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Errorf("%s: rollback: %v", d.name, err)
	}
	for _, err := range n.failed {
		t.Errorf("%s: %v", d.name, err)
	}
	if len(n.list) == 0 && failed == nil {
		t.Errorf("%s: nothing was sent", d.name)
	}
	return n.list, failed
}

// restarted has the keys that the database makes begin anew, which no rollback does.
func restarted(ctx context.Context, d *database, tx *uow.UnitOfWork) error {
	if d.dialect.Capabilities().KeyReservation != dialect.KeysBySequence {
		return nil
	}
	for _, table := range []string{"groups", "pages"} {
		if _, err := tx.Exec(ctx, "SELECT setval(pg_get_serial_sequence($1, 'id'), 1000)", table); err != nil {
			return err
		}
	}
	return nil
}

// notes are the statements that an engine logs while it is on.
type notes struct {
	on     bool
	list   []statement
	failed []string
}

func (n *notes) Enabled(context.Context, slog.Level) bool { return true }
func (n *notes) WithAttrs([]slog.Attr) slog.Handler       { return n }
func (n *notes) WithGroup(string) slog.Handler            { return n }

func (n *notes) Handle(_ context.Context, r slog.Record) error {
	if !n.on {
		return nil
	}
	var s statement
	failed := ""
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "sql":
			s.sql = a.Value.String()
		case "args":
			s.args, _ = a.Value.Any().([]any)
		case "err":
			failed = a.Value.String()
		}
		return true
	})
	switch {
	case failed != "":
		n.failed = append(n.failed, s.sql+": "+failed)
	case s.sql == "", strings.HasPrefix(s.sql, "BEGIN"):
	default:
		n.list = append(n.list, s)
	}
	return nil
}

// show writes an argument as Go does, and times near now as such.
func show(a any) string {
	switch a := a.(type) {
	case nil:
		return "nil"
	case time.Time:
		if d := time.Since(a); -time.Hour < d && d < time.Hour {
			return "time.Now()"
		}
		return a.Format(time.RFC3339Nano)
	case string:
		if at, err := time.Parse("2006-01-02 15:04:05.000000", a); err == nil && time.Since(at).Abs() < time.Hour {
			return `"time.Now()"`
		}
		return fmt.Sprintf("%q", a)
	case []byte:
		return fmt.Sprintf("[]byte(%q)", a)
	}
	return fmt.Sprintf("%T(%v)", a, a)
}
