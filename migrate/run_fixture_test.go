package migrate

import (
	"database/sql/driver"
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/schema"
)

// onEach runs a test on each database.
func onEach(t *testing.T, f func(t *testing.T, d database)) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) { f(t, d) })
	}
}

// column is the first column of a query's rows.
func column(t testing.TB, db *engine.Engine, query string) string {
	t.Helper()
	var out []string
	if _, err := db.QueryRows(t.Context(), query, nil, func(v []driver.Value) error {
		out = append(out, asText(v[0]))
		return nil
	}); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.Join(out, " ")
}

func versions(t testing.TB, db *engine.Engine) string {
	t.Helper()
	return column(t, db, "SELECT version_num FROM dormer_version ORDER BY version_num")
}

// userTables lists the tables that are not migrations' own.
func userTables(t testing.TB, db *engine.Engine) string {
	t.Helper()
	c, err := Inspect(t.Context(), db, dialect.InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, def := range c.Tables {
		if !ownTable(def.Name) {
			out = append(out, def.Name)
		}
	}
	return strings.Join(out, " ")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wants checks that an error is of the kind and says what it should.
func wants(t testing.TB, err, kind error, words ...string) {
	t.Helper()
	if err == nil || kind != nil && !errors.Is(err, kind) {
		t.Errorf("error %v, want %v", err, kind)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%v\nwant %q in it", err, w)
		}
	}
}

func makes(name string) Revision {
	return Revision{
		Upgrade: func(op *Op) {
			op.CreateTable(name, schema.Col("id", schema.BigInt()), schema.Col("note", schema.Varchar(50)).Nullable(), schema.Key("id"))
		},
		Downgrade: func(op *Op) { op.DropTable(name) },
	}
}

// setOfTables makes each revision of a set in setOf's notation make a table of its
// name.
func setOfTables(t testing.TB, text string) Set {
	t.Helper()
	s := setOf(t, text)
	for i, a := range s.list {
		r := makes("t_" + a.rev.ID)
		s.list[i].rev.Upgrade, s.list[i].rev.Downgrade = r.Upgrade, r.Downgrade
	}
	return s
}

// followed adds a revision behind the last one.
func followed(s Set, id string, up, down func(*Op)) Set {
	r := Revision{ID: id, Message: "message of " + id, Upgrade: up, Downgrade: down}
	if n := len(s.list); n > 0 {
		r.Parents = []string{s.list[n-1].rev.ID}
	}
	s.Add(r)
	return s
}
