package expr_test

import (
	"fmt"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/dormer-orm/dormer/expr"
)

func TestConditionsDoNotShareArguments(t *testing.T) {
	args := make([]expr.Expr[User], 1, 4)
	args[0] = Users.Age.Eq(1)
	base := expr.And(args...)
	left := expr.And(append(args, Users.Age.Eq(2))...)
	right := expr.And(append(args, Users.Age.Eq(3))...)
	args[0] = Users.Age.Eq(4)
	method := Users.Age.Eq(5).Or(args...)
	args[0] = Users.Age.Eq(6)
	for _, c := range []struct {
		got  expr.Any
		want string
	}{
		{base, "(and (= age 1~age))"},
		{left, "(and (= age 1~age) (= age 2~age))"},
		{right, "(and (= age 1~age) (= age 3~age))"},
		{method, "(or (= age 5~age) (= age 4~age))"},
	} {
		if got := describe(c.got); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestTreeOwnsItsValues(t *testing.T) {
	token, ids, raw := []byte("a"), []int64{1, 2}, []any{1}
	eq, set, in, inBytes := Users.Token.Eq(token), Users.Token.Set(token), Users.ID.In(ids...), Users.Token.In(token)
	text := expr.Raw[User]("id = ?", raw...)
	token[0], ids[0], raw[0] = 'b', 9, 9
	if got := expr.NodeOf(eq).(*expr.CompareNode).Right.(*expr.ParamNode).Value.([]byte); string(got) != "a" {
		t.Errorf("Eq holds %q", got)
	}
	if got := set.Clause().Value.(*expr.ParamNode).Value.([]byte); string(got) != "a" {
		t.Errorf("Set holds %q", got)
	}
	if got := expr.NodeOf(inBytes).(*expr.InNode).Values[0].([]byte); string(got) != "a" {
		t.Errorf("In holds %q", got)
	}
	if got := describe(in); got != "(in id int64(1)~id int64(2)~id)" {
		t.Errorf("In holds %s", got)
	}
	if got := describe(text); got != `raw("id = ?" [1])` {
		t.Errorf("Raw holds %s", got)
	}
}

func TestOrderIsAValue(t *testing.T) {
	o := Users.Name.Desc()
	last := o.NullsLast()
	if o.Term().Nulls != expr.NullsDefault || last.Term().Nulls != expr.NullsLast {
		t.Errorf("NullsLast changed its receiver: %v, %v", o.Term().Nulls, last.Term().Nulls)
	}
}

// Goroutines extend one condition and one CASE; under -race a shared backing
// array shows.
func TestConcurrentExtension(t *testing.T) {
	cond := expr.And(Users.Age.Eq(0), Users.Age.Eq(0))
	cases := expr.Case(cond, 0).When(cond, 0).When(cond, 0)
	const n = 8
	var conds, ends [n]string
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			for range 50 {
				conds[i] = describe(cond.And(Users.Age.Eq(i)))
				ends[i] = describe(cases.When(Users.Age.Eq(i), i).Else(i))
			}
		})
	}
	wg.Wait()
	head := describe(cond)
	for i := range n {
		if want := fmt.Sprintf("(and %s (= age %d~age))", head, i); conds[i] != want {
			t.Errorf("got %s, want %s", conds[i], want)
		}
		if want := fmt.Sprintf("->0 (= age %d~age)->%d else %d)", i, i, i); !strings.HasSuffix(ends[i], want) {
			t.Errorf("got %s, want …%s", ends[i], want)
		}
	}
	if got := strings.Count(describe(cases.End()), "->"); got != 3 {
		t.Errorf("the shared CASE has %d branches", got)
	}
}

func TestDescribeHandles(t *testing.T) {
	for _, c := range []struct {
		h        expr.Handle
		value    reflect.Type
		nullable bool
	}{
		{&Users.Name, reflect.TypeFor[string](), false},
		{&Users.Email, reflect.TypeFor[string](), true},
	} {
		entity, value, nullable := expr.Describe(c.h)
		if entity != reflect.TypeFor[User]() || value != c.value || nullable != c.nullable {
			t.Errorf("got %v %v %v", entity, value, nullable)
		}
	}
	if ref := new(users).Name.Ref(); ref != nil {
		t.Errorf("an unbound handle refers to %v", ref)
	}
	if Users.Name.Ref().Source != Users.Email.Ref().Source || Users.Name.Ref().ID == Users.Email.Ref().ID {
		t.Error("handles of one table must share the source and have columns of their own")
	}
}

// The language stands at the bottom of the house.
func TestImportsStandardLibraryOnly(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(string(out)); len(got) != 1 || !strings.HasSuffix(got[0], "/expr") {
		t.Errorf("expr depends on %v", got)
	}
}
