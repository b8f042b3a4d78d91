package main

func main() {
	Users.Posts.With(Users.Posts) // want `cannot use Users.Posts`
}
