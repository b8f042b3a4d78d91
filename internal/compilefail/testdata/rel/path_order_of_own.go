package main

func main() {
	Users.Posts.Limit(3).OrderBy(Users.Name.Asc()) // want `cannot use Users.Name.Asc`
}
