// Package postgres is PostgreSQL: numbered placeholders, lists and bulk writes
// as one array parameter each, native enums, uuid, jsonb, timestamptz. It works
// with lib/pq and with pgx's database/sql driver, and imports neither.
//
// # Types
//
// Parameters whose type the statement does not tell (a branch of a CASE, an
// argument of coalesce) are cast to their column's type, or else to the type of
// their Go value. Whole numbers divide to a whole number, cut off towards zero,
// as in Go; division by zero is PostgreSQL's error.
package postgres
