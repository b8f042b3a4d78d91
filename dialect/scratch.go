package dialect

// Scratching is how tables are made for a trial, to be read back by Inspect as the
// database understands them.
type Scratching interface {
	// Scratch is a place of that name where tables are tried out.
	Scratch(name string) Scratch
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
