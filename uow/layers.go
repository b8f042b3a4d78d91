package uow

import "slices"

// layers orders a table's new entities so that those that others of the table
// refer to come first. Rows that wait for each other are written with NULL first
// where their foreign keys take it; otherwise they are a *CycleError, which is
// found before any SQL.
func (u *UnitOfWork) layers(sts []*state) ([][]*state, error) {
	out, stuck := layered(sts, func(st *state, f func(*state)) {
		for _, w := range u.waiting[st] {
			if w.target.in == st.in {
				f(w.target)
			}
		}
	}, u.nullableLinks)
	if len(stuck) > 0 {
		e := &CycleError{}
		for _, st := range stuck {
			e.Entities = append(e.Entities, st.in.m.name)
		}
		return nil, e
	}
	return out, nil
}

// layered orders entities in layers, so that each comes after those that it names,
// and otherwise in the order given. Where all that are left wait for each other,
// the first one that breaks allows goes ahead; stuck are those that none does. It
// takes time in proportion to entities and names.
func layered(sts []*state, names func(st *state, f func(*state)), breaks func(*state) bool) (out [][]*state, stuck []*state) {
	place := make(map[*state]int, len(sts))
	for i, st := range sts {
		place[st] = i
	}
	waits := make([]int, len(sts))
	waiting := make([][]int, len(sts)) // for each entity
	for i, st := range sts {
		names(st, func(t *state) {
			waits[i]++
			if j, in := place[t]; in {
				waiting[j] = append(waiting[j], i)
			}
		})
	}
	done := make([]bool, len(sts))
	var now []int
	for i := range sts {
		if waits[i] == 0 {
			now = append(now, i)
		}
	}
	left, next := len(sts), 0
	for left > 0 {
		for ; len(now) == 0 && next < len(sts); next++ {
			if !done[next] && breaks(sts[next]) {
				now = append(now, next)
			}
		}
		if len(now) == 0 {
			break
		}
		layer := make([]*state, len(now))
		var then []int
		for k, i := range now {
			layer[k] = sts[i]
			done[i] = true
		}
		left -= len(now)
		for _, i := range now {
			for _, j := range waiting[i] {
				if waits[j]--; waits[j] == 0 && !done[j] {
					then = append(then, j)
				}
			}
		}
		slices.Sort(then)
		out, now = append(out, layer), then
	}
	for i, st := range sts {
		if !done[i] {
			stuck = append(stuck, st)
		}
	}
	return out, stuck
}

// nullableLinks reports whether every foreign key of st that waits for an entity
// of its own table may be NULL at first.
func (u *UnitOfWork) nullableLinks(st *state) bool {
	for _, w := range u.waiting[st] {
		if w.target.in == st.in && !w.f.Col.Nullable {
			return false
		}
	}
	return true
}

// checkCycles finds, before any SQL, references between new entities of several
// tables that the order of the tables cannot serve.
func (u *UnitOfWork) checkCycles(w *work) error {
	for _, tw := range w.tables {
		for _, st := range tw.inserts {
			for _, l := range u.waiting[st] {
				if l.target.in != st.in && !l.f.Col.Nullable && u.ms.rankOf(l.target.in.m.def) > u.ms.rankOf(st.in.m.def) {
					return &CycleError{Entities: []string{st.in.m.name, l.target.in.m.name}}
				}
			}
		}
		if _, err := u.layers(tw.inserts); err != nil {
			return err
		}
	}
	return nil
}
