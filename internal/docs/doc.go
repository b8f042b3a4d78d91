// Package docs holds the tests that the pages under docs/ and the README say
// what is so: every Go line of theirs is a line of a test here or of an example,
// every test that they name exists, and every row of the table of states is run.
package docs
