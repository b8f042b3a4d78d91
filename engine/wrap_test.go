package engine

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"testing"

	"github.com/lib/pq"
)

// interfaces lists the optional interfaces of a driver's connection.
func interfaces(c any) (out []string) {
	for _, i := range []struct {
		name string
		has  bool
	}{
		{"Pinger", is[driver.Pinger](c)},
		{"ExecerContext", is[driver.ExecerContext](c)},
		{"QueryerContext", is[driver.QueryerContext](c)},
		{"ConnPrepareContext", is[driver.ConnPrepareContext](c)},
		{"ConnBeginTx", is[driver.ConnBeginTx](c)},
		{"SessionResetter", is[driver.SessionResetter](c)},
		{"Validator", is[driver.Validator](c)},
		{"NamedValueChecker", is[driver.NamedValueChecker](c)},
	} {
		if i.has {
			out = append(out, i.name)
		}
	}
	return out
}

func is[T any](v any) bool { _, ok := v.(T); return ok }

var (
	sqliteHas   = []string{"Pinger", "ExecerContext", "QueryerContext", "ConnPrepareContext", "ConnBeginTx"}
	postgresHas = append(slices.Clone(sqliteHas), "SessionResetter", "Validator", "NamedValueChecker")
)

// wrapped opens a driver's connection through a connector of the engine's.
func wrapped(t *testing.T, name, dsn string) *conn {
	t.Helper()
	inner, err := innerConnector(name, dsn)
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(fakeDialect{}, config{stmts: 10}, nil)
	dc, err := (&connector{e: e, inner: inner}).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dc.Close() })
	return dc.(*conn)
}

func TestWrappedSQLite(t *testing.T) {
	w := wrapped(t, "sqlite", ":memory:")
	if got := interfaces(w.s.dc); !slices.Equal(got, sqliteHas) {
		t.Errorf("the driver has %v, the test expects %v: look at what is forwarded", got, sqliteHas)
	}
	if got := interfaces(w); !slices.Equal(got, postgresHas) {
		t.Errorf("the wrapped connection has only %v", got)
	}
	ctx := t.Context()
	if err := w.Ping(ctx); err != nil {
		t.Error(err)
	}
	if _, err := w.ExecContext(ctx, "CREATE TABLE t (a)", nil); err != nil {
		t.Error(err)
	}
	if err := w.CheckNamedValue(&driver.NamedValue{Value: []int64{1}}); err != driver.ErrSkip {
		t.Errorf("CheckNamedValue: %v", err)
	}
	if err := w.ResetSession(ctx); err != nil || !w.IsValid() {
		t.Errorf("ResetSession: %v, valid %v", err, w.IsValid())
	}
	st, err := w.PrepareContext(ctx, "SELECT a FROM t")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	rows, err := st.(driver.StmtQueryContext).QueryContext(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if rows.Next(make([]driver.Value, 1)) != io.EOF || rows.Close() != nil {
		t.Error("rows do not end")
	}
	tx, err := w.BeginTx(ctx, driver.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
}

func TestWrappedPostgres(t *testing.T) {
	w := wrapped(t, "postgres", greeter(t))
	if _, ok := any(&pq.Driver{}).(driver.DriverContext); ok {
		t.Error("lib/pq has become a DriverContext; the fallback of Open is no longer tested by it")
	}
	if got := interfaces(w.s.dc); !slices.Equal(got, postgresHas) {
		t.Errorf("the driver has %v, the test expects %v: look at what is forwarded", got, postgresHas)
	}
	nv := driver.NamedValue{Value: []int64{1, 2}}
	if err := w.CheckNamedValue(&nv); err != nil || nv.Value != "{1,2}" {
		t.Errorf("CheckNamedValue: %v, %v", nv.Value, err)
	}
	if err := w.ResetSession(t.Context()); err != nil || !w.IsValid() {
		t.Errorf("ResetSession: %v, valid %v", err, w.IsValid())
	}
	// The greeter hangs up on the first statement.
	if err := w.Ping(t.Context()); err != driver.ErrBadConn {
		t.Errorf("Ping: %v", err)
	}
	if w.IsValid() || w.ResetSession(t.Context()) != driver.ErrBadConn {
		t.Error("a dead connection counts as valid")
	}
}

// greeter is a server that logs in everyone, then hangs up on what they say.
func greeter(t *testing.T) (dsn string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			var size [4]byte
			if _, err := io.ReadFull(c, size[:]); err == nil {
				_, _ = io.CopyN(io.Discard, c, int64(binary.BigEndian.Uint32(size[:]))-4)
				_, _ = c.Write([]byte("R\x00\x00\x00\x08\x00\x00\x00\x00Z\x00\x00\x00\x05I"))
				_, _ = c.Read(size[:])
			}
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	host, port, _ := net.SplitHostPort(l.Addr().String())
	return "host=" + host + " port=" + port + " user=u dbname=d sslmode=disable"
}

func TestWrappedRowsPassTypesOn(t *testing.T) {
	w := wrapped(t, "sqlite", ":memory:")
	rows, err := w.QueryContext(context.Background(), "SELECT 1 AS a", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for name, has := range map[string]bool{
		"RowsNextResultSet":              is[driver.RowsNextResultSet](rows),
		"RowsColumnTypeScanType":         is[driver.RowsColumnTypeScanType](rows),
		"RowsColumnTypeDatabaseTypeName": is[driver.RowsColumnTypeDatabaseTypeName](rows),
		"RowsColumnTypeLength":           is[driver.RowsColumnTypeLength](rows),
		"RowsColumnTypeNullable":         is[driver.RowsColumnTypeNullable](rows),
		"RowsColumnTypePrecisionScale":   is[driver.RowsColumnTypePrecisionScale](rows),
	} {
		if !has {
			t.Errorf("rows lack %s", name)
		}
	}
}
