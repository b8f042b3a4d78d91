package main

func main() {
	where(Users.Name.Eq(5)) // want `cannot use 5 .untyped int constant. as string value in argument to Users.Name.Eq`
}
