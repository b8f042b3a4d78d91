package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

// Each change goes up and down with rows in the tables.
func TestLowerUpAndDown(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			empty := emptied(t, d)
			for _, c := range changes() {
				if c.only != "" && c.only != d.name {
					continue
				}
				t.Run(c.name, func(t *testing.T) {
					db := empty()
					lowerShop(t, db)
					before := dump(db.Dialect(), catalogOf(t, db))
					var op Op
					c.up(&op)
					ops := op.Operations()
					var back []Operation
					for _, o := range slices.Backward(ops) {
						r, ok := o.Reverse()
						if !ok {
							t.Fatalf("%s has no reverse", about(o))
						}
						back = append(back, r)
					}
					if err := carry(t, db, ops...); err != nil {
						t.Fatal(err)
					}
					if got := rowsOf(t, db, postsRows); got != somePosts {
						t.Errorf("posts are\n%s", got)
					}
					for q, want := range c.check {
						if got := rowsOf(t, db, q); got != want {
							t.Errorf("%s:\n got %s\nwant %s", q, got, want)
						}
					}
					if d.name == "sqlite" || !strings.HasPrefix(c.name, "rename") {
						alive(t, db) // PostgreSQL's functions keep the names that they were written with
					}
					if dump(db.Dialect(), catalogOf(t, db)) == before && c.name != "comments" && !strings.HasPrefix(c.name, "decimal") {
						t.Error("nothing has changed")
					}
					if c.lossy {
						for i, o := range back {
							if a, ok := o.(AlterColumn); ok {
								a.Using = nil
								back[i] = a
							}
						}
					}
					if err := carry(t, db, back...); err != nil {
						t.Fatalf("down: %v", err)
					}
					alive(t, db)
					if got := rowsOf(t, db, postsRows); got != somePosts {
						t.Errorf("posts are, after down,\n%s", got)
					}
					if got := rowsOf(t, db, usersRows); got != someUsers && !c.lossy {
						t.Errorf("users are, after down,\n%s", got)
					}
					if after := dump(db.Dialect(), catalogOf(t, db)); after != before && !c.shapes {
						t.Errorf("the schema is not what it was:\n%s", differing(before, after))
					}
				})
			}
		})
	}
}

// differing are the lines that only one text has.
func differing(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	var out []string
	for _, s := range x {
		if !slices.Contains(y, s) {
			out = append(out, "- "+s)
		}
	}
	for _, s := range y {
		if !slices.Contains(x, s) {
			out = append(out, "+ "+s)
		}
	}
	return strings.Join(out, "\n")
}

// What rows stand in the way of is refused, with what to do, and changes nothing.
func TestLowerRefuses(t *testing.T) {
	age := schema.Col("age", schema.LongText()).Nullable()
	for _, d := range databases(t) {
		empty := emptied(t, d)
		for name, c := range map[string]struct {
			up   func(op *Op)
			want string
		}{
			"not null column without value": {func(op *Op) { op.AddColumn("users", schema.Col("x", schema.Int())) }, "Backfill"},
			"NULL where none may be":        {func(op *Op) { op.AlterColumn("users", age, schema.Col("age", schema.LongText())) }, "Backfill"},
			"NULL in a key":                 {func(op *Op) { op.DropPrimaryKey("users"); op.AddPrimaryKey("users", "age") }, ""},
			"text that is no number": {func(op *Op) {
				op.AlterColumn("users", schema.Col("name", schema.Varchar(50)), schema.Col("name", schema.Int()))
			}, ""},
			"text that is too long": {func(op *Op) {
				op.AlterColumn("users", schema.Col("name", schema.Varchar(50)), schema.Col("name", schema.Varchar(3)))
			}, ""},
			"a view needs it":    {func(op *Op) { op.DropColumn("users", "name") }, ""},
			"no such table":      {func(op *Op) { op.DropColumn("nobody", "name") }, "nobody"},
			"no such column":     {func(op *Op) { op.DropColumn("users", "nothing") }, "nothing"},
			"no such constraint": {func(op *Op) { op.DropCheck("users", "ck_nothing") }, "ck_nothing"},
			"rows break a check": {func(op *Op) { op.AddCheck("users", "ck_x", schema.SQL("id < 3")) }, "ck_x"},
			"rows break a guard": {func(op *Op) {
				op.AlterColumn("users", schema.Col("level", schema.EnumType("", "low", "high")).Default("low"), schema.Col("level", schema.EnumType("", "high")).Default("high"))
			}, ""},
		} {
			t.Run(d.name+"/"+name, func(t *testing.T) {
				db := empty()
				lowerShop(t, db)
				before := dump(db.Dialect(), catalogOf(t, db))
				var op Op
				c.up(&op)
				err := carry(t, db, op.Operations()...)
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("error is %v, want one with %q", err, c.want)
				}
				if after := dump(db.Dialect(), catalogOf(t, db)); after != before {
					t.Errorf("the schema has changed:\n%s", differing(before, after))
				}
				if got := rowsOf(t, db, usersRows); got != someUsers {
					t.Errorf("users are\n%s", got)
				}
				alive(t, db)
			})
		}
	}
}

// A table that has no rows takes a column that rows would have no value for.
func TestLowerNotNullColumnOfEmptyTable(t *testing.T) {
	for _, d := range databases(t) {
		db := d.open(t)
		lowerShop(t, db)
		var op Op
		op.AddColumn("log", schema.Col("x", schema.Int()))
		execAll(t, db, "DELETE FROM log")
		if err := carry(t, db, op.Operations()...); err != nil {
			t.Errorf("%s: %v", d.name, err)
		}
	}
}

// What SQLite needs a rebuild for is done by one, whatever it is.
func TestLowerMergesRebuilds(t *testing.T) {
	db := databases(t)[0].open(t)
	lowerShop(t, db)
	var op Op
	op.AlterColumn("users", schema.Col("age", schema.LongText()).Nullable(), schema.Col("age", schema.Int()).Nullable())
	op.AddCheck("users", "ck_age", schema.SQL("age > 0"))
	op.CreateIndex("users", schema.IndexOn("ix_more", "age"))
	op.AddColumn("posts", schema.Col("n", schema.Int()).Nullable())
	op.DropColumn("users", "mood")
	op.AddColumn("users", schema.Col("x", schema.Int())).Backfill(3)
	looks := 0
	cat := catalogOf(t, db)
	steps, err := lower(db.Dialect(), op.Operations(), func() (*schema.Catalog, error) { looks++; return cat, nil })
	if err != nil {
		t.Fatal(err)
	}
	rebuilds := 0
	for _, s := range steps {
		for _, sql := range s.sql {
			if strings.HasPrefix(sql, "DROP TABLE") {
				rebuilds++
			}
		}
	}
	if rebuilds != 1 || looks != 1 {
		t.Errorf("%d rebuilds, %d looks: %v", rebuilds, looks, steps)
	}
	if i := slices.IndexFunc(steps, func(s step) bool { return s.loses != "" }); i < 0 || !strings.Contains(steps[i].loses, "users.mood") {
		t.Errorf("the loss is not named: %v", steps)
	}
	if cat.Table("", "users").Column("mood") == nil {
		t.Error("the catalog that was looked at has been changed")
	}
}

// Keys that SQLite has given out once are not given out again.
func TestLowerKeepsAutoincrement(t *testing.T) {
	db := databases(t)[0].open(t)
	execAll(t, db, "CREATE TABLE k (id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT)", "INSERT INTO k (x) VALUES ('a'), ('b'), ('c')", "DELETE FROM k WHERE id > 1")
	for range 2 { // also of an empty table
		var op Op
		op.AlterColumn("k", schema.Col("x", schema.LongText()).Nullable(), schema.Col("x", schema.Varchar(5)).Nullable().Default("y"))
		if err := carry(t, db, op.Operations()...); err != nil {
			t.Fatal(err)
		}
		execAll(t, db, "DELETE FROM k")
	}
	execAll(t, db, "INSERT INTO k (x) VALUES ('d')")
	if got := rowsOf(t, db, "SELECT id FROM k"); got != "4" {
		t.Errorf("the next key is %s", got)
	}
}

// What the model cannot say of a table is not lost without a word.
func TestLowerRefusesOnConflict(t *testing.T) {
	db := databases(t)[0].open(t)
	execAll(t, db, "CREATE TABLE k (id INTEGER PRIMARY KEY, x TEXT UNIQUE ON CONFLICT REPLACE)", "INSERT INTO k (x) VALUES ('a')")
	var op Op
	op.DropColumn("k", "x")
	if err := carry(t, db, op.Operations()...); err == nil || !strings.Contains(err.Error(), "ON CONFLICT") {
		t.Errorf("error is %v", err)
	}
	if got := rowsOf(t, db, "SELECT x FROM k"); got != "a" {
		t.Errorf("the table has %q", got)
	}
}

// Rows that were written before do not keep a table from being altered.
func TestLowerAfterDeferredConstraints(t *testing.T) {
	for _, d := range databases(t) {
		db := d.open(t)
		var op Op
		op.CreateTable("n", schema.Col("id", schema.BigInt()).Identity(), schema.Col("up", schema.BigInt()).Nullable(), schema.Key("id"),
			schema.Reference("fk_n", []string{"up"}, "n", []string{"id"}).Deferrable())
		if err := carry(t, db, op.Operations()...); err != nil {
			t.Fatal(err)
		}
		execAll(t, db, "INSERT INTO n (id) VALUES (1), (2)")
		op = Op{}
		op.AlterColumn("n", schema.Col("up", schema.BigInt()).Nullable(), schema.Col("up", schema.BigInt())).Backfill(1)
		op.AddColumn("n", schema.Col("more", schema.BigInt())).Backfill(2)
		op.AddForeignKey("n", schema.Reference("fk_more", []string{"more"}, "n", []string{"id"}).Deferrable())
		op.AlterColumn("n", schema.Col("more", schema.BigInt()), schema.Col("more", schema.LongText()))
		op.AlterColumn("n", schema.Col("more", schema.LongText()), schema.Col("more", schema.BigInt()))
		ops := op.Operations()
		if d.name == "postgres" {
			ops = ops[:3] // a key does not point from text to a number
		}
		if err := carry(t, db, ops...); err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		if got := rowsOf(t, db, "SELECT id, up, more FROM n ORDER BY id"); got != "1|1|2\n2|1|2" {
			t.Errorf("%s: %s", d.name, got)
		}
		if d.name == "sqlite" {
			continue // there constraints wait for nothing that alters a table
		}
		op = Op{}
		op.Exec("UPDATE n SET up = 2")
		var after Op
		after.DropColumn("n", "more")
		steps := func(ops []Operation) (list []step) {
			list, err := lower(db.Dialect(), ops, func() (*schema.Catalog, error) { return catalogOf(t, db), nil })
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		var sql []string
		for _, s := range append(steps(op.Operations()), steps(after.Operations())...) {
			sql = append(sql, s.sql...)
		}
		err := uow.Run(t.Context(), db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			for _, s := range sql {
				if _, err := tx.Exec(ctx, s); err != nil {
					return fmt.Errorf("%s: %w", s, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// A trigger that needs a column is not left broken.
func TestLowerRefusesToBreakTriggers(t *testing.T) {
	db := databases(t)[0].open(t)
	lowerShop(t, db)
	execAll(t, db, "CREATE TRIGGER aged AFTER UPDATE OF boss ON users BEGIN INSERT INTO log VALUES (NEW.age); END")
	var op Op
	op.DropColumn("users", "age")
	if err := carry(t, db, op.Operations()...); err == nil || !strings.Contains(err.Error(), "age") {
		t.Errorf("error is %v", err)
	}
	if got := rowsOf(t, db, usersRows); got != someUsers {
		t.Errorf("users are\n%s", got)
	}
}

// SQLite keeps no schema's name in the text of a trigger.
func TestLowerRefusesTriggersOfAttachedDatabases(t *testing.T) {
	db := databases(t)[0].open(t)
	k := schema.NewTable("k", schema.InSchema("other"), schema.Col("id", schema.BigInt()).Identity(), schema.Col("x", schema.Int()), schema.Key("id"))
	cat := &schema.Catalog{Tables: []*schema.TableDef{k}, Triggers: []*schema.TriggerDef{{Schema: "other", Table: "k", Name: "tr", SQL: "CREATE TRIGGER tr AFTER INSERT ON k BEGIN SELECT 1; END"}}}
	var op Op
	op.DropColumn("other.k", "x")
	_, err := lower(db.Dialect(), op.Operations(), func() (*schema.Catalog, error) { return cat, nil })
	if err == nil || !strings.Contains(err.Error(), "trigger tr") {
		t.Errorf("error is %v", err)
	}
}

// Where a revision is not to be found out about, what needs no catalog needs none.
func TestLowerWithoutCatalog(t *testing.T) {
	none := errors.New("offline")
	for _, d := range databases(t) {
		db := d.open(t)
		var op Op
		op.CreateTable("t", schema.Col("id", schema.BigInt()).Identity(), schema.Key("id"))
		op.AddColumn("t", schema.Col("x", schema.Int()).Nullable())
		op.RenameColumn("t", "x", "y")
		op.CreateIndex("t", schema.IndexOn("ix", "y")).Concurrently()
		op.RenameTable("t", "u")
		op.DropIndex("u", "ix")
		op.Exec("SELECT 1", "sqlite", "")
		steps, err := lower(db.Dialect(), op.Operations(), func() (*schema.Catalog, error) { return nil, none })
		if err != nil {
			t.Fatal(err)
		}
		execs, outside := 0, 0
		for _, s := range steps {
			if s.about == "exec" {
				execs++
			}
			if s.outside {
				outside++
			}
			for _, sql := range s.sql {
				execAll(t, db, sql)
			}
		}
		if want := map[string]int{"postgres": 1}[d.name]; execs != want || outside != want {
			t.Errorf("%s: %d execs, %d outside", d.name, execs, outside)
		}
		if d.name != "sqlite" {
			continue
		}
		op = Op{}
		op.DropColumn("u", "y")
		if _, err := lower(db.Dialect(), op.Operations(), func() (*schema.Catalog, error) { return nil, none }); !errors.Is(err, none) {
			t.Errorf("a rebuild without a catalog: %v", err)
		}
	}
}

// Foreign keys that close a cycle wait for their table.
func TestLowerForeignKeyCycle(t *testing.T) {
	for _, d := range databases(t) {
		db := d.open(t)
		var op Op
		for _, n := range []string{"a", "b"} {
			other := map[string]string{"a": "b", "b": "a"}[n]
			op.CreateTable(n, schema.Col("id", schema.BigInt()).Identity(), schema.Col("o", schema.BigInt()).Nullable(), schema.Key("id"),
				schema.Reference("fk_"+n, []string{"o"}, other, []string{"id"}))
		}
		if err := carry(t, db, op.Operations()...); err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		for _, n := range []string{"a", "b"} {
			if keys := catalogOf(t, db).Table("", n).ForeignKeys; len(keys) != 1 || keys[0].Name != "fk_"+n {
				t.Errorf("%s: table %s has the foreign keys %v", d.name, n, keys)
			}
		}
	}
}

// code in the middle ends what can be known.
func TestLowerRunIsLast(t *testing.T) {
	var op Op
	op.Run(func(context.Context, *uow.UnitOfWork) error { return nil })
	op.DropColumn("a", "b")
	db := databases(t)[0].open(t)
	if _, err := lower(db.Dialect(), op.Operations(), nil); err == nil {
		t.Error("no error")
	}
	steps, err := lower(db.Dialect(), op.Operations()[:1], nil)
	if err != nil || len(steps) != 1 || steps[0].run == nil {
		t.Errorf("%v, %v", steps, err)
	}
}
