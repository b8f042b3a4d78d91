package main

func main() {
	where(Users.ID.In("1")) // want `cannot use .* .untyped string constant. as int64 value in argument to Users.ID.In`
}
