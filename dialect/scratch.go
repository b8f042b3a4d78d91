package dialect

// Scratching is how tables are made for a trial, to be read back by Inspect as the
// database understands them.
type Scratching interface {
	// Scratch is a place of that name where tables are tried out.
	Scratch(name string) Scratch
	// PlainCasts leaves out of an expression's tokens the casts that the database
	// puts into some of its spellings of an expression and not into others, without
	// a difference in meaning. Words are in lower case, signs are tokens each, and
	// text reports whether a token names a column of a type of text.
	PlainCasts(tokens []string, text func(column string) bool) []string
}

// Scratch is a place in the database where tables are made for a trial. Nothing of
// it is there before Open and after Close.
type Scratch struct {
	// Open makes it, Close takes it away, with all that is in it.
	Open, Close []string
	// Transaction: it lives in a transaction, which is rolled back in place of
	// Close.
	Transaction bool
	// Schema is that of tables made and read there.
	Schema string
}
