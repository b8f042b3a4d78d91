package main

func main() {
	Posts.Author.Is(Posts.Title.Eq("x")) // want `cannot use Posts.Title.Eq`
}
