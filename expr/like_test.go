package expr_test

import (
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/expr"
)

// matchLike is LIKE as the databases define it, with a backslash as escape.
func matchLike(pattern, text string) bool {
	if pattern == "" {
		return text == ""
	}
	switch pattern[0] {
	case '%':
		for i := 0; i <= len(text); i++ {
			if matchLike(pattern[1:], text[i:]) {
				return true
			}
		}
		return false
	case '_':
		return text != "" && matchLike(pattern[1:], text[1:])
	case '\\':
		if len(pattern) == 1 {
			return false
		}
		pattern = pattern[1:]
	}
	return text != "" && text[0] == pattern[0] && matchLike(pattern[1:], text[1:])
}

func FuzzPatternsAreLiteral(f *testing.F) {
	for _, s := range []string{"", "a", "50%", "_", `\`, `\\%_`, "ä%", "'; --", "\x00"} {
		f.Add(s, "x")
		f.Add(s, s)
		f.Add("x%", s)
	}
	f.Fuzz(func(t *testing.T, part, text string) {
		if len(part)+len(text) > 64 {
			return // the matcher above backtracks
		}
		for _, c := range []struct {
			name string
			x    expr.Expr[User]
			want bool
		}{
			{"Like(EscapeLike)", expr.Like(Users.Name, expr.EscapeLike(part)), text == part},
			{"HasPrefix", expr.HasPrefix(Users.Name, part), strings.HasPrefix(text, part)},
			{"HasSuffix", expr.HasSuffix(Users.Name, part), strings.HasSuffix(text, part)},
			{"Contains", expr.Contains(Users.Name, part), strings.Contains(text, part)},
		} {
			n, ok := expr.NodeOf(c.x).(*expr.LikeNode)
			if !ok {
				t.Fatalf("%s of %q: %s", c.name, part, describe(c.x))
			}
			pattern := n.Pattern.(*expr.ParamNode).Value.(string)
			if got := matchLike(pattern, text); got != c.want {
				t.Errorf("%s of %q: pattern %q on %q is %v, want %v", c.name, part, pattern, text, got, c.want)
			}
		}
	})
}
