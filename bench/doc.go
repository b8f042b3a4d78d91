// Package bench measures Dormer against database/sql code written by hand, on
// the same tables, with the same drivers and in the same process. It is a module
// of its own, so that what it needs is no dependency of the library.
//
// Times are told as ratios to the hand-written code, since those hold on any
// machine: each is the median of rounds in which both sides run in turn. Run
//
//	go run ./cmd/ratios
//
// for the table of all targets. SQLite runs in the process; PostgreSQL is
// measured where DORMER_BENCH_POSTGRES holds a database's URL, in which tables
// whose names begin with bench_ are made and dropped.
package bench
