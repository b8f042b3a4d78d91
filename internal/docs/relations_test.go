package docs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

func TestRelationsAreWritten(t *testing.T) {
	m := newMagazine(t)
	articles, authors := m.articles, m.authors
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		cid := &Author{Name: "Cid"}
		err := articles.Add(ctx, &Article{Title: "One", Author: rel.To(cid), Comments: rel.Of(&Comment{Text: "c"})})
		m.must(err)
		two := &Article{Title: "Two"}
		err = cid.Articles.Add(two)
		m.must(err)
		by, ok := two.Author.Loaded() // cid, true: both sides agree at once
		if by != cid || !ok {
			t.Error("the other side does not agree")
		}
		ann, err := authors.Get(ctx, 1)
		m.must(err)
		err = two.Author.Set(ann)
		m.must(err)
		held, ok := cid.Articles.Loaded()
		eq(m.fix, fmt.Sprint(len(held), ok), "1 false")
		return nil
	})
	eq(m.fix, m.text("SELECT group_concat(a.name || x.title, ' ') FROM articles x JOIN authors a ON a.id = x.author_id WHERE x.id > 3"), "CidOne AnnTwo")
}

func TestMembers(t *testing.T) {
	m := newMagazine(t)
	articles, tags := m.articles, m.tags
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		hello, err := articles.Get(ctx, 1)
		m.must(err)
		sql, err := tags.One(ctx, Tags.Word.Eq("sql"))
		m.must(err)
		err = hello.Tags.Remove(sql)
		m.must(err)
		err = hello.Tags.Add(&Tag{Word: "orm"})
		m.must(err)
		m.must(tx.Flush(ctx))
		n, err := hello.Tags.Count(ctx)
		m.must(err)
		eq(m.fix, n, 2)
		err = hello.Tags.Set(sql)
		m.must(err)
		m.must(tx.Flush(ctx))
		err = hello.Tags.Set()
		m.must(err)
		return nil
	})
	eq(m.fix, m.number("SELECT count(*) FROM article_tags"), 0)
	eq(m.fix, m.number("SELECT count(*) FROM tags"), 3)
}

func TestOneToOne(t *testing.T) {
	m := newMagazine(t)
	authors := m.authors
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ann, err := authors.Get(ctx, 1)
		m.must(err)
		err = ann.Profile.Set(&Profile{Bio: "new"})
		return err
	})
	eq(m.fix, m.text("SELECT group_concat(bio) FROM profiles"), "new")
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ann, err := authors.Get(ctx, 1)
		m.must(err)
		profile, err := ann.Profile.Load(ctx)
		m.must(err)
		eq(m.fix, profile.Bio, "new")
		return nil
	})
}

func TestLoadIsForAll(t *testing.T) {
	m := newMagazine(t)
	articles, authors := m.articles, m.authors
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		all, err := articles.Query().OrderBy(Articles.ID.Asc()).All(ctx)
		m.must(err)
		m.log.take()
		names := ""
		for _, a := range all {
			author, err := a.Author.Load(ctx) // the first one loads for all three, the others send nothing
			if err != nil {
				return err
			}
			names += author.Name
		}
		eq(m.fix, names, "AnnAnnBob")
		eq(m.fix, strings.Join(m.log.take(), " "), "SELECT")
		comments, err := all[0].Comments.LoadOnly(ctx)
		m.must(err)
		eq(m.fix, len(comments), 2)
		if _, ok := all[1].Comments.Loaded(); ok {
			t.Error("LoadOnly loaded another's")
		}
		return nil
	})
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		_, err := authors.Find(ctx)
		m.must(err)
		all, err := articles.Find(ctx)
		m.must(err)
		m.log.take()
		for _, a := range all { // the unit has every author
			author, err := a.Author.Load(ctx)
			m.must(err)
			if author == nil {
				t.Error("no author")
			}
		}
		eq(m.fix, len(m.log.take()), 0)
		return nil
	})
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ann, err := authors.Get(ctx, 1)
		m.must(err)
		n, err := ann.Articles.Count(ctx)
		m.must(err)
		eq(m.fix, n, 2)
		for a, err := range ann.Articles.Stream(ctx) {
			if err != nil {
				return err
			}
			a.Title += "!"
		}
		return nil
	})
	eq(m.fix, m.text("SELECT group_concat(title, ' ') FROM articles"), "Hello! World! Third")
}

func TestWith(t *testing.T) {
	m := newMagazine(t)
	articles, authors, sections := m.articles, m.authors, m.sections
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		all, err := authors.Query().With(Authors.Articles.With(Articles.Comments), Authors.Profile).All(ctx)
		m.must(err)
		for _, a := range all {
			as, ok := a.Articles.Loaded()
			eq(m.fix, fmt.Sprint(len(as), ok), map[string]string{"Ann": "2 true", "Bob": "1 true"}[a.Name])
		}
		eq(m.fix, strings.Join(m.log.take(), " "), "SELECT SELECT SELECT SELECT")
		return nil
	})
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		newest := Authors.Articles.Where(Articles.Title.Ne("World")).OrderBy(Articles.ID.Desc()).Limit(3)
		some, err := authors.Query().With(newest).All(ctx)
		m.must(err)
		as, ok := some[0].Articles.Loaded()
		eq(m.fix, fmt.Sprint(len(as), ok, some[0].Articles.Partial()), "1 true true")
		err = some[0].Articles.Add(&Article{Title: "Late"})
		if !errors.Is(err, rel.ErrPartial) {
			t.Error(err)
		}
		return nil
	})
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		m.log.take()
		joined, err := articles.Query().With(Articles.Author.Join()).All(ctx)
		m.must(err)
		eq(m.fix, len(joined), 3)
		if a, ok := joined[2].Author.Loaded(); !ok || a.Name != "Bob" {
			t.Error(a, ok)
		}
		eq(m.fix, len(m.log.take()), 1)
		return nil
	})
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		tree := &Section{Name: "News", Children: rel.Of(&Section{Name: "World", Children: rel.Of(&Section{Name: "Asia"})}, &Section{Name: "Local"})}
		return sections.Add(ctx, tree)
	})
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		tops, err := sections.Where(Sections.Parent.IsNull()).With(Sections.Children.Depth(-1)).All(ctx)
		m.must(err)
		names := ""
		var walk func(s *Section)
		walk = func(s *Section) {
			names += s.Name + " "
			cs, _ := s.Children.Loaded()
			for _, c := range cs {
				walk(c)
			}
		}
		walk(tops[0])
		eq(m.fix, names, "News World Asia Local ")
		return nil
	})
}

func TestConditionsAcrossRelations(t *testing.T) {
	m := newMagazine(t)
	articles, authors, sections := m.articles, m.authors, m.sections
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		m.must(articles.Add(ctx, &Article{Title: "Lost"}))
		m.must(sections.Add(ctx, &Section{Name: "News", Children: rel.Of(&Section{Name: "World"})}))
		titles := func(as []*Article, err error) string {
			m.must(err)
			s := ""
			for _, a := range as {
				s += a.Title + " "
			}
			return s
		}
		names := func(as []*Author, err error) string {
			m.must(err)
			s := ""
			for _, a := range as {
				s += a.Name + " "
			}
			return s
		}
		found, err := authors.Find(ctx, Authors.Articles.Any(Articles.Title.Eq("Hello")))
		eq(m.fix, names(found, err), "Ann ")
		quiet, err := authors.Find(ctx, Authors.Articles.None(Articles.Comments.Any()))
		eq(m.fix, names(quiet, err), "Bob ")
		busy, err := authors.Find(ctx, Authors.Articles.Count().Gt(1))
		eq(m.fix, names(busy, err), "Ann ")
		hers, err := articles.Find(ctx, Articles.Author.Is(Authors.Name.Eq("Ann")))
		eq(m.fix, titles(hers, err), "Hello World ")
		nobodys, err := articles.Find(ctx, Articles.Author.IsNull())
		eq(m.fix, titles(nobodys, err), "Lost ")
		byAuthor, err := articles.Where(Articles.Author.IsNotNull()).OrderBy(Articles.Author.By(Authors.Name.Desc()), Articles.Title.Asc()).All(ctx)
		eq(m.fix, titles(byAuthor, err), "Third Hello World ")
		tagged, err := articles.Find(ctx, Articles.Tags.Any(Tags.Word.In("go", "sql")))
		eq(m.fix, titles(tagged, err), "Hello ")
		above, err := sections.One(ctx, Sections.Children.Any(Sections.Name.Eq("World")))
		m.must(err)
		eq(m.fix, above.Name, "News")
		return nil
	})
}

func TestOwnershipInThePlan(t *testing.T) {
	m := newMagazine(t)
	articles, authors := m.articles, m.authors
	text := blocks(page(t, "docs/relations.md"), "text")
	if len(text) != 2 {
		t.Fatalf("%d texts", len(text))
	}
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		hello, err := articles.Get(ctx, 1)
		m.must(err)
		err = articles.Delete(ctx, hello)
		m.must(err)
		plan, err := tx.Plan(ctx)
		m.must(err)
		eq(m.fix, plan.String(), text[0].text)
		return tx.Rollback(ctx)
	})
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ann, err := authors.Get(ctx, 1)
		m.must(err)
		comment, err := m.comments.Get(ctx, 1)
		m.must(err)
		m.must(authors.Delete(ctx, ann))
		m.must(comment.Article.Set(nil))
		plan, err := tx.Plan(ctx)
		m.must(err)
		eq(m.fix, plan.String(), text[1].text)
		return nil
	})
	eq(m.fix, m.text("SELECT group_concat(coalesce(author_id, 'NULL')) FROM articles"), "NULL,NULL,2")
	eq(m.fix, m.number("SELECT count(*) FROM comments"), 1)
}

// TestKeepOnANotNullColumn deletes a parent whose children must have it, though
// the database would take them along: Posts are kept.
func TestKeepOnANotNullColumn(t *testing.T) {
	f := start(t)
	err := uow.Run(f.ctx, f.db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		ann, err := f.users.Get(ctx, 1)
		f.must(err)
		return f.users.Delete(ctx, ann)
	})
	if err == nil || !strings.Contains(err.Error(), "author_id of posts cannot be NULL: delete them first, or say Own() or Passive()") {
		t.Error(err)
	}
	eq(f, f.number("SELECT count(*) FROM posts"), 1)
	eq(f, f.number("SELECT count(*) FROM users"), 3)
}

func TestPassive(t *testing.T) {
	m := newMagazine(t)
	issues := m.issues
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		return issues.Add(ctx, &Issue{Year: 2026, Number: 1, Covers: rel.Of(&Cover{Picture: "p"}, &Cover{Picture: "q"})})
	})
	eq(m.fix, m.number("SELECT count(*) FROM covers WHERE year = 2026 AND number = 1"), 2)
	m.log.take()
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		first, err := issues.Get(ctx, 2026, 1)
		m.must(err)
		return issues.Delete(ctx, first)
	})
	eq(m.fix, strings.Join(m.log.take(), " "), "SELECT DELETE COMMIT")
	eq(m.fix, m.number("SELECT count(*) FROM covers"), 0)
}

func TestMovingAChild(t *testing.T) {
	m := newMagazine(t)
	articles, comments := m.articles, m.comments
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		hello, err := articles.Get(ctx, 1)
		m.must(err)
		world, err := articles.Get(ctx, 2)
		m.must(err)
		comment, err := comments.Get(ctx, 1)
		m.must(err)
		err = world.Comments.Add(comment) // it leaves hello
		m.must(err)
		return articles.Delete(ctx, hello)
	})
	eq(m.fix, m.text("SELECT group_concat(text || article_id) FROM comments"), "a2")
}

func TestRollbackOfRelations(t *testing.T) {
	m := newMagazine(t)
	articles, authors := m.articles, m.authors
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		ann, err := authors.Query().Where(Authors.ID.Eq(1)).With(Authors.Articles).One(ctx)
		m.must(err)
		hello, err := articles.Get(ctx, 1)
		m.must(err)
		err = tx.Savepoint(ctx, func(ctx context.Context) error {
			if err := ann.Articles.Remove(hello); err != nil {
				return err
			}
			return errors.New("not this")
		})
		if err == nil || hello.AuthorID == nil {
			t.Error("nothing was rolled back")
		}
		left, err := ann.Articles.Load(ctx) // with hello again
		m.must(err)
		eq(m.fix, len(left), 2)
		author, err := hello.Author.Load(ctx)
		m.must(err)
		eq(m.fix, author, ann)
		return nil
	})
}

func TestRelationsAsJSON(t *testing.T) {
	m := newMagazine(t)
	articles := m.articles
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		hello, err := articles.Query().With(Articles.Author, Articles.Comments).First(ctx)
		m.must(err)
		b, err := json.Marshal(hello)
		m.must(err)
		var got struct {
			Author   struct{ Articles any }
			Comments []struct {
				Text    string
				Article any // the one around
			}
			Tags any
		}
		m.must(json.Unmarshal(b, &got))
		eq(m.fix, fmt.Sprint(got), "{{<nil>} [{a <nil>} {b <nil>}] <nil>}")
		return nil
	})
}

func TestRelationsWithoutAUnit(t *testing.T) {
	m := newMagazine(t)
	ctx, articles, authors := m.ctx, m.articles, m.authors
	shown, err := authors.Untracked().Query().With(Authors.Articles).All(ctx)
	m.must(err)
	held, ok := shown[0].Articles.Loaded()
	eq(m.fix, fmt.Sprint(len(held), ok), "2 true")
	_, err = shown[0].Profile.Load(ctx)
	var detached *rel.DetachedError
	if !errors.As(err, &detached) {
		t.Error(err)
	}
	m.run(func(ctx context.Context, tx *uow.UnitOfWork) error {
		titles := []string{}
		for a, err := range articles.Query().With(Articles.Author).Stream(ctx) {
			if err != nil {
				return err
			}
			author, _ := a.Author.Loaded()
			titles = append(titles, author.Name+" "+a.Title)
		}
		slices.Sort(titles)
		eq(m.fix, strings.Join(titles, ", "), "Ann Hello, Ann World, Bob Third")
		return nil
	})
}
