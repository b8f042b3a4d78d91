// Package vet has the checks of dormer vet: what is wrong in a program that uses
// Dormer, and compiles. A check says nothing where it is not sure: what is handed to
// another function, or comes from one, is taken to be right.
//
//	dormer vet ./...
//	go vet -vettool=$(which dormer) ./...
//
// Both are the same: the command runs the second, so that a package is checked by
// what the go command knows of it, and once until it changes.
package vet
