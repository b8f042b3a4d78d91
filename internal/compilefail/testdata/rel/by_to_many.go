package main

func main() {
	Users.Posts.By(Posts.Title.Desc()) // want `Users.Posts.By undefined`
}
