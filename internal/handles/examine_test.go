package handles

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhatNoHandleCanBeGivenTo has each of these packages refused, with the place
// and what to do, and no file written.
func TestWhatNoHandleCanBeGivenTo(t *testing.T) {
	dir := workspace(t)
	const header = "package p\n\nimport (\n\t\"github.com/dormer-orm/dormer/expr\"\n\t\"github.com/dormer-orm/dormer/schema\"\n)\n\nvar _ expr.Node\nvar _ schema.Kind\n\n"
	for name, c := range map[string]struct {
		text  string
		types []string
		want  string
	}{
		"no column":      {"package p\n\n//dormer:entity\ntype A struct {\n\tID int64\n\tC chan int\n}\n", nil, `nocolumn/m.go:6: A.C: type chan int is no column: use a type that Dormer knows, one with Scan and Value, schema.JSON[…], or tag it db:"-"`},
		"undefined":      {"package p\n\n//dormer:entity\ntype A struct {\n\tID Key\n}\n", nil, "undefined/m.go:5: A.ID: its type does not compile: undefined: Key"},
		"one name":       {"package p\n\ntype B struct{ ID int }\n\n//dormer:entity\ntype A struct {\n\tID int64\n\tB\n}\n", nil, "A.ID and A.B.ID have one name"},
		"generic":        {"package p\n\n//dormer:entity\ntype A[V any] struct{ ID V }\n", nil, "has type parameters"},
		"no struct":      {"package p\n\n//dormer:entity\ntype A int\n", nil, "generic/m.go:4: A is no struct"},
		"no type":        {"package p\n\ntype A struct{ ID int }\n", []string{"Z"}, "no package of notype has a type Z"},
		"syntax":         {"package p\n\ntype A struct {\n", nil, "m.go:3:17: expected '}'"},
		"embedded":       {header + "type base[E any] struct {\n\tschema.Table[E]\n\tID expr.Column[E, int]\n}\n\ntype A struct{ ID int64 }\n\ntype as struct{ base[A] }\n", nil, "handle ID of as stands in an embedded struct: correct it there"},
		"define unknown": {header + "var X = schema.Define(\"x\", func(t *xs) {})\n", nil, "say of which entity they are to be, schema.Define[Entity, xs](…)"},
		"import":         {"package p\n\nimport \"example.org/m/none\"\n\n//dormer:entity\ntype A struct{ ID none.T }\n", nil, "A.ID: its type does not compile"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := strings.ReplaceAll(name, " ", "")
			write(t, filepath.Join(dir, folder, "m.go"), c.text)
			want := strings.ReplaceAll(c.want, "generic/m.go", folder+"/m.go")
			r, err := Examine(context.Background(), dir, []string{folder}, c.types)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %+v, %v; want an error with %q", r, err, want)
			}
		})
	}
	list, err := filepath.Glob(filepath.Join(dir, "*", "*_handles.go"))
	if err != nil || len(list) > 0 {
		t.Errorf("written: %v %v", list, err)
	}
}

func TestNothingToDo(t *testing.T) {
	dir := workspace(t)
	if _, err := Examine(context.Background(), dir, nil, nil); err == nil || !strings.Contains(err.Error(), "no Go files in ") {
		t.Error(err)
	}
	write(t, filepath.Join(dir, "a", "a.go"), "package a\n\ntype A struct{ ID int }\n")
	r, err := Examine(context.Background(), dir, []string{"./..."}, nil)
	must(t, err)
	if r.Entities != 0 || len(r.Drift) != 0 || len(r.Files) != 0 {
		t.Errorf("%+v", r)
	}
	if r, err = Examine(context.Background(), dir, []string{"none"}, nil); err == nil {
		t.Errorf("%+v", r)
	}
}

// A file of the name that is no part of the package is left alone.
func TestAFileInTheWay(t *testing.T) {
	dir := workspace(t)
	write(t, filepath.Join(dir, "a", "a.go"), "package a\n\n//dormer:entity\ntype A struct{ ID int }\n")
	write(t, filepath.Join(dir, "a", "a_handles.go"), "//go:build never\n\npackage a\n")
	_, err := Examine(context.Background(), dir, []string{"a"}, nil)
	if err == nil || !strings.Contains(err.Error(), "a/a.go:4: entity A: a_handles.go is there, but no part of the package") {
		t.Error(err)
	}
}

// A handle more in the model is a handle more in the file that has been written.
func TestALaterField(t *testing.T) {
	dir := workspace(t)
	path := filepath.Join(dir, "a", "a.go")
	write(t, path, "package a\n\n//dormer:entity\ntype A struct {\n\tID int\n}\n")
	step := func(drift int) string {
		t.Helper()
		r, err := Examine(context.Background(), dir, []string{"a"}, nil)
		must(t, err)
		must(t, r.Write())
		if len(r.Drift) != drift {
			t.Errorf("drift: %q", r.Drift)
		}
		text, err := os.ReadFile(filepath.Join(dir, "a", "a_handles.go"))
		must(t, err)
		return string(text)
	}
	step(1)
	write(t, path, "package a\n\nimport \"time\"\n\n//dormer:entity\ntype A struct {\n\tAt *time.Time\n\tID int\n\tName string\n}\n\n//dormer:entity\ntype B struct{ ID int }\n")
	text := step(3)
	for _, want := range []string{"\t\"time\"\n", "schema.Table[A]\n\tAt   expr.Nullable[A, time.Time]\n\tID   expr.Column[A, int]\n\tName expr.Column[A, string]\n", "var Bs = "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	step(0)
	write(t, path, "package a\n\n//dormer:entity\ntype A struct {\n\tID int\n\tName string\n}\n\n//dormer:entity\ntype B struct{ ID int }\n")
	if text = step(1); strings.Contains(text, "time") {
		t.Errorf("still there:\n%s", text)
	}
	if out, err := run(t, dir, "vet", "./a"); err != nil {
		t.Error(out)
	}
}

// Structs on one line, comments of a group, and several tables of one entity.
func TestOtherShapes(t *testing.T) {
	dir := workspace(t)
	write(t, filepath.Join(dir, "a", "a.go"), `package a

import (
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

// Of the group.
//
//dormer:entity
type (
	A struct { ID int; Name string }
	//dormer:entity
	B struct { ID int }
)

type as struct { schema.Table[A]; Gone expr.Column[A, int]; ID expr.Column[A, string] }

type olds struct { schema.Table[A]; ID expr.Column[A, int] }

var As, Olds = schema.Define("as", func(t *as) { schema.Column(t.ID).PrimaryKey() }), schema.Define("olds", func(t *olds) { schema.Column(t.ID).PrimaryKey() })
`)
	r, err := Examine(context.Background(), dir, []string{"a"}, nil)
	must(t, err)
	if r.Entities != 2 || len(r.Drift) != 5 {
		t.Errorf("%d entities, %q", r.Entities, r.Drift)
	}
	must(t, r.Write())
	text, err := os.ReadFile(filepath.Join(dir, "a", "a.go"))
	must(t, err)
	for _, want := range []string{
		"type as struct {\n\tschema.Table[A]\n\tID   expr.Column[A, int]\n\tName expr.Column[A, string]\n}",
		"type olds struct {\n\tschema.Table[A]\n\tID   expr.Column[A, int]\n\tName expr.Column[A, string]\n}",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if out, err := run(t, dir, "vet", "./a"); err != nil {
		t.Error(out)
	}
	again, err := Examine(context.Background(), dir, []string{"a"}, nil)
	must(t, err)
	if len(again.Drift)+len(again.Files) > 0 {
		t.Errorf("not idempotent: %q", again.Drift)
	}
}

// Types that the package cannot name have no handle, packages whose names are taken
// another name, and entities of other packages their tables there.
func TestTypesOfOtherPackages(t *testing.T) {
	dir := workspace(t)
	write(t, filepath.Join(dir, "b", "b.go"), "package b\n\ntype hidden string\n\ntype Mixin struct {\n\tCode hidden\n\tOpen string\n}\n\n//dormer:entity\ntype Owner struct{ ID int64 }\n")
	write(t, filepath.Join(dir, "a", "a.go"), `package a

import (
	clock "time"

	"example.org/m/b"
	"github.com/dormer-orm/dormer/rel"
)

var time = clock.Now()

type Thing struct {
	ID      int64
	At      clock.Time
	OwnerID int64
	Owner   rel.One[b.Owner]
	b.Mixin
}
`)
	for _, folder := range []string{"b", "a"} {
		r, err := Examine(context.Background(), dir, []string{folder}, nil)
		must(t, err)
		must(t, r.Write())
	}
	text, err := os.ReadFile(filepath.Join(dir, "a", "a_handles.go"))
	must(t, err)
	for _, want := range []string{
		"\ttimepkg \"time\"\n", "\tAt      expr.Column[Thing, timepkg.Time]\n", "\tOpen    expr.Column[Thing, string]\n", "\tOwner   rel.ToOne[Thing, b.Owner]\n",
		"\tschema.Column(t.OwnerID).References(b.Owners.ID)\n\trel.Via(t.Owner, t.OwnerID)\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "Code") {
		t.Errorf("a handle that nothing can name:\n%s", text)
	}
	if out, err := run(t, dir, "vet", "./a", "./b"); err != nil {
		t.Error(out)
	}
	again, err := Examine(context.Background(), dir, []string{"a", "b"}, nil)
	must(t, err)
	if len(again.Drift)+len(again.Files) > 0 {
		t.Errorf("not idempotent: %q", again.Drift)
	}
}

func ExampleExamine() {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string]string{
		"go.mod":  "module example.org/shop\n",
		"shop.go": "package shop\n\n//dormer:entity\ntype Item struct{ ID int64 }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			panic(err)
		}
	}
	r, err := Examine(context.Background(), dir, nil, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(r.Drift[0])
	for path := range r.Files {
		fmt.Println(filepath.Base(path))
	}
	// Output:
	// shop.go:4: entity Item has no handles: no struct embeds schema.Table[Item]
	// shop_handles.go
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"User": "Users", "Category": "Categories", "Day": "Days", "Box": "Boxes", "OrderLine": "OrderLines", "Person": "People",
		"SalesPerson": "SalesPeople", "person": "people", "URL": "URLs", "Bus": "Buses", "News": "News", "X": "Xs", "Ax": "Axes", "Y": "Ys", "Ökonom": "Ökonoms", "_": "_s",
	} {
		if got := plural(in); got != want {
			t.Errorf("plural of %s: got %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"OrderLines": "orderLines", "URLs": "urls", "HTTPPorts": "httpPorts", "users": "users", "ID": "id", "Xes": "xes"} {
		if got := lowered(in); got != want {
			t.Errorf("lowered %s: got %s, want %s", in, got, want)
		}
	}
	if got := varName("order_lines2 ärger"); got != "OrderLines2Ärger" {
		t.Error(got)
	}
}
