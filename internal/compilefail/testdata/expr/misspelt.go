package main

func main() {
	where(Users.Nmae.Eq("x")) // want `Users.Nmae undefined`
}
