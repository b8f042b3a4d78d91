package main

func main() {
	var name string
	to(&name, Users.Email) // want `type expr.Nullable.User, string. of Users.Email does not match inferred type expr.Yields.string.`
}
