// Package compiletime holds the test that compiling a program of Dormer stays cheap.
// Methods of generic types are compiled anew for every entity, all of them, called or
// not: a body that grows in one of them grows in every program as often as that has
// entities. See docs/decisions/0015-compile-time.md.
package compiletime
