package builtsql

import (
	"context"
	"fmt"
	"strings"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/uow"

	"example.org/vetted/model"
)

const age = "age"

func raw(name string, n int, columns []string) {
	_ = expr.Raw[model.User](fmt.Sprintf("age > %d", n)) // want `the text of expr.Raw is built of n, which can change what it says: write the text as a constant with a \? for each value, and pass the values as arguments`
	_ = expr.Raw[model.User]("name = '" + name + "'")    // want `built of name`
	_ = expr.Raw[model.User](name)                       // want `built of name`
	_ = expr.Raw[model.User](strings.Join(columns, "+")) // want `built of strings.Join\(columns, "\+"\)`
	text := "name = '"
	text += name
	_ = expr.Raw[model.User](text) // want `built of name`
	built := fmt.Sprintf("%s > %d", age, n)
	_ = expr.Raw[model.User](built) // want `built of n`

	_ = expr.Raw[model.User]("age > ?", n)
	_ = expr.Raw[model.User](age+" > ?", n)
	_ = expr.Raw[model.User](fmt.Sprintf("%s > ? AND %[1]s < %d AND 1 %% 2 = %v", age, 7, true), n)
	_ = expr.Raw[model.User]("age IN (" + strings.TrimSuffix(strings.Repeat("?, ", n), ", ") + ")")
	op := "<"
	if n > 3 {
		op = ">"
	}
	_ = expr.Raw[model.User]("age "+op+" ?", n)
	for _, c := range []string{"age", "id"} {
		_ = expr.Raw[model.User](c+" > ?", n)
	}
	orders := map[string]string{"a": "age > 1", "b": "age > 2"}
	_ = expr.Raw[model.User](orders[name])
	long := ""
	for range n {
		long = long + " ?"
		long += "+ ?"
	}
	_ = expr.Raw[model.User](long)
}

// handedOn binds what it is given.
func handedOn(sql string, args ...any) expr.Expr[model.User] {
	return expr.Raw[model.User](sql, args...)
}

func statements(ctx context.Context, db *engine.Engine, tx *uow.UnitOfWork, id int, name, who, table, column string, mark func() string) error {
	if _, err := db.Exec(ctx, fmt.Sprintf("DELETE FROM users WHERE id = %d", id)); err != nil { // want `id is written into the text of Exec, where it can change what the statement does: write a placeholder, and pass it as an argument`
		return err
	}
	if err := tx.Get(ctx, &id, fmt.Sprintf("SELECT id FROM %s WHERE name LIKE '%%%s%%'", table, name)); err != nil { // want `name is written into the text of Get`
		return err
	}
	q := "select id from users where name = '" + name + "'"
	if err := tx.Select(ctx, &id, q); err != nil { // want `name is written into the text of Select`
		return err
	}
	if _, err := db.NamedExec(ctx, "UPDATE users SET name = "+who, nil); err != nil { // want `who is written into the text of NamedExec`
		return err
	}
	_, _ = tx.Exec(ctx, "delete from us where name = "+name)                                       // want `name is written into the text of Exec`
	_, _ = tx.Exec(ctx, fmt.Sprintf("insert into us (name) values (%s)", who))                     // want `who is written into`
	_, _ = tx.Exec(ctx, fmt.Sprintf("insert into us (a, b) values (1, lower('x')), (?, %s)", who)) // want `who is written into`
	_, _ = tx.Exec(ctx, "delete from us where name in ("+name+")")                                 // want `name is written into`
	_, _ = tx.Exec(ctx, "delete from us where name in (?, "+who+")")                               // want `who is written into`
	_, _ = tx.Exec(ctx, "delete from us where name between "+name+" and ?")                        // want `name is written into`
	_, _ = tx.Exec(ctx, "delete from us where name between ? and "+name)                           // want `name is written into`
	_, _ = tx.Exec(ctx, "delete from us where name = lower("+name+")")                             // want `name is written into`
	_, _ = tx.Exec(ctx, "delete from us where lower("+column+") = ?", who)
	_, _ = tx.Exec(ctx, "insert into us ("+column+") values (?)", who)
	_, _ = tx.Exec(ctx, "update "+table+" set "+column+" = ? where a in (?) order by "+name, who)
	for _, text := range []string{
		fmt.Sprintf("SELECT %s FROM %s", column, table),
	} {
		if _, err := db.Exec(ctx, text); err != nil {
			return err
		}
	}
	for range 2 {
		_, _ = db.Exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s = ?", table, column), id)
		_, _ = db.Exec(ctx, fmt.Sprintf("CREATE TABLE %s (name TEXT DEFAULT '%s')", table, name))
		_, _ = db.Exec(ctx, fmt.Sprintf("DELETE FROM users WHERE id = %s.id", table))
		_, _ = db.Exec(ctx, fmt.Sprintf("DELETE FROM users WHERE id = %s", mark()), id)
		_, _ = db.Exec(ctx, fmt.Sprintf("DELETE FROM users WHERE id = $%d", 1+id), id)
		_, _ = db.Exec(ctx, fmt.Sprintf("DELETE FROM users WHERE id = %d", 7))
		_, _ = db.Exec(ctx, table, id)
	}
	return nil
}
