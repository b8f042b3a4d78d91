package migrate

import (
	"strings"
	"testing"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/schema"
)

// What rows or other objects stand in the way of is said with their names and with
// what to do.
func TestErrorsSayWhatToDo(t *testing.T) {
	col := func(t schema.Type) *schema.ColumnSpec { return schema.Col("a", t).Nullable() }
	both := []string{"sqlite", "postgres"}
	for _, c := range []struct {
		name   string
		on     []string
		was    schema.Type
		row    string
		op     func(op *Op)
		kind   error
		says   []string
		silent string
	}{
		{"no cast", both[1:], schema.Bytes(), "", func(op *Op) { op.AlterColumn("e", col(schema.Bytes()), col(schema.Int())) },
			dialect.ErrTypeMismatch, []string{"cannot cast type bytea to integer", "column e.a", "Using"}, ""},
		{"too long", both[1:], schema.Varchar(20), "'longer'", func(op *Op) { op.AlterColumn("e", col(schema.Varchar(20)), col(schema.Varchar(3))) },
			dialect.ErrValue, []string{"column e.a", "change the values before", "Using"}, "longer"},
		{"malformed", both[1:], schema.Varchar(20), "'longer'", func(op *Op) { op.AlterColumn("e", col(schema.Varchar(20)), col(schema.Int())) },
			dialect.ErrValue, []string{"column e.a", "change the values before", "Using"}, "longer"},
		{"out of range", both[1:], schema.BigInt(), "5000000000", func(op *Op) { op.AlterColumn("e", col(schema.BigInt()), col(schema.Int())) },
			dialect.ErrValue, []string{"column e.a", "change the values before", "Using"}, "5000000000"},
		{"removed enum value", both, schema.EnumType("mood", "good", "bad"), "'bad'", func(op *Op) { op.AlterEnum("mood", []string{"good", "bad"}, []string{"good", "fair"}) },
			nil, []string{"column e.a", "enum mood", "change the values before"}, "b.a"},
		{"duplicates", both, schema.Int(), "1), (1", func(op *Op) { op.AddUnique("e", "u_a", "a") },
			dialect.ErrUnique, []string{"on table e (a)", "change or delete", "op.Exec"}, "on table dormer_new_e"},
		{"duplicates of an index", both, schema.Int(), "1), (1", func(op *Op) { op.CreateIndex("e", schema.IndexOn("x_a", "a").Unique()) },
			dialect.ErrUnique, []string{"change or delete", "op.Exec"}, ""},
		{"a view of the type", both[1:], schema.Int(), "", func(op *Op) { op.AlterColumn("e", col(schema.Int()), col(schema.LongText())) },
			dialect.ErrDependedOn, []string{"materialized view v uses a column whose type changes", "drop what depends on it before", "op.Exec"}, ""},
		{"a view of the column", both[1:], schema.Int(), "", func(op *Op) { op.DropColumn("e", "a") },
			dialect.ErrDependedOn, []string{"view v depends on column a of table e", "drop what depends on it before", "op.Exec"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, d database) {
				if !strings.Contains(strings.Join(c.on, " "), d.name) {
					t.Skip("another database says it in its own words")
				}
				s := followed(Set{}, "a", func(op *Op) {
					if c.was.Kind == schema.EnumKind {
						op.CreateEnum("mood", "good", "bad")
						op.CreateTable("b", schema.Col("id", schema.BigInt()), col(c.was), schema.Key("id"))
					}
					op.CreateTable("e", schema.Col("id", schema.BigInt()).Nullable(), col(c.was))
					if strings.HasPrefix(c.name, "a view") {
						op.Exec("CREATE MATERIALIZED VIEW v AS SELECT a FROM e")
					}
					if c.row != "" {
						op.Exec("INSERT INTO e (a) VALUES (" + c.row + ")")
					}
				}, nil)
				s = followed(s, "b", c.op, nil)
				err := Upgrade(t.Context(), d.open(t), s, "head", AllowDataLoss())
				wants(t, err, c.kind, c.says...)
				if err != nil && c.silent != "" && strings.Contains(err.Error(), c.silent) {
					t.Errorf("%v\nsays %q", err, c.silent)
				}
			})
		})
	}
}
