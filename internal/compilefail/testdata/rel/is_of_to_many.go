package main

func main() {
	Users.Posts.Is() // want `Users.Posts.Is undefined`
}
