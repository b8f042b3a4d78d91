package expr_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/dormer-orm/dormer/expr"
)

type Label string

type User struct {
	ID        int64
	Name      string
	Nick      Label
	Email     *string
	Age       int
	Limit     int
	Bonus     *int
	Score     float64
	Token     []byte
	CreatedAt time.Time
	SeenAt    *time.Time
}

type users struct {
	ID        expr.Column[User, int64]
	Name      expr.Column[User, string]
	Nick      expr.Column[User, Label]
	Email     expr.Nullable[User, string]
	Age       expr.Column[User, int]
	Limit     expr.Column[User, int]
	Bonus     expr.Nullable[User, int]
	Score     expr.Column[User, float64]
	Token     expr.Column[User, []byte]
	CreatedAt expr.Column[User, time.Time]
	SeenAt    expr.Nullable[User, time.Time]
}

type Post struct{ ID, AuthorID int64 }

type posts struct {
	ID       expr.Column[Post, int64]
	AuthorID expr.Column[Post, int64]
}

var (
	Users = bindUsers("")
	Posts = bindPosts()
)

func bindUsers(alias string) *users {
	u, s := &users{}, expr.NewSource("", "users", alias, nil)
	bind(s, "id", &u.ID)
	bind(s, "name", &u.Name)
	bind(s, "nick", &u.Nick)
	bind(s, "email", &u.Email)
	bind(s, "age", &u.Age)
	bind(s, "limit", &u.Limit)
	bind(s, "bonus", &u.Bonus)
	bind(s, "score", &u.Score)
	bind(s, "token", &u.Token)
	bind(s, "created_at", &u.CreatedAt)
	bind(s, "seen_at", &u.SeenAt)
	return u
}

func bindPosts() *posts {
	p, s := &posts{}, expr.NewSource("", "posts", "", nil)
	bind(s, "id", &p.ID)
	bind(s, "author_id", &p.AuthorID)
	return p
}

func bind(s *expr.Source, name string, h expr.Handle) {
	expr.Bind(h, expr.NewColumnRef(s, name, nil))
}

var (
	compareOps = [...]string{"=", "<>", "<", "<=", ">", ">=", "distinct", "not-distinct"}
	arithOps   = [...]string{"+", "-", "*", "/", "%", "||", "&", "|"}
)

// describe prints a tree: a column by its name (with a label if it is not of
// users), a value as %#v and, where it takes a column's stored form, ~column.
func describe(x expr.Any) string { return show(expr.NodeOf(x)) }

func show(n expr.Node) string {
	switch n := n.(type) {
	case nil:
		return "nil"
	case *expr.ColumnRef:
		return column(n)
	case *expr.ParamNode:
		return value(n.Value, n.Like)
	case *expr.ConstNode:
		return fmt.Sprintf("const(%v every=%v)", n.Value, n.Every)
	case *expr.CompareNode:
		return list(compareOps[n.Op], n.Left, n.Right)
	case *expr.BetweenNode:
		return list("between", n.X, n.Low, n.High)
	case *expr.InNode:
		s := not(n.Not) + "in " + show(n.X)
		for _, v := range n.Values {
			s += " " + value(v, n.Like)
		}
		for _, v := range n.Ints {
			s += " " + value(v, n.Like)
		}
		return "(" + s + ")"
	case *expr.LikeNode:
		name := not(n.Not) + "like"
		if n.Fold {
			name += "/fold"
		}
		if n.Escape {
			name += "/escape"
		}
		return list(name, n.X, n.Pattern)
	case *expr.NullNode:
		return list(not(n.Not)+"null", n.X)
	case *expr.LogicNode:
		if n.Or {
			return list("or", n.Args...)
		}
		return list("and", n.Args...)
	case *expr.NotNode:
		return list("not", n.X)
	case *expr.ArithNode:
		return list(arithOps[n.Op], n.Left, n.Right)
	case *expr.NegNode:
		return list("neg", n.X)
	case *expr.CallNode:
		return list(n.Name, n.Args...)
	case *expr.AggNode:
		if n.Arg == nil {
			return list(n.Name + "/agg")
		}
		return list(n.Name+"/agg", n.Arg)
	case *expr.CaseNode:
		s := "(case"
		for _, w := range n.When {
			s += " " + show(w.Cond) + "->" + show(w.Then)
		}
		return s + " else " + show(n.Else) + ")"
	case *expr.CastNode:
		return fmt.Sprintf("(cast %s %T)", show(n.X), n.To)
	case *expr.RawNode:
		return fmt.Sprintf("raw(%q %v)", n.SQL, n.Args)
	case *expr.ErrorNode:
		return "error(" + n.Err.Error() + ")"
	}
	return fmt.Sprintf("unknown %T", n)
}

func list(name string, args ...expr.Node) string {
	parts := []string{name}
	for _, a := range args {
		parts = append(parts, show(a))
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func value(v any, like *expr.ColumnRef) string {
	s := fmt.Sprintf("%#v", v)
	switch v := v.(type) {
	case int64:
		s = fmt.Sprintf("int64(%d)", v)
	case time.Time:
		s = v.Format(time.DateOnly)
	case Label:
		s = fmt.Sprintf("Label(%q)", string(v))
	}
	if like != nil {
		s += "~" + column(like)
	}
	return s
}

func column(r *expr.ColumnRef) string {
	if r.Source.Label() == "users" {
		return r.Name
	}
	return r.Source.Label() + "." + r.Name
}

func not(b bool) string {
	if b {
		return "not-"
	}
	return ""
}
