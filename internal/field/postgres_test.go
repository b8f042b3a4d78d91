package field

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	_ "github.com/lib/pq"
	"pgregory.net/rapid"

	"github.com/dormer-orm/dormer/schema"
)

// Every type survives a real database: what comes back is the settled entity and
// is no change against the snapshot taken at writing.
func TestPostgresKeepsEveryType(t *testing.T) {
	url := os.Getenv("DORMER_TEST_POSTGRES")
	if url == "" {
		t.Skip("DORMER_TEST_POSTGRES names no database")
	}
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // one session, whose temporary table it is
	l := layoutOf("postgres")
	ctx := context.Background()
	var cols, marks, names []string
	for _, f := range l.Fields {
		typ := postgresType(&f.Col.Type)
		name := `"` + f.Col.Name + `"`
		cols, marks, names = append(cols, name+" "+typ), append(marks, fmt.Sprintf("$%d", len(marks)+1)), append(names, name)
	}
	if _, err := db.ExecContext(ctx, "CREATE TEMP TABLE t ("+strings.Join(cols, ", ")+")"); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		e := draw(t)
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
		row := make([]any, len(l.Fields))
		dst := make([]any, len(l.Fields))
		for i := range row {
			dst[i] = &row[i]
		}
		if err := db.QueryRowContext(ctx, "SELECT "+strings.Join(names, ", ")+" FROM t").Scan(dst...); err != nil {
			t.Fatal(err)
		}
		rec := l.NewRecord()
		for i, f := range l.Fields {
			what := fmt.Sprintf("%s read as %T", f.Col.Field, row[i])
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
	})
}

func postgresType(t *schema.Type) string {
	switch t.Kind {
	case schema.ArrayKind:
		return postgresType(t.Elem) + "[]"
	case schema.DecimalKind:
		return fmt.Sprintf("numeric(%d,%d)", t.Precision, t.Scale)
	}
	if name := map[schema.Kind]string{
		schema.BoolKind: "boolean", schema.Int16Kind: "smallint", schema.Int32Kind: "integer", schema.Int64Kind: "bigint",
		schema.Float32Kind: "real", schema.Float64Kind: "double precision", schema.BytesKind: "bytea", schema.TimeKind: "timestamptz",
		schema.UUIDKind: "uuid", schema.JSONKind: "jsonb",
	}[t.Kind]; name != "" {
		return name
	}
	return "text"
}
