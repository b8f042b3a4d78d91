// Package compilefail proves what must not compile. Each folder of testdata is
// a model and programs over it: a line that ends in // want "regexp" has a type
// error that matches, all other lines have none, and a program without such a
// line compiles. It has no code of its own outside its test.
package compilefail
