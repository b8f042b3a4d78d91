package uow

import "errors"

// staleOf names the entities whose rows were not there as their snapshots say.
func staleOf(m *mapper, op Op, sts []*state) *StaleError {
	e := &StaleError{Entity: m.name, Op: op.String()}
	for _, st := range sts {
		e.Keys = append(e.Keys, st.showKey())
	}
	return e
}

// joinStale adds the keys of err to those of all, if it is a *StaleError.
func joinStale(all **StaleError, err error) bool {
	var e *StaleError
	if !errors.As(err, &e) {
		return false
	}
	if *all == nil {
		*all = &StaleError{Entity: e.Entity, Op: e.Op}
	}
	(*all).Keys = append((*all).Keys, e.Keys...)
	return true
}
