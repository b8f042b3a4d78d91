package main

func main() {
	Users.Posts.Any(Users.Name.Eq("x")) // want `cannot use Users.Name.Eq`
}
