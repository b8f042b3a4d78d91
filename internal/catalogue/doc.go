// Package catalogue is what the dialects share where they read a database's own
// description of itself.
package catalogue
