package main

func main() {
	where(Posts.Title.Eq("x")) // want `cannot use Posts.Title.Eq.* as expr.Expr.User. value`
}
