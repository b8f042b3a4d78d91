package dialect_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

func TestCompileErrors(t *testing.T) {
	people := schema.SourceOf(People)
	set := []expr.SetClause{People.Name.Set("x").Clause()}
	where := func(n expr.Node) expr.Statement {
		return &expr.SelectStmt{From: people, Where: n, Limit: -1, Offset: -1}
	}
	raw := func(sql string, args ...any) expr.Statement {
		return where(expr.NodeOf(expr.Raw[Person](sql, args...)))
	}
	for _, c := range []struct {
		name string
		stmt expr.Statement
		want string
	}{
		{"nil statement", nil, "unknown statement"},
		{"nil pointer", (*expr.SelectStmt)(nil), "nil statement"},
		{"zero expression", where(expr.NodeOf(expr.Expr[Person]{})), "zero Expr"},
		{"zero in and", where(expr.NodeOf(expr.And(People.Age.Eq(1), expr.Expr[Person]{}))), "zero Expr"},
		{"nil node", where(&expr.NotNode{}), "missing expression"},
		{"unbound column", where(expr.NodeOf(expr.Column[Person, int64]{}.Eq(1))), "not bound"},
		{"nil slice", where(expr.NodeOf(People.Data.Eq(nil))), "IsNull"},
		{"column of another table", where(expr.NodeOf(Teams.Title.Eq("x"))), "column title of teams: teams is not in FROM (people): join it"},
		{"column of an alias", where(expr.NodeOf(boss.Age.Eq(1))), "column age of boss: boss is not in FROM"},
		{"table instead of alias", &expr.SelectStmt{From: schema.SourceOf(boss), Where: expr.NodeOf(People.Age.Eq(1)), Limit: -1, Offset: -1}, "column age of people"},
		{"in a list of rows", where(&expr.RowInNode{Columns: []*expr.ColumnRef{People.ID.Ref(), Teams.Title.Ref()}, Values: [][]any{{int64(1)}, {"x"}}}), "not in FROM"},
		{"in an empty list of rows", where(&expr.RowInNode{Columns: []*expr.ColumnRef{People.ID.Ref(), Teams.Title.Ref()}}), "not in FROM"},
		{"rows of unequal length", where(&expr.RowInNode{Columns: []*expr.ColumnRef{People.ID.Ref(), People.Name.Ref()}, Values: [][]any{{int64(1)}, nil}}), "not a value for each column"},
		{"NULL in a row", where(&expr.RowInNode{Columns: []*expr.ColumnRef{People.ID.Ref(), People.Email.Ref()}, Values: [][]any{{int64(1)}, {nil}}}), "NULL in the list"},
		{"in an empty list too", where(expr.NodeOf(Teams.Title.In())), "not in FROM"},
		{"no from", &expr.SelectStmt{Columns: []expr.Node{People.Age.Ref()}, Limit: -1, Offset: -1}, "no FROM"},
		{"join twice", &expr.SelectStmt{From: people, Joins: []expr.JoinClause{{Kind: expr.CrossJoin, Source: people}}, Limit: -1, Offset: -1}, "schema.As"},
		{"join without condition", &expr.SelectStmt{From: people, Joins: []expr.JoinClause{{Source: schema.SourceOf(Teams)}}, Limit: -1, Offset: -1}, "without a condition"},
		{"cross join with one", &expr.SelectStmt{From: people, Joins: []expr.JoinClause{{Kind: expr.CrossJoin, Source: schema.SourceOf(Teams), On: expr.NodeOf(People.Age.Eq(1))}}, Limit: -1, Offset: -1}, "takes no condition"},
		{"join of nothing", &expr.SelectStmt{From: people, Joins: []expr.JoinClause{{}}, Limit: -1, Offset: -1}, "no table"},
		{"update without condition", &expr.UpdateStmt{Table: people, Set: set}, "expr.Every"},
		{"update by and of nothing", &expr.UpdateStmt{Table: people, Set: set, Where: expr.NodeOf(expr.And[Person]())}, "expr.Every"},
		{"update by or of nothing, nested", &expr.UpdateStmt{Table: people, Set: set, Where: expr.NodeOf(expr.And(People.Age.Eq(1), expr.Not(expr.Or[Person]())))}, "expr.Every"},
		{"update of nothing", &expr.UpdateStmt{Table: people, Where: expr.NodeOf(People.Age.Eq(1))}, "without an assignment"},
		{"update twice", &expr.UpdateStmt{Table: people, Set: append(set[:1:1], set...), Where: expr.NodeOf(People.Age.Eq(1))}, "assigned twice"},
		{"zero assignment", &expr.UpdateStmt{Table: people, Set: []expr.SetClause{{}}, Where: expr.NodeOf(People.Age.Eq(1))}, "zero assignment"},
		{"assignment to another table", &expr.UpdateStmt{Table: people, Set: []expr.SetClause{Teams.Title.Set("x").Clause()}, Where: expr.NodeOf(People.Age.Eq(1))}, "title of teams"},
		{"update of no table", &expr.UpdateStmt{Set: set}, "no table"},
		{"delete without condition", &expr.DeleteStmt{Table: people}, "expr.Every"},
		{"delete by and of nothing", &expr.DeleteStmt{Table: people, Where: expr.NodeOf(expr.And[Person]())}, "expr.Every"},
		{"delete of no table", &expr.DeleteStmt{}, "no table"},
		{"value too long", where(expr.NodeOf(People.Balance.Eq("1.234"))), "people.balance"},
		{"cast to a struct", where(expr.NodeOf(expr.IsNotNull(expr.CastNull[struct{}](People.Age)))), "CAST to Go type struct {} is not supported"},
		{"function name", where(&expr.CallNode{Name: "f(); --"}), "only letters"},
		{"NUL in a name", &expr.SelectStmt{From: expr.NewSource("", "a\x00b", "", nil), Limit: -1, Offset: -1}, "NUL"},
		{"raw, too few", raw("a = ?"), "1 placeholders and 0 arguments"},
		{"raw, too many", raw("a = '?'", 1), "0 placeholders and 1 arguments"},
		{"raw, empty", raw(" "), "empty"},
		{"raw, NUL", raw("a\x00"), "NUL"},
		{"raw, open quote", raw("a = 'x"), "inside a quote"},
		{"raw, open comment", raw("a /* x"), "inside a quote or comment"},
		{"raw, open dollar quote", raw("a = $x$ y"), "inside a quote"},
		{"raw, numbered", raw("a = ?1", 1), "numbered placeholder"},
	} {
		for _, d := range dialects {
			got, err := dialect.Compile(d, c.stmt)
			if err == nil || got.SQL != "" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: %q, %v; want an error with %q", c.name, d.Name(), got.SQL, err, c.want)
			}
			if _, cerr := dialect.NewCache(d, 0).Compile(c.stmt); err != nil && (cerr == nil || cerr.Error() != err.Error()) {
				t.Errorf("%s, %s: the cache gives %v", c.name, d.Name(), cerr)
			}
		}
	}
}

func TestUnsupported(t *testing.T) {
	people := schema.SourceOf(People)
	sel := func(n expr.Node) *expr.SelectStmt {
		return &expr.SelectStmt{Columns: []expr.Node{n}, From: people, Limit: -1, Offset: -1}
	}
	for _, c := range []struct {
		d    dialect.Dialect
		stmt expr.Statement
		what string
	}{
		{sqlite.New(), sel(expr.NodeOf(expr.Matches(People.Name, "^a"))), "regular expression"},
		{sqlite.New(), sel(&expr.LikeNode{X: People.Name.Ref(), Pattern: People.Email.Ref(), Escape: true}), "LIKE"},
		{postgres.New(), &expr.SelectStmt{Distinct: true, From: people, Lock: expr.LockUpdate, Limit: -1, Offset: -1}, "row lock"},
	} {
		_, err := dialect.Compile(c.d, c.stmt)
		var u *dialect.UnsupportedError
		if !errors.As(err, &u) || !errors.Is(err, dialect.ErrUnsupported) || !strings.Contains(u.Construct, c.what) || u.Dialect != c.d.Name() {
			t.Errorf("%v is no UnsupportedError of %s about %s", err, c.d.Name(), c.what)
		}
	}
}

func TestRaw(t *testing.T) {
	for in, want := range map[string]string{
		"a ?? b = ?":                    `a ? b = $1`,
		`"a?" = ? AND '?''?' <> ?`:      `"a?" = $1 AND '?''?' <> $2`,
		`E'\'?' = ?`:                    `E'\'?' = $1`,
		`e'\\' = ? OR x'?' = 'a\' || ?`: `e'\\' = $1 OR x'?' = 'a\' || $2`,
		"$$ ? $$ = ? AND $a$ ? $$ $a$":  "$$ ? $$ = $1 AND $a$ ? $$ $a$",
		"a$b = ? AND $1 = ?":            "a$b = $1 AND $1 = $2",
		"a /* ? /* ? */ ? */ = ?":       "a /* ? /* ? */ ? */ = $1",
		"a -- ?\n = ?":                  "a -- ?\n = $1",
		"a - - ? / ? /b":                "a - - $1 / $2 /b",
	} {
		args := make([]any, strings.Count(want, "$1")/1+strings.Count(want, "$2"))
		if in == "a$b = ? AND $1 = ?" {
			args = args[:2]
		}
		for i := range args {
			args[i] = i
		}
		got, err := dialect.Compile(postgres.New(), &expr.SelectStmt{Columns: []expr.Node{&expr.RawNode{SQL: in, Args: args}}, Limit: -1, Offset: -1})
		if err != nil || got.SQL != "SELECT "+want {
			t.Errorf("%s became %s, %v; want %s", in, got.SQL, err, want)
		}
	}
}
