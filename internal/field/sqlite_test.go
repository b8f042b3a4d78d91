package field

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	_ "github.com/glebarez/sqlite" // registers "sqlite"
	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/schema"
)

// Every type survives a real database: what comes back is the settled entity and
// is no change against the snapshot taken at writing.
func TestSQLiteKeepsEveryType(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	l := layoutOf("sqlite")
	ctx := context.Background()
	var cols, marks, names []string
	for _, f := range l.Fields {
		typ := map[schema.Wire]string{schema.WireInt: "INTEGER", schema.WireFloat: "REAL", schema.WireBytes: "BLOB", schema.WireTimeText: "DATETIME"}[f.Wire()]
		if typ == "" {
			typ = "TEXT"
		}
		if f.Wire() == schema.WireInt && f.Col.Type.Kind == schema.BoolKind {
			typ = "BOOLEAN"
		}
		name := `"` + f.Col.Name + `"`
		cols, marks, names = append(cols, name+" "+typ), append(marks, "?"), append(names, name)
	}
	if _, err := db.ExecContext(ctx, "CREATE TABLE t ("+strings.Join(cols, ", ")+")"); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		e := draw(t)
		e.F64, e.F32 = 1.5, -2.5 // SQLite keeps no NaN
		if e.PF64 != nil {
			*e.PF64 = 0.1
		}
		s := l.NewSnapshot()
		var args []any
		for _, f := range l.Fields {
			v, err := f.Load(PtrOf(e))
			if err != nil {
				t.Fatalf("load %s: %v", f.Col.Field, err)
			}
			args = append(args, v)
			if err := f.Settle(PtrOf(e)); err != nil {
				t.Fatal(err)
			}
			if err := f.Snapshot(PtrOf(e), s); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := db.ExecContext(ctx, "DELETE FROM t"); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(ctx, "INSERT INTO t VALUES ("+strings.Join(marks, ", ")+")", args...); err != nil {
			t.Fatal(err)
		}
		for _, prefix := range []string{"", "+"} { // with the declared type, and without
			row := make([]any, len(l.Fields))
			dst := make([]any, len(l.Fields))
			for i := range row {
				dst[i] = &row[i]
			}
			if err := db.QueryRowContext(ctx, "SELECT "+prefix+strings.Join(names, ", "+prefix)+" FROM t").Scan(dst...); err != nil {
				t.Fatal(err)
			}
			rec := l.NewRecord()
			for i, f := range l.Fields {
				what := fmt.Sprintf("%s read with %q as %T", f.Col.Field, prefix, row[i])
				if err := f.Store(rec, rec, row[i]); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				if err := f.StoreSnapshot(rec, Add(rec, l.SnapshotAt), row[i]); err != nil {
					t.Fatal(err)
				}
				if changed, err := f.Changed(rec, s); changed || err != nil {
					t.Fatalf("%s differs from what was written: %v %v", what, changed, err)
				}
				if changed, err := f.Changed(PtrOf(e), Add(rec, l.SnapshotAt)); changed || err != nil {
					t.Fatalf("%s: what was written differs from the snapshot read: %v %v", what, changed, err)
				}
			}
		}
	})
}
