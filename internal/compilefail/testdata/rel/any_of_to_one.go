package main

func main() {
	Posts.Author.Any() // want `Posts.Author.Any undefined`
}
