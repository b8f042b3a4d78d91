// Package corpus is the golden corpus of the query language: in testdata a folder a
// construct, and in it a file a case, which has the query as it is written in Go and,
// for each database, the statement and its arguments, or the error that refuses the
// query before any SQL.
//
//	-- query --
//	repo.SelectValue(expr.Add(Products.Stock, 1)).From(Products)
//
//	-- sqlite --
//	SELECT "products"."stock" + ? FROM "products"
//	$1 = int64(1)
//
//	-- postgres --
//	SELECT "products"."stock" + $1 FROM "products"
//	$1 = int64(1)
//
// To add a case, give it a name in the construct's cases, in the file of tests that
// has the construct, and run
//
//	go test ./internal/corpus -update
//
// which writes its file; then read what it wrote. The text under "query" is taken
// from the test's own source. built is a query that says its SQL, and sent is a call
// that sends statements: these are noted as the engine sends them.
//
// Each statement is prepared and run on the databases that are there: SQLite always,
// PostgreSQL where DORMER_TEST_POSTGRES has the URL of a server. Without a server the
// text of built queries is compared all the same, and -update leaves what sent cases
// have of PostgreSQL as it is.
//
// A case without a file fails, as does a file without a case, and so does an exported
// function of the query language that no case uses.
package corpus
