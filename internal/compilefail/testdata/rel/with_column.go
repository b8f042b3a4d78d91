package main

func main() {
	Users.Posts.With(Posts.Title) // want `cannot use Posts.Title`
}
