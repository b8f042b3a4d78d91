package main

func main() {
	where(Users.Age.LtTo(Users.Name)) // want `cannot use Users.Name .* as expr.Valued.int. value in argument to Users.Age.LtTo`
}
