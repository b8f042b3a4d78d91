// Package features holds the test that docs/features.md names only tests that
// exist.
package features
