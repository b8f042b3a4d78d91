package expr

// The canonical names of functions, as they stand in CallNode.Name. A compiler
// knows all of them or answers with an error that names the function and the
// dialect; FunctionNames lists them for its tests.
//
// An argument called param is a *ParamNode whose value has the Go type given;
// every other argument is any node. Where a database types a statement's
// parameters from their context alone (THEN and ELSE of a CASE, coalesce,
// nullif, a lone Val), the compiler casts by the Go type of ParamNode.Value.
// Unless said otherwise a function of NULL is NULL. Times are in UTC.
const (
	// FuncNow is now(): the time of the transaction or statement, UTC.
	FuncNow = "now"

	// FuncOptional is optional(x): x itself. It says that the reader of x can
	// hold NULL, for columns of an outer-joined source.
	FuncOptional = "optional"

	// FuncLower is lower(x): text in lower case.
	FuncLower = "lower"
	// FuncUpper is upper(x): text in upper case.
	FuncUpper = "upper"
	// FuncTrim is trim(x): text without spaces (U+0020) at both ends.
	FuncTrim = "trim"
	// FuncTrimLeft is ltrim(x): text without spaces at its beginning.
	FuncTrimLeft = "ltrim"
	// FuncTrimRight is rtrim(x): text without spaces at its end.
	FuncTrimRight = "rtrim"
	// FuncLength is length(x): int64, characters of a text, bytes of a []byte.
	FuncLength = "length"
	// FuncSubstr is substr(x, start, length): start and length are params of
	// int64; the first character is 1; start >= 1 and length >= 0 hold.
	FuncSubstr = "substr"
	// FuncReplace is replace(x, old, new): old and new are params of string;
	// old is not empty; all occurrences, with regard to case.
	FuncReplace = "replace"
	// FuncMatches is matches(x, pattern): a condition, true where the regular
	// expression, a param of string, matches a part of x, with regard to case.
	FuncMatches = "matches"
	// FuncPosition is position(x, part): int64, the character of x at which part, a
	// param of string, begins, from 1, and 0 where it does not stand in x.
	FuncPosition = "position"

	// FuncCoalesce is coalesce(x, y): x, or y where x is NULL.
	FuncCoalesce = "coalesce"
	// FuncNullIf is nullif(x, y): x, or NULL where x equals y.
	FuncNullIf = "nullif"

	// FuncAbs is abs(x): the absolute value, of x's type.
	FuncAbs = "abs"
	// FuncRound is round(x) or round(x, digits): to the nearest, halves away
	// from zero, of x's floating-point type; digits is a param of int64 >= 0.
	FuncRound = "round"
	// FuncFloor is floor(x): the largest whole number <= x, of x's type.
	FuncFloor = "floor"
	// FuncCeil is ceil(x): the smallest whole number >= x, of x's type.
	FuncCeil = "ceil"
	// FuncBitXor is bit_xor(x, y): the bits set in one of two whole numbers.
	FuncBitXor = "bit_xor"
	// FuncBitNot is bit_not(x): the bits not set, the sign included.
	FuncBitNot = "bit_not"
	// FuncShiftLeft is shift_left(x, n): in 64 bits; n is a param of int64, 0 to 63.
	FuncShiftLeft = "shift_left"
	// FuncShiftRight is shift_right(x, n): in 64 bits, keeping the sign; n is a
	// param of int64, 0 to 63.
	FuncShiftRight = "shift_right"
	// FuncGreatest is greatest(x, y, …): NULL where one of them is.
	FuncGreatest = "greatest"
	// FuncLeast is least(x, y, …): NULL where one of them is.
	FuncLeast = "least"

	// FuncArrayContains is array_contains(x, y): a condition, true where all
	// elements of the slice y, a param, are elements of x.
	FuncArrayContains = "array_contains"
	// FuncArrayOverlaps is array_overlaps(x, y): a condition, true where an element
	// of the slice y, a param, is one of x.
	FuncArrayOverlaps = "array_overlaps"
	// FuncArrayLength is array_length(x): int64.
	FuncArrayLength = "array_length"

	// FuncYear is year(x): int64.
	FuncYear = "year"
	// FuncMonth is month(x): int64, 1 to 12.
	FuncMonth = "month"
	// FuncDay is day(x): int64, 1 to 31.
	FuncDay = "day"
	// FuncHour is hour(x): int64, 0 to 23.
	FuncHour = "hour"
	// FuncMinute is minute(x): int64, 0 to 59.
	FuncMinute = "minute"
	// FuncSecond is second(x): int64, 0 to 59, the fraction cut off.
	FuncSecond = "second"
	// FuncWeekday is weekday(x): int64, 0 for Sunday to 6, as time.Weekday.
	FuncWeekday = "weekday"
	// FuncTruncYear is trunc_year(x): the time at which x's year began. Like
	// all trunc functions it gives a time in the form that columns store.
	FuncTruncYear = "trunc_year"
	// FuncTruncMonth is trunc_month(x): the time at which x's month began.
	FuncTruncMonth = "trunc_month"
	// FuncTruncDay is trunc_day(x): the time at which x's day began.
	FuncTruncDay = "trunc_day"
	// FuncTruncHour is trunc_hour(x): the time at which x's hour began.
	FuncTruncHour = "trunc_hour"
	// FuncTruncMinute is trunc_minute(x): the time at which x's minute began.
	FuncTruncMinute = "trunc_minute"
	// FuncAddSeconds is add_seconds(x, seconds): a time, in the form that
	// columns store; seconds is a param of float64, negative too, that counts
	// whole microseconds.
	FuncAddSeconds = "add_seconds"
	// FuncAddMonths is add_months(x, months): a time, in the form that columns
	// store; months is a param of int64, negative too. A day that the month lacks
	// becomes its last.
	FuncAddMonths = "add_months"
	// FuncMicrosSince is micros_since(x, y): int64, the microseconds from time y
	// to time x.
	FuncMicrosSince = "micros_since"
)

// FunctionNames returns the canonical names of all functions that this package
// puts into a CallNode. The slice is the caller's own.
func FunctionNames() []string {
	return []string{
		FuncNow, FuncOptional,
		FuncLower, FuncUpper, FuncTrim, FuncTrimLeft, FuncTrimRight, FuncLength,
		FuncSubstr, FuncReplace, FuncMatches, FuncPosition,
		FuncCoalesce, FuncNullIf,
		FuncAbs, FuncRound, FuncFloor, FuncCeil,
		FuncYear, FuncMonth, FuncDay, FuncHour, FuncMinute, FuncSecond, FuncWeekday,
		FuncTruncYear, FuncTruncMonth, FuncTruncDay, FuncTruncHour, FuncTruncMinute,
		FuncAddSeconds, FuncAddMonths, FuncMicrosSince,
		FuncBitXor, FuncBitNot, FuncShiftLeft, FuncShiftRight, FuncGreatest, FuncLeast,
		FuncArrayContains, FuncArrayOverlaps, FuncArrayLength,
	}
}

func call(name string, args ...Node) Node { return &CallNode{Name: name, Args: args} }
