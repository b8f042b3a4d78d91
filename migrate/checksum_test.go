package migrate

import (
	"context"
	"testing"

	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

func checksumOf(t *testing.T, up, down func(*Op)) string {
	t.Helper()
	sum, err := (&node{Revision: Revision{ID: "a", Upgrade: up, Downgrade: down}}).checksum()
	must(t, err)
	return sum
}

func TestChecksum(t *testing.T) {
	col := func(null bool) func(*Op) {
		return func(op *Op) {
			c := schema.Col("n", schema.Varchar(5)).Default("x")
			if null {
				c.Nullable()
			}
			op.AddColumn("t", c)
		}
	}
	run := func(n int) func(*Op) {
		return func(op *Op) { op.Run(func(context.Context, *uow.UnitOfWork) error { _ = n; return nil }) }
	}
	sums := map[string]string{}
	for name, f := range map[string][2]func(*Op){
		"nothing": {nil, nil}, "up": {col(true), nil}, "another column": {col(false), nil}, "down": {nil, col(true)}, "both": {col(true), col(true)}, "code": {run(1), nil},
	} {
		sum := checksumOf(t, f[0], f[1])
		if other, twice := sums[sum]; twice {
			t.Errorf("%s and %s have one checksum", name, other)
		}
		sums[sum] = name
		if again := checksumOf(t, f[0], f[1]); again != sum {
			t.Errorf("%s: %s, then %s", name, sum, again)
		}
	}
	if checksumOf(t, run(1), nil) != checksumOf(t, run(2), nil) {
		t.Error("of code more than its presence counts")
	}
	// Databases hold it: what is printed of an operation must not change.
	if got := checksumOf(t, col(true), nil); got != "02ad3a437c6991cd5b31731f5897891738802ab6719086d0c4243f7fb7dd3f63" {
		t.Errorf("checksum %s: all databases would seem to be edited", got)
	}
}
