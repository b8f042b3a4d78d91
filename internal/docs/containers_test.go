package docs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/uow"
)

// containers are the tables of docs/relations.md that begin with a column State:
// the head and the rows of each.
func containers(t *testing.T) (tables [][][]string) {
	t.Helper()
	in := false
	for line := range strings.Lines(page(t, "docs/relations.md")) {
		if !strings.HasPrefix(line, "|") {
			in = false
			continue
		}
		var cs []string
		for _, c := range strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			cs = append(cs, strings.TrimSpace(c))
		}
		switch {
		case cs[0] == "State":
			in, tables = true, append(tables, [][]string{cs})
		case in && !strings.HasPrefix(line, "|-"):
			last := &tables[len(tables)-1]
			if len(cs) != len((*last)[0]) {
				t.Fatalf("%d cells in %s", len(cs), line)
			}
			*last = append(*last, cs)
		}
	}
	return tables
}

// box is an author and an article of his, whose containers are in some state.
type box struct {
	*magazine
	ctx   context.Context
	tx    *uow.UnitOfWork
	ann   *Author
	hello *Article
}

func (b *box) load() {
	a, err := b.authors.Get(b.ctx, 1)
	b.must(err)
	h, err := b.articles.Get(b.ctx, 1)
	b.must(err)
	b.ann, b.hello = a, h
}

// loadAll loads what both containers hold.
func (b *box) loadAll() {
	b.load()
	_, err := b.ann.Articles.Load(b.ctx)
	b.must(err)
	_, err = b.hello.Author.Load(b.ctx)
	b.must(err)
}

func (b *box) copy() {
	ann, hello := *b.ann, *b.hello
	b.ann, b.hello = &ann, &hello
}

func (b *box) detach() {
	b.must(b.authors.Detach(b.ctx, b.ann))
	b.must(b.articles.Detach(b.ctx, b.hello))
}

// boxes bring the containers into a state.
var boxes = map[string]func(b *box){
	"zero": func(b *box) { b.ann, b.hello = &Author{}, &Article{Title: "Hello"} },
	"filled": func(b *box) {
		b.ann, b.hello = &Author{}, &Article{Title: "Hello", Author: rel.To(&Author{Name: "Ann"})}
		b.ann.Articles = rel.Of(b.hello)
	},
	"new": func(b *box) {
		b.ann, b.hello = &Author{Name: "new"}, &Article{Title: "Hello"}
		b.must(b.authors.Add(b.ctx, b.ann))
		b.must(b.articles.Add(b.ctx, b.hello))
	},
	"unloaded":            func(b *box) { b.load() },
	"unloaded, one added": func(b *box) { b.load(); b.must(b.ann.Articles.Add(&Article{Title: "More"})) },
	"unloaded, target in the unit": func(b *box) {
		h, err := b.articles.Get(b.ctx, 1)
		b.must(err)
		_, err = b.authors.Get(b.ctx, 1)
		b.must(err)
		b.hello = h
	},
	"unloaded, target elsewhere": func(b *box) {
		h, err := b.articles.Get(b.ctx, 1)
		b.must(err)
		b.hello = h
	},
	"loaded": func(b *box) { b.loadAll() },
	"partial": func(b *box) {
		a, err := b.authors.Where(Authors.ID.Eq(1)).With(Authors.Articles.Limit(1)).One(b.ctx)
		b.must(err)
		as, _ := a.Articles.Loaded()
		b.ann, b.hello = a, as[0]
	},
	"expired":                func(b *box) { b.loadAll(); b.must(b.tx.Commit(b.ctx)) },
	"copied, not loaded":     func(b *box) { b.load(); b.copy() },
	"copied, loaded":         func(b *box) { b.loadAll(); b.copy() },
	"detached, not loaded":   func(b *box) { b.load(); b.detach() },
	"detached, loaded":       func(b *box) { b.loadAll(); b.detach() },
	"unit ended, not loaded": func(b *box) { b.load(); b.must(b.tx.Close()) },
	"unit ended, loaded":     func(b *box) { b.loadAll(); b.must(b.tx.Close()) },
}

// manyVerbs and oneVerbs are what the columns do with the containers.
var (
	manyVerbs = map[string]func(b *box) error{
		"`Loaded`":        func(b *box) error { return nil },
		"`Load`":          func(b *box) error { _, err := b.ann.Articles.Load(b.ctx); return err },
		"`Add(New)`":      func(b *box) error { return b.ann.Articles.Add(&Article{Title: "New"}) },
		"`Remove(Hello)`": func(b *box) error { return b.ann.Articles.Remove(b.hello) },
		"`Set(New)`":      func(b *box) error { return b.ann.Articles.Set(&Article{Title: "New"}) },
	}
	oneVerbs = map[string]func(b *box) error{
		"`Loaded`":   func(b *box) error { return nil },
		"`Load`":     func(b *box) error { _, err := b.hello.Author.Load(b.ctx); return err },
		"`Set(Cid)`": func(b *box) error { return b.hello.Author.Set(&Author{Name: "Cid"}) },
		"`Set(nil)`": func(b *box) error { return b.hello.Author.Set(nil) },
	}
)

// told says what a cell of the tables must say: what the container holds then and
// the SQL sent, or the error.
func (b *box) told(many bool, do func(b *box) error) string {
	b.log.take()
	if err := do(b); err != nil {
		var detached *rel.DetachedError
		switch {
		case errors.As(err, &detached):
			return "`*rel.DetachedError`"
		case errors.Is(err, rel.ErrCopied):
			return "`rel.ErrCopied`"
		case errors.Is(err, rel.ErrPartial):
			return "`rel.ErrPartial`"
		}
		return err.Error()
	}
	sent := strings.Join(b.log.take(), ", ")
	s := ""
	if many {
		as, ok := b.ann.Articles.Loaded()
		for _, a := range as {
			s += a.Title + " "
		}
		s = fmt.Sprintf("[%s] %v", strings.TrimSpace(s), ok)
	} else {
		a, ok := b.hello.Author.Loaded()
		s = fmt.Sprint("nil ", ok)
		if a != nil {
			s = fmt.Sprint(a.Name, " ", ok)
		}
	}
	s = "`" + s + "`"
	if sent != "" {
		s += " " + sent
	}
	return s
}

// TestTableOfContainers runs every cell of the tables of containers.
func TestTableOfContainers(t *testing.T) {
	tables := containers(t)
	if len(tables) != 2 {
		t.Fatalf("%d tables", len(tables))
	}
	for i, verbs := range []map[string]func(b *box) error{manyVerbs, oneVerbs} {
		head := tables[i][0]
		if len(head) != len(verbs)+2 || len(tables[i]) < 10 {
			t.Fatalf("table %d: %d rows of %v", i, len(tables[i])-1, head)
		}
		for _, row := range tables[i][1:] {
			bring := boxes[row[0]]
			if bring == nil {
				t.Errorf("no such state: %s", row[0])
				continue
			}
			if !strings.Contains(row[len(row)-1], ": ") {
				t.Errorf("no test is named for %s", row[0])
			}
			for c := 1; c < len(head)-1; c++ {
				do := verbs[head[c]]
				if do == nil {
					t.Fatalf("no such verb: %s", head[c])
				}
				b := &box{magazine: newMagazine(t)}
				b.tx = uow.New(b.db)
				b.ctx = uow.With(b.magazine.fix.ctx, b.tx)
				bring(b)
				if got := b.told(i == 0, do); got != row[c] {
					t.Errorf("%s, %s:\ngot  %s\nsaid %s", row[0], head[c], got, row[c])
				}
				b.must(b.tx.Close())
			}
		}
	}
}
