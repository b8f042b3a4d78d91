package expr

import "time"

// Year is the year of a time, in UTC. A row yields it, and all parts of times,
// as int64 of a Column and as *int64 of all else; see Measured.
func Year[T, N any](x Measured[T, time.Time, N]) Value[T, int64, N] {
	return Value[T, int64, N]{call(FuncYear, nodeOf(x))}
}

// Month is the month of a time in UTC, 1 to 12; see Year.
func Month[T, N any](x Measured[T, time.Time, N]) Value[T, int64, N] {
	return Value[T, int64, N]{call(FuncMonth, nodeOf(x))}
}

// Day is the day of the month of a time in UTC, 1 to 31; see Year.
func Day[T, N any](x Measured[T, time.Time, N]) Value[T, int64, N] {
	return Value[T, int64, N]{call(FuncDay, nodeOf(x))}
}

// Hour is the hour of a time in UTC, 0 to 23; see Year.
func Hour[T, N any](x Measured[T, time.Time, N]) Value[T, int64, N] {
	return Value[T, int64, N]{call(FuncHour, nodeOf(x))}
}

// Minute is the minute of a time, 0 to 59; see Year.
func Minute[T, N any](x Measured[T, time.Time, N]) Value[T, int64, N] {
	return Value[T, int64, N]{call(FuncMinute, nodeOf(x))}
}

// Second is the second of a time, 0 to 59, without its fraction; see Year.
func Second[T, N any](x Measured[T, time.Time, N]) Value[T, int64, N] {
	return Value[T, int64, N]{call(FuncSecond, nodeOf(x))}
}

// Weekday is the day of the week of a time in UTC, 0 for Sunday to 6 for
// Saturday, as time.Weekday counts; see Year.
func Weekday[T, N any](x Measured[T, time.Time, N]) Value[T, int64, N] {
	return Value[T, int64, N]{call(FuncWeekday, nodeOf(x))}
}

// TruncYear is the time at which the year of x began, in UTC.
func TruncYear[T, R any](x Typed[T, time.Time, R]) Value[T, time.Time, R] {
	return Value[T, time.Time, R]{call(FuncTruncYear, nodeOf(x))}
}

// TruncMonth is the time at which the month of x began, in UTC.
func TruncMonth[T, R any](x Typed[T, time.Time, R]) Value[T, time.Time, R] {
	return Value[T, time.Time, R]{call(FuncTruncMonth, nodeOf(x))}
}

// TruncDay is the time at which the day of x began, in UTC.
func TruncDay[T, R any](x Typed[T, time.Time, R]) Value[T, time.Time, R] {
	return Value[T, time.Time, R]{call(FuncTruncDay, nodeOf(x))}
}

// TruncHour is the time at which the hour of x began.
func TruncHour[T, R any](x Typed[T, time.Time, R]) Value[T, time.Time, R] {
	return Value[T, time.Time, R]{call(FuncTruncHour, nodeOf(x))}
}

// TruncMinute is the time at which the minute of x began.
func TruncMinute[T, R any](x Typed[T, time.Time, R]) Value[T, time.Time, R] {
	return Value[T, time.Time, R]{call(FuncTruncMinute, nodeOf(x))}
}

// AddDuration is the time d after x, or before it where d is negative. What d
// has below a microsecond is cut off towards zero, on every database, as times are
// stored in microseconds.
func AddDuration[T, R any](x Typed[T, time.Time, R], d time.Duration) Value[T, time.Time, R] {
	// A float64 tells microseconds apart up to 272 years; the twenty years that a
	// duration can have beyond that are exact to two.
	seconds := float64(d.Microseconds()) / 1e6
	return Value[T, time.Time, R]{call(FuncAddSeconds, nodeOf(x), &ParamNode{Value: seconds})}
}
