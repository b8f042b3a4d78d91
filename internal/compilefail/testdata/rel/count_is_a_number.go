package main

func main() {
	Users.Posts.Count().Gt("3") // want `cannot use "3"`
}
