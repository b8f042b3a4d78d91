package main

func main() {
	Posts.Author.By(Posts.Title.Desc()) // want `cannot use Posts.Title.Desc`
}
