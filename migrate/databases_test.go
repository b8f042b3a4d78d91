package migrate

import "testing"

func TestDatabasesAreEmptyAndApart(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			url := d.url(t)
			a, b := openURL(t, url), d.open(t)
			execAll(t, a, "CREATE TABLE t (id INTEGER)", "INSERT INTO t VALUES (1)")
			var n int
			if err := openURL(t, url).Get(t.Context(), &n, "SELECT count(*) FROM t"); err != nil || n != 1 {
				t.Fatalf("%d rows, %v", n, err)
			}
			if err := b.Get(t.Context(), &n, "SELECT count(*) FROM t"); err == nil {
				t.Fatal("the other database has the table")
			}
		})
	}
}
