package migrate

import "testing"

func TestCanonicalText(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{`price > 0`, `( "price">0 )`, true},
		{`((a) + (b))`, `(a) + (b)`, true},
		{`(a) + (b)`, `a) + (b`, false},
		{`LOWER(Name)`, `lower("name")`, true},
		{`current_date > a`, `"current_date" > a`, false},
		{`NULL IS a`, `"null" IS a`, false},
		{`"Name"`, `name`, false},
		{"`a b` = [c]", `"a b"=c`, true},
		{`x = 'A'`, `x = 'a'`, false},
		{`x = 'a  b'`, `x = 'a b'`, false},
		{`x = 'it''s' -- why`, `x = 'it''s'`, true},
		{`x /* c */ != 1`, `x <> 1`, true},
		{`x == 1`, `x = 1`, true},
		{`a-1`, `a - 1`, true},
		{`a[1]`, `a [ 1 ]`, true},
		{`E'a\'b'`, `e'a\'b'`, true},
		{`E'a\' || b'`, `E'a\'||b'`, false},
		{`1.50`, `1.5`, false},
		{`a.b`, `"a"."b"`, true},
		{`ab`, `a b`, false},
		{`"1a"`, `1a`, false},
		{`'('`, `(`, false},
	} {
		if got := canonical(c.a) == canonical(c.b); got != c.same {
			t.Errorf("%s and %s: same %v; canonical %s and %s", c.a, c.b, got, canonical(c.a), canonical(c.b))
		}
	}
}
