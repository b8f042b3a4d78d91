package main

func main() {
	Users.Posts.Count(Users.Name.Eq("x")) // want `cannot use Users.Name.Eq`
}
