// Package arrows holds the test that imports between Dormer's packages go one
// way only, and that library packages link no driver.
package arrows
