package builtsql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"

	"example.org/vetted/model"
)

var sums = []string{"age", "id"}

func lists(given []string, name string, n int) {
	cols := []string{"age", "id"}
	_ = expr.Raw[model.User](strings.Join(cols, "+")+" > ?", n)
	_ = expr.Raw[model.User](strings.Join(sums, "+")+" > ?", n)
	_ = expr.Raw[model.User](strings.Join(cols[1:], "+")+" > ?", n)
	var grown []string
	grown = append(grown, "age")
	for range n {
		grown = append(grown, cols...)
	}
	slices.Sort(grown)
	_ = expr.Raw[model.User](strings.Join(grown, "+")+" > ?", n)
	marks := make([]string, n)
	for i := range marks {
		marks[i] = "?"
	}
	_ = expr.Raw[model.User]("id IN (" + strings.Join(marks, ", ") + ")")
	_ = expr.Raw[model.User](strings.Join(slices.Clone(cols), "+")+" > ?", n)
	ways := map[string][]string{"a": {"age", "id"}}
	_ = expr.Raw[model.User](strings.Join(ways[name], "+")+" > ?", n)
	for _, way := range ways {
		_ = expr.Raw[model.User](strings.Join(way, "+")+" > ?", n)
		_ = expr.Raw[model.User](way[0]+" > ?", n)
	}
	fixed := [...]string{"age", "id"}
	_ = expr.Raw[model.User](strings.Join(fixed[:], "+")+" > ?", n)
	_ = expr.Raw[model.User](fixed[n]+" > ?", n)

	with := []string{"age", "id"}
	with = append(with, name)
	_ = expr.Raw[model.User](strings.Join(with, "+")) // want `built of strings.Join\(with, "\+"\)`
	for _, w := range with {
		_ = expr.Raw[model.User](w) // want `built of w`
	}
	set := []string{"age", "id"}
	set[0] = name
	_ = expr.Raw[model.User](strings.Join(set, "+"))                    // want `built of strings.Join\(set, "\+"\)`
	_ = expr.Raw[model.User](set[0])                                    // want `built of set\[0\]`
	_ = expr.Raw[model.User](strings.Join(given, "+"))                  // want `built of strings.Join\(given, "\+"\)`
	_ = expr.Raw[model.User](strings.Join(append(cols, given...), "+")) // want `built of`
	both := append([]string{"age"}, given...)
	_ = expr.Raw[model.User](strings.Join(both, "+")) // want `built of strings.Join\(both, "\+"\)`
	copied := make([]string, n)
	copy(copied, given)
	_ = expr.Raw[model.User](strings.Join(copied, "+")) // want `built of strings.Join\(copied, "\+"\)`
	given = append(given, "age")
	_ = expr.Raw[model.User](strings.Join(given, "+")) // want `built of strings.Join\(given, "\+"\)`
	other := map[string][]string{"a": given}
	_ = expr.Raw[model.User](strings.Join(other["a"], "+")) // want `built of strings.Join`
}

func waysOf(name string, given []string) {
	ways := map[string][]string{"a": {"age", "id"}}
	ways[name] = given
	_ = expr.Raw[model.User](strings.Join(ways[name], "+")) // want `built of strings.Join\(ways\[name\], "\+"\)`
	of := map[string]string{"a": "age > 1"}
	of["b"] = name
	_ = expr.Raw[model.User](of[name]) // want `built of of\[name\]`
}

func steps(name, param, op string, n int) {
	q := "id > 0"
	if n > 1 {
		q += " and name = '" + name + "'"
	}
	_ = expr.Raw[model.User](q) // want `built of name`
	text := "name = '$NAME'"
	_ = expr.Raw[model.User](strings.ReplaceAll(text, "$NAME", name))          // want `built of name`
	_ = expr.Raw[model.User](strings.Replace(text, "$NAME", name, 1))          // want `built of name`
	_ = expr.Raw[model.User](strings.NewReplacer("$NAME", name).Replace(text)) // want `built of`
	_ = expr.Raw[model.User](strings.NewReplacer("$NAME", "bob").Replace(text))
	_ = expr.Raw[model.User](strings.ReplaceAll(text, "$NAME", "bob"))
	param += " > 3"
	_ = expr.Raw[model.User](param) // want `built of param`
	own := "age"
	for range n {
		own += " + age"
		own = "(" + own + ")"
	}
	_ = expr.Raw[model.User](own+" > ?", n)
	switch op {
	case "lt":
		op = "<"
	default:
		op = ">"
	}
	_ = expr.Raw[model.User]("age "+op+" ?", n)
}

func statementSteps(ctx context.Context, db *engine.Engine, id int, name, column string) {
	q := "select id from users"
	_ = db.Select(ctx, &id, q)
	q += " where name = '" + name + "'"
	_ = db.Select(ctx, &id, q) // want `name is written into the text of Select`
	q = "select id from users"
	_ = db.Select(ctx, &id, q)
	if id > 0 {
		q = q + " where name = '" + name + "'"
	}
	q += " order by id"
	_ = db.Select(ctx, &id, q) // want `name is written into the text of Select`
	q = "select id from users where name = ?"
	q = fmt.Sprintf("%s and id = %d", q, id)
	_ = db.Select(ctx, &id, q, name) // want `id is written into the text of Select`
	text := "select id from users where name = '$NAME'"
	_ = db.Select(ctx, &id, strings.ReplaceAll(text, "$NAME", name))  // want `name is written into the text of Select`
	_ = db.Select(ctx, &id, strings.Replace(text, "$NAME", name, -1)) // want `name is written into the text of Select`

	sorted := "select id from users where name = ?"
	if column != "" {
		sorted += " order by " + column
	}
	for range id {
		sorted += " + 1"
	}
	_ = db.Select(ctx, &id, sorted, name)
	_ = db.Select(ctx, &id, strings.ReplaceAll("select $COLUMN from users", "$COLUMN", column))
}

func handle(ctx context.Context, db *engine.Engine, other interface {
	Exec(query string, args ...any)
}, id int, name, table string) {
	_, _ = db.DB().Exec("delete from users where name = '" + name + "'") // want `name is written into the text of Exec`
	pool := db.DB()
	_ = pool.GetContext(ctx, &id, "select id from users where name = '"+name+"'")    // want `name is written into the text of GetContext`
	_ = pool.QueryRowx(fmt.Sprintf("select id from users where id = %d", id))        // want `id is written into the text of QueryRowx`
	_, _ = pool.DB.QueryContext(ctx, "select id from users where name = '"+name+"'") // want `name is written into the text of QueryContext`
	_ = pool.MustExec("delete from " + table)
	_, _ = pool.Exec("delete from users where name = ?", name)
	other.Exec("delete from users where name = '" + name + "'") // nothing of Dormer's
}
