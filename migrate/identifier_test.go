package migrate

import (
	"testing"

	"github.com/dormer-orm/dormer/schema"
)

func TestRenameIn(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"age > 0", `"years" > 0`},
		{`"age" > 0 AND wage > 'age'`, `"years" > 0 AND wage > 'age'`},
		{"[age] > 0 -- age\n+ AGE", "\"years\" > 0 -- age\n+ \"years\""},
		{"/* age */ `age`", `/* age */ "years"`},
		{"x = ANY (ARRAY[age, 2]) AND t[age] = 1", `x = ANY (ARRAY["years", 2]) AND t["years"] = 1`},
		{"1age + 'it''s age' + age", `1age + 'it''s age' + "years"`},
		{"'age", "'age"},
		{"age", `"years"`},
		{"", ""},
	} {
		if got := renameIn(c.sql, "age", "years"); got != c.want {
			t.Errorf("renameIn(%q) = %q, want %q", c.sql, got, c.want)
		}
	}
}

func TestMentions(t *testing.T) {
	for sql, want := range map[string]bool{
		"age > 0": true, "'age' = x": false, `"age" IS NULL`: true, "wage > 0": false, "f(AGE)": true, "-- age": false,
	} {
		if got := mentions(schema.SQL(sql), "age"); got != want {
			t.Errorf("mentions(%q) = %v", sql, got)
		}
	}
	if mentions(nil, "age") {
		t.Error("nothing mentions a column")
	}
}
