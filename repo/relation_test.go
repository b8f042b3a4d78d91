package repo_test

import (
	"context"
	"errors"
	"testing"

	_ "github.com/glebarez/sqlite"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

var relMeta = schema.NewMetadata()

type RUser struct {
	ID     int64
	Name   string
	Posts  rel.Many[RPost]
	Boss   rel.One[RUser]
	BossID *int64
}
type rusers struct {
	schema.Table[RUser]
	ID     expr.Column[RUser, int64]
	Name   expr.Column[RUser, string]
	BossID expr.Nullable[RUser, int64]
	Posts  rel.ToMany[RUser, RPost]
	Boss   rel.ToOne[RUser, RUser]
}

var RUsers = schema.Define("users", func(t *rusers) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.BossID).References(t.ID)
	rel.Via(t.Boss, t.BossID)
}, schema.In(relMeta))

type RPost struct {
	ID       int64
	Title    string
	AuthorID int64
	Author   rel.One[RUser]
}
type rposts struct {
	schema.Table[RPost]
	ID       expr.Column[RPost, int64]
	Title    expr.Column[RPost, string]
	AuthorID expr.Column[RPost, int64]
	Author   rel.ToOne[RPost, RUser]
}

var RPosts = schema.Define("posts", func(t *rposts) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Title).Size(200)
	schema.Column(t.AuthorID).References(RUsers.ID).OnDelete(schema.Cascade)
	rel.Via(t.Author, t.AuthorID).BackPopulates(RUsers.Posts)
}, schema.In(relMeta))

func openRel(t *testing.T) (*engine.Engine, *[]string) {
	t.Helper()
	var sent []string
	db, err := engine.Open("sqlite://:memory:", engine.Metadata(relMeta), engine.Observer(func(_ context.Context, s engine.Statement) {
		sent = append(sent, s.SQL)
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.CreateAll(context.Background()); err != nil {
		t.Fatal(err)
	}
	sent = nil
	return db, &sent
}

func TestAddBringsRelatedEntitiesAlong(t *testing.T) {
	ctx := context.Background()
	db, sent := openRel(t)
	posts, users := repo.NewKeyed(db, RPosts.ID), repo.NewKeyed(db, RUsers.ID)
	boss := &RUser{Name: "Boss"}
	ann := &RUser{Name: "Ann", Boss: rel.To(boss)}
	boss.Boss = rel.To(ann) // a cycle over a column that may be NULL
	p := &RPost{Title: "Hello", Author: rel.To(ann)}
	bob := &RUser{Name: "Bob", Posts: rel.Of(&RPost{Title: "b1"}, &RPost{Title: "b2"})}
	err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		return errors.Join(posts.Add(ctx, p), users.Add(ctx, bob))
	})
	if err != nil {
		t.Fatal(err)
	}
	if p.AuthorID != ann.ID || ann.ID == 0 || *ann.BossID != boss.ID || *boss.BossID != ann.ID {
		t.Errorf("keys: post's author %d, Ann %d, her boss %d, his boss %d", p.AuthorID, ann.ID, *ann.BossID, *boss.BossID)
	}
	of, err := posts.Untracked().Find(ctx, RPosts.AuthorID.Eq(bob.ID))
	if err != nil || len(of) != 2 {
		t.Errorf("Bob's posts: %d, %v", len(of), err)
	}
	items, _ := bob.Posts.Loaded()
	if back, ok := items[0].Author.Loaded(); !ok || back != bob {
		t.Error("the post does not refer back to Bob")
	}
	if len(*sent) > 10 {
		t.Errorf("%d statements: %v", len(*sent), *sent)
	}
}

func TestForeignKeyFollowsTheReferenceThatChanged(t *testing.T) {
	ctx := context.Background()
	db, _ := openRel(t)
	posts, users := repo.NewKeyed(db, RPosts.ID), repo.NewKeyed(db, RUsers.ID)
	ann, bob := &RUser{Name: "Ann"}, &RUser{Name: "Bob"}
	p := &RPost{Title: "p", Author: rel.To(ann)}
	run := func(f func(ctx context.Context, tx *uow.UnitOfWork) error) {
		t.Helper()
		if err := uow.Run(ctx, db, f); err != nil {
			t.Fatal(err)
		}
	}
	run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		return errors.Join(posts.Add(ctx, p), users.Add(ctx, bob))
	})
	run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		p, err := posts.Get(ctx, p.ID)
		if err != nil {
			return err
		}
		eve := &RUser{Name: "Eve"}
		if err := p.Author.Set(eve); err != nil {
			return err
		}
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		if p.AuthorID != eve.ID || eve.ID == 0 {
			t.Errorf("author %d, want Eve, %d", p.AuthorID, eve.ID)
		}
		p.AuthorID = bob.ID // the reference has no net change now, so the field counts
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		if p.AuthorID != bob.ID {
			t.Error("the old reference overwrote the field")
		}
		b, err := users.Get(ctx, bob.ID)
		if err != nil {
			return err
		}
		q := &RPost{Title: "q"}
		return b.Posts.Add(q) // an unloaded collection
	})
	if n, err := posts.Count(ctx, RPosts.AuthorID.Eq(bob.ID)); n != 2 || err != nil {
		t.Errorf("Bob has %d posts, %v", n, err)
	}
	// What cannot be NULL is an error, with everything as it was.
	err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		p, err := posts.Get(ctx, p.ID)
		if err != nil {
			return err
		}
		return p.Author.Set(nil)
	})
	if err == nil {
		t.Error("a post without author was written")
	}
}

func TestRollbackTakesForeignKeysBack(t *testing.T) {
	ctx := context.Background()
	db, _ := openRel(t)
	posts := repo.NewKeyed(db, RPosts.ID)
	ann := &RUser{Name: "Ann"}
	p := &RPost{Title: "p", Author: rel.To(ann)}
	fail := errors.New("no")
	for range 2 { // the second attempt behaves as the first
		err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
			if err := errors.Join(posts.Add(ctx, p), tx.Flush(ctx)); err != nil {
				return err
			}
			if p.AuthorID == 0 || p.AuthorID != ann.ID {
				t.Errorf("author %d, Ann %d", p.AuthorID, ann.ID)
			}
			return fail
		})
		if !errors.Is(err, fail) {
			t.Fatal(err)
		}
		if p.AuthorID != 0 || p.ID != 0 || ann.ID != 0 {
			t.Errorf("left over: post %d by %d, Ann %d", p.ID, p.AuthorID, ann.ID)
		}
	}
}

func TestRelatedEntityOfAnotherUnitIsRefused(t *testing.T) {
	ctx := context.Background()
	db, sent := openRel(t)
	users, posts := repo.NewKeyed(db, RUsers.ID), repo.NewKeyed(db, RPosts.ID)
	ann := &RUser{Name: "Ann"}
	other := uow.New(db)
	defer other.Close()
	if err := users.Add(uow.With(ctx, other), ann); err != nil {
		t.Fatal(err)
	}
	err := uow.Run(ctx, db, func(ctx context.Context, tx *uow.UnitOfWork) error {
		return posts.Add(ctx, &RPost{Title: "p", Author: rel.To(ann)})
	})
	if !errors.Is(err, uow.ErrAttached) {
		t.Errorf("got %v", err)
	}
	if len(*sent) != 0 {
		t.Errorf("sent %v", *sent)
	}
}
