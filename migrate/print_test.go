package migrate

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/schema"
)

type color string

// everything is an operation of each kind, with all that each part can say.
func everything() []Operation {
	var op Op
	op.CreateSchema("shop")
	op.CreateEnum("mood", "sad", "it's", `"so" \ so`)
	op.AlterEnum("mood", []string{"sad"}, []string{"sad", "ok"})
	op.CreateTable("shop.a",
		schema.Col("id", schema.BigInt()).Identity(),
		schema.Col("b", schema.Bool()).Default(true),
		schema.Col("i16", schema.SmallInt()).Default(int16(-3)),
		schema.Col("i32", schema.Int()).Default(5),
		schema.Col("i64", schema.BigInt()).Default(int64(1)<<40),
		schema.Col("f32", schema.Real()).Default(float32(0.1)),
		schema.Col("f64", schema.Double()).Default(2.0),
		schema.Col("s", schema.Varchar(50)).Nullable().Default("it's `so` \"quoted\"\n\\").Collate("C").Comment("a\ncomment"),
		schema.Col("enum", schema.EnumType("mood", "sad", "ok")).Default(color("sad")),
		schema.Col("text", schema.LongText()).Default(schema.SQL("upper('a')", "sqlite", "'A'")),
		schema.Col("bytes", schema.Bytes()).Default([]byte{1, 2, 255}),
		schema.Col("at", schema.Timestamp()).Default(time.Date(2026, 11, 22, 1, 2, 3, 4000, time.UTC)),
		schema.Col("uid", schema.UUID()).Default(uuid.MustParse("0190b6d0-0000-7000-8000-000000000001")),
		schema.Col("doc", schema.Document()).Default(schema.SQL("'{}'")),
		schema.Col("price", schema.Numeric(12, 2)).Default(decimal.RequireFromString("9.90")),
		schema.Col("list", schema.ArrayOf(schema.Varchar(10))),
		schema.Col("own", schema.CustomType("tsvector")),
		schema.Col("spelled", schema.Numeric(8, 0).Of("MONEY")),
		schema.Col("twice", schema.Int()).Computed(schema.SQL("i32 * 2"), true),
		schema.Col("thrice", schema.Int()).Computed(schema.SQL("i32 * 3"), false),
		schema.Key("id", "b"),
		schema.UniqueKey("uq_a", "s", "b"),
		schema.CheckThat("ck_a", schema.SQL("i32 > 0")),
		schema.Reference("fk_self", []string{"i64"}, "a", []string{"id"}).Schema("shop").OnDelete(schema.SetNull).OnUpdate(schema.Cascade).Deferrable(),
		schema.Reference("fk_other", []string{"i64", "b"}, "o", []string{"x", "y"}).OnDelete(schema.Restrict).OnUpdate(schema.SetDefault),
		schema.IndexOn("ix_a", "s", "b").Then("i32", true, expr.NullsLast).ThenBy(schema.SQL("lower(s)"), false, expr.NullsFirst).
			Unique().Where(schema.SQL("b", "sqlite", "b = 1")).Include("f64").Method("btree"),
		schema.TableComment("all there is"), schema.WithOptions("STRICT"))
	op.CreateTable("bare")
	op.DropTable("gone")
	op.DropTable("gone", schema.WithOptions(""))
	op.DropTable("shop.gone", schema.Col("id", schema.Int()), schema.Key("id"))
	op.RenameTable("shop.a", "b")
	op.RenameTable(".with.point", "a.b")
	op.CommentTable("a", "", "new")
	op.AddColumn("shop.a", schema.Col("n", schema.Int()).Nullable())
	op.AddColumn("a", schema.Col("m", schema.Int())).Backfill(7)
	op.AddColumn("a", schema.Col("m", schema.Numeric(4, 2))).Backfill(decimal.New(15, -1))
	op.DropColumn("a", "n")
	op.DropColumn("a", "n", schema.Col("n", schema.Int()))
	op.RenameColumn("a", "x", "y")
	op.AlterColumn("a", schema.Col("n", schema.Int()).Nullable(), schema.Col("n", schema.LongText())).Using(schema.SQL("n::text", "sqlite", "CAST(n AS TEXT)"))
	op.AlterColumn("a", schema.Col("n", schema.Int()).Nullable(), schema.Col("n", schema.Int())).Backfill(schema.SQL("1 + 1"))
	op.CreateIndex("shop.a", schema.IndexOn("ix", "n")).Concurrently()
	op.CreateIndex("a", schema.IndexOn("ix2").Then("n", true, expr.NullsDefault).Then("m", false, expr.NullsDefault))
	op.DropIndex("a", "ix").Concurrently()
	op.DropIndex("a", "ix", schema.IndexOn("ix").ThenBy(schema.SQL("n + 1"), true, expr.NullsDefault))
	op.RenameIndex("a", "ix", "iy")
	op.AddPrimaryKey("a", "x", "y")
	op.AddUnique("shop.a", "uq", "x", "y")
	op.AddCheck("a", "ck", schema.SQL("x > 'a'"))
	op.AddForeignKey("shop.a", schema.Reference("fk", []string{"x"}, "b", []string{"y"}).Schema("shop"))
	op.DropPrimaryKey("a")
	op.DropPrimaryKey("a", "x", "y")
	op.Add(DropConstraint{Table: Table{"shop", "a"}, Kind: schema.PrimaryKeyConstraint, Name: "pk",
		Was: AddPrimaryKey{Table{"shop", "a"}, []string{"x"}}})
	op.DropUnique("a", "uq")
	op.DropUnique("a", "uq", "x", "y")
	op.DropCheck("a", "ck")
	op.DropCheck("a", "ck", schema.SQL("x > 'a'"))
	op.DropForeignKey("a", "fk")
	op.DropForeignKey("shop.a", "fk", schema.Reference("fk", []string{"x"}, "b", []string{"y"}))
	op.RenameConstraint("a", "x", "y")
	op.Exec("SELECT 1")
	op.Exec("SELECT 1", "sqlite", "", "postgres", "SELECT\n2")
	op.Run(nil)
	op.DropEnum("mood", "sad")
	op.DropSchema("shop")
	return op.Operations()
}

// The source that printOps writes, compiled and run in a module of its own, makes
// operations that print as the same source.
func TestPrintedSourceMakesTheSameOperations(t *testing.T) {
	want, err := printOps(everything())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := printOps(everything()); err != nil || again != want {
		t.Fatalf("the same operations print in another way: %v\n%s", err, again)
	}
	if got := runPrinted(t, want); got != want {
		t.Errorf("printed first:\n%s\nprinted by what that makes:\n%s", want, got)
	}
}

// runPrinted compiles printed source against this package, which lends it printOps
// through an overlay, and returns what the operations made print as.
func runPrinted(t *testing.T, source string) string {
	t.Helper()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	root := filepath.Dir(here)
	gomod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	gosum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	_, requires, _ := strings.Cut(string(gomod), "\n") // the same versions
	overlay, _ := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(here, "lent.go"): filepath.Join(dir, "lent.txt"),
	}})
	for name, text := range map[string]string{
		"go.mod": "module printed\n" + requires + "\nrequire github.com/dormer-orm/dormer v0.0.0\nreplace github.com/dormer-orm/dormer => " + root + "\n",
		"go.sum": string(gosum),
		"main.go": "package main\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/dormer-orm/dormer/expr\"\n\t\"github.com/dormer-orm/dormer/migrate\"\n\t\"github.com/dormer-orm/dormer/schema\"\n)\n\n" +
			"var (\n\t_ = expr.NullsFirst\n\t_ = schema.Bool\n)\n\nfunc main() {\n\top := &migrate.Op{}\n" + source +
			"\n\ts, err := migrate.PrintOps(op.Operations())\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\tfmt.Print(s)\n}\n",
		"lent.txt":     "package migrate\n\nvar PrintOps = printOps\n",
		"overlay.json": string(overlay),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "run", "-mod=mod", "-overlay=overlay.json", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY=off")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, stderr.String(), source)
	}
	return string(out)
}

func TestPrintRefusesWhatItCannotSay(t *testing.T) {
	for _, o := range []Operation{
		RenameTable{Table{"a.b", "c"}, "d"},
		CreateTable{schema.NewTable("t", schema.Col("c", schema.Type{}))},
		AddCheck{Table{"", "t"}, &schema.CheckDef{Name: "ck", Cond: &expr.ErrorNode{Err: os.ErrInvalid}}},
		DropConstraint{Table: Table{"", "t"}, Name: "x"},
	} {
		if s, err := printOps([]Operation{o}); err == nil || !strings.HasPrefix(err.Error(), "migrate: print ") {
			t.Errorf("%T: %q, %v", o, s, err)
		}
	}
}

func TestPrintNotesWhatLosesData(t *testing.T) {
	p := printer{comments: true}
	if err := p.operations([]Operation{DropTable{Table: Table{"", "t"}}, CommentTable{Table{"", "t"}, "", "x"}}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(p.String(), "\n")
	if !strings.Contains(lines[0], ") // loses data: ") || strings.Contains(lines[1], "//") {
		t.Error(p.String())
	}
}
