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
		expr.BitXor(Users.Age, 1).Eq(2),
		expr.Greatest(Users.Age, 1, 2).Gt(3),
		expr.AddMonths(Users.CreatedAt, 1).LtTo(expr.Now()),
		expr.Tuple2(Users.ID, Users.Name).Gt(1, "a"),
		expr.JSON[int64](Users.Name, "a", 0).Eq(1),
		expr.FuncOf[float64]("similarity", Users.Name, expr.Val("x")).Gt(0.5),
	)
	var name string
	var email *string
	to(&name, Users.Name)
	to(&email, Users.Email)
	to(&name, expr.Coalesce(Users.Email, ""))
	to(&name, expr.Cast[string](Users.Age))
	to(&email, expr.Lag(Users.Name, 1).Over(expr.Window().PartitionBy(Users.Age).OrderBy(Users.ID.Desc())))
	to(&email, expr.StringAgg(Users.Email, ", ").OrderBy(Users.Age.Asc()).Filter(Users.Age.Gt(1)))
	var _ expr.Assign[User] = Users.Email.SetNull()
	var _ expr.Cond = expr.AllOf(Users.ID.Eq(1), expr.On(Posts.AuthorID, Users.ID), expr.Count(Posts.ID).Gt(3))
	var _ = expr.AddTo(Users.Bonus, expr.Optional(Users.Age))
	var _ = expr.Sum(Users.Age)
}
