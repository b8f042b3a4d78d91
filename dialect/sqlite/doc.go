// Package sqlite is SQLite, version 3.39 and later (3.41 for lists of blobs). It
// works with the drivers of glebarez, modernc and mattn, and imports none.
//
// # Types
//
// Times are text in UTC with six digits of fraction, so that the order of texts
// is the order of times; uuids, decimals, JSON and arrays are text, enums text
// with a CHECK. Whole numbers divide to a whole number, cut off towards zero, as
// in Go; division by zero is NULL.
//
// # Patterns
//
// SQLite's LIKE disregards the case of ASCII letters, so it serves for the
// patterns that are to disregard case; those that are not become GLOB. Functions
// and patterns know the case of ASCII letters only.
package sqlite
