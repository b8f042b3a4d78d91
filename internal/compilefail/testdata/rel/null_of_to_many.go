package main

func main() {
	Users.Posts.IsNull() // want `Users.Posts.IsNull undefined`
}
