package property

import (
	"context"
	"reflect"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/uow"
)

// gfields are an entity's columns. up is its foreign key, 0 for none; a table
// without a version always has 0.
type gfields struct {
	id, up, version int64
	name            string
}

// gtable is one table of the graph.
type gtable struct {
	name      string
	rels      []*grel
	up        *grel // the relation whose foreign key the table has, or nil
	versioned bool
	verbs     gverbs
}

// grel is one relation, seen from one side.
type grel struct {
	name     string
	from, to *gtable
	inverse  *grel
	many     bool // its container is a Many
	holds    bool // from has the foreign key
	assoc    *gassoc
	box      func(e any) box
	index    int // among the table's paths

	// Of the side that has the foreign key:
	own    rel.Ownership
	null   bool
	single bool // the foreign key is unique
}

// gassoc is an association table. left is the relation of the first column's
// entities.
type gassoc struct {
	name        string
	columns     [2]string
	left, right *grel
}

// box is a container.
type box interface {
	loaded() (items []any, ok bool)
	load(ctx context.Context, only bool) ([]any, error)
	add(ts ...any) error
	remove(ts ...any) error
	set(ts ...any) error
	assign(ts ...any)
	count(ctx context.Context) (int64, error)
	contains(t any) bool
	stream(ctx context.Context) ([]any, error)
	copied() box
}

type manyBox[T any] struct{ m *rel.Many[T] }

func typed[T any](es []any) []*T {
	ts := make([]*T, len(es))
	for i, e := range es {
		if e != nil {
			ts[i] = e.(*T)
		}
	}
	return ts
}

func untyped[T any](ts []*T) []any {
	es := make([]any, len(ts))
	for i, t := range ts {
		es[i] = t
	}
	return es
}

func (b manyBox[T]) loaded() ([]any, bool) {
	ts, ok := b.m.Loaded()
	return untyped(ts), ok
}

func (b manyBox[T]) load(ctx context.Context, only bool) ([]any, error) {
	load := b.m.Load
	if only {
		load = b.m.LoadOnly
	}
	ts, err := load(ctx)
	return untyped(ts), err
}

func (b manyBox[T]) add(ts ...any) error                      { return b.m.Add(typed[T](ts)...) }
func (b manyBox[T]) remove(ts ...any) error                   { return b.m.Remove(typed[T](ts)...) }
func (b manyBox[T]) set(ts ...any) error                      { return b.m.Set(typed[T](ts)...) }
func (b manyBox[T]) assign(ts ...any)                         { *b.m = rel.Of(typed[T](ts)...) }
func (b manyBox[T]) count(ctx context.Context) (int64, error) { return b.m.Count(ctx) }
func (b manyBox[T]) contains(t any) bool                      { return b.m.Contains(t.(*T)) }

func (b manyBox[T]) stream(ctx context.Context) (out []any, err error) {
	for t, err := range b.m.Stream(ctx) {
		if err != nil {
			return out, err
		}
		out = append(out, t)
	}
	return out, nil
}

func (b manyBox[T]) copied() box {
	c := *b.m
	return manyBox[T]{&c}
}

type oneBox[T any] struct{ o *rel.One[T] }

func alone[T any](t *T) []any {
	if t == nil {
		return nil
	}
	return []any{t}
}

func (b oneBox[T]) loaded() ([]any, bool) {
	t, ok := b.o.Loaded()
	return alone(t), ok
}

func (b oneBox[T]) load(ctx context.Context, only bool) ([]any, error) {
	load := b.o.Load
	if only {
		load = b.o.LoadOnly
	}
	t, err := load(ctx)
	return alone(t), err
}

func (b oneBox[T]) set(ts ...any) error {
	if len(ts) == 0 {
		return b.o.Set(nil)
	}
	return b.o.Set(ts[0].(*T))
}

func (b oneBox[T]) assign(ts ...any) {
	if len(ts) == 0 {
		*b.o = rel.To[T](nil)
	} else {
		*b.o = rel.To(ts[0].(*T))
	}
}

func (b oneBox[T]) add(ts ...any) error    { return b.set(ts...) }
func (b oneBox[T]) remove(ts ...any) error { return b.set() }

func (b oneBox[T]) count(context.Context) (int64, error) { panic("a One has no Count") }
func (b oneBox[T]) contains(any) bool                    { panic("a One has no Contains") }

func (b oneBox[T]) stream(context.Context) ([]any, error) { panic("a One has no Stream") }

func (b oneBox[T]) copied() box {
	c := *b.o
	return oneBox[T]{&c}
}

func many[E, T any](at func(*E) *rel.Many[T]) func(any) box {
	return func(e any) box { return manyBox[T]{at(e.(*E))} }
}

func one[E, T any](at func(*E) *rel.One[T]) func(any) box {
	return func(e any) box { return oneBox[T]{at(e.(*E))} }
}

// gverbs are a repository's.
type gverbs interface {
	make(f gfields) any
	add(ctx context.Context, e any) error
	delete(ctx context.Context, e any) error
	detach(ctx context.Context, e any) error
	refresh(ctx context.Context, e any) error
	get(ctx context.Context, id int64) (any, error)
	all(ctx context.Context, with []eagerly) ([]any, error)
	contains(u *uow.UnitOfWork, e any) bool
}

// eagerly is a relation to be loaded with a query, by the default way, a join or
// a second statement.
type eagerly struct {
	r   *grel
	way int
}

type gverbsOf[T any] struct {
	r     repo.Keyed[T, int64]
	order expr.Order[T]
	paths [][3]rel.Path[T]
}

func (v gverbsOf[T]) make(f gfields) any {
	e := new(T)
	gwrite(e, f)
	return e
}

func (v gverbsOf[T]) add(ctx context.Context, e any) error     { return v.r.Add(ctx, e.(*T)) }
func (v gverbsOf[T]) delete(ctx context.Context, e any) error  { return v.r.Delete(ctx, e.(*T)) }
func (v gverbsOf[T]) detach(ctx context.Context, e any) error  { return v.r.Detach(ctx, e.(*T)) }
func (v gverbsOf[T]) refresh(ctx context.Context, e any) error { return v.r.Refresh(ctx, e.(*T)) }

func (v gverbsOf[T]) get(ctx context.Context, id int64) (any, error) {
	e, err := v.r.Get(ctx, id)
	return e, err
}

func (v gverbsOf[T]) all(ctx context.Context, with []eagerly) ([]any, error) {
	q := v.r.Query().OrderBy(v.order)
	for _, e := range with {
		q = q.With(v.paths[e.r.index][e.way])
	}
	es, err := q.All(ctx)
	return untyped(es), err
}

func (v gverbsOf[T]) contains(u *uow.UnitOfWork, e any) bool {
	n, err := uow.EntityOf[T](v.r.Engine())
	return err == nil && n.Contains(u, e.(*T))
}

func toMany[E, T any](h rel.ToMany[E, T]) [3]rel.Path[E] {
	return [3]rel.Path[E]{h, h.Join(), h.SelectIn()}
}

func toOne[E, T any](h rel.ToOne[E, T]) [3]rel.Path[E] {
	return [3]rel.Path[E]{h, h.Join(), h.SelectIn()}
}

// gread returns an entity's columns.
func gread(e any) (f gfields) {
	s := reflect.ValueOf(e).Elem()
	f.id, f.name = s.FieldByName("ID").Int(), s.FieldByName("Name").String()
	if v := s.FieldByName("Version"); v.IsValid() {
		f.version = v.Int()
	}
	switch up := s.FieldByName("UpID"); {
	case !up.IsValid():
	case up.Kind() != reflect.Pointer:
		f.up = up.Int()
	case !up.IsNil():
		f.up = up.Elem().Int()
	}
	return f
}

// gwrite sets an entity's name and foreign key.
func gwrite(e any, f gfields) {
	s := reflect.ValueOf(e).Elem()
	s.FieldByName("Name").SetString(f.name)
	switch up := s.FieldByName("UpID"); {
	case !up.IsValid():
	case up.Kind() != reflect.Pointer:
		up.SetInt(f.up)
	case f.up == 0:
		up.SetZero()
	default:
		up.Set(reflect.ValueOf(&f.up))
	}
}

// gtables makes the model's tables with repositories of src.
func gtables(src repo.Source) (ts []*gtable, assocs []*gassoc) {
	person, memo, card, mark := &gtable{name: "people", versioned: true}, &gtable{name: "memos"}, &gtable{name: "cards"}, &gtable{name: "marks"}
	label, badge, ring, branch := &gtable{name: "labels"}, &gtable{name: "badges"}, &gtable{name: "rings"}, &gtable{name: "branches"}
	rings, follows := &gassoc{name: "ring_members", columns: [2]string{"people_id", "ring_id"}}, &gassoc{name: "follows", columns: [2]string{"follower_id", "following_id"}}

	relate := func(a, b *grel) {
		a.to, b.to, a.inverse, b.inverse = b.from, a.from, b, a
		for _, r := range []*grel{a, b} {
			r.index = len(r.from.rels)
			r.from.rels = append(r.from.rels, r)
			if r.holds {
				r.from.up = r
			}
		}
		if a.assoc != nil {
			a.assoc.left, a.assoc.right = a, b
		}
	}
	relate(&grel{name: "Memos", from: person, many: true, box: many(func(p *Person) *rel.Many[Memo] { return &p.Memos })},
		&grel{name: "Up", from: memo, holds: true, null: true, box: one(func(m *Memo) *rel.One[Person] { return &m.Up })})
	relate(&grel{name: "Cards", from: person, many: true, box: many(func(p *Person) *rel.Many[Card] { return &p.Cards })},
		&grel{name: "Up", from: card, holds: true, own: rel.Own, box: one(func(c *Card) *rel.One[Person] { return &c.Up })})
	relate(&grel{name: "Marks", from: person, many: true, box: many(func(p *Person) *rel.Many[Mark] { return &p.Marks })},
		&grel{name: "Up", from: mark, holds: true, null: true, own: rel.Own, box: one(func(m *Mark) *rel.One[Person] { return &m.Up })})
	relate(&grel{name: "Labels", from: person, many: true, box: many(func(p *Person) *rel.Many[Label] { return &p.Labels })},
		&grel{name: "Up", from: label, holds: true, own: rel.Passive, box: one(func(l *Label) *rel.One[Person] { return &l.Up })})
	relate(&grel{name: "Badge", from: person, box: one(func(p *Person) *rel.One[Badge] { return &p.Badge })},
		&grel{name: "Up", from: badge, holds: true, own: rel.Own, single: true, box: one(func(b *Badge) *rel.One[Person] { return &b.Up })})
	relate(&grel{name: "Rings", from: person, many: true, assoc: rings, box: many(func(p *Person) *rel.Many[Ring] { return &p.Rings })},
		&grel{name: "Members", from: ring, many: true, assoc: rings, box: many(func(r *Ring) *rel.Many[Person] { return &r.Members })})
	relate(&grel{name: "Following", from: person, many: true, assoc: follows, box: many(func(p *Person) *rel.Many[Person] { return &p.Following })},
		&grel{name: "Followers", from: person, many: true, assoc: follows, box: many(func(p *Person) *rel.Many[Person] { return &p.Followers })})
	relate(&grel{name: "Up", from: branch, holds: true, null: true, box: one(func(b *Branch) *rel.One[Branch] { return &b.Up })},
		&grel{name: "Subs", from: branch, many: true, box: many(func(b *Branch) *rel.Many[Branch] { return &b.Subs })})

	person.verbs = gverbsOf[Person]{repo.NewKeyed(src, People.ID), People.ID.Asc(), [][3]rel.Path[Person]{
		toMany(People.Memos), toMany(People.Cards), toMany(People.Marks), toMany(People.Labels), toOne(People.Badge),
		toMany(People.Rings), toMany(People.Following), toMany(People.Followers)}}
	memo.verbs = gverbsOf[Memo]{repo.NewKeyed(src, Memos.ID), Memos.ID.Asc(), [][3]rel.Path[Memo]{toOne(Memos.Up)}}
	card.verbs = gverbsOf[Card]{repo.NewKeyed(src, Cards.ID), Cards.ID.Asc(), [][3]rel.Path[Card]{toOne(Cards.Up)}}
	mark.verbs = gverbsOf[Mark]{repo.NewKeyed(src, Marks.ID), Marks.ID.Asc(), [][3]rel.Path[Mark]{toOne(Marks.Up)}}
	label.verbs = gverbsOf[Label]{repo.NewKeyed(src, Labels.ID), Labels.ID.Asc(), [][3]rel.Path[Label]{toOne(Labels.Up)}}
	badge.verbs = gverbsOf[Badge]{repo.NewKeyed(src, Badges.ID), Badges.ID.Asc(), [][3]rel.Path[Badge]{toOne(Badges.Up)}}
	ring.verbs = gverbsOf[Ring]{repo.NewKeyed(src, Rings.ID), Rings.ID.Asc(), [][3]rel.Path[Ring]{toMany(Rings.Members)}}
	branch.verbs = gverbsOf[Branch]{repo.NewKeyed(src, Branches.ID), Branches.ID.Asc(), [][3]rel.Path[Branch]{toOne(Branches.Up), toMany(Branches.Subs)}}
	return []*gtable{person, memo, card, mark, label, badge, ring, branch}, []*gassoc{rings, follows}
}
