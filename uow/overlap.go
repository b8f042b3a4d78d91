package uow

import "context"

// A block may end, as a savepoint's or Run's, while another goroutine that it
// should have waited for is inside the unit. What the end would have done cannot
// be done then, and must not be forgotten: the unit can only be rolled back, or
// ends when that goroutine leaves it.

// condemn makes the unit one that can only be rolled back, for one who could not
// enter it.
func (u *UnitOfWork) condemn(err error) { u.doom.CompareAndSwap(nil, &err) }

// notice takes over what happened to the transaction while nobody was inside the
// unit who could note it: it was condemned, or rows of a hand-written query
// failed. u has been entered.
func (u *UnitOfWork) notice() {
	if u.doom.Load() != nil {
		if p := u.doom.Swap(nil); u.failed == nil {
			u.failed = *p
		}
	}
	if u.conn != nil && u.failed == nil {
		if err := u.conn.RowsFailed(); err != nil {
			u.broke(u.nameConstraint(err))
		}
	}
}

// endLater rolls the unit back and ends it once no other goroutine is inside.
func (u *UnitOfWork) endLater() {
	u.left.Store(true)
	u.endLeft()
}

// endLeft ends a unit whose block is over, unless somebody is inside: then it is
// called again when they leave.
func (u *UnitOfWork) endLeft() {
	if !u.busy.CompareAndSwap(0, 1) {
		return
	}
	if u.hooks > 0 { // in the middle of a call
		u.busy.Store(0)
		return
	}
	defer u.end()
	_ = u.rollback(context.Background())
}
