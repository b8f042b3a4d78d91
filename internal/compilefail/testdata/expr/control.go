package main

import "github.com/dormer-orm/dormer/expr"

func main() {
	where(
		Users.Name.Eq("Ann"),
		Users.Email.IsNull(),
		expr.IsNull(expr.Lower(Users.Email)),
		expr.Like(Users.Name, "x"),
		Users.Age.LtTo(expr.Add(Users.Age, 1)),
		expr.And(Users.ID.In(1, 2), Users.ID.Ne(3)),
		expr.Year(Users.CreatedAt).Eq(2026),
	)
	var name string
	var email *string
	to(&name, Users.Name)
	to(&email, Users.Email)
	to(&name, expr.Coalesce(Users.Email, ""))
	to(&name, expr.Cast[string](Users.Age))
	var _ expr.Assign[User] = Users.Email.SetNull()
	var _ expr.Cond = expr.AllOf(Users.ID.Eq(1), expr.On(Posts.AuthorID, Users.ID), expr.Count(Posts.ID).Gt(3))
	var _ = expr.AddTo(Users.Bonus, expr.Optional(Users.Age))
	var _ = expr.Sum(Users.Age)
}
