package uow

// layers orders a table's new entities so that those that others of the table
// refer to come first. Rows that wait for each other are written with NULL first
// where their foreign keys take it; otherwise they are a *CycleError, which is
// found before any SQL.
func (u *UnitOfWork) layers(sts []*state) ([][]*state, error) {
	rest := sts
	var out [][]*state
	placed := map[*state]bool{}
	for len(rest) > 0 {
		var layer, later []*state
		for _, st := range rest {
			free := true
			for _, w := range u.waiting[st] {
				if w.target.in == st.in && !placed[w.target] {
					free = false
				}
			}
			if free {
				layer = append(layer, st)
			} else {
				later = append(later, st)
			}
		}
		if len(layer) == 0 {
			for i, st := range later { // break the cycle where it may be NULL
				if u.nullableLinks(st) {
					layer = append(layer, st)
					later = append(later[:i:i], later[i+1:]...)
					break
				}
			}
		}
		if len(layer) == 0 {
			e := &CycleError{}
			for _, st := range later {
				e.Entities = append(e.Entities, st.in.m.name)
			}
			return nil, e
		}
		for _, st := range layer {
			placed[st] = true
		}
		out, rest = append(out, layer), later
	}
	return out, nil
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
