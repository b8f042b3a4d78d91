package suite

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

func (s *suite) TestCreateAllAndDropAll(t *testing.T) {
	f := s.start(t)
	f.seed("ann")
	f.must(f.db.CreateAll(f.ctx)) // existing tables are left alone
	eq(f, f.text("SELECT name FROM items"), "ann")
	f.must(f.db.DropAll(f.ctx))
	for _, h := range everyTable {
		name := schema.DefOf(h).Name
		if _, err := f.db.Exec(f.ctx, "SELECT 1 FROM "+name); err == nil {
			t.Errorf("table %s is still there", name)
		}
	}
	f.must(f.db.DropAll(f.ctx)) // there is nothing left
	f.must(f.db.CreateAll(f.ctx, Chapters, Books, Authors))
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		f.must(f.books.Add(ctx, &Book{ID: 1, AuthorID: 1}))
		return f.authors.Add(ctx, &Author{ID: 1})
	})
	f.must(f.db.CreateAll(f.ctx)) // the others
	eq(f, f.number("SELECT count(*) FROM books"), 1)
	f.seed("bob")
	f.must(f.db.DropAll(f.ctx, Hens, Eggs)) // a cycle
	f.must(f.db.DropAll(f.ctx, Items))
	f.must(f.db.DropAll(f.ctx))
}

func (s *suite) TestTablesInOrder(t *testing.T) {
	f := s.start(t)
	f.must(f.db.DropAll(f.ctx))
	f.log.Take()
	f.must(f.db.CreateAll(f.ctx))
	at := map[string]int{}
	for i, q := range f.sent() {
		if name, ok := strings.CutPrefix(q, `CREATE TABLE "`); ok {
			name, _, _ = strings.Cut(name, `"`)
			at[name] = i
		}
	}
	if !(at["authors"] < at["books"] && at["books"] < at["chapters"]) || len(at) != len(everyTable) {
		t.Errorf("order %v", at)
	}
}

func (s *suite) TestCyclesOfNullableKeys(t *testing.T) {
	f := s.start(t)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		h, e := &Hen{}, &Egg{}
		f.must(f.hens.Add(ctx, h))
		f.must(f.eggs.Add(ctx, e))
		f.must(tx.Flush(ctx))
		h.EggID, e.HenID = &e.ID, &h.ID
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM hens h JOIN eggs e ON e.hen_id = h.id AND h.egg_id = e.id"), 1)
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		a := &Node{}
		f.must(f.nodes.Add(ctx, a))
		f.must(tx.Flush(ctx))
		b := &Node{ParentID: ptr(a.ID)}
		f.must(f.nodes.Add(ctx, b))
		f.must(tx.Flush(ctx))
		a.ParentID = ptr(a.ID) // itself
		return nil
	})
	eq(f, f.number("SELECT count(*) FROM nodes WHERE parent_id = id"), 1)
}

func (s *suite) TestATableInASchema(t *testing.T) {
	db := s.open(t, Words)
	if !db.Dialect().Capabilities().Schemas {
		t.Skip("the database has no schemas")
	}
	db = s.open(t, Placeds)
	placed := repo.NewKeyed(db, Placeds.ID)
	ctx := t.Context()
	add := func(name string) error {
		return uow.Run(ctx, db, func(ctx context.Context, _ *uow.UnitOfWork) error {
			return placed.Add(ctx, &Placed{Name: name}, &Placed{Name: name + "2"})
		})
	}
	f := &fix{T: t, db: db, ctx: ctx}
	f.must(add("a"))
	eq(f, f.number(`SELECT count(*) FROM "some place".placed`), 2)
	violation(f, add("a"), "placed")
	f.must(uow.Run(ctx, db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		es, err := placed.Find(ctx)
		f.must(err)
		es[0].Name = "changed"
		return placed.Delete(ctx, es[1])
	}))
	eq(f, f.text(`SELECT name FROM "some place".placed`), "changed")
	f.must(db.CreateAll(ctx))
	f.must(db.DropAll(ctx))
}

func (s *suite) TestASoftDeleteColumn(t *testing.T) {
	f := s.start(t)
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		return f.softly.Add(ctx, &Softly{}, &Softly{DeletedAt: &at})
	})
	eq(f, f.number("SELECT count(*) FROM softly WHERE deleted_at IS NULL"), 1)
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error {
		live, err := f.softly.Find(ctx)
		f.must(err)
		eq(f, len(live), 1)
		return f.softly.Delete(ctx, live[0])
	})
	eq(f, f.number("SELECT count(*) FROM softly WHERE deleted_at IS NOT NULL"), 2)
}

func (s *suite) TestDDLInAUnit(t *testing.T) {
	f := s.start(t)
	f.seed("ann")
	f.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		_, err := f.items.Find(ctx)
		f.must(err)
		_, err = tx.Exec(ctx, "ALTER TABLE items ADD COLUMN extra INTEGER")
		f.must(err)
		_, err = f.items.Query().Reload().All(ctx)
		return err
	})
	f.sql("ALTER TABLE items DROP COLUMN extra")
	f.run(func(ctx context.Context, _ *uow.UnitOfWork) error { return second(f.items.Find(ctx)) })
}
