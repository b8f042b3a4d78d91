package main

func main() {
	Users.Posts.None(Groups.Name.Eq("x")) // want `cannot use Groups.Name.Eq`
}
