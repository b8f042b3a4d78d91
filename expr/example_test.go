package expr_test

import (
	"fmt"

	"github.com/dormer-orm/dormer/expr"
)

// Conditions are values: they can be kept, extended and shared.
func ExampleExpr() {
	adult := Users.Age.Ge(18)
	named := adult.And(expr.HasPrefix(expr.Lower(Users.Name), "a"))
	fmt.Println(describe(adult))
	fmt.Println(describe(named))
	// Output:
	// (>= age 18~age)
	// (and (>= age 18~age) (like/escape (lower name) "a%"))
}

func ExampleAnd() {
	fmt.Println(describe(expr.And(
		Users.Age.Between(18, 30),
		expr.Or(Users.Email.IsNull(), expr.Not(Users.ID.In(1, 2))),
	)))
	// Output: (and (between age 18~age 30~age) (or (null email) (not (in id int64(1)~id int64(2)~id))))
}

// No character of a prefix is special.
func ExampleHasPrefix() {
	fmt.Println(describe(expr.HasPrefix(Users.Name, "100%")))
	// Output: (like/escape name "100\\%%")
}

func ExampleEscapeLike() {
	fmt.Println(expr.EscapeLike("100%") + "_")
	// Output: 100\%_
}

// The types know that the result is never NULL.
func ExampleCoalesce() {
	x := expr.Coalesce(Users.Email, "none")
	fmt.Println(describe(x))
	fmt.Printf("%T\n", x)
	// Output:
	// (coalesce email "none"~email)
	// expr.Value[github.com/dormer-orm/dormer/expr_test.User,string,string]
}

func ExampleCase() {
	fmt.Println(describe(expr.Case(Users.Age.Lt(18), "minor").When(Users.Age.Lt(65), "adult").Else("senior")))
	// Output: (case (< age 18~age)->"minor" (< age 65~age)->"adult" else "senior")
}

func ExampleColumn_SetTo() {
	set := Users.Age.SetTo(expr.Add(Users.Age, 1)).Clause()
	fmt.Println(set.Column.Name, "=", show(set.Value))
	// Output: age = (+ age 1~age)
}

// A nil value is found before the database sees the statement.
func ExampleErrorNode() {
	fmt.Println(describe(Users.Token.Eq(nil)))
	// Output: (= token error(expr: nil []uint8 used as a value for column users.token: a comparison with NULL is never true; use IsNull or IsNotNull, and SetNull to assign it))
}
