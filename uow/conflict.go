package uow

import (
	"context"

	"github.com/dormer-orm/dormer/internal/field"
	"github.com/dormer-orm/dormer/schema"
)

// Rows are updated, inserted and then deleted. Where a row takes a unique value
// that another row of the flush gives up, that order may have to change, and
// only there: deleting early is not safe in general, since rows that refer to
// the deleted one may yet be moved.

// uniquesOf are the sets of columns whose values no two rows share: the key, if
// the program may choose it, constraints, and unique indexes on columns.
func (m *mapper) uniquesOf() [][]*field.Field {
	fields := func(cs []*schema.ColumnDef) []*field.Field {
		fs := make([]*field.Field, len(cs))
		for i, c := range cs {
			fs[i] = m.tracked.Fields[c.Position]
		}
		return fs
	}
	out := [][]*field.Field{m.key}
	for _, u := range m.def.Uniques {
		out = append(out, fields(u.Columns))
	}
next:
	for _, ix := range m.def.Indexes {
		if !ix.Unique {
			continue
		}
		var cs []*schema.ColumnDef
		for _, p := range ix.Parts {
			if p.Column == nil {
				continue next
			}
			cs = append(cs, p.Column)
		}
		out = append(out, fields(cs))
	}
	return out
}

// uniqueValue is a set of columns' values as one text; ok is false where one is
// NULL, which conflicts with nothing.
func uniqueValue(b []byte, fs []*field.Field, e field.Ptr) (_ []byte, ok bool) {
	for _, f := range fs {
		p := f.Value(e)
		if p == nil {
			return b, false
		}
		var err error
		if b, err = f.AppendKeyPart(b, p); err != nil {
			return b, false
		}
	}
	return b, true
}

// oldValue is uniqueValue of a snapshot.
func oldValue(b []byte, fs []*field.Field, s field.Ptr) (_ []byte, ok bool) {
	for _, f := range fs {
		v := f.SnapshotValue(s)
		if v == nil {
			return b, false
		}
		var err error
		if b, err = f.AppendKeyValue(b, v); err != nil {
			return b, false
		}
	}
	return b, true
}

// stage is when in its table's part of a flush an update is written.
type stage uint8

const (
	atFirst      stage = iota // before the table's new rows
	afterInserts              // it refers to one of them
	atLast                    // it refers to a new row of a table that comes later: by updateLate
)

// conflicts is what a table's part of the flush must do out of order.
type conflicts struct {
	claimed map[*state][]int // rows to be deleted whose values others take, by the number of the unique set
	layers  [2][][]*update   // the updates by stage, in an order that keeps values unique
	parked  []*parking       // set aside before the updates
}

// waiting is an update that must be written before another, since it gives up a
// value that the other takes.
type waiting struct {
	first *update
	key   bool // the value is the key
}

// contest finds what rows of one table take from each other.
type contest struct {
	ctx    context.Context
	u      *UnitOfWork
	tw     *tableWork
	c      *conflicts
	self   *selfReferences
	stage  map[*update]stage
	moving []*update // those that change unique columns
	before map[*update][]waiting
	parked map[*update]*parking
}

// conflictsOf finds the unique values that move between the rows of a flush. It
// turns a deletion and an insertion of one key into an update of the row.
func (u *UnitOfWork) conflictsOf(ctx context.Context, tw *tableWork) (*conflicts, error) {
	x := &contest{ctx: ctx, u: u, tw: tw, c: &conflicts{}, self: tw.selfReferencesOf()}
	for _, up := range tw.updates {
		x.enter(up)
	}
	if len(x.moving) > 0 || len(tw.deletes) > 0 && len(tw.inserts) > 0 {
		u.defaultUniques(tw)
		for i := range tw.t.m.uniques {
			if err := x.settle(i); err != nil {
				return nil, err
			}
		}
	}
	x.layer()
	return x.c, nil
}

// enter takes note of an update: when it can be written, and whether it moves
// unique values.
func (x *contest) enter(up *update) {
	if s := x.stageOf(up.st); s != atFirst {
		if x.stage == nil {
			x.stage = map[*update]stage{}
		}
		x.stage[up] = s
	}
	soft := x.tw.t.m.soft // whether a row is deleted, too, says whose its values are
	for _, fs := range x.tw.t.m.uniques {
		if anyOf(fs, up.fields) || soft != nil && contains(up.fields, soft) {
			x.moving = append(x.moving, up)
			return
		}
	}
}

func (x *contest) stageOf(st *state) (s stage) {
	for _, l := range x.u.waiting[st] {
		switch t := l.target.in; {
		case l.target.status == persistent:
		case t == st.in:
			s = max(s, afterInserts)
		case x.u.ms.rankOf(t.m.def) > x.u.ms.rankOf(st.in.m.def):
			s = atLast
		}
	}
	if x.self != nil {
		x.self.targets(st, func(*state) { s = max(s, afterInserts) })
	}
	return s
}

// settle finds who takes which values of the unique columns of number i from
// whom.
func (x *contest) settle(i int) error {
	fs := x.tw.t.m.uniques[i]
	given := map[string]*state{}
	updating := map[*state]*update{}
	var b []byte
	for _, st := range x.tw.deletes {
		if v, ok := oldValue(b[:0], fs, st.snap); ok {
			given[string(v)] = st
		}
	}
	for _, up := range x.moving {
		if v, ok := oldValue(b[:0], fs, up.st.snap); ok {
			if _, taken := given[string(v)]; !taken && !up.restores() {
				given[string(v)] = up.st
			}
			updating[up.st] = up
		}
	}
	if len(given) == 0 {
		return nil
	}
	var inserts []*state
	for _, st := range x.tw.inserts {
		v, ok := uniqueValue(b[:0], fs, st.entity)
		old := given[string(v)]
		switch {
		case !ok || old == nil:
		case old.status != deleting:
			x.insertTakes(updating[old], i == 0)
		case i > 0:
			x.claim(old, i)
		default:
			up, err := x.u.switchRow(x.ctx, x.tw, old, st)
			if err != nil {
				return err
			}
			if up != nil {
				x.tw.updates = append(x.tw.updates, up)
				x.enter(up)
				updating[st] = up
			}
			continue
		}
		inserts = append(inserts, st)
	}
	x.tw.inserts = inserts
	for _, up := range x.moving {
		v, ok := uniqueValue(b[:0], fs, up.st.entity)
		old := given[string(v)]
		switch {
		case !ok || old == nil || old == up.st:
		case old.status == deleting:
			x.claim(old, i)
		default:
			x.updateTakes(up, updating[old], i == 0)
		}
	}
	return nil
}

// restores reports whether an update makes a deleted row a live one, which has no
// values to give up until then.
func (up *update) restores() bool {
	soft := up.st.in.m.soft
	return soft != nil && contains(up.fields, soft) && soft.IsNull(up.st.entity)
}

func (x *contest) claim(old *state, i int) {
	if x.c.claimed == nil {
		x.c.claimed = map[*state][]int{}
	}
	x.c.claimed[old] = append(x.c.claimed[old], i)
}

// insertTakes notes that a new row takes a value that first gives up.
func (x *contest) insertTakes(first *update, key bool) {
	if first != nil && x.stage[first] != atFirst {
		x.park(waiting{first, key})
	}
}

// updateTakes notes that up takes a value that first gives up.
func (x *contest) updateTakes(up, first *update, key bool) {
	if first == nil {
		return
	}
	switch a, b := x.stage[first], x.stage[up]; {
	case a > b || a == atLast:
		x.park(waiting{first, key})
	case a == b:
		if x.before == nil {
			x.before = map[*update][]waiting{}
		}
		x.before[up] = append(x.before[up], waiting{first, key})
	}
}

// park has a row set aside before all others are written: once, but with its key
// only where the key is what is taken.
func (x *contest) park(w waiting) {
	p := x.parked[w.first]
	if p == nil {
		p = x.tw.t.m.parkingOf(w.first)
		if x.parked == nil {
			x.parked = map[*update]*parking{}
		}
		x.parked[w.first] = p
		x.c.parked = append(x.c.parked, p)
	}
	if w.key && !p.key {
		p.key = true
		p.sets = append(p.sets, 0)
	}
}

// layer puts the updates into the order in which they are written.
func (x *contest) layer() {
	var by [2][]*update
	for _, up := range x.tw.updates {
		if s := x.stage[up]; s < atLast {
			by[s] = append(by[s], up)
		}
	}
	for s := range by {
		x.c.layers[s] = x.order(by[s])
	}
}

// order puts the updates of one stage into layers, each after those whose values
// it takes, and parks a row of each circle.
func (x *contest) order(ups []*update) [][]*update {
	if len(x.before) == 0 {
		return [][]*update{ups}
	}
	var out [][]*update
	done := map[*update]bool{}
	for rest := ups; len(rest) > 0; {
		var layer, later []*update
		for _, up := range rest {
			free := true
			for _, w := range x.before[up] {
				free = free && done[w.first]
			}
			if free {
				layer = append(layer, up)
			} else {
				later = append(later, up)
			}
		}
		if len(layer) == 0 {
			x.breakCircle(circle(later[0], x.before, done))
			continue
		}
		for _, up := range layer {
			done[up] = true
		}
		out, rest = append(out, layer), later
	}
	return out
}

// breakCircle parks a row: what waits for it need not wait, but for its key where
// that was not parked.
func (x *contest) breakCircle(w waiting) {
	x.park(w)
	for up, ws := range x.before {
		kept := ws[:0:0]
		for _, o := range ws {
			if o.first != w.first || o.key && !w.key {
				kept = append(kept, o)
			}
		}
		x.before[up] = kept
	}
}

// circle follows the updates that up waits for until they come round, and
// returns one of the circle: if there is any, one that is not waited for because
// of its key, which cannot be set aside.
func circle(up *update, before map[*update][]waiting, done map[*update]bool) waiting {
	var path []waiting
	at := map[*update]int{}
	for w := (waiting{first: up}); ; {
		if i, seen := at[w.first]; seen {
			ring := append(path[i+1:], w)
			for _, x := range ring {
				if !x.key {
					return x
				}
			}
			return w
		}
		at[w.first] = len(path)
		path = append(path, w)
		for _, next := range before[w.first] {
			if !done[next.first] {
				w = next
				break
			}
		}
	}
}

// anyOf reports whether the two have a field in common.
func anyOf(a, b []*field.Field) bool {
	for _, f := range a {
		if contains(b, f) {
			return true
		}
	}
	return false
}
