package main

func main() {
	where(Users.ID.IsNull()) // want `Users.ID.IsNull undefined`
}
