package main

func main() {
	var _ = Users.Name.SetNull() // want `Users.Name.SetNull undefined`
}
