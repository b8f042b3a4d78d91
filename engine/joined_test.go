package engine_test

import (
	"testing"

	"github.com/dormer-orm/dormer/engine"
)

func TestJoined(t *testing.T) {
	e := file(t)
	ctx := t.Context()
	c := acquire(t, e)
	if _, err := c.Joined(); err == nil {
		t.Error("joined without a transaction")
	}
	must(t, c.Begin(ctx, engine.TxOptions{}))
	_, err := c.Exec(ctx, "INSERT INTO t VALUES (?, ?)", engine.Args(1, "of the connection"))
	must(t, err)
	for i := range 2 {
		in, err := c.Joined()
		must(t, err)
		if in.Base() != e || e.Base() != e {
			t.Error("another base")
		}
		inner := acquire(t, in)
		must(t, inner.Begin(ctx, engine.TxOptions{}))
		_, err = inner.Exec(ctx, "INSERT INTO t VALUES (?, ?)", engine.Args(10+i, "committed inside "+string(rune('0'+i))))
		must(t, err)
		must(t, inner.Commit(ctx))
		must(t, inner.Begin(ctx, engine.TxOptions{}))
		_, err = inner.Exec(ctx, "DELETE FROM t", nil)
		must(t, err)
		must(t, inner.Rollback(ctx))
		inner.Release()
		if n := count(t, in); n != 2+i {
			t.Errorf("%d rows inside", n)
		}
		must(t, in.Close())
		must(t, in.Close())
		if !c.InTx() {
			t.Fatal("closing the joined engine ended the transaction")
		}
	}
	must(t, c.Commit(ctx))
	c.Release()
	if n := count(t, e); n != 3 {
		t.Errorf("%d rows kept", n)
	}

	box, err := e.Sandbox(ctx)
	must(t, err)
	defer box.Close()
	if box.Base() != box {
		t.Error("a sandbox's base is not itself")
	}
}

func TestJoinedEndsWithItsTransaction(t *testing.T) {
	e := file(t)
	ctx := t.Context()
	c := acquire(t, e)
	must(t, c.Begin(ctx, engine.TxOptions{}))
	in, err := c.Joined()
	must(t, err)
	mustExec(t, in, "CREATE TABLE inside (id INTEGER)")
	mustExec(t, in, "INSERT INTO t VALUES (1, 'a')")
	must(t, in.Close())
	must(t, c.Rollback(ctx))
	c.Release()
	if n := count(t, e); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestDiscard(t *testing.T) {
	e := file(t)
	c := acquire(t, e)
	_, err := c.Exec(t.Context(), "PRAGMA foreign_keys = OFF", nil)
	must(t, err)
	c.Discard()
	c.Release()
	var on int
	must(t, e.Get(t.Context(), &on, "PRAGMA foreign_keys"))
	if on != 1 {
		t.Error("the connection was given back")
	}
}
