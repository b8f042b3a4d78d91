// Package semantics lists what the unit of work promises, one testable statement
// a number, with the test that shows it. S-numbers are behaviour that Dormer
// shares with the unit of work it learned from, D-numbers defects of that one
// which Dormer does not have. The tests are methods of package suite, which runs
// on every database; this package's own test fails for a statement without a
// test, for a test that asserts nothing, and for a database left out.
package semantics
