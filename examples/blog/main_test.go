package main

import "context"

func Example() {
	if err := run(context.Background()); err != nil {
		panic(err)
	}
	// Output:
	// added Ann with key 1
	// Anna: "Hello again"
	// Anna: "Hello"
}
