package expr

import (
	"errors"
	"time"
)

// AddMonths is the time n months after x, in UTC, or before it where n is negative.
// A day that the month does not have becomes its last: a month after the 31st of
// January is the 28th or 29th of February. More than 120,000 months are an error
// when the statement is built; what leaves the years 1 to 9999 is the database's.
func AddMonths[T, R any](x Typed[T, time.Time, R], n int) Value[T, time.Time, R] {
	if n < -maxMonths || n > maxMonths {
		return Value[T, time.Time, R]{&ErrorNode{errors.New("expr: AddMonths or AddYears of more than ten thousand years")}}
	}
	return Value[T, time.Time, R]{call(FuncAddMonths, nodeOf(x), &ParamNode{Value: int64(n)})}
}

const maxMonths = 120_000

// AddYears is the time n years after x; a year after the 29th of February is the
// 28th. See AddMonths.
func AddYears[T, R any](x Typed[T, time.Time, R], n int) Value[T, time.Time, R] {
	if n < -maxMonths/12 || n > maxMonths/12 {
		n = maxMonths // which AddMonths refuses times twelve
	}
	return AddMonths(x, n*12)
}

// AddDays is the time n days of 24 hours after x, which in UTC all days have. More
// than four million days are an error when the statement is built.
func AddDays[T, R any](x Typed[T, time.Time, R], n int) Value[T, time.Time, R] {
	if n < -maxDays || n > maxDays {
		return Value[T, time.Time, R]{&ErrorNode{errors.New("expr: AddDays of more than four million days")}}
	}
	return Value[T, time.Time, R]{call(FuncAddSeconds, nodeOf(x), &ParamNode{Value: float64(n) * 86400})}
}

const maxDays = 4_000_000

// MicrosecondsSince is the time from t to x in microseconds, negative where x is
// the earlier: exact, since times are stored in microseconds. A row yields it as
// Year.
func MicrosecondsSince[T, N any](x Measured[T, time.Time, N], t time.Time) Value[T, int64, N] {
	n := nodeOf(x)
	return Value[T, int64, N]{call(FuncMicrosSince, n, param(n, t))}
}

// MicrosecondsSinceTo is the time from y to x in microseconds, NULL where one of
// them is; see MicrosecondsSince.
func MicrosecondsSinceTo[T any](x Scoped[T, time.Time], y Valued[time.Time]) Value[T, int64, *int64] {
	n := nodeOf(x)
	return Value[T, int64, *int64]{call(FuncMicrosSince, n, adopt(n, nodeOf(y)))}
}
