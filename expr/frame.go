package expr

import "errors"

// Bound is an end of a frame; the functions below make it.
type Bound struct {
	// Place is counted from the row at hand: -2 and 2 have no end, -1 and 1 are by
	// Offset, 0 is the row itself.
	Place  int8
	Offset int64
}

// UnboundedPreceding is the first row of the partition.
func UnboundedPreceding() Bound { return Bound{Place: -2} }

// Preceding is n rows, groups or units before the row at hand.
func Preceding(n int64) Bound { return Bound{Place: -1, Offset: n} }

// CurrentRow is the row at hand; in Range and Groups with all that order as it does.
func CurrentRow() Bound { return Bound{} }

// Following is n rows, groups or units after the row at hand.
func Following(n int64) Bound { return Bound{Place: 1, Offset: n} }

// UnboundedFollowing is the last row of the partition.
func UnboundedFollowing() Bound { return Bound{Place: 2} }

func checkFrame(f *Frame, order []OrderTerm) error {
	offsets := f.From.Place == -1 || f.From.Place == 1 || f.To.Place == -1 || f.To.Place == 1
	switch {
	case f.From.Offset < 0 || f.To.Offset < 0:
		return errors.New("expr: a frame by a negative number: Preceding and Following say the direction")
	case f.From.Place == 2 || f.To.Place == -2 || f.From.Place > f.To.Place:
		return errors.New("expr: a frame that ends before it begins")
	case f.Mode == FrameGroups && len(order) == 0:
		return errors.New("expr: a frame of groups without an order: OrderBy says what the groups are")
	case f.Mode == FrameRange && offsets && len(order) != 1:
		return errors.New("expr: a frame of a range by a number needs an OrderBy of one term, which the number is added to")
	}
	return nil
}
