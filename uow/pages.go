package uow

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/identity"
	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/schema"
)

// pages reads the batches of a stream by statements of their own, so that the
// unit can be used between them.
type pages struct {
	u       *UnitOfWork
	m       *mapper
	tracked bool
	fetch   func(ctx context.Context, l *loader) (more bool, err error)
	shut    func(ctx context.Context)
	with    []*rel.Eager
	held    []*state // of the batch that is being worked on
	crowds  []*crowd // of the batch
	ctx     context.Context

	epoch   uint32 // of the unit when the stream was opened
	filters *expr.Filters
	rewinds int
}

// errStreamCut is what a stream ends with whose transaction has ended.
var errStreamCut = errors.New("the unit of work was committed or rolled back in the loop, and the stream ended with its transaction: commit after the loop, or read with Untracked outside the unit")

func (n Untyped) openPages(ctx context.Context, u *UnitOfWork, s *expr.SelectStmt, tracked bool) (source, error) {
	if err := u.enter(); err != nil {
		return nil, err
	}
	defer u.leave()
	if err := u.autoflush(ctx, tablesOf(s)); err != nil {
		return nil, err
	}
	return u.openPages(ctx, n.m, s, tracked)
}

// openPages opens a stream of a mapper's entities. u has been entered.
func (u *UnitOfWork) openPages(ctx context.Context, m *mapper, s *expr.SelectStmt, tracked bool) (source, error) {
	p := &pages{u: u, m: m, tracked: tracked, ctx: ctx, epoch: u.epoch, rewinds: u.rewinds, filters: s.Filters}
	var err error
	switch {
	case u.db.Dialect().Capabilities().ServerCursors:
		err = p.openServerCursor(ctx, s)
	case len(s.OrderBy) == 0 && s.Limit < 0 && s.Offset < 0 && !s.Distinct && len(s.Joins) == 0 && m.ordersKeys():
		err = p.openKeyset(ctx, s)
	default:
		err = p.openKeyList(ctx, s)
	}
	return p, err
}

// ordersKeys reports whether the database tells all keys apart where it compares
// them: decimals without a type of their own are compared as floats.
func (m *mapper) ordersKeys() bool {
	for _, f := range m.key {
		if f.Col.Type.Kind == schema.DecimalKind {
			return false
		}
	}
	return true
}

func (p *pages) next(ctx context.Context) ([]field.Ptr, bool, error) {
	if err := p.u.enter(); err != nil {
		return nil, false, err
	}
	defer p.u.leave()
	if err := p.dropHeld(); err != nil {
		return nil, false, err
	}
	if p.epoch != p.u.epoch {
		return nil, false, errStreamCut
	}
	crowds := len(p.u.crowds)
	l := &loader{m: p.m, list: len(p.m.relations) > 0}
	if p.tracked {
		l.t = p.u.table(p.m)
	}
	more, err := p.fetch(ctx, l)
	p.held = slices.Clip(l.freshOnes()) // shared with the crowd
	if err == nil && len(p.with) > 0 {
		p.u.gather = &p.held
		defer func() { p.u.gather = nil }() // whatever AfterLoad does
		end := p.u.readAs(p.filters)
		err = p.u.eager(ctx, p.m, l.all, p.with, false)
		end()
	}
	p.crowds = append(p.crowds[:0], p.u.crowds[min(crowds, len(p.u.crowds)):]...)
	for _, st := range p.held {
		st.stream = true
	}
	return l.out, more, err
}

func (p *pages) close() {
	if p.u.enter() != nil {
		return
	}
	defer p.u.leave()
	_ = p.dropHeld() // the next flush finds the same error
	// The end of the transaction has taken the cursor with it, a rollback to a
	// savepoint may have: closing it again would spoil the transaction.
	if p.shut != nil && p.u.conn != nil && p.u.failed == nil && p.epoch == p.u.epoch && p.rewinds == p.u.rewinds {
		p.shut(p.ctx)
	}
}

// dropHeld lets go of the last batch's entities, but for those that have changes
// to be flushed. References to them are written down before.
func (p *pages) dropHeld() error {
	if len(p.held) > 0 {
		if err := p.u.relate(); err != nil {
			return err
		}
	}
	for _, st := range p.held {
		if !p.u.dropClean(st) {
			p.u.streamed = append(p.u.streamed, st)
		}
	}
	p.held = nil
	p.u.disperse(p.crowds)
	p.crowds = nil
	return nil
}

// openServerCursor has the database keep the rows.
func (p *pages) openServerCursor(ctx context.Context, s *expr.SelectStmt) error {
	c, err := p.u.compile(ctx, s)
	if err != nil {
		return err
	}
	if err := p.u.begin(ctx); err != nil {
		return err
	}
	p.u.cursors++
	name := fmt.Sprintf("dormer_stream_%d", p.u.cursors)
	if _, err := p.u.conn.Exec(ctx, "DECLARE "+name+" NO SCROLL CURSOR FOR "+c.SQL, named(c.Args)); err != nil {
		p.u.broke(err)
		return err
	}
	text := fmt.Sprintf("FETCH %d FROM %s", streamBatch, name)
	p.fetch = func(ctx context.Context, l *loader) (bool, error) {
		if err := p.u.begin(ctx); err != nil {
			return false, err
		}
		read, err := p.u.conn.Query(ctx, text, nil, l.row)
		if err != nil {
			l.abandon()
			p.u.broke(err)
			return false, err
		}
		return read == streamBatch, l.finish(ctx, p.u)
	}
	p.shut = func(ctx context.Context) {
		if _, err := p.u.conn.Exec(context.WithoutCancel(ctx), "CLOSE "+name, nil); err != nil {
			p.u.broke(err) // the loop is over: who uses the unit next is told
		}
	}
	return nil
}

// openKeyset reads the rows in the order of their keys, each batch after the
// last one's last key. The greatest key is found first, so that rows that the
// loop adds do not prolong it.
func (p *pages) openKeyset(ctx context.Context, s *expr.SelectStmt) error {
	var top []driver.Value
	last := *s
	last.Limit = 1
	last.Columns = nil
	for _, f := range p.m.key {
		last.Columns = append(last.Columns, f.Col.Ref)
		last.OrderBy = append(last.OrderBy, expr.OrderTerm{X: f.Col.Ref, Desc: true})
	}
	c, err := p.u.compile(ctx, &last)
	if err != nil {
		return err
	}
	if err := p.u.begin(ctx); err != nil {
		return err
	}
	if _, err := p.u.conn.Query(ctx, c.SQL, named(c.Args), func(vals []driver.Value) error {
		top = cloneValues(vals)
		return nil
	}); err != nil {
		p.u.broke(err)
		return err
	}
	var after []driver.Value
	p.fetch = func(ctx context.Context, l *loader) (bool, error) {
		if top == nil {
			return false, nil
		}
		page := *s
		page.Limit = streamBatch
		conds := []expr.Node{p.m.keyBound(top, true)}
		if after != nil {
			conds = append(conds, p.m.keyBound(after, false))
		}
		if s.Where != nil {
			conds = append(conds, s.Where)
		}
		page.Where = &expr.LogicNode{Args: conds}
		for _, f := range p.m.key {
			page.OrderBy = append(page.OrderBy, expr.OrderTerm{X: f.Col.Ref})
		}
		c, err := p.u.compile(ctx, &page)
		if err != nil {
			return false, err
		}
		if err := p.u.begin(ctx); err != nil {
			return false, err
		}
		read, err := p.u.conn.Query(ctx, c.SQL, named(c.Args), func(vals []driver.Value) error {
			after = after[:0]
			for _, f := range p.m.key {
				after = append(after, vals[f.Col.Position])
			}
			return l.row(vals)
		})
		after = cloneValues(after)
		if err != nil {
			l.abandon()
			p.u.broke(err)
			return false, err
		}
		return read == streamBatch, l.finish(ctx, p.u)
	}
	return nil
}

// keyBound is the condition that a row's key is at most, or greater than, the
// given one in the order of the key's columns.
func (m *mapper) keyBound(key []driver.Value, atMost bool) expr.Node {
	var or []expr.Node
	for i := range m.key {
		var and []expr.Node
		for j := range i {
			and = append(and, m.keyCompare(expr.OpEq, j, key[j]))
		}
		op := expr.OpGt
		if atMost {
			op = expr.OpLt
			if i == len(m.key)-1 {
				op = expr.OpLe
			}
		}
		or = append(or, &expr.LogicNode{Args: append(and, m.keyCompare(op, i, key[i]))})
	}
	return &expr.LogicNode{Or: true, Args: or}
}

func (m *mapper) keyCompare(op expr.CompareOp, i int, v driver.Value) expr.Node {
	ref := m.key[i].Col.Ref
	return &expr.CompareNode{Op: op, Left: ref, Right: &expr.ParamNode{Value: v, Like: ref}}
}

func cloneValues(vals []driver.Value) []driver.Value {
	out := make([]driver.Value, len(vals))
	for i, v := range vals {
		if b, ok := v.([]byte); ok {
			v = append([]byte{}, b...)
		}
		out[i] = v
	}
	return out
}

// openKeyList reads the keys of all rows in their order, and then the rows by
// their keys. It serves where the order is not the key's and the database has no
// cursors: the keys stay in memory, the rows do not.
func (p *pages) openKeyList(ctx context.Context, s *expr.SelectStmt) error {
	if s.Distinct || len(s.Joins) > 0 {
		return fmt.Errorf("a stream inside a unit of work cannot be DISTINCT or have joins on this database: use All, or stream outside the unit")
	}
	list := *s
	list.Columns = nil
	for _, f := range p.m.key {
		list.Columns = append(list.Columns, f.Col.Ref)
	}
	c, err := p.u.compile(ctx, &list)
	if err != nil {
		return err
	}
	if err := p.u.begin(ctx); err != nil {
		return err
	}
	width := len(p.m.key)
	var keys []driver.Value
	if _, err := p.u.conn.Query(ctx, c.SQL, named(c.Args), func(vals []driver.Value) error {
		keys = append(keys, cloneValues(vals)...)
		return nil
	}); err != nil {
		p.u.broke(err)
		return err
	}
	p.fetch = func(ctx context.Context, l *loader) (bool, error) {
		k := min(streamBatch*width, len(keys))
		if k == 0 {
			return false, nil
		}
		part := keys[:k]
		keys = keys[k:]
		if err := p.u.begin(ctx); err != nil {
			return false, err
		}
		if p.m.ordersKeys() {
			if err := p.fetchKeys(ctx, l, part); err != nil {
				return false, err
			}
			return len(keys) > 0, l.finish(ctx, p.u)
		}
		for i := 0; i < len(part); i += width { // keys that compare as equal are told apart one by one
			args := make([]driver.NamedValue, width)
			for j := range width {
				args[j] = driver.NamedValue{Ordinal: j + 1, Value: part[i+j]}
			}
			c, err := p.u.compile(ctx, p.m.selectKey(args, p.filters))
			if err != nil {
				return false, err
			}
			if _, err := p.u.conn.Query(ctx, c.SQL, named(c.Args), l.row); err != nil {
				l.abandon()
				p.u.broke(err)
				return false, err
			}
		}
		return len(keys) > 0, l.finish(ctx, p.u)
	}
	return nil
}

// fetchKeys reads the rows of keys, as many parts each as the key has, in one
// statement, and puts them into the keys' order.
func (p *pages) fetchKeys(ctx context.Context, l *loader, keys []driver.Value) error {
	width := len(p.m.key)
	or := &expr.LogicNode{Or: true}
	var place identity.Map[int]
	for i := 0; i < len(keys); i += width {
		and := &expr.LogicNode{}
		for j := range width {
			and.Args = append(and.Args, p.m.keyCompare(expr.OpEq, j, keys[i+j]))
		}
		or.Args = append(or.Args, and)
		k, err := keyOfValues(p.m.key, keys[i:i+width])
		if err != nil {
			return err
		}
		place.Put(k, i)
	}
	c, err := p.u.compile(ctx, &expr.SelectStmt{Columns: p.m.columns, From: p.m.def.Source, Where: or, Limit: -1, Offset: -1, Filters: p.filters})
	if err != nil {
		return err
	}
	var at []int
	_, err = p.u.conn.Query(ctx, c.SQL, named(c.Args), func(vals []driver.Value) error {
		before := len(l.out)
		if err := l.row(vals); err != nil || len(l.out) == before {
			return err
		}
		k, scratch, err := p.m.keyOfRow(l.scratch, vals)
		l.scratch = scratch
		i, _ := place.Get(k)
		at = append(at, i)
		return err
	})
	if err != nil {
		l.abandon()
		p.u.broke(err)
		return err
	}
	sort.Sort(&placed{at, l.out, l.all})
	return nil
}

// placed orders a loader's entities by their places.
type placed struct {
	at  []int
	out []field.Ptr
	all []*state
}

func (p *placed) Len() int { return len(p.at) }

func (p *placed) Less(i, j int) bool { return p.at[i] < p.at[j] }

func (p *placed) Swap(i, j int) {
	p.at[i], p.at[j] = p.at[j], p.at[i]
	p.out[i], p.out[j] = p.out[j], p.out[i]
	if len(p.all) == len(p.at) {
		p.all[i], p.all[j] = p.all[j], p.all[i]
	}
}
