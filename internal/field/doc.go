// Package field moves values between struct fields, snapshots and drivers:
// typed loads and stores built once per column, so that no reflection runs on
// any per-row path. All unsafe code of the library lives here, in unsafe.go.
package field
