package property

import (
	"context"
	"iter"
	"reflect"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

var meta = schema.NewMetadata()

// Owner is referred to and has a unique column that may be NULL.
type Owner struct {
	ID   int64
	Name string
	Code *string
}

type owners struct {
	schema.Table[Owner]
	ID   expr.Column[Owner, int64]
	Name expr.Column[Owner, string]
	Code expr.Nullable[Owner, string]
}

var Owners = schema.Define("owners", func(t *owners) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Code).Unique()
}, schema.In(meta))

// Child refers to owners twice; a pair of its columns is unique.
type Child struct {
	ID      int64
	OwnerID int64
	Other   *int64
	Slot    *int64
	Label   string
}

type children struct {
	schema.Table[Child]
	ID      expr.Column[Child, int64]
	OwnerID expr.Column[Child, int64]
	Other   expr.Nullable[Child, int64]
	Slot    expr.Nullable[Child, int64]
	Label   expr.Column[Child, string]
}

var Children = schema.Define("children", func(t *children) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.OwnerID).References(Owners.ID)
	schema.Column(t.Other).References(Owners.ID)
	schema.Unique(t.OwnerID, t.Slot)
}, schema.In(meta))

// Word has a text for its key and a unique number.
type Word struct {
	Text   string
	Number int64
	Note   *string
}

type words struct {
	schema.Table[Word]
	Text   expr.Column[Word, string]
	Number expr.Column[Word, int64]
	Note   expr.Nullable[Word, string]
}

var Words = schema.Define("words", func(t *words) {
	schema.Text(t.Text).PrimaryKey()
	schema.Column(t.Number).Unique()
}, schema.In(meta))

// Doc has a version.
type Doc struct {
	ID      int64
	Title   string
	Body    *string
	Version int64
}

type docs struct {
	schema.Table[Doc]
	ID      expr.Column[Doc, int64]
	Title   expr.Column[Doc, string]
	Body    expr.Nullable[Doc, string]
	Version expr.Column[Doc, int64]
}

var Docs = schema.Define("docs", func(t *docs) {
	schema.Column(t.ID).PrimaryKey()
	schema.Text(t.Title).Unique()
	schema.Column(t.Version).Version()
}, schema.In(meta))

// Node refers to its own table.
type Node struct {
	ID       int64
	ParentID *int64
	Name     string
}

type nodes struct {
	schema.Table[Node]
	ID       expr.Column[Node, int64]
	ParentID expr.Nullable[Node, int64]
	Name     expr.Column[Node, string]
}

var Nodes = schema.Define("nodes", func(t *nodes) {
	schema.Column(t.ID).PrimaryKey()
	schema.Column(t.ParentID).References(t.ID)
}, schema.In(meta))

// Pair has a key of two columns.
type Pair struct {
	A int64
	B string
	N int64
}

type pairs struct {
	schema.Table[Pair]
	A expr.Column[Pair, int64]
	B expr.Column[Pair, string]
	N expr.Column[Pair, int64]
}

var Pairs = schema.Define("pairs", func(t *pairs) {
	schema.PrimaryKey(t.A, t.B)
}, schema.In(meta))

// everyTable is what a test's database has.
var everyTable = []schema.Handle{Owners, Children, Words, Docs, Nodes, Pairs}

// value is a column's value in the model: nil, an int64 or a string.
type value = any

type row []value

func (r row) clone() row { return append(row(nil), r...) }

// column is a column in the model.
type column struct {
	name   string
	values []value // what the program writes
	refers *table  // its values are keys of that table's rows
	null   bool
}

// table is a table in the model, with the verbs of its repository.
type table struct {
	name    string
	columns []column
	key     []int
	made    bool    // the database makes keys
	version int     // the column, or -1
	uniques [][]int // besides the key
	verbs   verbs
}

// verbs are a repository's, for any type of entity. Entities are pointers to
// structs whose fields are the columns in order.
type verbs interface {
	make(r row) any
	add(ctx context.Context, es ...any) error
	attach(ctx context.Context, e any) error
	delete(ctx context.Context, e any) error
	detach(ctx context.Context, e any) error
	refresh(ctx context.Context, e any) error
	merge(ctx context.Context, e any) (any, error)
	get(ctx context.Context, key row) (any, error)
	all(ctx context.Context, reload bool) ([]any, error)
	stream(ctx context.Context) iter.Seq2[any, error]
	updateWhere(ctx context.Context, where, set int, is, to value) (int64, error)
	deleteWhere(ctx context.Context, where int, is value) (int64, error)
	contains(u *uow.UnitOfWork, e any) (bool, error)
}

// handle is a column's handle: its condition and its assignment.
type handle[T any] struct {
	is  func(value) expr.Expr[T]
	set func(value) expr.Assign[T]
}

func number[T any](c expr.Column[T, int64]) handle[T] {
	return handle[T]{
		is:  func(v value) expr.Expr[T] { return c.Eq(v.(int64)) },
		set: func(v value) expr.Assign[T] { return c.Set(v.(int64)) },
	}
}

func text[T any](c expr.Column[T, string]) handle[T] {
	return handle[T]{
		is:  func(v value) expr.Expr[T] { return c.Eq(v.(string)) },
		set: func(v value) expr.Assign[T] { return c.Set(v.(string)) },
	}
}

func nullable[T, V any](c expr.Nullable[T, V]) handle[T] {
	return handle[T]{
		is: func(v value) expr.Expr[T] {
			if v == nil {
				return c.IsNull()
			}
			return c.Eq(v.(V))
		},
		set: func(v value) expr.Assign[T] {
			if v == nil {
				return c.SetNull()
			}
			return c.Set(v.(V))
		},
	}
}

type verbsOf[T any] struct {
	r       repo.Repository[T]
	byKey   func(ctx context.Context, key row) (*T, error)
	handles []handle[T]
}

func (v verbsOf[T]) make(r row) any {
	e := new(T)
	write(e, r)
	return e
}

func (v verbsOf[T]) add(ctx context.Context, es ...any) error {
	ts := make([]*T, len(es))
	for i, e := range es {
		ts[i] = e.(*T)
	}
	return v.r.Add(ctx, ts...)
}

func (v verbsOf[T]) attach(ctx context.Context, e any) error  { return v.r.Attach(ctx, e.(*T)) }
func (v verbsOf[T]) delete(ctx context.Context, e any) error  { return v.r.Delete(ctx, e.(*T)) }
func (v verbsOf[T]) detach(ctx context.Context, e any) error  { return v.r.Detach(ctx, e.(*T)) }
func (v verbsOf[T]) refresh(ctx context.Context, e any) error { return v.r.Refresh(ctx, e.(*T)) }

func (v verbsOf[T]) merge(ctx context.Context, e any) (any, error) {
	m, err := v.r.Merge(ctx, e.(*T))
	return m, err
}

func (v verbsOf[T]) get(ctx context.Context, key row) (any, error) {
	e, err := v.byKey(ctx, key)
	return e, err
}

func (v verbsOf[T]) all(ctx context.Context, reload bool) ([]any, error) {
	q := v.r.Query()
	if reload {
		q = q.Reload()
	}
	es, err := q.All(ctx)
	out := make([]any, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out, err
}

func (v verbsOf[T]) stream(ctx context.Context) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for e, err := range v.r.Query().Stream(ctx) {
			if !yield(e, err) {
				return
			}
		}
	}
}

func (v verbsOf[T]) where(col int, is value) expr.Expr[T] {
	if col < 0 {
		return expr.Every[T]()
	}
	return v.handles[col].is(is)
}

func (v verbsOf[T]) updateWhere(ctx context.Context, where, set int, is, to value) (int64, error) {
	return v.r.UpdateWhere(ctx, v.where(where, is), v.handles[set].set(to))
}

func (v verbsOf[T]) deleteWhere(ctx context.Context, where int, is value) (int64, error) {
	return v.r.DeleteWhere(ctx, v.where(where, is))
}

func (v verbsOf[T]) contains(u *uow.UnitOfWork, e any) (bool, error) {
	n, err := uow.EntityOf[T](v.r.Engine())
	return err == nil && n.Contains(u, e.(*T)), err
}

// read returns an entity's fields as a row.
func read(e any) row {
	s := reflect.ValueOf(e).Elem()
	r := make(row, s.NumField())
	for i := range r {
		f := s.Field(i)
		if f.Kind() == reflect.Pointer {
			if f.IsNil() {
				continue
			}
			f = f.Elem()
		}
		r[i] = f.Interface()
	}
	return r
}

// write sets an entity's fields.
func write(e any, r row) {
	for i, v := range r {
		put(e, i, v, false)
	}
}

// put sets one field; in place says that what a pointer points to is changed,
// and not the pointer.
func put(e any, i int, v value, inPlace bool) {
	f := reflect.ValueOf(e).Elem().Field(i)
	switch {
	case f.Kind() != reflect.Pointer:
		f.Set(reflect.ValueOf(v))
	case v == nil:
		f.SetZero()
	case inPlace && !f.IsNil():
		f.Elem().Set(reflect.ValueOf(v))
	default:
		p := reflect.New(f.Type().Elem())
		p.Elem().Set(reflect.ValueOf(v))
		f.Set(p)
	}
}

func numbers(ns ...int64) (vs []value) {
	for _, n := range ns {
		vs = append(vs, n)
	}
	return vs
}

func texts(ss ...string) (vs []value) {
	for _, s := range ss {
		vs = append(vs, s)
	}
	return vs
}

// chosen are the keys that the program gives to rows; no key that a database
// makes comes near them.
var chosen = numbers(-1000, -2000, -3000)

// tables makes the model's tables with repositories of src.
func tables(src repo.Source) []*table {
	ownerRepo, childRepo, wordRepo := repo.NewKeyed(src, Owners.ID), repo.NewKeyed(src, Children.ID), repo.NewKeyed(src, Words.Text)
	docRepo, nodeRepo, pairRepo := repo.NewKeyed(src, Docs.ID), repo.NewKeyed(src, Nodes.ID), repo.NewKeyed2(src, Pairs.A, Pairs.B)
	owner := &table{name: "owners", made: true, key: []int{0}, version: -1, uniques: [][]int{{2}},
		columns: []column{{name: "id", values: chosen}, {name: "name", values: texts("a", "b", "c")}, {name: "code", values: texts("x", "y", "z", "u", "v"), null: true}},
		verbs: verbsOf[Owner]{r: ownerRepo.Repository, handles: []handle[Owner]{number(Owners.ID), text(Owners.Name), nullable(Owners.Code)},
			byKey: func(ctx context.Context, k row) (*Owner, error) { return ownerRepo.Get(ctx, k[0].(int64)) }}}
	child := &table{name: "children", made: true, key: []int{0}, version: -1, uniques: [][]int{{1, 3}},
		columns: []column{{name: "id", values: chosen}, {name: "owner_id", refers: owner}, {name: "other", refers: owner, null: true},
			{name: "slot", values: numbers(1, 2), null: true}, {name: "label", values: texts("l", "m")}},
		verbs: verbsOf[Child]{r: childRepo.Repository, handles: []handle[Child]{number(Children.ID), number(Children.OwnerID), nullable(Children.Other), nullable(Children.Slot), text(Children.Label)},
			byKey: func(ctx context.Context, k row) (*Child, error) { return childRepo.Get(ctx, k[0].(int64)) }}}
	word := &table{name: "words", key: []int{0}, version: -1, uniques: [][]int{{1}},
		columns: []column{{name: "text", values: texts("wa", "wb", "wc", "wd", "we", "wf")}, {name: "number", values: numbers(1, 2, 3, 4, 5, 6, 7, 8)}, {name: "note", values: texts("n", "o"), null: true}},
		verbs: verbsOf[Word]{r: wordRepo.Repository, handles: []handle[Word]{text(Words.Text), number(Words.Number), nullable(Words.Note)},
			byKey: func(ctx context.Context, k row) (*Word, error) { return wordRepo.Get(ctx, k[0].(string)) }}}
	doc := &table{name: "docs", made: true, key: []int{0}, version: 3, uniques: [][]int{{1}},
		columns: []column{{name: "id", values: chosen}, {name: "title", values: texts("t1", "t2", "t3", "t4", "t5", "t6", "t7")}, {name: "body", values: texts("p", "q"), null: true}, {name: "version"}},
		verbs: verbsOf[Doc]{r: docRepo.Repository, handles: []handle[Doc]{number(Docs.ID), text(Docs.Title), nullable(Docs.Body), number(Docs.Version)},
			byKey: func(ctx context.Context, k row) (*Doc, error) { return docRepo.Get(ctx, k[0].(int64)) }}}
	node := &table{name: "nodes", made: true, key: []int{0}, version: -1,
		verbs: verbsOf[Node]{r: nodeRepo.Repository, handles: []handle[Node]{number(Nodes.ID), nullable(Nodes.ParentID), text(Nodes.Name)},
			byKey: func(ctx context.Context, k row) (*Node, error) { return nodeRepo.Get(ctx, k[0].(int64)) }}}
	node.columns = []column{{name: "id", values: chosen}, {name: "parent_id", refers: node, null: true}, {name: "name", values: texts("n", "o", "p")}}
	pair := &table{name: "pairs", key: []int{0, 1}, version: -1,
		columns: []column{{name: "a", values: numbers(1, 2)}, {name: "b", values: texts("k", "l")}, {name: "n", values: numbers(1, 2, 3)}},
		verbs: verbsOf[Pair]{r: pairRepo.Repository, handles: []handle[Pair]{number(Pairs.A), text(Pairs.B), number(Pairs.N)},
			byKey: func(ctx context.Context, k row) (*Pair, error) { return pairRepo.Get(ctx, k[0].(int64), k[1].(string)) }}}
	return []*table{owner, child, word, doc, node, pair}
}
