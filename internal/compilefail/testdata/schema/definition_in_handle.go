package main

func main() {
	Users.Name.Size(100) // want `Users.Name.Size undefined`
}
