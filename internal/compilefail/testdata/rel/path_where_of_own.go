package main

func main() {
	Users.Posts.Where(Users.Name.Eq("x")) // want `cannot use Users.Name.Eq`
}
