package main

func main() {
	Users.Groups.Any(Posts.Comments.Any()) // want `cannot use Posts.Comments.Any`
}
