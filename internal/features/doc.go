// Package features holds the test that docs/features.md and docs/differences.md
// name only tests that exist.
package features
