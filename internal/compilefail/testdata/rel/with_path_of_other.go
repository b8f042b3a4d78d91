package main

func main() {
	Users.Posts.With(Users.Groups.Limit(1)) // want `cannot use Users.Groups.Limit`
}
